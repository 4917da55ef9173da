/**
 * The segments one leg has yet to hear, in the order in which they are to be heard: by turn, and within a turn as they
 * were announced. Bounded: past its limit the segment that was announced first among those that wait is given up.
 */

import { samplesToMs } from '../../base/units.ts';
import { AS_SPOKEN, type SegmentManner } from './segment-manner.ts';

/** Speech held at most, in ms, all turns together. */
export const PLAYOUT_LIMIT_MS = 60_000;

export interface StoredSegment {
  readonly id: number;
  readonly rateHz: number;
  /** Undefined goes before all turns that wait. */
  readonly turn: number | undefined;
  readonly manner: SegmentManner;
  /** Sound that has not been taken, in ms. */
  readonly queuedMs: number;
  /** Sound that has been taken, in ms. */
  readonly takenMs: number;
  /** No more sound will come. */
  readonly whole: boolean;
  /** Some of it has been taken: nothing is put before it any more, and it is not given up. */
  readonly begun: boolean;
}

type Segment = { -readonly [key in keyof StoredSegment]: StoredSegment[key] } & {
  readonly pieces: Int16Array[];
};

export class SegmentStore {
  readonly #dropped: (segment: StoredSegment | undefined) => void;
  #segments: Segment[] = [];
  #queuedMs = 0;

  /** @param dropped hears of each segment that is given up; undefined: of a piece of one that is too long by itself. */
  constructor(dropped: (segment: StoredSegment | undefined) => void) {
    this.#dropped = dropped;
  }

  /** The segment that is heard now, or next. */
  get next(): StoredSegment | undefined {
    return this.#segments[0];
  }

  /** What waits in all of them, in ms. */
  get queuedMs(): number {
    return this.#queuedMs;
  }

  open(id: number, rateHz: number, turn: number | undefined, manner: SegmentManner = AS_SPOKEN): void {
    const later = this.#segments.findIndex((other) => !other.begun && placeOf(other.turn) > placeOf(turn));
    const segment = {
      ...{ id, rateHz, turn, manner },
      ...{ pieces: [], queuedMs: 0, takenMs: 0, whole: false, begun: false },
    };
    this.#segments.splice(later === -1 ? this.#segments.length : later, 0, segment);
  }

  /** Adds sound to a segment; keeps `pcm`. Sound of a segment that is not there is ignored. */
  add(id: number, pcm: Int16Array): void {
    const segment = this.#find(id);
    if (segment === undefined || pcm.length === 0) {
      return;
    }
    segment.pieces.push(pcm);
    this.#account(segment, samplesToMs(pcm.length, segment.rateHz));
    while (this.#queuedMs > PLAYOUT_LIMIT_MS) {
      const oldest = this.#oldestWaiting();
      if (oldest === undefined) {
        this.#dropOldestPiece();
      } else {
        this.#remove(oldest);
      }
      this.#dropped(oldest);
    }
  }

  end(id: number): void {
    const segment = this.#find(id);
    if (segment !== undefined) {
      segment.whole = true;
    }
  }

  /** Takes at most `samples` samples of the next segment; undefined: there are none now. */
  take(samples: number): Int16Array | undefined {
    const segment = this.#segments[0];
    const [first] = segment?.pieces ?? [];
    if (segment === undefined || first === undefined) {
      return undefined;
    }
    segment.begun = true;
    const piece = first.length <= samples ? first : first.subarray(0, samples);
    if (piece === first) {
      segment.pieces.shift();
    } else {
      segment.pieces[0] = first.subarray(samples);
    }
    const pieceMs = samplesToMs(piece.length, segment.rateHz);
    segment.takenMs += pieceMs;
    this.#account(segment, -pieceMs);
    return piece;
  }

  /** The next segment is over. */
  shift(): void {
    const segment = this.#segments[0];
    if (segment !== undefined) {
      this.#remove(segment);
    }
  }

  /** Gives up all of them; returns them. */
  clear(): readonly StoredSegment[] {
    const segments = this.#segments;
    this.#segments = [];
    this.#queuedMs = 0;
    return segments;
  }

  #find(id: number): Segment | undefined {
    return this.#segments.find((segment) => segment.id === id);
  }

  #account(segment: Segment, ms: number): void {
    segment.queuedMs += ms;
    this.#queuedMs += ms;
  }

  #remove(segment: Segment): void {
    this.#segments.splice(this.#segments.indexOf(segment), 1);
    this.#queuedMs -= segment.queuedMs;
  }

  /**
   * Of those that wait, the one announced first, which is the stalest; none if that is the one announced last of all.
   */
  #oldestWaiting(): Segment | undefined {
    let oldest: Segment | undefined;
    let newestId = Number.NEGATIVE_INFINITY;
    for (const segment of this.#segments) {
      newestId = Math.max(newestId, segment.id);
      if (!segment.begun && segment.id < (oldest?.id ?? Number.POSITIVE_INFINITY)) {
        oldest = segment;
      }
    }
    return oldest?.id === newestId ? undefined : oldest;
  }

  #dropOldestPiece(): void {
    const segment = this.#segments.find(({ pieces }) => pieces.length > 0);
    const piece = segment?.pieces.shift();
    if (segment !== undefined && piece !== undefined) {
      this.#account(segment, -samplesToMs(piece.length, segment.rateHz));
    }
  }
}

function placeOf(turn: number | undefined): number {
  return turn ?? Number.NEGATIVE_INFINITY;
}
