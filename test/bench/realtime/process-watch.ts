/**
 * What several processes use between two moments, and how busy everything else keeps the machine meanwhile.
 */

import { availableParallelism } from 'node:os';
import { systemClock } from '../../../src/base/clock.ts';
import { readProcessUsage } from '../process-usage.ts';
import { busyPercent, readProcessorTime } from './machine-load.ts';

/** Processor time, in per cent of one core unless said otherwise; NaN where it cannot be told. */
export interface WatchedUsage {
  /** Of each process, in the order in which they were given. */
  readonly percents: readonly number[];
  /** What others used of all cores. */
  readonly othersPercent: number;
  readonly tookMs: number;
}

/** Begins to watch; ask the returned function while the processes still run: one that has ended uses nothing. */
export function watchProcesses(pids: readonly (number | undefined)[]): () => WatchedUsage {
  const before = pids.map(cpuMs);
  const machineBefore = readProcessorTime();
  const fromMs = systemClock.nowMs();
  return () => {
    const tookMs = systemClock.nowMs() - fromMs;
    const percents = pids.map((pid, index) => ((cpuMs(pid) - (before[index] ?? Number.NaN)) / tookMs) * 100);
    const ours = percents.reduce((sum, percent) => sum + percent, 0) / availableParallelism();
    return { percents, othersPercent: busyPercent(machineBefore, readProcessorTime()) - ours, tookMs };
  };
}

function cpuMs(pid: number | undefined): number {
  return (pid === undefined ? undefined : readProcessUsage(pid))?.cpuMs ?? Number.NaN;
}
