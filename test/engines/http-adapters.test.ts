/** Every adapter that asks over HTTP, under the one contract; each of its requests. */

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before } from 'node:test';
import { Secret } from '../../src/base/secret.ts';
import { DeeplEngine } from '../../src/engines/mt/deepl/deepl-engine.ts';
import { LibretranslateEngine } from '../../src/engines/mt/libretranslate/libretranslate-engine.ts';
import type { MtEngine } from '../../src/engines/mt/mt-engine.ts';
import { DeeplVoiceEngine } from '../../src/engines/s2s/deepl-voice/deepl-voice-engine.ts';
import { OpenaiTranscriptionEngine } from '../../src/engines/stt/openai-transcription/openai-transcription-engine.ts';
import type { Support } from '../../src/engines/support.ts';
import { ChatterboxEngine } from '../../src/engines/tts/chatterbox/chatterbox-engine.ts';
import { ElevenlabsEngine } from '../../src/engines/tts/elevenlabs/elevenlabs-engine.ts';
import { OpenaiSpeechEngine } from '../../src/engines/tts/openai-speech/openai-speech-engine.ts';
import { PocketTtsEngine } from '../../src/engines/tts/pocket-tts/pocket-tts-engine.ts';
import type { TtsEngine } from '../../src/engines/tts/tts-engine.ts';
import { XttsEngine } from '../../src/engines/tts/xtts/xtts-engine.ts';
import { wavHeader } from '../../src/protocol/wav.ts';
import type { FakeClock } from '../base/fake-clock.ts';
import { latentsOf } from '../stand-ins/xtts.ts';
import { CLONE_REQUEST } from './cloner-contract.ts';
import { EventLog, testSignal } from './events.ts';
import { describeHttpContract, type HttpSubject } from './http-contract.ts';
import { allSamples } from './tts-contract.ts';

const apiKey = new Secret('a-key');

let directory = '';
before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'engine-test-'));
  await writeFile(
    join(directory, 'anna.wav'),
    Buffer.concat([wavHeader(16_000, 3_200), Buffer.alloc(3_200)]),
  );
});
after(() => rm(directory, { recursive: true }));

function translating(engine: MtEngine): HttpSubject {
  const request = { text: 'yes', from: 'en', to: 'es', context: [] };
  return { ask: () => engine.translate(request, testSignal()), close: () => engine.close() };
}

function speaking(engine: TtsEngine, voice?: string): HttpSubject {
  const request = {
    text: 'sí',
    language: 'es',
    wantedRateHz: 8_000,
    ...(voice === undefined ? {} : { voice: { name: voice } }),
  };
  return {
    ask: async () => allSamples(await engine.synthesize(request, testSignal())),
    speak: () => engine.synthesize(request, testSignal()),
    close: () => engine.close(),
  };
}

function cloning(engine: TtsEngine): HttpSubject {
  return {
    ask: async () => {
      await engine.supports('es');
      return engine.cloner?.clone(CLONE_REQUEST, testSignal());
    },
    close: () => engine.close(),
  };
}

function supporting(engine: TtsEngine): HttpSubject {
  const told = (support: Support): void => {
    if (!support.supported) {
      throw new Error(support.reason);
    }
  };
  return { ask: async () => told(await engine.supports('es')), close: () => engine.close() };
}

/** Says something to a recogniser and fails as its stream does. */
function hearing(url: string, clock: FakeClock): HttpSubject {
  const engine = new OpenaiTranscriptionEngine({ clock, url, apiKey });
  return {
    ask: async () => {
      const log = new EventLog();
      const stream = await engine.open({ language: 'en', onEvent: log.onEvent }, testSignal());
      stream.startUtterance(1);
      stream.write(new Int16Array(16_000).fill(3_000));
      stream.endUtterance();
      throw (await log.until('failed')).error;
    },
    close: () => engine.close(),
  };
}

describeHttpContract({
  name: 'deepl',
  path: '/v2/translate',
  says: (text) => JSON.stringify({ translations: [{ text }] }),
  create: (url, clock) => translating(new DeeplEngine({ clock, url, apiKey })),
});

const languages = JSON.stringify(['en', 'es'].map((code) => ({ code, name: code, targets: ['en', 'es'] })));
describeHttpContract({
  name: 'libretranslate',
  path: '/languages',
  create: (url, clock) => translating(new LibretranslateEngine({ clock, url, apiKey })),
});
describeHttpContract({
  name: 'libretranslate',
  path: '/translate',
  says: (translatedText) => JSON.stringify({ translatedText }),
  answers: { '/languages': languages },
  create: (url, clock) => translating(new LibretranslateEngine({ clock, url, apiKey })),
});

describeHttpContract({
  name: 'elevenlabs',
  path: '/v1/text-to-speech',
  type: 'audio/pcm',
  isSpeech: true,
  create: (url, clock) => speaking(new ElevenlabsEngine({ clock, url, apiKey })),
});

describeHttpContract({
  name: 'openai-speech',
  path: '/v1/audio/speech',
  type: 'audio/pcm',
  isSpeech: true,
  create: (url, clock) => speaking(new OpenaiSpeechEngine({ clock, url, apiKey })),
});

describeHttpContract({
  name: 'chatterbox',
  path: '/tts',
  type: 'audio/wav',
  isSpeech: true,
  answers: { '/get_predefined_voices': '[{"filename":"Emily.wav"}]' },
  create: (url, clock) => speaking(new ChatterboxEngine({ clock, url })),
});

describeHttpContract({
  name: 'pocket-tts',
  path: '/tts',
  type: 'audio/wav',
  isSpeech: true,
  create: (url, clock) => speaking(new PocketTtsEngine({ clock, servers: new Map([['*', url]]) })),
});

describeHttpContract({
  name: "elevenlabs' voices",
  path: '/v1/voices/add',
  create: (url, clock) => cloning(new ElevenlabsEngine({ clock, url, apiKey })),
});

describeHttpContract({
  name: "elevenlabs' voices, to be deleted",
  path: '/v1/voices/x',
  create: (url, clock) => {
    const engine = new ElevenlabsEngine({ clock, url, apiKey });
    return { ask: () => engine.cloner.delete('x', testSignal()), close: () => engine.close() };
  },
});

describeHttpContract({
  name: "vLLM-Omni's voices",
  path: '/v1/audio/voices',
  answers: { '/v1/models': '{"data":[{"id":"q","owned_by":"vllm"}]}' },
  create: (url, clock) => cloning(new OpenaiSpeechEngine({ clock, url, apiKey })),
});

describeHttpContract({
  name: "chatterbox's voices",
  path: '/upload_reference',
  create: (url, clock) => cloning(new ChatterboxEngine({ clock, url })),
});

const speakers = `{"Anna":${latentsOf(1)}}`;
describeHttpContract({
  name: 'xtts',
  path: '/tts_stream',
  type: 'audio/pcm',
  isSpeech: true,
  answers: { '/studio_speakers': speakers },
  create: (url, clock) => speaking(new XttsEngine({ clock, servers: [url] })),
});
describeHttpContract({
  name: 'xtts',
  path: '/studio_speakers',
  create: (url, clock) => speaking(new XttsEngine({ clock, servers: [url] })),
});
describeHttpContract({
  name: 'xtts',
  path: '/clone_speaker',
  create: (url, clock) => speaking(new XttsEngine({ clock, servers: [url] }), join(directory, 'anna.wav')),
});
describeHttpContract({
  name: 'xtts',
  path: '/languages',
  hasCode: false,
  answers: { '/studio_speakers': speakers },
  create: (url, clock) => supporting(new XttsEngine({ clock, servers: [url] })),
});

describeHttpContract({
  name: 'openai-transcription',
  path: '/v1/audio/transcriptions',
  answers: { '/health': '{}' },
  create: hearing,
});

describeHttpContract({
  name: 'deepl-voice',
  path: '/v3/voice/realtime',
  create: (url, clock) => {
    const engine = new DeeplVoiceEngine({ clock, url, apiKey });
    const options = { from: 'en', to: 'es', wantedRateHz: 8_000, onEvent: () => {} };
    return { ask: () => engine.open(options, testSignal()), close: () => engine.close() };
  },
});
