/** What the operator has said of interpreting: which engines, in which order, with what voices and words. */

import type { Language } from '../../base/language.ts';
import type { CallMode } from '../../call/plan.ts';
import type { Extensions } from '../../call/seating/extension-seating.ts';
import type { Providers } from '../../engines/providers.ts';

/** Whether recognition and translation are engines of their own, at least where something else fails. */
export function usesCascade(
  settings: Pick<InterpretingSettings, 'interpreter' | 'interpreterBackup'>,
): boolean {
  return settings.interpreter === 'cascade' || settings.interpreterBackup === 'cascade';
}

export interface InterpretingSettings {
  /** What is spoken on calls, by the address at which they arrive; at least one. */
  readonly listen: readonly { readonly languages: readonly Language[] }[];
  /** What is spoken on calls that may come in by any of them. */
  readonly languages: readonly Language[];
  /** What is spoken by those who dial an extension. */
  readonly extensions: Extensions;
  /** Whether browsers come into any room, in any of these languages. */
  readonly tryPage: boolean;
  readonly mode: CallMode;
  readonly untranslatable: 'refuse' | 'passthrough';
  /** Names of engines, best first, at least one of each kind. Where none are written: those that are set up. */
  readonly stt: readonly string[];
  readonly mt: readonly string[];
  readonly tts: readonly string[];
  /** Directories of models. */
  readonly sttModels: ReadonlyMap<Language, string>;
  readonly ttsVoices: ReadonlyMap<Language, string>;
  /** The voices that a speaker's is chosen from, by pitch. */
  readonly voiceChoice: ReadonlyMap<Language, readonly string[]>;
  readonly interpreter: 'cascade' | 'deepl-voice' | 'openai-realtime';
  /** What interprets where a fused interpreter cannot, for the time being. */
  readonly interpreterBackup: 'none' | 'cascade';
  /** Files by direction: `en:es`. */
  readonly glossaries: ReadonlyMap<string, string>;
  readonly announcement: boolean;
  /** Texts in place of ours. */
  readonly announce: ReadonlyMap<Language, string>;
  /** Whether parties are told that they are recorded, and in which words in place of ours. Default false. */
  readonly recordAnnouncement?: boolean;
  readonly recordAnnounce?: ReadonlyMap<Language, string>;
  /** Whether parties may be told that a voice is made of theirs. Default false. */
  readonly enrolmentAnnouncement?: boolean;
  /** Whether callers of voice agents are told when one fails. Default no. */
  readonly agentAnnouncement?: boolean;
  /** What the environment says of providers; it holds their keys, as secrets. */
  readonly providers: Providers;
}
