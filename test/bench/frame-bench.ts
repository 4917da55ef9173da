/**
 * `bench frame`: what one 20 ms frame costs in each stage of its journey, in µs of one core. 400 legs are 20,000
 * frames a second each way, so 1 µs a frame is 2 % of a core.
 */

import { writeFileSync } from 'node:fs';
import { systemClock } from '../../src/base/clock.ts';
import { loadMediaModules } from '../../src/media/dsp/wasm.ts';
import { legCases } from './leg-cases.ts';
import { describeMachine, machineLine } from './machine.ts';
import { type Measurement, measure } from './measure.ts';
import { cell, renderTable } from './report-table.ts';
import { rtpCases } from './rtp-cases.ts';
import { soundCases } from './sound-cases.ts';
import { wireCases } from './wire-cases.ts';

export interface FrameBenchOptions {
  /** Only cases whose name contains this. */
  readonly only: string | undefined;
  /** Runs of each case. */
  readonly runs: number;
  /** Where the numbers go as JSON. */
  readonly jsonFile: string | undefined;
}

export async function benchFrame(options: FrameBenchOptions): Promise<void> {
  const machine = describeMachine();
  console.log(`frame: cost of one 20 ms frame, ${options.runs} runs of 100 ms after 300 ms of warm-up`);
  console.log(`${machineLine(machine)}\n`);
  const modules = await loadMediaModules();
  const cases = [...wireCases(), ...rtpCases(), ...soundCases(modules), ...legCases(modules)];
  const measurements: Measurement[] = [];
  for (const subject of cases) {
    if (subject.name.includes(options.only ?? '')) {
      measurements.push(measure(subject, options.runs, systemClock));
    }
    subject.close?.();
  }
  console.log(frameTable(measurements));
  if (options.jsonFile !== undefined) {
    const report = { scope: 'frame', machine, measurements };
    writeFileSync(options.jsonFile, `${JSON.stringify(report, null, 2)}\n`);
  }
}

function frameTable(measurements: readonly Measurement[]): string {
  const head = ['one 20 ms frame', 'median µs', 'min', 'max', 'frames/s', 'bytes allocated'];
  const rows = measurements.map((one) => [
    one.name,
    cell(one.medianUs, 3),
    cell(one.minUs, 3),
    cell(one.maxUs, 3),
    cell(one.framesPerSecond, 0),
    cell(one.allocatedBytes, 0),
  ]);
  return renderTable(head, rows);
}
