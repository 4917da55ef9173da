/**
 * Opens a stream to a fused provider per speaking party and language.
 */

import type { Clock } from '../../base/clock.ts';
import { AppError } from '../../base/errors.ts';
import type { FusedRendering, FusedRenderingFactory, RenderingOptions } from '../rendering/rendering.ts';
import { type FusedEngines, SpeechRendering } from './speech-rendering.ts';

export class SpeechRenderings implements FusedRenderingFactory {
  /** The providers are made for telephone speech, too. */
  readonly lowestWireRateHz = 8_000;
  readonly #engines: FusedEngines;
  readonly #clock: Clock;

  /** @throws AppError `bad-option` when the translator only writes and there is no synthesis engine. */
  constructor(engines: FusedEngines, clock: Clock) {
    if (!engines.translator.speaks && engines.tts === undefined) {
      throw new AppError(
        'bad-option',
        `${engines.translator.name} gives text only: choose a synthesis engine to speak it`,
      );
    }
    this.#engines = engines;
    this.#clock = clock;
  }

  async open(options: RenderingOptions, signal: AbortSignal): Promise<FusedRendering> {
    const rendering = new SpeechRendering(this.#engines, this.#clock, options);
    await rendering.start(signal);
    return rendering;
  }
}
