/**
 * What `dragoman call` found out, as the data of report.json. Utterance times are ms since the call began; the server
 * counts from when it accepted the first leg and the recordings from when their leg connected, which on one
 * network is the same to a few ms.
 */

import type { CallEvent, UtteranceReport } from '../call/call-events.ts';
import type { CallOutcome } from './call-outcome.ts';
import type { SoundSpan } from './heard-sounds.ts';
import type { HeardSummary } from './heard-summary.ts';

export interface ReportedSpan {
  readonly language: string;
  readonly text: string;
  /** No times when it was not played. */
  readonly startMs?: number;
  readonly endMs?: number;
}

/** A piece of an utterance that was translated and spoken as one. */
export interface ReportedSegment {
  /** What it translates; left out where a server does not tell. */
  readonly source?: string;
  readonly target: string;
  /** When it began to be heard. */
  readonly startMs: number;
}

export interface ReportedUtterance {
  /** Who spoke, by name: `a`, `b` … */
  readonly party: string;
  readonly source: ReportedSpan;
  /** In one other language. */
  readonly target: ReportedSpan;
  /** The segments in which it was heard, one after the other. */
  readonly segments: readonly ReportedSegment[];
  /** From the beginning of speech to its first translated sound, in ms; left out when it was not played. */
  readonly startOffsetMs?: number;
  /** `endToEndMs` is negative when the last segment began before the speech had ended. */
  readonly stages: UtteranceReport['stages'];
  readonly outcome: UtteranceReport['outcome'];
}

export interface ReportedParty {
  readonly name: string;
  /** What it speaks, where that is known. */
  readonly language?: string;
  readonly uuid: string;
  readonly heardWav: string;
  /** The files that were spoken; left out for a party that only listened. */
  readonly spokenWavs?: readonly string[];
  /** When more than the noise of a line was heard: translations, announcements, the others' own voices. */
  readonly sounds: readonly SoundSpan[];
  readonly heard: HeardSummary;
}

export interface CallReport {
  readonly server: string;
  readonly callId: string;
  readonly startedAt: string;
  readonly rateHz: number;
  readonly durationMs: number;
  readonly parties: readonly ReportedParty[];
  readonly utterances: readonly ReportedUtterance[];
  /** Why there are no utterances, when the server showed none. */
  readonly captions?: string;
  /** What was not as it should be, in sentences. */
  readonly notes: readonly string[];
  readonly outcome: CallOutcome;
}

/** The stages in the order in which they happen, with the words for people. */
export const STAGES = [
  { key: 'endpointMs', name: 'endpoint' },
  { key: 'sttMs', name: 'STT' },
  { key: 'mtMs', name: 'MT' },
  { key: 'ttsMs', name: 'TTS' },
  { key: 'playoutMs', name: 'playout' },
] as const;

/** What a party was understood to say. */
export type HeardEvent = Extract<CallEvent, { type: 'heard' }>;

/** A segment that began to be heard. */
export type SpokenEvent = Extract<CallEvent, { type: 'spoken' }>;

/**
 * The server's reports as ours, in the order in which the utterances began, each with its own of `spoken`.
 * @param names of the parties, by what the server calls them.
 */
export function reportUtterances(
  reports: readonly UtteranceReport[],
  spoken: readonly SpokenEvent[],
  names: ReadonlyMap<string, string> = new Map(),
): readonly ReportedUtterance[] {
  return [...reports]
    .sort((left, right) => left.source.startMs - right.source.startMs)
    .map(({ party, utterance, source, target, startOffsetMs, stages, outcome }) => {
      const { piiText: sourceText, ...sourceRest } = source;
      const { piiText: targetText, ...targetRest } = target;
      return {
        party: names.get(party) ?? party,
        source: { ...sourceRest, text: sourceText },
        target: { ...targetRest, text: targetText },
        segments: spoken
          .filter(
            (event) =>
              event.party === party && event.utterance === utterance && event.language === target.language,
          )
          .map(({ piiSource, piiText, atMs }) => ({
            ...(piiSource === undefined ? {} : { source: piiSource }),
            target: piiText,
            startMs: atMs,
          })),
        ...(startOffsetMs === undefined ? {} : { startOffsetMs }),
        stages,
        outcome,
      };
    });
}

/** The middle end-to-end time, or undefined when no utterance has one. */
export function medianEndToEndMs(utterances: readonly ReportedUtterance[]): number | undefined {
  return median(utterances.map(({ stages }) => stages.endToEndMs));
}

/** The middle time from the beginning of speech to its first translated sound, or undefined when there is none. */
export function medianStartOffsetMs(utterances: readonly ReportedUtterance[]): number | undefined {
  return median(utterances.map(({ startOffsetMs }) => startOffsetMs));
}

function median(values: readonly (number | undefined)[]): number | undefined {
  const times = values.filter((value) => value !== undefined).sort((left, right) => left - right);
  const middle = Math.floor(times.length / 2);
  const upper = times[middle];
  const lower = times[times.length % 2 === 0 ? middle - 1 : middle];
  return upper === undefined || lower === undefined ? undefined : (lower + upper) / 2;
}
