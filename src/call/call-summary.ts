/**
 * What one line of the log says of a call when it is over: how long, who, how much was translated and how soon, what
 * was lost, and why it ended. No word that was said is kept, only times.
 */

import { type Counted, CountSums } from '../base/counts.ts';
import type { Language } from '../base/language.ts';
import type { LogFields } from '../base/log.ts';
import { Tally } from '../base/tally.ts';
import type { CallEvent } from './call-events.ts';

/** Utterances whose times are kept, at most: the latest. */
const MOST_TIMES = 1_000;
/** What is counted of pieces of sound that were dropped, and what the line calls them. */
const DROPPED: Readonly<Record<string, string>> = {
  inboundLost: 'inbound',
  liveLost: 'live',
  liveTrimmed: 'live-late',
  playoutDropped: 'playout',
  socketDropped: 'socket',
  speechLost: 'speech',
};

export class CallSummary {
  readonly #parties = new Set<string>();
  readonly #languages = new Set<Language>();
  /** Once for each language they were rendered in, by outcome. */
  readonly #utterances = new Tally<string>();
  #segments = 0;
  /** From the end of speech to the first sound of its last segment; below 0: that began before the end. */
  readonly #delaysMs: number[] = [];
  /** From the beginning of speech to its first translated sound. */
  readonly #firstSoundsMs: number[] = [];
  /** Of legs that have ended. */
  readonly #legs = new CountSums();
  #ending: { readonly reason: string; readonly by?: string } | undefined;

  joined(party: string, language: Language): void {
    this.#parties.add(party);
    this.#languages.add(language);
  }

  hear(event: CallEvent): void {
    if (event.type === 'utterance') {
      const { outcome, segments, startOffsetMs, stages } = event.report;
      this.#utterances.add(outcome);
      this.#segments += segments;
      keep(this.#delaysMs, stages.endToEndMs);
      keep(this.#firstSoundsMs, startOffsetMs);
    }
  }

  legEnded(leg: Counted): void {
    this.#legs.add(leg);
  }

  /** Why the call ends, and by whose leaving; the first reason that is given is the one. */
  ends(reason: string, by?: string): void {
    this.#ending ??= by === undefined ? { reason } : { reason, by };
  }

  /** @param durationMs since the call began. */
  fields(durationMs: number): LogFields {
    const dropped = Object.entries(DROPPED)
      .map(([name, word]) => [word, this.#legs.number(name)] as const)
      .filter(([, count]) => count > 0);
    return {
      durationS: Math.round(durationMs / 100) / 10,
      parties: this.#parties.size,
      languages: [...this.#languages],
      utterances: Object.fromEntries(this.#utterances.entries()),
      segments: this.#segments,
      ...percentiles('delay', this.#delaysMs),
      ...percentiles('firstSound', this.#firstSoundsMs),
      framesMissing: this.#legs.number('framesMissing'),
      ...(dropped.length === 0 ? {} : { dropped: Object.fromEntries(dropped) }),
      ...this.#ending,
    };
  }
}

function keep(timesMs: number[], timeMs: number | undefined): void {
  if (timeMs !== undefined) {
    timesMs.push(timeMs);
    if (timesMs.length > MOST_TIMES) {
      timesMs.shift();
    }
  }
}

/** The value that half of them, and 95 in a hundred, do not exceed; nothing where there are none. */
function percentiles(name: string, timesMs: readonly number[]): LogFields {
  const sorted = timesMs.toSorted((one, other) => one - other);
  const at = (share: number): number | undefined => sorted[Math.ceil(share * sorted.length) - 1];
  const [p50, p95] = [at(0.5), at(0.95)];
  return p50 === undefined || p95 === undefined
    ? {}
    : { [`${name}P50Ms`]: Math.round(p50), [`${name}P95Ms`]: Math.round(p95) };
}
