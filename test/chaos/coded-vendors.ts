/**
 * Two recognisers that hear the words that really are in the sound, two translators, two synthesisers that speak words
 * as sound again, and one provider that does all of it.
 */

import { translate } from '../bench/interpret/pseudo-translation.ts';
import { Random } from '../bench/interpret/random.ts';
import { ENGINE_TIMES } from '../bench/realtime/engine-times.ts';
import { type DeepgramStandIn, startDeepgram } from '../stand-ins/deepgram.ts';
import type { ScriptedWord } from '../stand-ins/deepgram-ear.ts';
import { DeeplStandIn } from '../stand-ins/deepl.ts';
import { ElevenlabsStandIn } from '../stand-ins/elevenlabs.ts';
import { LibretranslateStandIn } from '../stand-ins/libretranslate.ts';
import { OpenaiRealtimeStandIn } from '../stand-ins/openai-realtime.ts';
import { OpenaiSpeechStandIn } from '../stand-ins/openai-speech.ts';
import type { SpeechServer } from '../stand-ins/speech-server.ts';
import { VoskStandIn } from '../stand-ins/vosk.ts';
import { idsIn } from './chaos-script.ts';
import { FaultyRelay } from './faulty-relay.ts';
import type { AnswerFault } from './vendor-faults.ts';
import { addWord, SAID, SPOKEN, WordDecoder, wordMs } from './word-code.ts';

export const KEY = 'stand-in-key';
const SPOKEN_PEAK = 8_000;
const SPOKEN_GAP_MS = 10;
/** What vosk-server gets. */
const VOSK_HZ = 16_000;
/** What OpenAI's sessions get and give. */
const REALTIME_HZ = 24_000;
export const LANGUAGES = ['en', 'fr'];

/** A vendor as the server and as the harness see it. */
export interface Vendor {
  readonly relay: FaultyRelay;
  /** How its answers are made wrong, or right again. */
  readonly answer: (fault: AnswerFault | undefined) => Promise<void>;
  readonly close: () => Promise<void>;
}

export async function recogniser(texts: ReadonlyMap<number, string>): Promise<Vendor> {
  const standIn: DeepgramStandIn = await startDeepgram({
    apiKey: KEY,
    script: {
      type: 'sound',
      listener: (rateHz) => {
        const hear = hearing(texts, rateHz);
        return { hear };
      },
    },
    interimDelayMs: ENGINE_TIMES.partialMs,
    finalDelayMs: ENGINE_TIMES.finalMs,
  });
  const relay = await FaultyRelay.open(portOfUrl(standIn.url));
  return {
    relay,
    answer: async (fault) => {
      switch (fault?.type) {
        case 'status':
          standIn.fault = {
            type: 'refuse',
            status: fault.status,
            ...(fault.retryAfterS === undefined ? {} : { retryAfterSeconds: fault.retryAfterS }),
          };
          await relay.set({ type: 'cut' });
          break;
        case 'garbage':
          standIn.fault = { type: 'garbage', afterMs: 0, text: noiseText(fault.bytes) };
          break;
        case 'huge':
          standIn.fault = { type: 'garbage', afterMs: 0, text: hugeResult(fault.bytes) };
          break;
        case 'empty':
          standIn.fault = { type: 'silent' };
          break;
        case 'closed':
          standIn.fault = { type: 'close', afterMs: 0, code: fault.code, reason: 'NET-0000' };
          break;
        case undefined:
          standIn.fault = undefined;
      }
    },
    close: () => closeBoth(relay, standIn),
  };
}

/** A result that is one in form, and absurd. */
function hugeResult(bytes: number): string {
  const alternatives = [{ transcript: 'absurd '.repeat(bytes / 7), confidence: 0.9, words: [] }];
  return JSON.stringify({
    type: 'Results',
    channel_index: [0, 1],
    start: 0,
    duration: 1,
    is_final: false,
    speech_final: false,
    channel: { alternatives },
  });
}

export async function backupRecogniser(texts: ReadonlyMap<number, string>): Promise<Vendor> {
  const bare = new Map(
    Array.from(texts, ([id, text]): [number, string] => [id, text.replace(/[.,]/g, '').toLowerCase()]),
  );
  const standIn = await VoskStandIn.open({
    listen: () => {
      const hear = hearing(bare, VOSK_HZ);
      const words: ScriptedWord[] = [];
      let heardSamples = 0;
      return (pcm) => {
        words.push(...hear(pcm.subarray(heardSamples)));
        heardSamples = pcm.length;
        return words;
      };
    },
  });
  const relay = await FaultyRelay.open(portOfUrl(standIn.url));
  return { relay, answer: async () => {}, close: () => closeBoth(relay, standIn) };
}

export async function translator(): Promise<Vendor> {
  const standIn = await DeeplStandIn.open({
    apiKey: KEY,
    latencyMs: () => ENGINE_TIMES.translationMs,
    translate: (text) => translate(text),
  });
  const relay = await FaultyRelay.open(portOfUrl(standIn.url));
  return {
    relay,
    answer: async (fault) => {
      switch (fault?.type) {
        case 'status':
          standIn.failAll(fault);
          break;
        case 'garbage':
          standIn.failAll({ type: 'answer', body: noiseText(fault.bytes) });
          break;
        case 'huge':
          standIn.failAll({ type: 'says', text: 'absurde '.repeat(fault.bytes / 8) });
          break;
        case 'empty':
          standIn.failAll({ type: 'answer', body: '' });
          break;
        case 'closed':
        case undefined:
          standIn.failAll(undefined);
      }
    },
    close: () => closeBoth(relay, standIn),
  };
}

export async function backupTranslator(): Promise<Vendor> {
  const standIn = await LibretranslateStandIn.open({
    latencyMs: () => ENGINE_TIMES.translationMs,
    languages: LANGUAGES.map((code) => ({ code, name: code, targets: LANGUAGES })),
    translate: (text) => translate(text),
  });
  const relay = await FaultyRelay.open(portOfUrl(standIn.url));
  return { relay, answer: async () => {}, close: () => closeBoth(relay, standIn) };
}

/** Recognises, translates and speaks in one, a word at a time. */
export async function interpreter(texts: ReadonlyMap<number, string>): Promise<Vendor> {
  const standIn = await OpenaiRealtimeStandIn.start({
    apiKey: KEY,
    lines: [],
    interpreter: () => {
      const hear = hearing(texts, REALTIME_HZ);
      return (pcm) =>
        hear(pcm).map(({ text }) => ({
          source: text,
          target: translate(text),
          pcm: soundOf(text, REALTIME_HZ),
        }));
    },
  });
  const relay = await FaultyRelay.open(portOfUrl(standIn.url));
  return { relay, answer: async () => {}, close: () => closeBoth(relay, standIn) };
}

const SPEAKING = {
  firstByteMs: ENGINE_TIMES.firstSoundMs,
  realTimeFactor: ENGINE_TIMES.realTimeFactor,
  soundOf,
};

export async function synthesiser(): Promise<Vendor> {
  const standIn = await ElevenlabsStandIn.start({ ...SPEAKING, apiKey: KEY });
  return speaker(standIn, standIn.server);
}

export async function backupSynthesiser(): Promise<Vendor> {
  const standIn = await OpenaiSpeechStandIn.start(SPEAKING);
  return speaker(standIn, standIn.server);
}

async function speaker(standIn: { close(): Promise<void> }, server: SpeechServer): Promise<Vendor> {
  const relay = await FaultyRelay.open(portOfUrl(server.url));
  return {
    relay,
    answer: async (fault) => {
      switch (fault?.type) {
        case 'status':
          server.spoilAll({ ...fault, body: '{"detail":{"status":"refused","message":"refused"}}' });
          break;
        case 'garbage':
          server.spoilAll({
            type: 'status',
            status: 200,
            contentType: 'text/html',
            body: noiseText(fault.bytes),
          });
          break;
        case 'huge':
          server.spoilAll({
            type: 'status',
            status: 200,
            contentType: 'audio/mpeg',
            body: 'Sound! '.repeat(fault.bytes / 7),
          });
          break;
        case 'empty':
          server.spoilAll({ type: 'empty' });
          break;
        case 'closed':
        case undefined:
          server.spoilAll(undefined);
      }
    },
    close: () => closeBoth(relay, standIn),
  };
}

/** Understands the sound of one connection, a piece at a time. */
function hearing(
  texts: ReadonlyMap<number, string>,
  rateHz: number,
): (pcm: Int16Array) => readonly ScriptedWord[] {
  const decoder = new WordDecoder(rateHz, SAID);
  return (pcm) =>
    decoder.hear(pcm).flatMap(({ id, startMs, endMs }) => {
      const text = texts.get(id);
      return text === undefined ? [] : [{ text, startMs, endMs }];
    });
}

/** The words of a text one after the other; one that is not of the script sounds, and is none. */
function soundOf(text: string, rateHz: number): Int16Array {
  const ids = idsIn(text);
  const everySamples = ((wordMs(SPOKEN) + SPOKEN_GAP_MS) * rateHz) / 1_000;
  const pcm = new Int16Array(Math.ceil(ids.length * everySamples));
  for (const [place, id] of ids.entries()) {
    addWord(pcm, place * everySamples, id ?? 'none', rateHz, SPOKEN, SPOKEN_PEAK);
  }
  return pcm;
}

function noiseText(bytes: number): string {
  const random = new Random(bytes);
  return Array.from({ length: bytes }, () => String.fromCharCode(random.whole(32, 126))).join('');
}

function portOfUrl(url: string): number {
  return Number(new URL(url).port);
}

async function closeBoth(relay: FaultyRelay, standIn: { close(): Promise<void> }): Promise<void> {
  await relay.close();
  await standIn.close();
}
