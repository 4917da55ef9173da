/**
 * What a recorder, or somebody who listens, takes of one leg: its own voice as it comes, the translations it is told, all that it hears, each
 * frame with its place on the call's clock. It reads rings that are written anyway, or by `leg-tape.ts`, beside the way
 * of the sound: who reads late or never costs the leg nothing, and loses the oldest.
 */

import { FRAME_MS } from '../../base/units.ts';
import type { SoundPiece, Track } from '../../protocol/recording/recorder-orders.ts';
import { peakOf } from '../dsp/sound.ts';
import { FrameRingReader } from '../ring/frame-ring.ts';
import type { LegMemory } from '../ring/leg-memory.ts';
import { VoicePlaces } from './voice-places.ts';

/** Below -42 dB of full scale nobody misses a frame. */
const QUIET_PEAK = 256;
/** Frames of two tracks that have come when a recorder asks, most often. */
const USUAL_FRAMES = 12;
/** A place that is due exactly between two is the same one each time, whatever the last digits of the clock are. */
const NUDGE = 1e-6;

/** Hears of each frame of the leg's own voice where it belongs, at which rate it is in Hz, and when it came. */
export type OnArrival = (place: number, rateHz: number, atMs: number) => void;

export class LegTap {
  readonly #startMs: number;
  readonly #arrived: OnArrival | undefined;
  readonly #wanted: ReadonlySet<Track>;
  readonly #voice: FrameRingReader;
  readonly #places: VoicePlaces;
  readonly #others: readonly { readonly track: Track; readonly reader: FrameRingReader }[];
  readonly #pieces = new Pieces();
  /** The frame that waits for the next, which tells whether it had to wait itself; its length is 0 where none does. */
  #held = new Int16Array(0);
  #heldHz = 0;
  #heldAtMs = 0;

  /**
   * Takes what comes from now on.
   * @param startMs when frame 0 of the call's clock begins. @param tracks what is wanted. @param arrived hears of each
   *   frame of its voice, where that is wanted. Default nobody does.
   */
  constructor(memory: LegMemory, startMs: number, tracks: ReadonlySet<Track>, arrived?: OnArrival) {
    this.#startMs = startMs;
    this.#arrived = arrived;
    this.#voice = new FrameRingReader(memory.inbound);
    this.#places = new VoicePlaces(startMs);
    this.#wanted = tracks;
    this.#others = [
      { track: 'told', reader: new FrameRingReader(memory.told) } as const,
      { track: 'heard', reader: new FrameRingReader(memory.heard) } as const,
      { track: 'heard', reader: new FrameRingReader(memory.passed) } as const,
    ].filter(({ track }) => tracks.has(track));
  }

  /** Frames that were overwritten before they were taken. */
  get lost(): number {
    return this.#others.reduce((sum, { reader }) => sum + reader.lost, this.#voice.lost);
  }

  /**
   * Takes all that has come. The sound of it is good until the next time.
   * @param party its number, for the pieces. @param last whether nothing more comes.
   */
  take(party: number, last = false): readonly SoundPiece[] {
    const pieces = this.#pieces;
    pieces.begin(party);
    if (this.#wanted.has('voice')) {
      this.#takeVoice(pieces, last);
    }
    for (const { track, reader } of this.#others) {
      for (let pcm = reader.read(); pcm !== undefined; pcm = reader.read()) {
        const place = Math.round((reader.atMs - this.#startMs) / FRAME_MS + NUDGE);
        pieces.add(track, pcm, reader.rateHz, place);
      }
    }
    return pieces.all();
  }

  /** Passes over all that has come, so that it is in nobody's recording. */
  skip(): void {
    this.#held = new Int16Array(0);
    for (const reader of [this.#voice, ...this.#others.map((each) => each.reader)]) {
      reader.skipAll();
    }
  }

  #takeVoice(pieces: Pieces, last: boolean): void {
    const reader = this.#voice;
    for (let pcm = reader.read(); pcm !== undefined; pcm = reader.read()) {
      this.#place(pieces, reader.atMs);
      if (this.#held.length !== pcm.length) {
        this.#held = new Int16Array(pcm.length);
      }
      this.#held.set(pcm);
      this.#heldHz = reader.rateHz;
      this.#heldAtMs = reader.atMs;
    }
    if (last) {
      this.#place(pieces, undefined);
      this.#held = new Int16Array(0);
    }
  }

  #place(pieces: Pieces, nextAtMs: number | undefined): void {
    if (this.#held.length > 0) {
      const quiet = this.#places.asksForQuiet && peakOf(this.#held) < QUIET_PEAK;
      const place = this.#places.place(this.#heldAtMs, nextAtMs, quiet);
      if (place !== undefined) {
        pieces.add('voice', this.#held, this.#heldHz, place);
        this.#arrived?.(place, this.#heldHz, this.#heldAtMs);
      }
    }
  }
}

/** Puts frames that follow each other together, in memory that is used again the next time. */
class Pieces {
  #party = 0;
  #all: SoundPiece[] = [];
  #pcm = new Int16Array(0);
  /** Samples of all pieces, and where the one that grows begins. */
  #samples = 0;
  #start = 0;
  #frames = 0;
  #track: Track = 'voice';
  #rateHz = 0;
  #from = 0;

  /** What was given before is written over from now on. */
  begin(party: number): void {
    this.#party = party;
    this.#all = [];
    this.#samples = 0;
    this.#start = 0;
    this.#frames = 0;
  }

  /** Copies `pcm`. */
  add(track: Track, pcm: Int16Array, rateHz: number, place: number): void {
    const follows = place === this.#from + this.#frames;
    if (!follows || track !== this.#track || rateHz !== this.#rateHz) {
      this.#finish();
      this.#track = track;
      this.#rateHz = rateHz;
      this.#from = place;
    }
    if (this.#samples + pcm.length > this.#pcm.length) {
      // Pieces that are whole stay where they are.
      const longer = new Int16Array(Math.max(this.#pcm.length * 2, pcm.length * USUAL_FRAMES));
      longer.set(this.#pcm.subarray(this.#start, this.#samples));
      this.#samples -= this.#start;
      this.#start = 0;
      this.#pcm = longer;
    }
    this.#pcm.set(pcm, this.#samples);
    this.#samples += pcm.length;
    this.#frames += 1;
  }

  all(): readonly SoundPiece[] {
    this.#finish();
    return this.#all;
  }

  #finish(): void {
    if (this.#samples > this.#start && this.#from >= 0) {
      const pcm = this.#pcm.subarray(this.#start, this.#samples);
      const at = { track: this.#track, rateHz: this.#rateHz, frame: this.#from };
      this.#all.push({ party: this.#party, ...at, pcm });
    }
    this.#start = this.#samples;
    this.#frames = 0;
  }
}
