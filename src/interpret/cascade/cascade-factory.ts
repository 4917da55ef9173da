/**
 * Opens a cascade per speaking leg, and holds what they share: engines, policy, glossary, cache.
 */

import { LRUCache } from 'lru-cache';
import type { Clock } from '../../base/clock.ts';
import { EMPTY_GLOSSARY } from '../exactness/glossary.ts';
import type { Interpreter, InterpreterFactory, InterpreterOptions } from '../interpreter.ts';
import { Cascade, type CascadeEngines, type CascadePolicies } from './cascade.ts';
import type { TranslationCache } from './translator.ts';

/** Short phrases kept, some 100 bytes each. */
const MOST_CACHED = 5_000;

export class CascadeFactory implements InterpreterFactory {
  readonly #engines: CascadeEngines;
  readonly #clock: Clock;
  readonly #policies: Required<CascadePolicies>;
  readonly #cache: TranslationCache = new LRUCache({ max: MOST_CACHED });

  constructor(engines: CascadeEngines, clock: Clock, policies: CascadePolicies = {}) {
    this.#engines = engines;
    this.#clock = clock;
    this.#policies = {
      policy: 'clause',
      drafts: true,
      codeSwitching: false,
      glossary: EMPTY_GLOSSARY,
      ...policies,
    };
  }

  get lowestWireRateHz(): number {
    return this.#engines.stt.capabilities.lowestWireRateHz;
  }

  async open(options: InterpreterOptions, signal: AbortSignal): Promise<Interpreter> {
    const cascade = new Cascade(this.#engines, this.#clock, this.#policies, this.#cache, options);
    await cascade.start(signal);
    return cascade;
  }
}
