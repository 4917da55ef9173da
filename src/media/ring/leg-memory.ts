/**
 * The shared memory of one leg: its rings, its counters and gauges, its pace and its way to the connection. It
 * belongs to the leg, not to the thread that works on it, so another thread can go on over it when one dies.
 *
 * Legs lie side by side in blocks of shared memory, each block large enough that the system hands over its pages as
 * they are first touched. In memory of its own a leg would cost 0.1 ms of the main thread and more to be filled with
 * zeros, and all of its {@link LEG_BYTES}; so a leg at 8 kHz that nobody listens to costs 20 KB.
 *
 * A page's first touch costs 13 µs on a virtual machine, several times that on a busy one, so all that an arrival
 * touches of a leg lies on one page, and a server touches those of the legs that may come first before they do.
 */

import { BucketCounts, bucketWords } from '../../base/bucket-counts.ts';
import { SPEECH_FRAME_SAMPLES } from '../../base/units.ts';
import { MAX_FRAME_BYTES } from '../../protocol/audiosocket/kinds.ts';
import { RTP_HEADER_BYTES } from '../../protocol/rtp/packet.ts';
import {
  clearFrameRing,
  type FrameRingHandle,
  type FrameRingShape,
  frameRingAt,
  frameRingBytes,
  RING_HEADER_BYTES,
  takeRingNumbers,
} from './frame-ring.ts';
import { FRAME_WIRE_BYTES, WireState } from './frame-wire.ts';
import { PACE_BYTES, PaceSchedule } from './pace-schedule.ts';

/** The longest packet of RTP that a leg is heard by, in bytes; on most networks none is longer than 1,472. */
export const LONGEST_PACKET_BYTES = 7_680;
/** The longest frame for which a ring has all its slots: 48,000 Hz * 0.020 s * 2 bytes. */
const USUAL_FRAME_BYTES = 1_920;
/** Frames that wait to be heard, at most. */
export const INBOUND_FRAMES = 32;
/**
 * What arrived from the leg at its own rate: 640 ms, so that a freeze of half a second loses nothing; at 96 kHz 320 ms,
 * and at 192 kHz 160 ms.
 */
const INBOUND: FrameRingShape = {
  slots: INBOUND_FRAMES,
  frameBytes: USUAL_FRAME_BYTES,
  longestBytes: MAX_FRAME_BYTES,
};
/** What is about to be sent: at most three frames are ever ready, so that a flush is heard at once. */
const OUTBOUND: FrameRingShape = { slots: 4, frameBytes: MAX_FRAME_BYTES, longestBytes: MAX_FRAME_BYTES };
/** The last 5.12 s of the leg at 16 kHz, for recognition: pre-roll now, replay after a broken stream later. */
const SPEECH: FrameRingShape = {
  slots: 256,
  frameBytes: SPEECH_FRAME_SAMPLES * 2,
  longestBytes: SPEECH_FRAME_SAMPLES * 2,
};

/**
 * Packets of RTP as they arrived, for the media thread to make frames of: 640 ms of 20 ms each. Only a leg whose wire
 * is RTP touches it.
 */
const PACKETS: FrameRingShape = {
  slots: 32,
  frameBytes: RTP_HEADER_BYTES + USUAL_FRAME_BYTES,
  longestBytes: LONGEST_PACKET_BYTES,
};

/**
 * What the leg hears, for who records it: 640 ms, as what arrives. What translations it is told, all that its media
 * thread makes, and what the main thread passes on are a ring each; only a leg that is recorded touches them.
 */
const TAPE = INBOUND;

/** Bounds by which is counted for how long frames that arrived wait to be heard, in ms. */
const INBOUND_WAIT_BOUNDS_MS = [1, 2, 5, 10, 20, 40, 80, 160, 320];

/** In this order their numbers follow each other, and their headers. */
const RINGS = [
  ['inbound', INBOUND],
  ['outbound', OUTBOUND],
  ['speech', SPEECH],
  ['packets', PACKETS],
  ['told', TAPE],
  ['heard', TAPE],
  ['passed', TAPE],
] as const;

/**
 * Counters, gauges, pace and waits have a cache line each, from the leg's first byte on; then come the headers of the
 * rings and the wire, of which a message at 8 kHz ends on the same page, and after that the rings' slots.
 */
const LINE_BYTES = 64;
const COUNTERS_AT = 0;
const GAUGES_AT = COUNTERS_AT + LINE_BYTES;
const PACE_AT = GAUGES_AT + LINE_BYTES;
const WAITS_AT = PACE_AT + Math.ceil(PACE_BYTES / LINE_BYTES) * LINE_BYTES;
const HEADERS_AT = WAITS_AT + LINE_BYTES;
const WIRE_AT = HEADERS_AT + RINGS.length * RING_HEADER_BYTES;
const SLOTS_AT = WIRE_AT + Math.ceil(FRAME_WIRE_BYTES / LINE_BYTES) * LINE_BYTES;
const PAGE_BYTES = 4_096;
/**
 * A leg begins on a page of its own, so that two threads' legs share none. 524,288 bytes: 8,512 before the slots, of which
 * `speech` has 172,032, `packets` 62,976, `outbound` 30,848 and the four others 62,464 each, up to the next page.
 */
const LEG_BYTES =
  Math.ceil(RINGS.reduce((bytes, [, shape]) => bytes + frameRingBytes(shape), SLOTS_AT) / PAGE_BYTES) *
  PAGE_BYTES;
/**
 * Past 32 MiB the C library takes memory from the system, pages untouched, whatever was freed before
 * (M_MMAP_THRESHOLD).
 */
const LEGS_PER_BLOCK = Math.ceil((33 * 1_048_576) / LEG_BYTES);

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
  // What became of the packets of a leg over RTP: see `JitterBuffer`.
  'rtpLost',
  'rtpLate',
  'rtpDuplicates',
  'rtpMadeUp',
  'rtpDropped',
  'rtpStreams',
] as const;

export type MediaCounter = (typeof MEDIA_COUNTERS)[number];

/** What is so now, kept like the counters. */
const MEDIA_GAUGES = [
  /** Translated speech that waits to be heard, in ms at its natural speed. */
  'backlogMs',
  /** How fast it is spoken, in percent of its natural speed; 100 while nothing is. */
  'tempoPercent',
  /** What of which segment was heard: see `heard-so-far.ts`. */
  'heardSoFar',
  /** How long packets of RTP are held back to be in order, in ms. */
  'heldMs',
] as const;

export type MediaGauge = (typeof MEDIA_GAUGES)[number];

/** A few words of shared memory. */
export interface WordsHandle {
  readonly memory: SharedArrayBuffer;
  readonly byteOffset: number;
}

export interface LegMemory {
  readonly place: LegPlace;
  readonly inbound: FrameRingHandle;
  readonly outbound: FrameRingHandle;
  readonly speech: FrameRingHandle;
  readonly packets: FrameRingHandle;
  /** For who records the leg: see `record/leg-tape.ts`. */
  readonly told: FrameRingHandle;
  readonly heard: FrameRingHandle;
  readonly passed: FrameRingHandle;
  readonly counters: WordsHandle;
  readonly gauges: WordsHandle;
  readonly pace: WordsHandle;
  readonly waits: WordsHandle;
  readonly wire: WordsHandle;
}

/** Where a leg lies. It is all that another thread needs to find the leg's memory: {@link legMemoryAt}. */
export interface LegPlace extends FreePlace {
  /** The number of the first of its rings. */
  readonly firstRing: number;
}

/** Where a leg fits, and how many were there before. */
interface FreePlace {
  readonly memory: SharedArrayBuffer;
  readonly byteOffset: number;
  readonly lives: number;
}

const free: FreePlace[] = [];
/** That which was not given back. */
const taken = new WeakSet<LegMemory>();

/** Memory for a leg: nothing has arrived, nothing is counted. {@link freeLegMemory} makes room for another. */
export function allocateLegMemory(): LegMemory {
  const place = free.pop() ?? newBlock();
  const { memory, byteOffset, lives } = place;
  const leg = legMemoryAt({ ...place, firstRing: takeRingNumbers(RINGS.length) });
  taken.add(leg);
  if (lives > 0) {
    for (const [ring] of RINGS) {
      clearFrameRing(leg[ring]);
    }
  }
  new Int32Array(memory, byteOffset + COUNTERS_AT, MEDIA_COUNTERS.length).fill(0);
  new Int32Array(memory, byteOffset + GAUGES_AT, MEDIA_GAUGES.length).fill(0);
  PaceSchedule.clear(leg.pace);
  new Int32Array(memory, byteOffset + WAITS_AT, bucketWords(INBOUND_WAIT_BOUNDS_MS)).fill(0);
  new WireState(leg.wire).clear();
  // What is true before a thread has taken the leg.
  new MediaGauges(leg.gauges).set('tempoPercent', 100);
  return leg;
}

/** The memory of the leg that lies there, on any thread; nothing of it is touched. */
export function legMemoryAt(place: LegPlace): LegMemory {
  const { memory, byteOffset, lives, firstRing } = place;
  let ring = 0;
  let slotsAt = byteOffset + SLOTS_AT;
  const next = (shape: FrameRingShape): FrameRingHandle => {
    const at = {
      headerOffset: byteOffset + HEADERS_AT + ring * RING_HEADER_BYTES,
      byteOffset: slotsAt,
    };
    const handle = frameRingAt(memory, at, shape, lives, firstRing + ring);
    ring += 1;
    slotsAt += handle.byteLength;
    return handle;
  };
  // In the order of RINGS.
  return {
    place,
    inbound: next(INBOUND),
    outbound: next(OUTBOUND),
    speech: next(SPEECH),
    packets: next(PACKETS),
    told: next(TAPE),
    heard: next(TAPE),
    passed: next(TAPE),
    counters: { memory, byteOffset: byteOffset + COUNTERS_AT },
    gauges: { memory, byteOffset: byteOffset + GAUGES_AT },
    pace: { memory, byteOffset: byteOffset + PACE_AT },
    waits: { memory, byteOffset: byteOffset + WAITS_AT },
    wire: { memory, byteOffset: byteOffset + WIRE_AT },
  };
}

/**
 * Makes room for `legs` at once, and has the system hand over what their arrivals touch first: 8 KB and 30 µs each. They
 * are taken before others.
 */
export function prepareLegMemory(legs: number): void {
  const places = Array.from({ length: legs }, () => free.pop() ?? newBlock());
  for (const place of places.reverse()) {
    const bytes = new Uint8Array(place.memory, place.byteOffset, LEG_BYTES);
    // What is written here is what is there: a leg's bytes are zeros, or were its owner's before.
    for (const at of [0, SLOTS_AT]) {
      bytes[at] = bytes[at] ?? 0;
    }
    free.push(place);
  }
}

/**
 * Gives back the memory of a leg whose task has ended. Others may still hold its rings: they find them empty. A second
 * time does nothing.
 */
export function freeLegMemory(leg: LegMemory): void {
  if (taken.delete(leg)) {
    const { memory, byteOffset, lives } = leg.place;
    free.push({ memory, byteOffset, lives: lives + 1 });
  }
}

/** Makes room for more legs, and returns the first place of it. */
function newBlock(): FreePlace {
  const memory = new SharedArrayBuffer(LEGS_PER_BLOCK * LEG_BYTES);
  for (let leg = LEGS_PER_BLOCK - 1; leg > 0; leg -= 1) {
    free.push({ memory, byteOffset: leg * LEG_BYTES, lives: 0 });
  }
  return { memory, byteOffset: 0, lives: 0 };
}

/** The counters of a leg: the media thread adds, the main thread reads. */
export class MediaCounters {
  readonly #counts: Int32Array;

  constructor({ memory, byteOffset }: WordsHandle) {
    this.#counts = new Int32Array(memory, byteOffset, MEDIA_COUNTERS.length);
  }

  add(counter: MediaCounter, count = 1): void {
    if (count !== 0) {
      Atomics.add(this.#counts, MEDIA_COUNTERS.indexOf(counter), count);
    }
  }

  get(counter: MediaCounter): number {
    return Atomics.load(this.#counts, MEDIA_COUNTERS.indexOf(counter));
  }

  /** All of them by name. */
  all(): Readonly<Record<MediaCounter, number>> {
    const counts: Partial<Record<MediaCounter, number>> = {};
    // Read of hundreds of legs at once, so nothing is looked up for each.
    for (let index = 0; index < MEDIA_COUNTERS.length; index += 1) {
      counts[MEDIA_COUNTERS[index] as MediaCounter] = Atomics.load(this.#counts, index);
    }
    return counts as Record<MediaCounter, number>;
  }
}

/** For how long frames that arrived waited to be heard, in ms: the media thread counts, the main thread reads. */
export function inboundWaits({ memory, byteOffset }: WordsHandle): BucketCounts {
  const words = new Int32Array(memory, byteOffset, bucketWords(INBOUND_WAIT_BOUNDS_MS));
  return new BucketCounts(INBOUND_WAIT_BOUNDS_MS, words);
}

/** The gauges of a leg: the media thread sets, the main thread reads. */
export class MediaGauges {
  readonly #values: Int32Array;

  constructor({ memory, byteOffset }: WordsHandle) {
    this.#values = new Int32Array(memory, byteOffset, MEDIA_GAUGES.length);
  }

  /** @param value rounded to a whole number. */
  set(gauge: MediaGauge, value: number): void {
    const index = MEDIA_GAUGES.indexOf(gauge);
    const rounded = Math.round(value);
    // Set each tick and seldom new: only a change is worth an atomic operation.
    if (this.#values[index] !== rounded) {
      Atomics.store(this.#values, index, rounded);
    }
  }

  get(gauge: MediaGauge): number {
    return Atomics.load(this.#values, MEDIA_GAUGES.indexOf(gauge));
  }
}
