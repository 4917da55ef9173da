/**
 * The sound of one rendering for all who listen in its language: a segment on each listener's leg, and each piece of
 * sound converted once for all legs of one wire rate instead of by each of them. It works on the main thread.
 */

import type { Clock } from '../../base/clock.ts';
import type { MediaModules } from '../dsp/wasm.ts';
import type { PlayedSink, PlayingSegment } from '../thread/announced-segments.ts';
import { ConvertedSegment } from './converted-segment.ts';
import type { SegmentEnd } from './playout-queue.ts';
import type { SegmentManner } from './segment-manner.ts';

/** A listener's leg, as the sound of others sees it. */
export interface SegmentListener {
  readonly spokenToHz: number;
  openSegment(
    rateHz: number,
    turn: number | undefined,
    sink: PlayedSink,
    manner?: SegmentManner,
  ): PlayingSegment;
}

export class FanOut {
  /** Those of this thread, for whatever else converts sound of its legs. */
  readonly modules: MediaModules;
  readonly #clock: Clock;

  constructor(modules: MediaModules, clock: Clock) {
    this.modules = modules;
    this.#clock = clock;
  }

  /**
   * Opens a segment on each of `listeners`; one whose leg closes is left out from then on. End it, whatever comes.
   * @param rateHz the engine's rate; a leg that is alone with its own wire rate is spoken to at this one.
   * @param turn see `Orders.turns`.
   * @param sink hears when the first of them begins to hear it, and once when it is over for all: `played` if anybody
   * heard it to its end. With nobody to hear it that comes when it is ended, or at once if all legs are closed.
   * @param manner how it is spoken to all of them; default `AS_SPOKEN`.
   */
  open(
    rateHz: number,
    listeners: readonly SegmentListener[],
    turn: number | undefined,
    sink: PlayedSink,
    manner?: SegmentManner,
  ): PlayingSegment {
    const played = new PlayedByAll(sink, listeners.length);
    const lanes: PlayingSegment[] = [];
    for (const [wireHz, legs] of byWireRate(listeners)) {
      const toHz = legs.length > 1 ? wireHz : rateHz;
      const group = new ListenerGroup(legs, toHz, turn, played, manner);
      const converts = toHz !== rateHz;
      lanes.push(converts ? new ConvertedSegment(this.modules, this.#clock, rateHz, toHz, group) : group);
    }
    return {
      add: (pcm) => {
        for (const lane of lanes) {
          lane.add(pcm);
        }
      },
      end: () => {
        for (const lane of lanes) {
          lane.end();
        }
        if (listeners.length === 0) {
          sink.ended(this.#clock.nowMs(), 'flushed');
        }
      },
    };
  }
}

function byWireRate(listeners: readonly SegmentListener[]): ReadonlyMap<number, readonly SegmentListener[]> {
  const groups = new Map<number, SegmentListener[]>();
  for (const listener of listeners) {
    const group = groups.get(listener.spokenToHz);
    if (group === undefined) {
      groups.set(listener.spokenToHz, [listener]);
    } else {
      group.push(listener);
    }
  }
  return groups;
}

/** Legs that get the same sound. */
class ListenerGroup implements PlayingSegment {
  readonly #segments: readonly PlayingSegment[];
  #hearing: number;

  constructor(
    legs: readonly SegmentListener[],
    rateHz: number,
    turn: number | undefined,
    played: PlayedByAll,
    manner: SegmentManner | undefined,
  ) {
    this.#hearing = legs.length;
    this.#segments = legs.map((leg) =>
      leg.openSegment(
        rateHz,
        turn,
        {
          started: (atMs) => played.started(atMs),
          ended: (atMs, end) => {
            this.#hearing -= 1;
            played.ended(atMs, end);
          },
        },
        manner,
      ),
    );
  }

  /** Whether it is over for all of them. */
  get over(): boolean {
    return this.#hearing === 0;
  }

  /** All legs share one piece of memory, in their threads and in what is kept for a thread that takes over. */
  add(pcm: Int16Array): void {
    const piece = this.#segments.length > 1 ? sharedCopy(pcm) : pcm;
    for (const segment of this.#segments) {
      segment.add(piece);
    }
  }

  end(): void {
    for (const segment of this.#segments) {
      segment.end();
    }
  }
}

/** What one sink hears of many legs. */
class PlayedByAll {
  readonly #sink: PlayedSink;
  #left: number;
  #begun = false;
  #end: SegmentEnd = 'flushed';

  constructor(sink: PlayedSink, legs: number) {
    this.#sink = sink;
    this.#left = legs;
  }

  started(atMs: number): void {
    if (!this.#begun) {
      this.#begun = true;
      this.#sink.started(atMs);
    }
  }

  ended(atMs: number, end: SegmentEnd): void {
    this.#left -= 1;
    if (end === 'played' || this.#end === 'flushed') {
      this.#end = end;
    }
    if (this.#left === 0) {
      this.#sink.ended(atMs, this.#end);
    }
  }
}

/**
 * Memory that crosses to other threads without a copy. Posted to 16 legs, 100 ms of 24,000 Hz cost half of what copies
 * cost.
 */
function sharedCopy(pcm: Int16Array): Int16Array {
  const shared = new Int16Array(new SharedArrayBuffer(pcm.byteLength));
  shared.set(pcm);
  return shared;
}
