/**
 * A stream of recognition that is given utterances from where they are kept: what it missed goes faster than it was
 * spoken, the rest as it comes. It knows what it has been given and what it has heard.
 */

import type { Clock, Timer } from '../../base/clock.ts';
import type { SttEvent, SttStream } from '../../engines/stt/stt-engine.ts';
import { type KeptUtterance, msOf } from './kept-utterance.ts';
import { Silence } from './silence.ts';

/** Sound that is given again goes 1 s at a time, each 100 ms: ten times as fast as it was spoken. */
const PORTION_MS = 1_000;
const PORTION_EVERY_MS = 100;

type StreamListener = (feed: FedStream, event: SttEvent) => void;

/** What a stream was given of an utterance, and heard of it. */
interface Place {
  frames: number;
  begun: boolean;
  ended: boolean;
  heard: string;
}

export class FedStream {
  readonly silence: Silence;
  /** What it has ended by itself with, once it has. */
  failure: Error | undefined;
  readonly #clock: Clock;
  readonly #kept: readonly KeptUtterance[];
  readonly #places = new WeakMap<KeptUtterance, Place>();
  #listener: StreamListener;
  #stream: SttStream | undefined;
  #portion: Timer | undefined;

  /**
   * @param kept what it is given, oldest first; it is read whenever more is given.
   * @param listener hears what it says, and who says it.
   */
  constructor(clock: Clock, kept: readonly KeptUtterance[], listener: StreamListener) {
    this.#clock = clock;
    this.#kept = kept;
    this.#listener = listener;
    this.silence = new Silence(clock.nowMs());
  }

  /** What it says, for the engine that opens it. */
  readonly onEvent = (event: SttEvent): void => {
    if (event.type === 'failed') {
      this.failure ??= event.error;
    }
    this.#listener(this, event);
  };

  /** Somebody else listens from now on. */
  listen(listener: StreamListener): void {
    this.#listener = listener;
  }

  /** Undefined while it is not open, and once it is closed. */
  get stream(): SttStream | undefined {
    return this.#stream;
  }

  /** It is open: takes over `stream`. */
  attach(stream: SttStream): void {
    this.#stream = stream;
  }

  /** What it heard of an utterance last. */
  heardOf(kept: KeptUtterance): string {
    return this.#place(kept).heard;
  }

  hears(kept: KeptUtterance, text: string): void {
    this.#place(kept).heard = text === '' ? this.#place(kept).heard : text;
  }

  /** Gives it all of what is kept, in portions. */
  catchUp(): void {
    this.silence.begin(this.#clock.nowMs());
    this.#give(PORTION_MS);
  }

  /** What is given next comes at once, though it was spoken before: it goes in portions. */
  expectMuch(): void {
    this.#giveMoreLater();
  }

  /** Gives it what is new, unless it has not been given all before. */
  giveNew(): void {
    this.#give(this.#portion === undefined ? Number.POSITIVE_INFINITY : 0);
  }

  /** The speaker of the latest utterance pauses. */
  flush(): void {
    const kept = this.#kept.at(-1);
    const place = kept === undefined ? undefined : this.#place(kept);
    if (kept !== undefined && place?.begun === true && place.frames === kept.frames) {
      this.#stream?.flush();
    }
  }

  /** Idempotent. */
  async close(): Promise<void> {
    this.#portion?.cancel();
    this.#portion = undefined;
    const stream = this.#stream;
    this.#stream = undefined;
    await stream?.close();
  }

  #place(kept: KeptUtterance): Place {
    const known = this.#places.get(kept);
    if (known !== undefined) {
      return known;
    }
    const place = { frames: 0, begun: false, ended: false, heard: '' };
    this.#places.set(kept, place);
    return place;
  }

  /** Gives what it has not been given, up to `portionMs` of it. */
  #give(portionMs: number): void {
    let leftMs = portionMs;
    for (const kept of [...this.#kept]) {
      const stream = this.#stream;
      if (stream === undefined) {
        return;
      }
      const place = this.#place(kept);
      if (!place.begun) {
        place.begun = true;
        stream.startUtterance(kept.utterance);
      }
      place.frames = Math.max(place.frames, kept.forgotten);
      for (; place.frames < kept.frames && leftMs > 0; place.frames += 1) {
        const pcm = kept.frame(place.frames);
        leftMs -= msOf(pcm);
        stream.write(pcm);
      }
      if (place.frames < kept.frames) {
        this.#giveMoreLater();
        return;
      }
      if (kept.ended && !place.ended) {
        place.ended = true;
        stream.endUtterance();
      }
    }
  }

  #giveMoreLater(): void {
    this.#portion ??= this.#clock.at(this.#clock.nowMs() + PORTION_EVERY_MS, () => {
      this.#portion = undefined;
      this.#give(PORTION_MS);
    });
  }
}
