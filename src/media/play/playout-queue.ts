/**
 * Translated speech waiting to be heard by one leg. It keeps segments at the engine's rate and makes 20 ms frames
 * of the leg's rate when they are asked for, so that a long sentence never holds up the thread. Segments play
 * whole and turn by turn, the next in the very frame in which the last one ends, unless its manner asks for a rest. The
 * more speech waits, or the later a stall has made it, the shorter its pauses and the faster it plays
 * (`tempo-policy.ts`).
 */

import { FRAME_MS, frameSamples, samplesToMs } from '../../base/units.ts';
import type { MediaModules } from '../dsp/wasm.ts';
import type { MediaCounters } from '../ring/leg-memory.ts';
import { AS_SPOKEN } from './segment-manner.ts';
import { EDGE_MS, SegmentSound } from './segment-sound.ts';
import { SegmentStore, type StoredSegment } from './segment-store.ts';
import {
  NATURAL_TEMPO,
  playedSpeed,
  restedTempo,
  shortensPauses,
  type Tempo,
  type TempoInput,
  tempoFor,
} from './tempo-policy.ts';

/** What a segment that ran dry gathers before it goes on, in ms; each time twice as much, up to the second. */
const LEAST_REFILL_MS = 60;
const MOST_REFILL_MS = 240;

/** Why a segment is over: it was played to its end, or given up. */
export type SegmentEnd = 'played' | 'dropped' | 'flushed';

export interface HeardSegment {
  readonly segment: number;
  readonly ms: number;
}

export interface PlayoutSink {
  segmentStarted(segment: number): void;
  segmentEnded(segment: number, end: SegmentEnd): void;
}

export class PlayoutQueue {
  /** Whether more speech is on its way: then even the last segment that is there must not dawdle. Default false. */
  moreComing = false;
  /** While true, a segment that has not begun waits. Default false. */
  held = false;
  /** The turns that are still open: no segment of a later one begins. Default none. */
  turns: readonly number[] = [];
  readonly #counters: MediaCounters;
  readonly #sink: PlayoutSink;
  readonly #store: SegmentStore;
  readonly #sound: SegmentSound;
  #rateHz: number;
  #behindMs = 0;
  #tempo: Tempo = NATURAL_TEMPO;
  /** Whether the next segment of the store has been told of as started. */
  #started = false;
  /** Whether the last frame ended in the middle of a sound. */
  #sounding = false;
  /** What an engine that once let a segment run dry must have ready before it is heard. */
  #refillMs = 0;
  #ranDry = false;
  /** The end of what was flushed while it sounded, to be faded out. */
  #flushed = false;
  /** How long nothing has been heard, in ms. */
  #silentMs = Number.POSITIVE_INFINITY;
  #gainDb = 0;

  /** @param rateHz the leg's rate. */
  constructor(modules: MediaModules, rateHz: number, counters: MediaCounters, sink: PlayoutSink) {
    this.#rateHz = rateHz;
    this.#counters = counters;
    this.#sink = sink;
    this.#store = new SegmentStore((segment) => this.#dropped(segment));
    this.#sound = new SegmentSound(modules, rateHz);
  }

  /** Speech waiting, in ms, without the segments' parts that have not been synthesised. */
  get queuedMs(): number {
    return this.#store.queuedMs + (this.busy ? this.#sound.readyMs : 0);
  }

  /** Whether a segment is playing or waiting. */
  get busy(): boolean {
    return this.#store.next !== undefined;
  }

  /**
   * The segment that has begun to sound, and how much of it was heard, in ms of its own sound, some 50 ms more or
   * less.
   */
  get heard(): HeardSegment | undefined {
    const { next } = this.#store;
    return next === undefined || !this.#started
      ? undefined
      : { segment: next.id, ms: Math.max(0, next.takenMs - this.#sound.readyMs) };
  }

  /** Whether the next segment to be heard has sound, is its turn's, and has not begun. */
  get waiting(): boolean {
    const { next } = this.#store;
    return next !== undefined && !this.#started && next.queuedMs > 0 && this.#isItsTurn(next);
  }

  /** How much later than meant speech is heard because of stalls, in ms. */
  get behindMs(): number {
    return this.#behindMs;
  }

  /** How fast speech plays now, 0.8 to 1.3 times as fast as spoken. */
  get speed(): number {
    return playedSpeed(this.#tempo);
  }

  /** How many dB louder what was pulled last is to be. */
  get gainDb(): number {
    return this.#gainDb;
  }

  /**
   * Announces a segment: it plays after those of its turn announced before and all of lower turns.
   * @param turn undefined: it goes before all turns that wait.
   */
  open(id: number, rateHz: number, turn: number | undefined, manner = AS_SPOKEN): void {
    this.#store.open(id, rateHz, turn, manner);
  }

  /** Adds sound to a segment; keeps `pcm`. Sound of a segment that was dropped is ignored. */
  add(id: number, pcm: Int16Array): void {
    this.#store.add(id, pcm);
  }

  /** Says that a segment has all its sound. */
  end(id: number): void {
    this.#store.end(id);
  }

  /** Forgets everything that has not been heard, but for the 5 ms in which what sounds fades out. */
  flush(): void {
    const segments = this.#store.clear();
    this.#started = false;
    // A second time in the same frame, it is still to fade out.
    this.#flushed ||= this.#sounding;
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
    if (this.#started) {
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
    const heard = this.#pull(out);
    this.#silentMs = heard ? 0 : this.#silentMs + FRAME_MS;
    return heard;
  }

  #pull(out: Int16Array): boolean {
    if (this.#flushed) {
      this.#fadeOut(out);
      return true;
    }
    if (!this.busy) {
      this.#rest();
      return false;
    }
    this.#tempo = tempoFor(this.#tempoInput(), this.#tempo);
    let filled = 0;
    for (let more = true; more && filled < out.length; ) {
      const { next } = this.#store;
      if (next === undefined || !this.#mayPlay(next)) {
        break;
      }
      const samples = this.#play(next, out, filled);
      filled += samples;
      more = samples > 0 || this.#store.next !== next;
    }
    if (filled === 0) {
      return false;
    }
    out.fill(0, filled);
    return true;
  }

  #mayPlay(next: StoredSegment): boolean {
    return this.#started || (!this.held && this.#isItsTurn(next) && !this.#rests(next));
  }

  /** Whether the silence before it is still to be heard: there is time for that only while nothing waits behind it. */
  #rests({ manner, queuedMs }: StoredSegment): boolean {
    const isFree = this.#store.queuedMs <= queuedMs && this.#behindMs < FRAME_MS;
    return isFree && this.#silentMs < manner.restMs;
  }

  /**
   * Sound that has been taken cannot be put back, so a segment that has begun has its turn, whatever has come up since.
   */
  #isItsTurn({ begun, turn }: StoredSegment): boolean {
    return begun || turn === undefined || !this.turns.some((open) => open < turn);
  }

  #tempoInput(): TempoInput {
    const speakingMs = (this.#store.next?.queuedMs ?? 0) + this.#sound.readyMs;
    return {
      speakingMs,
      waitingMs: Math.max(0, this.queuedMs - speakingMs),
      moreComing: this.moreComing,
      behindMs: this.#behindMs,
      mannerSpeed: this.#store.next?.manner.speed ?? 1,
      begins: !this.#started && !this.#sounding,
    };
  }

  /** Puts what there is of `segment` into the rest of the frame; returns how many samples that is. */
  #play(segment: StoredSegment, out: Int16Array, offset: number): number {
    const room = out.length - offset;
    const done = this.#fill(segment, room + this.#sound.edgeSamples);
    const ready = this.#sound.readySamples;
    if (done) {
      if (ready === 0) {
        this.#finish(segment);
        return 0;
      }
    } else if (ready < room + this.#sound.edgeSamples) {
      return this.#sounding ? this.#runDry(out, offset, Math.min(ready, room)) : this.#miss(offset);
    } else if (!this.#sounding && !segment.whole && segment.queuedMs + this.#sound.readyMs < this.#refillMs) {
      return this.#miss(offset);
    }
    if (!this.#started) {
      this.#started = true;
      this.#sink.segmentStarted(segment.id);
    }
    const samples = Math.min(ready, room);
    this.#sounding = true;
    this.#gainDb = segment.manner.gainDb;
    this.#sound.take(out, offset, samples);
    return samples;
  }

  /** A segment has nothing to be heard now. */
  #miss(offset: number): number {
    this.#counters.add('playoutMissing', this.#started && offset === 0 ? 1 : 0);
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
  #fill(segment: StoredSegment, samples: number): boolean {
    while (this.#sound.readySamples < samples) {
      const piece = this.#store.take(frameSamples(segment.rateHz));
      if (piece === undefined) {
        if (segment.whole) {
          this.#sound.finish();
          return true;
        }
        this.#sound.releaseSilence(samples);
        return false;
      }
      this.#convert(piece, segment.rateHz);
    }
    return false;
  }

  #convert(piece: Int16Array, rateHz: number): void {
    const pieceMs = samplesToMs(piece.length, rateHz);
    const speed = playedSpeed(this.#tempo);
    const backlogged = shortensPauses(this.#tempo);
    const short = backlogged || this.#behindMs >= FRAME_MS;
    const mostCutMs = backlogged ? Number.POSITIVE_INFINITY : this.#behindMs;
    const cutMs = this.#sound.push(piece, rateHz, { speed, short, mostCutMs });
    // What is spoken slowly, because there is time, is not late for it.
    this.#behindMs = Math.max(0, this.#behindMs - cutMs - Math.max(0, pieceMs * (1 - 1 / speed)));
  }

  #finish(segment: StoredSegment): void {
    this.#store.shift();
    this.#sound.begin();
    this.#sounding = false;
    this.#refillMs = this.#ranDry ? this.#refillMs : lessRefill(this.#refillMs);
    this.#ranDry = false;
    if (!this.#started) {
      // Nothing in it could be heard; it still began and ended, in that order.
      this.#sink.segmentStarted(segment.id);
    }
    this.#started = false;
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

  #dropped(segment: StoredSegment | undefined): void {
    this.#counters.add('playoutDropped');
    if (segment !== undefined) {
      this.#sink.segmentEnded(segment.id, 'dropped');
    }
  }

  /** Nothing plays, so nothing is late and nothing has a tempo. */
  #rest(): void {
    this.#behindMs = 0;
    this.#tempo = restedTempo(this.#tempo);
    this.#sounding = false;
  }

  /** Frees the libraries' memory; plays nothing more. */
  close(): void {
    this.#store.clear();
    this.#started = false;
    this.#flushed = false;
    this.#rest();
    this.#sound.forget();
  }
}

function lessRefill(refillMs: number): number {
  return refillMs <= LEAST_REFILL_MS ? 0 : refillMs / 2;
}
