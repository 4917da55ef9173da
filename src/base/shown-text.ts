/**
 * Text that somebody else wrote (what was said, what a provider or a peer answered) made harmless for where people read
 * it. A terminal obeys control characters: they set its title and the clipboard, or write over what stands there;
 * others turn the order of what is read. The joiners of Arabic and Indic scripts are harmless, and stay.
 */

const OBEYED = /[^\P{C}\u200c\u200d]/gu;
const OBEYED_BUT_BREAKS = /[^\P{C}\n\t\u200c\u200d]/gu;
/** What JSON leaves as it is though a terminal obeys it: its own escapes end with U+001F. */
const LEFT_BY_JSON = /[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;

/** `text` on one line, with nothing in it that is obeyed: `\u{1b}` stands for an escape. */
export function shownText(text: string): string {
  return text.replace(OBEYED, spelledOut);
}

/** As {@link shownText}, but for line breaks and tabs, which are the writer's own. */
export function shownLines(text: string): string {
  return text.replace(OBEYED_BUT_BREAKS, spelledOut);
}

/** JSON with nothing in it that a terminal obeys; it means the same. */
export function shownJson(json: string): string {
  return json.replace(LEFT_BY_JSON, (control) => `\\u${control.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

function spelledOut(control: string): string {
  return `\\u{${(control.codePointAt(0) ?? 0).toString(16)}}`;
}
