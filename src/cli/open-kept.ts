/** Opens what keeps calls, as the operator asked for it: their sound, their records, what was said in them. */

import type { Clock } from '../base/clock.ts';
import type { Closers } from '../base/closers.ts';
import type { Counted } from '../base/counts.ts';
import type { Log } from '../base/log.ts';
import { Redaction } from '../call/transcript/redaction.ts';
import { SummaryEngine } from '../engines/summary/summary-engine.ts';
import { prepareFolder } from '../server/recording/call-folder.ts';
import { RecorderProcess } from '../server/recording/recorder-process.ts';
import { Recordings } from '../server/recording/recordings.ts';
import { CallRecords } from '../server/records/call-records.ts';
import type { ServeConfig } from './config/serve-config.ts';

/** The compiled entry point of the recorder's process, seen from the compiled form of this file. */
const RECORDER_URL = new URL('../../workers/recorder.js', import.meta.url);
/** How long what was said in all calls that end with the server may take to be written, in ms, by a disk that answers. */
const RECORDS_END_LIMIT_MS = 20_000;

export interface Kept {
  /** Undefined: no sound is kept. */
  readonly recordings: Recordings | undefined;
  /** Undefined: no records are. */
  readonly records: CallRecords | undefined;
  readonly counted: readonly Counted[];
}

/** Adds to `closers` what ends it. @throws AppError when there is no place for what is to be kept. */
export async function openKept(config: ServeConfig, clock: Clock, log: Log, closers: Closers): Promise<Kept> {
  const { record, recordDir, recordKey, records: recordsDir } = config;
  if (record === 'off' && recordsDir === undefined) {
    return { recordings: undefined, records: undefined, counted: [] };
  }
  for (const [directory, flag] of [
    [record === 'off' ? undefined : recordDir, '--record-dir'],
    [recordsDir, '--records'],
  ] as const) {
    if (directory !== undefined) {
      await prepareFolder(directory, flag);
    }
  }
  const { recordFreeSpace: least } = config;
  const space = record === 'off' || least === undefined ? undefined : { directory: recordDir, least };
  const recorder = RecorderProcess.open({ workerUrl: RECORDER_URL, key: recordKey, space }, clock, log);
  closers.add('recorder', () => recorder.close());
  const recordings = openRecordings(config, recorder, clock, log);
  closers.add('recordings', () => recordings?.close());
  const records = openRecords(config, recorder, clock, log);
  closers.add('records', () => records?.close(), RECORDS_END_LIMIT_MS);
  return {
    ...{ recordings, records },
    counted: [recorder, ...[recordings, records].filter((each) => each !== undefined)],
  };
}

function openRecordings(
  config: ServeConfig,
  recorder: RecorderProcess,
  clock: Clock,
  log: Log,
): Recordings | undefined {
  const { record, recordDir: directory, recordLayout: layout, recordBeepMs: beepMs } = config;
  const { recordingCommand: command, recordAnnouncement: announces, keepRecordingsMs: keepMs } = config;
  const { recordEngines: engines } = config;
  const options = { directory, layout, command, beepMs, announces, engines, keepMs };
  return record === 'off' ? undefined : new Recordings(options, recorder, clock, log);
}

function openRecords(
  config: ServeConfig,
  recorder: RecorderProcess,
  clock: Clock,
  log: Log,
): CallRecords | undefined {
  const { records: directory, recordNumbers: numbers, transcripts, redact, prices, currency } = config;
  const { summary } = config.providers;
  return directory === undefined
    ? undefined
    : new CallRecords(
        {
          ...{ directory, numbers, transcripts },
          // Also where none are made any more: a call that is removed leaves no sound.
          recordingsDirectory: config.recordDir,
          redaction: new Redaction(redact),
          prices: { currency, prices },
          keepRecordsDays: config.keepRecordsDays,
          keepTranscriptsDays: config.keepTranscriptsDays,
          databaseUrl: config.recordsDbUrl,
          summaryEngine: summary === undefined ? undefined : new SummaryEngine({ ...summary, clock }),
        },
        { recorder, clock, log },
      );
}
