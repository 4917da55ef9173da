/**
 * What `dragoman check` says, one item after the other. An item `fails` when `dragoman serve` would not start because
 * of it, or would not interpret all that it should; what would do so and yet disappoint is a `warning`; what is not
 * there and need not be is a `no`.
 */

import { jsonText } from '../json-text.ts';

export type CheckOutcome = 'ok' | 'no' | 'warning' | 'fails';

export interface CheckItem {
  readonly outcome: CheckOutcome;
  /** What was looked at: `Node`, `--http`, `en to es`. */
  readonly subject: string;
  /** What was found and, unless it is ok, what to do about it. */
  readonly finding: string;
}

/** Looks at something and says what it finds, as it finds it. */
export type Check = (signal: AbortSignal) => AsyncIterable<CheckItem>;

/** Width of the longest outcome. */
const OUTCOME_COLUMNS = 9;
const SUBJECT_COLUMNS = 20;

export function ok(subject: string, finding: string): CheckItem {
  return { outcome: 'ok', subject, finding };
}

export function no(subject: string, finding: string): CheckItem {
  return { outcome: 'no', subject, finding };
}

export function warning(subject: string, finding: string): CheckItem {
  return { outcome: 'warning', subject, finding };
}

export function fails(subject: string, finding: string): CheckItem {
  return { outcome: 'fails', subject, finding };
}

/** Runs `checks` in order and writes one JSON text of all items once they are there; returns how many fail. */
export async function runChecksAsJson(
  checks: readonly Check[],
  write: (text: string) => void,
  signal: AbortSignal,
): Promise<number> {
  const items: CheckItem[] = [];
  for (const check of checks) {
    for await (const item of check(signal)) {
      items.push(item);
    }
  }
  const failed = items.filter(({ outcome }) => outcome === 'fails').length;
  write(`${jsonText({ outcome: failed === 0 ? 'ok' : 'fails', items })}\n`);
  return failed;
}

/** Runs `checks` in order and writes each item as a line; returns how many fail. */
export async function runChecks(
  checks: readonly Check[],
  write: (text: string) => void,
  signal: AbortSignal,
): Promise<number> {
  let failed = 0;
  let warned = 0;
  for (const check of checks) {
    for await (const item of check(signal)) {
      write(`${formatItem(item)}\n`);
      failed += item.outcome === 'fails' ? 1 : 0;
      warned += item.outcome === 'warning' ? 1 : 0;
    }
  }
  write(`\n${verdict(failed, warned)}\n`);
  return failed;
}

function formatItem({ outcome, subject, finding }: CheckItem): string {
  return `${outcome.padEnd(OUTCOME_COLUMNS)}${subject.padEnd(SUBJECT_COLUMNS)} ${finding}`;
}

function verdict(failed: number, warned: number): string {
  const warnings = warned === 0 ? '' : ` (${countOf(warned, 'warning')})`;
  return failed === 0
    ? `dragoman serve would start with this configuration${warnings}.`
    : `${countOf(failed, 'item')} to mend${warnings}: dragoman serve would not start, or not do all of its work.`;
}

function countOf(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
