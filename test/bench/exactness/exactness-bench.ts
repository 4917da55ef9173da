/**
 * How exactly numbers and ends of sentences are told, over many languages: right translations left alone, wrong values
 * noticed, what a segment costs, false cuts and missed ends.
 */

import { compareValues } from '../../../src/interpret/exactness/compare-values.ts';
import { cell, renderTable } from '../report-table.ts';
import { type NumberSentence, numberSentences } from './number-sentences.ts';
import { measureSentenceEnds } from './sentence-ends.ts';

const SENTENCES = 6_000;
const SEED = 7;
const SAMPLE = 30;

const TARGETS = { leftAlone: 99.5, noticed: 99, falseCuts: 1, missedEnds: 2, costMs: 0.2 } as const;

export interface ExactnessBenchOptions {
  /** Where the message catalogues of all languages lie. */
  readonly catalogues: string;
  /** Print what went wrong. */
  readonly examples: boolean;
}

export const DEFAULT_EXACTNESS_BENCH: ExactnessBenchOptions = {
  catalogues: '/usr/share/locale',
  examples: false,
};

/** Prints the table; returns whether every target was met. */
export async function benchExactness({ catalogues, examples }: ExactnessBenchOptions): Promise<boolean> {
  const sentences = numberSentences(SENTENCES, SEED);
  // The words of a language are made when it is first met.
  sentences.forEach(judged);
  // The processor's time, not the clock's: what else the machine does is no cost of ours.
  const began = process.cpuUsage();
  const outcomes = sentences.map(judged);
  const { user, system } = process.cpuUsage(began);
  const costMs = (user + system) / 1_000 / (2 * sentences.length);
  const leftAlone = share(outcomes.filter(({ kept }) => kept).length, outcomes.length);
  const noticed = share(outcomes.filter(({ caught }) => caught).length, outcomes.length);
  const ends = measureSentenceEnds(catalogues);
  const falseCuts = share(ends.falseCuts, ends.sentences);
  const missed = share(ends.missedEnds, ends.sentences / 2);
  console.log(
    renderTable(
      ['', 'of', 'measured', 'target'],
      [
        [
          'right numbers left alone',
          cell(outcomes.length, 0),
          `${cell(leftAlone, 2)} %`,
          `≥ ${TARGETS.leftAlone} %`,
        ],
        ['wrong values noticed', cell(outcomes.length, 0), `${cell(noticed, 2)} %`, `≥ ${TARGETS.noticed} %`],
        [
          'cost of a segment',
          cell(2 * outcomes.length, 0),
          `${cell(costMs, 3)} ms`,
          `≤ ${TARGETS.costMs} ms`,
        ],
        [
          `false cuts, ${ends.languages} languages`,
          cell(ends.sentences, 0),
          `${cell(falseCuts, 2)} %`,
          `≤ ${TARGETS.falseCuts} %`,
        ],
        ['missed ends', cell(ends.sentences / 2, 0), `${cell(missed, 2)} %`, `≤ ${TARGETS.missedEnds} %`],
      ],
    ),
  );
  if (examples) {
    const wrong = outcomes.filter(({ kept, caught }) => !kept || !caught);
    for (const { sentence, kept } of wrong.slice(0, SAMPLE)) {
      const { kind, from, to, source, right, wrong: other } = sentence;
      console.log(
        `${kept ? 'missed' : 'taken apart'} (${kind}, ${from} to ${to}): ${source} | ${kept ? other : right}`,
      );
    }
    console.log(ends.examples.slice(0, SAMPLE).join('\n'));
  }
  return (
    leftAlone >= TARGETS.leftAlone &&
    noticed >= TARGETS.noticed &&
    costMs <= TARGETS.costMs &&
    falseCuts <= TARGETS.falseCuts &&
    missed <= TARGETS.missedEnds
  );
}

function judged(sentence: NumberSentence): {
  readonly sentence: NumberSentence;
  readonly kept: boolean;
  readonly caught: boolean;
} {
  const { from, to, source, right, wrong } = sentence;
  return {
    sentence,
    kept: compareValues(source, from, right, to).outcome !== 'another',
    caught: compareValues(source, from, wrong, to).outcome === 'another',
  };
}

function share(part: number, whole: number): number {
  return whole === 0 ? 0 : (100 * part) / whole;
}
