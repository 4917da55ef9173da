/** What engines are told of a profile: its renderings for one language, and how it is spoken by default. */

import type { Language } from '../base/language.ts';
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
    .filter(({ state, language }) => state === 'ready' && (language === undefined || language === to))
    // One that is for this language alone is asked first.
    .sort((one, other) => Number(one.language === undefined) - Number(other.language === undefined))
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
