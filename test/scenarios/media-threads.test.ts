import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { findSoundMs, sine } from '../asterisk/audio.ts';
import { TestServer } from './harness.ts';

describe('a media thread that dies', () => {
  it('takes no leg with it: sound goes on on another thread', async (t) => {
    const server = await TestServer.openFor(t, { mode: 'passthrough', mediaThreads: 2 });
    const legs = [...(await server.ringBoth()), ...(await server.ringBoth())];
    for (const leg of legs) {
      await leg.until(({ frames }) => frames.length > 10);
    }
    assert.ok(await server.server.mediaPool.killThread(0));
    await server.until('legs were taken over', () => server.server.stats().mediaRestarts > 0);
    const [a, b] = legs;
    assert.ok(a !== undefined && b !== undefined);
    a.speak(sine(440, 400, 8_000));
    await b.until((leg) => findSoundMs(leg.heard(), 8_000) !== undefined);
    for (const leg of legs) {
      assert.equal(leg.ending, undefined, leg.describe());
      assert.deepEqual(leg.violations, []);
      assert.deepEqual(leg.gaps(500), [], 'frames went on');
    }
  });

  it('can be the only one', async (t) => {
    const server = await TestServer.openFor(t, { mode: 'passthrough', mediaThreads: 1 });
    const [a, b] = await server.ringBoth();
    await b.until((leg) => leg.frames.length > 10);
    await server.server.mediaPool.killThread(0);
    await server.until('legs were taken over', () => server.server.stats().mediaRestarts === 2);
    a.speak(sine(440, 400, 8_000));
    await b.until((leg) => findSoundMs(leg.heard(), 8_000) !== undefined);
  });
});
