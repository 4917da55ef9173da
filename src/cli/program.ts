/**
 * The `dragoman` program: its commands, and what becomes of what they throw. Exit status 0 is success, 2 means
 * that what was asked for is wrong (flags, environment, file), 1 is everything else. The operator reads
 * sentences, never a stack, unless `DRAGOMAN_DEBUG=1`.
 */

import { Command, CommanderError } from 'commander';
import { AppError, messageOf } from '../base/errors.ts';
import { callCommand } from './call-command.ts';
import { callsCommand } from './calls-command.ts';
import { checkCommand } from './check-command.ts';
import { compareCommand } from './compare-command.ts';
import { DEBUG_VARIABLE } from './config/environment.ts';
import type { CliContext } from './context.ts';
import { hangupCommand } from './hangup-command.ts';
import { interpretCommand } from './interpret-command.ts';
import { qualityCommand } from './records/quality-command.ts';
import { recordsCommand } from './records/records-command.ts';
import { refusalSentence } from './refusals.ts';
import { sayCommand } from './say-command.ts';
import { serveCommand } from './serve-command.ts';
import { statusCommand } from './status-command.ts';
import { tailCommand } from './tail-command.ts';
import { topCommand } from './top-command.ts';
import { unsealCommand } from './unseal-command.ts';
import { readVersion } from './version.ts';
import { voiceCommand } from './voice-command.ts';

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
  const program = createProgram(context, (failed) => {
    status = failed;
  });
  try {
    await program.parseAsync([...words], { from: 'user' });
    return status;
  } catch (error) {
    return report(error, program, words, context);
  }
}

/**
 * The program with all its commands, none of which is run yet. @param setStatus is given an exit status that is not
 * 0.
 */
export function createProgram(context: CliContext, setStatus: (status: number) => void): Command {
  const program = new Command('dragoman')
    .description(
      'A live interpreter for telephone calls: two people who share no language talk on an Asterisk call, and each ' +
        'hears the other in their own.',
    )
    .version(readVersion(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand(false)
    .addHelpText('after', EXAMPLES)
    .addCommand(serveCommand(context, setStatus))
    .addCommand(checkCommand(context, setStatus))
    .addCommand(statusCommand(context, setStatus))
    .addCommand(topCommand(context))
    .addCommand(callsCommand(context))
    .addCommand(tailCommand(context))
    .addCommand(sayCommand(context))
    .addCommand(hangupCommand(context))
    .addCommand(interpretCommand(context))
    .addCommand(recordsCommand(context))
    .addCommand(qualityCommand(context))
    .addCommand(callCommand(setStatus))
    .addCommand(voiceCommand(context))
    .addCommand(compareCommand())
    .addCommand(unsealCommand(context, setStatus));
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
