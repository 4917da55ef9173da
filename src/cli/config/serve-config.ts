/**
 * The configuration of `dragoman serve`, and how it is put together: flag over environment over file over
 * default, setting by setting. All that is wrong is found in one reading, so the operator mends it in one
 * go; no problem is thrown.
 */

import type { Language, LanguagePair } from '../../base/language.ts';
import type { OriginalMode } from '../../call/direction.ts';
import type { Catalogue } from '../../engines/engine-entry.ts';
import type { Providers } from '../../engines/providers.ts';
import { MT_ENGINES, namesSetUp, STT_ENGINES, TTS_ENGINES } from '../../engines/registry.ts';
import type { PolicyName } from '../../interpret/policy/cut-policy.ts';
import { combinationProblems } from './combinations.ts';
import { deepFreeze } from './deep-freeze.ts';
import { NO_PROVIDERS, type ProvidersResult } from './providers.ts';
import { flagOf, type Setting, type Source } from './setting.ts';
import { SETTINGS } from './settings.ts';
import type { HostPort } from './values.ts';

/** An address for AudioSocket connections, and what is spoken on calls that arrive there. */
export interface ListenAddress extends HostPort {
  /** The listener's own pair, else that of `--pair`. */
  readonly pair: LanguagePair;
}

export interface ServeConfig {
  /** At least one. */
  readonly listen: readonly ListenAddress[];
  /** `--pair`, else the pair of the first listener. */
  readonly pair: LanguagePair;
  /** `port`: a leg speaks `first` of its listener's pair and its partner `second`. */
  readonly pairing: 'suffix' | 'port';
  readonly mode: 'bidirectional' | 'unidirectional' | 'passthrough';
  readonly untranslatable: 'refuse' | 'passthrough';
  /** Names of engines, best first, at least one of each kind. Where none are written: those that are set up. */
  readonly stt: readonly string[];
  readonly mt: readonly string[];
  readonly tts: readonly string[];
  /** Directories of models. */
  readonly sttModels: ReadonlyMap<Language, string>;
  readonly ttsVoices: ReadonlyMap<Language, string>;
  readonly interpreter: 'cascade' | 'deepl-voice' | 'openai-realtime';
  readonly policy: PolicyName;
  readonly drafts: boolean;
  readonly codeSwitching: boolean;
  readonly original: OriginalMode;
  /** Files by direction: `en:es`. */
  readonly glossaries: ReadonlyMap<string, string>;
  readonly announcement: boolean;
  /** Texts in place of ours. */
  readonly announce: ReadonlyMap<Language, string>;
  /** What the environment says of providers; it holds their keys, as secrets. */
  readonly providers: Providers;
  /** 1 to 64. */
  readonly mediaThreads: number;
  readonly maxLegs: number;
  /** Addresses and CIDR networks; empty lets everyone in. */
  readonly allow: readonly string[];
  readonly http: HostPort | undefined;
  readonly metrics: HostPort | undefined;
  readonly captions: boolean;
  readonly uuidTimeoutMs: number;
  readonly drainTimeoutMs: number;
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error';
  readonly logPii: boolean;
}

export type ConfigResult =
  | { readonly ok: true; readonly config: ServeConfig }
  | { readonly ok: false; readonly problems: readonly string[] };

/** Puts the configuration together; earlier `sources` win over later ones. */
export function resolveConfig(
  sources: readonly Source[],
  { providers, problems: providerProblems }: ProvidersResult = NO_PROVIDERS,
): ConfigResult {
  const problems = sources.flatMap((source) => source.problems);
  const broken = new Set<string>();

  const read = <Value>(setting: Setting<Value>): Value => {
    const written = sources
      .map((source) => source.written.get(setting.key))
      .find((each) => each !== undefined);
    const result = setting.validator.safeParse(written?.texts ?? setting.fallback);
    if (result.success) {
      return result.data;
    }
    broken.add(setting.key);
    const origin = written?.origin ?? flagOf(setting.key);
    problems.push(...result.error.issues.map((issue) => `${origin}: ${issue.message}`));
    // The configuration is thrown away; the default lets the other settings be read.
    return setting.validator.parse(setting.fallback);
  };

  const readEngines = (
    setting: Setting<readonly string[]>,
    catalogue: Catalogue<unknown>,
  ): readonly string[] =>
    sources.some((source) => source.written.has(setting.key))
      ? read(setting)
      : namesSetUp(catalogue, providers);

  const addresses = { listen: read(SETTINGS.listen), pair: read(SETTINGS.pair) };
  const values = {
    pairing: read(SETTINGS.pairing),
    mode: read(SETTINGS.mode),
    untranslatable: read(SETTINGS.untranslatable),
    stt: readEngines(SETTINGS.stt, STT_ENGINES),
    mt: readEngines(SETTINGS.mt, MT_ENGINES),
    tts: readEngines(SETTINGS.tts, TTS_ENGINES),
    sttModels: read(SETTINGS.sttModels),
    ttsVoices: read(SETTINGS.ttsVoices),
    interpreter: read(SETTINGS.interpreter),
    policy: read(SETTINGS.policy),
    drafts: read(SETTINGS.drafts),
    codeSwitching: read(SETTINGS.codeSwitching),
    original: read(SETTINGS.original),
    glossaries: read(SETTINGS.glossaries),
    announcement: read(SETTINGS.announcement),
    announce: read(SETTINGS.announce),
    mediaThreads: read(SETTINGS.mediaThreads),
    maxLegs: read(SETTINGS.maxLegs),
    allow: read(SETTINGS.allow),
    http: read(SETTINGS.http),
    metrics: read(SETTINGS.metrics),
    captions: read(SETTINGS.captions),
    uuidTimeoutMs: read(SETTINGS.uuidTimeoutMs),
    drainTimeoutMs: read(SETTINGS.drainTimeoutMs),
    logLevel: read(SETTINGS.logLevel),
    logPii: read(SETTINGS.logPii),
  };
  const written = { ...values, ...addresses };
  problems.push(...combinationProblems(written, broken), ...providerProblems);

  const pair = written.pair ?? written.listen[0]?.pair;
  if (problems.length > 0 || pair === undefined) {
    return { ok: false, problems };
  }
  const listen = written.listen.map((address) => ({ ...address, pair: address.pair ?? pair }));
  return { ok: true, config: deepFreeze({ ...values, listen, pair, providers }) };
}
