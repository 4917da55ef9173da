/**
 * A segment whose sound is converted to another rate on its way to those who hear it. The thread that does so has
 * sockets to serve, so a long piece is converted slice by slice, other work between them.
 */

import type { Clock, Timer } from '../../base/clock.ts';
import { HEARD_QUALITY, Resampler } from '../dsp/resampler.ts';
import type { MediaModules } from '../dsp/wasm.ts';
import type { PlayingSegment } from '../thread/announced-segments.ts';
import { RESAMPLER_TAIL_MS } from './segment-sound.ts';

/** Sound converted in one go, in ms: 0.2 ms of work from 24,000 Hz, 1 ms from 44,100. */
const SLICE_MS = 100;

/** Who hears the converted sound; it may be over for them before it is whole. */
export interface ConvertedSink extends PlayingSegment {
  readonly over: boolean;
}

export class ConvertedSegment implements PlayingSegment {
  readonly #clock: Clock;
  readonly #fromHz: number;
  readonly #sink: ConvertedSink;
  readonly #resampler: Resampler;
  /** Slices that wait to be converted: only while an engine has given more than one at once. */
  #waiting: Int16Array[] = [];
  #whole = false;
  #closed = false;
  /** Set while the rest waits for the next turn of the loop. */
  #timer: Timer | undefined;

  constructor(modules: MediaModules, clock: Clock, fromHz: number, toHz: number, sink: ConvertedSink) {
    this.#clock = clock;
    this.#fromHz = fromHz;
    this.#sink = sink;
    this.#resampler = new Resampler(modules, fromHz, toHz, HEARD_QUALITY);
  }

  /** Keeps `pcm` until it has been converted. */
  add(pcm: Int16Array): void {
    if (this.#whole || this.#closed) {
      return;
    }
    const samples = Math.ceil((this.#fromHz * SLICE_MS) / 1_000);
    for (let offset = 0; offset < pcm.length; offset += samples) {
      this.#waiting.push(pcm.subarray(offset, offset + samples));
    }
    this.#convertSome();
  }

  end(): void {
    if (!this.#whole && !this.#closed) {
      this.#whole = true;
      // Silence of the filter's length brings out what it still holds.
      this.#waiting.push(new Int16Array(Math.ceil((this.#fromHz * RESAMPLER_TAIL_MS) / 1_000)));
      this.#convertSome();
    }
  }

  /** Converts a slice now, unless others wait for their turn before it. */
  #convertSome(): void {
    if (this.#timer !== undefined || this.#closed) {
      return;
    }
    if (this.#sink.over) {
      this.#close();
      return;
    }
    const slice = this.#waiting.shift();
    if (slice !== undefined) {
      this.#sink.add(this.#resampler.process(slice));
    }
    if (this.#waiting.length > 0) {
      this.#timer = this.#clock.at(this.#clock.nowMs(), () => {
        this.#timer = undefined;
        this.#convertSome();
      });
    } else if (this.#whole) {
      this.#sink.end();
      this.#close();
    }
  }

  #close(): void {
    this.#closed = true;
    this.#waiting = [];
    this.#resampler.close();
  }
}
