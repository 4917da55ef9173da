/**
 * `dragoman status`: asks a running service how it is, and says it on one screen. The exit status is for monitoring. It
 * reads one page of the service's HTTP address and changes nothing.
 */

import { Command } from 'commander';
import { type Clock, systemClock } from '../base/clock.ts';
import { messageOf } from '../base/errors.ts';
import type { ServiceStatus } from '../server/http/service-status.ts';
import { askStatus } from './ask-status.ts';
import { SERVICE_FILES } from './check/service-files.ts';
import { formatHostPort } from './config/values.ts';
import type { CliContext } from './context.ts';
import { jsonText } from './json-text.ts';
import { statusAddress, type WrittenAddress } from './status-address.ts';
import { statusText } from './status-text.ts';

/** As monitoring has it: all is well, look at it, wake somebody. */
const EXIT_STATUSES: Readonly<Record<ServiceStatus['status'], number>> = { well: 0, degraded: 1, down: 2 };

const HELP = `
Without --http the address is found as serve finds it: DRAGOMAN_HTTP, then http in the file that --config or
DRAGOMAN_CONFIG names or, without one, in the service's ${SERVICE_FILES.yaml}; else it is the default of serve.

Exit status: 0 all is well; 1 degraded: it starts or ends, an engine does not do what it is there for, or many of the
latest utterances were not interpreted; 2 down: nobody answers, nothing of what should be interpreted is, or the flags are
wrong. With --json: an object of what the service says; {"status":"down","problems":[...]} when nobody answers.`;

/**
 * @param setStatus is given the exit status when it is not 0.
 * @param files of the service.
 */
export function statusCommand(
  context: CliContext,
  setStatus: (status: number) => void,
  clock: Clock = systemClock,
  files = SERVICE_FILES,
): Command {
  return new Command('status')
    .description(
      'say how a running service is: what serves each direction, its engines, calls, and what is degraded',
    )
    .allowExcessArguments(false)
    .option('--http <host:port>', 'the HTTP address of the service (default: as below)')
    .option('--config <file>', "the service's YAML file, for its address")
    .option('--json', 'print it as JSON')
    .addHelpText('after', HELP)
    .action(async ({ json = false, ...written }: WrittenAddress & { readonly json?: boolean }) => {
      const found = statusAddress(written, context.environment, files.yaml);
      const address = formatHostPort(found.address);
      try {
        const status = await askStatus(address, clock);
        context.writeOut(json ? `${jsonText(status)}\n` : statusText(status, address));
        setStatus(EXIT_STATUSES[status.status]);
      } catch (error) {
        const problem = `${messageOf(error)}${found.hint}`;
        context.writeOut(
          json ? `${jsonText({ status: 'down', problems: [problem] })}\n` : `DOWN: ${problem}\n`,
        );
        setStatus(EXIT_STATUSES.down);
      }
    });
}
