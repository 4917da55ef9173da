/** What is told and kept of a call that we made: its report, recordings, report.json and call.svg. */

import { join } from 'node:path';
import { encodeWav } from '../protocol/wav.ts';
import { judgeCall } from './call-outcome.ts';
import { callPicture } from './call-picture.ts';
import {
  type CallReport,
  type ReportedParty,
  type ReportedUtterance,
  reportUtterances,
} from './call-report.ts';
import type { CaptionLine, Expectation } from './expectations.ts';
import { heardSounds } from './heard-sounds.ts';
import { heardSummary } from './heard-summary.ts';
import type { PictureParty } from './picture-way.ts';
import type { CalledParty, CallResult, PlannedCall } from './run-call.ts';
import { writeResult } from './speech-file.ts';

/**
 * The call as data.
 * @param server as the operator wrote it.
 * @param expectations what its captions are to say. Default nothing.
 */
export function reportCall(
  server: string,
  { callId, rateHz }: PlannedCall,
  result: CallResult,
  expectations: readonly Expectation[] = [],
): CallReport {
  const { called, captionsMissing, captionsTrouble, lost, notes } = result;
  const parties = called.map((each) => reportParty(each, result, rateHz));
  const names = new Map(called.map(({ party }) => [party.id, party.name]));
  const utterances = reportUtterances(result.utterances, result.spoken, names);
  return {
    server,
    callId,
    startedAt: result.startedAt.toISOString(),
    rateHz,
    durationMs: Math.round(result.durationMs),
    parties,
    utterances,
    ...(captionsMissing === undefined ? {} : { captions: captionsMissing }),
    notes: captionsTrouble === undefined ? notes : [captionsTrouble, ...notes],
    outcome: judgeCall({
      ...{ lost, parties, expectations, captionsMissing: captionsMissing ?? captionsTrouble },
      lines: captionLines(result),
      warnings: [...notes, ...failuresAmong(utterances)],
    }),
  };
}

/** Writes what each party heard, the report and the picture into `dir`. @throws AppError `file-unwritable`. */
export async function keepCall(
  dir: string,
  report: CallReport,
  { called, durationMs }: CallResult,
): Promise<void> {
  const { callId, startedAt, rateHz, utterances, captions } = report;
  const startMs = startOf(called);
  const parties: PictureParty[] = [];
  for (const [place, { party, leg }] of called.entries()) {
    const heard = leg.heard();
    const { heardWav = '', language } = report.parties[place] ?? {};
    await writeResult(join(dir, heardWav), encodeWav({ rateHz, pcm: heard }));
    parties.push({
      name: party.name,
      language,
      speaks: { pcm: party.speech, rateHz, startMs: leg.speechAtMs - startMs },
      hears: { pcm: heard, rateHz, startMs: leg.connectedAtMs - startMs },
    });
  }
  await writeResult(join(dir, 'report.json'), `${JSON.stringify(report, null, 2)}\n`);
  const picture = callPicture({
    ...{ callId, startedAt, durationMs, parties, utterances },
    ...(captions === undefined ? {} : { captions }),
  });
  await writeResult(join(dir, 'call.svg'), picture);
}

/** How many utterances came to nothing, in a sentence. */
function failuresAmong(utterances: readonly ReportedUtterance[]): readonly string[] {
  const failed = utterances.filter(({ outcome }) => outcome === 'failed' || outcome === 'not-played').length;
  return failed === 0 ? [] : [`${failed} of ${utterances.length} utterances were not translated`];
}

function reportParty(
  { party: { id, name, uuid, wavs, language: asked }, leg }: CalledParty,
  { languages, called, spoken, captionsMissing }: CallResult,
  rateHz: number,
): ReportedParty {
  const startMs = startOf(called);
  const language = languages.get(id) ?? asked;
  const sounds = heardSounds(leg.heard(), rateHz, leg.connectedAtMs - startMs);
  const others = called.filter((other) => other.leg !== leg);
  const othersSpeech = others.flatMap((other) =>
    heardSounds(other.party.speech, rateHz, other.leg.speechAtMs - startMs),
  );
  const segments = spoken.filter((each) => each.party !== id && each.language === languages.get(id)).length;
  return {
    name,
    ...(language === undefined ? {} : { language }),
    uuid,
    heardWav: `leg-${name}.heard.wav`,
    ...(wavs.length === 0 ? {} : { spokenWavs: wavs }),
    sounds,
    heard: {
      ...heardSummary(sounds, others.length === 0 ? undefined : othersSpeech),
      ...(captionsMissing === undefined ? { segments } : {}),
    },
  };
}

/** What was said in each language by each speaker, with those who say or hear it; listeners share its language. */
function captionLines({ called, languages, heard, spoken }: CallResult): readonly CaptionLine[] {
  return called.flatMap(({ party: { id, name } }) => {
    const own = languages.get(id);
    const listeners = (language: string | undefined): readonly string[] =>
      called.flatMap(({ party }) =>
        party.id !== id && languages.get(party.id) === language ? [party.name] : [],
      );
    const said = heard.filter(({ party }) => party === id).map(({ piiText }) => piiText);
    const segments = spoken.filter(({ party }) => party === id);
    const into = [...new Set(segments.map(({ language }) => language))];
    return [
      { parties: [name, ...(own === undefined ? [] : listeners(own))], texts: said },
      ...into.map((language) => ({
        parties: listeners(language),
        texts: segments.filter((each) => each.language === language).map(({ piiText }) => piiText),
      })),
    ];
  });
}

/** When the first leg connected, on the clock's scale. */
function startOf(called: readonly CalledParty[]): number {
  return Math.min(...called.map(({ leg }) => leg.connectedAtMs));
}
