/** One person's voice at two engines, cloned and spoken with over their wires, while one of them fails. */

import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { systemClock } from '../../src/base/clock.ts';
import { silentLog } from '../../src/base/log.ts';
import { Secret } from '../../src/base/secret.ts';
import { FailoverTts } from '../../src/engines/resilience/failover.ts';
import { HealthBook } from '../../src/engines/resilience/health-book.ts';
import { Lineup } from '../../src/engines/resilience/lineup.ts';
import { ObservedTts } from '../../src/engines/resilience/observed.ts';
import { RecoverySteps } from '../../src/engines/resilience/recovery-steps.ts';
import { ElevenlabsEngine } from '../../src/engines/tts/elevenlabs/elevenlabs-engine.ts';
import { PocketTtsEngine } from '../../src/engines/tts/pocket-tts/pocket-tts-engine.ts';
import type { SpokenVoice, VoiceRendering } from '../../src/engines/tts/spoken-voice.ts';
import type { TtsEngine } from '../../src/engines/tts/tts-engine.ts';
import { ElevenlabsStandIn } from '../stand-ins/elevenlabs.ts';
import { sumOf } from '../stand-ins/elevenlabs-voices.ts';
import { PocketTtsStandIn } from '../stand-ins/pocket-tts.ts';
import { CLONE_REQUEST } from './cloner-contract.ts';
import { testSignal } from './events.ts';
import { allSamples } from './tts-contract.ts';

const clock = systemClock;
const sentence = 'Quiero reservar una habitación para dos noches, por favor.';

describe('a person with a voice at two engines', () => {
  const closers: (() => Promise<void>)[] = [];
  after(() => Promise.all(closers.map((close) => close())));

  async function open() {
    const best = await ElevenlabsStandIn.start();
    const next = await PocketTtsStandIn.start();
    const engines: readonly TtsEngine[] = [
      new ElevenlabsEngine({ clock, apiKey: new Secret('sk_test'), url: best.url }),
      new PocketTtsEngine({ clock, servers: new Map([['es', next.url]]) }),
    ];
    closers.push(...[...engines, best, next].map((each) => () => each.close()));
    const health = new HealthBook(clock, { benched: () => {}, back: () => {} });
    const steps = new RecoverySteps(clock, silentLog);
    const observed = engines.map(
      (engine) => new ObservedTts(engine, { clock, onObservation: health.observe }),
    );
    // However slow the machine, nobody is late here.
    const late = { translationLateMs: 60_000, firstSoundLateMs: 60_000 };
    const deps = { clock, health, steps, late, usualMs: () => undefined };
    const tts = new FailoverTts(new Lineup(observed), deps);
    const renderings = await Promise.all(engines.map(renderingOf));
    const say = async (voice: SpokenVoice) =>
      allSamples(
        await tts.synthesize({ text: sentence, language: 'es', wantedRateHz: 8_000, voice }, testSignal()),
      );
    return { best, next, engines, steps, renderings, say };
  }

  it('is spoken for with the same voice when the first breaks off in mid-sentence', async () => {
    const { best, next, renderings, say } = await open();
    best.server.spoilNext({ type: 'broken', afterChunks: 6 });
    assert.ok((await say({ renderings })).length > 0);
    assert.ok(best.voices.isOf(best.asked.at(-1)?.voice ?? '', CLONE_REQUEST.wav));
    const { text = '', recording } = next.asked.at(-1) ?? {};
    assert.equal(recording, sumOf(CLONE_REQUEST.wav));
    assert.ok(text.length < sentence.length && sentence.endsWith(text), text);
  });

  it('is spoken for with the voice that was named where its own was deleted, and by who else has that', async () => {
    const { best, next, engines, steps, renderings, say } = await open();
    const sarah = 'EXAVITQu4vr4xnSDxMaL';
    await engines[0]?.cloner?.delete(renderings[0]?.ref ?? '', testSignal());
    for (let text = 0; text < 2; text += 1) {
      assert.ok((await say({ name: sarah, renderings: renderings.slice(0, 1) })).length > 0);
    }
    assert.deepEqual(
      best.asked.map(({ voice }) => voice),
      [renderings[0]?.ref, sarah, sarah],
    );
    assert.equal(steps.counts.voicesRefused.get('elevenlabs'), 1);
    const asked = next.asked.length;
    assert.ok((await say({ name: sarah, renderings })).length > 0);
    assert.equal(next.asked.length, asked + 1);
    assert.equal(next.asked.at(-1)?.recording, sumOf(CLONE_REQUEST.wav));
  });
});

/** A voice that the engine makes of the recording, as whoever keeps it gives it back. */
async function renderingOf(engine: TtsEngine): Promise<VoiceRendering> {
  const { cloner } = engine;
  assert.ok(cloner);
  const { ref, kept } = await cloner.clone(CLONE_REQUEST, testSignal());
  return { engine: engine.name, ref, isOwn: true, ...(kept === undefined ? {} : { load: async () => kept }) };
}
