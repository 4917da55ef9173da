/**
 * Making an engine's own voice of a recording, and taking it away again. It belongs to the engine that speaks with it
 * (`TtsEngine.cloner`), so that both share its connections and its turns. Adapters translate calls and map failures;
 * who asks has seen to it that the person agreed.
 */

import type { Language } from '../../base/language.ts';

/** That a person agreed, as providers ask for it. */
export interface CloneConsent {
  /** Who agreed. */
  readonly by: string;
  /** How: `signed form 12`, `said so on the telephone`. */
  readonly how: string;
  /** The person saying that they agree, as a WAV file; some providers want it, in words of theirs. */
  readonly recording?: Uint8Array;
}

export interface CloneRequest {
  /** What the provider shows it by: letters, digits, `-`, `_` and `.`; no two voices have the same. */
  readonly name: string;
  /** One person speaking, as a WAV file of 16-bit mono. */
  readonly wav: Uint8Array;
  /** The language spoken in it. */
  readonly language: Language;
  /** What is said in it, where somebody knows; some engines clone better with it. */
  readonly transcript?: string;
  readonly consent: CloneConsent;
}

/** A voice that was made. */
export interface ClonedVoice {
  /** What the engine calls it, for a `VoiceRendering`. */
  readonly ref: string;
  /** The model that it was made by or for, where it is known and the voice is of no use to others. */
  readonly model?: string;
  /** Whether the provider wants more of the person before it speaks with it. */
  readonly requiresVerification?: boolean;
  /**
   * What the provider does not keep and `VoiceRendering.load` is to give back: whoever asked keeps it.
   */
  readonly kept?: Uint8Array;
}

/** How much of a recording is used, what is refused, and what can be undone. */
export interface CloneLimits {
  /** Less is refused or sounds like nobody, in ms. */
  readonly leastMs: number;
  /** More does not make it better, in ms: the best stretch of this length is sent. */
  readonly bestMs: number;
  /** The longest file that is taken, in bytes. */
  readonly mostBytes: number;
  /** Whether a recording of the person's consent must come with it. */
  readonly needsConsentRecording: boolean;
  /** Whether `delete` can do it; where not, it says what the operator has to remove by hand. */
  readonly deletes: boolean;
}

/** How many voices there may be; undefined where the provider does not count. */
export interface CloneRoom {
  readonly used: number;
  readonly most: number;
}

export interface VoiceCloner {
  /** The engine's name. */
  readonly name: string;
  readonly limits: CloneLimits;
  /**
   * Makes a voice. May take a minute.
   * @throws AppError of category `engine`; the signal's reason when it aborts first.
   */
  clone(request: CloneRequest, signal: AbortSignal): Promise<ClonedVoice>;
  /**
   * Takes a voice away at the provider, and everything that the engine holds of it. Resolves once the provider says
   * that it has it no longer; one that was gone before is fine.
   * @throws as {@link clone}.
   */
  delete(ref: string, signal: AbortSignal): Promise<void>;
  /**
   * Whether the provider has this voice now; undefined where it does not tell.
   * @throws as {@link clone}.
   */
  has(ref: string, signal: AbortSignal): Promise<boolean | undefined>;
  /**
   * How many voices the provider has of how many it may; undefined where it does not tell. Also tries the key.
   * @throws as {@link clone}.
   */
  room(signal: AbortSignal): Promise<CloneRoom | undefined>;
}
