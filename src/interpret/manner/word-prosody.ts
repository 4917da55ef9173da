/**
 * How each word of a clause was said: what was measured frame by frame, laid on the times that recognition has for the
 * words. Pure; a word of which less is known than half is left out, and so is what it might have told.
 */

import { FRAME_MS } from '../../base/units.ts';
import type { Word } from '../../engines/stt/stt-engine.ts';
import { type MeasuredProsody, semitonesBetween } from '../../media/hear/prosody/prosody.ts';

/** Frames quieter than this beneath the loudest of the word are consonants and the gaps between words. */
const VOICED_WITHIN_DB = 20;
/** Times of recognition are some hundredths of a second off, in ms. */
const SLACK_MS = 20;
const NO_VOICE_DBFS = -100;

export interface WordProsody {
  /** Which word of the clause it is. */
  readonly index: number;
  readonly text: string;
  /** Of its loudest tenth of a second. */
  readonly levelDbfs: number;
  /** Its highest pitch, in semitones above 100 Hz; undefined: it has none. */
  readonly topSemitones: number | undefined;
  /** How long its sounds are. */
  readonly soundMs: number;
}

/** Words of which more than half was not measured are not in it. @param words with times on the clock, in ms. */
export function wordsMeasured(
  words: readonly Word[],
  measured: readonly MeasuredProsody[],
): readonly WordProsody[] {
  return words.flatMap(({ text, startMs, endMs }, index) => {
    const frames = framesWithin(measured, startMs - SLACK_MS, endMs + SLACK_MS);
    const knownMs = frames.length * FRAME_MS;
    const voiced = frames.filter(({ levelDbfs }) => levelDbfs > NO_VOICE_DBFS);
    if (knownMs < (endMs - startMs) / 2 || voiced.length === 0) {
      return [];
    }
    const levels = voiced.map(({ levelDbfs }) => levelDbfs).sort((one, other) => other - one);
    const [loudest = NO_VOICE_DBFS] = levels;
    const loud = voiced.filter(({ levelDbfs }) => levelDbfs > loudest - VOICED_WITHIN_DB);
    return [
      {
        ...{ index, text, soundMs: loud.length * FRAME_MS },
        levelDbfs: mean(levels.slice(0, LOUD_FRAMES)),
        topSemitones: topOf(loud.map(({ hz }) => hz)),
      },
    ];
  });
}

/** A tenth of a second. */
const LOUD_FRAMES = 5;

interface Frame {
  readonly levelDbfs: number;
  readonly hz: number;
}

function framesWithin(measured: readonly MeasuredProsody[], fromMs: number, toMs: number): readonly Frame[] {
  return measured.flatMap(({ contour, fromMs: startMs }) => {
    const frames: Frame[] = [];
    const { levelsDbfs, pitchesHz } = contour ?? { levelsDbfs: [], pitchesHz: [] };
    for (const [place, levelDbfs] of levelsDbfs.entries()) {
      const middleMs = startMs + (place + 0.5) * FRAME_MS;
      if (middleMs >= fromMs && middleMs < toMs) {
        frames.push({ levelDbfs, hz: pitchesHz[place] ?? 0 });
      }
    }
    return frames;
  });
}

/** The second highest, since the finder slips by an octave now and then, in one frame. */
function topOf(pitchesHz: readonly number[]): number | undefined {
  const sorted = pitchesHz.filter((hz) => hz > 0).sort((one, other) => other - one);
  const hz = sorted[1] ?? sorted[0];
  return hz === undefined ? undefined : semitonesBetween(100, hz);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
