/** Opens what is kept of calls, recordings and records, as the operator asked for it. */

import type { Clock } from '../base/clock.ts';
import type { Closers } from '../base/closers.ts';
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

/** What is kept; each undefined where it is not. */
export interface Keeping {
  readonly recordings: Recordings | undefined;
  readonly records: CallRecords | undefined;
}

/** Adds to `closers` what ends it. @throws AppError when there is no place for recordings. */
export async function openRecords(
  config: ServeConfig,
  clock: Clock,
  log: Log,
  closers: Closers,
): Promise<Keeping> {
  const { record, records, recordDir, recordKey } = config;
  if (record === 'off' && records === undefined) {
    return { recordings: undefined, records: undefined };
  }
  if (record !== 'off') {
    await prepareFolder(recordDir);
  }
  const recorder = new RecorderProcess({ workerUrl: RECORDER_URL, key: recordKey }, clock, log);
  closers.add(() => recorder.close());
  return {
    recordings: record === 'off' ? undefined : openRecordings(config, recorder, clock, log, closers),
    records:
      records === undefined ? undefined : openCallRecords(config, records, recorder, clock, log, closers),
  };
}

function openRecordings(
  config: ServeConfig,
  recorder: RecorderProcess,
  clock: Clock,
  log: Log,
  closers: Closers,
): Recordings {
  const { recordDir: directory, recordLayout: layout, recordingCommand: command } = config;
  const { recordBeepMs: beepMs, recordAnnouncement: announces, keepRecordingsMs: keepMs } = config;
  const options = { directory, layout, command, beepMs, announces, keepMs };
  const recordings = new Recordings(options, recorder, clock, log);
  closers.add(() => recordings.close());
  return recordings;
}

function openCallRecords(
  config: ServeConfig,
  directory: string,
  recorder: RecorderProcess,
  clock: Clock,
  log: Log,
  closers: Closers,
): CallRecords {
  const { recordNumbers: numbers, transcripts, redact, prices, currency, recordDir } = config;
  const { summary } = config.providers;
  const records = new CallRecords(
    {
      ...{ directory, callsDirectory: directory, recordingsDirectory: recordDir, numbers, transcripts },
      redaction: new Redaction(redact),
      prices: { currency, prices },
      keepRecordsDays: config.keepRecordsDays,
      keepTranscriptsDays: config.keepTranscriptsDays,
      databaseUrl: config.recordsDatabase,
      summaryEngine: summary === undefined ? undefined : new SummaryEngine({ ...summary, clock }),
    },
    { recorder, clock, log },
  );
  closers.add(() => records.close());
  return records;
}
