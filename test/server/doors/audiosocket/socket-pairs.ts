/**
 * Connections over loopback for tests of the AudioSocket door, both ends in the test's hands, and what a test waits
 * for: facts, never time.
 */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import type { TestContext } from 'node:test';
import { setImmediate as turnOfLoop } from 'node:timers/promises';
import { systemClock } from '../../../../src/base/clock.ts';
import { openSocket } from '../../../../src/client/open-socket.ts';
import { type Accepted, acceptShared } from '../../../../src/server/doors/audiosocket/accept-shared.ts';

/** Long past what a machine needs: a test that runs into it fails. */
const LIMIT_MS = 20_000;

/**
 * A peer's socket, and the connection a server accepted for it, which nobody reads yet.
 * @param disguise as on a Node whose server has no handle by the name we know.
 */
export async function acceptedPair(
  test: TestContext,
  disguise = false,
): Promise<{ peer: Socket; accepted: Accepted }> {
  const server = createServer({ pauseOnConnect: true });
  const welcomed = new Promise<Accepted>((resolve) =>
    acceptShared(disguise ? withoutHandle(server) : server, resolve),
  );
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  assert.ok(typeof address === 'object' && address !== null);
  const [accepted, peer] = await Promise.all([welcomed, openSocket('127.0.0.1', address.port, systemClock)]);
  server.close();
  peer.on('error', () => {});
  test.after(() => peer.destroy());
  return { peer, accepted };
}

/** The same for who wants the socket: it is read, what comes is not kept. */
export async function socketPair(test: TestContext): Promise<{ peer: Socket; socket: Socket }> {
  const { peer, accepted } = await acceptedPair(test);
  const socket = accepted.open(() => {});
  socket.on('error', () => {});
  socket.resume();
  test.after(() => socket.destroy());
  return { peer, socket };
}

/** The same object as a Node would hand it over that has no handle by this name. */
export function withoutHandle<T extends Server | Socket>(object: T): T {
  return new Proxy(object, {
    get(target, property) {
      const value: unknown = property === '_handle' ? undefined : Reflect.get(target, property, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

/** Resolves when `fact` is true. @throws AssertionError when it does not become so. */
export async function until(what: string, fact: () => boolean): Promise<void> {
  const limitMs = systemClock.nowMs() + LIMIT_MS;
  while (!fact()) {
    assert.ok(systemClock.nowMs() < limitMs, `it never came: ${what}`);
    await turnOfLoop();
  }
}

/** All that a socket reads from now on. */
export function reading(socket: Socket): {
  readonly bytes: () => Buffer;
  readonly count: () => number;
  readonly ended: () => boolean;
} {
  const chunks: Buffer[] = [];
  let count = 0;
  let ended = false;
  socket.on('data', (chunk) => {
    chunks.push(chunk);
    count += chunk.length;
  });
  // A reset is an end, too.
  socket.on('error', () => {});
  socket.on('close', () => {
    ended = true;
  });
  return { bytes: () => Buffer.concat(chunks), count: () => count, ended: () => ended };
}

/** For work that must not fail. */
export function throwOn(error: unknown): never {
  throw error;
}
