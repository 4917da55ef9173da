/**
 * How soon party b heard what party a said, in the reports of several calls side by side: pure, reports in, text out.
 * A report does not know when each word was said; here the words of an utterance are taken as spoken evenly, which
 * is the same for all the calls of one recording.
 */

import type { CallReport, ReportedUtterance } from './call-report.ts';
import { voicesAmong } from './heard-sounds.ts';

/** What is needed of a report. */
export interface ComparedReport {
  readonly parties: readonly Pick<CallReport['parties'][number], 'name' | 'sounds'>[];
  readonly utterances: readonly Pick<ReportedUtterance, 'party' | 'source' | 'target' | 'segments'>[];
}

/** One call in numbers; times in ms, undefined where nothing was heard. */
export interface CallScore {
  readonly segments: number;
  /** From when a began to speak to the first translated sound. */
  readonly firstMs: number | undefined;
  /** From when a word was said to when the segment that translates it began, over all words. */
  readonly wordMeanMs: number | undefined;
  readonly wordLongestMs: number | undefined;
  /** The longest time in which b heard no voice, from when a began to speak to the last translated sound. */
  readonly silenceMs: number | undefined;
  /** From when a had stopped to when the last translated sound ended. */
  readonly lastMs: number | undefined;
}

const SPEAKER = 'a';
const LISTENER = 'b';

/** Measures one call, one way: a speaks, b hears. */
export function scoreOf(report: ComparedReport): CallScore {
  const own = report.utterances.filter(({ party }) => party === SPEAKER);
  // In a conference, as those hear it whose language comes first.
  const utterances = own.filter(({ target }) => target.language === own[0]?.target.language);
  const listener = report.parties.find(({ name }) => name === LISTENER);
  const beganMs = least(utterances.map(({ source }) => source.startMs));
  const stoppedMs = most(utterances.map(({ source }) => source.endMs));
  const segmentsMs = utterances.flatMap(({ segments }) => segments.map(({ startMs }) => startMs));
  const endedMs = most(utterances.map(({ target }) => target.endMs));
  const words = utterances.flatMap(wordLags);
  return {
    segments: segmentsMs.length,
    firstMs: difference(least(segmentsMs), beganMs),
    wordMeanMs: words.length === 0 ? undefined : words.reduce((sum, lag) => sum + lag, 0) / words.length,
    wordLongestMs: most(words),
    silenceMs:
      beganMs === undefined || endedMs === undefined
        ? undefined
        : longestSilenceMs(listener?.sounds ?? [], beganMs, endedMs),
    lastMs: difference(endedMs, stoppedMs),
  };
}

const ROWS: readonly (readonly [title: string, cell: (score: CallScore) => string])[] = [
  ['segments', ({ segments }) => String(segments)],
  ['first translated sound, after a began to speak', ({ firstMs }) => seconds(firstMs)],
  ['a word until its translation begins, mean', ({ wordMeanMs }) => seconds(wordMeanMs)],
  ['a word until its translation begins, longest', ({ wordLongestMs }) => seconds(wordLongestMs)],
  ['longest wait of b without a voice', ({ silenceMs }) => seconds(silenceMs)],
  ['last translated sound ended, after a had stopped', ({ lastMs }) => seconds(lastMs)],
];

/** The table, a column for each call, with what its rows mean; each line ended. */
export function comparisonTable(reports: ReadonlyMap<string, ComparedReport>): string {
  const columns = [...reports].map(([name, report]) => {
    const score = scoreOf(report);
    const cells = [name, ...ROWS.map(([, cell]) => cell(score))];
    const width = Math.max(...cells.map((cell) => cell.length));
    return cells.map((cell) => cell.padStart(width));
  });
  const titles = ['', ...ROWS.map(([title]) => title)];
  const width = Math.max(...titles.map((title) => title.length));
  const lines = titles.map((title, row) =>
    [title.padEnd(width), ...columns.map((cells) => cells[row] ?? '')].join('   '),
  );
  return [
    ...lines,
    'a word: from when it was said, its utterance taken as evenly spoken, to the first sound of its segment',
    '',
  ].join('\n');
}

/** For each word, from its end to the beginning of the segment that translates it, in ms. */
function wordLags({ source, segments }: Pick<ReportedUtterance, 'source' | 'segments'>): readonly number[] {
  const { startMs, endMs } = source;
  const counts = segments.map((segment) => wordCount(segment.source ?? ''));
  const words = counts.reduce((sum, count) => sum + count, 0);
  if (startMs === undefined || endMs === undefined) {
    return [];
  }
  const lags: number[] = [];
  for (const [index, segment] of segments.entries()) {
    for (let i = counts[index] ?? 0; i > 0; i -= 1) {
      const saidMs = startMs + ((lags.length + 1) / words) * (endMs - startMs);
      lags.push(segment.startMs - saidMs);
    }
  }
  return lags;
}

function wordCount(text: string): number {
  return text.split(/\s+/).filter((word) => word !== '').length;
}

/** The longest time without a voice between two moments. */
function longestSilenceMs(
  sounds: readonly { readonly startMs: number; readonly endMs: number }[],
  fromMs: number,
  toMs: number,
): number {
  let longest = 0;
  let quietFromMs = fromMs;
  for (const { startMs, endMs } of voicesAmong(sounds)) {
    longest = Math.max(longest, Math.min(startMs, toMs) - quietFromMs);
    quietFromMs = Math.max(quietFromMs, endMs);
  }
  return Math.max(longest, toMs - quietFromMs);
}

function least(values: readonly (number | undefined)[]): number | undefined {
  const known = values.filter((value) => value !== undefined);
  return known.length === 0 ? undefined : Math.min(...known);
}

function most(values: readonly (number | undefined)[]): number | undefined {
  const known = values.filter((value) => value !== undefined);
  return known.length === 0 ? undefined : Math.max(...known);
}

function difference(left: number | undefined, right: number | undefined): number | undefined {
  return left === undefined || right === undefined ? undefined : left - right;
}

function seconds(ms: number | undefined): string {
  return ms === undefined ? '-' : `${(ms / 1_000).toFixed(1)} s`;
}
