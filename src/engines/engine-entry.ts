/**
 * What the catalogue knows of an engine: what it is, what it needs, how it is made. Those of a provider need something
 * of the operator, a key or an address; those of this machine need nothing but to be installed.
 */

import type { Clock } from '../base/clock.ts';
import { AppError } from '../base/errors.ts';
import type { Language } from '../base/language.ts';
import { neededVariable, type ProviderName, type Providers } from './providers.ts';
import type { Observer } from './resilience/operations.ts';

/** Everything that the engines' factories may be told; also who observes the engines. */
export interface EngineSettings extends Observer {
  readonly clock: Clock;
  /** Directories of recognition models by language, for engines that load models from files. */
  readonly sttModels: ReadonlyMap<Language, string>;
  /** Voices by language, for engines that load them from files. Default none. */
  readonly ttsVoices?: ReadonlyMap<Language, string>;
  /** Providers that are set up. Default none. */
  readonly providers?: Providers;
}

/** For engines that are made for one direction of a call. */
export interface DirectedSettings extends EngineSettings {
  readonly from: Language;
  readonly to: Language;
}

/** An engine one can ask for by name. */
export interface EngineEntry<Engine, Settings extends EngineSettings = EngineSettings> {
  /** One sentence for the operator. */
  readonly description: string;
  /** Whose engine it is; undefined for engines of this machine. */
  readonly provider?: ProviderName;
  /** The environment variable that sets its provider up; undefined for engines that need none. */
  readonly needs?: string;
  /**
   * Whether it is used only where somebody names it: it does nothing without what the operator has downloaded for it.
   */
  readonly isNamedOnly?: true;
  /** Whether it has what it needs. */
  readonly isSetUp: (providers: Providers) => boolean;
  /** Makes the engine; starts nothing. @throws AppError `bad-option` when it lacks what it needs. */
  readonly create: (settings: Settings) => Engine;
}

/** Engines by name, best first. */
export type Catalogue<Engine, Settings extends EngineSettings = EngineSettings> = ReadonlyMap<
  string,
  EngineEntry<Engine, Settings>
>;

export function ofThisMachine<Engine>(
  description: string,
  create: (settings: EngineSettings) => Engine,
): EngineEntry<Engine> {
  return { description, isSetUp: () => true, create };
}

/** As {@link ofThisMachine}, for an engine that is used only where somebody names it. */
export function namedOnly<Engine>(
  description: string,
  create: (settings: EngineSettings) => Engine,
): EngineEntry<Engine> {
  return { ...ofThisMachine(description, create), isNamedOnly: true };
}

export interface ProviderEntry<Engine, Name extends ProviderName, Settings> {
  readonly description: string;
  readonly provider: Name;
  /** @param setUp what the operator has told of the provider. */
  readonly create: (setUp: NonNullable<Providers[Name]>, settings: Settings) => Engine;
}

export function ofProvider<Engine, Name extends ProviderName, Settings extends EngineSettings>({
  description,
  provider,
  create,
}: ProviderEntry<Engine, Name, Settings>): EngineEntry<Engine, Settings> {
  const needs = neededVariable(provider)?.name ?? '';
  return {
    description,
    provider,
    needs,
    isSetUp: (providers) => providers[provider] !== undefined,
    create: (settings) => {
      const found = settings.providers?.[provider];
      if (found === undefined) {
        throw new AppError('bad-option', `the engine ${needSentence(needs)}`);
      }
      return create(found, settings);
    },
  };
}

/** What to do about a variable that is missing, as it follows the name of an engine. */
export function needSentence(variable: string): string {
  return variable.endsWith('_API_KEY')
    ? `needs ${variable}: set it in the environment, or ${variable}_FILE to a file that holds the key`
    : `needs ${variable}: set it in the environment to the address of its server`;
}
