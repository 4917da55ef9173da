/** `dragoman say`: has a running service speak a text to one party of a call. */

import { Command } from 'commander';
import { type Clock, systemClock } from '../base/clock.ts';
import type { CliContext } from './context.ts';
import { addServiceOptions, ServiceApi } from './service-api.ts';
import type { WrittenAddress } from './status-address.ts';
import { untilInterrupted } from './until-interrupted.ts';

interface SayOptions extends WrittenAddress {
  readonly language?: string;
  readonly interrupt?: boolean;
}

const HELP = `
CALL and PARTY are what "dragoman calls" shows; of CALL its beginning is enough:
  $ dragoman say 3f2a b Su médico viene enseguida.
  $ dragoman say 3f2a b --language en The doctor is on her way.
Only that party hears it, before what is interpreted.

Exit status: 0 it will be said; 1 it cannot be, and why is said; 2 what was asked for is wrong.`;

export function sayCommand(context: CliContext, clock: Clock = systemClock): Command {
  const command = new Command('say')
    .description('speak a text to one party of a call')
    .argument('<call>', 'the call, or the beginning of its name')
    .argument('<party>', 'who is to hear it')
    .argument('<text...>', 'what is to be said')
    .option(
      '--language <tag>',
      "what the text is written in; it is translated if that is not the party's language",
    )
    .option('--interrupt', 'what is being said to the party is heard no more; announcements are said again');
  return addServiceOptions(command)
    .addHelpText('after', HELP)
    .action(
      (
        call: string,
        party: string,
        words: readonly string[],
        { language, interrupt, ...written }: SayOptions,
      ) =>
        untilInterrupted(context.signals, async (signal) => {
          const api = new ServiceApi(written, context, { scope: 'control', clock, signal });
          try {
            const path = `/api/v1/calls/${await api.idOf(call)}/parties/${encodeURIComponent(party)}/say`;
            await api.act('POST', path, {
              text: words.join(' '),
              ...(language === undefined ? {} : { language }),
              ...(interrupt === true ? { interrupt } : {}),
            });
            context.writeOut(`${party} is told it\n`);
          } finally {
            await api.close();
          }
        }),
    );
}
