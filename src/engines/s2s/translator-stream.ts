/**
 * One leg's stream to a fused provider, the same for all of them: it feeds speech and silence, passes on what is said
 * and judges when all has been given. What differs, how messages read and how fast audio may come, is the provider's
 * {@link Dialect}.
 */

import type { Clock } from '../../base/clock.ts';
import { AppError, asError } from '../../base/errors.ts';
import { SPEECH_HZ, samplesToMs } from '../../base/units.ts';
import type { ProviderSocket } from '../wire/web-socket.ts';
import { CatchUp, type Patience } from './catch-up.ts';
import { type FeedPace, SpeechFeed } from './speech-feed.ts';
import type { SpeechTranslatorEvent, SpeechTranslatorStream } from './speech-translator.ts';

/** How often a session's peer is pinged, in ms: one that is gone without a word is noticed within 6 s. */
export const PING_MS = 2_000;

/** More than this in the socket is a connection that does not keep up: about a second of audio as base64. */
const BACKED_UP_BYTES = 65_536;

/** Speech that a provider may leave without any answer before it is taken for deaf, in ms. Noise gets none. */
const DEAF_MS = 10_000;

/** How long utterances count that it was given in vain, in ms: who only listens coughs now and then. */
const VAIN_MS = 60_000;

/** What a message of a provider comes to. */
export type Said =
  | Extract<SpeechTranslatorEvent, { readonly type: 'source' | 'target' | 'audio' }>
  /** What follows was said after this place of the stream we sent, in ms. */
  | { readonly type: 'passed'; readonly positionMs: number };

/** One session's way of talking to a provider; it may keep state. */
export interface Dialect {
  readonly name: string;
  readonly pace: FeedPace;
  readonly patience: Patience;
  /** How long silence goes on after the end of speech even when all seems to have been given, in ms. */
  readonly afterglowMs: number;
  /** How long the provider must be quiet, after what it said last, for all to have been given, in ms. */
  readonly quietMs: number;
  /** 16 kHz audio at the provider's rate; may return `pcm` or a view that the next call overwrites. */
  convert(pcm: Int16Array): Int16Array;
  encode(pcm: Int16Array): string;
  /**
   * What a message says; nothing for those that do not matter.
   * @throws AppError of category `engine` when it ends the stream.
   */
  decode(text: string): readonly Said[];
  /** The message to part with, if there is one. */
  readonly farewell: string | undefined;
  /** Frees what the dialect holds. */
  close(): void;
}

export class TranslatorStream implements SpeechTranslatorStream {
  readonly #socket: ProviderSocket;
  readonly #dialect: Dialect;
  readonly #clock: Clock;
  readonly #onEvent: (event: SpeechTranslatorEvent) => void;
  readonly #feed: SpeechFeed;
  readonly #catchUp: CatchUp;
  #speaking = false;
  #speechEndMs = 0;
  /** Speech without any answer, in ms, of each utterance that is under way, oldest first: the last may go on. */
  #unanswered: number[] = [];
  /** The same of those that are over, and when. */
  #inVain: { readonly atMs: number; readonly ms: number }[] = [];
  #over = false;

  /** @param socket a session that is ready for audio; it and `dialect` are closed with the stream. */
  constructor(
    socket: ProviderSocket,
    dialect: Dialect,
    clock: Clock,
    onEvent: (event: SpeechTranslatorEvent) => void,
  ) {
    this.#socket = socket;
    this.#dialect = dialect;
    this.#clock = clock;
    this.#onEvent = onEvent;
    this.#feed = new SpeechFeed(dialect.pace, clock, {
      send: (pcm) => socket.send(dialect.encode(pcm)),
      ready: () => socket.bufferedBytes <= BACKED_UP_BYTES,
    });
    this.#catchUp = new CatchUp(
      dialect.patience,
      clock,
      () => dialect.quietMs,
      () => this.#caughtUp(),
    );
  }

  /** Begins to hear the provider; apart from the constructor so that no event comes from inside `open`. */
  start(): void {
    this.#socket.listen({
      onText: (text) => this.#receive(text),
      onLost: (error) => this.#fail(error),
    });
  }

  get droppedMs(): number {
    return this.#feed.droppedMs;
  }

  /** Resolves when the stream is over, for whatever reason. */
  get ended(): Promise<void> {
    return this.#socket.ended;
  }

  write(pcm: Int16Array): void {
    if (this.#over || pcm.length === 0) {
      return;
    }
    this.#begin();
    this.#feed.write(this.#dialect.convert(pcm));
    const beforeMs = sum(this.#unanswered);
    const ownMs = this.#unanswered.pop() ?? 0;
    this.#unanswered.push(ownMs + samplesToMs(pcm.length, SPEECH_HZ));
    if (beforeMs < DEAF_MS && sum(this.#unanswered) >= DEAF_MS) {
      this.#clock.at(this.#clock.nowMs(), () => this.#failIfDeaf(sum(this.#unanswered)));
    }
  }

  endOfSpeech(): void {
    if (!this.#over) {
      this.#begin();
      this.#speaking = false;
      const end = this.#feed.finish();
      this.#speechEndMs = end.sentMs;
      this.#catchUp.owe(end);
    }
  }

  close(): Promise<void> {
    return this.#finish();
  }

  #begin(): void {
    if (!this.#speaking) {
      this.#speaking = true;
      this.#unanswered.push(0);
    }
  }

  #receive(text: string): void {
    if (this.#over) {
      return;
    }
    try {
      for (const said of this.#dialect.decode(text)) {
        if (said.type === 'passed') {
          this.#catchUp.passed(said.positionMs);
        } else {
          this.#unanswered = this.#unanswered.map(() => 0);
          this.#inVain = [];
          this.#catchUp.heard(said.type !== 'source');
          this.#emit(said);
        }
      }
    } catch (error) {
      this.#fail(asError(error));
    }
  }

  #caughtUp(): void {
    this.#emit({ type: 'caught-up' });
    // It counts no more for how long the next utterance may go without an answer.
    const atMs = this.#clock.nowMs();
    this.#inVain.push({ atMs, ms: this.#unanswered.shift() ?? 0 });
    this.#inVain = this.#inVain.filter((one) => one.atMs > atMs - VAIN_MS && one.ms > 0);
    this.#failIfDeaf(sum(this.#inVain.map(({ ms }) => ms)));
    if (!this.#speaking && !this.#catchUp.owing) {
      this.#feed.restAt(this.#speechEndMs + this.#dialect.afterglowMs);
    }
  }

  #failIfDeaf(unansweredMs: number): void {
    if (unansweredMs >= DEAF_MS) {
      const { name } = this.#dialect;
      this.#fail(new AppError('engine-timeout', `${name} answered nothing to ${DEAF_MS} ms of speech`));
    }
  }

  #emit(event: SpeechTranslatorEvent): void {
    if (!this.#over) {
      this.#onEvent(event);
    }
  }

  #fail(error: Error): void {
    if (!this.#over) {
      void this.#finish();
      this.#onEvent({ type: 'failed', error });
    }
  }

  #finish(): Promise<void> {
    if (!this.#over) {
      this.#over = true;
      this.#feed.close();
      this.#catchUp.close();
      if (this.#dialect.farewell !== undefined) {
        this.#socket.send(this.#dialect.farewell);
      }
      this.#dialect.close();
    }
    return this.#socket.close();
  }
}

function sum(parts: readonly number[]): number {
  return parts.reduce((total, part) => total + part, 0);
}
