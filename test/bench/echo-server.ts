/**
 * A bare echo on Node, for comparison in the media bench: what a program costs that answers each message as it comes
 * and does nothing else, with Node's sockets as everybody uses them. It does not pace: what it sends is as even as what
 * it hears. Run by `server-process.ts`: `node echo-server.js PORT`.
 */

import { createServer } from 'node:net';
import { encodeAudio } from '../../src/protocol/audiosocket/encoder.ts';
import { HEADER_BYTES, KIND_UUID } from '../../src/protocol/audiosocket/kinds.ts';

const BACKLOG = 511;
const UUID_MESSAGE_BYTES = 19;
const SILENCE = encodeAudio(new Uint8Array(320), 8_000);

createServer({ noDelay: true }, (socket) => {
  socket.on('error', () => {});
  socket.write(SILENCE);
  socket.on('data', (bytes) => {
    const sound = bytes[0] === KIND_UUID ? bytes.subarray(UUID_MESSAGE_BYTES) : bytes;
    if (sound.length > HEADER_BYTES) {
      socket.write(sound);
    }
  });
}).listen(Number(process.argv[2]), '127.0.0.1', BACKLOG);
