/**
 * Who uses a model: each has a line of its own, with a number, over the one wire of the process. What is owed to all of
 * them is known here, since a process that owes nothing may be silent.
 */

import type { Duplex } from 'node:stream';
import type { Clock } from '../../base/clock.ts';
import { AppError } from '../../base/errors.ts';
import { encodeMessage, MESSAGE, type MessageType, type ModelMessage } from './model-wire.ts';

/** One user's line to a model. */
export interface ModelLine {
  send(type: MessageType, payload?: Uint8Array): void;
  /** Says whether an answer is due. A process that owes one and is silent for too long is ended. */
  setOwed(owed: boolean): void;
  /** Nobody wants anything of it any more. Idempotent. */
  close(): void;
}

interface Open {
  readonly onMessage: (message: ModelMessage) => void;
  readonly onEnd: (error: Error) => void;
  owed: boolean;
}

/** Numbers are 32 bits on the wire, and begin again after them. */
const MOST_IDS = 0xffff_ffff;

export class ModelLines {
  /** Is told when something is owed that was not. */
  onOwed: () => void = () => {};
  readonly #wire: Duplex;
  readonly #model: string;
  readonly #open = new Map<number, Open>();
  #lastId = 0;
  /** Lines to which something is owed. */
  #owed = 0;
  #owedSinceMs = 0;
  #corked = false;
  #error: Error | undefined;

  constructor(wire: Duplex, model: string) {
    this.#wire = wire;
    this.#model = model;
  }

  get ended(): boolean {
    return this.#error !== undefined;
  }

  /** Since when something is owed; undefined while nothing is. */
  get owedSinceMs(): number | undefined {
    return this.#owed > 0 ? this.#owedSinceMs : undefined;
  }

  open(clock: Clock, onMessage: Open['onMessage'], onEnd: Open['onEnd']): ModelLine {
    if (this.#error !== undefined) {
      throw new AppError('engine-died', `sherpa: the process with ${this.#model} has ended`, this.#error);
    }
    this.#lastId = this.#lastId >= MOST_IDS ? 1 : this.#lastId + 1;
    const id = this.#lastId;
    const line: Open = { onMessage, onEnd, owed: false };
    this.#open.set(id, line);
    return {
      send: (type, payload) => {
        if (this.#open.get(id) === line) {
          this.#write(encodeMessage(type, id, payload));
        }
      },
      setOwed: (owed) => {
        if (this.#open.get(id) === line && line.owed !== owed) {
          line.owed = owed;
          this.#count(owed, clock);
        }
      },
      close: () => {
        if (this.#open.get(id) === line) {
          this.#write(encodeMessage(MESSAGE.drop, id));
          this.#open.delete(id);
          if (line.owed) {
            this.#count(false, clock);
          }
        }
      },
    };
  }

  /** Of a line that was closed meanwhile nothing is told. */
  receive(message: ModelMessage): void {
    this.#open.get(message.id)?.onMessage(message);
  }

  /** The process is no more: all are told. The first end counts. */
  end(error: Error): void {
    if (this.#error === undefined) {
      this.#error = error;
      this.#owed = 0;
      const lines = [...this.#open.values()];
      this.#open.clear();
      for (const { onEnd } of lines) {
        onEnd(error);
      }
    }
  }

  #count(owed: boolean, clock: Clock): void {
    this.#owed += owed ? 1 : -1;
    if (owed && this.#owed === 1) {
      this.#owedSinceMs = clock.nowMs();
      this.onOwed();
    }
  }

  #write(message: Buffer): void {
    if (!this.#corked) {
      this.#corked = true;
      this.#wire.cork();
      process.nextTick(() => {
        this.#corked = false;
        this.#wire.uncork();
      });
    }
    this.#wire.write(message);
  }
}
