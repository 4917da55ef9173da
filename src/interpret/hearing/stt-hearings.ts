/**
 * Opens a hearing per speaking party, all of them on one recognition engine, as soon as that may be asked.
 */

import type { Clock } from '../../base/clock.ts';
import type { SttEngine } from '../../engines/stt/stt-engine.ts';
import type { Hearing, HearingFactory, HearingOptions } from './hearing.ts';
import { SttHearing } from './stt-hearing.ts';

/** `ready` resolves when it makes sense to open a stream; default always. */
export interface RecognitionEngine extends SttEngine {
  ready?(signal: AbortSignal): Promise<void>;
}

export class SttHearings implements HearingFactory {
  readonly #stt: RecognitionEngine;
  readonly #clock: Clock;

  constructor(stt: RecognitionEngine, clock: Clock) {
    this.#stt = stt;
    this.#clock = clock;
  }

  get name(): string {
    return this.#stt.name;
  }

  get lowestWireRateHz(): number {
    return this.#stt.capabilities.lowestWireRateHz;
  }

  async open(options: HearingOptions, signal: AbortSignal): Promise<Hearing> {
    await this.#stt.ready?.(signal);
    const hearing = new SttHearing(this.#stt, this.#clock, options);
    await hearing.start(signal);
    return hearing;
  }
}
