import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request } from 'node:http';
import { afterEach, describe, it } from 'node:test';
import { AppError } from '../../../src/base/errors.ts';
import { silentLog } from '../../../src/base/log.ts';
import { MetricsServer } from '../../../src/server/metrics/metrics-server.ts';
import { FakeClock } from '../../base/fake-clock.ts';
import { FakeInterpretingView } from '../http/fake-interpreting-view.ts';
import { FakeServerView } from '../http/fake-server-view.ts';

const open: MetricsServer[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((server) => server.close()));
});

async function start(port = 0) {
  const view = new FakeServerView();
  const clock = new FakeClock();
  const server = await MetricsServer.open(
    { host: '127.0.0.1', port, version: '1.2.3', languages: new Set(['en']), startedAtMs: clock.nowMs() },
    {
      ...{
        view,
        clock,
        log: silentLog,
        health: () => 'HEALTHY' as const,
        utterances: { utterances: 0, failures: 0 },
      },
      interpreting: new FakeInterpretingView(),
    },
  );
  open.push(server);
  return { view, clock, server, url: (path: string) => `http://127.0.0.1:${server.address.port}${path}` };
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

  it('reads them once a second, however often it is asked', async () => {
    const { view, clock, url } = await start();
    let reads = 0;
    const { current } = view;
    view.state = () => {
      reads += 1;
      return current;
    };
    const texts = await Promise.all(
      Array.from({ length: 10 }, async () => (await fetch(url('/metrics'))).text()),
    );
    assert.deepEqual([reads, new Set(texts).size], [1, 1]);
    await clock.advance(1_000);
    await (await fetch(url('/metrics'))).text();
    assert.equal(reads, 2);
  });

  it('refuses a name that is not its own, as every port does', async () => {
    const { server } = await start();
    const asked = request({
      port: server.address.port,
      path: '/metrics',
      headers: { host: 'evil.example' },
    }).end();
    const [answer] = await once(asked, 'response');
    assert.equal(answer.statusCode, 403);
    answer.resume();
  });

  it('answers failure and other routes as problems, without details', async () => {
    const { view, url } = await start();
    view.state = () => {
      throw new Error('secret detail');
    };
    const failed = await fetch(url('/metrics'));
    assert.equal(failed.status, 500);
    assert.doesNotMatch(await failed.text(), /secret/);
    assert.equal((await fetch(url('/'))).status, 404);
    const unread = await fetch(url('/%zz'));
    assert.equal(unread.headers.get('content-type'), 'application/problem+json; charset=utf-8');
    assert.doesNotMatch(await unread.text(), /zz/);
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
