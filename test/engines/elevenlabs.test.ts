import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Secret } from '../../src/base/secret.ts';
import {
  ElevenlabsEngine,
  type ElevenlabsSettings,
} from '../../src/engines/tts/elevenlabs/elevenlabs-engine.ts';
import {
  capitalisedText,
  elevenlabsLanguage,
  modelGoesByDialogue,
  modelSpeaks,
  pcmRateFor,
  taggedText,
} from '../../src/engines/tts/elevenlabs/elevenlabs-wire.ts';
import { ElevenlabsStandIn, type ElevenlabsStandInOptions } from '../stand-ins/elevenlabs.ts';
import { CLONE_REQUEST, describeClonerContract } from './cloner-contract.ts';
import { testSignal } from './events.ts';
import { failureOf } from './failure-of.ts';
import { patientClock } from './patient-clock.ts';
import { allSamples, describeTtsContract } from './tts-contract.ts';

const request = { text: 'un secreto hablado', language: 'es', wantedRateHz: 8_000 };
const apiKey = new Secret('sk_test');

describe('elevenlabs', () => {
  let standIn: ElevenlabsStandIn;
  before(async () => {
    standIn = await ElevenlabsStandIn.start();
  });
  after(() => standIn.close());

  describeTtsContract(
    'elevenlabs',
    () => new ElevenlabsEngine({ clock: patientClock, apiKey, url: standIn.url }),
  );
});

describeClonerContract('elevenlabs', async () => {
  const standIn = await ElevenlabsStandIn.start();
  const engine = new ElevenlabsEngine({ clock: patientClock, apiKey, url: standIn.url });
  return {
    engine,
    spoilAll: (fault) => standIn.server.spoilAll(fault),
    kept: () => standIn.voices.size,
    spokeAs: (wav) => standIn.voices.isOf(standIn.asked.at(-1)?.voice ?? '', wav),
    close: async () => {
      await engine.close();
      await standIn.close();
    },
  };
});

describe('ElevenlabsEngine', () => {
  const closers: (() => Promise<void>)[] = [];
  after(() => Promise.all(closers.map((close) => close())));

  async function start(
    options: ElevenlabsStandInOptions = {},
    settings: Partial<ElevenlabsSettings> = {},
  ): Promise<{ standIn: ElevenlabsStandIn; engine: ElevenlabsEngine }> {
    const standIn = await ElevenlabsStandIn.start(options);
    const engine = new ElevenlabsEngine({ clock: patientClock, apiKey, url: standIn.url, ...settings });
    closers.push(
      () => engine.close(),
      () => standIn.close(),
    );
    return { standIn, engine };
  }

  it('asks for the rate of the leg, with language, voice and what was said before', async () => {
    const { standIn, engine } = await start();
    const speech = await engine.synthesize(
      {
        ...request,
        wantedRateHz: 16_000,
        language: 'pt-BR',
        voice: { name: 'EXAVITQu4vr4xnSDxMaL' },
        previousText: 'Bom dia.',
      },
      testSignal(),
    );
    assert.equal(speech.rateHz, 16_000);
    await allSamples(speech);
    await allSamples(await engine.synthesize(request, testSignal()));
    assert.deepEqual(standIn.asked, [
      {
        voice: 'EXAVITQu4vr4xnSDxMaL',
        outputFormat: 'pcm_16000',
        body: {
          text: request.text,
          model_id: 'eleven_flash_v2_5',
          language_code: 'pt',
          previous_text: 'Bom dia.',
        },
      },
      {
        voice: 'JBFqnCBsd6RMkjVDRZzb',
        outputFormat: 'pcm_8000',
        body: { text: request.text, model_id: 'eleven_flash_v2_5', language_code: 'es' },
      },
    ]);
    assert.equal(standIn.server.connections, 1);
  });

  it('does not tell the language to a model that refuses to be told', async () => {
    const { standIn, engine } = await start({}, { model: 'eleven_multilingual_v2' });
    await allSamples(await engine.synthesize(request, testSignal()));
    assert.deepEqual(standIn.asked[0]?.body, { text: request.text, model_id: 'eleven_multilingual_v2' });
  });

  it('does not tell a model of the third generation what was said before, so that no segment is refused', async () => {
    for (const model of ['eleven_v3', 'eleven_v3_alpha']) {
      const { standIn, engine } = await start({}, { model });
      await allSamples(await engine.synthesize(request, testSignal()));
      await allSamples(await engine.synthesize({ ...request, previousText: 'Hola.' }, testSignal()));
      assert.deepEqual(
        standIn.asked.map(({ body }) => body),
        [1, 2].map(() => ({ text: request.text, model_id: model, language_code: 'es' })),
      );
    }
  });

  it('asks for a key before there is a call', async () => {
    const { engine } = await start({}, { apiKey: new Secret('') });
    const support = await engine.supports('es');
    assert.match(support.supported ? '' : support.reason, /ELEVENLABS_API_KEY/);
  });

  it('says why it is refused and what to do, without repeating key or text', async () => {
    const cases: readonly [ElevenlabsStandInOptions, object, string, RegExp][] = [
      [{ apiKey: 'sk_other' }, {}, 'engine-refused', /401 invalid_api_key.*ELEVENLABS_API_KEY/],
      [{ credits: 3 }, {}, 'engine-refused', /quota_exceeded.*elevenlabs\.io/],
      [{ concurrency: 0 }, {}, 'engine-overloaded', /429 too_many_concurrent_requests/],
      [{}, { voice: { name: 'Se/ñor' } }, 'voice-refused', /"Se\/ñor".*--voice/],
      [{}, { language: 'ja' }, 'engine-refused', /400 unsupported_language/],
    ];
    for (const [options, change, code, message] of cases) {
      const { engine } = await start(options);
      const failure = await failureOf(engine.synthesize({ ...request, ...change }, testSignal()));
      assert.equal(failure.code, code);
      assert.match(failure.message, message);
      assert.doesNotMatch(failure.everything, /sk_test|secreto/);
    }
  });

  it('names each failure of the service', async () => {
    const { standIn, engine } = await start();
    const cases = [
      [{ type: 'status', status: 422, body: '{"detail":[{"input":"un secreto"}]}' }, 'engine-refused'],
      [{ type: 'status', status: 402, body: '' }, 'engine-refused'],
      [{ type: 'status', status: 500, body: 'un secreto' }, 'engine-bad-answer'],
      [{ type: 'status', status: 503 }, 'engine-overloaded'],
      [{ type: 'empty' }, 'engine-bad-answer'],
      [{ type: 'broken', afterChunks: 0 }, 'engine-bad-answer'],
      [{ type: 'reset' }, 'engine-died'],
    ] as const;
    for (const [fault, code] of cases) {
      standIn.server.spoilAll(fault);
      const failure = await failureOf(engine.synthesize(request, testSignal()));
      assert.equal(failure.code, code, JSON.stringify(fault));
      assert.doesNotMatch(failure.everything, /sk_test|secreto/);
    }
    standIn.server.spoilAll(undefined);
    await standIn.close();
    assert.equal((await failureOf(engine.synthesize(request, testSignal()))).code, 'engine-start-failed');
  });

  it('makes no voice without a slot, an addition or a plan, and says which it is', async () => {
    const cases: readonly [ElevenlabsStandInOptions, RegExp][] = [
      [{ voiceLimit: 0 }, /HTTP 400 voice_limit_reached.*voice-lab.*number of voices/],
      [{ additions: 0 }, /voice_add_edit_limit_reached.*additions a month/],
      [{ canClone: false }, /refuses the request .*can_not_use_instant_voice_cloning.*some clone none/],
      [{ apiKey: 'sk_other' }, /401 invalid_api_key.*ELEVENLABS_API_KEY/],
    ];
    for (const [options, message] of cases) {
      const { engine } = await start(options);
      const failure = await failureOf(engine.cloner.clone(CLONE_REQUEST, testSignal()));
      assert.equal(failure.code, 'engine-refused');
      assert.match(failure.message, message);
      assert.doesNotMatch(failure.everything, /sk_test|secret/i);
    }
  });

  it('leaves no voice of which nobody knows: it takes away what a broken answer may have made', async () => {
    const { standIn, engine } = await start();
    await engine.cloner.clone({ ...CLONE_REQUEST, name: 'caller-170' }, testSignal());
    for (const fault of [{ type: 'broken', afterChunks: 0 }, { type: 'empty' }, { type: 'reset' }] as const) {
      standIn.server.spoilNext(fault);
      const failure = await failureOf(engine.cloner.clone(CLONE_REQUEST, testSignal()));
      assert.doesNotMatch(failure.message, /may be left/, fault.type);
      assert.equal(standIn.voices.size, 1, fault.type);
    }
    standIn.server.spoilNext({ type: 'silence' });
    const controller = new AbortController();
    const failing = failureOf(engine.cloner.clone(CLONE_REQUEST, controller.signal));
    await standIn.server.until(() => standIn.voices.size === 2, testSignal());
    controller.abort(new Error('given up'));
    assert.equal((await failing).message, 'given up');
    await standIn.server.until(() => standIn.voices.size === 1, testSignal());
  });

  it('says so when a voice may be left that nobody knows of', async () => {
    const { standIn, engine } = await start();
    standIn.server.spoilNext({ type: 'empty' }, { type: 'status', status: 500 });
    const failure = await failureOf(engine.cloner.clone(CLONE_REQUEST, testSignal()));
    assert.equal(failure.code, 'engine-bad-answer');
    assert.match(failure.message, /a voice "caller-17" may be left at 127\.0\.0\.1:\d+: look for it there/);
    assert.equal(standIn.voices.size, 1);
  });

  it('counts slots, passes on that a voice wants to be verified, and believes no deletion that was none', async () => {
    const { engine } = await start({ verifies: true, keepsDeleted: true, voiceLimit: 7 });
    const { ref, requiresVerification } = await engine.cloner.clone(CLONE_REQUEST, testSignal());
    assert.equal(requiresVerification, true);
    assert.deepEqual(await engine.cloner.room(testSignal()), { used: 1, most: 7 });
    const failure = await failureOf(engine.cloner.delete(ref, testSignal()));
    assert.equal(failure.code, 'engine-bad-answer');
    assert.match(failure.message, /still has/);
  });

  it('speaks faster or slower where the model can, and with an emotion where it takes tags', async () => {
    const voice = { speed: 1.5, emotion: 'excited', pitchSt: 2, gainDb: 3 };
    const { standIn, engine } = await start();
    await allSamples(await engine.synthesize({ ...request, voice }, testSignal()));
    assert.deepEqual(standIn.asked[0]?.body.voice_settings, { speed: 1.2 });
    assert.equal(standIn.asked[0]?.body.text, request.text);
    const third = await start({}, { model: 'eleven_v3' });
    await allSamples(await third.engine.synthesize({ ...request, voice }, testSignal()));
    assert.equal(third.standIn.asked[0]?.body.voice_settings, undefined);
    assert.equal(third.standIn.asked[0]?.body.text, `[excited] ${request.text}`);
    assert.deepEqual(
      [engine.traits, third.engine.traits],
      [{ speed: { least: 0.7, most: 1.2 } }, { emotion: true, stress: true }],
    );
    for (const word of ['Excited', 'a b', '[x]', '']) {
      assert.equal(taggedText('sí', word), 'sí');
    }
  });

  it('writes what is to be stressed in capitals for the third generation, and for no other', async () => {
    const said = { ...request, text: 'Quiero la más ágil.', stressed: 'ágil' };
    for (const [model, text] of [
      ['eleven_v3', 'Quiero la más ÁGIL.'],
      ['eleven_flash_v2_5', said.text],
    ] as const) {
      const { standIn, engine } = await start({}, { model });
      await allSamples(await engine.synthesize(said, testSignal()));
      assert.equal(standIn.asked[0]?.body.text, text);
    }
    assert.equal(capitalisedText('la una y la otra', 'la', 'es'), 'la una y la otra');
    assert.equal(capitalisedText('çok iyi', 'iyi', 'tr'), 'çok İYİ');
  });

  it('ends a stalled answer when its signal aborts', async () => {
    const { standIn, engine } = await start();
    standIn.server.spoilNext({ type: 'stall', afterChunks: 2 });
    const controller = new AbortController();
    const reading = allSamples(await engine.synthesize(request, controller.signal));
    const reason = new Error('hung up');
    controller.abort(reason);
    await assert.rejects(reading, reason);
  });
});

describe('ElevenLabs’ wire', () => {
  it('has the lowest rate that loses nothing, but not the one for Pro plans', () => {
    const rates = [
      [8_000, 8_000],
      [12_000, 16_000],
      [16_000, 16_000],
      [24_000, 24_000],
      [32_000, 32_000],
      [44_100, 48_000],
      [48_000, 48_000],
      [96_000, 48_000],
      [192_000, 48_000],
    ] as const;
    for (const [wantedRateHz, rateHz] of rates) {
      assert.equal(pcmRateFor(wantedRateHz), rateHz);
    }
  });

  it('goes over the dialogue socket for the models that stream over nothing else', () => {
    const models = ['eleven_v4', 'eleven_v4_turbo', 'eleven_v5', 'eleven_v3_conversational'];
    assert.deepEqual(models.map(modelGoesByDialogue), [true, true, true, true]);
    assert.deepEqual(['eleven_v3', 'eleven_flash_v2_5', 'eleven_turbo_v2', 'mine'].map(modelGoesByDialogue), [
      false,
      false,
      false,
      false,
    ]);
  });

  it('has its own codes for some languages, and no regions', () => {
    assert.deepEqual(['pt-BR', 'zh-CN', 'tl', 'nb', 'en'].map(elevenlabsLanguage), [
      'pt',
      'zh',
      'fil',
      'no',
      'en',
    ]);
  });

  it('knows what each model speaks, and believes models it does not know', () => {
    assert.equal(modelSpeaks('eleven_flash_v2_5', 'hu'), true);
    assert.equal(modelSpeaks('eleven_flash_v2_5', 'sw'), false);
    assert.equal(modelSpeaks('eleven_multilingual_v2', 'hu'), false);
    assert.equal(modelSpeaks('eleven_flash_v2', 'es'), false);
    assert.equal(modelSpeaks('eleven_v3', 'sw'), true);
  });
});
