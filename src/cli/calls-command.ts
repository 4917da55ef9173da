/** `dragoman calls`: the calls of a running service, once. */

import { Command } from 'commander';
import { type Clock, systemClock } from '../base/clock.ts';
import { callLines } from './calls-text.ts';
import type { CliContext } from './context.ts';
import { jsonText } from './json-text.ts';
import { addServiceOptions, ServiceApi } from './service-api.ts';
import type { WrittenAddress } from './status-address.ts';
import { untilInterrupted } from './until-interrupted.ts';

const HELP = `
CALL is enough to name the call to tail, say and hangup, and lets nobody join it. LATE is how long after what was said
what closes its translation is heard, of the latest 20 but for the worst; WAITS is speech that a party has yet to hear.

Exit status: 0 calls or none; 1 nobody answers; 2 the flags are wrong.`;

export function callsCommand(context: CliContext, clock: Clock = systemClock): Command {
  const command = new Command('calls')
    .description('list the calls of a running service')
    .allowExcessArguments(false)
    .option('--all', 'those that are waited for and the latest that have ended, too')
    .option('--json', 'print them as JSON');
  return addServiceOptions(command)
    .addHelpText('after', HELP)
    .action((written: WrittenAddress & { readonly all?: boolean; readonly json?: boolean }) =>
      untilInterrupted(context.signals, async (signal) => {
        const api = new ServiceApi(written, context, { scope: 'read', clock, signal });
        try {
          const calls = await api.calls(written.all === true ? undefined : 'running');
          const text = written.json === true ? jsonText(calls) : callLines(calls).join('\n');
          context.writeOut(`${text}\n`);
        } finally {
          await api.close();
        }
      }),
    );
}
