/** `dragoman top`: the calls of a running service, drawn anew every two seconds. */

import { Command } from 'commander';
import { type Clock, systemClock } from '../base/clock.ts';
import { messageOf } from '../base/errors.ts';
import type { ShownCall } from '../server/http/api/call-schemas.ts';
import { NODES, SHARED_CALLS } from '../server/http/api/shared-schemas.ts';
import { type ServiceStatus, STATUS } from '../server/http/service-status.ts';
import { callLines } from './calls-text.ts';
import type { CliContext } from './context.ts';
import { jsonLine } from './json-text.ts';
import { nodeLines } from './nodes-text.ts';
import { addServiceOptions, ServiceApi } from './service-api.ts';
import type { WrittenAddress } from './status-address.ts';
import { untilInterrupted } from './until-interrupted.ts';

const EVERY_MS = 2_000;

const HELP = `
Ctrl+C ends it. Where stdout is no terminal it prints the table once. With --json: a line with all calls every two seconds.
WAITS is speech that a party has yet to hear, and LATE how late the latest translations were; calls that wait longest come
first, then those that fail most. With --cluster: the nodes that serve together, as the one that is asked knows them, and the
calls of all of them.

Exit status: 0 when it is ended; 1 nobody answers at the beginning; 2 the flags are wrong.`;

export function topCommand(context: CliContext, clock: Clock = systemClock): Command {
  const command = new Command('top')
    .description('watch the calls of a running service')
    .allowExcessArguments(false)
    .option('--cluster', 'the nodes that serve together, and their calls')
    .option('--json', 'print them as JSON');
  return addServiceOptions(command)
    .addHelpText('after', HELP)
    .action((written: WrittenAddress & { readonly json?: boolean; readonly cluster?: boolean }) =>
      untilInterrupted(context.signals, async (signal) => {
        const api = new ServiceApi(written, context, { scope: 'read', clock, signal });
        try {
          const look = written.cluster === true ? () => lookAtNodes(api, clock) : () => lookAtCalls(api);
          await watch(look, written.json === true, context, clock, signal);
        } finally {
          context.screen?.close();
          await api.close();
        }
      }),
    );
}

/** What is seen at one moment. */
interface Seen {
  readonly json: unknown;
  readonly lines: readonly string[];
}

async function lookAtCalls(api: ServiceApi): Promise<Seen> {
  const [status, calls] = await Promise.all([api.read('/status', STATUS), api.calls('running')]);
  return { json: calls, lines: [headLine(status, api.address), '', ...callLines(sorted(calls))] };
}

async function lookAtNodes(api: ServiceApi, clock: Clock): Promise<Seen> {
  const [nodes, { calls }] = await Promise.all([
    api.read('/api/v1/nodes', NODES),
    api.read('/api/v1/nodes/calls', SHARED_CALLS),
  ]);
  return { json: { ...nodes, calls }, lines: nodeLines(nodes, calls, api.address, clock.wallTime()) };
}

async function watch(
  look: () => Promise<Seen>,
  json: boolean,
  { writeOut, screen }: CliContext,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  let before: readonly string[] | undefined;
  for (;;) {
    let lines: readonly string[];
    try {
      const seen = await look();
      lines = json ? [jsonLine(seen.json)] : seen.lines;
      before = lines;
    } catch (error) {
      // A service that is started anew is back in a moment.
      if (before === undefined || signal.aborted) {
        throw error;
      }
      lines = json ? [] : [messageOf(error), ...before.slice(1)];
    }
    if (json || screen === undefined) {
      writeOut(lines.map((line) => `${line}\n`).join(''));
    } else {
      screen.draw(fitting(lines, screen.rows));
    }
    if (!json && screen === undefined) {
      return;
    }
    await clock.sleep(EVERY_MS, signal);
  }
}

function headLine({ status, version, calls, legs, problems }: ServiceStatus, address: string): string {
  const told = problems.length === 0 ? '' : `: ${problems.join('; ')}`;
  return `dragoman ${version} at ${address}  calls ${calls}  legs ${legs.active}/${legs.most}  ${status.toUpperCase()}${told}`;
}

/** Those on top in which somebody waits longest, then those that fail most; else those that have run longest. */
function sorted(calls: readonly ShownCall[]): readonly ShownCall[] {
  const waits = ({ parties }: ShownCall): number => Math.max(0, ...parties.map(({ backlogMs }) => backlogMs));
  const fails = ({ utterances }: ShownCall): number => utterances?.failed ?? 0;
  return calls.toSorted(
    (one, other) =>
      waits(other) - waits(one) ||
      fails(other) - fails(one) ||
      (other.durationMs ?? 0) - (one.durationMs ?? 0),
  );
}

/** What does not fit is told in the last line. */
function fitting(lines: readonly string[], rows: number): readonly string[] {
  const more = lines.length - rows + 1;
  return more <= 1 ? lines : [...lines.slice(0, rows - 1), `${more} lines more; a longer window shows them`];
}
