/**
 * Whether a translation is as fast and as loud as what was said, and what that costs in lateness: 20 people say 25
 * clauses each in a manner that is scripted, and what was measured of each clause goes with its translation through the
 * playout of a listener's leg. Only the sound knows of the script.
 */

import { FRAME_MS, frameSamples, samplesToMs } from '../../../src/base/units.ts';
import { SpeakerManner } from '../../../src/interpret/manner/speaker-manner.ts';
import { gainOf } from '../../../src/media/dsp/sound.ts';
import type { MediaModules } from '../../../src/media/dsp/wasm.ts';
import { PlayoutQueue } from '../../../src/media/play/playout-queue.ts';
import { AS_SPOKEN, type SegmentManner } from '../../../src/media/play/segment-manner.ts';
import { allocateLegMemory, MediaCounters } from '../../../src/media/ring/leg-memory.ts';
import { levelDbfs, seededRandom } from '../../asterisk/audio.ts';
import { MeasuredLine } from './measured-line.ts';
import { LINE_HZ, louder, overLine, spokenAt } from './speakers.ts';
import type { VoiceRow } from './voice-row.ts';

const VOICES = ['en-us', 'en-us+m3', 'en-us+f2', 'en-us+f5'] as const;
const SPEAKERS = 20;
const CLAUSES = 25;
const USUAL_WORDS_PER_MINUTE = 160;
const USUAL_DBFS = -24;
/** From the end of a clause to the first sound of its translation, in ms. */
const LATENCY_MS = 700;

/** A clause, and what it becomes; about as long. */
const TEXTS = [
  ['I would like to change my appointment on Thursday', 'Quisiera cambiar mi cita del próximo jueves'],
  ['because I have to be in another town that day', 'porque ese día tengo que estar en otra ciudad'],
  ['nobody has been able to tell me what has happened', 'nadie me ha podido decir todavía qué ha pasado'],
  ['the delivery was supposed to come this morning', 'el paquete tenía que llegar esta mañana a casa'],
  ['please send another copy to the address on file', 'por favor mande otra copia a la dirección que tiene'],
] as const;

interface Clause {
  readonly speed: number;
  readonly gainDb: number;
  readonly pauseMs: number;
  readonly said: Int16Array;
  readonly translation: Int16Array;
}

interface Played {
  /** How many times as fast as the engine spoke it. */
  readonly speed: number;
  readonly levelDb: number;
  /** When the middle of it was heard. */
  readonly middleMs: number;
}

export function mannerRows(modules: MediaModules): readonly VoiceRow[] {
  const scripted: Clause[] = [];
  const played: Played[] = [];
  const plain: Played[] = [];
  for (let speaker = 0; speaker < SPEAKERS; speaker += 1) {
    const clauses = scriptOf(modules, speaker);
    const { manners, readyMs } = mannersOf(modules, clauses);
    scripted.push(...clauses);
    played.push(...playedWith(modules, clauses, readyMs, manners));
    plain.push(
      ...playedWith(
        modules,
        clauses,
        readyMs,
        clauses.map(() => AS_SPOKEN),
      ),
    );
  }
  const rate = correlation(
    scripted.map(({ speed }) => speed),
    played.map(({ speed }) => speed),
  );
  const level = correlation(
    scripted.map(({ gainDb }) => gainDb),
    played.map(({ levelDb }, index) => levelDb - (plain[index]?.levelDb ?? 0)),
  );
  const laterMs = mean(played.map(({ middleMs }, index) => middleMs - (plain[index]?.middleMs ?? 0)));
  const mostDb = Math.max(
    ...played.map(({ levelDb }, index) => Math.abs(levelDb - (plain[index]?.levelDb ?? 0))),
  );
  return [
    {
      what: `rate of ${scripted.length} clauses and of their translations, correlation`,
      value: rate,
      target: 'at least 0.7',
      digits: 2,
      holds: rate >= 0.7,
    },
    { what: 'level, correlation', value: level, target: 'at least 0.7', digits: 2, holds: level >= 0.7 },
    {
      what: 'later by, ms, mean over all sound',
      value: laterMs,
      target: 'at most 100',
      digits: 0,
      holds: laterMs <= 100,
    },
    {
      what: 'louder or softer by at most, dB',
      value: mostDb,
      target: 'at most 6.5',
      digits: 1,
      holds: mostDb <= 6.5,
    },
  ];
}

function scriptOf(modules: MediaModules, speaker: number): readonly Clause[] {
  const random = seededRandom(100 + speaker);
  const voice = VOICES[speaker % VOICES.length] ?? 'en-us';
  return Array.from({ length: CLAUSES }, (_, index) => {
    const [english, spanish] = TEXTS[(index + speaker) % TEXTS.length] ?? TEXTS[0];
    const speed = 0.75 + 0.55 * random();
    const gainDb = -6 + 12 * random();
    const words = Math.round(USUAL_WORDS_PER_MINUTE * speed);
    return {
      ...{ speed, gainDb },
      pauseMs: 150 + 1_200 * random(),
      said: spokenAt(modules, voice, words, english),
      translation: louder(spokenAt(modules, 'es', USUAL_WORDS_PER_MINUTE, spanish), -3),
    };
  });
}

/** What is measured of each clause, and when its translation is ready. */
function mannersOf(
  modules: MediaModules,
  clauses: readonly Clause[],
): { readonly manners: readonly SegmentManner[]; readonly readyMs: readonly number[] } {
  const manner = new SpeakerManner();
  const line = new MeasuredLine(modules, (prosody) => manner.measured(prosody));
  const manners: SegmentManner[] = [];
  const readyMs: number[] = [];
  for (const { said, gainDb, pauseMs } of clauses) {
    const fromMs = line.nowMs;
    line.hear(overLine([said], USUAL_DBFS + gainDb, pauseMs));
    const toMs = fromMs + samplesToMs(said.length, LINE_HZ);
    manners.push(manner.of({ fromMs, toMs }));
    readyMs.push(toMs + LATENCY_MS);
  }
  line.close();
  return { manners, readyMs };
}

/** Plays the translations of one person's clauses to a listener. */
function playedWith(
  modules: MediaModules,
  clauses: readonly Clause[],
  readyMs: readonly number[],
  manners: readonly SegmentManner[],
): readonly Played[] {
  const startedMs: number[] = [];
  const endedMs: number[] = [];
  let nowMs = 0;
  const queue = new PlayoutQueue(modules, LINE_HZ, new MediaCounters(allocateLegMemory().counters), {
    segmentStarted: (segment) => {
      startedMs[segment] = nowMs;
    },
    segmentEnded: (segment) => {
      endedMs[segment] = nowMs;
    },
  });
  queue.moreComing = true;
  const energy = clauses.map(() => 0);
  const frame = new Int16Array(frameSamples(LINE_HZ));
  for (let next = 0; endedMs.length < clauses.length; nowMs += FRAME_MS) {
    for (let ready = readyMs[next]; ready !== undefined && ready <= nowMs; ready = readyMs[next]) {
      queue.open(next, LINE_HZ, undefined, manners[next]);
      queue.add(next, clauses[next]?.translation ?? new Int16Array(1));
      queue.end(next);
      next += 1;
    }
    const before = endedMs.length;
    if (queue.pull(frame)) {
      const power = 10 ** (levelDbfs(frame) / 10) * gainOf(queue.gainDb) ** 2;
      energy[before] = (energy[before] ?? 0) + power;
    }
  }
  queue.close();
  return clauses.map(({ translation }, index) => {
    const fromMs = startedMs[index] ?? 0;
    const lastedMs = (endedMs[index] ?? 0) - fromMs;
    return {
      speed: samplesToMs(translation.length, LINE_HZ) / lastedMs,
      levelDb: 10 * Math.log10((energy[index] ?? 0) / (lastedMs / FRAME_MS)),
      middleMs: fromMs + lastedMs / 2,
    };
  });
}

/** Pearson's. */
function correlation(ones: readonly number[], others: readonly number[]): number {
  const [oneMean, otherMean] = [mean(ones), mean(others)];
  const covariance = mean(ones.map((one, index) => (one - oneMean) * ((others[index] ?? 0) - otherMean)));
  return covariance / (deviation(ones, oneMean) * deviation(others, otherMean));
}

function deviation(values: readonly number[], of: number): number {
  return Math.sqrt(mean(values.map((value) => (value - of) ** 2)));
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
