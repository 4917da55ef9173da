/**
 * What `dragoman call` ends with. Scripts get a status for each thing that can happen; a monitoring system gets the
 * four statuses it knows, and one line.
 */

import { codeOf, messageOf } from '../../base/errors.ts';
import type { CallOutcome, CallOutcomeType } from '../../client/call-outcome.ts';
import { type CallReport, medianEndToEndMs, medianStartOffsetMs } from '../../client/call-report.ts';

/** By outcome. 1 and 2 are those of every command: this machine, and how it was asked. */
const CALL_STATUSES: Readonly<Record<CallOutcomeType, number>> = {
  heard: 0,
  unreached: 3,
  'server-lost': 3,
  'hung-up': 4,
  'no-dragoman': 5,
  'nothing-heard': 6,
  unexpected: 7,
  untold: 7,
};

/** The shell's convention for SIGINT: 128 and the number of the signal. */
export const INTERRUPTED = 130;

export const CALL_STATUS_HELP = `
Exit status:
  0    everybody was heard as asked
  1    a file cannot be read or written
  2    it was asked for in a way that cannot be
  3    the server cannot be reached, or was gone in the call
  4    the server refused a leg, or hung up before the end
  5    what is at the other end is no dragoman
  6    a party was spoken to and heard no voice
  7    the captions do not say what --expect says, or there are none
  130  interrupted
With --monitor: 0 OK; 1 WARNING, heard but not all was well; 2 CRITICAL, 3 to 7 of the above but one; 3 UNKNOWN: 1, 2 and
130 of the above, and --expect without captions.`;

const MONITOR_WORDS = ['OK', 'WARNING', 'CRITICAL', 'UNKNOWN'] as const;
type MonitorStatus = 0 | 1 | 2 | 3;

export function statusOf({ type }: CallOutcome, interrupted: boolean): number {
  return interrupted ? INTERRUPTED : CALL_STATUSES[type];
}

/** What a call that could not be made ends with, as an outcome where it says something of the server. */
export function outcomeOfError(error: unknown): CallOutcome | undefined {
  return codeOf(error) === 'server-unreachable'
    ? { type: 'unreached', sentence: messageOf(error), warnings: [] }
    : undefined;
}

/** A status of monitoring, and its line, ended: `OK - b heard 3.2 s of voices ...|b_heard=3.20s ...`. */
export interface MonitorResult {
  readonly status: MonitorStatus;
  readonly line: string;
}

export function monitorCall(report: CallReport, interrupted: boolean): MonitorResult {
  const { outcome } = report;
  const words = [outcome.sentence, ...outcome.warnings].join('; ');
  return monitorResult(monitorStatusOf(outcome, interrupted), words, metricsOf(report));
}

/** For a call that could not be made. */
export function monitorError(error: unknown): MonitorResult {
  return monitorResult(outcomeOfError(error) === undefined ? 3 : 2, messageOf(error), '');
}

function monitorStatusOf({ type, warnings }: CallOutcome, interrupted: boolean): MonitorStatus {
  if (interrupted || type === 'untold') {
    return 3;
  }
  if (type !== 'heard') {
    return 2;
  }
  return warnings.length > 0 ? 1 : 0;
}

/** What stands before the bar is words, and a line is one. */
function monitorResult(status: MonitorStatus, words: string, metrics: string): MonitorResult {
  const plain = words.replace(/[|\s]+/g, ' ').trim();
  return { status, line: `${MONITOR_WORDS[status]} - ${plain}${metrics === '' ? '' : `|${metrics}`}\n` };
}

/** Named values with their units, as plugins of Nagios and Icinga write them; what did not happen is left out. */
function metricsOf({ durationMs, parties, utterances }: CallReport): string {
  const metrics: [name: string, value: string | undefined][] = [['duration', seconds(durationMs)]];
  for (const { name, heard } of parties) {
    metrics.push(
      [`${name}_heard`, seconds(heard.voicesMs)],
      [`${name}_first`, seconds(heard.answeredAfterMs)],
    );
  }
  const spoken = utterances.filter(({ outcome }) => outcome === 'spoken').length;
  metrics.push(['utterances', String(utterances.length)], ['spoken', String(spoken)]);
  metrics.push(['start_p50', seconds(medianStartOffsetMs(utterances))]);
  metrics.push(['end_to_end_p50', seconds(medianEndToEndMs(utterances))]);
  return metrics.flatMap(([name, value]) => (value === undefined ? [] : [`${name}=${value}`])).join(' ');
}

function seconds(ms: number | undefined): string | undefined {
  return ms === undefined ? undefined : `${(ms / 1_000).toFixed(2)}s`;
}
