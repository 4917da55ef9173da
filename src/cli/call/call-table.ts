/**
 * The table after a call: where the time of each utterance went, from the end of speech to the first translated
 * sound, in ms. A dash is a stage that did not happen.
 */

import { medianEndToEndMs, type ReportedUtterance, STAGES } from './call-report.ts';

/** The most characters of an utterance that are shown. */
const WORDS_CHARACTERS = 34;

/** The table as text, each line ended; a sentence instead when there are no utterances. */
export function callTable(utterances: readonly ReportedUtterance[]): string {
  if (utterances.length === 0) {
    return 'no utterances were reported\n';
  }
  const head = ['leg', 'said', ...STAGES.map(({ name }) => name), 'sum', ''];
  const rows = utterances.map(({ leg, source, stages, outcome }) => [
    leg,
    shorten(source.text, WORDS_CHARACTERS),
    ...STAGES.map(({ key }) => milliseconds(stages[key])),
    milliseconds(stages.endToEndMs),
    outcome === 'spoken' ? '' : outcome,
  ]);
  const lines = [head, ...rows];
  const widths = head.map((_, column) => Math.max(...lines.map((line) => [...(line[column] ?? '')].length)));
  const text = lines.map((line) =>
    line.map((cell, column) => pad(cell, column, widths[column] ?? 0)).join('  '),
  );
  const median = medianEndToEndMs(utterances);
  return [
    'from the end of speech to the first translated sound, in ms',
    ...text.map((line) => line.trimEnd()),
    `p50 of the sum: ${median === undefined ? '-' : `${Math.round(median)} ms`}`,
    '',
  ].join('\n');
}

/** At most `characters` of `text`, the last one an ellipsis when something was cut. */
export function shorten(text: string, characters: number): string {
  const all = [...text];
  return all.length <= characters
    ? text
    : `${all
        .slice(0, Math.max(0, characters - 1))
        .join('')
        .trimEnd()}…`;
}

function milliseconds(ms: number | undefined): string {
  return ms === undefined ? '-' : String(Math.round(ms));
}

/** Words to the left, numbers to the right. */
function pad(cell: string, column: number, width: number): string {
  const space = ' '.repeat(Math.max(0, width - [...cell].length));
  const isWords = column < 2 || column > STAGES.length + 2;
  return isWords ? cell + space : space + cell;
}
