/**
 * Gives a provider that wants a steady stream what it wants: chunks of 100 ms, never faster than it takes them, silence
 * after speech for as long as an answer is owed, and a chunk of silence now and then so that the connection is kept.
 * Speech that cannot be given in time waits, up to a limit; past it the oldest is dropped and counted.
 */

import type { Clock, Timer } from '../../base/clock.ts';
import { samplesToMs } from '../../base/units.ts';
import { SampleFifo } from '../../media/dsp/sample-fifo.ts';

/** Length of a chunk, in ms. */
const CHUNK_MS = 100;

/** How a provider wants its audio. */
export interface FeedPace {
  readonly rateHz: number;
  /** The shortest time between two chunks while speech waits, in ms: 60 is 1.67 times real time. */
  readonly speechIntervalMs: number;
  /** The time between two chunks of silence, in ms. */
  readonly silenceIntervalMs: number;
  /** The longest time without a chunk, in ms. */
  readonly keepAliveMs: number;
  /** The most speech that waits, in ms. */
  readonly backlogLimitMs: number;
}

/** Where and when a stretch of speech ends. */
export interface SpeechEnd {
  /** Its place in the provider's stream, in ms from the beginning. */
  readonly positionMs: number;
  /** When all of it will have been sent, on the clock, if the connection keeps up. */
  readonly sentMs: number;
}

export interface FeedOutlet {
  /** Takes a chunk, which is its own. */
  readonly send: (pcm: Int16Array) => void;
  /** Whether the connection takes more now; asked again at the next chunk's time. */
  readonly ready: () => boolean;
}

export class SpeechFeed {
  readonly #pace: FeedPace;
  readonly #clock: Clock;
  readonly #outlet: FeedOutlet;
  readonly #chunkSamples: number;
  readonly #waiting = new SampleFifo();
  /** Silence is fed while the clock is before this. */
  #silenceUntilMs = Number.NEGATIVE_INFINITY;
  /** No chunk goes out before this. */
  #nextMs: number;
  #keepAliveMs: number;
  #sentSamples = 0;
  #droppedSamples = 0;
  #timer: Timer | undefined;
  #closed = false;

  constructor(pace: FeedPace, clock: Clock, outlet: FeedOutlet) {
    this.#pace = pace;
    this.#clock = clock;
    this.#outlet = outlet;
    this.#chunkSamples = (pace.rateHz * CHUNK_MS) / 1_000;
    this.#nextMs = clock.nowMs();
    this.#keepAliveMs = this.#nextMs + pace.keepAliveMs;
    this.#pump();
  }

  /** Speech given up, in ms. */
  get droppedMs(): number {
    return samplesToMs(this.#droppedSamples, this.#pace.rateHz);
  }

  /** Adds speech at the provider's rate; copies `pcm`. */
  write(pcm: Int16Array): void {
    if (this.#closed) {
      return;
    }
    this.#silenceUntilMs = Number.NEGATIVE_INFINITY;
    this.#waiting.push(pcm);
    this.#dropExcess();
    // Most frames only fill the chunk: the timer, which may be set for later, is looked at once per chunk.
    if (this.#waiting.length >= this.#chunkSamples) {
      this.#pump();
    }
  }

  /** Speech is over: the last chunk is filled up, and silence follows until {@link restAt}. */
  finish(): SpeechEnd {
    const rest = this.#waiting.length % this.#chunkSamples;
    if (rest > 0) {
      this.#waiting.push(new Int16Array(this.#chunkSamples - rest));
    }
    this.#silenceUntilMs = Number.POSITIVE_INFINITY;
    this.#pump();
    const { rateHz, speechIntervalMs } = this.#pace;
    return {
      positionMs: samplesToMs(this.#sentSamples + this.#waiting.length, rateHz),
      sentMs: this.#clock.nowMs() + (this.#waiting.length / this.#chunkSamples) * speechIntervalMs,
    };
  }

  /** Lets the silence end at `atMs`, unless there is speech by then. */
  restAt(atMs: number): void {
    if (this.#silenceUntilMs > atMs) {
      this.#silenceUntilMs = atMs;
    }
  }

  close(): void {
    this.#closed = true;
    this.#timer?.cancel();
    this.#waiting.clear();
  }

  /** Sends what is due and sets the timer for what is due next. */
  #pump(): void {
    if (this.#closed) {
      return;
    }
    const nowMs = this.#clock.nowMs();
    if (nowMs >= this.#nextMs) {
      if (!this.#outlet.ready()) {
        this.#nextMs = nowMs + CHUNK_MS;
      } else if (this.#waiting.length >= this.#chunkSamples) {
        this.#send(nowMs, this.#pace.speechIntervalMs);
      } else if (nowMs < this.#silenceUntilMs || nowMs >= this.#keepAliveMs) {
        this.#send(nowMs, this.#pace.silenceIntervalMs);
      }
    }
    this.#timer?.cancel();
    this.#timer = this.#clock.at(this.#nextDueMs(), () => this.#pump());
  }

  #nextDueMs(): number {
    const wanted =
      this.#waiting.length >= this.#chunkSamples || this.#nextMs < this.#silenceUntilMs
        ? this.#nextMs
        : this.#keepAliveMs;
    return Math.max(wanted, this.#nextMs);
  }

  /** Sends a chunk of what waits, filled up with silence. */
  #send(nowMs: number, intervalMs: number): void {
    const chunk = new Int16Array(this.#chunkSamples);
    this.#waiting.take(chunk);
    this.#sentSamples += chunk.length;
    this.#nextMs = nowMs + intervalMs;
    this.#keepAliveMs = nowMs + this.#pace.keepAliveMs;
    this.#outlet.send(chunk);
  }

  #dropExcess(): void {
    const limitSamples = (this.#pace.backlogLimitMs * this.#pace.rateHz) / 1_000;
    const excess = this.#waiting.length - limitSamples;
    if (excess > 0) {
      this.#droppedSamples += this.#waiting.take(new Int16Array(excess));
    }
  }
}
