/**
 * Reads all accepted connections into one buffer. Left alone, Node allocates 64 KiB for each read of an accepted
 * socket and gives most of it back, which at 20,000 frames a second makes the garbage collector stop the process
 * for several ms twice a second. `net.Socket` has an option against that, `onread`, but `net.Server` offers no way to
 * give it, so the connection's handle is moved to a socket of our own. Where Node has no such handle any more,
 * the socket is read as usual.
 */

import { Socket } from 'node:net';

/** What the kernel hands over at most in one read. */
const READ_BYTES = 65_536;

/** One is enough for all: each read is passed on before the next one begins. */
const shared = new Uint8Array(READ_BYTES);

/**
 * Reads `accepted` from now on, and returns the socket to use in its place.
 * @param onRead hears the bytes in order; they are good only during the call.
 */
export function readShared(accepted: Socket, onRead: (bytes: Uint8Array) => void): Socket {
  const handle: unknown = Reflect.get(accepted, '_handle');
  if (handle === null || handle === undefined) {
    accepted.on('data', onRead);
    accepted.resume();
    return accepted;
  }
  const options = {
    handle,
    readable: true,
    writable: true,
    onread: {
      buffer: shared,
      callback: (bytesRead: number, buffer: Uint8Array): boolean => {
        onRead(buffer.subarray(0, bytesRead));
        return true;
      },
    },
  };
  Reflect.set(accepted, '_handle', null);
  const socket = new Socket(options);
  // Without its handle the first socket closes nothing; the server stops counting it.
  accepted.destroy();
  // Nothing is ever pushed into the stream, but its end must flow.
  socket.resume();
  return socket;
}
