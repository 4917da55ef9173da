import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request } from 'node:http';
import { connect, Socket } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import { type ClientOptions, WebSocket } from 'ws';
import { systemClock } from '../../../../src/base/clock.ts';
import { AppError } from '../../../../src/base/errors.ts';
import { silentLog } from '../../../../src/base/log.ts';
import { Secret } from '../../../../src/base/secret.ts';
import type { PeerSocket } from '../../../../src/server/doors/websocket/peer-socket.ts';
import {
  WebSocketListener,
  type WebSocketListenerOptions,
} from '../../../../src/server/doors/websocket/websocket-listener.ts';
import { FakeClock } from '../../../base/fake-clock.ts';
import { eventually, within } from '../../../support/waiting.ts';

const TOKEN = 'a-token-of-some-length';
const LIMIT_MS = 20_000;

/** A listener with one path, `/echo/`, that sends back what it hears. */
class Echo {
  readonly opened: WebSocket[] = [];
  readonly peers: PeerSocket[] = [];
  readonly closed: { reason: string; code: number | undefined }[] = [];
  readonly listener: WebSocketListener;

  private constructor(listener: WebSocketListener) {
    this.listener = listener;
    listener.serve({
      path: '/echo/',
      protocol: 'echo',
      turned: ({ path }) =>
        path === '/echo/full' ? { status: 503, reason: 'full', message: 'come later' } : undefined,
      begunBy: ({ path }) => (path === '/echo/later' ? 'text' : undefined),
      accept: (socket) => {
        this.peers.push(socket);
        socket.attach({
          text: (text) => {
            if (text === 'bad') {
              throw new AppError('wire-bad-message', 'this is no message');
            }
            socket.send(text);
          },
          binary: (bytes) => socket.sendSound(Uint8Array.from(bytes), 16),
          closed: (reason, code) => this.closed.push({ reason, code }),
        });
      },
    });
    listener.show({ path: '/page', type: 'text/html', body: '<p>here' });
  }

  static async openFor(
    test: TestContext,
    options: Partial<WebSocketListenerOptions> = {},
    clock = systemClock,
  ): Promise<Echo> {
    const listener = await WebSocketListener.open(
      { host: '127.0.0.1', port: 0, names: [], token: undefined, uuidTimeoutMs: 5_000, ...options },
      clock,
      silentLog,
    );
    const echo = new Echo(listener);
    test.after(() => {
      for (const socket of echo.opened) {
        socket.terminate();
      }
      return listener.close();
    });
    return echo;
  }

  get port(): number {
    return this.listener.address.port;
  }

  open(path = '/echo/a', protocols: string[] = [], options: ClientOptions = {}): WebSocket {
    const socket = new WebSocket(`ws://127.0.0.1:${this.port}${path}`, protocols, options);
    socket.on('error', () => {});
    this.opened.push(socket);
    return socket;
  }

  /** The status with which a handshake is refused. */
  async refused(socket: WebSocket): Promise<number> {
    const [, response] = await within('a refusal', LIMIT_MS, once(socket, 'unexpected-response'));
    return response.statusCode;
  }
}

/** A socket that was told to leave is cut off after 100 ms where it is not read any more. */
async function leave(socket: WebSocket, clock: FakeClock): Promise<void> {
  const closed = once(socket, 'close');
  await eventually('it is told to leave', LIMIT_MS, () => socket.readyState !== WebSocket.OPEN);
  await clock.advance(100);
  await within('a close', LIMIT_MS, closed);
}

describe('the WebSocket listener', () => {
  it('hands over text and sound, and who closed how', async (test) => {
    const echo = await Echo.openFor(test);
    const socket = echo.open('/echo/a', ['other', 'echo']);
    await once(socket, 'open');
    assert.equal(socket.protocol, 'echo');
    assert.equal(socket.extensions, '');
    socket.send('hello');
    assert.equal(String((await once(socket, 'message'))[0]), 'hello');
    socket.send(Buffer.from([1, 2, 3, 4]));
    assert.deepEqual((await once(socket, 'message'))[0], Buffer.from([1, 2, 3, 4]));
    socket.close(1000);
    await eventually('the close is told', LIMIT_MS, () => echo.closed.length > 0);
    assert.deepEqual(echo.closed, [{ reason: 'peer-closed', code: 1000 }]);
    assert.equal(echo.listener.counts.connectionsAccepted, 1);
  });

  it('asks for the token, however it comes', async (test) => {
    const echo = await Echo.openFor(test, { token: new Secret(TOKEN) });
    const basic = Buffer.from(`pbx:${TOKEN}`).toString('base64');
    for (const socket of [
      echo.open('/echo/a', [], { headers: { authorization: `Bearer ${TOKEN}` } }),
      echo.open('/echo/a', [], { headers: { authorization: `Basic ${basic}` } }),
      echo.open('/echo/a', ['echo', `token.${TOKEN}`]),
      echo.open(`/echo/a?token=${TOKEN}`),
    ]) {
      await within('it opens', LIMIT_MS, once(socket, 'open'));
      socket.terminate();
    }
    for (const socket of [
      echo.open(),
      echo.open('/echo/a', [], { headers: { authorization: `Bearer ${TOKEN}x` } }),
      echo.open('/echo/a?token='),
      echo.open('/echo/a', ['token.']),
      echo.open('/nowhere'),
    ]) {
      assert.equal(await echo.refused(socket), 401);
    }
    assert.equal(echo.listener.counts.connectionsRefused.get('wrong-token'), 5);
  });

  it('turns away pages of others, unknown paths, and whom a path does not want', async (test) => {
    const echo = await Echo.openFor(test);
    assert.equal(await echo.refused(echo.open('/echo/a', [], { origin: 'http://evil.example' })), 403);
    assert.equal(await echo.refused(echo.open('/echo/a', [], { headers: { host: 'evil.example' } })), 403);
    assert.equal(await echo.refused(echo.open('/other')), 404);
    assert.equal(await echo.refused(echo.open('/echo/full')), 503);
    const { connectionsRefused } = echo.listener.counts;
    assert.deepEqual(
      [...connectionsRefused.entries()],
      [
        ['not-allowed', 2],
        ['no-such-path', 1],
        ['full', 1],
      ],
    );
  });

  it('shows its pages and nothing else', async (test) => {
    const { port } = await Echo.openFor(test);
    const page = await get(port, '/page');
    assert.deepEqual([page.status, page.type, page.body], [200, 'text/html', '<p>here']);
    assert.equal((await get(port, '/etc/passwd')).status, 404);
    assert.equal((await get(port, '/echo/a')).status, 426);
    assert.equal((await get(port, '/page', 'evil.example')).status, 403);
  });

  it('ends what sends no message, too long a one, or far too much, and nobody else', async (test) => {
    // What is too much in a while is too much however slowly this machine sends and takes it.
    const clock = new FakeClock();
    const echo = await Echo.openFor(test, {}, clock);
    const good = echo.open();
    await once(good, 'open');
    const bad = echo.open();
    await once(bad, 'open');
    bad.send('bad');
    const [code, reason] = await within('a close', LIMIT_MS, once(bad, 'close'));
    assert.deepEqual([code, String(reason)], [1008, 'wire-bad-message']);
    const long = echo.open();
    await once(long, 'open');
    long.send(Buffer.alloc(65_537));
    assert.equal((await within('a close', LIMIT_MS, once(long, 'close')))[0], 1009);
    const flood = echo.open();
    flood.on('error', () => {});
    await once(flood, 'open');
    for (let i = 0; i < 10_000; i += 1) {
      flood.ping();
      flood.send('');
    }
    await leave(flood, clock);
    await eventually('all three ends are told', LIMIT_MS, () => echo.closed.length >= 3);
    assert.deepEqual(
      echo.closed.map((each) => each.reason),
      ['wire-bad-message', 'wire-payload-too-long', 'wire-too-fast'],
    );
    good.send('still here');
    assert.equal(String((await once(good, 'message'))[0]), 'still here');
    good.terminate();
  });

  it('ends what sends pongs or fragments without end', async (test) => {
    const pong = clientFrame(0x8a, '');
    const fragments = Buffer.concat([clientFrame(0x02, ''), ...Array(40).fill(clientFrame(0x00, ''))]);
    for (const [what, bytes] of [
      ['wire-too-fast', Buffer.concat(Array(5_000).fill(pong))],
      ['wire-broken', fragments],
    ] as const) {
      const clock = new FakeClock();
      const echo = await Echo.openFor(test, {}, clock);
      const socket = echo.open();
      await once(socket, 'open');
      rawOf(socket).write(bytes);
      await leave(socket, clock);
      await eventually('the end is told', LIMIT_MS, () => echo.closed.length > 0);
      assert.equal(echo.closed[0]?.reason, what);
    }
  });

  it('gives a connection 5 s to ask for something', async (test) => {
    const clock = new FakeClock();
    const echo = await Echo.openFor(test, {}, clock);
    const silent = connect(echo.port, '127.0.0.1');
    const gone = once(silent, 'close');
    await eventually('it is waited for', LIMIT_MS, () => clock.pendingTimers > 0);
    await clock.advance(4_999);
    assert.equal(echo.listener.counts.connectionsRefused.get('handshake-timeout'), 0);
    await clock.advance(1);
    await within('the end of the connection', LIMIT_MS, gone);
    assert.equal(echo.listener.counts.connectionsRefused.get('handshake-timeout'), 1);
  });

  it('hands over nobody who has not said who they are, and waits for that as long as for a leg', async (test) => {
    const clock = new FakeClock();
    const echo = await Echo.openFor(test, {}, clock);
    const [later, never] = [echo.open('/echo/later'), echo.open('/echo/later')];
    await Promise.all([once(later, 'open'), once(never, 'open')]);
    later.send(Buffer.from([1, 2]));
    later.ping();
    await once(later, 'pong');
    assert.deepEqual([echo.peers.length, echo.listener.counts.connectionsAccepted], [0, 0]);
    later.send('it is me');
    assert.equal(String((await once(later, 'message'))[0]), 'it is me');
    const closed = once(never, 'close');
    await clock.advance(5_000);
    const [code, reason] = await within('a close', LIMIT_MS, closed);
    assert.deepEqual([code, String(reason)], [1008, 'no-uuid']);
    later.send('still here');
    assert.equal(String((await once(later, 'message'))[0]), 'still here');
    assert.deepEqual([echo.peers.length, echo.closed.length], [1, 0]);
    assert.deepEqual([...echo.listener.counts.connectionsRefused.entries()], [['no-uuid', 1]]);
  });

  it('lets in who means it beside any number of connections that say nothing', async (test) => {
    const echo = await Echo.openFor(test, { mostAsking: 12 });
    const silent = Array.from({ length: 20 }, () => connect(echo.port, '127.0.0.1'));
    test.after(() => {
      for (const socket of silent) {
        socket.destroy();
      }
    });
    await Promise.all(silent.map((socket) => once(socket, 'connect')));
    await within('it opens', LIMIT_MS, once(echo.open(), 'open'));
    const { connectionsRefused } = echo.listener.counts;
    assert.deepEqual([...connectionsRefused.entries()], [['too-many-newcomers', 9]]);
  });

  it('notices a peer that is gone without a word', async (test) => {
    const clock = new FakeClock();
    const echo = await Echo.openFor(test, {}, clock);
    const socket = echo.open('/echo/a', [], { autoPong: false });
    await once(socket, 'open');
    let pings = 0;
    socket.on('ping', () => {
      pings += 1;
    });
    await clock.advance(10_000);
    await eventually('a ping', LIMIT_MS, () => pings === 1);
    await clock.advance(10_000);
    await eventually('another', LIMIT_MS, () => pings === 2);
    await clock.advance(10_000);
    await eventually('the end is told', LIMIT_MS, () => echo.closed.length > 0);
    assert.equal(echo.closed[0]?.reason, 'peer-silent');
    socket.terminate();
  });

  it('drops sound that a peer does not take, and ends the peer after 10 s', async (test) => {
    const clock = new FakeClock();
    const echo = await Echo.openFor(test, {}, clock);
    const socket = echo.open();
    await once(socket, 'open');
    socket.pause();
    const [peer] = echo.peers;
    assert.ok(peer);
    const frame = new Uint8Array(60_000);
    let taken = 0;
    while (peer.sendSound(frame, 16)) {
      taken += 1;
      assert.ok(taken < 2_000, 'a peer that does not read takes everything');
    }
    assert.equal(peer.sendSound(frame, 16), false);
    await clock.advance(9_999);
    peer.sendSound(frame, 16);
    assert.equal(echo.closed.length, 0);
    await clock.advance(1);
    peer.sendSound(frame, 16);
    await eventually('the end is told', LIMIT_MS, () => echo.closed.length > 0);
    assert.equal(echo.closed[0]?.reason, 'peer-not-reading');
    socket.terminate();
  });
});

interface Answer {
  readonly status: number | undefined;
  readonly type: string | undefined;
  readonly body: string;
}

function get(port: number, path: string, host = 'localhost'): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asked = request({ host: '127.0.0.1', port, path, headers: { host } }, (response) => {
      let body = '';
      response.on('data', (chunk) => {
        body += String(chunk);
      });
      response.on('end', () =>
        resolve({ status: response.statusCode, type: response.headers['content-type'], body }),
      );
    });
    asked.on('error', reject);
    asked.end();
  });
}

/** A masked frame, as a client sends it. @param first its first byte: whether it is the last, and of what kind. */
function clientFrame(first: number, text: string): Buffer {
  return Buffer.concat([Buffer.from([first, 0x80 | text.length, 0, 0, 0, 0]), Buffer.from(text)]);
}

/** What carries it, for bytes that a well-behaved client does not send. */
function rawOf(socket: WebSocket): Socket {
  const raw = Reflect.get(socket, '_socket');
  assert.ok(raw instanceof Socket);
  return raw;
}
