/** Variables of providers that do nothing, because what sets their engines up is missing. */

import type { Providers } from '../../engines/providers.ts';
import { SUMMARY } from '../../engines/summary/summary-variables.ts';
import { ENGINE_ENTRIES, providerVariable } from './provider-variables.ts';

export interface IdleVariable {
  readonly name: string;
  /** The variables of which one must be set. */
  readonly needs: readonly string[];
}

/** @param written names of the variables of providers that are written, with `_FILE` where that is. */
export function idleVariables(providers: Providers, written: readonly string[]): readonly IdleVariable[] {
  return written.flatMap((name) => {
    const variable = providerVariable(name);
    const engines = ENGINE_ENTRIES.filter(([engine]) => variable?.engines.includes(engine) === true);
    if (variable === undefined || engines.some(([, entry]) => entry.isSetUp(providers))) {
      return [];
    }
    if (engines.length === 0) {
      // What sums calls up is no engine of calls.
      return providers.summary === undefined ? [{ name, needs: [SUMMARY.variables.url.name] }] : [];
    }
    const needs = engines.flatMap(([, entry]) => (entry.needs === undefined ? [] : [entry.needs]));
    return [{ name, needs: [...new Set(needs)] }];
  });
}
