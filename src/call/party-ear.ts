/**
 * The speech that one party has yet to hear, whichever leg it has. What a lost leg had not heard to its end is kept
 * while the party's place is, and begins again on the next leg; what is too old by then is given up: the talk has gone
 * on. So it is while the party is on hold, but not for as long: it may be so for minutes, and its leg is there.
 */

import { BoundedQueue } from '../base/bounded-queue.ts';
import type { Clock, Timer } from '../base/clock.ts';
import type { Counted } from '../base/counts.ts';
import { samplesToMs } from '../base/units.ts';
import type { SegmentListener } from '../media/play/fan-out.ts';
import type { SegmentEnd } from '../media/play/playout-queue.ts';
import type { SegmentManner } from '../media/play/segment-manner.ts';
import { PLAYOUT_LIMIT_MS } from '../media/play/segment-store.ts';
import type { PlayedSink, PlayingSegment } from '../media/thread/announced-segments.ts';

/**
 * Speech that became ready longer ago is not heard by who comes back, in ms; as old as an utterance heard again may be.
 */
const FRESH_MS = 5_000;
/** How long speech waits for a party that is on hold, in ms. */
const HELD_MS = 2_000;
/** The rate in Hz at which a party is spoken to that never had a leg. */
const FIRST_RATE_HZ = 8_000;

/** What is said again is nobody's utterance. */
const NOBODY_ASKS: PlayedSink = { started: () => {}, ended: () => {} };

interface KeptSegment {
  readonly rateHz: number;
  readonly turn: number | undefined;
  readonly manner: SegmentManner | undefined;
  readonly sink: PlayedSink;
  readonly openedMs: number;
  /** Gives it up, while the party is on hold. */
  heldTimer: Timer | undefined;
  /** No more than a leg itself would keep; the memory is the same. */
  readonly pieces: BoundedQueue<Int16Array>;
  whole: boolean;
  /** On the present leg. */
  playing: PlayingSegment | undefined;
}

export class PartyEar implements SegmentListener, Counted {
  readonly counts = {
    /** Segments that had become old when their listener came back. */
    rejoinDropped: 0,
    /** Segments that became old while their listener was on hold. */
    heldDropped: 0,
  };
  readonly #clock: Clock;
  readonly #kept = new Set<KeptSegment>();
  #leg: SegmentListener | undefined;
  /** The leg of a party that is on hold: it hears nothing. */
  #heldLeg: SegmentListener | undefined;
  #spokenToHz = FIRST_RATE_HZ;
  readonly #remembers: boolean;
  /** The segments of what was said to it last, in one turn. */
  #last: KeptSegment[] = [];

  /** @param remembers whether what was said last is kept, to be said again: some 100 KB. */
  constructor(clock: Clock, remembers: boolean) {
    this.#clock = clock;
    this.#remembers = remembers;
  }

  /** That of the present leg, else of the last one. */
  get spokenToHz(): number {
    return this.#leg?.spokenToHz ?? this.#spokenToHz;
  }

  openSegment(
    rateHz: number,
    turn: number | undefined,
    sink: PlayedSink,
    manner?: SegmentManner,
  ): PlayingSegment {
    const segment: KeptSegment = {
      ...{ rateHz, turn, sink, manner },
      openedMs: this.#clock.nowMs(),
      pieces: new BoundedQueue(PLAYOUT_LIMIT_MS, (pcm) => samplesToMs(pcm.length, rateHz)),
      whole: false,
      playing: undefined,
      heldTimer: undefined,
    };
    this.#kept.add(segment);
    this.#remember(segment);
    if (this.#leg !== undefined) {
      this.#begin(segment, this.#leg);
    } else if (this.#heldLeg !== undefined) {
      this.#wait(segment);
    }
    return { add: (pcm) => this.#add(segment, pcm), end: () => this.#end(segment) };
  }

  /** The party hears by this leg from now on: first what an earlier one had not heard, as far as it is fresh. */
  attach(leg: SegmentListener): void {
    const nowMs = this.#clock.nowMs();
    this.#release();
    this.#leg = leg;
    for (const segment of [...this.#kept]) {
      if (nowMs - segment.openedMs <= FRESH_MS) {
        this.#begin(segment, leg);
      } else {
        this.counts.rejoinDropped += 1;
        this.#over(segment, nowMs, 'flushed');
      }
    }
  }

  /** The leg is lost: call it before its media closes, which would end what it has not heard. */
  detach(): void {
    this.#release();
    this.#silence();
  }

  /** The party is on hold: call it before its leg is told to forget what it has not heard. */
  hold(): void {
    this.#heldLeg = this.#leg;
    this.#silence();
    for (const segment of this.#kept) {
      this.#wait(segment);
    }
  }

  /** The party is back: it hears what is not too old. */
  resume(): void {
    const leg = this.#heldLeg;
    if (leg !== undefined) {
      this.#release();
      this.#leg = leg;
      for (const segment of [...this.#kept]) {
        this.#begin(segment, leg);
      }
    }
  }

  /** Says again what was said last, before all that waits. */
  repeat(): void {
    for (const { rateHz, pieces, whole } of this.#last) {
      const again = whole ? this.#leg?.openSegment(rateHz, undefined, NOBODY_ASKS) : undefined;
      for (const pcm of pieces.entries()) {
        again?.add(pcm);
      }
      again?.end();
    }
  }

  /** What was said last is not said again: it was said to somebody else, or in another language. */
  forgetLast(): void {
    this.#last = [];
  }

  /** Forgets all that waits: it is not for who is there now. What its leg has of it is the leg's to forget. */
  forget(): void {
    for (const segment of [...this.#kept]) {
      this.#over(segment, this.#clock.nowMs(), 'flushed');
    }
  }

  /** The party hears nothing any more. */
  close(): void {
    this.#leg = undefined;
    this.#heldLeg = undefined;
    this.forget();
  }

  /** Only what is interpreted has turns. */
  #remember(segment: KeptSegment): void {
    if (this.#remembers && segment.turn !== undefined) {
      this.#last = [...this.#last.filter(({ turn }) => turn === segment.turn), segment];
    }
  }

  /** Nothing is heard. */
  #silence(): void {
    this.#spokenToHz = this.spokenToHz;
    this.#leg = undefined;
    for (const segment of this.#kept) {
      segment.playing = undefined;
    }
  }

  /** Nothing waits any more for the end of a hold. */
  #release(): void {
    this.#heldLeg = undefined;
    for (const segment of this.#kept) {
      segment.heldTimer?.cancel();
    }
  }

  #wait(segment: KeptSegment): void {
    segment.heldTimer = this.#clock.at(this.#clock.nowMs() + HELD_MS, () => {
      this.counts.heldDropped += 1;
      this.#over(segment, this.#clock.nowMs(), 'flushed');
    });
  }

  #begin(segment: KeptSegment, leg: SegmentListener): void {
    const sink: PlayedSink = {
      started: (atMs) => segment.sink.started(atMs),
      ended: (atMs, end) => {
        // What a leg that is lost says of it is not the end of it.
        if (this.#leg === leg) {
          this.#over(segment, atMs, end);
        }
      },
    };
    const playing = leg.openSegment(segment.rateHz, segment.turn, sink, segment.manner);
    segment.playing = playing;
    for (const pcm of segment.pieces.entries()) {
      playing.add(pcm);
    }
    if (segment.whole) {
      playing.end();
    }
  }

  #add(segment: KeptSegment, pcm: Int16Array): void {
    if (this.#kept.has(segment)) {
      // A leg keeps memory of its own as it is, and copies a view of more.
      const own = pcm.byteLength === pcm.buffer.byteLength ? pcm : pcm.slice();
      segment.pieces.push(own);
      segment.playing?.add(own);
    }
  }

  #end(segment: KeptSegment): void {
    segment.whole = true;
    segment.playing?.end();
  }

  #over(segment: KeptSegment, atMs: number, end: SegmentEnd): void {
    if (this.#kept.delete(segment)) {
      segment.playing = undefined;
      segment.heldTimer?.cancel();
      segment.sink.ended(atMs, end);
    }
  }
}
