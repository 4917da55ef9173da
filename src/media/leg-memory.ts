/**
 * The shared memory of one leg: its three rings, its counters and its gauges. It belongs to the leg, not to the thread that
 * works on it, so another thread can go on over it when one dies.
 */

import { SPEECH_FRAME_SAMPLES } from '../base/units.ts';
import { MAX_FRAME_BYTES } from '../protocol/audiosocket/kinds.ts';
import { allocateFrameRing, type FrameRingHandle } from './frame-ring.ts';

/** What arrived from the leg at its own rate: 640 ms, so that a freeze of half a second loses nothing. */
const INBOUND_SLOTS = 32;
/** What is about to be sent: at most three frames are ever ready, so that a flush is heard at once. */
const OUTBOUND_SLOTS = 4;
/** The last 5.12 s of the leg at 16 kHz, for recognition: pre-roll now, replay after a broken stream later. */
const SPEECH_SLOTS = 256;

/** Counters a media thread keeps where the main thread can read them without a message. */
export const MEDIA_COUNTERS = [
  /** Inbound frames that were overwritten before the media thread got to them. */
  'inboundLost',
  /** Frames of the partner's live voice overwritten before they were heard. */
  'liveLost',
  /** Frames of the partner's voice dropped or compressed away to be on time again. */
  'liveTrimmed',
  /** Frames for which the partner's voice had nothing, while it was being heard. */
  'liveMissing',
  /** Segments of a translation dropped from a full playout queue. */
  'playoutDropped',
  /** Frames for which a segment's sound was late. */
  'playoutMissing',
  /** Ticks of this leg that never happened because its thread or process stood still. */
  'ticksMissed',
  /** Cues given because nothing was heard for long while a translation was on its way. */
  'cues',
  /** Times the listener spoke over a translation for so long that it was made softer. */
  'interruptions',
] as const;

export type MediaCounter = (typeof MEDIA_COUNTERS)[number];

/** What is so now, kept like the counters. */
export const MEDIA_GAUGES = [
  /** Translated speech that waits to be heard, in ms at its natural speed. */
  'backlogMs',
  /** How fast it is spoken, in percent of its natural speed; 100 while nothing is. */
  'tempoPercent',
] as const;

export type MediaGauge = (typeof MEDIA_GAUGES)[number];

export interface LegMemory {
  readonly inbound: FrameRingHandle;
  readonly outbound: FrameRingHandle;
  readonly speech: FrameRingHandle;
  readonly counters: SharedArrayBuffer;
  readonly gauges: SharedArrayBuffer;
}

export function allocateLegMemory(): LegMemory {
  const gauges = new SharedArrayBuffer(MEDIA_GAUGES.length * 4);
  // What is true before a thread has taken the leg.
  new MediaGauges(gauges).set('tempoPercent', 100);
  return {
    inbound: allocateFrameRing(INBOUND_SLOTS, MAX_FRAME_BYTES),
    outbound: allocateFrameRing(OUTBOUND_SLOTS, MAX_FRAME_BYTES),
    speech: allocateFrameRing(SPEECH_SLOTS, SPEECH_FRAME_SAMPLES * 2),
    counters: new SharedArrayBuffer(MEDIA_COUNTERS.length * 4),
    gauges,
  };
}

/** The counters of a leg: the media thread adds, the main thread reads. */
export class MediaCounters {
  readonly #counts: Int32Array;

  constructor(memory: SharedArrayBuffer) {
    this.#counts = new Int32Array(memory);
  }

  add(counter: MediaCounter, count = 1): void {
    if (count !== 0) {
      Atomics.add(this.#counts, MEDIA_COUNTERS.indexOf(counter), count);
    }
  }

  get(counter: MediaCounter): number {
    return Atomics.load(this.#counts, MEDIA_COUNTERS.indexOf(counter));
  }
}

/** The gauges of a leg: the media thread sets, the main thread reads. */
export class MediaGauges {
  readonly #values: Int32Array;

  constructor(memory: SharedArrayBuffer) {
    this.#values = new Int32Array(memory);
  }

  /** @param value rounded to a whole number. */
  set(gauge: MediaGauge, value: number): void {
    Atomics.store(this.#values, MEDIA_GAUGES.indexOf(gauge), Math.round(value));
  }

  get(gauge: MediaGauge): number {
    return Atomics.load(this.#values, MEDIA_GAUGES.indexOf(gauge));
  }
}
