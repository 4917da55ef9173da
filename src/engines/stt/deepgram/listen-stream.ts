/**
 * One leg's recognition by Deepgram: one connection for the leg's life. Utterances follow each other on it, kept alive
 * in the pauses; finals are given in the order of the utterances. What the two protocols do differently is the
 * business of a {@link Hearing}.
 */

import type { Clock, Timer } from '../../../base/clock.ts';
import { asError } from '../../../base/errors.ts';
import { SPEECH_HZ } from '../../../base/units.ts';
import type { SttEvent, SttStream } from '../stt-engine.ts';
import { assertMayStart } from '../utterance-order.ts';
import { AudioOutbox } from './audio-outbox.ts';
import { closeError, silentError } from './deepgram-errors.ts';
import type { Hearing, OwedFinal } from './hearing.ts';
import type { ListenConnection } from './listen-connection.ts';
import type { UtteranceTimeline } from './utterance-timeline.ts';

/** Deepgram ends a connection after 10 s without sound or a KeepAlive, and asks for one each 3 to 5 s. */
const KEEP_ALIVE_MS = 4_000;

/** Results come about each second while sound is sent; a server that has said nothing for so long, in ms, is gone. */
const SPEAKING_SILENT_MS = 10_000;

export interface ListenStreamOptions {
  readonly clock: Clock;
  readonly timeline: UtteranceTimeline;
  readonly hearing: Hearing;
  readonly onEvent: (event: SttEvent) => void;
  /** How long after the end of an utterance its final may take, in ms, before the stream fails. */
  readonly answerTimeoutMs: number;
  /** The most audio the socket may hold, in ms. */
  readonly inFlightLimitMs: number;
  /** The most audio that waits beyond that, in ms. */
  readonly backlogLimitMs: number;
}

interface Owed extends OwedFinal {
  /** On our clock. */
  readonly endedAtMs: number;
}

export class ListenStream implements SttStream {
  readonly #connection: ListenConnection;
  readonly #options: ListenStreamOptions;
  readonly #outbox: AudioOutbox;
  readonly #owed: Owed[] = [];
  readonly #ended: Promise<void>;
  #phase: 'between' | 'speaking' | 'over' = 'between';
  /** When anything was sent, sound was sent and anything was heard last, on our clock. */
  #lastSentMs: number;
  #lastSoundMs: number;
  #lastHeardMs: number;
  #keepAlive: Timer | undefined;
  #watch: Timer | undefined;
  #silence: Timer | undefined;

  /** @param connection open, and this stream's own: it is closed with the stream. */
  constructor(connection: ListenConnection, options: ListenStreamOptions) {
    const { clock, timeline, hearing } = options;
    this.#connection = connection;
    this.#options = options;
    this.#lastSentMs = clock.nowMs();
    this.#lastSoundMs = clock.nowMs();
    this.#lastHeardMs = clock.nowMs();
    this.#outbox = new AudioOutbox({
      chunkMs: hearing.chunkMs,
      inFlightLimitMs: options.inFlightLimitMs,
      backlogLimitMs: options.backlogLimitMs,
      bufferedBytes: () => connection.bufferedBytes,
      send: (bytes) => {
        this.#lastSentMs = clock.nowMs();
        this.#lastSoundMs = this.#lastSentMs;
        connection.sendAudio(bytes);
      },
      onGap: (lostMs) => timeline.skip(lostMs, this.#outbox.sentMs),
    });
    this.#ended = new Promise((resolve) =>
      connection.listen({
        onMessage: (message) => this.#receive(message),
        onSent: () => this.#outbox.drain(),
        onClose: ({ code, reason }) => {
          this.#fail(closeError(code, reason));
          resolve();
        },
      }),
    );
    // A connection that has had no sound at all may be ended in spite of KeepAlives.
    this.#outbox.write(this.#quietChunk());
    this.#keepAlive = clock.at(this.#lastSentMs + KEEP_ALIVE_MS, () => this.#keepConnection());
  }

  get droppedMs(): number {
    return this.#outbox.droppedMs;
  }

  /** Resolves when the connection has ended, for whatever reason. */
  get ended(): Promise<void> {
    return this.#ended;
  }

  startUtterance(utterance: number): void {
    if (this.#phase === 'over') {
      return;
    }
    assertMayStart(this.#phase === 'speaking');
    this.#phase = 'speaking';
    this.#lastHeardMs = this.#options.clock.nowMs();
    this.#outbox.mark(() => this.#options.timeline.begin(utterance, this.#outbox.sentMs));
  }

  write(pcm: Int16Array): void {
    if (this.#phase === 'speaking') {
      this.#outbox.write(pcm);
    }
  }

  flush(): void {
    if (this.#phase === 'speaking') {
      this.#outbox.mark(() => this.#options.hearing.ask(this.#outbox.sentMs));
    }
  }

  endUtterance(): void {
    if (this.#phase === 'speaking') {
      this.#phase = 'between';
      this.#outbox.mark(() => this.#utteranceSent());
    }
  }

  close(): Promise<void> {
    this.#finish();
    return this.#ended;
  }

  /** The newest utterance has gone out to its end. */
  #utteranceSent(): void {
    const { timeline, hearing, clock } = this.#options;
    const endMs = this.#outbox.sentMs;
    timeline.end(endMs);
    const utterance = timeline.utterances.at(-1);
    const bounds = utterance === undefined ? undefined : timeline.boundsOf(utterance);
    if (utterance === undefined || bounds === undefined) {
      return;
    }
    this.#owed.push({ utterance, fromMs: bounds.fromMs, endMs, endedAtMs: clock.nowMs() });
    if (endMs > bounds.fromMs) {
      hearing.ask(endMs);
    }
    // Not now: no event may come from inside a call of the stream.
    queueMicrotask(() => this.#settle());
    this.#feedSilence();
  }

  #receive(message: unknown): void {
    if (this.#phase === 'over') {
      return;
    }
    this.#lastHeardMs = this.#options.clock.nowMs();
    let events: readonly SttEvent[];
    try {
      events = this.#options.hearing.hear(message);
    } catch (error) {
      this.#fail(asError(error));
      return;
    }
    for (const event of events) {
      this.#emit(event);
    }
    this.#settle();
  }

  /** Gives the finals that can be given, and sets the timer for the next that is owed. */
  #settle(): void {
    if (this.#phase === 'over') {
      return;
    }
    const { clock, hearing, timeline, answerTimeoutMs } = this.#options;
    this.#watch?.cancel();
    this.#watch = undefined;
    for (let owed = this.#owed[0]; owed !== undefined; owed = this.#owed[0]) {
      const graceMs = hearing.graceMs(owed) ?? answerTimeoutMs;
      const isEmpty = owed.endMs === owed.fromMs;
      const waitedMs = clock.nowMs() - owed.endedAtMs;
      if (!isEmpty && !hearing.isSettled(owed)) {
        if (waitedMs < graceMs) {
          this.#watch = clock.at(owed.endedAtMs + graceMs, () => this.#settle());
          return;
        }
        if (hearing.graceMs(owed) === undefined) {
          this.#fail(silentError(answerTimeoutMs));
          return;
        }
      }
      this.#owed.shift();
      const { text, words } = hearing.take(owed.utterance);
      timeline.forget(owed.utterance);
      this.#emit({ type: 'final', utterance: owed.utterance, text, words });
    }
  }

  #keepConnection(): void {
    const { clock, hearing } = this.#options;
    if (this.#phase === 'speaking' && this.#lastSoundMs - this.#lastHeardMs >= SPEAKING_SILENT_MS) {
      this.#fail(silentError(SPEAKING_SILENT_MS));
      return;
    }
    if (clock.nowMs() - this.#lastSentMs >= KEEP_ALIVE_MS) {
      this.#lastSentMs = clock.nowMs();
      if (hearing.needsSound) {
        this.#sendSilence();
      } else {
        this.#connection.sendMessage('KeepAlive');
      }
    }
    this.#keepAlive = clock.at(this.#lastSentMs + KEEP_ALIVE_MS, () => this.#keepConnection());
  }

  /** While a final is owed and nothing is said, silence is what the provider hears, as fast as sound comes. */
  #feedSilence(): void {
    const { clock, hearing } = this.#options;
    if (!hearing.needsSound || this.#silence !== undefined) {
      return;
    }
    this.#silence = clock.at(clock.nowMs() + hearing.chunkMs, () => {
      this.#silence = undefined;
      if (this.#phase === 'between' && this.#owed.length > 0) {
        this.#sendSilence();
        this.#feedSilence();
      }
    });
  }

  #sendSilence(): void {
    if (!this.#outbox.behind) {
      this.#outbox.write(this.#quietChunk());
    }
  }

  #quietChunk(): Int16Array {
    return new Int16Array((this.#options.hearing.chunkMs * SPEECH_HZ) / 1_000);
  }

  #emit(event: SttEvent): void {
    if (this.#phase !== 'over') {
      this.#options.onEvent(event);
    }
  }

  #fail(error: Error): void {
    if (this.#phase !== 'over') {
      this.#finish();
      this.#options.onEvent({ type: 'failed', error });
    }
  }

  #finish(): void {
    this.#phase = 'over';
    for (const timer of [this.#keepAlive, this.#watch, this.#silence]) {
      timer?.cancel();
    }
    this.#outbox.clear();
    void this.#connection.close();
  }
}
