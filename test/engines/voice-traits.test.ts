/**
 * What a profile says of how a voice is spoken reaches every engine that says that it takes it, on the wire, and no other:
 * one that says it takes none may refuse what it does not know.
 */

import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { Secret } from '../../src/base/secret.ts';
import { ChatterboxEngine } from '../../src/engines/tts/chatterbox/chatterbox-engine.ts';
import { ElevenlabsEngine } from '../../src/engines/tts/elevenlabs/elevenlabs-engine.ts';
import { EspeakNgEngine } from '../../src/engines/tts/espeak-ng/espeak-ng-engine.ts';
import { OpenaiSpeechEngine } from '../../src/engines/tts/openai-speech/openai-speech-engine.ts';
import { PocketTtsEngine } from '../../src/engines/tts/pocket-tts/pocket-tts-engine.ts';
import type { SpokenVoice } from '../../src/engines/tts/spoken-voice.ts';
import type { TtsEngine, TtsRequest } from '../../src/engines/tts/tts-engine.ts';
import { XttsEngine } from '../../src/engines/tts/xtts/xtts-engine.ts';
import { spokenProfile } from '../../src/voices/spoken-profile.ts';
import { ChatterboxStandIn } from '../stand-ins/chatterbox.ts';
import { ElevenlabsStandIn } from '../stand-ins/elevenlabs.ts';
import { ElevenlabsDialogueStandIn } from '../stand-ins/elevenlabs-dialogue.ts';
import { OpenaiSpeechStandIn } from '../stand-ins/openai-speech.ts';
import { PocketTtsStandIn } from '../stand-ins/pocket-tts.ts';
import { XttsStandIn } from '../stand-ins/xtts.ts';
import { someProfile } from '../voices/some-profile.ts';
import { testSignal } from './events.ts';
import { patientClock as clock } from './patient-clock.ts';
import { allSamples } from './tts-contract.ts';

/** Each is asked for by this much; an emotion by a word that is none of a language's. */
const WISHES = {
  speed: { speed: 1.1 },
  pitchSt: { pitchSt: 2 },
  gainDb: { gainDb: -3 },
  emotion: { emotion: 'excited' },
  stress: {},
} as const satisfies Record<string, SpokenVoice>;

const TRAITS = ['speed', 'pitchSt', 'gainDb', 'emotion', 'stress'] as const;

interface Subject {
  readonly engine: TtsEngine;
  /** What its provider was asked, request by request; undefined: it is all in the sound. */
  readonly asked: (() => readonly unknown[]) | undefined;
  readonly close: () => Promise<void>;
}

const apiKey = new Secret('sk_test');

async function elevenlabs(model: string): Promise<Subject> {
  const standIn = await ElevenlabsStandIn.start();
  const engine = new ElevenlabsEngine({ clock, apiKey, model, url: standIn.url });
  return { engine, asked: () => standIn.asked, close: () => standIn.close() };
}

async function dialogue(model: string): Promise<Subject> {
  const standIn = await ElevenlabsDialogueStandIn.start();
  const engine = new ElevenlabsEngine({ clock, apiKey, model, url: standIn.url });
  // Of its connections one is open ahead, and has been asked nothing.
  const asked = () => standIn.asked.flatMap(({ messages }) => messages.filter((said) => 'inputs' in said));
  return { engine, asked, close: () => standIn.close() };
}

async function openai(of?: 'openai' | 'vllm', model?: string): Promise<Subject> {
  const standIn = await OpenaiSpeechStandIn.start(of === undefined ? {} : { of });
  const named = model === undefined ? {} : { model };
  const engine = new OpenaiSpeechEngine({ clock, url: standIn.url, ...named });
  await engine.supports('es');
  return { engine, asked: () => standIn.asked, close: () => standIn.close() };
}

/** What each takes. */
const ROWS: readonly (readonly [string, readonly (typeof TRAITS)[number][], () => Promise<Subject>])[] = [
  [
    'espeak-ng',
    ['speed', 'pitchSt', 'gainDb', 'stress'],
    async () => ({ engine: new EspeakNgEngine({ clock }), asked: undefined, close: async () => {} }),
  ],
  ['elevenlabs, second generation', ['speed'], () => elevenlabs('eleven_flash_v2_5')],
  ['elevenlabs, third generation', ['emotion', 'stress'], () => elevenlabs('eleven_v3')],
  ['elevenlabs, fourth generation', ['emotion'], () => dialogue('eleven_v4_turbo')],
  ['openai-speech', ['speed'], () => openai()],
  ['openai-speech of OpenAI', ['speed'], () => openai('openai', 'tts-1')],
  ['openai-speech of OpenAI, told in words', ['emotion'], () => openai('openai', 'gpt-4o-mini-tts')],
  ['openai-speech of vLLM-Omni', ['emotion'], () => openai('vllm')],
  [
    'chatterbox',
    ['speed'],
    async () => {
      const standIn = await ChatterboxStandIn.start();
      const engine = new ChatterboxEngine({ clock, url: standIn.url });
      return { engine, asked: () => standIn.asked, close: () => standIn.close() };
    },
  ],
  [
    'xtts',
    [],
    async () => {
      const standIn = await XttsStandIn.start();
      const engine = new XttsEngine({ clock, servers: [standIn.url] });
      return { engine, asked: () => standIn.asked, close: () => standIn.close() };
    },
  ],
  [
    'pocket-tts',
    [],
    async () => {
      const standIn = await PocketTtsStandIn.start();
      const engine = new PocketTtsEngine({ clock, servers: new Map([['es', standIn.url]]) });
      return { engine, asked: () => standIn.asked, close: () => standIn.close() };
    },
  ],
];

/** What is asked of the provider for a voice, or what is heard where there is none. */
async function askedFor(
  { engine, asked }: Subject,
  voice: SpokenVoice,
  more: Partial<TtsRequest> = {},
): Promise<string> {
  const before = new Set(asked?.());
  const request = { text: 'Buenos días a todos.', language: 'es', wantedRateHz: 16_000, voice, ...more };
  const samples = await allSamples(await engine.synthesize(request, testSignal()));
  return JSON.stringify(asked === undefined ? samples : asked().filter((each) => !before.has(each)));
}

async function opened(test: TestContext, open: () => Promise<Subject>): Promise<Subject> {
  const subject = await open();
  test.after(async () => {
    await subject.engine.close();
    await subject.close();
  });
  return subject;
}

describe('how a voice is spoken', () => {
  for (const [name, takes, open] of ROWS) {
    it(`reaches ${name} as far as that takes it: ${takes.join(', ') || 'nothing'}`, async (test) => {
      const subject = await opened(test, open);
      assert.deepEqual(
        TRAITS.filter((trait) => subject.engine.traits?.[trait] !== undefined),
        takes,
      );
      const plain = await askedFor(subject, {});
      for (const trait of TRAITS) {
        const stressed = trait === 'stress' ? { stressed: 'todos' } : {};
        const told = (await askedFor(subject, WISHES[trait], stressed)) !== plain;
        assert.equal(told, takes.includes(trait), trait);
      }
    });

    it(`reaches ${name} from a profile`, async (test) => {
      const subject = await opened(test, open);
      const { defaults, ...profile } = someProfile({ renderings: [] });
      const voice = spokenProfile({ ...profile, defaults }, 'es', undefined, async () => new Uint8Array(0));
      assert.deepEqual(voice, { speed: 1.1, pitchSt: -1, emotion: 'calm' });
      const changes = (await askedFor(subject, voice)) !== (await askedFor(subject, {}));
      assert.equal(changes, takes.length > 0);
    });
  }
});
