/**
 * Calls of tools that a language model has made and nobody has answered yet, for the providers that repeat a call's name
 * with its answer, or go on by it.
 */

import { AppError } from '../../base/errors.ts';
import { functionCall, type WrittenCall } from './agent-functions.ts';
import type { Heard } from './socket-conversation.ts';

/** More than are ever open at once; none waits for long. */
const MOST_CALLS = 32;

export class OpenCalls {
  readonly #engine: string;
  readonly #places: ReadonlyMap<string, string>;
  readonly #names = new Map<string, string>();

  /** @param engine for errors. @param places where the agent may transfer to; none: to whatever it says. */
  constructor(engine: string, places: ReadonlyMap<string, string>) {
    this.#engine = engine;
    this.#places = places;
  }

  /**
   * Tells of a call, or refuses one that cannot be meant.
   * @throws AppError `engine-bad-answer` for more calls than can be meant.
   */
  take(written: WrittenCall, heard: Heard): void {
    if (this.#names.size >= MOST_CALLS) {
      throw new AppError(
        'engine-bad-answer',
        `${this.#engine}: the agent calls more tools at once than it can mean`,
      );
    }
    this.#names.set(written.id, written.name);
    const call = functionCall(written, this.#places);
    if (typeof call === 'string') {
      heard.refuse(written.id, call);
    } else {
      heard.event({ type: 'tool', call });
    }
  }

  /** Which tool was called, once it is answered; empty where none was. */
  answered(id: string): string {
    const name = this.#names.get(id) ?? '';
    this.#names.delete(id);
    return name;
  }
}
