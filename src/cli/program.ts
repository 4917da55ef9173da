/**
 * The `dragoman` program: its commands, and what becomes of what they throw. Exit status 0 is success, 2 means
 * that what was asked for is wrong (flags, environment, file), 1 is everything else. The operator reads
 * sentences, never a stack, unless `DRAGOMAN_DEBUG=1`.
 */

import { Command, CommanderError } from 'commander';
import { AppError, messageOf } from '../base/errors.ts';
import { DEBUG_VARIABLE } from './config/environment.ts';
import type { CliContext } from './context.ts';
import { refusalSentence } from './refusals.ts';
import { readVersionAndRevision } from './version.ts';

type SetStatus = (status: number) => void;

/**
 * The commands in the order of the help. Each is loaded when it is asked for, since most of a start is loading: who only
 * asks a running service does without what serves.
 */
const COMMANDS: Readonly<Record<string, (context: CliContext, setStatus: SetStatus) => Promise<Command>>> = {
  serve: async (context, setStatus) => (await import('./serve-command.ts')).serveCommand(context, setStatus),
  check: async (context, setStatus) => (await import('./check-command.ts')).checkCommand(context, setStatus),
  status: async (context, setStatus) =>
    (await import('./status-command.ts')).statusCommand(context, setStatus),
  top: async (context) => (await import('./top-command.ts')).topCommand(context),
  calls: async (context) => (await import('./calls-command.ts')).callsCommand(context),
  tail: async (context) => (await import('./tail-command.ts')).tailCommand(context),
  listen: async (context) => (await import('./listen-command.ts')).listenCommand(context),
  say: async (context) => (await import('./say-command.ts')).sayCommand(context),
  hangup: async (context) => (await import('./hangup-command.ts')).hangupCommand(context),
  interpret: async (context) => (await import('./interpret-command.ts')).interpretCommand(context),
  records: async (context) => (await import('./records/records-command.ts')).recordsCommand(context),
  quality: async (context) => (await import('./records/quality-command.ts')).qualityCommand(context),
  call: async (_context, setStatus) => (await import('./call-command.ts')).callCommand(setStatus),
  voice: async (context) => (await import('./voice-command.ts')).voiceCommand(context),
  endpoints: async (context) => (await import('./endpoints-command.ts')).endpointsCommand(context),
  compare: async () => (await import('./compare-command.ts')).compareCommand(),
  unseal: async (context, setStatus) =>
    (await import('./unseal-command.ts')).unsealCommand(context, setStatus),
  replay: async (context, setStatus) =>
    (await import('./replay-command.ts')).replayCommand(context, setStatus),
  report: async (context) => (await import('./report-command.ts')).reportCommand(context),
};

const EXAMPLES = `
Examples:
  Two parties, one speaks English and one Spanish; see that all is there, then run:
    $ dragoman check --pair en:es
    $ dragoman serve --pair en:es

  The same with Deepgram, DeepL and an XTTS server of your own, which are used once they are set up:
    $ export DEEPGRAM_API_KEY=... DEEPL_API_KEY=... XTTS_URL=http://10.0.0.7:8000
    $ dragoman serve --pair en:fr

  Asterisk runs on another machine of the network 10.0.0.0/8:
    $ dragoman serve --pair en:es --listen 0.0.0.0:5050 --allow 10.0.0.0/8

  In extensions.conf, the two legs of a call share a UUID but for its last digit: 0 speaks the first language of
  the pair, 1 the second:
    exten => 7777,1,Answer()
     same => n,AudioSocket(40325ec2-5efd-4bd3-805f-53576e581d10,127.0.0.1:5050)
    exten => 8888,1,Answer()
     same => n,AudioSocket(40325ec2-5efd-4bd3-805f-53576e581d11,127.0.0.1:5050)

  dragoman <command> --help tells the flags of a command.`;

/** Runs the program on `words` (what follows its name) and resolves to the exit status. Never throws. */
export async function runProgram(words: readonly string[], context: CliContext): Promise<number> {
  let status = 0;
  const [first = ''] = words;
  const setStatus: SetStatus = (failed) => {
    status = failed;
  };
  const program = await createProgram(context, setStatus, namesNeeded(first));
  try {
    await program.parseAsync([...words], { from: 'user' });
    return status;
  } catch (error) {
    return report(error, program, words, context);
  }
}

/** The commands that a first word asks for: itself, none for the version, all for the help and for what is misspelt. */
function namesNeeded(first: string): readonly string[] | undefined {
  if (Object.hasOwn(COMMANDS, first)) {
    return [first];
  }
  return first === '--version' || first === '-V' ? [] : undefined;
}

/**
 * The program, none of whose commands is run yet. @param setStatus is given an exit status that is not 0.
 * @param names of the commands that it is to have; default all of them.
 */
export async function createProgram(
  context: CliContext,
  setStatus: SetStatus,
  names: readonly string[] = Object.keys(COMMANDS),
): Promise<Command> {
  const loaded = names.flatMap((name) => COMMANDS[name] ?? []);
  const program = new Command('dragoman')
    .description(
      'A live interpreter for telephone calls: two people who share no language talk on an Asterisk call, and each ' +
        'hears the other in their own.',
    )
    .version(readVersionAndRevision(), '-V, --version', 'print the version and the commit it was built from')
    .helpOption('-h, --help', 'print this help')
    .helpCommand(false)
    .addHelpText('after', EXAMPLES);
  for (const load of loaded) {
    program.addCommand(await load(context, setStatus));
  }
  prepare(program, context);
  return program;
}

/** Makes a command, and those below it, write through the context and throw instead of ending the process. */
function prepare(command: Command, context: CliContext): void {
  command
    .exitOverride()
    .configureOutput({
      writeOut: context.writeOut,
      writeErr: context.writeError,
      // Told once, by `report`.
      outputError: () => {},
    })
    .configureHelp({ helpWidth: 110 });
  for (const child of command.commands) {
    prepare(child, context);
  }
}

function report(error: unknown, program: Command, words: readonly string[], context: CliContext): number {
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) {
      // Help or the version was printed.
      return 0;
    }
    const sentence = refusalSentence(error, program, words);
    if (sentence !== '') {
      tell(sentence, context);
    }
    return 2;
  }
  tell(messageOf(error), context);
  if (context.environment[DEBUG_VARIABLE] === '1' && error instanceof Error) {
    context.writeError(`${error.stack ?? ''}\n`);
  }
  return error instanceof AppError && error.category === 'usage' ? 2 : 1;
}

function tell(message: string, context: CliContext): void {
  for (const line of message.split('\n')) {
    context.writeError(`dragoman: ${line}\n`);
  }
}
