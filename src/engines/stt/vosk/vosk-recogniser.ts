/**
 * One leg's recognition with Vosk: a connection per utterance, the next one opened while the last result of the one
 * before is awaited. So an utterance begins without waiting, and its final is one round trip after its end. Replies
 * are put together, because Vosk ends a result at each pause it hears, which may be inside our utterance.
 */

import { AppError, asError } from '../../../base/errors.ts';
import { Scope } from '../../../base/scope.ts';
import type { Tally } from '../../../base/tally.ts';
import { type MadeUp, madeUpBy } from '../made-up.ts';
import type { Word } from '../stt-engine.ts';
import type { Recogniser, UtteranceStream } from '../utterance-stream.ts';
import { VoskConnection, type VoskConnectionOptions } from './vosk-connection.ts';
import type { VoskReply } from './wire.ts';

/** 100 ms: ten answers a second are enough to hear by, and cost the server a fifth of one per frame. */
export const VOSK_CHUNK_MS = 100;

/** Chunks on their way, 1 s: what is more waits where dropping is possible. */
const MOST_UNANSWERED = 10;

export interface VoskRecogniserOptions extends VoskConnectionOptions {
  /** How long a server may owe an answer, in ms. */
  readonly answerTimeoutMs: number;
  /** What was left out of results is counted here. */
  readonly madeUp: Tally<MadeUp>;
}

/** An utterance and what Vosk has said of it for good. */
interface Utterance {
  readonly number: number;
  connection: VoskConnection | undefined;
  readonly settled: string[];
  readonly words: Word[];
  phase: 'silent' | 'sent' | 'ended';
}

export class VoskRecogniser implements Recogniser {
  readonly #stream: UtteranceStream;
  readonly #options: VoskRecogniserOptions;
  readonly #scope: Scope;
  readonly #first: VoskConnection;
  /** Every connection that has not closed. */
  readonly #connections = new Set<VoskConnection>();
  /** The utterance that is sent now. */
  #current: Utterance | undefined;
  #idle: VoskConnection | undefined;
  #opening = false;

  /** @param first a connection that has just opened; it belongs to the stream. */
  constructor(stream: UtteranceStream, first: VoskConnection, options: VoskRecogniserOptions) {
    this.#stream = stream;
    this.#options = options;
    this.#scope = new Scope((error) => stream.fail(asError(error)));
    this.#first = first;
  }

  start(): void {
    this.#keep(this.#first);
  }

  /** Whether the utterance has a connection, and the server keeps up. */
  get ready(): boolean {
    const connection = this.#current?.connection;
    return connection !== undefined && connection.unanswered < MOST_UNANSWERED;
  }

  send(pcm: Int16Array): void {
    const current = this.#current;
    if (current?.connection !== undefined) {
      current.phase = 'sent';
      current.connection.sendAudio(pcm);
    }
  }

  begin(utterance: number): void {
    this.#current = { number: utterance, connection: undefined, settled: [], words: [], phase: 'silent' };
    this.#assign();
  }

  /** Vosk is given what is left in a row, as if nothing had been lost. */
  skip(): void {}

  /** Vosk cannot be asked to settle a part; it has all there is, so that the next partial tells it. */
  pause(): void {}

  end(): void {
    const current = this.#current;
    this.#current = undefined;
    if (current?.phase === 'sent') {
      current.phase = 'ended';
      current.connection?.sendEof();
      this.#openNext();
    } else if (current !== undefined) {
      // Nothing was said, so there is nothing to ask.
      this.#stream.settle(current.number, { text: '', words: [] });
      if (current.connection !== undefined) {
        this.#keep(current.connection);
      }
    }
  }

  get dueMs(): number | undefined {
    let owedSinceMs = Number.POSITIVE_INFINITY;
    for (const connection of this.#connections) {
      owedSinceMs = Math.min(owedSinceMs, connection.owedSinceMs ?? Number.POSITIVE_INFINITY);
    }
    return Number.isFinite(owedSinceMs) ? owedSinceMs + this.#options.answerTimeoutMs : undefined;
  }

  overdue(): void {
    const { answerTimeoutMs } = this.#options;
    this.#stream.fail(
      new AppError('engine-timeout', `vosk: the server was silent for ${answerTimeoutMs} ms`),
    );
  }

  async close(): Promise<void> {
    const closing = this.#scope.close();
    await this.#closeConnections();
    await closing;
    // One may have opened in the meantime.
    await this.#closeConnections();
  }

  async #closeConnections(): Promise<void> {
    await Promise.all([...this.#connections].map((connection) => connection.close()));
  }

  /** Gives the connection that waits to the utterance that needs one, or sees to it that there will be one. */
  #assign(): void {
    const current = this.#current;
    const connection = this.#idle;
    if (current === undefined || current.connection !== undefined) {
      return;
    }
    if (connection === undefined) {
      this.#openNext();
      return;
    }
    this.#idle = undefined;
    current.connection = connection;
    connection.listen({
      onReply: (reply, last) => this.#heard(current, connection, reply, last),
      onLost: (error) => this.#stream.fail(error),
    });
  }

  #openNext(): void {
    if (this.#idle === undefined && !this.#opening) {
      this.#opening = true;
      this.#scope.run(async (signal) => {
        const opened = await VoskConnection.open(this.#options, signal);
        this.#opening = false;
        this.#keep(opened);
        this.#assign();
        this.#stream.goOn();
      });
    }
  }

  /** Holds a connection until it is needed; if it ends before, the server is gone. */
  #keep(connection: VoskConnection): void {
    this.#idle = connection;
    this.#connections.add(connection);
    void connection.ended.then(() => this.#connections.delete(connection));
    connection.listen({ onReply: () => {}, onLost: (error) => this.#stream.fail(error) });
  }

  #heard(utterance: Utterance, connection: VoskConnection, reply: VoskReply, last: boolean): void {
    const over = utterance.phase === 'ended' && last;
    if (over && reply.type === 'partial') {
      this.#stream.fail(
        new AppError(
          'engine-bad-answer',
          'vosk: the server does not know the end of an utterance; start vosk-server’s websocket/asr_server.py',
        ),
      );
      return;
    }
    if (reply.type === 'result' && reply.text !== '') {
      this.#settle(utterance, reply);
    }
    if (over) {
      void connection.close();
      this.#stream.settle(utterance.number, { text: utterance.settled.join(' '), words: utterance.words });
    } else {
      this.#report(utterance, reply.type === 'partial' ? reply.text : '');
    }
    this.#stream.goOn();
  }

  #settle({ settled, words }: Utterance, reply: Extract<VoskReply, { type: 'result' }>): void {
    const why = madeUpBy(reply);
    if (why === undefined) {
      settled.push(reply.text);
      words.push(...reply.words);
    } else {
      this.#options.madeUp.add(why);
    }
  }

  /** Words have times only once Vosk has ended a result, so they are given when no text goes beyond them. */
  #report({ number, settled, words }: Utterance, tail: string): void {
    const text = [...settled, ...(tail === '' ? [] : [tail])].join(' ');
    if (text !== '') {
      this.#stream.emit({ type: 'partial', utterance: number, text, words: tail === '' ? [...words] : [] });
    } else {
      this.#stream.listened();
    }
  }
}
