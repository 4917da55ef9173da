/**
 * Which of a language's voices speaks for a person: one as high as theirs, and far from those that speak for the others
 * of the call, so that a listener knows who is being interpreted. Pure.
 */

import type { Language } from '../../base/language.ts';
import { semitonesBetween } from '../../media/hear/prosody/prosody.ts';

/** A voice that an engine has, and how high it is. */
export interface KnownVoice {
  /** The engine's name. */
  readonly engine: string;
  /** What the engine calls the voice. */
  readonly ref: string;
  /** The median of its pitch. */
  readonly hz: number;
}

/** The voices known in a language, those of the best engine first; few, or none, where there is no choice. */
export type VoiceBook = (language: Language) => readonly KnownVoice[];

/** Two people's voices are told apart from here on, in semitones. */
const APART_SEMITONES = 3;
/**
 * What it costs to be nearer than that, in semitones away from the speaker: less than a voice of the other register, and
 * a little more the nearer it is.
 */
const NEAR_COST = 7;
/** What it costs to share a voice: more than any distance. */
const SHARED_COST = 40;

/**
 * The voice for somebody who speaks at `speakerHz`; undefined where none is known.
 * @param taken those that speak for others of the call, in whatever language.
 */
export function chooseVoice(
  voices: readonly KnownVoice[],
  speakerHz: number,
  taken: readonly KnownVoice[],
): KnownVoice | undefined {
  let best: { readonly voice: KnownVoice; readonly cost: number } | undefined;
  for (const voice of voices) {
    const cost = costOf(voice, speakerHz, taken);
    if (best === undefined || cost < best.cost) {
      best = { voice, cost };
    }
  }
  return best?.voice;
}

function costOf(voice: KnownVoice, speakerHz: number, taken: readonly KnownVoice[]): number {
  let cost = Math.abs(semitonesBetween(speakerHz, voice.hz));
  for (const other of taken) {
    const apart = Math.abs(semitonesBetween(other.hz, voice.hz));
    cost += apart < APART_SEMITONES ? NEAR_COST + 1 - apart / APART_SEMITONES : 0;
    cost += other.engine === voice.engine && other.ref === voice.ref ? SHARED_COST : 0;
  }
  return cost;
}
