/**
 * What the operator has told us about each provider: keys, addresses, choices. A provider that is there has everything
 * it needs, so that its engine can be made. Keys are secrets; whoever holds this may print it.
 */

import type { Secret } from '../base/secret.ts';
import type { VoskServers } from './stt/vosk/vosk-servers.ts';

/** Every provider that is set up; the others are left out. */
export interface Providers {
  readonly deepgram?: {
    readonly apiKey: Secret;
    readonly url?: string;
    readonly model?: string;
  };
  readonly vosk?: { readonly servers: VoskServers };
  readonly openaiTranscription?: {
    readonly url: string;
    readonly apiKey?: Secret;
    readonly model?: string;
  };
  /** For text and for DeepL Voice. */
  readonly deepl?: {
    readonly apiKey: Secret;
    readonly url?: string;
    readonly formality?: 'default' | 'less' | 'more';
    /** Ids of glossaries by direction: `en:fr`. */
    readonly glossaries?: ReadonlyMap<string, string>;
  };
  readonly libretranslate?: {
    readonly url: string;
    readonly apiKey?: Secret;
  };
  /** Servers with the same model, at least one. */
  readonly xtts?: { readonly servers: readonly string[] };
  readonly elevenlabs?: {
    readonly apiKey: Secret;
    readonly url?: string;
    readonly model?: string;
  };
  readonly openaiSpeech?: {
    readonly url: string;
    readonly apiKey?: Secret;
    readonly model?: string;
    readonly rateHz?: number;
  };
  readonly openaiRealtime?: {
    readonly apiKey: Secret;
    readonly url?: string;
  };
}
