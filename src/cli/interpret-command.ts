/**
 * `dragoman interpret`: has a running service put an interpreter into a call that Asterisk runs by itself, or take it
 * off. It asks the service's HTTP address on this machine; the service asks Asterisk.
 */

import { Command, Option } from 'commander';
import { z } from 'zod';
import { type Clock, systemClock } from '../base/clock.ts';
import { AppError } from '../base/errors.ts';
import { parseLanguagePair } from '../base/language.ts';
import { ORIGINAL_MODES } from '../call/plan.ts';
import { SERVICE_FILES } from './check/service-files.ts';
import { formatHostPort } from './config/values.ts';
import type { CliContext } from './context.ts';
import { httpPost, notOurs } from './http-ask.ts';
import { apiToken, statusAddress, type WrittenAddress } from './status-address.ts';

interface InterpretOptions extends WrittenAddress {
  readonly pair?: string;
  readonly off?: boolean;
  readonly original?: string;
}

/** Asterisk may be slow, and is asked again for what it did not make, in ms. */
const LIMIT_MS = 30_000;

const ANSWER = z.object({ detail: z.string().optional() });

const HELP = `
CHANNEL is one of the channels of the call, as "asterisk -rx 'core show channels'" lists it:
  $ dragoman interpret PJSIP/alice-00000001 --pair en:es
Its party speaks the first language, whoever it talks with the second: one other, an agent of a queue, or all others of a
conference. They go on hearing each other, and hear the translation besides; softer with --original duck, next to not at all
with --original off, for which Asterisk needs dialplan/manager.conf. Nothing in the dialplan is needed; the service needs
--ari. The interpreter goes with the call, or with --off; then the call goes on as it was.

Exit status: 0 the call is interpreted, or no longer; 1 it cannot be, and why is said; 2 what was asked for is wrong.`;

/** @param files of the service. */
export function interpretCommand(
  context: CliContext,
  clock: Clock = systemClock,
  files = SERVICE_FILES,
): Command {
  return new Command('interpret')
    .description('interpret a call that Asterisk runs already, by one of its channels')
    .argument('<channel>', 'one of the channels of the call')
    .allowExcessArguments(false)
    .option('--pair <a:b>', 'what the party of the channel speaks, and the others: en:es')
    .addOption(
      new Option('--original <how>', 'how loud they hear each other under the translation').choices(
        ORIGINAL_MODES,
      ),
    )
    .option('--off', 'take the interpreter off again')
    .option('--http <host:port>', 'the HTTP address of the service (default: as for status)')
    .option('--config <file>', "the service's YAML file, for its address and its tokens")
    .option(
      '--api-token-file <file>',
      "a token of the service's API, in a file as the service has (default: the service's)",
    )
    .addHelpText('after', HELP)
    .action(async (channel: string, options: InterpretOptions) => {
      const { path, body, done } = asked(channel, options);
      const found = statusAddress(options, context.environment, files.yaml);
      const address = formatHostPort(found.address);
      const token = apiToken(options, context.environment, files.yaml, 'control');
      const { status, text } = await httpPost({ address, path, token }, body, LIMIT_MS, clock);
      const answer = answered(text);
      if (answer === undefined) {
        throw notOurs(address);
      }
      if (status !== 200) {
        throw new AppError('engine-refused', answer.detail ?? `the service answers with status ${status}`);
      }
      context.writeOut(`${done}\n`);
    });
}

/** What the service is asked, and what is so when it has done it. @throws AppError `bad-option`. */
function asked(channel: string, { pair, off = false, original = 'full' }: InterpretOptions) {
  if (off === (pair !== undefined)) {
    throw new AppError('bad-option', 'write either --pair, such as --pair en:es, or --off');
  }
  if (pair === undefined) {
    return { path: '/api/v1/whispers/end', body: { channel }, done: 'the call is interpreted no longer' };
  }
  const { first: from, second: to } = parseLanguagePair(pair);
  const body = { channel, from, to, original };
  return { path: '/api/v1/whispers', body, done: 'the call is being interpreted' };
}

/** What the service has answered; undefined when it is not the service. */
function answered(text: string): z.infer<typeof ANSWER> | undefined {
  try {
    return ANSWER.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
