/**
 * Text for an SVG document, which neither breaks lines nor escapes anything by itself.
 */

import { shorten } from './call-table.ts';

/** Breaks `text` between words into at most `most` lines of `characters`; the last ends with an ellipsis if cut. */
export function textLines(text: string, characters: number, most: number): readonly string[] {
  if (characters < 2) {
    return [];
  }
  const lines: string[] = [];
  let rest = text.trim();
  while (rest.length > characters && lines.length < most - 1) {
    const space = rest.lastIndexOf(' ', characters);
    if (space <= 0) {
      break;
    }
    lines.push(rest.slice(0, space));
    rest = rest.slice(space + 1);
  }
  return rest === '' ? lines : [...lines, shorten(rest, characters)];
}

/**
 * Text as XML content or attribute. Control characters, which XML cannot hold, and such as turn the order of what is
 * read become question marks.
 */
export function escapeXml(text: string): string {
  return (
    // Half a surrogate pair comes back as the replacement character.
    Buffer.from(text)
      .toString()
      .replace(/[^\P{Cc}\t\n\r]|[\u202a-\u202e\u2066-\u2069\ufffe\uffff]/gu, '?')
      .replaceAll('&', '&amp;')
      .replaceAll('<', '&lt;')
      .replaceAll('>', '&gt;')
      .replaceAll('"', '&quot;')
  );
}
