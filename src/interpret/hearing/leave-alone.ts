/**
 * What of a party's speech is not to be translated though it was recognised: our own voice come back through its phone,
 * an "aha" into what it is being told. Both can only be said while the party is being spoken to.
 */

import type { Language } from '../../base/language.ts';
import { likenessTo } from '../policy/echo-text.ts';
import { isListening } from '../policy/listener-sounds.ts';

/** A sign of listening lasts no longer than this. */
const LONGEST_LISTENING_MS = 900;
/**
 * The share of an utterance's voice that must be echo: an echo that slipped through has 0.40 or more, a voice that
 * began under the last words of what was played 0.35 or less (33 such echoes, 200 voices).
 */
const ECHO_SOUND_SHARE = 0.4;
/** The share that tells an echo from an answer in the question's words: far above that of any voice. */
const PLAIN_ECHO_SHARE = 0.6;

/** What is known of an utterance at one moment. */
export interface SaidSoFar {
  readonly language: Language;
  /** All that was heard of it. */
  readonly text: string;
  /** Whether it began while its speaker was being spoken to. */
  readonly overlapping: boolean;
  /** How much of its voice is echo, 0 to 1; undefined until its speaker pauses, and when nobody measured it. */
  readonly echoShare: number | undefined;
  /** How long it took; undefined while it goes on. */
  readonly lengthMs: number | undefined;
  /** Whether its text is final: until then more may have been said than was heard. */
  readonly final: boolean;
}

/** `perhaps`: only its sound, its length or its final text will tell, and nothing is to be cut off it until then. */
export type Judgement = 'yes' | 'no' | 'perhaps';

/**
 * Whether all that was said only shows that its speaker listens.
 * @param told what the speaker has been told lately, oldest first.
 */
export function onlyListening(said: SaidSoFar, told: readonly string[]): Judgement {
  if (!said.overlapping || !isListening(said.text, said.language, told.at(-1))) {
    return 'no';
  }
  if (said.lengthMs !== undefined && said.lengthMs > LONGEST_LISTENING_MS) {
    return 'no';
  }
  return said.final ? 'yes' : 'perhaps';
}

/**
 * Whether `text`, all or a part of what was said, is our own voice come back: its words are ours, and its sound agrees.
 * An answer made of the question's words has another sound.
 */
export function isOurVoice(text: string, said: SaidSoFar, told: readonly string[]): Judgement {
  const { overlapping, echoShare, final, language } = said;
  if (!overlapping || (echoShare ?? 1) < ECHO_SOUND_SHARE) {
    return 'no';
  }
  const likeness = likenessTo(told, text, language);
  if (likeness === 'other' || (likeness === 'answer' && (echoShare ?? 0) < PLAIN_ECHO_SHARE)) {
    return 'no';
  }
  if (echoShare === undefined) {
    return final ? 'no' : 'perhaps';
  }
  return 'yes';
}
