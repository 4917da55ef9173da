/**
 * `bench cluster`: fleets that are larger than this machine, on simulated time, under faults. The nodes are the real ones, but
 * for sound and sockets. It fails when a call is at two nodes in the end, when a leg waits, or when nodes know different things.
 */

import { Command } from 'commander';
import { systemClock } from '../../../src/base/clock.ts';
import { type FleetOptions, NO_FAULTS, SimFleet } from '../../cluster/sim-fleet.ts';
import { describeMachine, machineLine } from '../machine.ts';
import { wholeFrom } from '../options.ts';
import { spreadOf } from '../percentiles.ts';
import { cell, renderTable } from '../report-table.ts';

interface ClusterFlags {
  readonly nodes: number;
  readonly calls: number;
  readonly seconds: number;
  readonly seed: number;
  readonly only?: string;
}

/** How long calls last, as shares of the span: most end in it, some outlive it. */
const CALL_SHARES = [0.05, 0.8] as const;
/** Of what does not come right, so many are named. */
const MOST_NAMED = 10;

type Case = Pick<FleetOptions, 'dialling' | 'placement' | 'faults'>;

/** @param nodes of the fleet: of each fault as many as make it hard and leave it standing. */
function casesFor(nodes: number): readonly (readonly [what: string, options: Case])[] {
  const few = Math.max(1, Math.round(nodes / 10));
  const many = Math.max(1, Math.round(nodes / 3));
  const first = { dialling: 'inherited', placement: 'first' } as const;
  const anywhere = { dialling: 'anywhere', placement: 'first' } as const;
  const all = {
    kills: few,
    freezes: few,
    drains: many,
    joins: few,
    splits: 2,
    slow: 3,
    away: 1,
    late: 2,
    waves: 1,
    stands: 1,
  };
  return [
    ['nothing', { ...first, faults: NO_FAULTS }],
    ['nothing, legs to any node', { ...anywhere, faults: NO_FAULTS }],
    ['deaths and joins', { ...first, faults: { ...NO_FAULTS, kills: few, freezes: few, joins: few } }],
    ['all nodes replaced', { ...first, faults: { ...NO_FAULTS, drains: nodes } }],
    ['nodes replaced, broker stands', { ...first, faults: { ...NO_FAULTS, drains: many, stands: 4 } }],
    ['slow broker, split, away', { ...anywhere, faults: { ...NO_FAULTS, slow: 4, splits: 3, away: 2 } }],
    ['some nodes told or heard late', { ...anywhere, faults: { ...NO_FAULTS, late: 6 } }],
    ['a quarter dies, all join at once', { ...first, faults: { ...NO_FAULTS, waves: 3 } }],
    ['all at once', { ...first, faults: all }],
    ['all at once, legs to any node', { ...anywhere, faults: all }],
    ['all at once, spread by id', { ...anywhere, placement: 'hash', faults: all }],
  ];
}

const HEAD = [
  ...['what goes wrong', 'legs placed', 'passed on', 'adopted', 'handed over', 'yielded', 'cut off'],
  ...['out, p50 ms', 'p99', 'max', 'messages', 'asked', 'records', 'took, s', 'amiss'],
];

export function clusterCommand(): Command {
  return new Command('cluster')
    .description('Fleets of nodes under faults, on simulated time: where calls are in the end.')
    .option('--nodes <n>', 'nodes', wholeFrom(2, 200), 50)
    .option('--calls <n>', 'calls of two legs each', wholeFrom(1, 100_000), 20_000)
    .option('--seconds <n>', 'in which they begin and all goes wrong', wholeFrom(5, 3_600), 120)
    .option('--only <words>', 'cases whose name has these words')
    .option('--seed <n>', 'of what is drawn', wholeFrom(1, 1_000_000), 1)
    .action(({ nodes, calls, seconds, seed, only = '' }: ClusterFlags) => {
      console.log(`${nodes} nodes, ${calls} calls in ${seconds} s of simulated time`);
      console.log(`${machineLine(describeMachine())}\n`);
      const spanMs = seconds * 1_000;
      const rows: string[][] = [];
      const problems: string[] = [];
      for (const [what, options] of casesFor(nodes).filter(([name]) => name.includes(only))) {
        const callMs = [spanMs * CALL_SHARES[0], spanMs * CALL_SHARES[1]] as const;
        const beganMs = systemClock.nowMs();
        const fleet = new SimFleet({ ...options, seed, nodes, calls, spanMs, callMs });
        fleet.run();
        const amiss = fleet.problems();
        rows.push([what, ...rowOf(fleet, systemClock.nowMs() - beganMs, amiss.length)]);
        problems.push(...amiss.slice(0, MOST_NAMED).map((problem) => `${what}: ${problem}`));
      }
      console.log(renderTable(HEAD, rows));
      console.log(
        '\nout: from the loss of its connection to its place elsewhere; a process that stands still is killed after 2 s',
      );
      for (const problem of problems) {
        console.log(problem);
      }
      process.exitCode = problems.length === 0 ? 0 : 1;
    });
}

function rowOf(fleet: SimFleet, tookMs: number, amiss: number): readonly string[] {
  const { placed, passedOn, adopted, handedOver, yielded, cutOff } = fleet.told;
  const { p50, p99, max } = spreadOf(fleet.outagesMs);
  return [
    ...[placed, passedOn, adopted, handedOver, yielded, cutOff].map((count) => cell(count, 0)),
    ...[p50, p99, max].map((ms) => (Number.isNaN(ms) ? '-' : cell(ms, 0))),
    ...[fleet.nodes.broker.delivered, fleet.asked, fleet.mostRecords].map((count) => cell(count, 0)),
    cell(tookMs / 1_000, 1),
    cell(amiss, 0),
  ];
}
