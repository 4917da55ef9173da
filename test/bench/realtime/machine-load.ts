/**
 * How busy the machine is, from Linux's /proc/stat: numbers of the live bench mean little on a machine that others use
 * at the same time.
 */

import { readFileSync } from 'node:fs';

/** Time of all processors since the machine began, in ticks. */
export interface ProcessorTime {
  readonly busyTicks: number;
  readonly allTicks: number;
}

/** Undefined where there is no /proc. */
export function readProcessorTime(): ProcessorTime | undefined {
  try {
    return processorTimeOf(readFileSync('/proc/stat', 'latin1'));
  } catch {
    return undefined;
  }
}

/** The first line of the text of /proc/stat: user nice system idle iowait irq softirq steal. */
export function processorTimeOf(text: string): ProcessorTime | undefined {
  const ticks = /^cpu +(.*)$/m.exec(text)?.[1]?.split(' ').slice(0, 8).map(Number);
  if (ticks === undefined || ticks.length < 8) {
    return undefined;
  }
  const allTicks = ticks.reduce((sum, value) => sum + value, 0);
  const idleTicks = (ticks[3] ?? 0) + (ticks[4] ?? 0);
  return { busyTicks: allTicks - idleTicks, allTicks };
}

/** Share of all processors that was used between two readings, in per cent; NaN when it cannot be told. */
export function busyPercent(before: ProcessorTime | undefined, after: ProcessorTime | undefined): number {
  return before === undefined || after === undefined
    ? Number.NaN
    : ((after.busyTicks - before.busyTicks) / (after.allTicks - before.allTicks)) * 100;
}
