/** Whether a final text leaves out what had been heard before. Pure. */

/** A last word may be taken back; so many are an answer that is not all there is. */
const FEWEST_LEFT_OUT = 2;

/** Whether `final` is `heard` without its end, or nothing. */
export function leavesOut(final: string, heard: string): boolean {
  const [words, all] = [wordsOf(final), wordsOf(heard)];
  return (
    (words.length === 0 && all.length > 0) ||
    (all.length >= words.length + FEWEST_LEFT_OUT && words.every((word, index) => word === all[index]))
  );
}

/** What is written without blanks has a word for each sign. */
function wordsOf(text: string): readonly string[] {
  return (
    text
      .toLowerCase()
      .match(
        /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]|[\p{L}\p{M}\p{N}'’]+/gu,
      ) ?? []
  );
}
