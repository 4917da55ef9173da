import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { ChatterboxEngine } from '../../src/engines/tts/chatterbox/chatterbox-engine.ts';
import { ChatterboxStandIn, type ChatterboxStandInOptions } from '../stand-ins/chatterbox.ts';
import { sumOf } from '../stand-ins/elevenlabs-voices.ts';
import { CLONE_REQUEST, describeClonerContract, recording } from './cloner-contract.ts';
import { testSignal } from './events.ts';
import { failureOf } from './failure-of.ts';
import { patientClock } from './patient-clock.ts';
import { allSamples, describeTtsContract } from './tts-contract.ts';

const request = { text: 'un secreto hablado', language: 'es', wantedRateHz: 8_000 };

describe('chatterbox', () => {
  let standIn: ChatterboxStandIn;
  before(async () => {
    standIn = await ChatterboxStandIn.start();
  });
  after(() => standIn.close());

  describeTtsContract('chatterbox', () => new ChatterboxEngine({ clock: patientClock, url: standIn.url }));
});

describeClonerContract('chatterbox', async () => {
  const standIn = await ChatterboxStandIn.start();
  const engine = new ChatterboxEngine({ clock: patientClock, url: standIn.url });
  return {
    engine,
    spoilAll: (fault) => standIn.server.spoilAll(fault),
    kept: () => standIn.references.size,
    spokeAs: (wav) =>
      standIn.references.get(String(standIn.asked.at(-1)?.reference_audio_filename)) === sumOf(wav),
    close: async () => {
      await engine.close();
      await standIn.close();
    },
  };
});

describe('ChatterboxEngine', () => {
  const closers: (() => Promise<void>)[] = [];
  after(() => Promise.all(closers.map((close) => close())));

  async function start(options: ChatterboxStandInOptions = {}) {
    const standIn = await ChatterboxStandIn.start(options);
    const engine = new ChatterboxEngine({ clock: patientClock, url: standIn.url });
    closers.push(
      () => engine.close(),
      () => standIn.close(),
    );
    return { standIn, engine };
  }

  it('speaks with the first of the server’s voices, or with one by its file, as fast as it is told', async () => {
    const { standIn, engine } = await start();
    await allSamples(await engine.synthesize(request, testSignal()));
    const voice = { name: 'Emily.wav', speed: 3, emotion: 'excited' };
    await allSamples(await engine.synthesize({ ...request, language: 'zh-TW', voice }, testSignal()));
    const both = { text: request.text, voice_mode: 'predefined', output_format: 'wav', stream: true };
    assert.deepEqual(standIn.asked, [
      { ...both, predefined_voice_id: 'Abigail.wav', language: 'es' },
      { ...both, predefined_voice_id: 'Emily.wav', language: 'zh', speed_factor: 2 },
    ]);
  });

  it('names a recording after what is in it, for one of the same name is not taken', async () => {
    const { standIn, engine } = await start();
    const first = await engine.cloner.clone(CLONE_REQUEST, testSignal());
    const again = await engine.cloner.clone(CLONE_REQUEST, testSignal());
    const other = await engine.cloner.clone({ ...CLONE_REQUEST, wav: recording(12_000) }, testSignal());
    assert.equal(first.ref, again.ref);
    assert.match(first.ref, /^caller-17-[0-9a-f]{8}\.wav$/);
    assert.equal(standIn.references.get(other.ref), sumOf(recording(12_000)));
  });

  it('refuses what is no recording, and a voice that is not there', async () => {
    const { engine } = await start();
    const noWav = { ...CLONE_REQUEST, wav: Buffer.from('MP3') };
    assert.match((await failureOf(engine.cloner.clone(noWav, testSignal()))).message, /400.*at most 30 s/);
    const gone = { renderings: [{ engine: 'chatterbox', ref: 'gone.wav' }] };
    const failure = await failureOf(engine.synthesize({ ...request, voice: gone }, testSignal()));
    assert.equal(failure.code, 'voice-refused');
    assert.doesNotMatch(failure.everything, /secreto/);
  });

  it('says what its model does not speak, and that it has no voice', async () => {
    const { engine } = await start({ model: 'turbo' });
    const support = await engine.supports('es');
    assert.match(support.supported ? '' : support.reason, /does not speak es; it speaks en/);
    const { engine: mute } = await start({ voices: [] });
    const none = await mute.supports('es');
    assert.match(none.supported ? '' : none.reason, /no voices of its own/);
    const { engine: gone, standIn } = await start();
    await standIn.close();
    const away = await gone.supports('es');
    assert.match(away.supported ? '' : away.reason, /ECONNREFUSED.*CHATTERBOX_URL/);
  });

  it('names each failure, without the text', async () => {
    const { standIn, engine } = await start();
    const cases = [
      [{ type: 'status', status: 503 }, 'engine-overloaded'],
      [{ type: 'status', status: 500, body: 'un secreto' }, 'engine-bad-answer'],
      [{ type: 'empty' }, 'engine-bad-answer'],
      [{ type: 'broken', afterChunks: 0 }, 'engine-bad-answer'],
      [{ type: 'reset' }, 'engine-died'],
    ] as const;
    for (const [fault, code] of cases) {
      standIn.server.spoilAll(fault);
      const failure = await failureOf(engine.synthesize(request, testSignal()));
      assert.equal(failure.code, code, JSON.stringify(fault));
      assert.doesNotMatch(failure.everything, /secreto/);
    }
  });
});
