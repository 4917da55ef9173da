import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { findSoundMs, sine, toneDbfs } from '../asterisk/audio.ts';
import { TestServer } from './harness.ts';

/** A machine that does so much stands still for a while; a leg that was left alone hears nothing for the 20 s of a test. */
const STILL_MS = 5_000;

describe('a media thread that dies', () => {
  it('takes no leg with it: sound goes on on another thread', async (t) => {
    const server = await TestServer.openFor(t, { plan: { mode: 'passthrough' }, mediaThreads: 2 });
    const legs = [...(await server.ringBoth()), ...(await server.ringBoth())];
    for (const leg of legs) {
      await leg.until(({ frames }) => frames.length > 10);
    }
    assert.ok(await server.server.mediaPool.killThread(0));
    await server.until('legs were taken over', () => server.count('mediaRestarts') > 0);
    const [a, b] = legs;
    assert.ok(a !== undefined && b !== undefined);
    a.speak(sine(440, 20_000, 8_000));
    await b.until((leg) => findSoundMs(leg.heard(), 8_000) !== undefined);
    for (const leg of legs) {
      assert.equal(leg.ending, undefined, leg.describe());
      assert.deepEqual(leg.violations, []);
      assert.deepEqual(leg.gaps(STILL_MS), [], 'frames went on');
    }
  });

  it('can be the only one', async (t) => {
    const server = await TestServer.openFor(t, { plan: { mode: 'passthrough' }, mediaThreads: 1 });
    const [a, b] = await server.ringBoth();
    await b.until((leg) => leg.frames.length > 10);
    await server.server.mediaPool.killThread(0);
    await server.until('legs were taken over', () => server.count('mediaRestarts') === 2);
    // Long enough for a thread to start in, however busy the machine is: who joins hears from then on.
    a.speak(sine(440, 20_000, 8_000));
    await b.until((leg) => findSoundMs(leg.heard(), 8_000) !== undefined, 20_000);
  });
});

describe('a party whose pipeline is started anew', () => {
  it('is heard on, and hears on, while its media task is another', async (t) => {
    const server = await TestServer.openFor(t, { plan: { mode: 'passthrough' }, mediaThreads: 2 });
    const legs = await server.ringBoth({ pcm: sine(440, 60_000, 8_000) }, { pcm: sine(800, 60_000, 8_000) });
    const callId = legs[0].uuid.slice(0, -1);
    await server.until('both are there', () => server.server.state().legsByState.get('CONNECTED') === 2);
    const started = t.mock.method(server.server.mediaPool, 'start');
    assert.equal(server.server.resetParty(callId, 'a', 60_000), 'reset');
    assert.equal(server.server.resetParty(callId, 'a', 60_000), 'cooling-down');
    await server.until('its media is another', () => started.mock.callCount() === 1);
    for (const [leg, hz] of [
      [legs[0], 800],
      [legs[1], 440],
    ] as const) {
      const from = leg.frames.length;
      await leg.until(
        ({ frames }) => frames.slice(from).filter(({ pcm }) => toneDbfs(pcm, hz, 8_000) > -30).length >= 10,
      );
      assert.equal(leg.ending, undefined, leg.describe());
      assert.deepEqual(leg.violations, []);
      assert.deepEqual(leg.gaps(STILL_MS), [], 'frames went on');
    }
  });
});
