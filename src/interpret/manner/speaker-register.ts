/**
 * How high a person speaks, known after two seconds of voice, and whether somebody else does by now: a telephone that is
 * handed on tells of it by nothing but the voice. It judges medians over seconds, since any voice rises and falls by
 * more than two voices differ.
 */

import { BoundedQueue } from '../../base/bounded-queue.ts';
import {
  joined,
  type MeasuredProsody,
  type Pitch,
  semitonesBetween,
} from '../../media/hear/prosody/prosody.ts';

/** A register is known after so much voice with a pitch, in ms. */
const KNOWN_AFTER_MS = 1_200;
/** What is remembered of a person, in ms of voice. */
const REMEMBERED_MS = 30_000;
/** Another person has spoken for so long, in ms of voice … */
const ANOTHER_MS = 3_000;
/** What is measured at a time, in ms. */
const PIECE_MS = 500;
/** … with at least so much of it a pitch, in ms … */
const ANOTHER_PITCH_MS = 1_200;
/** … and nearly all of that this far from who spoke before, in semitones. */
const ANOTHER_SEMITONES = 5;
const ANOTHER_SHARE = 0.85;

export class SpeakerRegister {
  readonly #latest = new BoundedQueue<MeasuredProsody>(ANOTHER_MS + PIECE_MS, ({ voiceMs }) => voiceMs);
  readonly #person = new BoundedQueue<MeasuredProsody>(REMEMBERED_MS, ({ voiceMs }) => voiceMs);
  #pitch: Pitch | undefined;

  /** The median of the person's pitch in Hz; undefined until it is known. */
  get hz(): number | undefined {
    return this.#pitch?.medianHz;
  }

  /** More was said. Returns what is new: how high the person speaks is known, or another person speaks. */
  measured(prosody: MeasuredProsody): 'known' | 'another' | undefined {
    this.#latest.push(prosody);
    this.#person.push(prosody);
    const before = this.#pitch;
    if (before === undefined) {
      this.#judge();
      return this.#pitch === undefined ? undefined : 'known';
    }
    const latest = this.#latest.entries();
    if (isAnother(latest, before)) {
      this.#person.clear();
      for (const part of latest.filter((each) => Math.abs(stepOf(each, before) ?? 0) > ANOTHER_SEMITONES)) {
        this.#person.push(part);
      }
      this.#judge();
      return 'another';
    }
    this.#judge();
    return undefined;
  }

  /** Somebody else is there, as is known otherwise. */
  forget(): void {
    this.#person.clear();
    this.#latest.clear();
    this.#pitch = undefined;
  }

  #judge(): void {
    const pitch = joined(this.#person.entries())?.pitch;
    this.#pitch = pitch !== undefined && pitch.heardMs >= KNOWN_AFTER_MS ? pitch : this.#pitch;
  }
}

/** How many semitones a piece lies away from who spoke before; undefined: it has no pitch. */
function stepOf({ pitch }: MeasuredProsody, person: Pitch): number | undefined {
  return pitch === undefined ? undefined : semitonesBetween(person.medianHz, pitch.medianHz);
}

/** Whether one voice was another's nearly throughout, above or below; an excited sentence is not. */
function isAnother(latest: readonly MeasuredProsody[], person: Pitch): boolean {
  const heard = joined(latest);
  if (heard?.pitch === undefined || heard.voiceMs < ANOTHER_MS || heard.pitch.heardMs < ANOTHER_PITCH_MS) {
    return false;
  }
  const least = ANOTHER_SHARE * heard.pitch.heardMs;
  const msWhere = (isThere: (step: number) => boolean): number =>
    latest.reduce((sum, part) => {
      const step = stepOf(part, person);
      return sum + (step !== undefined && isThere(step) ? (part.pitch?.heardMs ?? 0) : 0);
    }, 0);
  return (
    msWhere((step) => step > ANOTHER_SEMITONES) >= least ||
    msWhere((step) => step < -ANOTHER_SEMITONES) >= least
  );
}
