/**
 * How many columns of a terminal a text takes: letters of East Asia and pictures two, marks that stand on the letter
 * before them none. By Unicode's own classes as far as regular expressions know them (UAX #11 for the wide ones).
 */

/** Marks, and what is not seen. */
const NO_COLUMN = /[\p{Mn}\p{Me}\p{Cf}]/u;
const TWO_COLUMNS =
  /[\p{Emoji_Presentation}\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{1f300}-\u{1f64f}\u{1f900}-\u{1f9ff}\u{20000}-\u{3fffd}]/u;
/** One column each. */
const PLAIN = /^[ -~]*$/;

/** Columns that `text`, one line without control characters, takes. */
export function columnsOf(text: string): number {
  return PLAIN.test(text) ? text.length : [...text].reduce((sum, letter) => sum + columnsOfOne(letter), 0);
}

/** The beginning of `text` that takes no more than `columns`. */
export function cutToColumns(text: string, columns: number): string {
  let left = columns;
  let cut = '';
  for (const letter of text) {
    left -= columnsOfOne(letter);
    if (left < 0) {
      return cut;
    }
    cut += letter;
  }
  return cut;
}

/** `text` with blanks behind it so that it takes `columns`, or more if it does by itself. */
export function padColumns(text: string, columns: number): string {
  return text + ' '.repeat(Math.max(0, columns - columnsOf(text)));
}

function columnsOfOne(letter: string): number {
  return NO_COLUMN.test(letter) ? 0 : TWO_COLUMNS.test(letter) ? 2 : 1;
}
