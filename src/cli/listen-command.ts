/** `dragoman listen`: the sound of one party of a call, as it comes, for a player or into a file. */

import { type FileHandle, open } from 'node:fs/promises';
import { Readable, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Command, Option } from 'commander';
import { type Clock, systemClock } from '../base/clock.ts';
import { AppError, codeOf } from '../base/errors.ts';
import { LISTENED, type Listened } from '../call/listening/listened-sound.ts';
import { mendedWavHeader, WAV_HEADER_BYTES } from '../protocol/wav.ts';
import { SHOWN_CALL } from '../server/http/api/call-schemas.ts';
import type { CliContext } from './context.ts';
import { addServiceOptions, ServiceApi } from './service-api.ts';
import type { WrittenAddress } from './status-address.ts';
import { untilInterrupted } from './until-interrupted.ts';

interface ListenOptions extends WrittenAddress {
  readonly what: Listened;
  readonly output?: string;
}

/** Whoever reads our output has closed it, as a player does that is ended. */
const CLOSED_OUTPUT: ReadonlySet<string> = new Set(['EPIPE', 'ERR_STREAM_PREMATURE_CLOSE']);

const HELP = `
CALL and PARTY are what "dragoman calls" shows; of CALL its beginning is enough. What is written is a WAV that goes on until
the party leaves or Ctrl+C:
  $ dragoman listen 3f2a | aplay
  $ dragoman listen 3f2a b --what heard | sox -t wav - -d
  $ dragoman listen 3f2a --output call.wav
The service lets calls be heard with --listen-in on, by tokens that have the scopes "listen" and "read" where there are tokens.
Who listens is in its log, in its events and in the record of the call; whether the parties have to be told is for you to know.

Exit status: 0 there is no more to hear, or it is ended with Ctrl+C; 1 it cannot be heard, and why is said; 2 what was asked
for is wrong.`;

export function listenCommand(context: CliContext, clock: Clock = systemClock): Command {
  const command = new Command('listen')
    .description('hear a party of a call while it runs')
    .argument('<call>', 'the call, or the beginning of its name')
    .argument('[party]', 'whom to hear (default: the first that is there)')
    .addOption(
      new Option('--what <what>', 'what the party says, what it hears, or both: left and right')
        .choices(LISTENED)
        .default('both'),
    )
    .option('--output <file>', 'a file to write it to, in place of stdout');
  return addServiceOptions(command)
    .addHelpText('after', HELP)
    .action((call: string, party: string | undefined, { what, output, ...written }: ListenOptions) =>
      untilInterrupted(context.signals, async (signal) => {
        const { rawOut } = context;
        if (output === undefined && rawOut === undefined) {
          throw new AppError(
            'bad-option',
            'sound on a terminal is noise: write "| aplay" behind the command, or --output FILE',
          );
        }
        const api = new ServiceApi(written, context, { scope: 'listen', clock, signal });
        try {
          const path = `/api/v1/calls/${await api.idOf(call)}`;
          const whom = party ?? (await firstParty(api, path));
          const pieces = api.pieces(`${path}/parties/${encodeURIComponent(whom)}/listen?what=${what}`);
          await (output === undefined ? play(pieces, rawOut) : keep(pieces, output));
          context.writeError(`dragoman: there is no more to hear of ${whom}\n`);
        } finally {
          await api.close();
        }
      }),
    );
}

/** @throws AppError where nobody is there. */
async function firstParty(api: ServiceApi, path: string): Promise<string> {
  const { parties } = await api.read(path, SHOWN_CALL);
  const [first] = parties;
  if (first === undefined) {
    throw new AppError('bad-option', 'nobody is there: "dragoman calls" shows who is');
  }
  return first.party;
}

async function play(pieces: AsyncIterable<Uint8Array>, out: Writable | undefined): Promise<void> {
  if (out !== undefined) {
    try {
      await pipeline(Readable.from(pieces), out, { end: false });
    } catch (error) {
      if (!CLOSED_OUTPUT.has(codeOf(error))) {
        throw error;
      }
    }
  }
}

/** Writes all of it, and at the end how long it has become. @throws AppError `file-unwritable`. */
async function keep(pieces: AsyncGenerator<Uint8Array>, path: string): Promise<void> {
  const writing = async <T>(work: Promise<T>): Promise<T> => {
    try {
      return await work;
    } catch (error) {
      throw new AppError(
        'file-unwritable',
        `${path} cannot be written (${codeOf(error)}): name a file in a folder that you may write into and that has room`,
        error,
      );
    }
  };
  try {
    // What is refused leaves no file behind.
    const first = await pieces.next();
    const file = await writing(open(path, 'w+', 0o600));
    try {
      await writing(file.writeFile(first.value ?? ''));
      for await (const piece of pieces) {
        await writing(file.writeFile(piece));
      }
    } finally {
      await writing(mend(file)).finally(() => file.close());
    }
  } finally {
    // Who cannot keep it does not go on listening.
    await pieces.return(undefined);
  }
}

async function mend(file: FileHandle): Promise<void> {
  const header = Buffer.alloc(WAV_HEADER_BYTES);
  const { bytesRead } = await file.read(header, 0, header.length, 0);
  const mended = mendedWavHeader(header.subarray(0, bytesRead), (await file.stat()).size);
  if (mended !== undefined) {
    await file.write(mended, 0, mended.length, 0);
  }
}
