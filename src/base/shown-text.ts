/**
 * Text that somebody else wrote (what was said, what a provider or a peer answered) made harmless for where people read
 * it. A terminal obeys control characters: they set its title and the clipboard, or write over what stands there;
 * others turn the order of what is read. The joiners of Arabic and Indic scripts are harmless, and stay.
 */

const OBEYED = /[^\P{C}\u200c\u200d]/gu;
/** And the two that break lines of JavaScript, which some readers take JSON for. */
const ESCAPED_IN_JSON = /[^\P{C}\n\t\u200c\u200d]|[\u2028\u2029]/gu;
const OBEYED_BUT_BREAKS = /[^\P{C}\n\t\u200c\u200d]/gu;

/** `text` on one line, with nothing in it that is obeyed: `\u{1b}` stands for an escape. */
export function shownText(text: string): string {
  return text.replace(OBEYED, spelledOut);
}

/** As {@link shownText}, but for line breaks and tabs, which are the writer's own. */
export function shownLines(text: string): string {
  return text.replace(OBEYED_BUT_BREAKS, spelledOut);
}

/**
 * JSON with nothing in it that {@link shownLines} would spell out, which is no JSON; it means the same. What stands
 * between its values may be breaks of lines.
 */
export function shownJson(json: string): string {
  return json.replace(ESCAPED_IN_JSON, escaped);
}

/** As JSON has it: each half of what is beyond U+FFFF by itself. */
function escaped(control: string): string {
  return control
    .split('')
    .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .join('');
}

function spelledOut(control: string): string {
  return `\\u{${(control.codePointAt(0) ?? 0).toString(16)}}`;
}
