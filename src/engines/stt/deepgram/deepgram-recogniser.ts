/**
 * One leg's recognition by Deepgram: one connection for the leg's life. Utterances follow each other on it, kept alive
 * in the pauses. What the two protocols do differently is the business of a {@link Hearing}.
 */

import type { Clock, Timer } from '../../../base/clock.ts';
import { SPEECH_HZ } from '../../../base/units.ts';
import { parseJson } from '../../wire/json.ts';
import type { ProviderSocket } from '../../wire/web-socket.ts';
import type { Recogniser, UtteranceStream } from '../utterance-stream.ts';
import { silentError } from './deepgram-errors.ts';
import type { Hearing, OwedFinal } from './hearing.ts';
import type { UtteranceTimeline } from './utterance-timeline.ts';

/** Deepgram ends a connection after 10 s without sound or a KeepAlive, and asks for one each 3 to 5 s. */
const KEEP_ALIVE_MS = 4_000;

/** Results come about each second while sound is sent; one that is so late, in ms, does not come: 1,000 + 1,200. */
const SPEAKING_SILENT_MS = 2_200;

/** What came while we stood still is read within so long after it, in ms. */
const SECOND_LOOK_MS = 300;

/** 16,000 samples a second of 2 bytes. */
const BYTES_PER_MS = 32;

export interface DeepgramRecogniserOptions {
  readonly clock: Clock;
  readonly timeline: UtteranceTimeline;
  readonly hearing: Hearing;
  /** How long after the end of an utterance its final may take, in ms, before the stream fails. */
  readonly answerTimeoutMs: number;
  /** The most audio the socket may hold, in ms. */
  readonly inFlightLimitMs: number;
}

interface Owed extends OwedFinal {
  /** On our clock. */
  readonly endedAtMs: number;
}

export class DeepgramRecogniser implements Recogniser {
  readonly #stream: UtteranceStream;
  readonly #socket: ProviderSocket;
  readonly #options: DeepgramRecogniserOptions;
  readonly #owed: Owed[] = [];
  /** When anything was sent and anything was heard last, on our clock. */
  #lastSentMs: number;
  #lastHeardMs: number;
  /** Since when a result is late. */
  #lateMs: number | undefined;
  #keepAlive: Timer | undefined;
  #silence: Timer | undefined;

  /** @param socket open, and this stream's own: it is closed with the stream. */
  constructor(stream: UtteranceStream, socket: ProviderSocket, options: DeepgramRecogniserOptions) {
    this.#stream = stream;
    this.#socket = socket;
    this.#options = options;
    this.#lastSentMs = options.clock.nowMs();
    this.#lastHeardMs = this.#lastSentMs;
  }

  start(): void {
    this.#socket.listen({
      onText: (text) => this.#receive(text),
      onLost: (error) => this.#stream.fail(error),
      onSent: () => this.#stream.goOn(),
    });
    // A connection that has had no sound at all may be ended in spite of KeepAlives.
    this.#stream.add(this.#quietChunk());
    this.#keepAlive = this.#options.clock.at(this.#lastSentMs + KEEP_ALIVE_MS, () => this.#keepConnection());
  }

  get ready(): boolean {
    return this.#socket.bufferedBytes < this.#options.inFlightLimitMs * BYTES_PER_MS;
  }

  send(pcm: Int16Array): void {
    this.#lastSentMs = this.#options.clock.nowMs();
    this.#socket.send(new Uint8Array(pcm.buffer, pcm.byteOffset, pcm.byteLength));
    if (this.#stream.speaking && this.#lastSentMs - this.#lastHeardMs >= SPEAKING_SILENT_MS) {
      this.#lateMs ??= this.#lastSentMs;
      if (this.#lastSentMs - this.#lateMs >= SECOND_LOOK_MS) {
        // Not now: no event may come from inside a call of the stream.
        queueMicrotask(() => this.#stream.fail(silentError(SPEAKING_SILENT_MS)));
      }
    }
  }

  begin(utterance: number): void {
    this.#lastHeardMs = this.#options.clock.nowMs();
    this.#lateMs = undefined;
    this.#options.timeline.begin(utterance, this.#stream.sentMs);
  }

  skip(lostMs: number): void {
    this.#options.timeline.skip(lostMs, this.#stream.sentMs);
  }

  pause(): void {
    this.#options.hearing.ask(this.#stream.sentMs);
  }

  end(utterance: number): void {
    const { timeline, hearing, clock } = this.#options;
    const endMs = this.#stream.sentMs;
    timeline.end(endMs);
    const fromMs = timeline.boundsOf(utterance)?.fromMs ?? endMs;
    this.#owed.push({ utterance, fromMs, endMs, endedAtMs: clock.nowMs() });
    if (endMs > fromMs) {
      hearing.ask(endMs);
    }
    this.#settle();
    this.#feedSilence();
  }

  get dueMs(): number | undefined {
    const owed = this.#owed[0];
    const { hearing, answerTimeoutMs } = this.#options;
    return owed === undefined ? undefined : owed.endedAtMs + (hearing.graceMs(owed) ?? answerTimeoutMs);
  }

  overdue(): void {
    this.#settle();
  }

  close(): Promise<void> {
    this.#keepAlive?.cancel();
    this.#silence?.cancel();
    // Deepgram bills until it knows that no more comes.
    this.#tell('CloseStream');
    return this.#socket.close();
  }

  #receive(text: string): void {
    this.#lastHeardMs = this.#options.clock.nowMs();
    this.#lateMs = undefined;
    const { sentMs } = this.#stream;
    const events = this.#stream.attempt(() => this.#options.hearing.hear(parseJson(text), sentMs)) ?? [];
    for (const event of events) {
      this.#stream.emit(event);
    }
    if (events.length === 0) {
      this.#stream.listened();
    }
    this.#settle();
    this.#stream.goOn();
  }

  /** Gives the finals that can be given. */
  #settle(): void {
    const { clock, hearing, timeline, answerTimeoutMs } = this.#options;
    for (let owed = this.#owed[0]; owed !== undefined; owed = this.#owed[0]) {
      if (owed.endMs > owed.fromMs && !hearing.isSettled(owed)) {
        const graceMs = hearing.graceMs(owed);
        if (clock.nowMs() < owed.endedAtMs + (graceMs ?? answerTimeoutMs)) {
          return;
        }
        if (graceMs === undefined) {
          this.#stream.fail(silentError(answerTimeoutMs));
          return;
        }
      }
      this.#owed.shift();
      this.#stream.settle(owed.utterance, hearing.take(owed.utterance));
      timeline.forget(owed.utterance);
    }
  }

  #keepConnection(): void {
    const { clock, hearing } = this.#options;
    if (clock.nowMs() - this.#lastSentMs >= KEEP_ALIVE_MS) {
      this.#lastSentMs = clock.nowMs();
      if (hearing.needsSound) {
        this.#sendSilence();
      } else {
        this.#tell('KeepAlive');
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
      if (!this.#stream.speaking && this.#owed.length > 0) {
        this.#sendSilence();
        this.#feedSilence();
      }
    });
  }

  #sendSilence(): void {
    if (!this.#stream.behind) {
      this.#stream.add(this.#quietChunk());
    }
  }

  #quietChunk(): Int16Array {
    return new Int16Array((this.#options.hearing.chunkMs * SPEECH_HZ) / 1_000);
  }

  /** A message of the protocol, as text: in a binary frame it would be taken for sound. */
  #tell(type: 'KeepAlive' | 'CloseStream'): void {
    this.#socket.send(JSON.stringify({ type }));
  }
}
