/**
 * `dragoman call`: plays all legs of one call against a running server, and tells what each party heard. It needs
 * no Asterisk; it is how the demo calls, how a server is tried before a PBX is pointed at it, and how one is watched.
 */

import { Command, type Option } from 'commander';
import { type Clock, systemClock } from '../base/clock.ts';
import { AppError, isAbort } from '../base/errors.ts';
import { CallProgress, type ProgressOutput } from '../client/call-progress.ts';
import type { CallReport } from '../client/call-report.ts';
import { callTable } from '../client/call-table.ts';
import { heardSentence } from '../client/heard-summary.ts';
import { keepCall, reportCall } from '../client/keep-call.ts';
import { runCall } from '../client/run-call.ts';
import { prepareOutDir } from '../client/speech-file.ts';
import { AUDIO_KINDS } from '../protocol/audiosocket/kinds.ts';
import { CALL_DEFAULTS, type CallOptions, readCallPlan, serverText } from './call/call-plan.ts';
import {
  CALL_STATUS_HELP,
  INTERRUPTED,
  monitorCall,
  monitorError,
  outcomeOfError,
  statusOf,
} from './call/call-statuses.ts';
import { jsonText } from './json-text.ts';
import { WordOption } from './word-option.ts';

/** What the command takes from the process; tests give their own. */
export interface CallCommandHost {
  readonly clock: Clock;
  readonly stdout: { write(text: string): unknown };
  readonly stderr: ProgressOutput;
}

/** A call that was made, and whether the operator ended it. */
interface MadeCall {
  readonly report: CallReport;
  readonly interrupted: boolean;
}

const RATES: readonly string[] = AUDIO_KINDS.map(({ rateHz }) => String(rateHz));

/** Progress is for people who wait. */
const NOWHERE: ProgressOutput = { write: () => true };

/**
 * The command, to be added to a program. Its action writes progress to stderr, and to stdout what was heard.
 * @param setStatus is given the exit status when it is not 0 and nothing is thrown.
 * @throws AppError (from its action) `bad-option`, `file-unreadable`, `wav-unreadable`, `file-unwritable`; with
 * `--monitor` nothing, since its line says it.
 */
export function callCommand(
  setStatus: (status: number) => void,
  host: CallCommandHost = { clock: systemClock, stdout: process.stdout, stderr: process.stderr },
): Command {
  return new Command('call')
    .description('make a call to a server, playing Asterisk for all parties, and tell what each heard')
    .addOption(
      once(
        '--server <host:port,...>',
        'the AudioSocket address of the server; several, with commas: one for each party',
      ),
    )
    .addOption(
      once(
        '--ws <url,...>',
        'in place of --server: a WebSocket for each party, such as ws://127.0.0.1:3002/translate/7777; ?token= brings a token',
      ),
    )
    .option(
      '--a <wav...>',
      'what the first of two parties says: 16-bit PCM WAV files of any rate, one after the other',
    )
    .option('--b <wav...>', 'what the second says; without it it only listens')
    .option(
      '--party <language[=wav,...]>',
      'in place of --a and --b: a party, what it speaks and says; repeat it for each. Without files it only listens; one alone is answered by a voice agent',
      collected,
    )
    .addOption(
      once(
        '--room <name>',
        'meet in this room of a server that pairs by room, each party in the language it is given',
      ),
    )
    .addOption(once('--pause-ms <ms>', 'silence between two files of one party', CALL_DEFAULTS.pauseMs))
    .addOption(
      once(
        '--after-ms <ms,...>',
        'when each party begins to speak after all are connected; the last counts for the rest',
        CALL_DEFAULTS.afterMs,
      ),
    )
    .addOption(
      once('--out <dir>', 'folder to keep what was heard, the report and the picture in; made if missing'),
    )
    .addOption(once('--rate <hz>', `rate of all legs: ${RATES.join(', ')}`, CALL_DEFAULTS.rate, RATES))
    .addOption(
      once(
        '--http <host:port>',
        'the HTTP address of the server, for captions; or a URL',
        CALL_DEFAULTS.http,
      ),
    )
    .addOption(
      once(
        '--api-token-file <file>',
        'a token for captions, where the server wants one, in a file as it has',
      ),
    )
    .addOption(
      once(
        '--linger-ms <ms>',
        'how long silence, or the noise of a line, on all legs ends the call',
        CALL_DEFAULTS.lingerMs,
      ),
    )
    .addOption(
      once(
        '--max-seconds <s>',
        'how long after the end of speech the call ends in any case',
        CALL_DEFAULTS.maxSeconds,
      ),
    )
    .option(
      '--expect <[party=]text>',
      'what the captions must say, of anybody or of one party (what it is understood to say, and what it hears): ' +
        'words, whatever their capitals, marks and accents; repeat it for more. Needs a server with --captions',
      collected,
    )
    .option('--json', 'write the report to stdout, as JSON')
    .option(
      '--monitor',
      'write one line to stdout and end with a status as Nagios, Icinga and the like read it',
    )
    .addHelpText('after', CALL_STATUS_HELP)
    .action((options: CallOptions) => callAndTell(options, setStatus, host));
}

/** Makes the call and tells of it in the way that was asked for. */
async function callAndTell(
  options: CallOptions,
  setStatus: (status: number) => void,
  host: CallCommandHost,
): Promise<void> {
  try {
    const { report, interrupted } = await makeCall(options, host);
    if (options.monitor === true) {
      const { status, line } = monitorCall(report, interrupted);
      host.stdout.write(line);
      setStatus(status);
      return;
    }
    host.stdout.write(options.json === true ? jsonOf(report) : summaryOf(report));
    if (report.outcome.type !== 'heard') {
      host.stderr.write(`dragoman: ${report.outcome.sentence}\n`);
    }
    setStatus(statusOf(report.outcome, interrupted));
  } catch (error) {
    if (options.monitor === true) {
      const { status, line } = monitorError(error);
      host.stdout.write(line);
      setStatus(status);
      return;
    }
    if (isAbort(error)) {
      setStatus(INTERRUPTED);
      return;
    }
    const outcome = outcomeOfError(error);
    if (outcome === undefined) {
      throw error;
    }
    if (options.json === true) {
      host.stdout.write(jsonOf({ server: serverText(options), outcome }));
    }
    host.stderr.write(`dragoman: ${outcome.sentence}\n`);
    setStatus(statusOf(outcome, false));
  }
}

async function makeCall(options: CallOptions, { clock, stderr }: CallCommandHost): Promise<MadeCall> {
  const { plan, expectations } = await readCallPlan(options);
  const { out } = options;
  if (out !== undefined) {
    await prepareOutDir(out);
  }
  const interrupted = new AbortController();
  const onInterrupt = (): void => interrupted.abort();
  process.once('SIGINT', onInterrupt);
  try {
    const names = new Map(plan.parties.map(({ id, name }) => [id, name]));
    const shown = options.monitor === true ? NOWHERE : stderr;
    const result = await runCall(plan, new CallProgress(shown, names), clock, interrupted.signal);
    const report = reportCall(serverText(options), plan, result, expectations);
    if (out === undefined) {
      shown.write(
        'nothing was kept: name a folder with --out for what each heard, the report and the picture\n',
      );
    } else {
      await keepCall(out, report, result);
      const recordings = report.parties.map(({ heardWav }) => heardWav).join(', ');
      shown.write(`wrote ${recordings}, report.json and call.svg to ${out}\n`);
    }
    return { report, interrupted: interrupted.signal.aborted };
  } finally {
    process.off('SIGINT', onInterrupt);
  }
}

/** What each party heard, and where the time of each utterance went. */
function summaryOf({ parties, utterances, captions }: CallReport): string {
  const table =
    utterances.length > 0
      ? callTable(utterances)
      : `no utterances were reported${captions === undefined ? '' : `: ${captions}`}\n`;
  return [table, ...parties.map(({ name, heard }) => `${heardSentence(name, heard)}\n`)].join('');
}

function jsonOf(report: object): string {
  return `${jsonText(report)}\n`;
}

/** An option with one value, which may be written once; with a fallback that the help tells, and words to complete. */
function once(flags: string, help: string, fallback?: string, words: readonly string[] = []): Option {
  let written = false;
  const told = fallback === undefined ? help : `${help} (default: ${fallback})`;
  const option = new WordOption(flags, told, words);
  return option.argParser((text: string) => {
    if (written) {
      throw new AppError('bad-option', `${option.long} is written twice: write it once`);
    }
    written = true;
    return text;
  });
}

function collected(text: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), text];
}
