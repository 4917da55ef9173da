/** The HTTP server over loopback, in front of a server that the test plays. The API has tests of its own. */

import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import { AppError } from '../../../src/base/errors.ts';
import { Tally } from '../../../src/base/tally.ts';
import { faultOf } from '../../../src/engines/resilience/faults.ts';
import type { ServiceHealth } from '../../../src/engines/resilience/health-window.ts';
import { ENDED, IDLE, spoken } from './fake-server-view.ts';
import { answer, closeHttp, startHttp as start } from './start-http.ts';

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

  it('makes a load balancer move on when starting, draining or failed, and not before', async () => {
    const { view, interpreting, state, url } = await start();
    const status = async (health: ServiceHealth, draining: boolean): Promise<number> => {
      state.health = health;
      view.current = { ...IDLE, draining };
      return (await answer(url('/health'))).status;
    };
    assert.equal(await status('DEGRADED', false), 200);
    assert.equal(await status('UNHEALTHY', false), 200);
    assert.equal(await status('FAILED', false), 503);
    assert.equal(await status('HEALTHY', true), 503);
    interpreting.state = 'starting';
    assert.equal(await status('HEALTHY', false), 503);
    interpreting.state = 'degraded';
    assert.equal(await status('HEALTHY', false), 200);
  });
});

describe('GET /health/report and /api/recovery/stats', () => {
  it('tell how each engine does, and why it is benched', async () => {
    const { interpreting, clock, url } = await start();
    const fault = faultOf(new AppError('engine-timeout', 'deepl: no answer'));
    interpreting.currentHealth = [
      {
        ...{ component: 'mt', engine: 'deepl', state: 'UNHEALTHY', operations: 9, failures: 5 },
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
          ...{ component: 'mt', engine: 'deepl', state: 'UNHEALTHY', operations: 9, failures: 5 },
          benched: {
            ...{ kind: 'time-out', severity: 'MEDIUM', strict: false },
            ...{ triedInSeconds: 3, reason: 'deepl: no answer' },
          },
        },
      ],
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
      'there is no such route; there are GET /, GET /health, GET /health/report, GET /api/recovery/stats, GET /status and ' +
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
