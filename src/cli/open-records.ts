/** Opens what is kept of calls, as the operator asked for it. */

import type { Clock } from '../base/clock.ts';
import type { Closers } from '../base/closers.ts';
import type { Log } from '../base/log.ts';
import { Redaction } from '../call/transcript/redaction.ts';
import { SummaryEngine } from '../engines/summary/summary-engine.ts';
import { RecorderProcess } from '../server/recording/recorder-process.ts';
import { CallRecords } from '../server/records/call-records.ts';
import type { ServeConfig } from './config/serve-config.ts';

/** The compiled entry point of the recorder's process, seen from the compiled form of this file. */
const RECORDER_URL = new URL('../../workers/recorder.js', import.meta.url);

/** Undefined where nothing is kept. Adds to `closers` what ends it. */
export function openRecords(
  config: ServeConfig,
  clock: Clock,
  log: Log,
  closers: Closers,
): CallRecords | undefined {
  const { records: directory, recordNumbers: numbers, transcripts, redact, prices, currency } = config;
  if (directory === undefined) {
    return undefined;
  }
  const recorder = new RecorderProcess({ workerUrl: RECORDER_URL, key: undefined }, clock, log, () => {});
  closers.add(() => recorder.close());
  const { summary } = config.providers;
  const records = new CallRecords(
    {
      ...{ directory, callsDirectory: directory, numbers, transcripts },
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
