/** `dragoman report`: the picture of a recorded call, and the times of its utterances, out of what is in its folder. */

import { join } from 'node:path';
import { Command } from 'commander';
import { AppError } from '../base/errors.ts';
import { idOfPlace } from '../call/seating/seating.ts';
import { TRANSCRIPT, type Transcript } from '../call/transcript/transcript.ts';
import { callPicture } from '../client/call-picture.ts';
import { type ReportedUtterance, reportUtterances } from '../client/call-report.ts';
import { callTable } from '../client/call-table.ts';
import type { PictureParty, PictureSound } from '../client/picture-way.ts';
import { prepareOutDir, writeResult } from '../client/speech-file.ts';
import { utterancesOf } from '../client/transcript-utterances.ts';
import { parseSealKey } from '../protocol/recording/seal-key.ts';
import { RecordedCall, readBytes } from '../server/replay/recorded-call.ts';
import { readPrivateKeyFile } from './config/key-file.ts';
import type { CliContext } from './context.ts';

interface ReportFlags {
  readonly out?: string;
  readonly transcript?: string;
  readonly recordKeyFile?: string;
}

/** What is known of a call beside its sound. */
interface Known {
  readonly callId: string;
  readonly startedAt: string;
  readonly parties: readonly { readonly id: string; readonly number: number; readonly language: string }[];
  readonly utterances: readonly ReportedUtterance[] | undefined;
}

const HELP = `
FOLDER is that of one call. What was said is known where it was recorded with --record-engines, or from the transcript of the
call (transcript.json, below the directory of --records in a folder of the same name): name that with --transcript. The
picture shows what was heard where --record was heard or all. What is printed and drawn holds what was said: only you may
read the picture.

  $ dragoman report 20261128T151000Z-5f0c --out complaint-17

Exit status: 0 it is drawn; 1 something cannot be read or written, and what is said; 2 what was asked for is wrong.`;

const TRANSCRIPT_NAME = 'transcript.json';
/** Where it cannot be read. */
const TRANSCRIPT_HINT = ': name the transcript of the call, as a user who may read it';

export function reportCommand(context: CliContext): Command {
  return new Command('report')
    .description('draw the picture of a recorded call, and tell the times of its utterances')
    .argument('<folder>', 'the folder of the call')
    .allowExcessArguments(false)
    .option(
      '--out <dir>',
      "where call.svg is written (default: the call's folder, where that is not encrypted)",
    )
    .option('--transcript <file>', 'what was said in it, where it was recorded without --record-engines')
    .option('--record-key-file <file>', 'the file that holds the key, where it is encrypted')
    .addHelpText('after', HELP)
    .action(async (folder: string, { transcript, recordKeyFile, ...flags }: ReportFlags) => {
      const { out = recordKeyFile === undefined ? folder : undefined } = flags;
      if (out === undefined) {
        throw new AppError(
          'bad-option',
          'the picture of an encrypted call shows in the clear what was said: name a folder for it with --out',
        );
      }
      const key = recordKeyFile === undefined ? undefined : parseSealKey(readPrivateKeyFile(recordKeyFile));
      const call = await RecordedCall.open(folder, key);
      const said =
        transcript === undefined
          ? await call.text(TRANSCRIPT_NAME)
          : (await readBytes(transcript, key, () => TRANSCRIPT_HINT)).toString();
      const known = call.notes.length > 0 ? knownByNotes(call) : knownByTranscript(call, said, transcript);
      await prepareOutDir(out);
      const path = join(out, 'call.svg');
      await writeResult(path, await drawn(call, known));
      context.writeOut(`${known.utterances === undefined ? '' : callTable(known.utterances)}wrote ${path}\n`);
    });
}

function knownByNotes({ notes, beginning }: RecordedCall): Known {
  const events = notes.flatMap((note) => (note.type === 'event' ? [note.event] : []));
  const parties = new Map<string, Known['parties'][number]>();
  for (const note of notes) {
    if (note.type === 'leg') {
      parties.set(note.party, { id: note.party, number: note.number, language: note.language });
    }
  }
  return {
    ...{ callId: beginning.call, startedAt: beginning.startedAt, parties: [...parties.values()] },
    utterances: reportUtterances(
      events.flatMap((event) => (event.type === 'utterance' ? [event.report] : [])),
      events.flatMap((event) => (event.type === 'spoken' ? [event] : [])),
    ),
  };
}

/** @throws AppError `file-unreadable` for a text that is no transcript. */
function knownByTranscript(call: RecordedCall, said: string | undefined, path = TRANSCRIPT_NAME): Known {
  const transcript = said === undefined ? undefined : parsed(said, path);
  const { id, startedAt } = call.named;
  const numbers = [...new Set([...call.parties('voice'), ...call.parties('heard')])];
  return {
    callId: transcript?.call ?? id,
    startedAt: transcript?.startedAt ?? startedAt ?? '',
    parties: numbers.map((number) => {
      const party = idOfPlace(number);
      return {
        ...{ id: party, number },
        language: transcript?.parties.find((each) => each.party === party)?.language ?? '',
      };
    }),
    utterances: transcript === undefined ? undefined : utterancesOf(transcript),
  };
}

function parsed(text: string, path: string): Transcript {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new AppError(
      'file-unreadable',
      `${path} is not what dragoman writes: name the ${TRANSCRIPT_NAME} of the call, or unseal it first`,
      error,
    );
  }
  const transcript = TRANSCRIPT.safeParse(json);
  if (!transcript.success) {
    throw new AppError(
      'file-unreadable',
      `${path} is no transcript of this version: name the ${TRANSCRIPT_NAME} of the call, or use the dragoman that wrote it`,
    );
  }
  return transcript.data;
}

async function drawn(call: RecordedCall, known: Known): Promise<string> {
  const parties: PictureParty[] = [];
  for (const { id, number, language } of known.parties) {
    const heard = await soundOf(call, number, 'heard');
    const hears = heard.pcm.length > 0 ? heard : await soundOf(call, number, 'told');
    parties.push({
      name: id,
      language: language === '' ? undefined : language,
      speaks: await soundOf(call, number, 'voice'),
      hears,
    });
  }
  const { callId, startedAt, utterances } = known;
  const lengths = parties.flatMap(({ speaks, hears }) => [lengthMs(speaks), lengthMs(hears)]);
  return callPicture({
    ...{ callId, startedAt, parties, durationMs: Math.max(0, ...lengths) },
    ...(utterances === undefined
      ? { utterances: [], captions: 'neither its notes nor its transcript are known' }
      : { utterances }),
  });
}

async function soundOf(
  call: RecordedCall,
  number: number,
  track: 'voice' | 'heard' | 'told',
): Promise<PictureSound> {
  const recorded = await call.track(number, track);
  const { rateHz, pcm } = recorded.whole();
  return { pcm, rateHz: Math.max(1, rateHz), startMs: 0 };
}

function lengthMs({ pcm, rateHz }: PictureSound): number {
  return (pcm.length * 1_000) / rateHz;
}
