/**
 * What cutting costs in quality: sentences translated whole and translated in the segments that the clause policy cuts
 * while they are heard word by word, by the same engine, compared with human translations (chrF2). Digits and the terms
 * of a glossary are counted, which must all be there.
 */

import { systemClock } from '../../../src/base/clock.ts';
import { AppError } from '../../../src/base/errors.ts';
import { ApertiumEngine } from '../../../src/engines/mt/apertium/apertium-engine.ts';
import { chrf } from '../../../src/interpret/exactness/chrf.ts';
import { lostSpots, translateExactly } from '../../../src/interpret/exactness/exact-translation.ts';
import { Glossary } from '../../../src/interpret/exactness/glossary.ts';
import { cutPolicy } from '../../../src/interpret/policy/choose-policy.ts';
import { markOf } from '../../../src/interpret/policy/marks.ts';
import { SegmentCutter } from '../../../src/interpret/policy/segment-cutter.ts';
import { renderTable } from '../report-table.ts';
import { type SentencePair, sentencePairs } from './message-catalogue.ts';

const FROM = 'en';
const TO = 'es';
/** How fast the words are said: 180 a minute. */
const WORD_MS = 330;
/** The price that may be paid, in chrF points. */
const MOST_LOSS = 1.5;

/** Terms of the trade of these texts, with translations an engine would not choose by itself. */
const GLOSSARY = new Glossary(
  new Map([
    ['file', 'archivo'],
    ['package', 'paquete'],
    ['password', 'clave'],
    ['directory', 'carpeta'],
  ]),
);

export interface CuttingBenchOptions {
  readonly sentences: number;
  /** Where the Spanish catalogues lie. */
  readonly catalogues: string;
}

export const DEFAULT_CUTTING_BENCH: CuttingBenchOptions = {
  sentences: 1_000,
  catalogues: '/usr/share/locale/es/LC_MESSAGES',
};

interface Outcome {
  readonly pair: SentencePair;
  readonly whole: string;
  readonly cut: string;
  readonly segments: number;
  /** Numbers and terms the cut translation was to have, and has not. */
  readonly exactWanted: number;
  readonly exactLost: number;
}

/** Prints the table; returns whether every target was met. */
export async function benchCutting({ sentences, catalogues }: CuttingBenchOptions): Promise<boolean> {
  const pairs = sentencePairs(catalogues, sentences);
  if (pairs.length < sentences) {
    throw new AppError(
      'file-unreadable',
      `${catalogues} holds ${pairs.length} usable sentences: install Debian packages with Spanish messages`,
    );
  }
  const engine = new ApertiumEngine({ clock: systemClock });
  try {
    const outcomes: Outcome[] = [];
    for (const pair of pairs) {
      outcomes.push(await compare(pair, engine));
    }
    return report(outcomes);
  } finally {
    await engine.close();
  }
}

async function compare(pair: SentencePair, engine: ApertiumEngine): Promise<Outcome> {
  const signal = new AbortController().signal;
  const segments = segmentsOf(pair.source);
  const plain: string[] = [];
  const exact: string[] = [];
  for (const [index, segment] of segments.entries()) {
    const before = segments[index - 1];
    const midSentence = before !== undefined && markOf(before, FROM) !== 'sentence';
    const ask = (text: string, goesOn = false): Promise<string> =>
      engine.translate({ text, from: FROM, to: TO, context: [], midSentence: midSentence || goesOn }, signal);
    plain.push(await ask(segment));
    exact.push((await translateExactly(segment, FROM, TO, GLOSSARY, ask)).text);
  }
  const whole = await engine.translate({ text: pair.source, from: FROM, to: TO, context: [] }, signal);
  return {
    pair,
    whole,
    cut: plain.join(' '),
    segments: segments.length,
    exactWanted: lostSpots(pair.source, '', FROM, TO, GLOSSARY).length,
    exactLost: lostSpots(pair.source, exact.join(' '), FROM, TO, GLOSSARY).length,
  };
}

/** The segments of a sentence that is heard word by word without a pause, each hearing a word longer. */
export function segmentsOf(sentence: string): readonly string[] {
  const cutter = new SegmentCutter(FROM, cutPolicy('clause', FROM, GLOSSARY.terms.keys()));
  const words = sentence.split(' ');
  const segments: string[] = [];
  for (let heard = 1; heard <= words.length; heard += 1) {
    // Recognition gives marks with the word they follow, except the full stop, which it cannot know yet.
    const text = words.slice(0, heard).join(' ').replace(/\.$/, '');
    cutter.partial(text, heard * WORD_MS);
    segments.push(...cutter.look(heard * WORD_MS).segments.map(({ text: segment }) => segment));
  }
  cutter.final(sentence);
  segments.push(...cutter.look((words.length + 1) * WORD_MS).segments.map(({ text }) => text));
  return segments;
}

/** As it is heard: nobody hears a capital. */
function heard(text: string): string {
  return text.toLowerCase();
}

function report(outcomes: readonly Outcome[]): boolean {
  const whole = chrf(outcomes.map(({ whole: text, pair }) => [text, pair.reference]));
  const cut = chrf(outcomes.map(({ cut: text, pair }) => [text, pair.reference]));
  const wholeHeard = chrf(outcomes.map(({ whole: text, pair }) => [heard(text), heard(pair.reference)]));
  const cutHeard = chrf(outcomes.map(({ cut: text, pair }) => [heard(text), heard(pair.reference)]));
  const likeWhole = chrf(outcomes.map(({ cut: text, whole: other }) => [heard(text), heard(other)]));
  const segments = outcomes.reduce((sum, outcome) => sum + outcome.segments, 0);
  const words = outcomes.reduce((sum, { pair }) => sum + pair.source.split(' ').length, 0);
  const wanted = outcomes.reduce((sum, outcome) => sum + outcome.exactWanted, 0);
  const lost = outcomes.reduce((sum, outcome) => sum + outcome.exactLost, 0);
  console.log(
    renderTable(
      ['', 'whole', 'cut', 'target'],
      [
        ['sentences', String(outcomes.length), String(outcomes.length), ''],
        ['words per segment', (words / outcomes.length).toFixed(1), (words / segments).toFixed(1), ''],
        ['chrF2', whole.toFixed(2), cut.toFixed(2), `loss ≤ ${MOST_LOSS}: ${(whole - cut).toFixed(2)}`],
        ['chrF2, capitals as small letters', wholeHeard.toFixed(2), cutHeard.toFixed(2), ''],
        ['the same, against the whole', '100', likeWhole.toFixed(2), ''],
        ['digits and terms', '', `${wanted - lost} of ${wanted}`, 'all'],
      ],
    ),
  );
  return whole - cut <= MOST_LOSS && lost === 0;
}
