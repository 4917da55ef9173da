/** The HTTP server over loopback, in front of a server that the test plays. */

import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { afterEach, describe, it } from 'node:test';
import { z } from 'zod';
import { AppError } from '../../../src/base/errors.ts';
import { silentLog } from '../../../src/base/log.ts';
import { Tally } from '../../../src/base/tally.ts';
import { faultOf } from '../../../src/engines/resilience/faults.ts';
import type { ServiceHealth } from '../../../src/engines/resilience/health-window.ts';
import { HttpServer } from '../../../src/server/http/http-server.ts';
import { FakeClock } from '../../base/fake-clock.ts';
import { FakeInterpretingView } from './fake-interpreting-view.ts';
import { callOf, ENDED, FakeServerView, IDLE, spoken } from './fake-server-view.ts';

const READY = z.object({ ready: z.boolean(), reason: z.string().optional() });
const CALLS = z.array(z.looseObject({ callId: z.string() }));

const open: HttpServer[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((server) => server.close()));
});

async function start({ captions = false, port = 0 } = {}) {
  const view = new FakeServerView();
  const interpreting = new FakeInterpretingView();
  const clock = new FakeClock();
  const state: { health: ServiceHealth } = { health: 'HEALTHY' };
  const server = await HttpServer.open(
    { host: '127.0.0.1', port, captions, version: '1.2.3', startedAtMs: clock.nowMs() },
    {
      view,
      clock,
      log: silentLog,
      health: () => state.health,
      utterances: { utterances: 0, failures: 0 },
      interpreting,
    },
  );
  open.push(server);
  const url = (path: string): string => `http://127.0.0.1:${server.address.port}${path}`;
  return { view, interpreting, clock, state, server, url };
}

async function answer(url: string): Promise<{ readonly status: number; readonly body: unknown }> {
  const response = await fetch(url);
  return { status: response.status, body: await response.json() };
}

/** Reads a stream of events piece by piece. */
function streamOf(response: Response) {
  assert.ok(response.body !== null);
  const reader = response.body.getReader();
  const decoder = new TextDecoder();
  const read = async (enough: (received: string) => boolean): Promise<string> => {
    let received = '';
    while (!enough(received)) {
      const { done, value } = await reader.read();
      if (done) {
        break;
      }
      received += decoder.decode(value, { stream: true });
    }
    return received;
  };
  return {
    untilText: (text: string) => read((received) => received.includes(text)),
    untilEnd: () => read(() => false),
  };
}

describe('GET /health', () => {
  it('tells how the service is', async () => {
    const { view, clock, url } = await start();
    view.current = { ...IDLE, legsActive: 4, callsActive: 2 };
    await clock.advance(61_500);
    assert.deepEqual(await answer(url('/health')), {
      status: 200,
      body: {
        status: 'HEALTHY',
        interpreting: 'ready',
        uptimeSeconds: 61,
        legsActive: 4,
        callsActive: 2,
        maxLegs: 200,
        draining: false,
        version: '1.2.3',
      },
    });
  });

  it('is 200 while draining, starting and failed too: who cuts off what is dead must not cut off running calls', async () => {
    const { view, interpreting, state, url } = await start();
    view.current = { ...IDLE, draining: true };
    interpreting.state = 'starting';
    state.health = 'FAILED';
    assert.equal((await answer(url('/health'))).status, 200);
  });
});

describe('GET /ready', () => {
  it('is 200 where a new call would be served, degraded or not', async () => {
    const { interpreting, state, url } = await start();
    assert.deepEqual(await answer(url('/ready')), { status: 200, body: { ready: true } });
    interpreting.state = 'degraded';
    state.health = 'UNHEALTHY';
    assert.deepEqual(await answer(url('/ready')), { status: 200, body: { ready: true } });
  });

  const served = { from: 'en', to: 'es', state: 'served', reasons: [] } as const;
  const unserved = { from: 'es', to: 'en', state: 'unserved', reasons: ['no recogniser'] } as const;

  it('is 404 while draining, and 503 while starting, full, failed, or interpreting nothing, and says why', async () => {
    const { view, interpreting, state, url } = await start();
    const ready = async () => {
      const { status, body } = await answer(url('/ready'));
      return [status, READY.parse(body).reason ?? ''] as const;
    };
    const is = ([status, reason]: readonly [number, string], expected: number, why: RegExp): void => {
      assert.equal(status, expected);
      assert.match(reason, why);
    };
    view.current = { ...IDLE, draining: true, legsActive: IDLE.maxLegs };
    is(await ready(), 404, /^it is ending/);
    view.current = { ...IDLE, legsActive: IDLE.maxLegs };
    is(await ready(), 503, /^it is full: 200 legs/);
    view.current = { ...IDLE, legsActive: IDLE.maxLegs - 1 };
    is(await ready(), 200, /^$/);
    state.health = 'FAILED';
    is(await ready(), 503, /were not interpreted: FAILED/);
    state.health = 'HEALTHY';
    interpreting.currentDirections = [unserved];
    is(await ready(), 503, /nothing is interpreted/);
    interpreting.currentDirections = [served, unserved];
    is(await ready(), 200, /^$/);
    interpreting.state = 'starting';
    is(await ready(), 503, /^it is starting/);
  });
});

describe('GET /health/report and /api/recovery/stats', () => {
  it('tell how each engine does and since when, how long it takes, why it is benched and what was done', async () => {
    const { view, interpreting, clock, url } = await start();
    view.counts = { mediaThreadsHung: 1, mediaRestarts: 4, framesMissing: 12, framesForgiven: 3 };
    const operation = { operation: 'translate', done: 9, failed: 5, medianMs: 180.4, lastMs: 1_300 } as const;
    interpreting.currentEngines = [{ component: 'mt', engine: 'deepl', operations: [operation] }];
    const step = {
      component: 'mt',
      tier: 'failover',
      engine: 'deepl',
      to: 'apertium',
      success: true,
    } as const;
    const kept = { ...step, tookMs: 300, code: 'engine-timeout', at: new Date('2026-01-01T00:00:00.000Z') };
    interpreting.currentSteps = [{ ...kept, engine: 'libretranslate' }, ...Array(6).fill(kept)];
    const sinceMs = clock.nowMs();
    await clock.advance(61_500);
    const fault = faultOf(new AppError('engine-timeout', 'deepl: no answer'));
    interpreting.currentHealth = [
      {
        ...{ component: 'mt', engine: 'deepl', state: 'UNHEALTHY', sinceMs, operations: 9, failures: 5 },
        bench: { fault, strict: false, tryAtMs: clock.nowMs() + 2_500 },
      },
    ];
    const { body } = await answer(url('/health/report'));
    assert.deepEqual(body, {
      status: 'HEALTHY',
      interpreting: 'ready',
      utterances: { latest: 0, failed: 0, successRate: 1 },
      components: [
        {
          ...{ component: 'mt', engine: 'deepl', state: 'UNHEALTHY', sinceSeconds: 61 },
          ...{ operations: 9, failures: 5 },
          lag: [{ operation: 'translate', medianMs: 180, lastMs: 1_300, mayTakeMs: 1_200 }],
          steps: Array(5).fill({ ...kept, at: kept.at.toISOString() }),
          benched: {
            ...{ kind: 'time-out', severity: 'MEDIUM', strict: false },
            ...{ triedInSeconds: 3, reason: 'deepl: no answer' },
          },
        },
      ],
      media: { threads: 2, threadsHung: 1, legsStartedAgain: 4, framesMissing: 12, framesForgiven: 3 },
      directions: [],
    });
  });

  it('count the steps of recovery, and show the latest', async () => {
    const { interpreting, view, url } = await start();
    const steps = new Tally<string>();
    steps.add('mt failover true', 2);
    view.counts = { recoverySteps: steps };
    const step = { component: 'mt', tier: 'failover', engine: 'deepl', to: 'apertium' } as const;
    const at = new Date('2026-01-01T00:00:00.000Z');
    interpreting.currentSteps = [{ ...step, success: true, tookMs: 300, code: 'engine-died', at }];
    assert.deepEqual((await answer(url('/api/recovery/stats'))).body, {
      recoveries: [{ component: 'mt', tier: 'failover', success: 'true', count: 2 }],
      latest: [{ ...step, success: true, tookMs: 300, code: 'engine-died', at: at.toISOString() }],
    });
  });
});

describe('GET /calls', () => {
  it('lists the running calls and nothing that is said', async () => {
    const { view, url } = await start({ captions: true });
    view.running = [{ ...callOf('c-1'), ...{ piiCaller: '5551234' } }];
    const { status, body } = await answer(url('/calls'));
    const [first] = CALLS.parse(body);
    assert.match(first?.callId ?? '', /^[0-9a-f]{16}$/, 'an id that lets nobody in');
    assert.deepEqual(
      [status, body],
      [
        200,
        [
          {
            callId: first?.callId,
            startedAt: '2026-01-01T00:00:00.000Z',
            parties: [
              { party: 'a', name: 'caller', language: 'en', state: 'TRANSLATING' },
              { party: 'b', name: 'callee', language: 'es', state: 'TRANSLATING' },
            ],
          },
        ],
      ],
    );
  });
});

describe('GET /calls/:callId/events', () => {
  it('is refused without captions, and then nothing is even watched', async () => {
    const { view, url } = await start();
    view.running = [callOf('c-1')];
    assert.equal(view.watchers, 0);
    assert.deepEqual(await answer(url('/calls/c-1/events')), {
      status: 403,
      body: { error: 'this server does not share captions; start it with --captions' },
    });
  });

  it('is found by the id that is shown', async () => {
    const { view, url } = await start({ captions: true });
    view.running = [callOf('c-0'), callOf('c-1')];
    const shown = CALLS.parse((await answer(url('/calls'))).body);
    const response = await fetch(url(`/calls/${shown[1]?.callId}/events`));
    view.fire('c-0', spoken(1));
    view.fire('c-1', ENDED);
    assert.equal(await response.text(), `data: ${JSON.stringify(ENDED)}\n\n`);
  });

  it('does not know other calls', async () => {
    const { url } = await start({ captions: true });
    const { status, body } = await answer(url('/calls/c-1/events'));
    assert.equal(status, 404);
    assert.match(JSON.stringify(body), /no such call/);
  });

  it('sends what was, then what happens, and ends with the call', async () => {
    const { view, url } = await start({ captions: true });
    view.fire('c-1', spoken(1, 'line\nbreak'));
    const response = await fetch(url('/calls/c-1/events'));
    assert.equal(response.status, 200);
    assert.match(response.headers.get('content-type') ?? '', /^text\/event-stream/);
    assert.equal(response.headers.get('cache-control'), 'no-store');
    const stream = streamOf(response);
    assert.equal(await stream.untilText('\n\n'), `data: ${JSON.stringify(spoken(1, 'line\nbreak'))}\n\n`);
    view.fire('c-2', spoken(7));
    view.fire('c-1', spoken(2));
    view.fire('c-1', ENDED);
    assert.equal(
      await stream.untilEnd(),
      `data: ${JSON.stringify(spoken(2))}\n\ndata: ${JSON.stringify(ENDED)}\n\n`,
    );
  });

  it('sends the whole of a call that has just ended, and says what it no longer has', async () => {
    const { view, url } = await start({ captions: true });
    for (let utterance = 0; utterance < 201; utterance++) {
      view.fire('c-1', spoken(utterance));
    }
    view.fire('c-1', ENDED);
    const text = await (await fetch(url('/calls/c-1/events'))).text();
    assert.match(text, /^: 2 earlier events are no longer kept\n\ndata: /);
    assert.equal(text.split('data: ').length - 1, 200);
    assert.ok(text.endsWith(`data: ${JSON.stringify(ENDED)}\n\n`));
  });

  it('drops a reader that does not read', async () => {
    const { view, server } = await start({ captions: true });
    view.running = [callOf('c-1')];
    const socket = connect(server.address.port, '127.0.0.1');
    socket.write('GET /calls/c-1/events HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n');
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
    const { view, url } = await start({ captions: true });
    view.running = [callOf('c-1')];
    const responses = await Promise.all(Array.from({ length: 64 }, () => fetch(url('/calls/c-1/events'))));
    assert.ok(responses.every(({ status }) => status === 200));
    assert.equal((await fetch(url('/calls/c-1/events'))).status, 503);
    view.fire('c-1', ENDED);
    await Promise.all(responses.map((response) => response.text()));
    assert.equal((await fetch(url('/calls/c-1/events'))).status, 200, 'readers that left still count');
  });
});

describe('HttpServer', () => {
  it('names its routes when asked for another', async () => {
    const { url } = await start();
    const { status, body } = await answer(url('/'));
    assert.equal(status, 404);
    assert.match(
      JSON.stringify(body),
      /GET \/health, GET \/ready, GET \/health\/report, .*GET \/status, GET \/calls, GET \/calls\/:callId\/events, POST \/whisper/,
    );
  });

  it('answers a refused request in JSON, without quoting it', async () => {
    const { url } = await start();
    const { status, body } = await answer(url('/calls/%zz/events'));
    assert.equal(status, 400);
    assert.match(JSON.stringify(body), /^{"error":/);
  });

  it('says that its address is taken', async () => {
    const { server } = await start();
    await assert.rejects(
      start({ port: server.address.port }),
      (error) => error instanceof AppError && error.code === 'address-in-use',
    );
  });

  it('ends streams when it closes, and watches no more', async () => {
    const { view, clock, server, url } = await start({ captions: true });
    view.fire('c-1', spoken(1));
    view.fire('c-2', ENDED);
    const response = await fetch(url('/calls/c-1/events'));
    const rest = assert.rejects(response.text());
    await server.close();
    await server.close();
    await rest;
    assert.equal(view.watchers, 0);
    assert.equal(clock.pendingTimers, 0);
    await assert.rejects(fetch(url('/health')));
  });
});
