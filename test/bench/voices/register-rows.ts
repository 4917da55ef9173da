/**
 * Whether each party of a call is spoken for by a voice of its own register, soon, and not by the other's; and whether
 * it is noticed when somebody else takes the telephone, and only then. The voices are eSpeak NG's, measured as the
 * service measures them.
 */

import { systemClock } from '../../../src/base/clock.ts';
import { silentLog } from '../../../src/base/log.ts';
import { CallVoices } from '../../../src/call/call-voices.ts';
import { partyOf } from '../../../src/call/plan.ts';
import { EspeakNgEngine } from '../../../src/engines/tts/espeak-ng/espeak-ng-engine.ts';
import type { KnownVoice } from '../../../src/interpret/manner/choose-voice.ts';
import { SpeakerRegister } from '../../../src/interpret/manner/speaker-register.ts';
import type { MediaModules } from '../../../src/media/dsp/wasm.ts';
import { semitonesBetween } from '../../../src/media/hear/prosody/prosody.ts';
import { VoiceRegisters } from '../../../src/server/interpreting/voice-registers.ts';
import { seededRandom } from '../../asterisk/audio.ts';

import { percentile } from '../percentiles.ts';
import { MeasuredLine } from './measured-line.ts';
import { allSpeakers, overLine, type Speaker } from './speakers.ts';
import type { VoiceRow } from './voice-row.ts';

const CALLS = 200;
const HAND_OVERS = 100;
/** Of the voices that eSpeak NG offers, those of women. */
const HIGH_VOICES = /\+(f4|linda|Alicia)$/;
/** Two people in whose voices the difference can be heard, in semitones. */
const LEAST_STEP = 6;

export async function registerRows(modules: MediaModules): Promise<readonly VoiceRow[]> {
  const engine = new EspeakNgEngine({ clock: systemClock });
  const book = new VoiceRegisters({ ttsVoices: new Map(), voiceChoice: new Map() }, systemClock, silentLog);
  const { signal } = new AbortController();
  await book.learn('es', [engine], signal);
  await book.learn('en', [engine], signal);
  await engine.close();
  const speakers = allSpeakers(modules);
  return [
    ...callRows(modules, speakers, book.of),
    ...handOverRows(modules, speakers),
    falseChanges(modules, speakers),
  ];
}

/** Both parties of 200 calls speak for some seconds; what speaks for them is looked at when it is known. */
function callRows(
  modules: MediaModules,
  speakers: readonly Speaker[],
  book: (language: string) => readonly KnownVoice[],
): readonly VoiceRow[] {
  const random = seededRandom(7);
  const knownMs: number[] = [];
  let right = 0;
  let shared = 0;
  let near = 0;
  for (let call = 0; call < CALLS; call += 1) {
    const voices = new CallVoices(book);
    const parties = ['en', 'es'].map((language, place) => {
      const speaker = pick(speakers, random);
      const { hz, spokenMs } = heard(modules, speaker, random);
      const party = partyOf(place === 0 ? 'a' : 'b', language);
      if (hz !== undefined) {
        voices.registered(party.id, hz);
        knownMs.push(spokenMs);
      }
      const to = language === 'en' ? 'es' : 'en';
      const ref = voices.of(party, to, undefined)?.renderings?.[0]?.ref;
      const isHigh = ref !== undefined && HIGH_VOICES.test(ref);
      right += ref !== undefined && spokenMs <= 3_000 && isHigh === (speaker.register === 'high') ? 1 : 0;
      return book(to).find((voice) => voice.ref === ref);
    });
    const [one, other] = parties;
    if (one !== undefined && other !== undefined) {
      shared += one.ref.split('+')[1] === other.ref.split('+')[1] ? 1 : 0;
      near += Math.abs(semitonesBetween(one.hz, other.hz)) < 3 ? 1 : 0;
    }
  }
  return [
    {
      what: `register right within 3 s of speech, of ${2 * CALLS} parties, %`,
      value: (100 * right) / (2 * CALLS),
      target: 'at least 95',
      digits: 1,
      holds: right >= 0.95 * 2 * CALLS,
    },
    { what: '  speech until it is known, ms, p50', value: percentile(sorted(knownMs), 50), digits: 0 },
    { what: '  p95', value: percentile(sorted(knownMs), 95), digits: 0 },
    {
      what: `calls of ${CALLS} whose parties share a voice`,
      value: shared,
      target: '0',
      digits: 0,
      holds: shared === 0,
    },
    {
      what: '  whose voices are nearer than 3 semitones',
      value: near,
      target: '0',
      digits: 0,
      holds: near === 0,
    },
  ];
}

/** How high somebody is found to speak, after how much speech. */
function heard(
  modules: MediaModules,
  speaker: Speaker,
  random: () => number,
): { readonly hz: number | undefined; readonly spokenMs: number } {
  const register = new SpeakerRegister();
  let spokenMs = 0;
  let knownMs: number | undefined;
  const line = new MeasuredLine(modules, (prosody) => {
    spokenMs += knownMs === undefined ? prosody.voiceMs : 0;
    if (register.measured(prosody) === 'known') {
      knownMs = spokenMs;
    }
  });
  line.hear(
    overLine([pick(speaker.sentences, random), pick(speaker.sentences, random)], levelOf(random), 500),
  );
  line.close();
  return { hz: register.hz, spokenMs: knownMs ?? Number.POSITIVE_INFINITY };
}

/** Somebody speaks for ten seconds, then somebody else does. */
function handOverRows(modules: MediaModules, speakers: readonly Speaker[]): readonly VoiceRow[] {
  const random = seededRandom(11);
  const noticedMs: number[] = [];
  let early = 0;
  let calls = 0;
  while (calls < HAND_OVERS) {
    const [one, other] = [pick(speakers, random), pick(speakers, random)];
    if (one.register === other.register || Math.abs(stepBetween(modules, one, other)) < LEAST_STEP) {
      continue;
    }
    calls += 1;
    const register = new SpeakerRegister();
    let speechMs = Number.NEGATIVE_INFINITY;
    let atMs: number | undefined;
    const line = new MeasuredLine(modules, (prosody) => {
      speechMs += prosody.voiceMs;
      if (register.measured(prosody) === 'another') {
        early += speechMs < 0 ? 1 : 0;
        atMs ??= speechMs < 0 ? undefined : speechMs;
      }
    });
    const level = levelOf(random);
    line.hear(overLine(some(one, 4, random), level, 400));
    speechMs = 0;
    line.hear(overLine(some(other, 4, random), level, 400));
    line.close();
    noticedMs.push(atMs ?? Number.POSITIVE_INFINITY);
  }
  const inTime = noticedMs.filter((ms) => ms <= 5_000).length;
  return [
    {
      what: `telephones handed on, of ${HAND_OVERS}, noticed within 5 s of speech, %`,
      value: (100 * inTime) / HAND_OVERS,
      target: '100',
      digits: 0,
      holds: inTime === HAND_OVERS,
    },
    { what: '  after, ms, p50', value: percentile(sorted(noticedMs), 50), digits: 0 },
    { what: '  noticed before', value: early, target: '0', digits: 0, holds: early === 0 },
  ];
}

/** Everybody speaks for a minute alone. */
function falseChanges(modules: MediaModules, speakers: readonly Speaker[]): VoiceRow {
  const random = seededRandom(13);
  let changes = 0;
  let spokenMs = 0;
  for (const speaker of speakers) {
    const register = new SpeakerRegister();
    const line = new MeasuredLine(modules, (prosody) => {
      spokenMs += prosody.voiceMs;
      changes += register.measured(prosody) === 'another' ? 1 : 0;
    });
    const isRecorded = !speaker.name.startsWith('eSpeak');
    line.hear(overLine(some(speaker, isRecorded ? 60 : 15, random), levelOf(random), 400));
    line.close();
  }
  const perTen = (changes * 600_000) / spokenMs;
  return {
    what: `changes in 10 min of one voice, of ${Math.round(spokenMs / 60_000)} min of ${speakers.length} people`,
    value: perTen,
    target: 'at most 1',
    digits: 2,
    holds: perTen <= 1,
  };
}

function stepBetween(modules: MediaModules, one: Speaker, other: Speaker): number {
  const hzOf = (speaker: Speaker): number => {
    const register = new SpeakerRegister();
    const line = new MeasuredLine(modules, (prosody) => register.measured(prosody));
    line.hear(overLine(speaker.sentences.slice(0, 5), -20, 300));
    line.close();
    return register.hz ?? 1;
  };
  return semitonesBetween(hzOf(one), hzOf(other));
}

function some(speaker: Speaker, count: number, random: () => number): readonly Int16Array[] {
  return Array.from({ length: count }, () => pick(speaker.sentences, random));
}

/** From a poor line to a good one. */
function levelOf(random: () => number): number {
  return -32 + 18 * random();
}

function pick<T>(list: readonly T[], random: () => number): T {
  const one = list[Math.floor(random() * list.length)];
  if (one === undefined) {
    throw new Error('there is nothing to choose from');
  }
  return one;
}

function sorted(values: readonly number[]): Float64Array {
  return Float64Array.from(values).sort();
}
