/**
 * The variables of providers as the command line knows them: each with the engines that it is for. They are variables
 * only: a flag can be seen in the list of processes, and the file may be read by everyone.
 */

import { PROVIDERS, type ProviderName, type Providers, providerVariables } from '../../engines/providers.ts';
import {
  EMOTION_READERS,
  MT_ENGINES,
  S2S_ENGINES,
  STT_ENGINES,
  TTS_ENGINES,
} from '../../engines/registry.ts';
import type { Provider, Variable } from '../../engines/variables.ts';

export interface ProviderVariable extends Variable<unknown> {
  /** Names of the engines that it is for. */
  readonly engines: readonly string[];
}

/** What is added to the name of a key for the variable that names its file. */
export const FILE_SUFFIX = '_FILE';

/** What is asked of an engine here. */
interface KnownEngine {
  readonly provider?: ProviderName;
  readonly needs?: string;
  readonly isSetUp: (providers: Providers) => boolean;
}

/** Every engine there is, by name. */
export const ENGINE_ENTRIES: readonly (readonly [name: string, KnownEngine])[] = [
  ...STT_ENGINES,
  ...MT_ENGINES,
  ...TTS_ENGINES,
  ...S2S_ENGINES,
  ...EMOTION_READERS,
];

/** In the order in which the operator reads of them, without those that name files. */
export const PROVIDER_VARIABLE_LIST: readonly ProviderVariable[] = providerVariables().map((variable) => ({
  ...variable,
  engines: ENGINE_ENTRIES.filter(
    ([, { provider }]) => provider !== undefined && has(PROVIDERS[provider], variable),
  ).map(([name]) => name),
}));

/** The variable that `name` is of, which may be the name of a file's. */
export function providerVariable(name: string): ProviderVariable | undefined {
  return PROVIDER_VARIABLE_LIST.find(
    (each) => name === each.name || (each.secret && name === each.name + FILE_SUFFIX),
  );
}

function has({ variables }: Provider, { name }: Variable<unknown>): boolean {
  return Object.values(variables).some((each) => each.name === name);
}
