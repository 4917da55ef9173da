/**
 * What the operator sees while a call runs: on a terminal one line that is written over and over, with captions and
 * notes scrolling above it; elsewhere plain lines, and of the status only the changes of phase.
 */

import type { CallEvent } from '../../call/call-events.ts';
import { legName } from './call-report.ts';
import { shorten } from './call-table.ts';

/** What is needed of process.stderr. */
export interface ProgressOutput {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
}

export class CallProgress {
  readonly #output: ProgressOutput;
  #status = '';
  #phase = '';

  constructor(output: ProgressOutput) {
    this.#output = output;
  }

  /** Shows where the call is. @param phase a constant word or two; @param details what changes all the time. */
  status(phase: string, details: string): void {
    const status = details === '' ? phase : `${phase}  ${details}`;
    if (this.#output.isTTY === true) {
      this.#status = status;
      this.#draw();
    } else if (phase !== this.#phase) {
      this.#output.write(`${status}\n`);
    }
    this.#phase = phase;
  }

  /** A line that stays. */
  line(text: string): void {
    this.#erase();
    this.#output.write(`${text}\n`);
    this.#draw();
  }

  /** Shows what of an event is for people: what was said, and what the other party heard of it. */
  caption(event: CallEvent): void {
    if (event.type === 'heard' && event.final) {
      this.line(`${time(event.atMs)}  ${legName(event.leg)} says   ${event.piiText}`);
    } else if (event.type === 'spoken') {
      const listener = legName(event.leg) === 'a' ? 'b' : 'a';
      this.line(`${time(event.atMs)}  ${listener} hears  ${event.piiText}`);
    }
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
