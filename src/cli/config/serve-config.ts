/**
 * The configuration of `dragoman serve`, and how it is put together: flag over environment over file over
 * default, setting by setting. All that is wrong is found in one reading, so the operator mends it in one
 * go; no problem is thrown.
 */

import type { Language } from '../../base/language.ts';
import type { Providers } from '../../engines/providers.ts';
import { combinationProblems } from './combinations.ts';
import { type ConfigWarning, configWarnings } from './config-warnings.ts';
import { deepFreeze } from './deep-freeze.ts';
import { readKeyFile, readPrivateKeyFile } from './key-file.ts';
import { NO_PROVIDERS, type ProvidersResult } from './providers.ts';
import { flagOf, one, type Setting, SettingProblems, type Source, type Written } from './setting.ts';
import { SETTINGS, type SettingValues } from './settings.ts';
import type { HostPort } from './values.ts';

/** An address for AudioSocket connections, and what is spoken on calls that arrive there. */
export interface ListenAddress extends HostPort {
  /** By place; the listener's own, else those of the calls. One: all who come in here speak it. */
  readonly languages: readonly Language[];
}

export interface ServeConfig extends Omit<SettingValues, 'listen' | 'pair' | 'parties'> {
  /** At least one. */
  readonly listen: readonly ListenAddress[];
  /**
   * Those of `--parties` or `--pair`, else of the first listener or of the extensions: by place, or all that may be
   * spoken in rooms.
   */
  readonly languages: readonly Language[];
  /** What the environment says of providers; it holds their keys, as secrets. */
  readonly providers: Providers;
  /** What is written and is perhaps not what was meant, to be told once. */
  readonly warnings: readonly ConfigWarning[];
}

export type ConfigResult =
  | {
      readonly ok: true;
      readonly config: ServeConfig;
      /** Names of the variables of providers that are written, with `_FILE` where that is. */
      readonly providerVariables: readonly string[];
    }
  | { readonly ok: false; readonly problems: readonly string[] };

/** Puts the configuration together; earlier `sources` win over later ones. */
export function resolveConfig(
  sources: readonly Source[],
  {
    providers,
    problems: providerProblems,
    written: providerVariables,
    misspelled,
  }: ProvidersResult = NO_PROVIDERS,
): ConfigResult {
  const problems = sources.flatMap((source) => source.problems);
  const broken = new Set(sources.flatMap((source) => [...(source.broken ?? [])]));

  const read = <Value>(setting: Setting<Value>): Value => {
    const written = sources
      .map((source) => source.written.get(setting.key))
      .find((each) => each !== undefined);
    try {
      if (written?.texts.length === 0 && setting.emptyIs !== undefined) {
        throw new SettingProblems([setting.emptyIs]);
      }
      return setting.read(textsOf(setting, written) ?? setting.setUp?.(providers) ?? setting.fallback);
    } catch (error) {
      if (!(error instanceof SettingProblems)) {
        throw error;
      }
      broken.add(setting.key);
      const origin = written?.origin ?? flagOf(setting.key);
      problems.push(...error.sentences.map((sentence) => `${origin}: ${sentence}`));
      // The configuration is thrown away; the default lets the other settings be read.
      return setting.read(setting.fallback);
    }
  };

  const values = valuesOf(read);
  problems.push(...combinationProblems(values, broken), ...providerProblems);

  const { listen, pair, parties, ...others } = values;
  const ofCalls = parties.length > 0 ? parties : pair === undefined ? [] : [pair.first, pair.second];
  const dialled = [...new Set([...values.extensions.values()].map(({ language }) => language))];
  const languages = ofCalls.length > 0 ? ofCalls : (listen[0]?.languages ?? dialled);
  if (problems.length > 0) {
    return { ok: false, problems };
  }
  const doors = listen.map((address) => ({ ...address, languages: address.languages ?? languages }));
  const config = { ...others, listen: doors, languages, providers };
  const warnings = configWarnings(config, {
    origins: originsOf(sources),
    variables: providerVariables,
    misspelled,
  });
  return { ok: true, config: deepFreeze({ ...config, warnings }), providerVariables };
}

/** What is written of a setting, of one that is `inFile` what the file holds. @throws SettingProblems */
function textsOf(setting: Setting<unknown>, written: Written | undefined): readonly string[] | undefined {
  return written === undefined || setting.inFile !== true || written.contents === true
    ? written?.texts
    : [one((path) => fileOf(setting, path))(written.texts)];
}

function fileOf(setting: Setting<unknown>, path: string): string {
  return setting.privateFile === true ? readPrivateKeyFile(path) : readKeyFile(path, heldBy(setting));
}

/** What the file of a setting holds: `token` for `ws-token-file`. */
function heldBy({ key }: Setting<unknown>): string {
  return key.split('-').at(-2) ?? key;
}

/** Where each setting is written that is. */
function originsOf(sources: readonly Source[]): ReadonlyMap<string, string> {
  const last = [...sources].reverse();
  return new Map(last.flatMap(({ written }) => [...written].map(([key, { origin }]) => [key, origin])));
}

/** Every setting of the table, read. */
function valuesOf(read: <Value>(setting: Setting<Value>) => Value): SettingValues {
  const entries = Object.entries<Setting<unknown>>(SETTINGS).map(([name, setting]) => [name, read(setting)]);
  // Each value comes from the row of its own name, which the type of the table says and Object.entries cannot.
  return Object.fromEntries(entries) as SettingValues;
}
