/**
 * A terminal to draw on, again and again in the same place, and left as it was. What is drawn is made harmless; all
 * that the terminal is to obey is written here.
 */

import { shownText } from '../base/shown-text.ts';
import { cutToColumns } from '../base/shown-width.ts';

export interface Screen {
  readonly rows: number;
  /** Shows these lines and nothing else; what does not fit is cut off. */
  draw(lines: readonly string[]): void;
  /** Gives the terminal back. Idempotent. */
  close(): void;
}

/** What of `process.stdout` is needed. */
export interface Terminal {
  readonly columns: number;
  readonly rows: number;
  write(text: string): unknown;
}

/** A screen of its own, without a cursor; and back. xterm and all that are like it. */
const ENTER = '\u001b[?1049h\u001b[?25l';
const LEAVE = '\u001b[?25h\u001b[?1049l';
const HOME = '\u001b[H';
const CLEAR_LINE = '\u001b[K';
const CLEAR_BELOW = '\u001b[J';

export class TerminalScreen implements Screen {
  readonly #terminal: Terminal;
  #entered = false;

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
  }

  get rows(): number {
    return this.#terminal.rows;
  }

  draw(lines: readonly string[]): void {
    const { columns, rows } = this.#terminal;
    const shown = lines
      .slice(0, rows)
      .map((line) => `${cutToColumns(shownText(line), columns)}${CLEAR_LINE}`);
    this.#terminal.write(`${this.#entered ? '' : ENTER}${HOME}${shown.join('\r\n')}${CLEAR_BELOW}`);
    this.#entered = true;
  }

  close(): void {
    if (this.#entered) {
      this.#entered = false;
      this.#terminal.write(LEAVE);
    }
  }
}
