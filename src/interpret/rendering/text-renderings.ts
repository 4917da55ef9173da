/**
 * Opens a rendering per speaking party and language, and holds what they share: engines and the cache.
 */

import type { Clock } from '../../base/clock.ts';
import type { Hearing } from '../hearing/hearing.ts';
import type { Rendering, RenderingOptions, TextRenderingFactory } from './rendering.ts';
import { type RenderingEngines, TextRendering } from './text-rendering.ts';
import { newTranslationCache, type TranslationCache } from './translator.ts';

export class TextRenderings implements TextRenderingFactory {
  readonly #engines: RenderingEngines;
  readonly #clock: Clock;
  readonly #cache: TranslationCache;

  /** @param cache of translations by the same engine. Default one of its own. */
  constructor(engines: RenderingEngines, clock: Clock, cache: TranslationCache = newTranslationCache(clock)) {
    this.#engines = engines;
    this.#clock = clock;
    this.#cache = cache;
  }

  open(options: RenderingOptions, hearing: Hearing): Rendering {
    const rendering = new TextRendering(this.#engines, this.#clock, this.#cache, options);
    rendering.listenTo(hearing);
    return rendering;
  }
}
