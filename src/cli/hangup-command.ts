/** `dragoman hangup`: ends a call of a running service, or one party's part in it. */

import { Command } from 'commander';
import { type Clock, systemClock } from '../base/clock.ts';
import type { CliContext } from './context.ts';
import { addServiceOptions, ServiceApi } from './service-api.ts';
import type { WrittenAddress } from './status-address.ts';
import { untilInterrupted } from './until-interrupted.ts';

const HELP = `
CALL and PARTY are what "dragoman calls" shows; of CALL its beginning is enough. In a call of two the other party is hung up
with the one that is named. A call that is waited for is waited for no longer.

Exit status: 0 it is hung up; 1 it cannot be, and why is said; 2 what was asked for is wrong.`;

export function hangupCommand(context: CliContext, clock: Clock = systemClock): Command {
  const command = new Command('hangup')
    .description('hang up a call, or one of its parties')
    .argument('<call>', 'the call, or the beginning of its name')
    .argument('[party]', 'the party (default: all of them)')
    .allowExcessArguments(false);
  return addServiceOptions(command)
    .addHelpText('after', HELP)
    .action((call: string, party: string | undefined, written: WrittenAddress) =>
      untilInterrupted(context.signals, async (signal) => {
        const api = new ServiceApi(written, context, { scope: 'control', clock, signal });
        try {
          const path = `/api/v1/calls/${await api.idOf(call)}`;
          await api.act(
            'DELETE',
            party === undefined ? path : `${path}/parties/${encodeURIComponent(party)}`,
          );
          context.writeOut(`${party === undefined ? 'the call is' : `${party} is`} hung up\n`);
        } finally {
          await api.close();
        }
      }),
    );
}
