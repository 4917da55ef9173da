/** What Deepgram heard that nobody said is left out before anything is made of it, and counted once it is settled. */

import type { Tally } from '../../../base/tally.ts';
import { type MadeUp, madeUpBy } from '../made-up.ts';
import type { HeardWord } from './listen-messages.ts';

interface Heard {
  readonly text: string;
  readonly words: readonly HeardWord[];
  readonly confidence: number | undefined;
}

export class LeftOut {
  readonly #counts: Tally<MadeUp>;

  constructor(counts: Tally<MadeUp>) {
    this.#counts = counts;
  }

  /** `heard`, with its time and without its words when they were made up. */
  leaveOut<Each extends Heard>(heard: Each, settled: boolean): Each {
    const why = madeUpBy(heard);
    if (why === undefined) {
      return heard;
    }
    if (settled) {
      this.#counts.add(why);
    }
    return { ...heard, text: '', words: [] };
  }
}
