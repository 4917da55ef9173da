/**
 * Accepts connections whose reads all go into one buffer. Left alone, Node allocates 64 KiB for each read of an
 * accepted socket and gives most of it back, which at 20,000 frames a second makes the garbage collector stop the
 * process for several ms twice a second. `net.Socket` has an option against that, `onread`, but `net.Server` offers
 * no way to give it, so the server's listening handle is asked for connections before it makes sockets of them. Where
 * Node has no such handle any more, sockets are made and read as usual.
 */

import { type Server, Socket } from 'node:net';
import { ReadBuffer } from './read-buffer.ts';

const shared = new ReadBuffer();

/** A socket of which somebody else writes to the descriptor. */
export class SharedSocket extends Socket {
  /** Called before the descriptor is closed, which waits until `close` is called. */
  beforeClose: (close: () => void) => void = (close) => close();

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    this.beforeClose(() => super._destroy(error, callback));
  }

  /** The connection's descriptor, good until it is closed. Node documents neither a socket's handle nor what it has. */
  get descriptor(): number | undefined {
    const handle: unknown = Reflect.get(this, '_handle');
    const descriptor: unknown = isObject(handle) ? Reflect.get(handle, 'fd') : undefined;
    return typeof descriptor === 'number' && descriptor >= 0 ? descriptor : undefined;
  }
}

/** A connection that was accepted, and which nobody has yet. */
export interface Accepted {
  /** What was read of it before, of which whoever opens it hears first. Default nothing. */
  readonly read?: Uint8Array;
  /**
   * Makes its socket; once. Nothing is read before `resume()`.
   * @param onRead hears the bytes in order; they are good only during the call.
   */
  open(onRead: (bytes: Uint8Array) => void): Socket;
}

/** Hands over each connection that `server`, made with `pauseOnConnect` and not yet listening, accepts from now on. */
export function acceptShared(server: Server, welcome: (accepted: Accepted) => void): void {
  server.on('connection', (socket) => {
    welcome({
      open: (onRead) => socket.on('data', onRead),
    });
  });
  server.on('listening', () => {
    const listener: unknown = Reflect.get(server, '_handle');
    const makeSocket: unknown = isObject(listener) ? Reflect.get(listener, 'onconnection') : undefined;
    if (isObject(listener) && typeof makeSocket === 'function') {
      Reflect.set(listener, 'onconnection', (error: unknown, handle: unknown) => {
        if (isObject(handle)) {
          welcome({ open: (onRead) => socketOf(handle, onRead) });
        } else {
          // The server tells the error as it would have.
          makeSocket.call(listener, error, handle);
        }
      });
    }
  });
}

function socketOf(handle: object, onRead: (bytes: Uint8Array) => void): SharedSocket {
  const options = {
    handle,
    readable: true,
    writable: true,
    pauseOnCreate: true,
    onread: {
      buffer: shared.bytes,
      callback: (bytesRead: number): boolean => {
        onRead(shared.read(bytesRead));
        return true;
      },
    },
  };
  return new SharedSocket(options);
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
