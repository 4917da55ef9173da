/** Records of calls that there never were, and the recorder that writes them. */

import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { type Clock, systemClock } from '../../../src/base/clock.ts';
import { silentLog } from '../../../src/base/log.ts';
import { CALL_DETAIL, type CallDetail } from '../../../src/call/detail/call-detail.ts';
import { Redaction } from '../../../src/call/transcript/redaction.ts';
import type { Transcript } from '../../../src/call/transcript/transcript.ts';
import type { SummaryEngine } from '../../../src/engines/summary/summary-engine.ts';
import { callFolder } from '../../../src/server/recording/call-folder.ts';
import { RecorderProcess } from '../../../src/server/recording/recorder-process.ts';
import { CallRecords } from '../../../src/server/records/call-records.ts';
import { RecordArchive } from '../../../src/server/records/record-archive.ts';
import { removeFolder } from '../../support/folders.ts';
import { untilItRuns } from '../../support/recorders.ts';

const RECORDER = new URL('../../../workers/recorder.js', import.meta.url);

/** A call of two minutes. */
export function detailOf(call: string, change: Partial<CallDetail> = {}): CallDetail {
  const detail: CallDetail = {
    ...{ version: 1, call, callId: `own-${call}`, kind: 'pair', mode: 'bidirectional', policy: 'clause' },
    languages: ['en', 'es'],
    startedAt: '2026-11-29T10:00:00.000Z',
    answeredAt: '2026-11-29T10:00:01.500Z',
    endedAt: '2026-11-29T10:02:00.000Z',
    durationMs: 120_000,
    end: { reason: 'peer-hangup', by: 'a' },
    parties: [partyOf('a', 'en'), partyOf('b', 'es')],
    directions: [
      {
        ...{ from: 'en', to: 'es', utterances: { spoken: 4, failed: 1 }, segments: 6, words: 40 },
        delay: { p50Ms: 500, p95Ms: 900, maxMs: 1_000 },
        ...{ repaired: 1, numbersLost: 1, stale: 0, failovers: 2 },
      },
    ],
    engines: [{ component: 'mt', engine: 'deepl', from: 'en', to: 'es', characters: 200 }],
    contradictedWords: { en: 2 },
    ...{ talkOverMs: 1_000, deadAirMs: 6_000, interruptions: 0, streamsReplaced: 0, uninterpreted: 0 },
    ...change,
  };
  return CALL_DETAIL.parse(detail);
}

function partyOf(party: string, language: string): CallDetail['parties'][number] {
  return {
    ...{ party, languages: [language], startMs: 0, endMs: 120_000, spokenMs: 30_000 },
    legs: [
      {
        ...{ door: 'audiosocket 127.0.0.1:5050', startMs: 0, endMs: 120_000, reason: 'peer-hangup' },
        ...{ framesIn: 6_000, framesOut: 6_000, framesMissing: 0, dropped: {}, holds: 0 },
      },
    ],
  };
}

/** A recorder, and a folder that is gone after the test. */
export async function startRecorder(test: TestContext, clock: Clock = systemClock) {
  const directory = await mkdtemp(join(tmpdir(), 'dragoman-records-'));
  const recorder = RecorderProcess.open({ workerUrl: RECORDER, key: undefined }, clock, silentLog);
  test.after(async () => {
    await recorder.close();
    await removeFolder(directory);
  });
  await untilItRuns(recorder, directory);
  return { directory, recorder };
}

/** What is kept of these calls, to be read over the API. */
export async function keepDetails(
  test: TestContext,
  details: readonly CallDetail[],
  summaryEngine?: SummaryEngine,
) {
  const { directory, recorder } = await startRecorder(test);
  const archive = new RecordArchive(recorder, directory);
  for (const detail of details) {
    await archive.add(detail);
  }
  const records = new CallRecords(
    {
      ...{ directory, recordingsDirectory: undefined, numbers: true, transcripts: true },
      ...{ redaction: new Redaction([]), prices: { currency: 'EUR', prices: new Map() } },
      ...{ keepRecordsDays: undefined, keepTranscriptsDays: undefined, databaseUrl: undefined },
      summaryEngine,
    },
    { recorder, clock: systemClock, log: silentLog },
  );
  test.after(() => records.close());
  /** What was said in one of them. */
  const said = async (transcript: Transcript): Promise<void> => {
    const folder = callFolder(directory, new Date(transcript.startedAt), transcript.call);
    await recorder.writeText(folder, 'transcript.json', JSON.stringify(transcript));
  };
  return { directory, recorder, records, said };
}

/** One utterance and its translation. */
export function transcriptOf(call: string, text = 'Hello.', translation = 'Hola.'): Transcript {
  return {
    ...{ version: 1, call, startedAt: '2026-11-29T10:00:00.000Z', missed: 0 },
    parties: [{ party: 'a', name: 'Ana', language: 'en' }],
    lines: [
      {
        ...{ party: 'a', utterance: 0, language: 'en', text, marks: [], startMs: 0, endMs: 900 },
        translations: [
          { language: 'es', text: translation, marks: [], startMs: 1_200, endMs: 2_000, pieces: [] },
        ],
      },
    ],
  };
}
