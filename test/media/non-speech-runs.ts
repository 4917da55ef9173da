/**
 * Long runs of what a leg must not take for speech, and of speech it must not miss: echo, both speaking at once, tones
 * and music. The bench runs them at full length, a test runs a part of each. All at 8 kHz through mu-law, with a
 * little noise on the line.
 */

import type { MediaModules } from '../../src/media/dsp/wasm.ts';
import { concatPcm, noise, silence } from '../asterisk/audio.ts';
import { CADENCES, KEY_PAIRS_HZ, playCadence, tones } from './line-tones.ts';
import { type HeardUtterance, ListeningLeg } from './listening-leg.ts';
import { type MusicStyle, playMusic } from './played-music.ts';
import type { SpokenPiece } from './spoken-pieces.ts';
import { type EchoPath, echoOf, mixed, throughMuLaw } from './telephone-path.ts';

const RATE_HZ = 8_000;
/** -62 dBFS. */
const NOISE_PEAK = 0.00138;
/** A telephone's echo stays as it is while a call lasts: so many utterances are played into one leg. */
const UTTERANCES_PER_CALL = 10;
const ECHO_LEVELS_DB = [-6, -15, -20, -25, -30] as const;
/** An own voice must have begun an utterance this much later than without anything played, at the most. */
const BEGINS_WITHIN_MS = 300;
const PAUSE_MS = 800;

export interface Count {
  readonly tried: number;
  /** Phantom utterances, or voices that were missed. */
  readonly wrong: number;
  /** Which ones, for a person who looks into it. */
  readonly which: readonly string[];
}

/** Utterances that nobody has spoken, of `utterances` that were played and came back as echo. */
export function runEchoes(modules: MediaModules, pieces: readonly SpokenPiece[], utterances: number): Count {
  const which: string[] = [];
  for (let first = 0, call = 0; first < utterances; first += UTTERANCES_PER_CALL, call += 1) {
    const leg = new ListeningLeg(modules, RATE_HZ);
    const path = pathOf(call);
    for (let index = first; index < Math.min(utterances, first + UTTERANCES_PER_CALL); index += 1) {
      const before = leg.utterances.length;
      const { pcm, speaker } = pick(pieces, index * 7);
      const played = concatPcm(silence(PAUSE_MS, RATE_HZ), pcm);
      leg.hear(online(echoOf(played, path), index), played);
      if (leg.utterances.length > before) {
        which.push(`${speaker} at ${path.levelDb} dB, ${path.place} ${call}`);
      }
    }
    leg.close();
  }
  return { tried: utterances, wrong: which.length, which };
}

/**
 * Voices that did not begin an utterance in time though somebody spoke while a translation was played: the last 30 % of
 * what is played lie under the beginning of what is said. @param echoed without it the telephone has no echo.
 */
export function runDoubleTalk(
  modules: MediaModules,
  pieces: readonly SpokenPiece[],
  voices: number,
  echoed: boolean,
): Count {
  const which: string[] = [];
  for (let index = 0; index < voices; index += 1) {
    const path = pathOf(index);
    const far = pick(pieces, index * 7);
    const own = otherSpeaker(pieces, far.speaker, index * 11 + 3);
    const played = concatPcm(silence(PAUSE_MS, RATE_HZ), far.pcm);
    const ownFromMs = PAUSE_MS + (far.pcm.length / 8) * 0.7;
    const saidAlone = mixed([own.pcm, silence(PAUSE_MS, RATE_HZ)], [ownFromMs, ownFromMs]);
    const alone = firstBegin(modules, online(saidAlone, index), silence(0, RATE_HZ), ownFromMs);
    const heard = echoed ? mixed([saidAlone, echoOf(played, path)]) : saidAlone;
    const begin = firstBegin(modules, online(heard, index), played, ownFromMs);
    if (alone !== undefined && (begin === undefined || begin > alone + BEGINS_WITHIN_MS)) {
      which.push(`${own.speaker} over ${far.speaker} at ${path.levelDb} dB: ${begin} for ${alone}`);
    }
  }
  return { tried: voices, wrong: which.length, which };
}

/** Utterances taken from tones: every key in `keyLengthsMs` at each level, and `cadenceMs` of each cadence. */
export function runTones(
  modules: MediaModules,
  keyLengthsMs: readonly number[],
  levelsDbm0: readonly number[],
  cadenceMs: number,
): Count {
  const which: string[] = [];
  let tried = 0;
  const listen = (name: string, pcm: Int16Array, offsetMs: number): void => {
    const leg = new ListeningLeg(modules, RATE_HZ);
    leg.hear(online(concatPcm(silence(600 + offsetMs, RATE_HZ), pcm, silence(PAUSE_MS, RATE_HZ)), tried));
    tried += 1;
    which.push(...leg.utterances.map(({ decidedMs }) => `${name} at ${decidedMs} ms`));
    leg.close();
  };
  for (const level of levelsDbm0) {
    for (const [index, pair] of KEY_PAIRS_HZ.entries()) {
      for (const lengthMs of keyLengthsMs) {
        // Keys do not begin with a frame.
        const key = tones(pair, lengthMs, RATE_HZ, level - 3);
        listen(`${pair.join('+')} Hz ${lengthMs} ms ${level} dBm0`, key, (index * 5) % 20);
      }
    }
    for (const cadence of CADENCES) {
      listen(`${cadence.name} ${level} dBm0`, playCadence(cadence, cadenceMs, RATE_HZ, level - 3), 7);
    }
  }
  return { tried, wrong: which.length, which };
}

export interface MusicHeard {
  readonly name: string;
  readonly seconds: number;
  /** Utterances that ended as no speech, and how long it took to know. */
  readonly unmasked: number;
  readonly unmaskedAfterMs: readonly number[];
  /** Utterances that were passed on as speech, and how long they were together. */
  readonly passed: number;
  readonly passedSeconds: number;
}

export function runMusic(modules: MediaModules, name: string, pcm: Int16Array): MusicHeard {
  const leg = new ListeningLeg(modules, RATE_HZ);
  leg.hear(online(concatPcm(silence(600, RATE_HZ), pcm, silence(1_500, RATE_HZ)), 1));
  leg.close();
  const unmasked = leg.utterances.filter(({ noneMs }) => noneMs !== undefined);
  const passed = leg.utterances.filter(({ noneMs }) => noneMs === undefined);
  return {
    name,
    seconds: pcm.length / RATE_HZ,
    unmasked: unmasked.length,
    unmaskedAfterMs: unmasked.map(({ noneMs, decidedMs }) => (noneMs ?? 0) - decidedMs),
    passed: passed.length,
    passedSeconds: passed.reduce((sum, one) => sum + lengthMs(one), 0) / 1_000,
  };
}

export const SYNTHESISED_MUSIC: readonly MusicStyle[] = ['pad and drum', 'arpeggio', 'piano chords'];

export function synthesisedMusic(style: MusicStyle, durationMs: number): Int16Array {
  return playMusic(style, durationMs, RATE_HZ);
}

/** Utterances of speech alone that were taken for music. */
export function runSpeech(modules: MediaModules, pieces: readonly SpokenPiece[]): Count {
  const which: string[] = [];
  for (const [index, { speaker, pcm }] of pieces.entries()) {
    const leg = new ListeningLeg(modules, RATE_HZ);
    leg.hear(online(concatPcm(silence(600, RATE_HZ), pcm, silence(PAUSE_MS, RATE_HZ)), index));
    if (leg.utterances.length === 0 || leg.utterances.some(({ noneMs }) => noneMs !== undefined)) {
      which.push(speaker);
    }
    leg.close();
  }
  return { tried: pieces.length, wrong: which.length, which };
}

function lengthMs({ decidedMs, endedMs }: HeardUtterance): number {
  return endedMs - decidedMs;
}

/** A telephone for each call: 50 to 300 ms, all levels, at the ear and hands-free. */
function pathOf(call: number): EchoPath {
  return {
    delayMs: 50 + ((call * 37) % 251),
    levelDb: ECHO_LEVELS_DB[call % ECHO_LEVELS_DB.length] ?? -15,
    place: call % 2 === 0 ? 'handset' : 'room',
    seed: call,
  };
}

/** As it arrives: with the line's noise, coded. */
function online(pcm: Int16Array, seed: number): Int16Array {
  return throughMuLaw(mixed([pcm, noise((pcm.length * 1_000) / RATE_HZ, RATE_HZ, NOISE_PEAK, seed + 1)]));
}

/** When the first utterance began that may be the voice's which begins at `voiceMs`. */
function firstBegin(
  modules: MediaModules,
  heard: Int16Array,
  played: Int16Array,
  voiceMs: number,
): number | undefined {
  const leg = new ListeningLeg(modules, RATE_HZ);
  leg.hear(heard, played);
  leg.close();
  return leg.utterances.map(({ decidedMs }) => decidedMs).find((decidedMs) => decidedMs >= voiceMs);
}

function otherSpeaker(pieces: readonly SpokenPiece[], speaker: string, index: number): SpokenPiece {
  return pick(
    pieces.filter((piece) => piece.speaker !== speaker),
    index,
  );
}

function pick(pieces: readonly SpokenPiece[], index: number): SpokenPiece {
  const piece = pieces[index % pieces.length];
  if (piece === undefined) {
    throw new RangeError('there are no pieces of speech');
  }
  return piece;
}
