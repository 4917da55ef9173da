/**
 * What `dragoman call` found out, as the data of report.json. Utterance times are ms since the call began; the server
 * counts from when it accepted the first leg and the recordings from when their leg connected, which on one
 * network is the same to a few ms.
 */

import type { CallEvent, UtteranceReport } from '../../call/call-events.ts';
import type { SoundSpan } from './heard-sounds.ts';

export type LegName = 'a' | 'b';

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
  readonly leg: LegName;
  readonly source: ReportedSpan;
  readonly target: ReportedSpan;
  /** The segments in which it was heard, one after the other. */
  readonly segments: readonly ReportedSegment[];
  /** From the beginning of speech to its first translated sound, in ms; left out when it was not played. */
  readonly startOffsetMs?: number;
  /** `endToEndMs` is negative when the last segment began before the speech had ended. */
  readonly stages: UtteranceReport['stages'];
  readonly outcome: UtteranceReport['outcome'];
}

export interface ReportedLeg {
  readonly uuid: string;
  readonly heardWav: string;
  /** The file that was spoken; left out for a leg that only listened. */
  readonly spokenWavs?: readonly string[];
  /** When more than the noise of a line was heard: translations, announcements, the other party's own voice. */
  readonly sounds: readonly SoundSpan[];
}

export interface CallReport {
  readonly server: string;
  readonly callId: string;
  readonly startedAt: string;
  readonly rateHz: number;
  readonly durationMs: number;
  readonly legs: { readonly a: ReportedLeg; readonly b: ReportedLeg };
  readonly utterances: readonly ReportedUtterance[];
  /** Why there are no utterances, when the server showed none. */
  readonly captions?: string;
  /** What was not as it should be, in sentences. */
  readonly notes: readonly string[];
}

/** The stages in the order in which they happen, with the words for people. */
export const STAGES = [
  { key: 'endpointMs', name: 'endpoint' },
  { key: 'sttMs', name: 'STT' },
  { key: 'mtMs', name: 'MT' },
  { key: 'ttsMs', name: 'TTS' },
  { key: 'playoutMs', name: 'playout' },
] as const;

/** Leg 0 is a, any other is b. */
export function legName(leg: number): LegName {
  return leg === 0 ? 'a' : 'b';
}

/** A segment that began to be heard. */
export type SpokenEvent = Extract<CallEvent, { type: 'spoken' }>;

/** The server's reports as ours, in the order in which the utterances began, each with its own of `spoken`. */
export function reportUtterances(
  reports: readonly UtteranceReport[],
  spoken: readonly SpokenEvent[],
): readonly ReportedUtterance[] {
  return [...reports]
    .sort((left, right) => left.source.startMs - right.source.startMs)
    .map(({ leg, utterance, source, target, startOffsetMs, stages, outcome }) => {
      const { piiText: sourceText, ...sourceRest } = source;
      const { piiText: targetText, ...targetRest } = target;
      return {
        leg: legName(leg),
        source: { ...sourceRest, text: sourceText },
        target: { ...targetRest, text: targetText },
        segments: spoken
          .filter((event) => event.leg === leg && event.utterance === utterance)
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
