/** Whether what was said asks something: by its mark, or, where translations have none, by its last word. */

import type { Language } from '../../base/language.ts';
import { codesOf } from '../../engines/languages.ts';

const MARKED = /[?？؟;՞፧⸮]["'\p{Pe}\p{Pf}\s.]*$/u;
/** Words and endings that make a question of a sentence. */
const LAST_WORDS: ReadonlyMap<string, RegExp> = new Map([
  ['ja', /(?:か|かな|かしら)[。.\s]*$/u],
  ['zh', /[吗嗎呢][。.\s]*$/u],
  ['yue', /[嗎呀咩][。.\s]*$/u],
  ['ko', /(?:까|까요|나요|가요|니)[.\s]*$/u],
  ['th', /(?:ไหม|มั้ย|หรือเปล่า|หรือยัง|หรือไม่|หรือ|เท่าไร|เท่าไหร่|อะไร|ที่ไหน|เมื่อไหร่|เมื่อไร)\s*(?:ครับ|คะ|ค่ะ)?[.\s]*$/u],
  ['lo', /(?:ບໍ່|ບໍ|ຫຼື)[.\s]*$/u],
  ['my', /(?:လား|လဲ)[။.\s]*$/u],
  ['km', /(?:ទេ|ឬ)[។.\s]*$/u],
]);

export function isQuestion(text: string, language: Language): boolean {
  const words = codesOf(language)
    .map((code) => LAST_WORDS.get(code))
    .find((known) => known !== undefined);
  return MARKED.test(text) || words?.test(text) === true;
}
