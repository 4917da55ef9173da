/**
 * Which languages eSpeak NG speaks, from its own list (`espeak-ng --voices`), and which of its voices is a
 * language's own. It names voices by lower-case tags: `en-gb`, `pt-br`, `es`, but also `fr-fr` for French.
 */

import { type Language, languageParts } from '../../../base/language.ts';
import { isCantonese, LATIN_AMERICA } from '../../languages.ts';

/** A voice of the list. */
export interface EspeakVoice {
  /** Its tag, which is what `-v` takes. */
  readonly tag: string;
  /** Tags it also serves. */
  readonly others: readonly string[];
}

/** Reads the list: one voice a line, columns by blanks, other languages as `(tag priority)` at the end. */
export function parseVoices(list: string): readonly EspeakVoice[] {
  return list.split('\n').flatMap((line) => {
    const tag = /^\s*\d+\s+(\S+)/.exec(line)?.[1];
    if (tag === undefined) {
      return [];
    }
    const others = [...line.matchAll(/\((\S+) \d+\)/g)].flatMap(([, other]) =>
      other === undefined ? [] : [other],
    );
    return [{ tag: tag.toLowerCase(), others: others.map((other) => other.toLowerCase()) }];
  });
}

/** The tag to speak `language` with: its region's voice, else its base language's, else one that also serves it. */
export function voiceFor(voices: readonly EspeakVoice[], language: Language): string | undefined {
  const { base: written, region } = languageParts(language);
  const base = isCantonese(language) ? 'yue' : written;
  const wide = base === 'es' && LATIN_AMERICA.includes(region ?? '') ? ['es-419'] : [];
  const regional = region === undefined ? [] : [`${base}-${region.toLowerCase()}`];
  const wanted = [language.toLowerCase(), ...regional, ...wide, base];
  for (const tag of wanted) {
    // `fr` is spoken by `fr-fr`, the voice of the language's own country, before the list's first French.
    for (const candidate of [tag, `${tag}-${tag}`]) {
      if (voices.some((voice) => voice.tag === candidate)) {
        return candidate;
      }
    }
    const serving = voices.find((voice) => voice.others.includes(tag));
    if (serving !== undefined) {
      // A plain `en` is American on the telephone's home ground; the list's first English is Caribbean.
      const american = voices.find((voice) => voice.tag === `${tag}-us`);
      return american?.tag ?? serving.tag;
    }
  }
  return undefined;
}
