import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { Secret } from '../../src/base/secret.ts';
import { traitsOf } from '../../src/engines/tts/openai-speech/openai-dialect.ts';
import {
  OpenaiSpeechEngine,
  type OpenaiSpeechSettings,
} from '../../src/engines/tts/openai-speech/openai-speech-engine.ts';
import { rateOf } from '../../src/engines/tts/openai-speech/openai-speech-wire.ts';
import { SPEECH_GAP_LIMIT_MS } from '../../src/engines/tts/speech-pace.ts';
import { FakeClock } from '../base/fake-clock.ts';
import { sumOf } from '../stand-ins/elevenlabs-voices.ts';
import { OpenaiSpeechStandIn, type OpenaiSpeechStandInOptions, QWEN } from '../stand-ins/openai-speech.ts';
import { CLONE_REQUEST, describeClonerContract } from './cloner-contract.ts';
import { testSignal } from './events.ts';
import { failureOf } from './failure-of.ts';
import { patientClock } from './patient-clock.ts';
import { allSamples, describeTtsContract } from './tts-contract.ts';

const request = { text: 'un secreto hablado', language: 'es', wantedRateHz: 8_000 };

describe('openai-speech', () => {
  let standIn: OpenaiSpeechStandIn;
  before(async () => {
    standIn = await OpenaiSpeechStandIn.start();
  });
  after(() => standIn.close());

  describeTtsContract(
    'openai-speech',
    () => new OpenaiSpeechEngine({ clock: patientClock, url: standIn.url, languages: ['es', 'pt-BR'] }),
  );
});

for (const of of ['vllm', 'openai'] as const) {
  describe(`openai-speech with a server of ${of}`, () => {
    let standIn: OpenaiSpeechStandIn;
    before(async () => {
      standIn = await OpenaiSpeechStandIn.start({ of });
    });
    after(() => standIn.close());

    describeTtsContract(`openai-speech of ${of}`, async () => {
      const engine = new OpenaiSpeechEngine({ clock: patientClock, url: standIn.url, languages: ['es'] });
      await engine.supports('es');
      return engine;
    });
  });

  describeClonerContract(`openai-speech of ${of}`, async () => {
    const standIn = await OpenaiSpeechStandIn.start({ of });
    const engine = new OpenaiSpeechEngine({ clock: patientClock, url: standIn.url });
    await engine.supports('es');
    return {
      engine,
      spoilAll: (fault) => standIn.server.spoilAll(fault),
      kept: () => standIn.voices.voices.size,
      spokeAs: (wav) => standIn.voices.voices.get(standIn.latestVoice) === sumOf(wav),
      close: async () => {
        await engine.close();
        await standIn.close();
      },
    };
  });
}

describe('OpenaiSpeechEngine', () => {
  const closers: (() => Promise<void>)[] = [];
  after(() => Promise.all(closers.map((close) => close())));

  async function start(
    options: OpenaiSpeechStandInOptions = {},
    settings: Partial<OpenaiSpeechSettings> = {},
  ): Promise<{ standIn: OpenaiSpeechStandIn; engine: OpenaiSpeechEngine }> {
    const standIn = await OpenaiSpeechStandIn.start(options);
    const engine = new OpenaiSpeechEngine({ clock: patientClock, url: standIn.url, ...settings });
    closers.push(
      () => engine.close(),
      () => standIn.close(),
    );
    return { standIn, engine };
  }

  it('asks for PCM with the voice, the model and the extra members that are set', async () => {
    const { standIn, engine } = await start({}, { model: 'kokoro', extraBody: { speed: 1.1 } });
    await allSamples(await engine.synthesize(request, testSignal()));
    await allSamples(await engine.synthesize({ ...request, voice: { name: 'ef_dora' } }, testSignal()));
    assert.deepEqual(standIn.asked, [
      { model: 'kokoro', input: request.text, voice: 'alloy', response_format: 'pcm', speed: 1.1 },
      { model: 'kokoro', input: request.text, voice: 'ef_dora', response_format: 'pcm', speed: 1.1 },
    ]);
  });

  it('asks vLLM-Omni to stream with its own model, the language as a word and no speed', async () => {
    const { standIn, engine } = await start({ of: 'vllm' });
    await engine.supports('es');
    const voice = { name: 'vivian', speed: 1.2, emotion: 'excited' };
    await allSamples(await engine.synthesize({ ...request, language: 'pt-BR', voice }, testSignal()));
    await allSamples(await engine.synthesize({ ...request, language: 'pl' }, testSignal()));
    const both = { model: QWEN, input: request.text, response_format: 'pcm', stream_format: 'audio' };
    assert.deepEqual(standIn.asked, [
      {
        ...both,
        voice: 'vivian',
        language: 'Portuguese',
        instructions: 'Speak in this tone: excited.',
      },
      both,
    ]);
    assert.deepEqual(engine.traits, { emotion: true });
  });

  it('speaks faster or slower where the model can', async () => {
    const { standIn, engine } = await start({}, { model: 'kokoro' });
    await allSamples(
      await engine.synthesize({ ...request, voice: { speed: 9, emotion: 'x' } }, testSignal()),
    );
    assert.equal(standIn.asked[0]?.speed, 4);
    assert.equal(standIn.asked[0]?.instructions, undefined);
    assert.equal(engine.cloner, undefined);
    assert.deepEqual(traitsOf({ type: 'openai' }, 'gpt-4o-mini-tts-2025-03-20'), { emotion: true });
    assert.deepEqual(traitsOf({ type: 'openai' }, 'tts-1'), { speed: { least: 0.25, most: 4 } });
  });

  it('tells vLLM-Omni what is said in a recording, and of the consent no name', async () => {
    const { standIn, cloner } = await startCloning('vllm');
    await cloner.clone(CLONE_REQUEST, testSignal());
    assert.deepEqual(standIn.voices.told, [
      { name: 'caller-17', consent: 'form 12', ref_text: CLONE_REQUEST.transcript },
    ]);
  });

  it('takes away at vLLM-Omni what a broken answer may have made', async () => {
    const { standIn, cloner } = await startCloning('vllm');
    standIn.server.spoilNext({ type: 'broken', afterChunks: 0 });
    await failureOf(cloner.clone(CLONE_REQUEST, testSignal()));
    assert.equal(standIn.voices.voices.size, 0);
  });

  it('gives OpenAI the recording of the consent first, and takes it away with the voice', async () => {
    const { standIn, cloner } = await startCloning('openai');
    const { ref } = await cloner.clone(CLONE_REQUEST, testSignal());
    assert.deepEqual(standIn.voices.told, [
      { name: 'caller-17', language: 'es-MX' },
      { name: 'caller-17', consent: 'cons_1' },
    ]);
    assert.equal(standIn.voices.consents.size, 1);
    await cloner.delete(ref, testSignal());
    assert.deepEqual([standIn.voices.voices.size, standIn.voices.consents.size], [0, 0]);
  });

  it('makes no voice at OpenAI without a recording of the consent, and leaves none of a voice that is none', async () => {
    const { standIn, cloner } = await startCloning('openai', { voiceLimit: 0 });
    const { recording: _, ...consent } = CLONE_REQUEST.consent;
    const without = await failureOf(cloner.clone({ ...CLONE_REQUEST, consent }, testSignal()));
    assert.match(without.message, /recording in which the person says/);
    assert.equal(standIn.voices.told.length, 0);
    const full = await failureOf(cloner.clone(CLONE_REQUEST, testSignal()));
    assert.equal(full.code, 'engine-refused');
    assert.match(full.message, /400 voice_limit_exceeded.*how many voices/);
    assert.equal(standIn.voices.consents.size, 0);
  });

  it('believes no deletion that was none', async () => {
    for (const of of ['vllm', 'openai'] as const) {
      const { cloner } = await startCloning(of, { keepsDeleted: true });
      const { ref } = await cloner.clone(CLONE_REQUEST, testSignal());
      const failure = await failureOf(cloner.delete(ref, testSignal()));
      assert.equal(failure.code, 'engine-bad-answer');
      assert.match(failure.message, /still has/);
    }
  });

  async function startCloning(of: 'openai' | 'vllm', options: OpenaiSpeechStandInOptions = {}) {
    const { standIn, engine } = await start({ of, ...options });
    await engine.supports('es');
    const { cloner } = engine;
    assert.ok(cloner);
    return { standIn, cloner };
  }

  it('takes an address with /v1, and keeps its connection', async () => {
    const { standIn } = await start();
    const engine = new OpenaiSpeechEngine({ clock: patientClock, url: `${standIn.url}/v1/` });
    closers.push(() => engine.close());
    await allSamples(await engine.synthesize(request, testSignal()));
    await allSamples(await engine.synthesize(request, testSignal()));
    assert.equal(standIn.server.connections, 1);
  });

  it('is told the rate, unless the answer tells it', async () => {
    const set = await start({ rateHz: 16_000 }, { rateHz: 16_000 });
    assert.equal((await set.engine.synthesize(request, testSignal())).rateHz, 16_000);
    const told = await start({ rateHz: 22_050, contentType: 'audio/pcm;rate=22050' });
    assert.equal((await told.engine.synthesize(request, testSignal())).rateHz, 22_050);
    const other = await start();
    assert.equal((await other.engine.synthesize(request, testSignal())).rateHz, 24_000);
  });

  it('reads WAV from a server that ignores the format, and refuses MP3', async () => {
    const wav = await start({ format: 'wav', rateHz: 22_050, contentType: 'audio/pcm' });
    const speech = await wav.engine.synthesize(request, testSignal());
    const samples = await allSamples(speech);
    assert.equal(speech.rateHz, 22_050);
    assert.equal(samples.length > 22_050 / 2, true);
    for (const contentType of ['audio/mpeg', 'audio/pcm']) {
      const mp3 = await start({ format: 'mp3', contentType });
      await assert.rejects(mp3.engine.synthesize(request, testSignal()), { code: 'engine-refused' });
    }
  });

  it('supports every language unless it is told which, and says when no one is there', async () => {
    const { standIn, engine } = await start();
    assert.deepEqual(await engine.supports('qq'), { supported: true });
    await standIn.close();
    const support = await engine.supports('es');
    assert.match(
      support.supported ? '' : support.reason,
      /127\.0\.0\.1:\d+.*ECONNREFUSED.*OPENAI_SPEECH_URL/,
    );
  });

  it('does not wait for ever to learn whether a server is there', async () => {
    const mute = createServer(() => {}).listen(0, '127.0.0.1');
    await once(mute, 'listening');
    const address = mute.address();
    const port = typeof address === 'object' ? address?.port : 0;
    const clock = new FakeClock();
    const engine = new OpenaiSpeechEngine({ clock, url: `http://127.0.0.1:${port}` });
    const asked = engine.supports('es');
    await once(mute, 'connection');
    await clock.advance(3_000);
    const support = await asked;
    assert.match(support.supported ? '' : support.reason, /3000 ms/);
    await engine.close();
    mute.close();
  });

  it('is refused for a wrong key or voice, without repeating key or text', async () => {
    const { engine } = await start({ apiKey: 'right' }, { apiKey: new Secret('sk-wrong') });
    const key = await failureOf(engine.synthesize(request, testSignal()));
    assert.equal(key.code, 'engine-refused');
    assert.match(key.message, /401 invalid_api_key.*\bOPENAI_API_KEY/);
    const { engine: other } = await start({ apiKey: 'right' }, { apiKey: new Secret('right') });
    const voice = await failureOf(other.synthesize({ ...request, voice: { name: 'nobody' } }, testSignal()));
    assert.equal(voice.code, 'engine-refused');
    assert.match(voice.message, /400 validation_error.*--voice/);
    for (const told of [key.everything, voice.everything]) {
      assert.doesNotMatch(told, /sk-wrong|secreto/);
    }
  });

  it('does not show a key that cannot be sent', async () => {
    const { engine } = await start({}, { apiKey: new Secret('sk-wrong\n') });
    const failure = await failureOf(engine.synthesize(request, testSignal()));
    assert.equal(failure.code, 'engine-refused');
    assert.doesNotMatch(failure.everything, /sk-wrong/);
  });

  it('names each failure', async () => {
    const { standIn, engine } = await start();
    const cases = [
      [{ type: 'status', status: 404 }, 'engine-refused'],
      [
        { type: 'status', status: 429, body: '{"error":{"code":"rate_limit_exceeded"}}' },
        'engine-overloaded',
      ],
      [{ type: 'status', status: 429, body: '{"error":{"code":"insufficient_quota"}}' }, 'engine-refused'],
      [{ type: 'status', status: 500, body: '<html>' }, 'engine-bad-answer'],
      [{ type: 'status', status: 503 }, 'engine-overloaded'],
      [{ type: 'status', status: 200, body: '{"audio":"…"}' }, 'engine-bad-answer'],
      [{ type: 'status', status: 200, body: 'RI', contentType: 'audio/pcm' }, 'engine-bad-answer'],
      [{ type: 'empty' }, 'engine-bad-answer'],
      [{ type: 'broken', afterChunks: 0 }, 'engine-bad-answer'],
      [{ type: 'garbled', afterChunks: 0 }, 'engine-bad-answer'],
      [{ type: 'reset' }, 'engine-died'],
    ] as const;
    for (const [fault, code] of cases) {
      // A kept connection that is reset is tried once more, on a new one.
      standIn.server.spoilAll(fault);
      const failure = await failureOf(engine.synthesize(request, testSignal()));
      assert.equal(failure.code, code, JSON.stringify(fault));
      assert.doesNotMatch(failure.everything, /secreto/);
    }
    standIn.server.spoilAll(undefined);
    assert.ok((await allSamples(await engine.synthesize(request, testSignal()))).length > 0);
    await standIn.close();
    assert.equal((await failureOf(engine.synthesize(request, testSignal()))).code, 'engine-start-failed');
  });

  it('takes a new connection when a kept one has been closed', async () => {
    const { standIn, engine } = await start();
    await allSamples(await engine.synthesize(request, testSignal()));
    standIn.server.spoilNext({ type: 'reset' });
    assert.ok((await allSamples(await engine.synthesize(request, testSignal()))).length > 0);
  });

  it('throws when an answer breaks off after its first sound', async () => {
    const { standIn, engine } = await start();
    for (const type of ['broken', 'garbled'] as const) {
      standIn.server.spoilNext({ type, afterChunks: 3 });
      const speech = await engine.synthesize(request, testSignal());
      await assert.rejects(allSamples(speech), { code: 'engine-bad-answer' }, type);
    }
  });

  it('ends a stalled answer when its signal aborts, and the connection with it', async () => {
    const { standIn, engine } = await start();
    standIn.server.spoilNext({ type: 'stall', afterChunks: 3 }, { type: 'silence' });
    const reason = new Error('hung up');
    const controller = new AbortController();
    const speech = await engine.synthesize(request, controller.signal);
    const reading = allSamples(speech);
    controller.abort(reason);
    await assert.rejects(reading, reason);
    const silent = new AbortController();
    const waiting = engine.synthesize(request, silent.signal);
    await standIn.server.until(() => standIn.asked.length === 2, testSignal());
    silent.abort(reason);
    await assert.rejects(waiting, reason);
    await standIn.server.until(() => standIn.server.abandoned === 2, testSignal());
  });

  it('gives up a segment that stalls, or lasts longer than its text can', async () => {
    const clock = new FakeClock();
    const slow = await start({}, { clock });
    slow.standIn.server.spoilNext({ type: 'stall', afterChunks: 3 });
    const reading = allSamples(await slow.engine.synthesize(request, testSignal()));
    const late = assert.rejects(reading, { code: 'engine-timeout' });
    await clock.advance(SPEECH_GAP_LIMIT_MS);
    await late;
    assert.equal(clock.pendingTimers, 0);
    const long = await start({ durationMs: () => 110_000 });
    await assert.rejects(allSamples(await long.engine.synthesize(request, testSignal())), {
      code: 'engine-bad-answer',
    });
  });

  it('ends what is being spoken when it closes', async () => {
    const { standIn, engine } = await start();
    standIn.server.spoilNext({ type: 'stall', afterChunks: 3 });
    const reading = allSamples(await engine.synthesize(request, testSignal()));
    const ended = assert.rejects(reading, { code: 'closed' });
    await engine.close();
    await ended;
  });

  it('refuses an address that is none', () => {
    for (const url of ['localhost:8880', 'ftp://localhost', '']) {
      assert.throws(() => new OpenaiSpeechEngine({ clock: patientClock, url }), { code: 'bad-option' });
    }
  });
});

describe('the rate an answer tells', () => {
  it('is read from its content type', () => {
    const cases = {
      'audio/pcm;rate=22050': 22_050,
      'audio/pcm; rate="16000"; channels=1': 16_000,
      'audio/pcm': undefined,
      'audio/wav': undefined,
      'audio/pcm;rate=1': undefined,
      'application/octet-stream': undefined,
    };
    for (const [type, rateHz] of Object.entries(cases)) {
      assert.equal(rateOf(type), rateHz, type);
    }
    assert.equal(rateOf(''), undefined);
  });
});
