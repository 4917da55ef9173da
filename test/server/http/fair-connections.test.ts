/** Connections shared out by address, over real sockets from several addresses of loopback. */

import assert from 'node:assert/strict';
import { connect, createServer, type Socket } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import { shareConnections } from '../../../src/server/http/fair-connections.ts';
import { listen } from '../../support/ports.ts';
import { eventually } from '../../support/waiting.ts';

const LIMIT_MS = 20_000;
const MANY = '127.0.0.1';
const OTHER = '127.0.0.2';

/** A server for four connections, which says "in" to each that it keeps. */
async function opened(t: TestContext) {
  const server = createServer();
  shareConnections(server, 4);
  server.on('connection', (socket) => {
    socket.on('error', () => {});
    if (!socket.destroyed) {
      socket.resume().write('in');
    }
  });
  const port = await listen(server);
  const all: Socket[] = [];
  t.after(() => {
    for (const socket of all) {
      socket.destroy();
    }
    server.close();
  });
  /** A connection; undefined when it was turned away. */
  const from = async (localAddress: string): Promise<Socket | undefined> => {
    const socket = connect({ port, host: '127.0.0.1', localAddress });
    all.push(socket);
    socket.on('error', () => {});
    const isIn = new Promise<boolean>((resolve) => {
      socket.once('data', () => resolve(true)).once('close', () => resolve(false));
    });
    return (await isIn) ? socket : undefined;
  };
  const isOver = (socket: Socket | undefined) =>
    eventually('it is over', LIMIT_MS, () => socket?.destroyed === true);
  return { from, isOver };
}

describe('connections of one server', () => {
  it('of an address that has all are put out, the newest first, for those of others, down to an equal share', async (t) => {
    const { from, isOver } = await opened(t);
    const many = [await from(MANY), await from(MANY), await from(MANY), await from(MANY)];
    const [first, second, third, fourth] = many;
    const other = await from(OTHER);
    await isOver(fourth);
    const another = await from(OTHER);
    await isOver(third);
    // Both have two: who comes now takes nobody's place.
    assert.deepEqual([await from(OTHER), await from(MANY)], [undefined, undefined]);
    assert.deepEqual(
      [first, second, other, another].map((socket) => socket?.destroyed),
      [false, false, false, false],
    );
  });

  it('leave a place for the next when they end', async (t) => {
    const { from } = await opened(t);
    const first = await from(MANY);
    for (const place of [2, 3, 4]) {
      assert.ok((await from(MANY)) !== undefined, `place ${place}`);
    }
    assert.equal(await from(MANY), undefined);
    first?.destroy();
    await eventually('there is a place again', LIMIT_MS, async () => (await from(MANY)) !== undefined);
  });
});
