/**
 * `dragoman call`: plays both legs of one call against a running server, and keeps what each party heard. It needs
 * no Asterisk; it is how the demo calls, and how a server is tried before a PBX is pointed at it.
 */

import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { Command } from 'commander';
import { type Clock, systemClock } from '../../base/clock.ts';
import { AppError } from '../../base/errors.ts';
import { AUDIO_KINDS, formatUuid, kindOfRate } from '../../protocol/audiosocket/kinds.ts';
import { encodeWav } from '../../protocol/wav.ts';
import { callPicture } from './call-picture.ts';
import { CallProgress, type ProgressOutput } from './call-progress.ts';
import { type CallReport, reportUtterances } from './call-report.ts';
import { callTable } from './call-table.ts';
import { heardSounds } from './heard-sounds.ts';
import { type Address, type CallPlan, type CallResult, runCall } from './run-call.ts';
import { prepareOutDir, readSpeech, writeResult } from './speech-file.ts';

/** What the command takes from the process; tests give their own. */
export interface CallCommandHost {
  readonly clock: Clock;
  readonly stdout: { write(text: string): unknown };
  readonly stderr: ProgressOutput;
}

/** The options as commander hands them over: text, or absent. */
interface CallOptions {
  readonly server: string;
  readonly serverB?: string;
  readonly a: readonly string[];
  readonly b?: readonly string[];
  readonly pauseMs: string;
  readonly aAfterMs: string;
  readonly bAfterMs: string;
  readonly rate: string;
  readonly out: string;
  readonly http: string;
  readonly lingerMs: string;
  readonly maxSeconds: string;
}

/**
 * The command, to be added to a program. Its action writes progress to stderr and the table to stdout.
 * @throws AppError (from its action) `bad-option`, `file-unreadable`, `wav-unreadable`, `file-unwritable`,
 * `server-unreachable`.
 */
export function callCommand(
  host: CallCommandHost = { clock: systemClock, stdout: process.stdout, stderr: process.stderr },
): Command {
  return new Command('call')
    .description('make a call to a server, playing Asterisk for both parties, and keep what each heard')
    .requiredOption('--server <host:port>', 'the AudioSocket address of the server')
    .requiredOption(
      '--a <wav...>',
      'what party a says: 16-bit PCM WAV files of any rate, one after the other',
    )
    .option('--b <wav...>', 'what party b says; without it b only listens')
    .option('--pause-ms <ms>', 'silence between two files of one party', '1500')
    .option('--a-after-ms <ms>', 'when party a begins to speak', '0')
    .option('--b-after-ms <ms>', 'when party b begins to speak', '0')
    .requiredOption('--out <dir>', 'folder for what was heard, the report and the picture; made if missing')
    .option(
      '--rate <hz>',
      `rate of both legs: ${AUDIO_KINDS.map(({ rateHz }) => rateHz).join(', ')}`,
      '16000',
    )
    .option('--http <url>', 'the HTTP address of the server, for captions', 'http://127.0.0.1:3000')
    .option('--server-b <host:port>', 'where party b connects, when each party has a port of its own')
    .option(
      '--linger-ms <ms>',
      'how long silence, or the noise of a line, on both legs ends the call',
      '4000',
    )
    .option('--max-seconds <s>', 'how long after the end of speech the call ends in any case', '120')
    .action((options: CallOptions) => makeCall(options, host));
}

async function makeCall(options: CallOptions, host: CallCommandHost): Promise<void> {
  const rateHz = parseRate(options.rate);
  const server = parseAddress('--server', options.server);
  const pauseMs = parseCount('--pause-ms', options.pauseMs);
  const call = formatUuid(randomBytes(16)).slice(0, -1);
  const plan: CallPlan = {
    server,
    serverB: options.serverB === undefined ? server : parseAddress('--server-b', options.serverB),
    httpUrl: parseUrl(options.http),
    rateHz,
    uuidA: `${call}0`,
    uuidB: `${call}1`,
    lingerMs: parseCount('--linger-ms', options.lingerMs),
    limitMs: parseCount('--max-seconds', options.maxSeconds) * 1_000,
    speechA: await readSpeech(options.a, rateHz, {
      startMs: parseCount('--a-after-ms', options.aAfterMs),
      pauseMs,
    }),
    speechB: await readSpeech(options.b ?? [], rateHz, {
      startMs: parseCount('--b-after-ms', options.bAfterMs),
      pauseMs,
    }),
  };
  await prepareOutDir(options.out);
  const interrupted = new AbortController();
  const onInterrupt = (): void => interrupted.abort();
  process.once('SIGINT', onInterrupt);
  try {
    const result = await runCall(plan, new CallProgress(host.stderr), host.clock, interrupted.signal);
    const report = makeReport(options, plan, result);
    await keepResult(options.out, plan, result, report);
    host.stdout.write(callTable(report.utterances));
    host.stderr.write(`wrote leg-a.heard.wav, leg-b.heard.wav, report.json and call.svg to ${options.out}\n`);
  } finally {
    process.off('SIGINT', onInterrupt);
  }
}

function makeReport(options: CallOptions, plan: CallPlan, result: CallResult): CallReport {
  const { rateHz } = plan;
  const { legA, legB } = result;
  return {
    server: options.server,
    callId: plan.uuidA.slice(0, -1),
    startedAt: result.startedAt.toISOString(),
    rateHz,
    durationMs: Math.round(result.durationMs),
    legs: {
      a: {
        uuid: plan.uuidA,
        heardWav: 'leg-a.heard.wav',
        spokenWavs: options.a,
        sounds: heardSounds(legA.heard(), rateHz, 0),
      },
      b: {
        uuid: plan.uuidB,
        heardWav: 'leg-b.heard.wav',
        ...(options.b === undefined ? {} : { spokenWavs: options.b }),
        sounds: heardSounds(legB.heard(), rateHz, legB.connectedAtMs - legA.connectedAtMs),
      },
    },
    utterances: reportUtterances(result.utterances, result.spoken),
    ...(result.captionsMissing === undefined ? {} : { captions: result.captionsMissing }),
    notes: result.notes,
  };
}

async function keepResult(
  dir: string,
  plan: CallPlan,
  result: CallResult,
  report: CallReport,
): Promise<void> {
  const { rateHz } = plan;
  const { legA, legB, durationMs } = result;
  const startB = legB.connectedAtMs - legA.connectedAtMs;
  const heardA = legA.heard();
  const heardB = legB.heard();
  await writeResult(join(dir, 'leg-a.heard.wav'), encodeWav({ rateHz, pcm: heardA }));
  await writeResult(join(dir, 'leg-b.heard.wav'), encodeWav({ rateHz, pcm: heardB }));
  await writeResult(join(dir, 'report.json'), `${JSON.stringify(report, null, 2)}\n`);
  const picture = callPicture({
    callId: report.callId,
    startedAt: report.startedAt,
    durationMs,
    a: { speaks: { pcm: plan.speechA, rateHz, startMs: 0 }, hears: { pcm: heardA, rateHz, startMs: 0 } },
    b: {
      speaks: { pcm: plan.speechB, rateHz, startMs: startB },
      hears: { pcm: heardB, rateHz, startMs: startB },
    },
    utterances: report.utterances,
    ...(report.captions === undefined ? {} : { captions: report.captions }),
  });
  await writeResult(join(dir, 'call.svg'), picture);
}

function parseAddress(option: string, text: string): Address {
  const [, host, port] =
    /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(text)?.filter((part) => part !== undefined) ?? [];
  if (host === undefined || port === undefined || Number(port) < 1 || Number(port) > 65_535) {
    throw new AppError(
      'bad-option',
      `${option} ${text} is no address: write host:port, such as 127.0.0.1:9019`,
    );
  }
  return { host, port: Number(port) };
}

function parseRate(text: string): number {
  const rateHz = Number(text);
  if (kindOfRate(rateHz) === undefined) {
    const rates = AUDIO_KINDS.map((row) => row.rateHz).join(', ');
    throw new AppError('bad-option', `--rate ${text} is not a rate of AudioSocket: write one of ${rates}`);
  }
  return rateHz;
}

function parseCount(option: string, text: string): number {
  if (!/^\d{1,9}$/.test(text)) {
    throw new AppError('bad-option', `${option} ${text} is not a whole number`);
  }
  return Number(text);
}

function parseUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:') {
    throw new AppError('bad-option', `--http ${text} is no URL: write one such as http://127.0.0.1:3000`);
  }
  return text;
}
