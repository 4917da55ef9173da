/**
 * The voices that parties are spoken for with, by what is written of them: the name of an engine's voice, or `@ana`, the
 * voice of the speaker `ana`, of whom there is a profile. Calls ask it, and never wait for a store: what is to be used
 * is prepared before.
 */

import type { Language } from '../base/language.ts';
import { namedVoice, type SpokenVoice } from '../engines/tts/spoken-voice.ts';
import { isSpeakerId } from './profile.ts';

const MARK = '@';

export interface SpeakerVoices {
  /** Has what `voice` names at hand, if that can be done at once; else it is prepared later. Never rejects. */
  prepare(voice: string | undefined): Promise<void>;
  /**
   * Whoever has `voice` begins to speak: it is looked again what may be done with it, if that was long ago. Waits for
   * nothing: by the time at which they are spoken for, it is known.
   */
  begins(voice: string | undefined): void;
  /**
   * What speaks for who is to be heard with `voice`; undefined: the engine's neutral voice.
   * @param neutral the name of the voice of the language, where one is set up.
   */
  spoken(voice: string | undefined, to: Language, neutral: string | undefined): SpokenVoice | undefined;
}

/** Of whom `voice` is; undefined for the name of an engine's voice. */
export function speakerIn(voice: string | undefined): string | undefined {
  const id = voice?.startsWith(MARK) === true ? voice.slice(MARK.length) : undefined;
  return id !== undefined && isSpeakerId(id) ? id : undefined;
}

/** How the voice of a speaker is written. */
export function voiceOfSpeaker(speaker: string): string {
  return MARK + speaker;
}

/** Where there are no profiles: a speaker's voice is the neutral one. */
export const NAMED_VOICES: SpeakerVoices = {
  prepare: async () => {},
  begins: () => {},
  spoken: (voice, _to, neutral) => namedVoice(speakerIn(voice) === undefined ? (voice ?? neutral) : neutral),
};
