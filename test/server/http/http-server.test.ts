/** The HTTP server over loopback, in front of a server that the test plays. The API has tests of its own. */

import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, describe, it } from 'node:test';
import { z } from 'zod';
import { AppError } from '../../../src/base/errors.ts';
import { Tally } from '../../../src/base/tally.ts';
import { faultOf } from '../../../src/engines/resilience/faults.ts';
import { PROBLEM } from '../../../src/server/http/problem.ts';
import { ENDED, IDLE, spoken } from './fake-server-view.ts';
import { answer, closeHttp, startHttp as start } from './start-http.ts';

const READY = z.object({ ready: z.boolean(), reason: z.string().optional() });

afterEach(closeHttp);

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

  it('is 404 while draining, 503 while full, failed, starting or interpreting nothing, and says why', async () => {
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

  it('is 404 for a balancer that asks so wherever calls run that are to go on', async () => {
    const { view, interpreting, url } = await start();
    const status = async () => (await answer(url('/ready?refusal=404'))).status;
    assert.equal(await status(), 200);
    view.current = { ...IDLE, legsActive: IDLE.maxLegs };
    assert.equal(await status(), 404);
    view.current = IDLE;
    interpreting.currentDirections = [unserved];
    assert.equal(await status(), 404);
    interpreting.state = 'starting';
    assert.equal(await status(), 503);
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
    view.doors = [
      {
        name: 'audiosocket 127.0.0.1:5050',
        host: '127.0.0.1',
        port: 5050,
        health: { state: 'HEALTHY', sinceMs },
      },
      {
        name: 'ari pbx:8088',
        health: {
          state: 'UNHEALTHY',
          sinceMs: sinceMs + 60_000,
          lastMs: 4.4,
          reason: 'no answer',
          step: 'tried',
        },
      },
    ];
    view.current = { ...view.current, legsByDoor: new Map([['audiosocket 127.0.0.1:5050', 3]]) };
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
      doors: [
        { door: 'audiosocket 127.0.0.1:5050', state: 'HEALTHY', sinceSeconds: 61, legs: 3 },
        {
          ...{ door: 'ari pbx:8088', state: 'UNHEALTHY', sinceSeconds: 1, legs: 0, lag: { lastMs: 4 } },
          ...{ reason: 'no answer', step: 'tried' },
        },
      ],
      mainThread: {
        ...{ state: 'DEGRADED', sinceSeconds: 61 },
        lag: { medianMs: 0, p99Ms: 71, longestMs: 90, mayTakeMs: 50 },
      },
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

describe('HttpServer', () => {
  it('names its routes when asked for another, as a problem', async () => {
    const { url } = await start();
    const response = await fetch(url('/nothing'));
    assert.match(response.headers.get('content-type') ?? '', /^application\/problem\+json/);
    const detail =
      'there is no such route; there are GET /, GET /health, GET /ready, GET /health/report, GET /api/recovery/stats, GET /status and ' +
      'what GET /api/openapi.json lists';
    assert.deepEqual(
      [response.status, await response.json()],
      [404, { type: 'about:blank', title: 'Not Found', status: 404, code: 'no-such-route', detail }],
    );
  });

  it('answers a refused request as a problem, without quoting it', async () => {
    const { url } = await start();
    const { status, body } = await answer(url('/api/v1/calls/%zz'));
    assert.equal(status, 400);
    assert.match(JSON.stringify(body), /"code":"bad-request"/);
    assert.doesNotMatch(JSON.stringify(body), /zz/);
  });

  it('answers what is no HTTP as a problem, too, and ends the connection', async () => {
    const { server } = await start();
    for (const [sent, status] of [
      ['GET / HTTP/1.1\r\nhost: localhost\r\ncontent-length: -1\r\n\r\n', 400],
      ['\u0000\r\n\r\n', 400],
      [`GET / HTTP/1.1\r\nx: ${'a'.repeat(40_000)}\r\n\r\n`, 431],
    ] as const) {
      const socket = connect(server.address.port, '127.0.0.1');
      socket.write(sent);
      const [head = '', body = ''] = (await text(socket)).split('\r\n\r\n');
      assert.ok(head.startsWith(`HTTP/1.1 ${status} `), head);
      assert.match(head, /content-type: application\/problem\+json/);
      assert.deepEqual(PROBLEM.parse(JSON.parse(body)).status, status);
    }
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
    const response = await fetch(url('/api/v1/calls/c-1/events'));
    const rest = assert.rejects(response.text());
    await server.close();
    await server.close();
    await rest;
    assert.equal(view.watchers, 0);
    assert.equal(clock.pendingTimers, 0);
    await assert.rejects(fetch(url('/health')));
  });
});
