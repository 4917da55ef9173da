/** The API over loopback, in front of a server that the test plays. */

import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, describe, it } from 'node:test';
import { Validator } from '@seriousme/openapi-schema-validator';
import { z } from 'zod';
import { AppError } from '../../../../src/base/errors.ts';
import type { MtEngine } from '../../../../src/engines/mt/mt-engine.ts';
import { faultOf } from '../../../../src/engines/resilience/faults.ts';
import { SUPPORTED } from '../../../../src/engines/support.ts';
import { Access } from '../../../../src/server/http/api/access.ts';
import { API_EVENT } from '../../../../src/server/http/api/api-events.ts';
import { CALL_LIST } from '../../../../src/server/http/api/call-schemas.ts';
import { UTTERANCE_LIST } from '../../../../src/server/http/api/utterances.ts';
import { PROBLEM } from '../../../../src/server/http/problem.ts';
import { callOf, ENDED, heard, joined, spoken, utteranceOf, waitedFor } from '../fake-server-view.ts';
import { answer, closeHttp, eventsIn, idsIn, startHttp as start, streamOf } from '../start-http.ts';

afterEach(closeHttp);

const READ = 'token-for-reading-only';
const CONTROL = 'token-for-controlling';
const CAPTIONS = 'token-for-reading-all';

const folder = mkdtempSync(join(tmpdir(), 'dragoman-api-'));
after(() => rmSync(folder, { recursive: true }));
const tokenFile = join(folder, 'tokens');
writeFileSync(tokenFile, `a ${READ} read\nb ${CONTROL} control\nc ${CAPTIONS} read,captions\n`);
chmodSync(tokenFile, 0o600);

const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` } });

describe('GET /api/v1/calls', () => {
  it('tells of a call how late its latest utterances were, and how many failed', async () => {
    const { view, url } = await start();
    view.running = [callOf('c-1'), callOf('c-2')];
    view.fire('c-1', utteranceOf('failed'));
    view.fire('c-1', utteranceOf('spoken'));
    const { calls } = CALL_LIST.parse((await answer(url('/api/v1/calls'))).body);
    assert.deepEqual(
      calls.map(({ utterances }) => utterances),
      [{ count: 2, failed: 1, lagMs: 573, lagP95Ms: 573 }, undefined],
    );
  });

  it('lists the calls that run and nothing that is said', async () => {
    const { view, url } = await start({ captions: true });
    view.running = [{ ...callOf('c-1'), ...{ piiCaller: '5551234' } }];
    const { status, body } = await answer(url('/api/v1/calls'));
    const [first] = CALL_LIST.parse(body).calls;
    assert.match(first?.call ?? '', /^[0-9a-f]{16}$/, 'an id that lets nobody in');
    const party = { hears: 'all', muted: false, state: 'TRANSLATING', speaking: false, backlogMs: 0 };
    assert.deepEqual(
      [status, body],
      [
        200,
        {
          calls: [
            {
              call: first?.call,
              ...{ state: 'running', version: 1, startedAt: '2026-01-01T00:00:00.000Z' },
              durationMs: first?.durationMs,
              ...{
                kind: 'pair',
                mode: 'bidirectional',
                translating: true,
                policy: 'clause',
                original: 'duck',
                matchDelay: false,
                recording: 'off',
              },
              parties: [
                { party: 'a', name: 'caller', language: 'en', ...party },
                { party: 'b', name: 'callee', language: 'es', ...party },
              ],
            },
          ],
        },
      ],
    );
  });

  it('lists those that have ended behind those that run, in pieces', async () => {
    const { view, url } = await start();
    view.running = [callOf('c-1'), callOf('c-2')];
    view.fire('c-3', ENDED);
    view.fire('c-4', ENDED);
    const list = async (query: string) => CALL_LIST.parse((await answer(url(`/api/v1/calls${query}`))).body);
    const all = (await list('')).calls;
    assert.deepEqual(
      all.map(({ state }) => state),
      ['running', 'running', 'ended', 'ended'],
    );
    assert.deepEqual([all[2]?.durationMs, all[2]?.endedAt !== undefined], [9_000, true]);
    assert.deepEqual((await list('?state=ended')).calls, all.slice(2));
    const some = await list('?limit=3');
    assert.deepEqual([some.calls.length, some.next], [3, all[2]?.call]);
    assert.deepEqual(await list(`?limit=3&after=${some.next}`), { calls: all.slice(3) });
  });

  it('shows one, by its id', async () => {
    const { view, url } = await start();
    view.running = [callOf('c-1')];
    const [first] = CALL_LIST.parse((await answer(url('/api/v1/calls'))).body).calls;
    const one = await answer(url(`/api/v1/calls/${first?.call}`));
    assert.deepEqual([one.status, one.body], [200, { ...first, durationMs: Object(one.body).durationMs }]);
    const { status, body } = await answer(url('/api/v1/calls/other'));
    assert.deepEqual([status, PROBLEM.parse(body).code], [404, 'no-such-call']);
  });

  it('says what to do about a request that no route has seen', async () => {
    const { url } = await start();
    const asked: readonly (readonly [string, RequestInit, RegExp])[] = [
      ['/api/v1/calls', { body: '{', headers: { 'content-type': 'application/json' } }, /not JSON/],
      ['/api/v1/calls', { headers: { 'content-type': 'application/json' } }, /send JSON/],
      [
        '/api/v1/calls',
        { body: '{}', headers: { 'content-type': 'a/b' } },
        /content-type: application\/json/,
      ],
      ['/api/v1/calls', { body: 'x'.repeat(70_000) }, /64 KiB/],
      ['/api/v1/calls/%ff', {}, /%XX/],
      [`/api/v1/calls/${'a'.repeat(200)}/parties/a/say`, {}, /too long/],
    ];
    for (const [path, init, says] of asked) {
      const { body } = await answer(url(path), { method: 'POST', ...init });
      assert.match(PROBLEM.parse(body).detail, says, path);
    }
  });

  it('refuses what it does not know, and says where', async () => {
    const { url } = await start();
    const { status, body } = await answer(url('/api/v1/calls?limti=3'));
    assert.equal(status, 400);
    assert.match(JSON.stringify(PROBLEM.parse(body).errors), /querystring.*limti/);
    assert.equal((await answer(url('/api/v1/calls?limit=0'))).status, 400);
  });
});

describe('GET /api/v1/calls/{call}/utterances', () => {
  it('shows what was said, in which languages, and where the time went', async () => {
    const { view, url } = await start({ captions: true });
    view.fire('c-1', heard('a', 1, 'hel'));
    view.fire('c-1', { ...spoken(1, 'hola'), piiSource: 'hello', stages: { mtMs: 1, ttsMs: 2, queueMs: 3 } });
    view.fire('c-1', utteranceOf('spoken'));
    view.fire('c-1', heard('a', 2, 'and'));
    const { body } = await answer(url('/api/v1/calls/c-1/utterances'));
    const { startMs, endMs } = { startMs: 0, endMs: 1_000 };
    const stages = { endpointMs: 300, sttMs: 150, mtMs: 3, ttsMs: 120, endToEndMs: 573 };
    assert.deepEqual(UTTERANCE_LIST.parse(body), {
      missed: false,
      utterances: [
        {
          ...{ party: 'a', utterance: 1, final: true, language: 'en', startMs, endMs, piiText: 'hello' },
          renderings: [
            {
              ...{ language: 'es', outcome: 'spoken', piiText: 'hola', startMs: 1_700, endMs: 2_500 },
              ...{ startOffsetMs: 1_700, stages },
              segments: [
                { atMs: 1, piiText: 'hola', piiSource: 'hello', stages: { mtMs: 1, ttsMs: 2, queueMs: 3 } },
              ],
            },
          ],
        },
        { party: 'a', utterance: 2, final: false, piiText: 'and', renderings: [] },
      ],
    });
    const latest = UTTERANCE_LIST.parse((await answer(url('/api/v1/calls/c-1/utterances?limit=1'))).body);
    assert.deepEqual([latest.utterances.map(({ utterance }) => utterance), latest.missed], [[2], true]);
  });

  it('shows only when to who may not read what was said', async () => {
    const { view, url } = await start({ captions: true, tokenFile });
    view.fire('c-1', heard('a', 1, 'hello', true));
    view.fire('c-1', { ...spoken(1, 'hola'), piiSource: 'hello' });
    const asked = url('/api/v1/calls/c-1/utterances');
    const { status, body } = await answer(asked, bearer(READ));
    assert.equal(status, 200);
    assert.doesNotMatch(JSON.stringify(body), /hello|hola/);
    assert.match(JSON.stringify((await answer(asked, bearer(CAPTIONS))).body), /hello.*hola/);
  });
});

describe('GET /api/v1/engines', () => {
  it('tells how each does, and why one is benched', async () => {
    const { interpreting, clock, url } = await start();
    const engine = { component: 'mt', engine: 'deepl' } as const;
    interpreting.currentTasks = [{ ...engine, task: 'translate', state: 'works', tries: 1 }];
    const fault = faultOf(new AppError('engine-timeout', 'deepl: no answer'));
    interpreting.currentHealth = [
      {
        ...{ ...engine, state: 'UNHEALTHY', operations: 9, failures: 5, sinceMs: 0 },
        bench: { fault, strict: false, tryAtMs: clock.nowMs() + 2_500 },
      },
    ];
    assert.deepEqual((await answer(url('/api/v1/engines'))).body, {
      engines: [
        {
          ...{ ...engine, operations: [], health: 'UNHEALTHY', healthForMs: 1_000 },
          tasks: [{ task: 'translate', state: 'works', tries: 1 }],
          takenOut: false,
          benched: { fault: 'time-out', strict: false, triedInMs: 2_500 },
        },
      ],
    });
  });
});

describe('POST /api/v1/engines/{component}/{engine}', () => {
  const DEEPL = { component: 'mt', engine: 'deepl' } as const;

  async function engines() {
    const { interpreting, url } = await start();
    interpreting.currentTasks = [
      { ...DEEPL, task: 'translate en to es', state: 'works', tries: 3, ms: 12.4 },
      { ...DEEPL, task: 'translate es to en', state: 'failed', tries: 1, reason: 'no answer' },
    ];
    const post = (path: string) => answer(url(`/api/v1/engines/${path}`), { method: 'POST' });
    return { interpreting, post };
  }

  it('test: tries it now, and tells what came of it', async () => {
    const { interpreting, post } = await engines();
    assert.deepEqual(await post('mt/deepl/test'), {
      status: 200,
      body: {
        works: false,
        tasks: [
          { task: 'translate en to es', state: 'works', tries: 3, ms: 12 },
          { task: 'translate es to en', state: 'failed', tries: 1, reason: 'no answer' },
        ],
      },
    });
    interpreting.testFails = new AppError('closed', 'the engines are being closed');
    const ending = await post('mt/deepl/test');
    assert.deepEqual([ending.status, PROBLEM.parse(ending.body).code], [503, 'draining']);
  });

  it('drain, enable: takes it out and puts it back, as often as one likes', async () => {
    const { interpreting, post } = await engines();
    const bench = {
      fault: faultOf(new AppError('engine-taken-out', 'deepl')),
      strict: true,
      tryAtMs: undefined,
    };
    const health = { ...DEEPL, state: 'HEALTHY', operations: 0, failures: 0, sinceMs: 1_000 } as const;
    for (const [word, now] of [
      ['drain', bench],
      ['drain', bench],
      ['enable', undefined],
    ] as const) {
      interpreting.currentHealth = [{ ...health, bench: now }];
      const { status, body } = await post(`mt/deepl/${word}`);
      const { takenOut, benched } = z
        .looseObject({ takenOut: z.boolean(), benched: z.unknown().optional() })
        .parse(body);
      assert.deepEqual([status, takenOut, benched], [200, now !== undefined, undefined], word);
    }
    assert.deepEqual(interpreting.done, [
      ['takeOut', DEEPL],
      ['takeOut', DEEPL],
      ['putBack', DEEPL],
    ]);
  });

  it('knows no engine that is not there', async () => {
    const { interpreting, post } = await engines();
    for (const word of ['test', 'drain', 'enable']) {
      const { status, body } = await post(`stt/deepl/${word}`);
      assert.deepEqual([status, PROBLEM.parse(body).code], [404, 'no-such-engine'], word);
      assert.equal((await post(`what/deepl/${word}`)).status, 400);
    }
    assert.deepEqual(
      interpreting.done.map(([what]) => what),
      ['test'],
    );
  });
});

describe('POST /api/v1/drain and /enable', () => {
  it('take no new calls, and take them again', async () => {
    const { url } = await start();
    const post = (word: string) => answer(url(`/api/v1/${word}`), { method: 'POST' });
    const ready = async () => (await fetch(url('/ready'))).status;
    assert.deepEqual(await post('drain'), { status: 200, body: { draining: true, calls: 0, legs: 0 } });
    assert.equal(await ready(), 404);
    assert.deepEqual(await post('enable'), { status: 200, body: { draining: false, calls: 0, legs: 0 } });
    assert.equal(await ready(), 200);
  });
});

describe('GET /api/v1/languages and POST /api/v1/translate', () => {
  it('tell what is interpreted, and translate as calls do', async () => {
    const { interpreting, url } = await start();
    const served = { from: 'en', to: 'es', state: 'served', voice: 'nova', reasons: [] } as const;
    const unserved = { from: 'es', to: 'en', state: 'unserved', reasons: ['no model'] } as const;
    interpreting.currentDirections = [{ ...served, mt: 'apertium' }, unserved];
    assert.deepEqual((await answer(url('/api/v1/languages'))).body, {
      languages: ['en', 'es'],
      directions: [served, unserved],
    });
    const translate = (from: string) =>
      answer(url('/api/v1/translate'), {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ text: 'one moment', from, to: 'es' }),
      });
    const mt: MtEngine = {
      name: 'played',
      supports: async () => SUPPORTED,
      translate: async ({ text, from, to }) => `${from}-${to}: ${text}`,
      close: async () => {},
    };
    interpreting.translators.set('en:es', mt);
    assert.deepEqual(await translate('en'), { status: 200, body: { text: 'en-es: one moment' } });
    const none = await translate('de');
    assert.deepEqual([none.status, PROBLEM.parse(none.body).code], [422, 'language-not-served']);
    const failing = () => Promise.reject(new AppError('engine-timeout', 'played: no answer'));
    interpreting.translators.set('en:es', { ...mt, translate: failing });
    const failed = await translate('en');
    assert.deepEqual([failed.status, PROBLEM.parse(failed.body).code], [502, 'engine-timeout']);
  });
});

describe('GET /api/v1/calls/{call}/events', () => {
  it('sends what was, then what happens, and ends with the call', async () => {
    const { view, url } = await start({ captions: true });
    view.fire('c-1', spoken(1));
    const response = await fetch(url('/api/v1/calls/c-1/events'));
    assert.equal(response.status, 200);
    assert.match(response.headers.get('content-type') ?? '', /^text\/event-stream/);
    assert.equal(response.headers.get('cache-control'), 'no-store');
    const stream = streamOf(response);
    const [first] = eventsIn(await stream.untilText('\n\n'));
    const { call, at, ...event } = z.looseObject({ call: z.string(), at: z.string() }).parse(first);
    assert.deepEqual(event, spoken(1));
    view.fire('c-2', spoken(7));
    view.fire('c-1', spoken(2));
    view.fire('c-1', ENDED);
    assert.deepEqual(eventsIn(await stream.untilEnd()), [
      { call, at, ...spoken(2) },
      { call, at, ...ENDED },
    ]);
  });

  it('goes on after the last event that was read, also when the call has ended', async () => {
    const { view, url } = await start({ captions: true });
    view.fire('c-1', spoken(1));
    view.fire('c-1', spoken(2));
    view.fire('c-1', ENDED);
    const path = url('/api/v1/calls/c-1/events');
    const all = await (await fetch(path)).text();
    const [first = ''] = idsIn(all);
    const rest = await (await fetch(path, { headers: { 'last-event-id': first } })).text();
    assert.deepEqual(eventsIn(rest), eventsIn(all).slice(1));
    const strange = await (await fetch(path, { headers: { 'last-event-id': 'ffffffff-1' } })).text();
    assert.deepEqual(
      eventsIn(strange).map(({ type }) => type),
      ['missed', 'spoken', 'spoken', 'ended'],
    );
  });

  it('sends only what is asked for', async () => {
    const { view, url } = await start({ captions: true });
    view.fire('c-1', spoken(1));
    view.fire('c-1', utteranceOf('spoken'));
    view.fire('c-1', ENDED);
    const some = await (await fetch(url('/api/v1/calls/c-1/events?types=utterance,engine'))).text();
    assert.deepEqual(
      eventsIn(some).map(({ type }) => type),
      ['utterance'],
    );
    assert.equal((await answer(url('/api/v1/calls/c-1/events?types=all'))).status, 400);
  });

  it('tells who may not read what is said when it was, and refuses it where it is asked for by name', async () => {
    const { view, url } = await start({ captions: false });
    view.fire('c-1', spoken(1));
    view.fire('c-1', ENDED);
    const bare = await (await fetch(url('/api/v1/calls/c-1/events'))).text();
    assert.deepEqual(
      eventsIn(bare).map(({ type, piiText }) => [type, piiText]),
      [
        ['spoken', ''],
        ['ended', undefined],
      ],
    );
    const { status, body } = await answer(url('/api/v1/calls/c-1/events?types=heard,ended'));
    assert.deepEqual([status, PROBLEM.parse(body).code], [403, 'no-captions']);
    assert.match(PROBLEM.parse(body).detail, /start it with --captions/);
  });

  it('drops a reader that does not read', async () => {
    const { view, server } = await start({ captions: true });
    view.running = [callOf('c-1')];
    const socket = connect(server.address.port, '127.0.0.1');
    socket.write('GET /api/v1/calls/c-1/events HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n');
    await new Promise((resolve) => socket.once('readable', resolve));
    // Nothing is read from here on: 64 MiB exceed what the two kernels hold for a connection.
    const megabyte = 'x'.repeat(1_048_576);
    for (let utterance = 0; utterance < 64; utterance++) {
      view.fire('c-1', spoken(utterance, megabyte));
    }
    view.fire('c-1', ENDED);
    let receivedBytes = 0;
    socket.on('error', () => {});
    socket.on('data', (chunk) => {
      receivedBytes += chunk.length;
    });
    await new Promise((resolve) => socket.once('close', resolve));
    assert.ok(receivedBytes < 64 * 1_048_576, 'the reader got everything');
  });

  it('refuses a reader too many, until others leave', async () => {
    const { view, clock, url } = await start({ captions: true });
    view.running = [callOf('c-1')];
    const path = url('/api/v1/calls/c-1/events');
    const responses: Response[] = [];
    for (let round = 0; round < 8; round++) {
      responses.push(...(await Promise.all(Array.from({ length: 64 }, () => fetch(path)))));
      await clock.advance(1_000);
    }
    assert.deepEqual([responses.length, responses.every(({ status }) => status === 200)], [512, true]);
    const refused = await answer(path);
    assert.deepEqual([refused.status, PROBLEM.parse(refused.body).code], [503, 'too-many-readers']);
    view.fire('c-1', ENDED);
    await Promise.all(responses.map((response) => response.text()));
    assert.equal((await fetch(path)).status, 200, 'readers that left still count');
  });
});

describe('GET /api/v1/events', () => {
  it('is one stream of all calls and engines, in the form of its schema', async () => {
    const { view, interpreting, url } = await start({ captions: true });
    const stream = streamOf(await fetch(url('/api/v1/events')));
    view.fire('c-1', joined('a'));
    view.fire('c-2', utteranceOf('spoken'));
    interpreting.fireEngine({ type: 'back', component: 'tts', engine: 'espeak-ng' });
    const events = eventsIn(await stream.untilText('espeak-ng'));
    await stream.close();
    assert.deepEqual(
      events.map((event) => API_EVENT.parse(event).type),
      ['party-state', 'utterance', 'engine'],
    );
    assert.notEqual(events[0]?.call, events[1]?.call);
  });

  it('says each 15 s that it is still there, for proxies, and ends no call’s stream', async () => {
    const { view, clock, url } = await start();
    const stream = streamOf(await fetch(url('/api/v1/events')));
    await clock.advance(15_000);
    assert.equal(await stream.untilText('\n\n'), ': still here\n\n');
    view.fire('c-1', ENDED);
    await clock.advance(15_000);
    assert.match(await stream.untilText(': still'), /"type":"ended"[\s\S]*: still here/);
    await stream.close();
  });
});

describe('a stream of events whose token is taken away', () => {
  it('ends with the next line that says it is still there', async () => {
    const path = join(folder, 'tokens-that-change');
    const write = (text: string): void => writeFileSync(path, text, { mode: 0o600 });
    write(`a ${READ} read\nc ${CAPTIONS} read,captions\n`);
    const { view, clock, url } = await start({ captions: true, tokenFile: path });
    const bare = streamOf(await fetch(url('/api/v1/events'), bearer(READ)));
    const hearing = streamOf(await fetch(url('/api/v1/events'), bearer(CAPTIONS)));
    await clock.advance(15_000);
    assert.equal(await bare.untilText('\n\n'), ': still here\n\n');
    assert.equal(await hearing.untilText('\n\n'), ': still here\n\n');
    write(`a ${READ} read\nnow-without-captions ${CAPTIONS} read\n`);
    await clock.advance(15_000);
    view.fire('c-1', spoken(1, 'a secret'));
    assert.doesNotMatch(await hearing.untilText('spoken'), /secret/);
    assert.match(await bare.untilText('spoken'), /: still here/, 'one that is still there ended, too');
    await bare.close();
  });

  it('is none for HEAD, which would wait for its end', async () => {
    const { url } = await start();
    for (const path of ['/api/v1/events', '/api/v1/levels']) {
      assert.equal((await fetch(url(path), { method: 'HEAD' })).status, 404, path);
    }
    assert.equal((await fetch(url('/health'), { method: 'HEAD' })).status, 200);
  });
});

describe('who may use the API', () => {
  it('is this machine alone without tokens', () => {
    const access = new Access(undefined, { captions: true, listenIn: 'on' });
    const from = (ip: string) => access.callerOf({ ip, headers: {} });
    for (const ip of ['10.0.0.7', '::ffff:10.0.0.7', '2001:db8::1']) {
      assert.throws(() => from(ip), /--api-token-file/, ip);
    }
    for (const ip of ['127.0.0.1', '::1', '::ffff:127.0.0.1']) {
      assert.equal(from(ip).name, 'local', ip);
    }
  });

  it('is who has a token, with them, on this machine, too', async () => {
    const { url } = await start({ tokenFile });
    const path = url('/api/v1/calls');
    const nobody = await fetch(path);
    assert.deepEqual([nobody.status, nobody.headers.get('www-authenticate')], [401, 'Bearer']);
    assert.equal((await answer(path, bearer('no-token-of-the-file'))).status, 401);
    assert.equal((await answer(path, { headers: { authorization: READ } })).status, 401);
    const asked = (pair: string) => ({
      headers: { authorization: `Basic ${Buffer.from(pair).toString('base64')}` },
    });
    assert.equal((await answer(path, asked(`dragoman:${READ}`))).status, 200);
    assert.equal((await answer(path, asked(`${READ}:`))).status, 401);
    assert.equal((await answer(path, asked(READ))).status, 401);
    assert.equal((await answer(path, bearer(READ))).status, 200);
    assert.equal((await answer(path, bearer(CONTROL))).status, 200);
    assert.equal((await answer(url('/health'))).status, 200);
  });

  it('does only what is written behind the token', async () => {
    const { view, url } = await start({ tokenFile, captions: true });
    const asked = (token: string) => ({
      method: 'POST',
      headers: { ...bearer(token).headers, 'content-type': 'application/json' },
      body: '{"channel":"1.0"}',
    });
    const refused = await answer(url('/api/v1/whispers/end'), asked(READ));
    assert.deepEqual([refused.status, PROBLEM.parse(refused.body).code], [403, 'scope-missing']);
    const without = await answer(url('/api/v1/whispers/end'), asked(CONTROL));
    assert.equal(PROBLEM.parse(without.body).code, 'no-ari');
    view.fire('c-1', heard('a', 1, 'hello', true));
    view.fire('c-1', ENDED);
    const events = url('/api/v1/calls/c-1/events');
    assert.doesNotMatch(await (await fetch(events, bearer(CONTROL))).text(), /hello/);
    assert.match(await (await fetch(events, bearer(CAPTIONS))).text(), /hello/);
    const named = await answer(`${events}?types=heard`, bearer(CONTROL));
    assert.deepEqual([named.status, PROBLEM.parse(named.body).code], [403, 'scope-missing']);
  });

  it('is no page of another site, and nobody who asks for another name', async () => {
    const { url } = await start({ captions: true });
    const { status, body } = await answer(url('/api/v1/calls'), {
      headers: { origin: 'http://evil.example' },
    });
    assert.deepEqual([status, PROBLEM.parse(body).code], [403, 'not-ours']);
  });
});

/** What the document says of something, as one who has nothing else would check it. */
async function documented(url: (path: string) => string, name: string) {
  const text = JSON.stringify((await answer(url('/api/openapi.json'))).body).replaceAll(
    '#/components/schemas/',
    '#/$defs/',
  );
  const $defs = Object(JSON.parse(text)).components.schemas;
  return z.fromJSONSchema({ ...$defs[name], $defs });
}

describe('the schemas of GET /api/openapi.json', () => {
  it('take the events that are sent, and others not', async () => {
    const { view, interpreting, url } = await start({ captions: true });
    const stream = streamOf(await fetch(url('/api/v1/events')));
    view.fire('c-1', joined('a'));
    view.fire('c-1', utteranceOf('spoken'));
    view.fireUnattended(waitedFor('0123456789abcdef'));
    interpreting.fireEngine({ type: 'back', component: 'tts', engine: 'espeak-ng' });
    const events = eventsIn(await stream.untilText('espeak-ng'));
    await stream.close();
    const schema = await documented(url, 'Event');
    for (const event of events) {
      assert.deepEqual(schema.safeParse(event).error, undefined, JSON.stringify(event));
    }
    assert.equal(events.length, 4);
    assert.equal(schema.safeParse({ ...events[0], state: 'asleep' }).success, false);
  });

  it('take the calls that are listed, with what a later version may add', async () => {
    const { view, url } = await start();
    view.running = [callOf('c-1')];
    const { body } = await answer(url('/api/v1/calls'));
    const schema = await documented(url, 'CallList');
    assert.equal(schema.safeParse(body).error, undefined);
    assert.equal(schema.safeParse({ ...Object(body), later: 1 }).success, true);
  });

  it('take what --webhook is sent, which the document tells of', async () => {
    const { url } = await start();
    const { webhooks } = Object((await answer(url('/api/openapi.json'))).body);
    const { schema: sent } = webhooks.event.post.requestBody.content['application/json'];
    assert.deepEqual(sent, { $ref: '#/components/schemas/WebhookEvent' });
    const schema = await documented(url, 'WebhookEvent');
    const message = { type: 'unattended', timestamp: '2026-11-30T00:00:00.000Z' };
    const data = { call: '0123456789abcdef', type: 'unattended' };
    assert.equal(schema.safeParse({ ...message, data }).error, undefined);
    assert.equal(
      schema.safeParse({ ...message, data: { call: '0123456789abcdef', type: 'none' } }).success,
      false,
    );
  });

  it('let nothing be asked that they do not name', async () => {
    const { url } = await start();
    const schema = await documented(url, 'CallWishInput');
    const wish = { parties: [{ language: 'en' }, { language: 'es' }] };
    assert.equal(schema.safeParse(wish).success, true);
    assert.equal(schema.safeParse({ ...wish, later: 1 }).success, false);
  });
});

describe('GET /api/openapi.json', () => {
  it('is a document of OpenAPI 3.1 that names each route', async () => {
    const { url } = await start();
    const { body } = await answer(url('/api/openapi.json'));
    const { valid, errors } = await new Validator().validate(Object(body));
    assert.equal(valid, true, JSON.stringify(errors));
    const { openapi, paths } = z
      .object({ openapi: z.string(), paths: z.record(z.string(), z.unknown()) })
      .parse(body);
    assert.equal(openapi, '3.1.0');
    assert.deepEqual(Object.keys(paths).sort(), [
      '/api/v1/access',
      '/api/v1/calls',
      '/api/v1/calls/{call}',
      '/api/v1/calls/{call}/events',
      '/api/v1/calls/{call}/handover',
      '/api/v1/calls/{call}/parties',
      '/api/v1/calls/{call}/parties/{party}',
      '/api/v1/calls/{call}/parties/{party}/keys',
      '/api/v1/calls/{call}/parties/{party}/listen',
      '/api/v1/calls/{call}/parties/{party}/play',
      '/api/v1/calls/{call}/parties/{party}/say',
      '/api/v1/calls/{call}/recording',
      '/api/v1/calls/{call}/summary',
      '/api/v1/calls/{call}/transcript',
      '/api/v1/calls/{call}/utterances',
      '/api/v1/drain',
      '/api/v1/enable',
      '/api/v1/endpoints',
      '/api/v1/endpoints/{name}',
      '/api/v1/engines',
      '/api/v1/engines/{component}/{engine}/drain',
      '/api/v1/engines/{component}/{engine}/enable',
      '/api/v1/engines/{component}/{engine}/test',
      '/api/v1/events',
      '/api/v1/languages',
      '/api/v1/levels',
      '/api/v1/levels/{watcher}',
      '/api/v1/nodes',
      '/api/v1/nodes/calls',
      '/api/v1/nodes/{name}/drain',
      '/api/v1/nodes/{name}/enable',
      '/api/v1/records',
      '/api/v1/records/{call}',
      '/api/v1/records/{call}/summary',
      '/api/v1/records/{call}/transcript',
      '/api/v1/transfers/{uuid}',
      '/api/v1/translate',
      '/api/v1/voices',
      '/api/v1/voices/{speaker}',
      '/api/v1/voices/{speaker}/enrolments',
      '/api/v1/voices/{speaker}/enrolments/{enrolment}',
      '/api/v1/voices/{speaker}/speech',
      '/api/v1/whispers',
      '/api/v1/whispers/end',
    ]);
  });
});
