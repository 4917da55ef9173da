/**
 * With which voice an engine speaks that does not have the one that is asked for: a person's own voice as this engine
 * has it, else the name that was given for whichever engine has it, else its neutral one. So an engine that takes over
 * from another speaks with its own rendering of the same person.
 */

import type { Clock } from '../../base/clock.ts';
import { renderingFor, type SpokenVoice, type TraitRange, type VoiceTraits } from '../tts/spoken-voice.ts';
import type { TtsRequest } from '../tts/tts-engine.ts';

/** How long an engine that refused a voice is not asked for it again, in ms: it may be made there meanwhile. */
const FORGET_MS = 300_000;
/** The most that are remembered; past it the oldest is asked for once more. */
const MOST_REMEMBERED = 1_000;

/** The voice of a request, as a part of it. */
export type VoiceOfRequest = Pick<TtsRequest, 'voice'>;

/** A voice that an engine may have. */
export interface LikeVoice {
  /** What the engine calls it. */
  readonly called: string;
  readonly said: VoiceOfRequest;
}

/** How `engine` may speak, the likest first; and what is left when it has none of these. */
export function voicesFor(
  engine: string,
  voice: SpokenVoice = {},
): { readonly likest: readonly LikeVoice[]; readonly neutral: VoiceOfRequest } {
  const { name, renderings: _, ...manner } = voice;
  const rendering = renderingFor(engine, voice);
  return {
    likest: [
      ...(rendering === undefined
        ? []
        : [{ called: rendering.ref, said: { voice: { ...manner, renderings: [rendering] } } }]),
      ...(name === undefined ? [] : [{ called: name, said: { voice: { ...manner, name } } }]),
    ],
    neutral: Object.keys(manner).length === 0 ? {} : { voice: manner },
  };
}

/** Voices that engines do not have. */
export class UnknownVoices {
  readonly #clock: Clock;
  /** When it was refused, in ms, by engine and voice; the oldest first. */
  readonly #refused = new Map<string, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Those of `voices` that `engine` has, as far as is known. */
  without(engine: string, voices: readonly LikeVoice[]): readonly LikeVoice[] {
    return voices.filter(({ called }) => this.mayHave(engine, called));
  }

  /** Whether `engine` has what it calls `called`, as far as is known. */
  mayHave(engine: string, called: string): boolean {
    const refusedMs = this.#refused.get(`${engine} ${called}`);
    return refusedMs === undefined || this.#clock.nowMs() - refusedMs >= FORGET_MS;
  }

  /** `engine` refused this, and spoke with another. */
  learn(engine: string, voice: string): void {
    this.#refused.delete(`${engine} ${voice}`);
    this.#refused.set(`${engine} ${voice}`, this.#clock.nowMs());
    for (const oldest of this.#refused.keys()) {
      if (this.#refused.size <= MOST_REMEMBERED) {
        break;
      }
      this.#refused.delete(oldest);
    }
  }
}

/** What every one of them takes. */
export function traitsOfAll(all: readonly VoiceTraits[]): VoiceTraits {
  const speed = narrowest(all.map((traits) => traits.speed));
  const pitchSt = narrowest(all.map((traits) => traits.pitchSt));
  const gainDb = narrowest(all.map((traits) => traits.gainDb));
  return {
    ...(speed === undefined ? {} : { speed }),
    ...(pitchSt === undefined ? {} : { pitchSt }),
    ...(gainDb === undefined ? {} : { gainDb }),
    ...(all.length > 0 && all.every(({ emotion }) => emotion === true) ? { emotion: true } : {}),
    ...(all.length > 0 && all.every(({ stress }) => stress === true) ? { stress: true } : {}),
  };
}

/** What lies in all ranges; undefined where one is missing or they have nothing in common. */
function narrowest(ranges: readonly (TraitRange | undefined)[]): TraitRange | undefined {
  const known = ranges.filter((range) => range !== undefined);
  const range = {
    least: Math.max(...known.map(({ least }) => least)),
    most: Math.min(...known.map(({ most }) => most)),
  };
  return known.length > 0 && known.length === ranges.length && range.least <= range.most ? range : undefined;
}
