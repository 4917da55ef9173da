/** Check beside a dragoman that runs: whose ports are taken is known. */

import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { describe, it } from 'node:test';
import { systemClock } from '../../../src/base/clock.ts';
import { silentLog } from '../../../src/base/log.ts';
import { checkAddresses } from '../../../src/cli/check/machine-checks.ts';
import { holderOf } from '../../../src/cli/check/running-service.ts';
import { loadConfig } from '../../../src/cli/config/load-config.ts';
import { HttpServer } from '../../../src/server/http/http-server.ts';
import { MetricsServer } from '../../../src/server/metrics/metrics-server.ts';
import { FakeInterpretingView } from '../../server/http/fake-interpreting-view.ts';
import { FakeServerView, WELL } from '../../server/http/fake-server-view.ts';
import { listen } from '../../support/ports.ts';

const HOST = '127.0.0.1';

describe('checks of addresses beside a dragoman', () => {
  it('know which ports are its own, and which another program has', async () => {
    const [door, stranger, another] = [createServer(), createServer(), createServer()];
    const doorPort = await listen(door);
    const view = new FakeServerView();
    view.doors = [{ name: 'audiosocket', host: HOST, port: doorPort, health: WELL }];
    const deps = {
      view,
      health: () => 'HEALTHY' as const,
      utterances: { utterances: 0, failures: 0 },
      clock: systemClock,
      log: silentLog,
      interpreting: new FakeInterpretingView(),
    };
    const address = { host: HOST, port: 0, version: '1.2.3', startedAtMs: systemClock.nowMs() };
    const http = await HttpServer.open({ ...address, captions: false }, deps);
    const metrics = await MetricsServer.open({ ...address, languages: new Set(['en']) }, deps);
    const itemsFor = async (listenPort: number, metricsPort: number): Promise<readonly string[]> => {
      const config = loadConfig(
        {},
        {
          DRAGOMAN_PAIR: 'en:es',
          DRAGOMAN_LISTEN: `${HOST}:${listenPort}`,
          DRAGOMAN_HTTP: `${HOST}:${http.address.port}`,
          DRAGOMAN_METRICS: `${HOST}:${metricsPort}`,
        },
      );
      const items: string[] = [];
      const check = checkAddresses(config, holderOf(config, systemClock));
      for await (const { outcome, finding } of check(new AbortController().signal)) {
        items.push(`${outcome} ${finding.replace(/^\S+ /, '')}`);
      }
      return items;
    };
    try {
      const ours = 'ok is held by the dragoman 1.2.3 that runs';
      const other = 'fails is taken by another program: stop it or write another port';
      assert.deepEqual(await itemsFor(doorPort, metrics.address.port), [ours, ours, ours]);
      another.on('connection', (socket) => socket.destroy());
      assert.deepEqual(await itemsFor(await listen(stranger), await listen(another)), [other, ours, other]);
    } finally {
      door.close();
      stranger.close();
      another.close();
      await Promise.all([http.close(), metrics.close()]);
    }
  });
});
