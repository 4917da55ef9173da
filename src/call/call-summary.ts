/**
 * What one line of the log says of a call when it is over: how long, who, how much was translated and how soon, how the
 * talk went, what was lost, what was done about it, what providers charge for, and why it ended. No word that was said
 * is kept, only times.
 */

import { type Counted, CountSums } from '../base/counts.ts';
import type { Language } from '../base/language.ts';
import type { LogFields } from '../base/log.ts';
import { percentile } from '../base/percentile.ts';
import { Tally } from '../base/tally.ts';
import type { CallEvent, UtteranceReport } from './call-events.ts';
import { deadAirMs, type SpokenStretch, type Stretch, talkOverMs } from './talk-times.ts';

/** Utterances whose times are kept, at most: the latest. */
const MOST_TIMES = 1_000;
/** Utterances of which is kept when they were spoken and heard, at most: the latest, some hours of talk. */
const MOST_STRETCHES = 10_000;
/** What is counted of pieces of sound that were dropped, and what the line calls them. */
export const DROPPED: Readonly<Record<string, string>> = {
  earlyDropped: 'early',
  inboundLost: 'inbound',
  liveLost: 'live',
  liveTrimmed: 'live-late',
  playoutDropped: 'playout',
  socketDropped: 'socket',
  speechLost: 'speech',
};

export interface CallFacts {
  readonly languages: ReadonlySet<Language>;
  readonly interruptions: number;
  readonly streamsReplaced: number;
  readonly uninterpreted: number;
  /** @param spokenMs by party. */
  readonly talk: {
    readonly overMs: number;
    readonly deadAirMs: number;
    readonly spokenMs: ReadonlyMap<string, number>;
  };
  readonly ending: { readonly reason: string; readonly by?: string };
}

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
  /** When what was said. By party and utterance: one that is rendered into several languages was spoken once. */
  readonly #spoken = new Map<string, SpokenStretch>();
  /** When what was heard of translations. */
  readonly #heard: Stretch[] = [];
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
      keep(this.#delaysMs, stages.endToEndMs, MOST_TIMES);
      keep(this.#firstSoundsMs, startOffsetMs, MOST_TIMES);
      this.#keepStretches(event.report);
    }
  }

  legEnded(leg: Counted): void {
    this.#legs.add(leg);
  }

  /** Why the call ends, and by whose leaving; the first reason that is given is the one. */
  ends(reason: string, by?: string): void {
    this.#ending ??= by === undefined ? { reason } : { reason, by };
  }

  /**
   * What is known of the call, of which its record tells, too; of some hours of talk it takes milliseconds.
   * @param parties what all of its parties have counted.
   */
  facts(parties: CountSums): CallFacts {
    const spoken = [...this.#spoken.values()];
    const spokenMs = new Map<string, number>();
    for (const { party, startMs, endMs } of spoken) {
      spokenMs.set(party, (spokenMs.get(party) ?? 0) + endMs - startMs);
    }
    return {
      languages: this.#languages,
      interruptions: this.#legs.number('interruptions'),
      streamsReplaced: sumOf(parties.tally('streamsReplaced')),
      uninterpreted: sumOf(parties.tally('uninterpreted')) + sumOf(parties.tally('lettingThrough')),
      talk: {
        overMs: talkOverMs(spoken),
        deadAirMs: deadAirMs([...spoken, ...this.#heard]),
        /** By party. */
        spokenMs,
      },
      ending: this.#ending ?? { reason: 'ended' },
    };
  }

  /**
   * @param durationMs since the call began.
   * @param parties what all of its parties have counted.
   * @param facts of them.
   */
  fields(durationMs: number, parties: CountSums, facts = this.facts(parties)): LogFields {
    const noted = parties.tally('noted');
    const { talk, languages, interruptions, streamsReplaced, uninterpreted } = facts;
    const dropped = Object.entries(DROPPED)
      .map(([name, word]) => [word, this.#legs.number(name)] as const)
      .filter(([, count]) => count > 0);
    return {
      durationS: seconds(durationMs),
      parties: this.#parties.size,
      languages: [...languages],
      utterances: Object.fromEntries(this.#utterances.entries()),
      segments: this.#segments,
      ...percentiles('delay', this.#delaysMs),
      ...percentiles('firstSound', this.#firstSoundsMs),
      talkOverS: seconds(talk.overMs),
      deadAirS: seconds(talk.deadAirMs),
      interruptions,
      failovers: noted.get('failover') ?? 0,
      streamsReplaced,
      uninterpreted,
      speechS: seconds([...talk.spokenMs.values()].reduce((sum, ms) => sum + ms, 0)),
      mtCharacters: noted.get('mt-characters') ?? 0,
      ttsCharacters: noted.get('tts-characters') ?? 0,
      framesMissing: this.#legs.number('framesMissing'),
      ...(dropped.length === 0 ? {} : { dropped: Object.fromEntries(dropped) }),
      ...this.#ending,
    };
  }

  #keepStretches({ party, utterance, source, target }: UtteranceReport): void {
    const { startMs, endMs } = source;
    this.#spoken.set(`${party} ${utterance}`, { party, startMs, endMs });
    const [oldest] = this.#spoken.keys();
    if (this.#spoken.size > MOST_STRETCHES && oldest !== undefined) {
      this.#spoken.delete(oldest);
    }
    const heard =
      target.startMs === undefined || target.endMs === undefined
        ? undefined
        : { startMs: target.startMs, endMs: target.endMs };
    keep(this.#heard, heard, MOST_STRETCHES);
  }
}

function keep<Kept>(kept: Kept[], one: Kept | undefined, most: number): void {
  if (one !== undefined) {
    kept.push(one);
    if (kept.length > most) {
      kept.shift();
    }
  }
}

/** To tenths. */
function seconds(ms: number): number {
  return Math.round(ms / 100) / 10;
}

function sumOf(tally: ReadonlyMap<string, number>): number {
  return [...tally.values()].reduce((sum, count) => sum + count, 0);
}

/** The value that half of them, and 95 in a hundred, do not exceed; nothing where there are none. */
function percentiles(name: string, timesMs: readonly number[]): LogFields {
  const [p50, p95] = [percentile(timesMs, 0.5), percentile(timesMs, 0.95)];
  return p50 === undefined || p95 === undefined
    ? {}
    : { [`${name}P50Ms`]: Math.round(p50), [`${name}P95Ms`]: Math.round(p95) };
}
