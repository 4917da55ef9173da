/**
 * A key or token that must not be seen: whatever prints, logs or serialises it shows `[secret]`. Only the code that
 * puts it on the wire reveals it.
 */

import { inspect } from 'node:util';

const SHOWN = '[secret]';

export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  /** The value itself, for a header or a query on the wire; never for a message or a log. */
  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return SHOWN;
  }

  toJSON(): string {
    return SHOWN;
  }

  [inspect.custom](): string {
    return SHOWN;
  }
}
