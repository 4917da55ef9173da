/** Listening to calls over HTTP, in front of a server that the test plays. */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, describe, it } from 'node:test';
import type { ListenedSound, ListeningEnd } from '../../../../src/call/listening/listened-sound.ts';
import { WAV_HEADER_BYTES } from '../../../../src/protocol/wav.ts';
import type { HttpServerOptions } from '../../../../src/server/http/http-server.ts';
import { PROBLEM } from '../../../../src/server/http/problem.ts';
import { eventually } from '../../../support/waiting.ts';
import { callOf } from '../fake-server-view.ts';
import { answer, closeHttp, startHttp } from '../start-http.ts';

afterEach(closeHttp);

const LIMIT_MS = 20_000;
const LISTEN = 'token-for-listening';
const CONTROL = 'token-for-controlling';
const PATH = '/api/v1/calls/c-1/parties/a/listen';

const folder = mkdtempSync(join(tmpdir(), 'dragoman-listen-'));
after(() => rmSync(folder, { recursive: true }));
const tokenFile = join(folder, 'tokens');
const writeTokens = (scopes = 'listen'): void =>
  writeFileSync(tokenFile, `ana ${LISTEN} ${scopes}\nbo ${CONTROL} control,captions\n`, { mode: 0o600 });

const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` } });

/** A sound of which the test says what comes each time that it is taken. */
class PlayedSound implements ListenedSound {
  readonly rateHz = 8_000;
  readonly channels = 1;
  next: () => Int16Array = () => new Int16Array(0);
  droppedMs = 0;
  ended: ListeningEnd | undefined;
  readonly #told = new Set<(why: ListeningEnd) => void>();

  take(): Int16Array {
    return this.next();
  }

  dropped(ms: number): void {
    this.droppedMs += ms;
  }

  onEnd(ended: (why: ListeningEnd) => void): void {
    this.#told.add(ended);
  }

  close(): void {
    this.end('closed');
  }

  end(why: ListeningEnd): void {
    if (this.ended === undefined) {
      this.ended = why;
      for (const told of this.#told) {
        told(why);
      }
    }
  }
}

async function started(options: Partial<HttpServerOptions> = {}) {
  const rig = await startHttp({ listenIn: 'on', ...options });
  rig.view.running = [callOf('c-1')];
  const sounds: PlayedSound[] = [];
  rig.view.listensThen = () => {
    const sound = new PlayedSound();
    sounds.push(sound);
    return sound;
  };
  return { ...rig, sounds };
}

/** Reads a body until there are so many bytes. */
async function bytesOf(reader: ReadableStreamDefaultReader<Uint8Array>, most: number): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for (let bytes = 0; bytes < most; ) {
    const { done, value } = await reader.read();
    if (done) {
      break;
    }
    pieces.push(value);
    bytes += value.length;
  }
  return Buffer.concat(pieces);
}

describe('GET /api/v1/calls/{call}/parties/{party}/listen', () => {
  it('is a WAV that goes on while there is something to hear, and ends with it', async () => {
    const { view, clock, url, sounds } = await started();
    const response = await fetch(url(`${PATH}?what=heard`));
    assert.deepEqual(
      [response.status, response.headers.get('content-type'), response.headers.get('cache-control')],
      [200, 'audio/wav', 'no-store'],
    );
    const [sound] = sounds;
    assert.ok(sound !== undefined && response.body !== null);
    const pieces = [Int16Array.of(1, 2), Int16Array.of(3)];
    sound.next = () => pieces.shift() ?? new Int16Array(0);
    await clock.advance(200);
    const reader = response.body.getReader();
    const wav = await bytesOf(reader, WAV_HEADER_BYTES + 6);
    assert.deepEqual([wav.readUInt32LE(24), wav.readUInt32LE(40)], [8_000, 0xffff_ffff]);
    assert.deepEqual([...new Int16Array(Uint8Array.from(wav.subarray(44)).buffer)], [1, 2, 3]);
    assert.deepEqual(view.done, [['listenToParty', 'c-1', 'a', { what: 'heard', by: 'local', tone: false }]]);
    sound.end('call-over');
    assert.equal((await reader.read()).done, true);
    await clock.advance(1_000);
    assert.equal(clock.pendingTimers, 0, 'nobody is looked after any more');
  });

  it('hears no more when who listens goes away', async () => {
    const { url, sounds } = await started();
    const going = new AbortController();
    await fetch(url(PATH), { signal: going.signal });
    going.abort();
    await eventually('it is noticed', LIMIT_MS, () => sounds[0]?.ended === 'closed');
  });

  it('is not to be had where the operator has not allowed it', async () => {
    const { view, url } = await started({ listenIn: 'off' });
    const { status, body } = await answer(url(PATH));
    assert.deepEqual([status, PROBLEM.parse(body).code], [403, 'no-listening']);
    assert.match(PROBLEM.parse(body).detail, /--listen-in on/);
    assert.deepEqual(view.done, []);
  });

  it('is for who has the scope, and control is none', async () => {
    writeTokens();
    const { view, url } = await started({ tokenFile, listenIn: 'tone' });
    const refused = await answer(url(PATH), bearer(CONTROL));
    assert.deepEqual([refused.status, PROBLEM.parse(refused.body).code], [403, 'scope-missing']);
    assert.equal((await answer(url(PATH))).status, 401);
    assert.equal(
      (await answer(url('/api/v1/calls'), bearer(LISTEN))).status,
      403,
      'nor is it one for anything else',
    );
    assert.equal((await fetch(url(PATH), bearer(LISTEN))).status, 200);
    assert.deepEqual(view.done, [['listenToParty', 'c-1', 'a', { what: 'both', by: 'ana', tone: true }]]);
  });

  it('ends within a second when the token is taken away', async () => {
    writeTokens();
    const { clock, url, sounds } = await started({ tokenFile });
    await fetch(url(PATH), bearer(LISTEN));
    await clock.advance(1_000);
    assert.equal(sounds[0]?.ended, undefined);
    writeTokens('read');
    await clock.advance(1_100);
    assert.equal(sounds[0]?.ended, 'closed');
  });

  it('says why there is nothing to hear', async () => {
    const { view, url } = await started();
    for (const [outcome, expected, code] of [
      ['full', 503, 'too-many-listeners'],
      ['refused', 403, 'recording-refused'],
    ] as const) {
      view.listensThen = () => outcome;
      const { status, body } = await answer(url(PATH));
      assert.deepEqual([status, PROBLEM.parse(body).code], [expected, code]);
    }
    const absent = await answer(url('/api/v1/calls/c-1/parties/z/listen'));
    assert.deepEqual([absent.status, PROBLEM.parse(absent.body).code], [404, 'no-such-party']);
    assert.equal((await answer(url('/api/v1/calls/c-2/parties/a/listen'))).status, 404);
    assert.equal((await answer(url(`${PATH}?what=thought`))).status, 400);
    assert.equal((await fetch(url(PATH), { method: 'HEAD' })).status, 404);
  });

  it('is for sixteen at the same time', async () => {
    const { url, sounds } = await started();
    await Promise.all(Array.from({ length: 16 }, () => fetch(url(PATH))));
    const { status, body } = await answer(url(PATH));
    assert.deepEqual([status, PROBLEM.parse(body).code, sounds.length], [503, 'too-many-listeners', 16]);
    sounds[0]?.end('party-left');
    assert.equal((await fetch(url(PATH))).status, 200);
  });

  it('leaves out what is not read in time, counts it, and drops who reads nothing', async () => {
    const { clock, url, sounds } = await started();
    const { hostname, port } = new URL(url('/'));
    const socket = connect({ host: hostname, port: Number(port) });
    socket.write(`GET ${PATH} HTTP/1.1\r\nHost: ${hostname}:${port}\r\n\r\n`);
    await once(socket, 'data');
    socket.pause();
    const [sound] = sounds;
    assert.ok(sound !== undefined);
    // As if a listener were given a quarter of a minute ten times a second: the kernel takes a while to be full.
    sound.next = () => new Int16Array(120_000);
    for (let tick = 0; tick < 1_000 && sound.ended === undefined; tick += 1) {
      await clock.advance(100);
      await new Promise((resolve) => setImmediate(resolve));
    }
    await eventually('who does not read is dropped', LIMIT_MS, () => sound.ended === 'closed');
    assert.ok(sound.droppedMs >= 2 * 15_000, `${sound.droppedMs} ms were left out`);
    socket.destroy();
  });
});
