/**
 * What a process of this machine uses, from Linux's /proc: processor time of all its threads and resident memory.
 * The kernel counts processor time in ticks of 10 ms, so measure over seconds.
 */

import { readFileSync } from 'node:fs';

/** USER_HZ, which Linux shows to programs as 100 on every architecture Node runs on. */
const TICKS_PER_SECOND = 100;

export interface ProcessUsage {
  /** Processor time of all threads since the process began, user and system, in ms. */
  readonly cpuMs: number;
  readonly residentBytes: number;
  /** The most it ever had resident. */
  readonly peakResidentBytes: number;
}

/** Reads the usage of process `pid`, or undefined when there is no such process. */
export function readProcessUsage(pid: number): ProcessUsage | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const status = readFileSync(`/proc/${pid}/status`, 'latin1');
    return {
      cpuMs: cpuMsOf(stat),
      residentBytes: bytesOfLine(status, 'VmRSS'),
      peakResidentBytes: bytesOfLine(status, 'VmHWM'),
    };
  } catch {
    return undefined;
  }
}

/** Processor time of a process's first thread, user and system, in ms; NaN when there is no such process. */
export function readMainThreadCpuMs(pid: number): number {
  try {
    // The first field is in ns, and counts without ticks.
    return Number(readFileSync(`/proc/${pid}/task/${pid}/schedstat`, 'latin1').split(' ')[0]) / 1e6;
  } catch {
    return Number.NaN;
  }
}

/** The processor time in the text of /proc/PID/stat. */
export function cpuMsOf(stat: string): number {
  // The second field is the program's name in parentheses, and may hold spaces and parentheses itself.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  // proc(5) counts from 1: utime is field 14 and stime 15; these begin with field 3.
  const ticks = Number(fields[14 - 3]) + Number(fields[15 - 3]);
  return (ticks * 1_000) / TICKS_PER_SECOND;
}

/** The bytes of a line such as `VmRSS:   51234 kB` in the text of /proc/PID/status; NaN when it is not there. */
export function bytesOfLine(status: string, name: string): number {
  const kibibytes = new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1];
  return kibibytes === undefined ? Number.NaN : Number(kibibytes) * 1_024;
}
