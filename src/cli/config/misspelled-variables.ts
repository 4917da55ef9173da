/**
 * Variables of the environment that look like one of a provider's and are none: `DEEPGRAM_APIKEY`. They may be another
 * program's, so they are told of, not refused, and only while the one that is meant is not set. Names are looked at,
 * never what is written for them.
 */

import type { Environment } from './environment.ts';
import { nearestWithin } from './nearest.ts';
import { FILE_SUFFIX, PROVIDER_VARIABLE_LIST } from './provider-variables.ts';

export interface MisspelledVariable {
  readonly name: string;
  readonly meant: string;
}

/** Letters that may be wrong, missing or too many. */
const MOST_EDITS = 2;
/** Letters at the beginning that must be right: `TTS_URL` is not meant to be `XTTS_URL`. */
const SURE_LETTERS = 2;
/** How people call a key that is not called so: `DEEPL_AUTH_KEY`. */
const KEY = /^([A-Z]+)_(?:[A-Z]+_)*(?:KEY|TOKEN)(_FILE)?$/;

const KNOWN: readonly string[] = PROVIDER_VARIABLE_LIST.flatMap(({ name, secret }) =>
  secret ? [name, name + FILE_SUFFIX] : [name],
);
/** By their names without underscores, which are what people leave out. */
const SQUEEZED: ReadonlyMap<string, string> = new Map(KNOWN.map((name) => [squeezed(name), name]));

export function misspelledVariables(environment: Environment): readonly MisspelledVariable[] {
  const isSet = (name: string): boolean => (environment[name] ?? '').trim() !== '';
  return Object.keys(environment).flatMap((name) => {
    const meant = KNOWN.includes(name) || !isSet(name) ? undefined : meantBy(name.toUpperCase());
    const bare = meant?.endsWith(FILE_SUFFIX) === true ? meant.slice(0, -FILE_SUFFIX.length) : meant;
    return meant === undefined || bare === undefined || isSet(bare) || isSet(bare + FILE_SUFFIX)
      ? []
      : [{ name, meant }];
  });
}

function meantBy(name: string): string | undefined {
  const near = nearestWithin(squeezed(name), [...SQUEEZED.keys()], MOST_EDITS);
  if (near !== undefined && near.slice(0, SURE_LETTERS) === name.slice(0, SURE_LETTERS)) {
    return SQUEEZED.get(near);
  }
  const [, vendor, file = ''] = KEY.exec(name) ?? [];
  return KNOWN.find((known) => known === `${vendor}_API_KEY${file}`);
}

function squeezed(name: string): string {
  return name.replaceAll('_', '');
}
