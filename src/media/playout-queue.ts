/**
 * Translated speech waiting to be heard by one leg. It keeps segments at the engine's rate and makes 20 ms frames
 * of the leg's rate when they are asked for, so that a long sentence never holds up the thread. Segments play
 * whole and in order. After a stall it is behind by what nobody heard; while it is, it skips pauses and plays
 * 1.25 times as fast, pitch kept, until it is back on time or has nothing left to say.
 */

import { FRAME_MS, frameSamples, samplesToMs } from '../base/units.ts';
import { HEARD_QUALITY, Resampler } from './resampler.ts';
import { SampleFifo } from './sample-fifo.ts';
import { isSilence } from './sound.ts';
import { TimeStretch } from './time-stretch.ts';
import type { MediaModules } from './wasm.ts';

/** Speech held at most, in ms; past it the oldest segment that has not begun is dropped. */
export const PLAYOUT_LIMIT_MS = 60_000;
/** How much faster speech plays while it is behind: beyond 1.25 it becomes hard to follow. */
const CATCH_UP_SPEED = 1.25;
/** Silent frames in a row that are kept while behind; the rest of a pause is skipped. */
const KEPT_PAUSE_FRAMES = 3;

/** Why a segment is over: it was played to its end, or given up. */
export type SegmentEnd = 'played' | 'dropped' | 'flushed';

export interface PlayoutSink {
  segmentStarted(segment: number): void;
  segmentEnded(segment: number, end: SegmentEnd): void;
}

interface Segment {
  readonly id: number;
  readonly rateHz: number;
  readonly pieces: Int16Array[];
  queuedMs: number;
  /** No more pieces will come. */
  whole: boolean;
  started: boolean;
}

export class PlayoutQueue {
  /** Segments, or pieces of the only one, dropped because the queue was full. */
  dropped = 0;
  /** Frames for which the segment that plays had no sound yet. */
  missing = 0;
  readonly #modules: MediaModules;
  readonly #sink: PlayoutSink;
  #rateHz: number;
  #segments: Segment[] = [];
  #queuedMs = 0;
  /** Speech of the segment that plays, at the leg's rate. */
  readonly #ready = new SampleFifo();
  #resampler: Resampler | undefined;
  #stretch: TimeStretch | undefined;
  #behindMs = 0;
  #pauseFrames = 0;

  /** @param rateHz the leg's rate. */
  constructor(modules: MediaModules, rateHz: number, sink: PlayoutSink) {
    this.#modules = modules;
    this.#rateHz = rateHz;
    this.#sink = sink;
  }

  /** Speech waiting, in ms, without the segments' parts that have not been synthesised. */
  get queuedMs(): number {
    return this.#queuedMs + samplesToMs(this.#ready.length, this.#rateHz);
  }

  /** Whether a segment is playing or waiting. */
  get busy(): boolean {
    return this.#segments.length > 0;
  }

  /** How much later than meant speech is heard because of stalls, in ms. */
  get behindMs(): number {
    return this.#behindMs;
  }

  /** Announces a segment: it plays after those announced before. */
  open(id: number, rateHz: number): void {
    this.#segments.push({ id, rateHz, pieces: [], queuedMs: 0, whole: false, started: false });
  }

  /** Adds sound to a segment; keeps `pcm`. Sound of a segment that was dropped is ignored. */
  add(id: number, pcm: Int16Array): void {
    const segment = this.#segments.find((candidate) => candidate.id === id);
    if (segment === undefined || pcm.length === 0) {
      return;
    }
    const pieceMs = samplesToMs(pcm.length, segment.rateHz);
    segment.pieces.push(pcm);
    segment.queuedMs += pieceMs;
    this.#queuedMs += pieceMs;
    while (this.#queuedMs > PLAYOUT_LIMIT_MS) {
      this.dropped += 1;
      if (!this.#dropOldestWaiting()) {
        this.#dropOldestPiece();
      }
    }
  }

  /** Says that a segment has all its sound. */
  end(id: number): void {
    const segment = this.#segments.find((candidate) => candidate.id === id);
    if (segment !== undefined) {
      segment.whole = true;
    }
  }

  /** Forgets everything that has not been heard. */
  flush(): void {
    const segments = this.#segments;
    this.#segments = [];
    this.#queuedMs = 0;
    this.#forgetCurrent();
    for (const segment of segments) {
      this.#sink.segmentEnded(segment.id, 'flushed');
    }
  }

  /** Tells it that `stalledMs` passed in which nothing could be heard. Means nothing when nothing was playing. */
  stalled(stalledMs: number): void {
    if (this.#segments[0]?.started === true) {
      this.#behindMs += stalledMs;
    }
  }

  /** Goes on at another rate of the leg. */
  setRate(rateHz: number): void {
    if (rateHz !== this.#rateHz) {
      this.#rateHz = rateHz;
      this.#forgetCurrent();
    }
  }

  /** Fills `out`, one frame at the leg's rate, with speech; false, and `out` untouched, when there is none. */
  pull(out: Int16Array): boolean {
    for (;;) {
      const segment = this.#segments[0];
      if (segment === undefined) {
        this.#behindMs = 0;
        return false;
      }
      this.#fill(segment, out.length);
      if (this.#ready.length === 0) {
        if (segment.whole) {
          this.#finish(segment);
          continue;
        }
        this.missing += segment.started ? 1 : 0;
        return false;
      }
      if (this.#ready.length < out.length && !segment.whole) {
        // A fragment of a frame in the middle of a segment: better a moment late than cut up.
        this.missing += segment.started ? 1 : 0;
        return false;
      }
      if (!segment.started) {
        segment.started = true;
        this.#sink.segmentStarted(segment.id);
      }
      out.fill(0);
      this.#ready.take(out);
      if (!this.#skipsPause(out)) {
        return true;
      }
    }
  }

  /** Converts pieces of `segment` until a frame is ready, or the segment has no more for now. */
  #fill(segment: Segment, samples: number): void {
    while (this.#ready.length < samples) {
      const piece = takeUpTo(segment.pieces, frameSamples(segment.rateHz));
      if (piece === undefined) {
        if (segment.whole) {
          this.#endStretch();
        }
        return;
      }
      const pieceMs = samplesToMs(piece.length, segment.rateHz);
      segment.queuedMs -= pieceMs;
      this.#queuedMs -= pieceMs;
      this.#pass(this.#convert(piece, segment.rateHz));
    }
  }

  /** Puts speech at the leg's rate through the time stretch, when behind, into the ready samples. */
  #pass(pcm: Int16Array): void {
    if (this.#behindMs >= FRAME_MS) {
      this.#stretch ??= new TimeStretch(this.#modules, this.#rateHz, CATCH_UP_SPEED);
      this.#stretch.write(pcm);
      this.#behindMs -= samplesToMs(pcm.length, this.#rateHz) * (1 - 1 / CATCH_UP_SPEED);
      this.#drainStretch(this.#stretch);
    } else {
      this.#endStretch();
      this.#ready.push(pcm);
    }
  }

  #drainStretch(stretch: TimeStretch): void {
    const made = new Int16Array(stretch.available);
    stretch.read(made);
    this.#ready.push(made);
  }

  #endStretch(): void {
    if (this.#stretch !== undefined) {
      this.#stretch.flush();
      this.#drainStretch(this.#stretch);
      this.#stretch.close();
      this.#stretch = undefined;
    }
  }

  #convert(piece: Int16Array, rateHz: number): Int16Array {
    if (rateHz === this.#rateHz) {
      return piece;
    }
    if (this.#resampler?.fromHz !== rateHz || this.#resampler.toHz !== this.#rateHz) {
      this.#resampler?.close();
      this.#resampler = new Resampler(this.#modules, rateHz, this.#rateHz, HEARD_QUALITY);
    }
    return this.#resampler.process(piece);
  }

  /** While behind, the frames of a pause past the first few are not played. */
  #skipsPause(frame: Int16Array): boolean {
    if (this.#behindMs < FRAME_MS || !isSilence(frame)) {
      this.#pauseFrames = 0;
      return false;
    }
    this.#pauseFrames += 1;
    if (this.#pauseFrames <= KEPT_PAUSE_FRAMES) {
      return false;
    }
    this.#behindMs -= FRAME_MS;
    return true;
  }

  #finish(segment: Segment): void {
    this.#segments.shift();
    this.#pauseFrames = 0;
    if (!segment.started) {
      // Nothing in it could be heard; it still began and ended, in that order.
      this.#sink.segmentStarted(segment.id);
    }
    this.#sink.segmentEnded(segment.id, 'played');
  }

  /** Drops the oldest segment that has not begun to play; false when there is none but the newest. */
  #dropOldestWaiting(): boolean {
    const index = this.#segments.findIndex((segment) => !segment.started);
    const segment = this.#segments[index];
    if (segment === undefined || index === this.#segments.length - 1) {
      return false;
    }
    this.#segments.splice(index, 1);
    this.#queuedMs -= segment.queuedMs;
    this.#sink.segmentEnded(segment.id, 'dropped');
    return true;
  }

  /** Only one segment is left, and it alone is too long: its oldest sound goes. */
  #dropOldestPiece(): void {
    const segment = this.#segments.find(({ pieces }) => pieces.length > 0);
    const piece = segment?.pieces.shift();
    if (segment === undefined || piece === undefined) {
      this.#queuedMs = 0;
      return;
    }
    const pieceMs = samplesToMs(piece.length, segment.rateHz);
    segment.queuedMs -= pieceMs;
    this.#queuedMs -= pieceMs;
  }

  #forgetCurrent(): void {
    this.#ready.clear();
    this.#stretch?.close();
    this.#stretch = undefined;
    this.#resampler?.close();
    this.#resampler = undefined;
    this.#behindMs = 0;
    this.#pauseFrames = 0;
  }

  /** Frees the libraries' memory; plays nothing more. */
  close(): void {
    this.#segments = [];
    this.#queuedMs = 0;
    this.#forgetCurrent();
  }
}

/** Takes at most `samples` samples from the front of `pieces`. */
function takeUpTo(pieces: Int16Array[], samples: number): Int16Array | undefined {
  const first = pieces[0];
  if (first === undefined) {
    return undefined;
  }
  if (first.length <= samples) {
    pieces.shift();
    return first;
  }
  pieces[0] = first.subarray(samples);
  return first.subarray(0, samples);
}
