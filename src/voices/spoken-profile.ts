/** What engines are told of a profile: its renderings for one language, and how it is spoken by default. */

import { baseLanguage, type Language } from '../base/language.ts';
import { codesOf } from '../engines/languages.ts';
import type { SpokenVoice, VoiceRendering } from '../engines/tts/spoken-voice.ts';
import type { VoiceProfile } from './profile.ts';

/** Why a profile must not be used now; undefined: it may. */
export function whyNotUsed({ consent, renderings, leaving }: VoiceProfile, now: Date): string | undefined {
  if (leaving) {
    return 'it is being deleted';
  }
  if (consent?.until !== undefined && Date.parse(consent.until) <= now.getTime()) {
    return 'its consent has ended';
  }
  if (consent === undefined && renderings.some(({ made }) => made)) {
    return 'its consent is gone';
  }
  return undefined;
}

/**
 * A voice for requests in `to`.
 * @param neutral what an engine speaks with that has no rendering of the speaker.
 * @param readFile reads what is kept for a rendering that its provider does not keep.
 */
export function spokenProfile(
  { renderings, defaults }: VoiceProfile,
  to: Language,
  neutral: string | undefined,
  readFile: (name: string) => Promise<Uint8Array>,
): SpokenVoice {
  const { speed, pitchSemitones, emotion } = defaults;
  const own = renderings
    .filter(({ state, language }) => state === 'ready' && distance(language, to) !== undefined)
    // The nearest is asked first.
    .sort((one, other) => (distance(one.language, to) ?? 0) - (distance(other.language, to) ?? 0))
    .map(({ engine, ref, file }): VoiceRendering => {
      const rendering = { engine, ref, isOwn: true } as const;
      return file === undefined ? rendering : { ...rendering, load: () => readFile(file) };
    });
  return {
    ...(neutral === undefined ? {} : { name: neutral }),
    ...(own.length === 0 ? {} : { renderings: own }),
    ...(speed === undefined ? {} : { speed }),
    ...(pitchSemitones === undefined ? {} : { pitchSt: pitchSemitones }),
    ...(emotion === undefined ? {} : { emotion }),
  };
}

/**
 * How far a rendering for `language` is from one for `to`: it is for the very same, for the language without a region, for
 * another region, or for all languages. Undefined: it is for another language.
 */
function distance(language: Language | undefined, to: Language): number | undefined {
  if (language === undefined) {
    return 3;
  }
  if (language === to) {
    return 0;
  }
  const base = baseLanguage(language);
  if (!codesOf(to).includes(base)) {
    return undefined;
  }
  return language === base ? 1 : 2;
}
