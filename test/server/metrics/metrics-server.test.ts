import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import { AppError } from '../../../src/base/errors.ts';
import { silentLog } from '../../../src/base/log.ts';
import { MetricsServer } from '../../../src/server/metrics/metrics-server.ts';
import { FakeClock } from '../../base/fake-clock.ts';
import { FakeServerView } from '../http/fake-server-view.ts';

const open: MetricsServer[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((server) => server.close()));
});

async function start(port = 0) {
  const view = new FakeServerView();
  const clock = new FakeClock();
  const server = await MetricsServer.open(
    { host: '127.0.0.1', port, languages: new Set(['en']), startedAtMs: clock.nowMs() },
    { view, clock, log: silentLog, health: () => 'HEALTHY' },
  );
  open.push(server);
  return { view, server, url: (path: string) => `http://127.0.0.1:${server.address.port}${path}` };
}

describe('MetricsServer', () => {
  it('serves the text format of Prometheus, with the metrics of Node', async () => {
    const { url } = await start();
    const response = await fetch(url('/metrics'));
    assert.equal(response.status, 200);
    assert.match(response.headers.get('content-type') ?? '', /^text\/plain; version=0\.0\.4/);
    const text = await response.text();
    assert.match(text, /^dragoman_legs_limit 200$/m);
    assert.match(text, /^nodejs_eventloop_lag_p99_seconds /m);
  });

  it('answers failure and other routes in JSON, without details', async () => {
    const { view, url } = await start();
    view.stats = () => {
      throw new Error('secret detail');
    };
    const failed = await fetch(url('/metrics'));
    assert.equal(failed.status, 500);
    assert.deepEqual(await failed.json(), { error: 'the metrics could not be read' });
    assert.equal((await fetch(url('/'))).status, 404);
  });

  it('says that its address is taken', async () => {
    const { server } = await start();
    await assert.rejects(
      start(server.address.port),
      (error) => error instanceof AppError && error.code === 'address-in-use',
    );
  });

  it('answers no more and watches no more once closed', async () => {
    const { view, server, url } = await start();
    await server.close();
    await server.close();
    assert.equal(view.watchers, 0);
    await assert.rejects(fetch(url('/metrics')));
  });
});
