/**
 * One leg's recognition with Vosk: a connection per utterance, the next one opened while the last result of the one
 * before is awaited. So an utterance begins without waiting, and its final is one round trip after its end. Finals
 * leave in the order of their utterances.
 */

import { asError } from '../../../base/errors.ts';
import { Scope } from '../../../base/scope.ts';
import type { SttEvent, SttStream } from '../stt-engine.ts';
import { assertMayStart } from '../utterance-order.ts';
import { VoskConnection, type VoskConnectionOptions } from './vosk-connection.ts';
import { VoskUtterance } from './vosk-utterance.ts';

export interface VoskStreamOptions extends VoskConnectionOptions {
  readonly onEvent: (event: SttEvent) => void;
  /** The most audio that waits, in ms. */
  readonly backlogLimitMs: number;
}

export class VoskStream implements SttStream {
  readonly #options: VoskStreamOptions;
  readonly #scope: Scope;
  /** Every connection that has not closed. */
  readonly #connections = new Set<VoskConnection>();
  /** Utterances whose final has not left, in order; the last one may still be spoken. */
  readonly #utterances: VoskUtterance[] = [];
  readonly #onEnded: () => void;
  #idle: VoskConnection | undefined;
  #opening = false;
  #droppedMs = 0;
  #closing: Promise<void> | undefined;

  /**
   * @param connection one that has just opened; it belongs to the stream.
   * @param onEnded hears that the stream is over, for whatever reason.
   */
  constructor(connection: VoskConnection, options: VoskStreamOptions, onEnded: () => void) {
    this.#options = options;
    this.#onEnded = onEnded;
    this.#scope = new Scope((error) => this.#fail(asError(error)));
    this.#keep(connection);
  }

  get droppedMs(): number {
    return this.#utterances.reduce((sum, utterance) => sum + utterance.droppedMs, this.#droppedMs);
  }

  startUtterance(utterance: number): void {
    if (this.#closing !== undefined) {
      return;
    }
    assertMayStart(this.#current !== undefined);
    this.#utterances.push(
      new VoskUtterance({
        utterance,
        backlogLimitMs: this.#options.backlogLimitMs,
        onPartial: (event) => this.#emit(event),
        onFinal: () => this.#releaseFinals(),
        onFailed: (error) => this.#fail(error),
      }),
    );
  }

  write(pcm: Int16Array): void {
    this.#current?.write(pcm);
    this.#assign();
  }

  /** Vosk cannot be asked to settle a part; it hears all there is, so that the next partial tells it. */
  flush(): void {
    this.#current?.flush();
    this.#assign();
  }

  endUtterance(): void {
    this.#current?.end();
    this.#assign();
  }

  close(): Promise<void> {
    if (this.#closing === undefined) {
      this.#closing = this.#close();
      this.#onEnded();
    }
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#utterances.length = 0;
    this.#idle = undefined;
    await Promise.all([
      this.#scope.close(),
      ...[...this.#connections].map((connection) => connection.close()),
    ]);
  }

  /** The utterance that is being spoken. */
  get #current(): VoskUtterance | undefined {
    const last = this.#utterances.at(-1);
    return last?.speaking === true ? last : undefined;
  }

  /** Gives the connection that waits to the utterance that needs one, and opens the next in time. */
  #assign(): void {
    const waiting = this.#utterances.find((utterance) => utterance.needsConnection);
    const connection = this.#idle;
    if (waiting !== undefined && connection !== undefined) {
      this.#idle = undefined;
      waiting.attach(connection);
    }
    const spoken = this.#current;
    const next = spoken === undefined || spoken.needsConnection;
    if (next && this.#idle === undefined && !this.#opening && this.#closing === undefined) {
      this.#opening = true;
      this.#scope.run(async (signal) => {
        const opened = await VoskConnection.open(this.#options, signal);
        this.#opening = false;
        this.#keep(opened);
        this.#assign();
      });
    }
  }

  /** Holds a connection that has just opened until it is needed; if it ends before, the server is gone. */
  #keep(connection: VoskConnection): void {
    this.#idle = connection;
    this.#connections.add(connection);
    void connection.ended.then(() => this.#connections.delete(connection));
    connection.listen({ onReply: () => {}, onEnd: (error) => this.#fail(error) });
  }

  #releaseFinals(): void {
    for (let head = this.#utterances[0]; head?.final !== undefined; head = this.#utterances[0]) {
      this.#utterances.shift();
      this.#droppedMs += head.droppedMs;
      this.#emit(head.final);
    }
  }

  #emit(event: SttEvent): void {
    if (this.#closing === undefined) {
      this.#options.onEvent(event);
    }
  }

  #fail(error: Error): void {
    if (this.#closing === undefined) {
      void this.close();
      this.#options.onEvent({ type: 'failed', error });
    }
  }
}
