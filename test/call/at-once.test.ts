/** A party whose connection takes what comes as it comes: an agent hears who speaks to it without a wait for its own 20 ms. */

import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { findSoundMs, isTone, noise, sine } from '../asterisk/audio.ts';
import { ScriptedExchange, type ScriptedLeg } from './scripted-legs.ts';

const RATE_HZ = 8_000;

/** A call that nobody interprets, of somebody who speaks at 8 kHz with one who takes frames as they come. */
async function calledAgent(t: TestContext, rateHz = RATE_HZ) {
  const exchange = new ScriptedExchange(t, {
    passes: true,
    plan: { announce: false, joinTones: false },
    door: { rejoinMs: 3_000 },
    interpreters: () => () => undefined,
  });
  const agent = exchange.connectAs('call1', rateHz, true);
  const caller = await exchange.arrive('call0');
  await exchange.run(3_000);
  agent.heard();
  return { exchange, agent, caller };
}

/** What `agent` has as soon as `caller` has said its next frame. */
function said(caller: ScriptedLeg, agent: ScriptedLeg): Int16Array {
  caller.tick();
  return agent.heard();
}

describe('a party that takes what comes as it comes', () => {
  it('has each frame at once, bit for bit, and none twice', async (t) => {
    const { exchange, agent, caller } = await calledAgent(t);
    const words = noise(200, RATE_HZ);
    caller.speak(words);
    for (let frame = 0; frame < 10; frame += 1) {
      // At any time of the 20 ms.
      await exchange.clock.advance(frame % 2 === 0 ? 13 : 27);
      assert.deepEqual(agent.heard(), new Int16Array(0));
      assert.deepEqual(said(caller, agent), words.subarray(160 * frame, 160 * (frame + 1)));
    }
  });

  it('has it at its own rate, converted without a thread', async (t) => {
    const { exchange, agent, caller } = await calledAgent(t, 16_000);
    caller.speak(sine(440, 400, RATE_HZ));
    const heard: number[] = [];
    for (let frame = 0; frame < 20; frame += 1) {
      const pcm = said(caller, agent);
      assert.equal(pcm.length, 320, `frame ${frame}`);
      heard.push(...pcm);
      await exchange.clock.advance(20);
    }
    assert.ok(isTone(Int16Array.from(heard.slice(1_600)), 440, 16_000));
    assert.equal(exchange.threads.asleep, 1, "the caller's converts");
  });

  it('hears no gap where a frame is late, and all that waited as soon as it is there', async (t) => {
    const { exchange, agent, caller } = await calledAgent(t);
    const words = sine(440, 100, RATE_HZ);
    caller.speak(words);
    assert.deepEqual(said(caller, agent), words.subarray(0, 160));
    await exchange.clock.advance(40);
    assert.equal(agent.heard().length, 0);
    caller.tick();
    caller.tick();
    assert.deepEqual(agent.heard(), words.subarray(160, 480));
  });

  it('is sent silence, a frame each 20 ms, while nothing comes', async (t) => {
    const { exchange, agent, caller } = await calledAgent(t);
    caller.onHold = true;
    await exchange.clock.advance(1_000);
    const heard = agent.heard();
    assert.equal(findSoundMs(heard, RATE_HZ), undefined);
    assert.ok(heard.length >= 46 * 160 && heard.length <= 50 * 160, `${heard.length / 160} frames`);
  });

  it('hears the next leg of a party in the same way, and the one that is gone no more', async (t) => {
    const { exchange, agent, caller } = await calledAgent(t);
    const next = await exchange.arrive('call0');
    await exchange.run(3_000);
    assert.equal(caller.ending, 'hung-up', 'its party has another');
    agent.heard();
    const words = noise(20, RATE_HZ);
    next.speak(words);
    assert.deepEqual(said(next, agent), words);
  });
});
