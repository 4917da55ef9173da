/**
 * Tells others what they would need to go on with a call, whenever that changes: at once, and then no more than a few
 * times a second, however much happens.
 */

import type { Clock, Timer } from '../base/clock.ts';
import type { CallEvent } from './call-events.ts';
import { type RecordableCall, recordOf } from './record-of-call.ts';
import type { RestartRecord } from './restart-record.ts';
import type { ExpectedPlace } from './seating/seating.ts';

/** From one telling to the next, at least, in ms. */
const PAUSE_MS = 300;

/** Where records go. */
export interface RecordKeeping {
  /** Whether what was said may be in them. */
  readonly withLines: boolean;
  keep(record: RestartRecord): void;
  /** Places of a call that were arranged here: see `SeatingScheme.expected`. */
  expected(callId: string): readonly ExpectedPlace[];
}

export class RecordTelling {
  readonly counts = {
    /** Records that were told to other nodes. */
    recordsTold: 0,
    /** Of which something was left out: they would have been too long. */
    recordsCut: 0,
  };
  readonly #clock: Clock;
  readonly #keeping: RecordKeeping;
  readonly #call: RecordableCall;
  #timer: Timer | undefined;
  #toldMs = Number.NEGATIVE_INFINITY;
  #closed = false;

  constructor(clock: Clock, keeping: RecordKeeping, call: RecordableCall) {
    this.#clock = clock;
    this.#keeping = keeping;
    this.#call = call;
  }

  /** Something happens in the call. What is heard on the way to a final text changes nothing. */
  hear(event: CallEvent): void {
    if (event.type === 'ended') {
      this.close();
    } else if (event.type !== 'heard' || event.final) {
      this.changed();
    }
  }

  changed(): void {
    if (this.#closed) {
      return;
    }
    const nowMs = this.#clock.nowMs();
    this.#timer ??= this.#clock.at(Math.max(nowMs, this.#toldMs + PAUSE_MS), () => {
      this.#timer = undefined;
      this.#toldMs = this.#clock.nowMs();
      this.#keeping.keep(this.record());
      this.counts.recordsTold += 1;
    });
  }

  /** As it is now. */
  record(): RestartRecord {
    const { record, cut } = recordOf(this.#call, this.#keeping.withLines);
    this.counts.recordsCut += cut ? 1 : 0;
    return record;
  }

  /** Tells nothing more. Idempotent. */
  close(): void {
    this.#closed = true;
    this.#timer?.cancel();
  }
}
