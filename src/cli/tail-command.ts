/** `dragoman tail`: what is said in a call, or in all, as it is said. */

import { Command } from 'commander';
import { type Clock, systemClock } from '../base/clock.ts';
import { AppError } from '../base/errors.ts';
import { shownJson } from '../base/shown-text.ts';
import type { CliContext } from './context.ts';
import { addServiceOptions, ServiceApi } from './service-api.ts';
import type { WrittenAddress } from './status-address.ts';
import { TailText } from './tail-text.ts';
import { untilInterrupted } from './until-interrupted.ts';

/** What makes a line, asked for by name: a service that does not share it says so. */
const TYPES = 'party-state,heard,spoken,uninterpreted,saying,ended';

const HELP = `
CALL is what "dragoman calls" shows, or its beginning; without it all calls are followed from now on. The service shares what
is said with --captions, to tokens that have the scope "captions" where there are tokens. With --json: a line for each event,
hearings that are not final among them.

Exit status: 0 the call is over, or it is ended with Ctrl+C; 1 there is nothing to follow, and why is said; 2 what was asked
for is wrong.`;

export function tailCommand(context: CliContext, clock: Clock = systemClock): Command {
  const command = new Command('tail')
    .description('follow what is said in a call, as it is said')
    .argument('[call]', 'the call, or the beginning of its name (default: all calls)')
    .allowExcessArguments(false)
    .option('--json', 'print events as JSON');
  return addServiceOptions(command)
    .addHelpText('after', HELP)
    .action((call: string | undefined, written: WrittenAddress & { readonly json?: boolean }) =>
      untilInterrupted(context.signals, async (signal) => {
        const api = new ServiceApi(written, context, { scope: 'captions', clock, signal });
        const text = new TailText(call === undefined);
        let over = false;
        try {
          const of = call === undefined ? '' : `/calls/${await api.idOf(call)}`;
          await api.follow(`/api/v1${of}/events?types=${TYPES}`, (json, event) => {
            over ||= call !== undefined && event?.type === 'ended';
            const line = written.json === true ? shownJson(json) : event && text.lineOf(event);
            context.writeOut(line === undefined ? '' : `${line}\n`);
          });
          if (!over) {
            throw new AppError(
              'server-unreachable',
              'the service has ended what it told: it has stopped, or the call is over; dragoman status says whether it runs',
            );
          }
        } finally {
          await api.close();
        }
      }),
    );
}
