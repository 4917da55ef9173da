/**
 * Reads sentences and their human translations from the compiled message catalogues that Debian's packages install
 * (GNU gettext's .mo files): text of people who write for people, in two languages, on every machine. It is technical
 * prose, not talk, with longer sentences than people speak.
 */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A .mo file begins with this, little-endian (gettext manual, "The Format of GNU MO Files"). */
const MAGIC = 0x950412de;

export interface SentencePair {
  readonly source: string;
  readonly reference: string;
}

/** Pairs of one catalogue, plural forms and contexts left out. */
export function readCatalogue(bytes: Buffer): readonly SentencePair[] {
  if (bytes.length < 28 || bytes.readUInt32LE(0) !== MAGIC) {
    return [];
  }
  const count = bytes.readUInt32LE(8);
  const sources = bytes.readUInt32LE(12);
  const references = bytes.readUInt32LE(16);
  const pairs: SentencePair[] = [];
  for (let index = 0; index < count; index += 1) {
    pairs.push({
      source: textAt(bytes, sources + index * 8),
      reference: textAt(bytes, references + index * 8),
    });
  }
  return pairs;
}

function textAt(bytes: Buffer, entry: number): string {
  const length = bytes.readUInt32LE(entry);
  const offset = bytes.readUInt32LE(entry + 4);
  return bytes.toString('utf8', offset, offset + length);
}

/** Whole sentences of 8 to 40 words, each once, spread evenly over all catalogues of `folder`. */
export function sentencePairs(folder: string, wanted: number): readonly SentencePair[] {
  const pairs = new Map<string, SentencePair>();
  for (const name of readdirSync(folder).filter((each) => each.endsWith('.mo'))) {
    for (const { source, reference } of readCatalogue(readFileSync(join(folder, name)))) {
      const pair = { source: oneLine(source), reference: oneLine(reference) };
      if (isSentence(pair.source) && isSentence(pair.reference)) {
        pairs.set(pair.source, pair);
      }
    }
  }
  const all = [...pairs.values()];
  const step = Math.max(1, all.length / wanted);
  return Array.from(
    { length: Math.min(wanted, all.length) },
    (_, index) => all[Math.floor(index * step)],
  ).filter((pair) => pair !== undefined);
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}

/** One sentence without anything that a program fills in or a person does not say. */
function isSentence(text: string): boolean {
  const words = text.split(' ').length;
  return (
    words >= 8 &&
    words <= 40 &&
    /^\p{Lu}[\p{L}\p{N}\s,;:'’.()-]+\.$/u.test(text) &&
    !/\.\s/.test(text) &&
    !/--|\w\.\w/.test(text)
  );
}
