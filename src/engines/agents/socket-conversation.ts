/**
 * A conversation with an agent over one WebSocket, the same for all providers; how each talks is its dialect. What is
 * said to it while the connection takes nothing is dropped and counted, since late words would be answered late.
 */

import type { Clock } from '../../base/clock.ts';
import { withDeadline } from '../../base/deadline.ts';
import { AppError, asError } from '../../base/errors.ts';
import { samplesToMs } from '../../base/units.ts';
import type { ProviderSocket } from '../wire/web-socket.ts';
import type { AgentConversation, AgentEvent } from './voice-agent.ts';

/** More than this in the socket is a connection that does not keep up: 1 s of 16 kHz audio as base64 is 43 KB. */
const BACKED_UP_BYTES = 65_536;
/** Calls of tools with not a word between them, past which an agent goes round in circles: each costs, and nobody hears any. */
const MOST_TOOLS_WITHOUT_A_WORD = 20;

/** One message, of text or bytes. */
export type WireMessage = string | Uint8Array;

/** Where what a message means goes. */
export interface Heard {
  readonly event: (event: AgentEvent) => void;
  readonly reply: (message: string) => void;
  /** A call of a tool that cannot be meant: the agent is told why. */
  readonly refuse: (id: string, why: string) => void;
}

/** How one conversation talks. */
export interface AgentDialect {
  /** In Hz. */
  readonly inputHz: number;
  readonly outputHz: number;
  /** @returns the message that says it. Keeps nothing of `pcm`. */
  encode(pcm: Int16Array): WireMessage;
  /** @throws AppError when it is no message, or one that ends the conversation. */
  receive(message: WireMessage, heard: Heard): void;
  /** What tells what came of a tool's call. */
  answered(id: string, result: string, isError: boolean): readonly string[];
  /** What tells that of what has this id only `heardMs` were heard. */
  cutOff(id: number, heardMs: number): readonly string[];
}

export class SocketConversation implements AgentConversation {
  readonly #name: string;
  readonly #socket: ProviderSocket;
  readonly #dialect: AgentDialect;
  readonly #early: readonly WireMessage[];
  #droppedMs = 0;
  /** Calls of tools since somebody said something. */
  #tools = 0;
  /** Closed, or failed: what came before that and is not told yet is told no more. */
  #over = false;

  /** @param name of the engine, for errors. @param early what came before anybody listens. */
  constructor(name: string, socket: ProviderSocket, dialect: AgentDialect, early: readonly WireMessage[]) {
    this.#name = name;
    this.#socket = socket;
    this.#dialect = dialect;
    this.#early = early;
  }

  get inputHz(): number {
    return this.#dialect.inputHz;
  }

  get outputHz(): number {
    return this.#dialect.outputHz;
  }

  get droppedMs(): number {
    return this.#droppedMs;
  }

  listen(onEvent: (event: AgentEvent) => void): void {
    const heard: Heard = {
      event: (event) => {
        this.#count(event.type === 'tool');
        onEvent(event);
      },
      reply: (message) => this.#socket.send(message),
      refuse: (id, why) => {
        this.#count(true);
        this.answer(id, why, true);
      },
    };
    const receive = (message: WireMessage): void => {
      if (this.#over) {
        return;
      }
      try {
        this.#dialect.receive(message, heard);
      } catch (error) {
        this.#over = true;
        this.#socket.fail(asError(error));
      }
    };
    const onLost = (error: Error): void => {
      const isEnd = error instanceof AppError && error.code === 'closed';
      onEvent(isEnd ? { type: 'ended' } : { type: 'failed', error });
    };
    queueMicrotask(() => {
      for (const message of this.#early) {
        receive(message);
      }
      this.#socket.listen({ onText: receive, onBytes: receive, onLost });
    });
  }

  write(pcm: Int16Array): void {
    if (this.#socket.bufferedBytes > BACKED_UP_BYTES) {
      this.#droppedMs += samplesToMs(pcm.length, this.inputHz);
      return;
    }
    this.#socket.send(this.#dialect.encode(pcm));
  }

  answer(id: string, result: string, isError: boolean): void {
    this.#sendAll(this.#dialect.answered(id, result, isError));
  }

  cutOff(id: number, heardMs: number): void {
    this.#sendAll(this.#dialect.cutOff(id, heardMs));
  }

  close(): Promise<void> {
    this.#over = true;
    return this.#socket.close();
  }

  /** @throws AppError `engine-bad-answer` for one tool too many. */
  #count(isTool: boolean): void {
    this.#tools = isTool ? this.#tools + 1 : 0;
    if (this.#tools > MOST_TOOLS_WITHOUT_A_WORD) {
      throw new AppError(
        'engine-bad-answer',
        `${this.#name}: the agent has called ${MOST_TOOLS_WITHOUT_A_WORD} tools and said nothing: see what its prompt says of them`,
      );
    }
  }

  #sendAll(messages: readonly string[]): void {
    for (const message of messages) {
      this.#socket.send(message);
    }
  }
}

/** What a conversation began with, and what came after that until somebody else listens. */
export interface Beginning<Said> {
  readonly said: Said;
  readonly early: readonly WireMessage[];
}

/**
 * Resolves with what the agent begins with.
 * @param read what a message says of that; undefined: nothing yet. What it throws ends the waiting.
 * @throws AppError `engine-timeout` after `limitMs`; the error of a lost connection; the signal's reason.
 */
export function beginningOf<Said>(
  { socket, name, clock, limitMs }: BeginningOptions,
  read: (message: WireMessage) => Said | undefined,
  signal: AbortSignal,
): Promise<Beginning<Said>> {
  const late = `${name}: the agent did not begin within ${limitMs} ms`;
  return withDeadline(
    clock,
    limitMs,
    late,
    signal,
    () =>
      new Promise((resolve, reject) => {
        let begun = false;
        const early: WireMessage[] = [];
        const receive = (message: WireMessage): void => {
          if (begun) {
            early.push(message);
            return;
          }
          try {
            const said = read(message);
            if (said !== undefined) {
              begun = true;
              resolve({ said, early });
            }
          } catch (error) {
            reject(error);
          }
        };
        socket.listen({ onText: receive, onBytes: receive, onLost: reject });
      }),
  );
}

export interface BeginningOptions {
  readonly socket: ProviderSocket;
  readonly name: string;
  readonly clock: Clock;
  /** In ms. */
  readonly limitMs: number;
}
