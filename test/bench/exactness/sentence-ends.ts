/**
 * Ends of sentences in thirty languages: messages of Debian's catalogues, each one sentence by its English source,
 * heard two at a time word by word. What is cut inside a message is a false cut; a border between two that is not
 * cut, a missed end.
 */

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cutPolicy } from '../../../src/interpret/policy/choose-policy.ts';
import { SegmentCutter } from '../../../src/interpret/policy/segment-cutter.ts';
import { readCatalogue } from '../cutting/message-catalogue.ts';

const LANGUAGES =
  'de fr es it pt_BR nl sv da fi pl cs hu ru uk tr el hr sr sl sk ro bg et lt nb ca eu id vi zh_CN ja ko'.split(
    ' ',
  );
const PER_LANGUAGE = 80;
const WORD_MS = 250;

export interface SentenceEnds {
  readonly languages: number;
  readonly sentences: number;
  readonly falseCuts: number;
  readonly missedEnds: number;
  readonly examples: readonly string[];
}

export function measureSentenceEnds(root: string): SentenceEnds {
  let [languages, sentences, falseCuts, missedEnds] = [0, 0, 0, 0];
  const examples: string[] = [];
  for (const name of LANGUAGES) {
    const language = name.replace('_', '-');
    const messages = messagesOf(join(root, name, 'LC_MESSAGES'));
    languages += messages.length > 0 ? 1 : 0;
    for (let index = 0; index + 1 < messages.length; index += 2) {
      const pair = [messages[index] ?? '', messages[index + 1] ?? ''];
      const between = /^(zh|ja)/.test(language) ? '' : ' ';
      const segments = heard(pair.join(between), language);
      sentences += 2;
      const ends = new Set<number>();
      let at = 0;
      for (const segment of segments) {
        at += segment.replace(/\s+/gu, '').length;
        ends.add(at);
      }
      const border = (pair[0] ?? '').replace(/\s+/gu, '').length;
      const wrong = segments.length - 1 - (ends.has(border) ? 1 : 0);
      falseCuts += wrong;
      missedEnds += ends.has(border) ? 0 : 1;
      if (wrong > 0 || !ends.has(border)) {
        examples.push(`${language}: ${segments.join(' ¦ ')}`);
      }
    }
  }
  return { languages, sentences, falseCuts, missedEnds, examples };
}

function messagesOf(folder: string): readonly string[] {
  if (!existsSync(folder)) {
    return [];
  }
  const messages = new Set<string>();
  for (const name of readdirSync(folder).filter((each) => each.endsWith('.mo'))) {
    for (const { source, reference } of readCatalogue(readFileSync(join(folder, name)))) {
      const text = reference.replace(/\s+/gu, ' ').trim();
      if (isOneSentence(source.trim(), text)) {
        messages.add(text);
      }
    }
  }
  const all = [...messages];
  const step = Math.max(1, all.length / PER_LANGUAGE);
  return Array.from(
    { length: Math.min(PER_LANGUAGE, all.length) },
    (_, index) => all[Math.floor(index * step)] ?? '',
  );
}

/** One sentence in English and, by its length, in translation, without anything that a program fills in. */
function isOneSentence(source: string, text: string): boolean {
  return (
    /^\p{Lu}[^%<>{}"'`|\\\n]{20,160}\.$/u.test(source) &&
    !/[.!?:]\s/.test(source) &&
    /^[\p{Lu}\p{Lo}][^%<>{}"'`|\\\n…]{8,220}[\p{Sentence_Terminal}]$/u.test(text) &&
    // A translator who made two sentences of one says so by a capital after a full stop behind a long word.
    !/[\p{L}]{5,}[.!?。]\s?\p{Lu}|[。！？].|[!?]\s/u.test(text) &&
    !/\.\.|--/.test(text)
  );
}

function heard(text: string, language: string): readonly string[] {
  const cutter = new SegmentCutter(language, cutPolicy('sentence', language, []));
  const words = /^(zh|ja)/.test(language) ? (text.match(/.{1,2}/gsu) ?? []) : text.split(/(?= )/u);
  const segments: string[] = [];
  for (let count = 1; count <= words.length; count += 1) {
    cutter.partial(words.slice(0, count).join(''), count * WORD_MS);
    segments.push(...cutter.look(count * WORD_MS).segments.map(({ text: segment }) => segment));
  }
  cutter.final(text);
  segments.push(...cutter.look((words.length + 1) * WORD_MS).segments.map(({ text: segment }) => segment));
  return segments;
}
