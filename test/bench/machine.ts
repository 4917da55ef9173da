/**
 * On what and when a benchmark ran. Numbers compare within one run on one machine, so each report begins with it.
 */

import { availableParallelism, cpus, totalmem } from 'node:os';
import { systemClock } from '../../src/base/clock.ts';

export interface Machine {
  readonly cores: number;
  readonly cpuModel: string;
  readonly memoryBytes: number;
  readonly node: string;
  readonly date: string;
}

export function describeMachine(): Machine {
  return {
    cores: availableParallelism(),
    cpuModel: cpus()[0]?.model.trim() ?? 'unknown',
    memoryBytes: totalmem(),
    node: process.version,
    date: systemClock.wallTime().toISOString(),
  };
}

/** The machine in one line. */
export function machineLine(machine: Machine): string {
  const gigabytes = (machine.memoryBytes / 1e9).toFixed(1);
  return `${machine.cores} cores, ${machine.cpuModel}, ${gigabytes} GB, Node ${machine.node}, ${machine.date}`;
}
