/** A party's whole pipeline started anew in the middle of a call: its leg's media, its hearing, its renderings. */

import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { SttHearings } from '../../src/interpret/hearing/stt-hearings.ts';
import { concatPcm, sine, toneDbfs } from '../asterisk/audio.ts';
import { ScriptedStt } from '../interpret/scripted-engines.ts';
import { framesOf } from '../media/frames.ts';
import { voiceLike } from '../media/voice-like.ts';
import { ScriptedExchange } from './scripted-legs.ts';

const RATE_HZ = 8_000;

/** A call whose English is heard by a recogniser that the test plays. */
async function heardCall(t: TestContext, rejoinMs = 0) {
  const stt = new ScriptedStt();
  const exchange: ScriptedExchange = new ScriptedExchange(t, {
    plan: { announce: false },
    door: { rejoinMs },
    interpreters: (scripted) => (from) => {
      const { text } = scripted;
      const open = new SttHearings(stt, exchange.clock);
      return from !== 'en' || text.type !== 'text'
        ? undefined
        : { ...text, hearing: { ...text.hearing, open: (options, signal) => open.open(options, signal) } };
    },
  });
  const [a, b] = await exchange.call();
  await exchange.run(100);
  return { exchange, stt, a, b };
}

describe('a party whose pipeline is started anew', () => {
  it('has another hearing, rendering and media task, and its leg notices nothing', async (t) => {
    const { exchange, stt, a, b } = await heardCall(t);
    const { started } = exchange.threads;
    a.speak(voiceLike(6_000, RATE_HZ));
    await exchange.run(1_000);
    assert.equal(stt.calls.filter((call) => call === 'start 1').length, 1);
    a.heard();
    assert.equal(exchange.switchboard.resetParty('call', 'a', 60_000), 'reset');
    await exchange.run(900);
    // What is being said is told to the next hearing from its beginning, as far as it was not passed on.
    const told = stt.calls.slice(stt.calls.indexOf('start 2'));
    assert.ok(told.filter((call) => call.startsWith('write')).length > 80, told.join());
    await exchange.run(2_600);
    assert.deepEqual([a.ending, b.ending], [undefined, undefined]);
    assert.equal(exchange.threads.started, started + 1);
    assert.equal(exchange.interpreters.opened.length, 2);
    // Its new task finds speech again: the utterance that it broke off has ended, and the rest is another.
    assert.ok(stt.calls.includes('start 3'), stt.calls.filter((call) => !call.startsWith('write')).join());
    assert.equal(a.heard().length, (3_500 / 20) * 160, 'a frame each 20 ms');
    assert.ok(exchange.count('framesMissing') <= 1);
    assert.equal(exchange.tally('resets', 'reset'), 1);
    assert.equal(exchange.count('mediaRestarts'), 0, 'no thread has died');
  });

  it('hears the rest of what its media was playing, and none of it twice', async (t) => {
    const { exchange, b } = await heardCall(t);
    exchange.interpreters.of('en', 'es').speaks(1, sine(1_000, 1_500, RATE_HZ));
    await exchange.run(200);
    const before = b.heard();
    assert.equal(exchange.switchboard.resetParty('call', 'b', 60_000), 'reset');
    await exchange.run(2_400);
    const frames = framesOf(concatPcm(before, b.heard()), RATE_HZ);
    const soundMs = frames.filter((frame) => toneDbfs(frame, 1_000, RATE_HZ) > -30).length * 20;
    assert.ok(soundMs >= 1_420 && soundMs <= 1_580, `${soundMs} ms of 1,500`);
  });

  it('is left alone for 60 s, so that it cannot go on and on', async (t) => {
    const { exchange, a, b } = await heardCall(t, 100_000);
    const reset = (party = 'a', call = 'call') => exchange.switchboard.resetParty(call, party, 60_000);
    assert.deepEqual([reset(), reset(), reset('b')], ['reset', 'cooling-down', 'reset']);
    assert.deepEqual([reset('c'), reset('a', 'none')], ['not-there', 'not-there']);
    await exchange.run(1_200);
    assert.equal(exchange.threads.started, 4);
    assert.deepEqual([exchange.tally('resets', 'reset'), exchange.tally('resets', 'cooling-down')], [2, 1]);
    // From here on both places are only kept, in which time passes quickly.
    a.end('peer-closed');
    b.end('peer-closed');
    await exchange.clock.advance(58_700);
    assert.equal(reset(), 'cooling-down');
    await exchange.clock.advance(100);
    assert.equal(reset(), 'reset');
  });

  it('does not wait for ever for what does not come to its end', async (t) => {
    const { exchange, a } = await heardCall(t);
    a.speak(voiceLike(600, RATE_HZ));
    await exchange.run(1_500);
    const [stuck] = exchange.interpreters.opened;
    stuck?.opens(1).add(sine(1_000, 200, RATE_HZ));
    exchange.switchboard.resetParty('call', 'a', 60_000);
    await exchange.run(5_000);
    assert.equal(stuck?.closed, 0, 'it may still be speaking');
    await exchange.run(5_100);
    assert.equal(stuck?.closed, 1);
    // What it was at was told to the next one, too.
    exchange.interpreters.last.ends(2);
    await exchange.run(200);
    const call = exchange.switchboard.calls.get('call');
    assert.equal(call?.parties.get('a')?.interpretation.isIdle, true, 'nothing is waited for any more');
  });

  it('has ended before it is started anew, and nothing is', async (t) => {
    const { exchange, a } = await heardCall(t);
    exchange.switchboard.resetParty('call', 'a', 60_000);
    a.end('peer-closed');
    await exchange.run(1_200);
    assert.deepEqual(
      [exchange.switchboard.calls.size, exchange.threads.running, exchange.clock.pendingTimers],
      [0, 0, 0],
    );
  });
});
