/**
 * The translation of a translator that only writes: a synthesis engine speaks each piece of text as a segment, in
 * order, as those of a text rendering are spoken.
 */

import type { UtteranceAccount } from '../account.ts';
import { type QueuedSegment, SegmentQueue } from '../speaking/segment-queue.ts';
import { SegmentWork, type SpeakingTools } from '../speaking/segment-work.ts';
import type { Delivery } from './delivery.ts';
import type { FusedUtterance } from './fused-utterance.ts';

export interface SynthesisedTextOptions extends SpeakingTools {
  /** The listeners are being told this. */
  readonly told: (text: string) => void;
  /** Runs work that ends with the rendering. */
  readonly run: (work: (signal: AbortSignal) => Promise<void>) => void;
}

export class SynthesisedText implements Delivery {
  readonly #options: SynthesisedTextOptions;
  readonly #queue: SegmentQueue;
  readonly #stopped = new AbortController();

  constructor(options: SynthesisedTextOptions) {
    this.#options = options;
    this.#queue = new SegmentQueue(options.run);
  }

  text({ account }: FusedUtterance, text: string): void {
    if (text.trim() !== '') {
      account.segmentComes();
      this.#queue.add(this.#queued(account, text));
    }
  }

  /** A translator that only writes gives no sound. */
  sound(): void {}

  caughtUp(): void {}

  stop(): void {
    this.#stopped.abort();
  }

  #queued(account: UtteranceAccount, text: string): QueuedSegment {
    const { clock, told } = this.#options;
    const translatedMs = clock.nowMs();
    const translation = { text: text.trim(), cached: false, repaired: 0 };
    const order = { source: '', translate: async () => translation, before: this.#queue.saidLast };
    const work = new SegmentWork(order, this.#options, this.#stopped.signal);
    return {
      work,
      turn: () => {},
      speak: (_, rateHz) => {
        const firstSoundMs = work.firstSoundMs ?? clock.nowMs();
        const timing = { cutMs: translatedMs, translatedMs, firstSoundMs };
        told(translation.text);
        return account.speak({ text, source: undefined, rateHz, timing }, firstSoundMs);
      },
      goesOn: () => {},
      isStale: () => false,
      failed: (stage, error) => account.failed(stage, error),
      over: () => account.segmentOver(),
    };
  }
}
