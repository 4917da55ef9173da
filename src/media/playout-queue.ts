/**
 * Translated speech waiting to be heard by one leg. It keeps segments at the engine's rate and makes 20 ms frames
 * of the leg's rate when they are asked for, so that a long sentence never holds up the thread. Segments play
 * whole and in order, the next in the very frame in which the last one ends. The more speech waits, or the later a
 * stall has made it, the shorter its pauses and the faster it plays (`tempo-policy.ts`).
 */

import { FRAME_MS, frameSamples, samplesToMs } from '../base/units.ts';
import { EDGE_MS, SegmentSound } from './segment-sound.ts';
import {
  NATURAL_TEMPO,
  playedSpeed,
  restedTempo,
  shortensPauses,
  type Tempo,
  type TempoInput,
  tempoFor,
} from './tempo-policy.ts';
import type { MediaModules } from './wasm.ts';

/** Speech held at most, in ms; past it the oldest segment that has not begun is dropped. */
export const PLAYOUT_LIMIT_MS = 60_000;
/** What a segment that ran dry gathers before it goes on, in ms; each time twice as much, up to the second. */
const LEAST_REFILL_MS = 60;
const MOST_REFILL_MS = 240;

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
  /** Whether more speech is on its way: then even the last segment that is there must not dawdle. Default false. */
  moreComing = false;
  /** While true, a segment that has not begun waits. Default false. */
  held = false;
  readonly #sink: PlayoutSink;
  readonly #sound: SegmentSound;
  #rateHz: number;
  #segments: Segment[] = [];
  #queuedMs = 0;
  #behindMs = 0;
  #tempo: Tempo = NATURAL_TEMPO;
  /** Whether the last frame ended in the middle of a sound. */
  #sounding = false;
  /** What an engine that once let a segment run dry must have ready before it is heard. */
  #refillMs = 0;
  #ranDry = false;
  /** The end of what was flushed while it sounded, to be faded out. */
  #flushed = false;

  /** @param rateHz the leg's rate. */
  constructor(modules: MediaModules, rateHz: number, sink: PlayoutSink) {
    this.#rateHz = rateHz;
    this.#sink = sink;
    this.#sound = new SegmentSound(modules, rateHz);
  }

  /** Speech waiting, in ms, without the segments' parts that have not been synthesised. */
  get queuedMs(): number {
    return this.#queuedMs + (this.busy ? this.#sound.readyMs : 0);
  }

  /** Whether a segment is playing or waiting. */
  get busy(): boolean {
    return this.#segments.length > 0;
  }

  /** Whether the next segment to be heard has sound and has not begun. */
  get waiting(): boolean {
    const [next] = this.#segments;
    return next !== undefined && !next.started && next.queuedMs > 0;
  }

  /** How much later than meant speech is heard because of stalls, in ms. */
  get behindMs(): number {
    return this.#behindMs;
  }

  /** How fast speech plays now, 1 to 1.3 times as fast as spoken. */
  get speed(): number {
    return playedSpeed(this.#tempo);
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

  /** Forgets everything that has not been heard, but for the 5 ms in which what sounds fades out. */
  flush(): void {
    const segments = this.#segments;
    this.#segments = [];
    this.#queuedMs = 0;
    this.#flushed = this.#sounding;
    this.#rest();
    if (!this.#flushed) {
      this.#sound.forget();
    }
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
      this.#sound.setRate(rateHz);
      this.#sounding = false;
      this.#flushed = false;
    }
  }

  /** Fills `out`, one frame at the leg's rate, with speech; false, and `out` untouched, when there is none. */
  pull(out: Int16Array): boolean {
    if (this.#flushed) {
      this.#fadeOut(out);
      return true;
    }
    if (this.#segments.length === 0) {
      this.#rest();
      return false;
    }
    this.#tempo = tempoFor(this.#tempoInput(), this.#tempo);
    let filled = 0;
    for (let more = true; more && filled < out.length; ) {
      const segment = this.#segments[0];
      if (segment === undefined || (this.held && !segment.started)) {
        break;
      }
      const samples = this.#play(segment, out, filled);
      filled += samples;
      more = samples > 0 || this.#segments[0] !== segment;
    }
    if (filled === 0) {
      return false;
    }
    out.fill(0, filled);
    return true;
  }

  #tempoInput(): TempoInput {
    const speakingMs = (this.#segments[0]?.queuedMs ?? 0) + this.#sound.readyMs;
    return {
      speakingMs,
      waitingMs: Math.max(0, this.queuedMs - speakingMs),
      moreComing: this.moreComing,
      behindMs: this.#behindMs,
    };
  }

  /** Puts what there is of `segment` into the rest of the frame; returns how many samples that is. */
  #play(segment: Segment, out: Int16Array, offset: number): number {
    const room = out.length - offset;
    const done = this.#fill(segment, room + this.#sound.edgeSamples);
    const ready = this.#sound.readySamples;
    if (done) {
      if (ready === 0) {
        this.#finish(segment);
        return 0;
      }
    } else if (ready < room + this.#sound.edgeSamples) {
      return this.#sounding ? this.#runDry(out, offset, Math.min(ready, room)) : this.#miss(segment, offset);
    } else if (!this.#sounding && !segment.whole && segment.queuedMs + this.#sound.readyMs < this.#refillMs) {
      return this.#miss(segment, offset);
    }
    if (!segment.started) {
      segment.started = true;
      this.#sink.segmentStarted(segment.id);
    }
    const samples = Math.min(ready, room);
    this.#sounding = true;
    this.#sound.take(out, offset, samples);
    return samples;
  }

  /** A segment has nothing to be heard now. */
  #miss(segment: Segment, offset: number): number {
    this.missing += segment.started && offset === 0 ? 1 : 0;
    return 0;
  }

  /** The segment that sounds has nothing that follows: better a pause than a sound that is cut up. */
  #runDry(out: Int16Array, offset: number, samples: number): number {
    this.#sound.breakOff(out, offset, samples);
    this.#sounding = false;
    this.#ranDry = true;
    this.#refillMs = Math.min(MOST_REFILL_MS, Math.max(LEAST_REFILL_MS, this.#refillMs * 2));
    return samples;
  }

  /** Converts pieces of `segment` until `samples` are ready. Returns whether the segment has no more. */
  #fill(segment: Segment, samples: number): boolean {
    while (this.#sound.readySamples < samples) {
      const piece = takeUpTo(segment.pieces, frameSamples(segment.rateHz));
      if (piece === undefined) {
        if (segment.whole) {
          this.#sound.finish();
          return true;
        }
        this.#sound.releaseSilence(samples);
        return false;
      }
      const pieceMs = samplesToMs(piece.length, segment.rateHz);
      segment.queuedMs -= pieceMs;
      this.#queuedMs -= pieceMs;
      this.#convert(piece, pieceMs, segment.rateHz);
    }
    return false;
  }

  #convert(piece: Int16Array, pieceMs: number, rateHz: number): void {
    const speed = playedSpeed(this.#tempo);
    const backlogged = shortensPauses(this.#tempo);
    const short = backlogged || this.#behindMs >= FRAME_MS;
    const mostCutMs = backlogged ? Number.POSITIVE_INFINITY : this.#behindMs;
    const cutMs = this.#sound.push(piece, rateHz, { speed, short, mostCutMs });
    this.#behindMs = Math.max(0, this.#behindMs - cutMs - pieceMs * (1 - 1 / speed));
  }

  #finish(segment: Segment): void {
    this.#segments.shift();
    this.#sound.begin();
    this.#sounding = false;
    this.#refillMs = this.#ranDry ? this.#refillMs : lessRefill(this.#refillMs);
    this.#ranDry = false;
    if (!segment.started) {
      // Nothing in it could be heard; it still began and ended, in that order.
      this.#sink.segmentStarted(segment.id);
    }
    this.#sink.segmentEnded(segment.id, 'played');
  }

  /** Lets what was flushed end softly instead of breaking off. */
  #fadeOut(out: Int16Array): void {
    const edge = Math.min(this.#sound.readySamples, Math.round((this.#rateHz * EDGE_MS) / 1_000));
    out.fill(0);
    this.#sound.breakOff(out, 0, edge);
    this.#sound.forget();
    this.#flushed = false;
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

  /** Nothing plays, so nothing is late and nothing has a tempo. */
  #rest(): void {
    this.#behindMs = 0;
    this.#tempo = restedTempo(this.#tempo);
    this.#sounding = false;
  }

  /** Frees the libraries' memory; plays nothing more. */
  close(): void {
    this.#segments = [];
    this.#queuedMs = 0;
    this.#flushed = false;
    this.#rest();
    this.#sound.forget();
  }
}

function lessRefill(refillMs: number): number {
  return refillMs <= LEAST_REFILL_MS ? 0 : refillMs / 2;
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
