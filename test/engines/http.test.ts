import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTcpServer } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import { turnOfLoop } from '../../src/base/clock.ts';
import { AppError } from '../../src/base/errors.ts';
import { type HttpAnswer, HttpOrigin, jsonBody } from '../../src/engines/wire/http.ts';
import { HEAD_LIMIT_MS, HELD_LIMIT_BYTES, SILENCE_LIMIT_MS } from '../../src/engines/wire/limits.ts';
import { FakeClock } from '../base/fake-clock.ts';
import { eventually } from '../support/waiting.ts';
import { testSignal } from './events.ts';
import { failureOf } from './failure-of.ts';

const LIMIT_BYTES = 1_000;

interface Opened {
  readonly origin: HttpOrigin;
  readonly clock: FakeClock;
  readonly server: Server;
  readonly url: string;
  /** Connections that were made. */
  readonly connections: () => number;
}

/** A server and a client of it, both closed with the test. */
async function open(test: TestContext, answer: RequestListener, path = ''): Promise<Opened> {
  const server = createServer(answer).listen(0, '127.0.0.1');
  let connections = 0;
  server.on('connection', () => {
    connections += 1;
  });
  await once(server, 'listening');
  const address = server.address();
  const url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}${path}`;
  const clock = new FakeClock();
  const origin = new HttpOrigin({ name: 'acme', url, clock });
  test.after(async () => {
    await origin.close();
    server.close();
    server.closeAllConnections();
  });
  return { origin, clock, server, url, connections: () => connections };
}

function get(origin: HttpOrigin, signal = testSignal()): Promise<HttpAnswer> {
  return origin.send({ method: 'GET', path: '/x' }, signal);
}

function connectionsOf(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.getConnections((error, count) => (error === null ? resolve(count) : reject(error)));
  });
}

async function textOf(origin: HttpOrigin): Promise<string> {
  return (await (await get(origin)).readAll()).toString();
}

describe('HttpOrigin', () => {
  it('sends a body of several parts as it is, below the path of the address', async (test) => {
    const seen: unknown[] = [];
    const { origin } = await open(
      test,
      async (request, response) => {
        const body: Buffer[] = [];
        for await (const part of request) {
          body.push(part);
        }
        seen.push([
          request.method,
          request.url,
          request.headers['content-length'],
          Buffer.concat(body).toString(),
        ]);
        response.end('done');
      },
      '/deep/',
    );
    const parts = ['{"a":', '1}'].map((text) => Buffer.from(text));
    const answer = await origin.send({ method: 'POST', path: '/x?y=z', body: parts }, testSignal());
    assert.equal((await answer.readAll()).toString(), 'done');
    const only = await origin.send({ method: 'POST', path: '/x', ...jsonBody({ a: 1 }) }, testSignal());
    await only.readAll();
    assert.deepEqual(seen, [
      ['POST', '/deep/x?y=z', '7', '{"a":1}'],
      ['POST', '/deep/x', '7', '{"a":1}'],
    ]);
  });

  it('keeps a connection for the next request, and takes another when the server has closed it', async (test) => {
    const { origin, server, connections } = await open(test, (request, response) => {
      response.setHeader('keep-alive', 'timeout=600');
      response.end(`${request.socket.remotePort}`);
    });
    const first = await textOf(origin);
    assert.equal(await textOf(origin), first);
    // The next request is on its way when the connection ends.
    server.removeAllListeners('request');
    server.once('request', (request) => {
      request.socket.resetAndDestroy();
      server.on('request', (_, response) => response.end('another'));
    });
    assert.equal(await textOf(origin), 'another');
    assert.equal(connections(), 2);
  });

  it('does not ask again on a new connection that ends', async (test) => {
    let requests = 0;
    const { origin } = await open(test, (request) => {
      requests += 1;
      request.socket.resetAndDestroy();
    });
    assert.equal((await failureOf(get(origin))).code, 'engine-died');
    assert.equal(requests, 1);
  });

  it('follows no redirect', async (test) => {
    let requests = 0;
    const { origin } = await open(test, (_, response) => {
      requests += 1;
      response.writeHead(307, { location: '/elsewhere' }).end();
    });
    const answer = await get(origin);
    answer.discard();
    assert.deepEqual([answer.status, requests], [307, 1]);
  });

  it('waits for the head of an answer until its limit', async (test) => {
    const { origin, clock, server } = await open(test, () => {});
    for (const headLimitMs of [undefined, 700]) {
      const late = failureOf(
        origin.send(
          { method: 'GET', path: '/', ...(headLimitMs === undefined ? {} : { headLimitMs }) },
          testSignal(),
        ),
      );
      await once(server, 'request');
      await clock.advance(headLimitMs ?? HEAD_LIMIT_MS);
      assert.equal((await late).code, 'engine-timeout');
    }
    assert.equal(clock.pendingTimers, 0);
  });

  it('waits for each piece until its limit, and not while its reader takes its time', async (test) => {
    const { origin, clock } = await open(test, (_, response) => {
      response.write('one');
    });
    const pieces = (await get(origin)).pieces(LIMIT_BYTES);
    assert.equal(String((await pieces.next()).value), 'one');
    await clock.advance(10 * SILENCE_LIMIT_MS);
    const late = failureOf(pieces.next());
    await clock.advance(SILENCE_LIMIT_MS - 1);
    assert.equal(clock.pendingTimers, 1);
    await clock.advance(1);
    assert.equal((await late).code, 'engine-timeout');
    assert.equal(clock.pendingTimers, 0);
  });

  it('reads no more of a body than its limit', async (test) => {
    const { origin, server } = await open(test, (_, response) => {
      response.write(Buffer.alloc(LIMIT_BYTES + 1));
    });
    const answered = once(server, 'request');
    const answer = await get(origin);
    const [request] = await answered;
    const ended = once(request.socket, 'close');
    assert.equal((await failureOf(answer.readAll(LIMIT_BYTES))).code, 'engine-bad-answer');
    await ended;
  });

  it('says that an answer broke off, or is none', async (test) => {
    const { origin } = await open(test, (request, response) => {
      response.write('one', () => request.socket.end());
    });
    assert.equal((await failureOf(textOf(origin))).code, 'engine-bad-answer');
    const talker = createTcpServer((socket) => socket.on('error', () => {}).end('SSH-2.0-none\r\n'));
    talker.listen(0, '127.0.0.1');
    await once(talker, 'listening');
    const address = talker.address();
    const port = typeof address === 'object' ? address?.port : 0;
    const stranger = new HttpOrigin({
      name: 'acme',
      url: `http://127.0.0.1:${port}`,
      clock: new FakeClock(),
    });
    assert.equal((await failureOf(get(stranger))).code, 'engine-bad-answer');
    talker.close();
    assert.equal((await failureOf(get(stranger))).code, 'engine-start-failed');
    await stranger.close();
  });

  it('gives what came before an answer broke off to a reader who takes its time', async (test) => {
    const { origin, server } = await open(test, (request, response) => {
      response.write('one', () => response.write('two', () => request.socket.end()));
    });
    const pieces = (await get(origin)).pieces(LIMIT_BYTES);
    let text = String((await pieces.next()).value);
    await eventually('all was sent', 60_000, async () => (await connectionsOf(server)) === 0);
    const failure = await failureOf(
      (async () => {
        for await (const piece of pieces) {
          text += String(piece);
        }
      })(),
    );
    assert.deepEqual([text, failure.code], ['onetwo', 'engine-bad-answer']);
  });

  it('holds back a server whose reader takes its time', async (test) => {
    const { origin } = await open(test, (_, response) => {
      response.end(Buffer.alloc(64 * HELD_LIMIT_BYTES));
    });
    const pieces = (await get(origin)).pieces(100 * HELD_LIMIT_BYTES);
    let bytes = 0;
    for await (const piece of pieces) {
      bytes += piece.length;
      await turnOfLoop();
    }
    assert.equal(bytes, 64 * HELD_LIMIT_BYTES);
  });

  it('ends at any moment with the reason of its signal, and lets go of the signal', async (test) => {
    const { origin, server } = await open(test, (request, response) => {
      if (request.url === '/x') {
        response.write('one');
      }
    });
    const reason = new Error('hung up');
    const before = new AbortController();
    const waiting = assert.rejects(origin.send({ method: 'GET', path: '/y' }, before.signal), reason);
    await once(server, 'request');
    before.abort(reason);
    await waiting;
    const meanwhile = new AbortController();
    const answer = await get(origin, meanwhile.signal);
    const reading = assert.rejects(answer.readAll(), reason);
    meanwhile.abort(reason);
    await reading;
    await assert.rejects(get(origin, AbortSignal.abort(reason)), reason);
  });

  it('closes the connection when its reader stops', async (test) => {
    const { origin, server } = await open(test, (_, response) => {
      response.write('one');
    });
    const asked = once(server, 'request');
    const answer = await get(origin);
    const [request] = await asked;
    const ended = once(request.socket, 'close');
    for await (const _ of answer.pieces(LIMIT_BYTES)) {
      break;
    }
    await ended;
  });

  it('refuses what cannot be written, without showing it', async (test) => {
    const { origin } = await open(test, (_, response) => response.end());
    const headers = { authorization: 'Bearer sk-secret\n' };
    const failure = await failureOf(origin.send({ method: 'GET', path: '/', headers }, testSignal()));
    assert.equal(failure.code, 'engine-refused');
    assert.doesNotMatch(failure.everything, /sk-secret/);
  });

  it('sends the user and the password of the address, and shows neither', async (test) => {
    const { url } = await open(test, (request, response) => response.end(request.headers.authorization));
    const address = url.replace('http://', 'http://ann:sec%20ret@');
    const origin = new HttpOrigin({ name: 'acme', url: address, clock: new FakeClock() });
    assert.equal(await textOf(origin), `Basic ${Buffer.from('ann:sec ret').toString('base64')}`);
    assert.doesNotMatch(origin.host, /ann|sec/);
    await origin.close();
    assert.throws(() => new HttpOrigin({ name: 'acme', url: 'gpu1:8000', clock: new FakeClock() }), AppError);
  });
});
