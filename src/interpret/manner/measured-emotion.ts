/**
 * A word for how somebody speaks, by what is measured here alone: `excited` for a second and more that is far louder and
 * higher than their usual, `calm` for one as far below. Anything less is none.
 */

import { BoundedQueue } from '../../base/bounded-queue.ts';
import { type MeasuredProsody, semitonesBetween } from '../../media/hear/prosody/prosody.ts';

/** Voice by which the usual is known, in ms; and at least. */
const REMEMBERED_MS = 60_000;
const LEAST_USUAL_MS = 8_000;
/** So long, in ms of voice. */
const LASTING_MS = 1_000;
/** How far from the usual, in standard deviations, level and pitch together. */
const FAR = 1.5;

export class MeasuredEmotion {
  readonly #measured = new BoundedQueue<MeasuredProsody>(REMEMBERED_MS, ({ voiceMs }) => voiceMs);
  #word: string | undefined;

  /** What is heard of late. */
  get word(): string | undefined {
    return this.#word;
  }

  measured(prosody: MeasuredProsody): void {
    this.#measured.push(prosody);
    const { latest, usual } = this.#divided();
    this.#word = voiceMs(usual) < LEAST_USUAL_MS ? undefined : wordFor(arousal(latest, usual));
  }

  forget(): void {
    this.#measured.clear();
    this.#word = undefined;
  }

  /** The last second of voice, and what was before it. */
  #divided(): { readonly latest: readonly MeasuredProsody[]; readonly usual: readonly MeasuredProsody[] } {
    const all = this.#measured.entries();
    let from = all.length;
    while (from > 0 && voiceMs(all.slice(from)) < LASTING_MS) {
      from -= 1;
    }
    return { latest: all.slice(from), usual: all.slice(0, from) };
  }
}

function wordFor(far: number): string | undefined {
  if (far > FAR) {
    return 'excited';
  }
  return far < -FAR ? 'calm' : undefined;
}

/** How far all of `latest` lies above the usual, in standard deviations; 0 where parts of it do not agree. */
function arousal(latest: readonly MeasuredProsody[], usual: readonly MeasuredProsody[]): number {
  const level = scale(usual.map(({ levelDbfs }) => levelDbfs));
  const pitch = scale(usual.flatMap((part) => pitchOf(part)));
  const far = latest.map((part) => {
    const pitches = pitchOf(part);
    return (level(part.levelDbfs) + (pitches[0] === undefined ? 0 : pitch(pitches[0]))) / 2;
  });
  const least = Math.min(...far);
  const most = Math.max(...far);
  return least > 0 ? least : Math.min(0, most);
}

/** In semitones above 100 Hz. */
function pitchOf({ pitch }: MeasuredProsody): readonly number[] {
  return pitch === undefined ? [] : [semitonesBetween(100, pitch.medianHz)];
}

/** How many standard deviations a value lies above the mean of these; values that hardly differ deviate by 1. */
function scale(values: readonly number[]): (value: number) => number {
  const mean = values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
  const square = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / Math.max(1, values.length);
  const deviation = Math.max(1, Math.sqrt(square));
  return (value) => (value - mean) / deviation;
}

function voiceMs(parts: readonly MeasuredProsody[]): number {
  return parts.reduce((sum, part) => sum + part.voiceMs, 0);
}
