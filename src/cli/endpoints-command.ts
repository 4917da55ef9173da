/**
 * `dragoman endpoints`: the phones of an exchange, which Asterisk and dragoman both know. It writes the file that Asterisk
 * includes, on the machine where Asterisk runs, or asks a running service to. What is to be done is a word and not a
 * command of its own, so that manual and completion have all of its flags in one place.
 */

import { Argument, Command } from 'commander';
import { z } from 'zod';
import { type Clock, systemClock } from '../base/clock.ts';
import { AppError, messageOf } from '../base/errors.ts';
import { assertRendered } from '../server/endpoints/endpoint.ts';
import { FileEndpoints } from '../server/endpoints/file-endpoints.ts';
import { USUAL_REALM } from '../server/endpoints/sip-password.ts';
import { askWith } from './check/asterisk-checks.ts';
import type { CliContext } from './context.ts';
import { setCertificate } from './endpoints/certificate.ts';
import { ConsoleAsterisk } from './endpoints/console-asterisk.ts';
import { ENDPOINT_ACTIONS, type EndpointOptions } from './endpoints/endpoint-options.ts';
import { ENDPOINT_TASKS } from './endpoints/endpoint-tasks.ts';
import { ServiceEndpoints } from './endpoints/service-endpoints.ts';
import { addServiceOptions, ServiceApi } from './service-api.ts';
import { untilInterrupted } from './until-interrupted.ts';

/** Where the samples of dialplan/ include it from. */
const USUAL_FILE = '/etc/asterisk/dragoman/endpoints.conf';

const LANGUAGES = z.object({ languages: z.array(z.string()) });

const HELP = `
A phone has a name, a password, a language and a voice. They are written into a file that Asterisk includes (at the end of
pjsip.conf: #tryinclude dragoman/endpoints.conf), and Asterisk reloads: calls and registrations go on. What Asterisk does
not take is taken back, and said.
  $ dragoman endpoints certificate --host pbx.example.org          once: phones can come with TLS then, at port 5061
  $ dragoman endpoints add alice --language en --tls               makes a password, and shows it this once
  $ dragoman endpoints add bob --language fr --voice nova --password-file /run/bob
  $ dragoman endpoints list
  $ dragoman endpoints update bob --language de
  $ dragoman endpoints remove alice --when-idle

A password is no flag, because everybody on a machine sees those. Asterisk is given a digest of it; it is kept nowhere.
remove hangs up the phone's call first, or waits for its end. --service has the running service do it, over its API, by the
way that its --endpoints says: for an Asterisk on another machine.

Exit status: 0 it is done; 1 it could not be, and why is said; 2 what was asked for is wrong. Then nothing is changed.`;

export function endpointsCommand(context: CliContext, clock: Clock = systemClock): Command {
  const command = new Command('endpoints')
    .description(
      'phones of the exchange, with a language and a voice: add, list, show, update or remove them',
    )
    .addArgument(new Argument('<action>', 'what is to be done').choices([...ENDPOINT_ACTIONS]))
    .argument('[words...]', 'add, show, update, remove: the name of the phone')
    .option('--language <tag>', 'what is spoken at it')
    .option('--voice <voice>', 'what speaks for who is at it; @ana: the voice of that speaker')
    .option('--no-voice', 'update: the voice of the language from now on')
    .option('--password-file <file>', 'its password, in a file or a pipe (default: one is made)')
    .option('--new-password', 'update: another one is made')
    .option('--tls', 'its sound must be encrypted (SRTP), with keys by TLS')
    .option('--no-tls', 'update: it need not be')
    .option(
      '--transport <name>',
      'a transport of your pjsip.conf by which it is reached (with --tls: dragoman-tls)',
    )
    .option('--codecs <codec,...>', 'those it is offered, the best first (default: g722,alaw,ulaw)')
    .option('--context <name>', 'where what it dials is looked up (default: phones)')
    .option(
      '--realm <realm>',
      'in which Asterisk asks for its password; as default_realm of pjsip.conf, it tells nobody who exists',
      USUAL_REALM,
    )
    .option('--when-idle', 'remove: wait until it is in no call')
    .option('--overwrite', 'write over what somebody has changed by hand')
    .option('--file <file>', 'where the phones are written', USUAL_FILE)
    .option('--asterisk <command>', "Asterisk's command", 'asterisk')
    .option('--no-reload', 'write the file alone: Asterisk is neither asked nor told')
    .option('--service', 'have the running service do it')
    .option('--host <name>', 'certificate: make one for the name or address by which phones reach Asterisk')
    .option('--days <days>', 'certificate: how long it is good', '365')
    .option('--certificate <file>', 'certificate: the one that you have, as PEM')
    .option('--key <file>', 'certificate: its key')
    .option('--bind <host:port>', 'certificate: where Asterisk listens for TLS', '0.0.0.0:5061')
    .option(
      '--seen-in <folder>',
      'certificate: the folder of --file as Asterisk sees it, if it has a root of its own',
    )
    .option('--json', 'print JSON');
  return addServiceOptions(command)
    .addHelpText('after', HELP)
    .action((action: string, words: readonly string[], options: EndpointOptions) =>
      untilInterrupted(context.signals, async (signal) => {
        const known = ENDPOINT_ACTIONS.find((each) => each === action);
        if (known === undefined) {
          throw new AppError('bad-option', `${action} cannot be done with phones`);
        }
        const { file: path, realm, reload, asterisk } = options;
        const asked = new ConsoleAsterisk(askWith(asterisk.split(' ').filter((word) => word !== '')));
        const file = new FileEndpoints({ path, realm, asterisk: reload ? asked : undefined, clock });
        if (known === 'certificate') {
          await setCertificate({ file, options, context, clock, signal });
          return;
        }
        const scope = options.service === true ? 'control' : 'read';
        const api = new ServiceApi(options, context, { scope, clock, signal });
        const book = options.service === true ? new ServiceEndpoints(api) : file;
        const renders = async (language: string | undefined): Promise<void> => {
          if (language !== undefined && options.service !== true) {
            assertRendered(language, await renderedBy(api, language, context));
          }
        };
        try {
          const task = { book, assertRendered: renders, words, options, context, clock, signal };
          await ENDPOINT_TASKS[known](task);
        } finally {
          await api.close();
        }
      }),
    );
}

/** What the service interprets; none where it does not say, which is told. */
async function renderedBy(
  api: ServiceApi,
  language: string,
  context: CliContext,
): Promise<readonly string[]> {
  try {
    return (await api.read('/api/v1/languages', LANGUAGES)).languages;
  } catch (error) {
    context.writeError(
      `dragoman: not known whether ${language} is interpreted here, since the service does not say: ${messageOf(error)}\n`,
    );
    return [];
  }
}
