/** Which languages a configuration is about, and which of them must become which. */

import type { Language } from '../../base/language.ts';
import type { ServeConfig } from './serve-config.ts';

/** What is said in `from` is heard in `to`. */
export interface Direction {
  readonly from: Language;
  readonly to: Language;
}

/** Every direction that is translated, once each; none in passthrough. */
export function directionsOf({ listen, mode }: ServeConfig): readonly Direction[] {
  if (mode === 'passthrough') {
    return [];
  }
  const directions = new Map<string, Direction>();
  for (const { pair } of listen) {
    directions.set(`${pair.first} ${pair.second}`, { from: pair.first, to: pair.second });
    if (mode === 'bidirectional') {
      directions.set(`${pair.second} ${pair.first}`, { from: pair.second, to: pair.first });
    }
  }
  return [...directions.values()];
}

/** Every language that is spoken on some call. */
export function languagesOf({ listen }: ServeConfig): ReadonlySet<Language> {
  return new Set(listen.flatMap(({ pair }) => [pair.first, pair.second]));
}
