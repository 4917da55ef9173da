/** A party's own voice, taken while its call runs. */

import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { type TakenVoice, VoiceTaking } from '../../src/call/voice-taking.ts';
import type { SpeechEvent } from '../../src/media/hear/speech-event.ts';
import { sine } from '../asterisk/audio.ts';
import { voiceLike } from '../media/voice-like.ts';
import { hears } from './heard-tones.ts';
import { ScriptedExchange } from './scripted-legs.ts';

const RATE_HZ = 8_000;
const FRAME_SAMPLES = 320;

describe('VoiceTaking', () => {
  function open(wantedMs: number) {
    let endings = 0;
    const taking = new VoiceTaking(wantedMs, () => {
      endings += 1;
    });
    const hear = (...events: readonly SpeechEvent[]): void => {
      for (const event of events) {
        taking.hear(event);
      }
    };
    return { taking, hear, endings: () => endings };
  }
  const started = (overlapping = false): SpeechEvent => ({
    ...{ type: 'started', utterance: 1, startMs: 0, overlapping },
  });
  /** Frames of which each sample is `value`. */
  const said = (value: number, frames: number): readonly SpeechEvent[] =>
    Array.from({ length: frames }, () => ({ type: 'audio', pcm: new Int16Array(FRAME_SAMPLES).fill(value) }));
  const paused = (echoShare: number | undefined): SpeechEvent => ({
    ...{ type: 'paused', silenceStartMs: 0, echoShare },
  });
  const ended = (echoShare: number | undefined): SpeechEvent => ({
    ...{ type: 'ended', endMs: 0, decidedMs: 0, echoShare },
  });
  const values = (taken: TakenVoice) =>
    taken.type === 'taken' ? [...new Set(taken.pcm)].map(String).join(' ') : taken.why;

  it('is over once enough was said, and tells how much there is', async () => {
    const { taking, hear, endings } = open(1_000);
    hear(started(), ...said(1, 30), ended(0));
    assert.deepEqual([taking.soundMs, endings()], [600, 0]);
    hear(started(), ...said(2, 30), ended(0));
    const taken = await taking.over;
    assert.ok(taken.type === 'taken');
    assert.deepEqual([taken.pcm.length, values(taken), endings()], [60 * FRAME_SAMPLES, '1 2', 1]);
    hear(started(), ...said(3, 30), ended(0));
    taking.stop('refused');
    assert.equal(endings(), 1);
  });

  it('keeps nothing that began under our own words, is echo, or was no speech', async () => {
    const { taking, hear } = open(10_000);
    hear(started(true), ...said(1, 10), ended(0));
    hear(started(), ...said(2, 10), ended(0.06));
    hear(started(), ...said(3, 10), ended(undefined));
    hear(started(), ...said(4, 10), paused(0), { type: 'resumed' }, { type: 'was-none' }, ended(0));
    hear(...said(5, 10), started(), ...said(6, 10), ended(0.05));
    taking.stop('left');
    assert.equal(values(await taking.over), '6');
  });

  it('cuts pauses short, in which nothing but echo may be', async () => {
    const { taking, hear } = open(10_000);
    hear(started(), ...said(1, 10), paused(0), ...said(2, 20), ...said(3, 5), { type: 'resumed' });
    hear(...said(4, 10), paused(0), ...said(5, 20), ended(0));
    taking.stop('left');
    const taken = await taking.over;
    assert.deepEqual(
      [values(taken), taken.type === 'taken' && taken.pcm.length / FRAME_SAMPLES],
      ['1 3 4', 25],
    );
  });

  it('takes what never pauses for music', async () => {
    const { taking, hear } = open(1_000);
    hear(started(), ...said(1, 1_600), ended(0));
    taking.stop('left');
    assert.equal(values(await taking.over), '');
  });

  it('leaves nothing of who refuses, or is somebody else', async () => {
    for (const why of ['refused', 'changed'] as const) {
      const { taking, hear } = open(10_000);
      hear(started(), ...said(1, 30), ended(0));
      taking.stop(why);
      assert.deepEqual(await taking.over, { type: 'none', why });
    }
  });
});

describe('a party whose voice is taken', () => {
  const ANNOUNCED_HZ = 1_900;

  async function call(t: TestContext, interpreted: boolean) {
    const exchange = new ScriptedExchange(t, {
      plan: { announce: false, joinTones: false },
      interpreters: (scripted) => () => (interpreted ? scripted.text : undefined),
      announcements: (_language, fact) =>
        fact === 'enrolment' ? { rateHz: RATE_HZ, pcm: sine(ANNOUNCED_HZ, 200, RATE_HZ) } : undefined,
    });
    const [a, b] = await exchange.call();
    await exchange.run(300);
    const [running] = exchange.switchboard.calls.values();
    assert.ok(running !== undefined);
    const take = (party: string, wantedMs = 10_000) => {
      const taking = running.takeVoice(party, wantedMs);
      assert.ok(typeof taking === 'object', String(taking));
      return taking;
    };
    /** Says something for so long, and a pause. */
    const speak = async (lengthMs: number) => {
      a.speak(voiceLike(lengthMs, RATE_HZ));
      await exchange.run(lengthMs + 1_200);
    };
    return { exchange, call: running, a, b, take, speak };
  }

  it('is told so, and heard beside what interprets it', async (t) => {
    const { exchange, a, b, take, speak } = await call(t, true);
    a.heard();
    b.heard();
    const taking = take('a', 800);
    await exchange.run(600);
    assert.deepEqual([hears(a.heard(), ANNOUNCED_HZ), hears(b.heard(), ANNOUNCED_HZ)], [true, false]);
    await speak(1_000);
    const taken = await taking.over;
    assert.ok(taken.type === 'taken' && taken.pcm.length > 0.8 * 16_000);
    assert.ok(taken.pcm.some((sample) => Math.abs(sample) > 1_000));
    const [hearing] = exchange.interpreters.hearings;
    assert.match(hearing?.told.calls.join() ?? '', /^start 1 at \d+,.*end$/);
  });

  it('is listened to where nobody interprets, and no longer than that takes', async (t) => {
    const { exchange, take, speak, call: running } = await call(t, false);
    const taking = take('a');
    await exchange.run(600);
    await speak(1_000);
    assert.ok(taking.soundMs > 800, `${taking.soundMs} ms`);
    taking.stop('left');
    const before = taking.soundMs;
    await speak(1_000);
    assert.equal(taking.soundMs, before);
    assert.equal(running.parties.get('a')?.interpretation.speaking, false);
    assert.equal(exchange.tally('uninterpreted', 'no-interpreter'), 0);
  });

  it('gives what there is when it leaves, and nothing when it refuses or is somebody else', async (t) => {
    const { exchange, call: running, take, speak } = await call(t, true);
    const refused = take('b');
    running.changeParty('b', { refusesRecording: true });
    assert.deepEqual(await refused.over, { type: 'none', why: 'refused' });
    assert.equal(running.takeVoice('b', 1_000), 'refused');
    const replaced = take('a');
    running.replacePerson('a', {});
    assert.deepEqual(await replaced.over, { type: 'none', why: 'changed' });
    const left = take('a');
    assert.equal(running.takeVoice('a', 1_000), 'being-taken');
    assert.equal(running.takeVoice('z', 1_000), 'not-there');
    await exchange.run(600);
    await speak(1_000);
    running.hangUpParty('a', 'test');
    await exchange.run(100);
    const taken = await left.over;
    assert.ok(taken.type === 'taken' && taken.pcm.length > 0.8 * 16_000);
  });
});
