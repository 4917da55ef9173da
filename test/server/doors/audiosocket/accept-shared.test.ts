import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { describe, it } from 'node:test';
import { acceptShared } from '../../../../src/server/doors/audiosocket/accept-shared.ts';
import { acceptedPair, until } from './socket-pairs.ts';

/** Bytes that differ from their neighbours, and from those of another seed. */
function bytesOf(seed: number, count: number): Buffer {
  return Buffer.from(Uint8Array.from({ length: count }, (_, index) => (index * 7 + seed) & 0xff));
}

for (const [name, disguise] of [
  ['acceptShared', false],
  ['acceptShared of a server that has no handle', true],
] as const) {
  describe(name, () => {
    it('hands over all bytes in order, of several connections apart from each other', async (t) => {
      const pairs = [await acceptedPair(t, disguise), await acceptedPair(t, disguise)];
      const sent = [bytesOf(1, 200_000), bytesOf(2, 150_001)];
      const heard: Buffer[][] = [[], []];
      for (const [index, { accepted, peer }] of pairs.entries()) {
        const socket = accepted.open((bytes) => {
          // What it is given is good only during the call.
          heard[index]?.push(Buffer.from(bytes));
        });
        socket.on('error', () => {});
        t.after(() => socket.destroy());
        socket.resume();
        const wire = sent[index] ?? Buffer.alloc(0);
        for (let at = 0; at < wire.length; at += 323) {
          peer.write(wire.subarray(at, at + 323));
        }
      }
      for (const [index, wire] of sent.entries()) {
        await until('all bytes', () => Buffer.concat(heard[index] ?? []).length >= wire.length);
        assert.deepEqual(Buffer.concat(heard[index] ?? []), wire);
      }
    });

    it('closes when the peer does, after the last bytes', async (t) => {
      const { accepted, peer } = await acceptedPair(t, disguise);
      const told: string[] = [];
      const socket = accepted.open((bytes) => {
        told.push(`${bytes.length} bytes`);
      });
      socket.resume();
      socket.on('close', () => told.push('closed'));
      peer.end(bytesOf(0, 100));
      await until('the end', () => told.includes('closed'));
      assert.deepEqual(told, ['100 bytes', 'closed']);
    });

    it('still writes', async (t) => {
      const { accepted, peer } = await acceptedPair(t, disguise);
      const socket = accepted.open(() => {});
      t.after(() => socket.destroy());
      let heard = '';
      peer.on('data', (bytes) => {
        heard += bytes.toString();
      });
      socket.write('to the peer');
      await until('what was written', () => heard === 'to the peer');
    });
  });
}

describe('acceptShared', () => {
  it('reads through one buffer, and nothing before it is told to', async (t) => {
    const buffers = new Set<ArrayBufferLike>();
    const pairs = [await acceptedPair(t), await acceptedPair(t)];
    const reads = [0, 0];
    const sockets = pairs.map(({ accepted, peer }, index) => {
      peer.write('one');
      return accepted.open((bytes) => {
        buffers.add(bytes.buffer);
        reads[index] = (reads[index] ?? 0) + 1;
      });
    });
    const [first, second] = sockets;
    t.after(() => sockets.map((socket) => socket.destroy()));
    first?.resume();
    await until('the first is read', () => reads[0] === 1);
    pairs[0]?.peer.write('more');
    await until('it is read on', () => reads[0] === 2);
    assert.equal(reads[1], 0);
    second?.resume();
    await until('the other is read', () => reads[1] === 1);
    assert.equal(buffers.size, 1);
  });

  it('leaves an error of the listener to the server', async () => {
    const server = createServer({ pauseOnConnect: true });
    acceptShared(server, () => assert.fail('there is no connection'));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const told = once(server, 'error');
    const listener = Reflect.get(server, '_handle');
    // Too many open files, as the system tells it.
    listener.onconnection(-24);
    const [error] = await told;
    assert.equal(error.code, 'EMFILE');
    server.close();
  });
});
