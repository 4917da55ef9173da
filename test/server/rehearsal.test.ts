import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { systemClock } from '../../src/base/clock.ts';
import { loadMediaModules } from '../../src/media/dsp/wasm.ts';
import { FanOut } from '../../src/media/play/fan-out.ts';
import { LocalThreads } from '../../src/media/thread/local-threads.ts';
import { rehearseArrivals } from '../../src/server/rehearsal.ts';
import { TestServer } from '../scenarios/harness.ts';
import { until } from './doors/audiosocket/socket-pairs.ts';

describe('rehearseArrivals', () => {
  it('takes in as many legs as it is told, and leaves none behind', async () => {
    const modules = await loadMediaModules();
    const pool = new LocalThreads(modules, systemClock);
    await rehearseArrivals(6, { pool, fanOut: new FanOut(modules, systemClock), clock: systemClock });
    assert.equal(pool.started, 6);
    await until('their tasks have ended', () => pool.running === 0);
  });

  it('is neither counted nor logged by the server that rehearses', async (t) => {
    const { server, lines } = await TestServer.openFor(t, { rehearsedLegs: 4 });
    assert.deepEqual(lines, []);
    assert.equal(server.totals().number('connectionsAccepted'), 0);
    assert.equal(server.totals().number('framesOut'), 0);
    assert.equal(server.state().legsActive, 0);
  });
});
