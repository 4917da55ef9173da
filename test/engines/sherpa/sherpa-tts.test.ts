import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { convertRate } from '../../../src/client/convert-rate.ts';
import { createSpeakerEmbedder } from '../../../src/engines/registry.ts';
import { SherpaSttEngine } from '../../../src/engines/stt/sherpa/sherpa-stt-engine.ts';
import { SherpaTtsEngine } from '../../../src/engines/tts/sherpa/sherpa-tts-engine.ts';
import { encodeWav } from '../../../src/protocol/wav.ts';
import { firstOf } from '../../support/processes.ts';
import { withoutSherpa } from '../../support/sherpa.ts';
import { eventually } from '../../support/waiting.ts';
import { EventLog, testSignal } from '../events.ts';
import { CLIPS, readClip } from '../librivox.ts';
import { patientClock } from '../patient-clock.ts';
import { speak } from '../stt-contract.ts';
import { allSamples, describeTtsContract } from '../tts-contract.ts';
import {
  DIMENSIONS,
  tonesOf,
  writeImitator,
  writeSpeakerModel,
  writeStreamingRecogniser,
  writeVoice,
} from './tiny-models.ts';

const skip = withoutSherpa() ?? false;

let folder = '';
let voice = '';
let pocket = '';
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sherpa-voice-'));
  voice = await writeVoice(join(folder, 'voice'));
  pocket = await writeImitator(join(folder, 'pocket'));
});
after(() => rm(folder, { recursive: true }));

function engineWith(written: () => string): SherpaTtsEngine {
  return new SherpaTtsEngine({ clock: patientClock, voices: new Map([['es', written()]]) });
}

describe('SherpaTtsEngine', { skip }, () => {
  describeTtsContract('sherpa', () => engineWith(() => voice));

  it('speaks faster where it is asked to, as far as a voice can', async (t) => {
    const engine = engineWith(() => voice);
    t.after(() => engine.close());
    assert.deepEqual(engine.traits, { speed: { least: 0.5, most: 2 } });
    const said = { text: 'buenos días', language: 'es', wantedRateHz: 8_000 };
    const plain = await allSamples(await engine.synthesize(said, testSignal()));
    // This voice has one speed; that it is told another is seen by its still speaking.
    const asked = await engine.synthesize({ ...said, voice: { speed: 9 } }, testSignal());
    assert.equal((await allSamples(asked)).length, plain.length);
  });

  it('says which speakers there are when it has not got the one that is asked for', async (t) => {
    const engine = engineWith(() => `${voice}#3`);
    t.after(() => engine.close());
    const said = { text: 'buenos días', language: 'es', wantedRateHz: 8_000 };
    await assert.rejects(engine.synthesize(said, testSignal()), {
      code: 'engine-refused',
      message: /has no speaker "3": write a number from 0 to 0/,
    });
  });

  it('fails the segment whose process is killed, and speaks the next with another', async (t) => {
    const engine = engineWith(() => voice);
    t.after(() => engine.close());
    const said = { language: 'es', wantedRateHz: 8_000 };
    await allSamples(await engine.synthesize({ ...said, text: 'buenos días' }, testSignal()));
    const killed = firstOf('process with the voice', await engine.processIds());
    // It has no time to be done before it is killed.
    process.kill(killed, 'SIGSTOP');
    const speech = engine.synthesize({ ...said, text: 'buenos días' }, testSignal());
    await eventually('it is asked', 30_000, () => !engine.hasRoom);
    process.kill(killed, 'SIGKILL');
    await assert.rejects(speech, { code: 'engine-died' });
    const next = await engine.synthesize({ ...said, text: 'buenos días' }, testSignal());
    assert.ok((await allSamples(next)).length > 0);
    assert.notDeepEqual(await engine.processIds(), [killed]);
  });

  it('is ended before the server is where memory runs out', async (t) => {
    const engine = engineWith(() => voice);
    t.after(() => engine.close());
    const said = { text: 'buenos días', language: 'es', wantedRateHz: 8_000 };
    await allSamples(await engine.synthesize(said, testSignal()));
    const model = firstOf('process with the voice', await engine.processIds());
    const score = async (of: number | 'self') => Number(await readFile(`/proc/${of}/oom_score_adj`, 'utf8'));
    assert.deepEqual([await score(model), (await score('self')) < 500], [500, true]);
  });

  it('makes no voices of recordings where no voice speaks like one', async (t) => {
    const engine = engineWith(() => voice);
    t.after(() => engine.close());
    await engine.supports('es');
    assert.equal(engine.cloner, undefined);
  });

  it('keeps the recording for a voice that speaks like one, and nothing anywhere else', async (t) => {
    const engine = engineWith(() => pocket);
    t.after(() => engine.close());
    assert.deepEqual(await engine.supports('es'), { supported: true });
    const { cloner } = engine;
    assert.ok(cloner !== undefined);
    const wavOf = (seconds: number) => encodeWav({ rateHz: 16_000, pcm: new Int16Array(16_000 * seconds) });
    const request = { name: 'eva', language: 'es', consent: { by: 'Eva', how: 'in writing' } };
    const { ref, kept } = await cloner.clone({ ...request, wav: wavOf(4) }, testSignal());
    assert.match(ref, /^recording-[0-9a-f]{32}$/);
    assert.deepEqual(kept, wavOf(4));
    await assert.rejects(cloner.clone({ ...request, wav: wavOf(1) }, testSignal()), {
      code: 'engine-refused',
      message: /too short: 3 s/,
    });
    await cloner.delete(ref, testSignal());
    assert.equal(await cloner.has(ref, testSignal()), undefined);
  });

  it('is understood by the recogniser of the same machine: text, tones, telephone line, text', async (t) => {
    const engine = engineWith(() => voice);
    const models = new Map([['es', await writeStreamingRecogniser(join(folder, 'ears'))]]);
    const ears = new SherpaSttEngine({ clock: patientClock, models });
    t.after(() => Promise.all([engine.close(), ears.close()]));
    // "mano" is read as it is written, sound for letter.
    const speech = await engine.synthesize(
      { text: 'mano', language: 'es', wantedRateHz: 8_000 },
      testSignal(),
    );
    const line = Int16Array.from(await allSamples(speech));
    const log = new EventLog();
    const stream = await ears.open({ language: 'es', onEvent: log.onEvent }, testSignal());
    speak(stream, 1, convertRate(line, 8_000, 16_000));
    assert.equal((await log.until('final')).text, 'mano');
  });
});

describe('SherpaEmbedder', { skip }, () => {
  it('makes vectors of length 1 that are alike for one voice, and names their model', async (t) => {
    const model = await writeSpeakerModel(join(folder, 'speaker.onnx'));
    const embedder = createSpeakerEmbedder({ clock: patientClock, model });
    t.after(() => embedder.close());
    assert.deepEqual(await embedder.supports(), { supported: true });
    const vectors = await Promise.all(
      [readClip(CLIPS.himself), readClip(CLIPS.himself), tonesOf('tones are nobody', 16_000)].map((pcm) =>
        embedder.embed(pcm, testSignal()),
      ),
    );
    for (const { model: name, numbers } of vectors) {
      assert.equal(name, 'speaker.onnx');
      assert.equal(numbers.length, DIMENSIONS);
      assert.ok(Math.abs(Math.hypot(...numbers) - 1) < 1e-4);
    }
    const likeness = (one = 0, other = 0): number =>
      [...(vectors[one]?.numbers ?? [])].reduce(
        (sum, each, index) => sum + each * (vectors[other]?.numbers[index] ?? 0),
        0,
      );
    assert.ok(likeness(0, 1) > 0.999 && likeness(0, 2) < 0.95, `${likeness(0, 1)} ${likeness(0, 2)}`);
  });

  it('refuses too little sound, a model that is none, and work after its close', async () => {
    const model = await writeSpeakerModel(join(folder, 'speaker.onnx'));
    const embedder = createSpeakerEmbedder({ clock: patientClock, model });
    await assert.rejects(embedder.embed(new Int16Array(1_000), testSignal()), { code: 'bad-option' });
    await embedder.close();
    await assert.rejects(embedder.embed(new Int16Array(16_000), testSignal()), { code: 'closed' });
    const bare = createSpeakerEmbedder({
      clock: patientClock,
      model: await writeSpeakerModel(join(folder, 'bare.onnx'), {}),
    });
    const support = await bare.supports();
    assert.match(support.supported ? '' : support.reason, /does not say of which framework/);
    await assert.rejects(bare.embed(new Int16Array(16_000), testSignal()), { code: 'file-unreadable' });
    await bare.close();
  });
});
