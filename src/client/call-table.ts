/**
 * The table after a call: in how many segments each utterance was spoken, how soon, and where the time between the end
 * of speech and the first sound of its last segment went, in ms. A dash is what did not happen; below 0, that segment
 * began while the speaker was still speaking.
 */

import { shownText } from '../base/shown-text.ts';
import { medianEndToEndMs, medianStartOffsetMs, type ReportedUtterance, STAGES } from './call-report.ts';

/** The most characters of an utterance that are shown. */
const WORDS_CHARACTERS = 34;

/** The table as text, each line ended; a sentence instead when there are no utterances. */
export function callTable(utterances: readonly ReportedUtterance[]): string {
  if (utterances.length === 0) {
    return 'no utterances were reported\n';
  }
  const head = ['who', 'said', 'into', 'segments', 'start', ...STAGES.map(({ name }) => name), 'end', ''];
  const rows = utterances.map(({ party, source, target, segments, startOffsetMs, stages, outcome }) => [
    party,
    shorten(shownText(source.text), WORDS_CHARACTERS),
    target.language,
    String(segments.length),
    milliseconds(startOffsetMs),
    ...STAGES.map(({ key }) => milliseconds(stages[key])),
    milliseconds(stages.endToEndMs),
    outcome === 'spoken' ? '' : outcome,
  ]);
  const lines = [head, ...rows];
  const widths = head.map((_, column) => Math.max(...lines.map((line) => [...(line[column] ?? '')].length)));
  const text = lines.map((line) =>
    line.map((cell, column) => pad(cell, column, widths[column] ?? 0)).join('  '),
  );
  return [
    'start: from the beginning of speech to the first translated sound; end: from the end of speech to the first sound',
    'of the last segment, which is the sum of the stages; in ms',
    ...text.map((line) => line.trimEnd()),
    `p50: start ${withUnit(medianStartOffsetMs(utterances))}, end ${withUnit(medianEndToEndMs(utterances))}`,
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

function withUnit(ms: number | undefined): string {
  return ms === undefined ? '-' : `${milliseconds(ms)} ms`;
}

/** Words to the left, numbers to the right. */
function pad(cell: string, column: number, width: number): string {
  const space = ' '.repeat(Math.max(0, width - [...cell].length));
  const isWords = column < 3 || column > STAGES.length + 5;
  return isWords ? cell + space : space + cell;
}
