/**
 * What the operator sees while a call runs: on a terminal one line that is written over and over, with captions and
 * notes scrolling above it; elsewhere plain lines, and of the status only the changes of phase.
 */

import { shownText } from '../base/shown-text.ts';
import type { CallEvent } from '../call/call-events.ts';
import { shorten } from './call-table.ts';

/** What is needed of process.stderr. */
export interface ProgressOutput {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
}

/** So that what two parties say and hear begins in one column. */
const WHO_COLUMNS = 8;

export class CallProgress {
  readonly #output: ProgressOutput;
  readonly #names: ReadonlyMap<string, string>;
  /** What each party speaks, by what the server calls it, in the order in which they joined. */
  readonly #languages = new Map<string, string>();
  #status = '';
  #phase = '';

  /** @param names of the parties, by what the server calls them. */
  constructor(output: ProgressOutput, names: ReadonlyMap<string, string> = new Map()) {
    this.#output = output;
    this.#names = names;
  }

  /** Shows where the call is. @param phase a constant word or two; @param details what changes all the time. */
  status(phase: string, details: string): void {
    const status = shownText(details === '' ? phase : `${phase}  ${details}`);
    if (this.#output.isTTY === true) {
      this.#status = status;
      this.#draw();
    } else if (phase !== this.#phase) {
      this.#output.write(`${status}\n`);
    }
    this.#phase = phase;
  }

  /** A line that stays. Others may have written some of it, so nothing of it is obeyed. */
  line(text: string): void {
    this.#erase();
    this.#output.write(`${shownText(text)}\n`);
    this.#draw();
  }

  /** Shows what of an event is for people: what was said, and what the others heard of it. */
  caption(event: CallEvent): void {
    if (event.type === 'party-state' || event.type === 'party-changed') {
      this.#languages.set(event.party, event.language);
    } else if (event.type === 'heard' && event.final) {
      this.line(
        `${time(event.atMs)}  ${`${this.#name(event.party)} says`.padEnd(WHO_COLUMNS)} ${event.piiText}`,
      );
    } else if (event.type === 'spoken') {
      this.line(`${time(event.atMs)}  ${this.#listeners(event).padEnd(WHO_COLUMNS)} ${event.piiText}`);
    }
  }

  /** Who hears it: those who speak its language. */
  #listeners({ party, language }: Extract<CallEvent, { type: 'spoken' }>): string {
    const listeners = [...this.#languages].flatMap(([id, spoken]) =>
      id !== party && spoken === language ? [this.#name(id)] : [],
    );
    return listeners.length > 1 ? `${listeners.join(', ')} hear` : `${listeners[0] ?? language} hears`;
  }

  #name(party: string): string {
    return this.#names.get(party) ?? party;
  }

  /** Takes the status line away. */
  end(): void {
    this.#erase();
    this.#status = '';
  }

  #draw(): void {
    if (this.#output.isTTY === true && this.#status !== '') {
      // A status that wraps could not be written over.
      this.#output.write(`\r\x1b[2K${shorten(this.#status, (this.#output.columns ?? 80) - 1)}`);
    }
  }

  #erase(): void {
    if (this.#output.isTTY === true && this.#status !== '') {
      this.#output.write('\r\x1b[2K');
    }
  }
}

function time(ms: number): string {
  return `${(ms / 1_000).toFixed(1).padStart(6)} s`;
}
