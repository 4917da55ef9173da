/** A voice that one other party hears as it is, read from its connection when it is due there and not before. */

import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { noise } from '../asterisk/audio.ts';
import { ScriptedExchange } from './scripted-legs.ts';

const RATE_HZ = 8_000;

/** A call of two whom nobody interprets, for long enough that their voices pass. */
async function uninterpreted(t: TestContext) {
  const exchange = new ScriptedExchange(t, {
    passes: true,
    plan: { announce: false, joinTones: false },
    door: { rejoinMs: 3_000 },
    interpreters: () => () => undefined,
  });
  const legs = await exchange.call();
  await exchange.run(3_000);
  for (const leg of legs) {
    leg.heard();
  }
  return { exchange, legs };
}

describe('a voice that passes as it is', () => {
  it('is read when it is due, and heard bit for bit', async (t) => {
    const { exchange, legs } = await uninterpreted(t);
    const [one, other] = legs;
    assert.deepEqual(
      legs.map(({ reading }) => reading),
      ['when-asked', 'when-asked'],
    );
    const words = noise(1_000, RATE_HZ);
    one.speak(words);
    await exchange.run(1_100);
    const heard = other.heard();
    const from = heard.findIndex((sample) => sample !== 0);
    assert.deepEqual(heard.subarray(from, from + words.length), words);
  });

  it('is read at once, and as it comes, when its listener’s media thread takes it over', async (t) => {
    const { exchange, legs } = await uninterpreted(t);
    const [one] = legs;
    const [speaker, listener] = [...exchange.switchboard.legs];
    assert.ok(speaker !== undefined && listener !== undefined);
    const before = speaker.counts.framesIn;
    one.tick();
    assert.equal(speaker.counts.framesIn, before);
    const stop = listener.media.keepHeard();
    assert.equal(speaker.counts.framesIn, before + 1);
    assert.equal(one.reading, 'as-it-comes');
    stop();
    await exchange.run(3_000);
    assert.equal(one.reading, 'when-asked');
  });

  it('is asked for once in 10 ms at the most, however many hear it', async (t) => {
    const { exchange, legs } = await uninterpreted(t);
    const [one] = legs;
    const [speaker] = [...exchange.switchboard.legs];
    const before = one.asked;
    for (const atMs of [0, 4, 9, 10, 19, 20]) {
      speaker?.readNow(1e6 + atMs);
    }
    assert.equal(one.asked - before, 3);
  });

  it('is read as it comes when who heard it has left', async (t) => {
    const { exchange, legs } = await uninterpreted(t);
    const [one, other] = legs;
    other.end('peer-closed');
    await exchange.run(60);
    assert.equal(one.reading, 'as-it-comes');
    assert.equal(one.ending, undefined);
    const back = await exchange.arrive('call1');
    await exchange.run(3_000);
    assert.deepEqual([one.reading, back.reading], ['when-asked', 'when-asked']);
  });

  it('is read as it comes while it is listened to', async (t) => {
    const { exchange, legs } = await uninterpreted(t);
    const [one, other] = legs;
    const taking = exchange.switchboard.calls.get('call')?.takeVoice('a', 10_000);
    assert.ok(typeof taking === 'object');
    await exchange.run(60);
    assert.equal(one.reading, 'as-it-comes');
    taking.stop('refused');
    await exchange.run(3_000);
    assert.deepEqual([one.reading, other.reading], ['when-asked', 'when-asked']);
  });
});
