/**
 * What LibreTranslate sends, checked: https://docs.libretranslate.com/api. An answer that is not as it should be is
 * undefined here; nothing of it is quoted, because it may hold what was said.
 */

import type { ServerLanguage } from './languages.ts';

/** The answer of `GET /languages`. */
export function readLanguages(json: unknown): readonly ServerLanguage[] | undefined {
  if (!Array.isArray(json)) {
    return undefined;
  }
  const entries: readonly unknown[] = json;
  const codes = entries.flatMap((entry) => {
    const code = field(entry, 'code');
    return typeof code === 'string' ? [code] : [];
  });
  if (codes.length !== entries.length) {
    return undefined;
  }
  return entries.map((entry, index) => {
    const targets = field(entry, 'targets');
    return {
      code: codes[index] ?? '',
      // Servers before 1.3 do not say, and translate everything to everything.
      targets: Array.isArray(targets) ? targets.filter((target) => typeof target === 'string') : codes,
    };
  });
}

/** The translation in an answer of `POST /translate`. */
export function readTranslation(json: unknown): string | undefined {
  const text = field(json, 'translatedText');
  return typeof text === 'string' ? text : undefined;
}

function field(json: unknown, name: string): unknown {
  return typeof json === 'object' && json !== null
    ? Object.entries(json).find(([key]) => key === name)?.[1]
    : undefined;
}
