/**
 * Somebody who listens to a party of a call while it runs: what it says, what it hears, or both, one a channel. He takes
 * the sound when he likes, a little behind, out of rings that are written beside the way of the sound: who takes it late
 * or never costs the party nothing.
 */

import { FRAME_MS } from '../../base/units.ts';
import type { MediaModules } from '../../media/dsp/wasm.ts';
import type { LegTap } from '../../media/record/leg-tap.ts';
import type { Track } from '../../protocol/recording/recorder-orders.ts';
import type { Leg } from '../leg.ts';
import { ContinuousSound } from './continuous-sound.ts';
import type { Listened, ListenedSound, ListeningEnd, ListeningWish } from './listened-sound.ts';

const TRACKS: Readonly<Record<Listened, readonly Track[]>> = {
  voice: ['voice'],
  heard: ['heard'],
  both: ['voice', 'heard'],
};
/** A frame is known to be silence when it has not come by then: 200 ms, a third of what the rings hold. */
const BEHIND_FRAMES = 10;

export interface ListenerOptions extends ListeningWish {
  readonly party: string;
  readonly modules: MediaModules;
  /** When the call began, on the clock. */
  readonly startMs: number;
  readonly nowMs: number;
  readonly rateHz: number;
  readonly dropped: (ms: number) => void;
}

export class Listener implements ListenedSound {
  readonly party: string;
  readonly what: Listened;
  readonly by: string;
  readonly tone: boolean;
  readonly rateHz: number;
  readonly dropped: (ms: number) => void;
  readonly #startMs: number;
  readonly #lines: ReadonlyMap<Track, ContinuousSound>;
  #tap: LegTap | undefined;
  /** Gives up that what the leg hears is put where the tap finds it. */
  #release = (): void => {};
  #end: ListeningEnd | undefined;
  readonly #told = new Set<(why: ListeningEnd) => void>();

  /** Hears nothing before it is attached. */
  constructor({ party, what, by, tone, modules, startMs, nowMs, rateHz, dropped }: ListenerOptions) {
    this.party = party;
    this.what = what;
    this.by = by;
    this.tone = tone;
    this.rateHz = rateHz;
    this.dropped = dropped;
    this.#startMs = startMs;
    const from = this.#placeAt(nowMs);
    this.#lines = new Map(TRACKS[what].map((track) => [track, new ContinuousSound(modules, rateHz, from)]));
  }

  get channels(): number {
    return this.#lines.size;
  }

  /** The party is on this leg from now on. */
  attach(leg: Leg): void {
    this.detach();
    this.#tap = leg.media.tap(this.#startMs, new Set(this.#lines.keys()));
    this.#release = this.#lines.has('heard') ? leg.media.keepHeard() : () => {};
  }

  /** The party has lost its leg: call it before the leg's media closes. */
  detach(): void {
    this.#read(true);
    this.#release();
    this.#release = () => {};
    this.#tap = undefined;
  }

  take(nowMs: number): Int16Array {
    this.#read(false);
    const end = this.#placeAt(nowMs);
    const lines = [...this.#lines.values()].map((line) => line.takeUpTo(end));
    const [first = new Int16Array(0), second] = lines;
    return second === undefined ? first : inTurns(first, second);
  }

  onEnd(ended: (why: ListeningEnd) => void): void {
    if (this.#end === undefined) {
      this.#told.add(ended);
    } else {
      ended(this.#end);
    }
  }

  close(): void {
    this.end('closed');
  }

  /** There is no more to hear. Idempotent. */
  end(why: ListeningEnd): void {
    if (this.#end === undefined) {
      this.#end = why;
      this.detach();
      for (const line of this.#lines.values()) {
        line.close();
      }
      for (const told of this.#told) {
        told(why);
      }
    }
  }

  #read(last: boolean): void {
    for (const piece of this.#tap?.take(0, last) ?? []) {
      this.#lines.get(piece.track)?.add(piece);
    }
  }

  /** The place whose frame, if there is any, has come by `nowMs`. */
  #placeAt(nowMs: number): number {
    return Math.floor((nowMs - this.#startMs) / FRAME_MS) - BEHIND_FRAMES;
  }
}

function inTurns(left: Int16Array, right: Int16Array): Int16Array {
  const both = new Int16Array(left.length * 2);
  for (let sample = 0; sample < left.length; sample += 1) {
    both[2 * sample] = left[sample] ?? 0;
    both[2 * sample + 1] = right[sample] ?? 0;
  }
  return both;
}
