/**
 * What is noted of a call while it runs, for its line in the log and its record: who came by which leg and went when and
 * why, and how soon each direction was rendered. No word that was said is kept.
 */

import { CountSums } from '../../base/counts.ts';
import type { LogFields } from '../../base/log.ts';
import { percentile } from '../../base/percentile.ts';
import { Tally } from '../../base/tally.ts';
import { COMPONENTS, type Component } from '../../engines/support.ts';
import type { CallEvent, UtteranceReport } from '../call-events.ts';
import { type CallFacts, CallSummary, DROPPED } from '../call-summary.ts';
import type { Leg } from '../leg.ts';
import type { CallPlan, PartyPlan } from '../plan.ts';
import {
  type CallDetail,
  DETAIL_VERSION,
  type DirectionDetail,
  type EngineDetail,
  type LegDetail,
  type ListenedDetail,
  type PartyDetail,
} from './call-detail.ts';

/** Legs and parties that are kept of one call, at most: the latest. */
const MOST_LEGS = 200;
/** Listenings that are kept of one call, at most: the latest. */
const MOST_LISTENINGS = 200;
/** Times that are kept of each direction, at most: the latest. */
const MOST_TIMES = 1_000;

/** What a call says of itself when it is over. */
export interface EndedCall {
  readonly call: string;
  readonly callId: string;
  readonly plan: CallPlan;
  readonly startedAt: Date;
  readonly endedAt: Date;
  /** What all of its parties have counted. */
  readonly counted: CountSums;
  readonly durationMs: number;
  /** How often it went on at another node by then. */
  readonly resumed: number;
}

type Open<Detail> = { -readonly [Key in keyof Detail]: Detail[Key] };

interface KeptParty {
  readonly detail: Open<Omit<PartyDetail, 'legs' | 'spokenMs'>>;
  readonly legs: Open<LegDetail>[];
}

interface Direction {
  readonly utterances: Tally<string>;
  segments: number;
  words: number;
  readonly delaysMs: number[];
  readonly firstSoundsMs: number[];
}

export class CallLedger {
  readonly #summary = new CallSummary();
  readonly #startMs: number;
  /** By id, in the order in which they joined. */
  readonly #parties = new Map<string, KeptParty>();
  readonly #legs = new Map<Leg, Open<LegDetail>>();
  /** By `en es`. */
  readonly #directions = new Map<string, Direction>();
  /** By their numbers. */
  readonly #listened = new Map<number, Open<ListenedDetail>>();
  #answeredMs: number | undefined;
  readonly #there = new Set<string>();

  /** @param startMs when the call began, on the clock. */
  constructor(startMs: number) {
    this.#startMs = startMs;
  }

  /** A party has come by this leg, or come back. */
  joined(leg: Leg, plan: PartyPlan, nowMs: number): void {
    const atMs = this.#sinceStart(nowMs);
    this.is(plan, nowMs);
    this.#there.add(plan.id);
    if (this.#there.size > 1) {
      this.#answeredMs ??= atMs;
    }
    const { extension } = leg.facts ?? {};
    const detail: Open<LegDetail> = {
      door: leg.door.name,
      startMs: atMs,
      endMs: atMs,
      reason: '',
      ...(extension === undefined ? {} : { piiDialled: extension }),
      ...{ framesIn: 0, framesOut: 0, framesMissing: 0, dropped: {}, holds: 0 },
    };
    this.#legs.set(leg, detail);
    keep(this.#parties.get(plan.id)?.legs ?? [], detail, MOST_LEGS);
  }

  /** A party is known as this from now on. */
  is({ id, name, language, refusesRecording }: PartyPlan, nowMs: number): void {
    this.#summary.joined(id, language);
    const atMs = this.#sinceStart(nowMs);
    const kept = this.#parties.get(id) ?? {
      detail: { party: id, piiName: name, languages: [], startMs: atMs, endMs: atMs },
      legs: [],
    };
    this.#parties.set(id, kept);
    kept.detail.piiName = name;
    kept.detail.languages = [...new Set([...kept.detail.languages, language])];
    if (refusesRecording === true) {
      kept.detail.refusedRecording = true;
    }
    const [oldest] = this.#parties.keys();
    if (this.#parties.size > MOST_LEGS && oldest !== undefined) {
      this.#parties.delete(oldest);
    }
  }

  hear(event: CallEvent): void {
    this.#summary.hear(event);
    if (event.type === 'utterance') {
      this.#keepReport(event.report);
    } else if (event.type === 'listened') {
      this.#keepListened(event);
    }
  }

  legEnded(leg: Leg, reason: string, nowMs: number): void {
    this.#summary.legEnded(leg);
    const detail = this.#legs.get(leg);
    if (detail !== undefined) {
      this.#legs.delete(leg);
      Object.assign(detail, legCounts(leg), { endMs: this.#sinceStart(nowMs), reason });
    }
  }

  /** A party has left for good. */
  left(party: string, nowMs: number): void {
    this.#there.delete(party);
    const known = this.#parties.get(party);
    if (known !== undefined) {
      known.detail.endMs = this.#sinceStart(nowMs);
    }
  }

  /** Why the call ends, and by whose leaving; the first reason that is given is the one. */
  ends(reason: string, by?: string): void {
    this.#summary.ends(reason, by);
  }

  /** The call's record, and its line in the log. */
  over(ended: EndedCall): { readonly detail: CallDetail; readonly line: LogFields } {
    const { counted, durationMs } = ended;
    const facts = this.#summary.facts(counted);
    return { detail: this.#detail(ended, facts), line: this.#summary.fields(durationMs, counted, facts) };
  }

  #detail(ended: EndedCall, facts: CallFacts): CallDetail {
    const { plan, counted, durationMs } = ended;
    const { kind, mode, policy, metadata, linkedid } = plan;
    const { ending, talk, languages, interruptions, streamsReplaced, uninterpreted } = facts;
    const byDirection = counted.tally('byDirection');
    return {
      version: DETAIL_VERSION,
      call: ended.call,
      callId: ended.callId,
      ...(linkedid === undefined ? {} : { linkedid }),
      ...(metadata === undefined ? {} : { metadata: { ...metadata } }),
      ...{ kind, mode, policy, languages: [...languages] },
      startedAt: ended.startedAt.toISOString(),
      ...(this.#answeredMs === undefined
        ? {}
        : { answeredAt: new Date(ended.startedAt.getTime() + this.#answeredMs).toISOString() }),
      endedAt: ended.endedAt.toISOString(),
      durationMs,
      ...(ended.resumed === 0 ? {} : { resumed: ended.resumed }),
      end: ending,
      parties: [...this.#parties.values()].map(({ detail, legs }) => ({
        ...detail,
        spokenMs: talk.spokenMs.get(detail.party) ?? 0,
        legs: legs.map((leg) => ({ ...leg, ...(leg.reason === '' ? { endMs: durationMs } : {}) })),
      })),
      directions: this.#directionsOf(byDirection),
      engines: enginesOf(byDirection),
      contradictedWords: Object.fromEntries(
        [...byDirection].flatMap(([words, times]) => {
          const [from = '', , what] = words.split(' ');
          return what === 'contradicted-word' ? [[from, times] as const] : [];
        }),
      ),
      ...(this.#listened.size === 0 ? {} : { listened: [...this.#listened.values()] }),
      talkOverMs: Math.round(talk.overMs),
      deadAirMs: Math.round(talk.deadAirMs),
      ...{ interruptions, streamsReplaced, uninterpreted },
    };
  }

  #directionsOf(byDirection: ReadonlyMap<string, number>): DirectionDetail[] {
    return [...this.#directions].map(([key, { utterances, segments, words, delaysMs, firstSoundsMs }]) => {
      const [from = '', to = ''] = key.split(' ');
      const noted = (what: string): number => byDirection.get(`${key} ${what}`) ?? 0;
      const delay = timesOf(delaysMs);
      const firstSound = timesOf(firstSoundsMs);
      return {
        ...{ from, to, utterances: Object.fromEntries(utterances.entries()), segments, words },
        ...(delay === undefined ? {} : { delay }),
        ...(firstSound === undefined ? {} : { firstSound }),
        repaired: noted('repaired'),
        stale: noted('stale'),
        failovers: noted('failover'),
      };
    });
  }

  #keepListened({ listening, by, party, what, atMs }: Extract<CallEvent, { type: 'listened' }>): void {
    const startMs = this.#listened.get(listening)?.startMs ?? atMs;
    this.#listened.set(listening, { by, party, what, startMs, endMs: atMs });
    const [oldest] = this.#listened.keys();
    if (this.#listened.size > MOST_LISTENINGS && oldest !== undefined) {
      this.#listened.delete(oldest);
    }
  }

  #keepReport({ source, target, outcome, segments, startOffsetMs, stages }: UtteranceReport): void {
    const key = `${source.language} ${target.language}`;
    const direction = this.#directions.get(key) ?? {
      ...{ utterances: new Tally<string>(), segments: 0, words: 0, delaysMs: [], firstSoundsMs: [] },
    };
    this.#directions.set(key, direction);
    direction.utterances.add(outcome);
    direction.segments += segments;
    direction.words += outcome === 'spoken' ? wordCount(source.piiText) : 0;
    keep(direction.delaysMs, stages.endToEndMs, MOST_TIMES);
    keep(direction.firstSoundsMs, startOffsetMs, MOST_TIMES);
  }

  #sinceStart(nowMs: number): number {
    return Math.round(nowMs - this.#startMs);
  }
}

function legCounts(leg: Leg): Partial<LegDetail> {
  const sums = new CountSums().add(leg);
  const dropped = Object.entries(DROPPED)
    .map(([name, word]) => [word, sums.number(name)] as const)
    .filter(([, times]) => times > 0);
  return {
    ...(leg.media.rateHz > 0 ? { rateHz: leg.media.rateHz } : {}),
    framesIn: sums.number('framesIn'),
    framesOut: sums.number('framesOut'),
    framesMissing: sums.number('framesMissing'),
    dropped: Object.fromEntries(dropped),
    holds: sums.number('holds'),
  };
}

/** What engines were given, from words such as `en es mt:deepl`; recognition is of a language into all, `en * stt:vosk`. */
function enginesOf(byDirection: ReadonlyMap<string, number>): EngineDetail[] {
  return [...byDirection].flatMap(([words, amount]) => {
    const [from = '', to = '', what = ''] = words.split(' ');
    const [name, engine] = what.split(':');
    const component = COMPONENTS.find((each) => each === name);
    return component === undefined || engine === undefined
      ? []
      : [{ component, engine, from, ...(to === '*' ? {} : { to }), ...amountOf(component, amount) }];
  });
}

function amountOf(component: Component, amount: number): Pick<EngineDetail, 'characters' | 'speechMs'> {
  return component === 'mt' || component === 'tts'
    ? { characters: amount }
    : { speechMs: Math.round(amount) };
}

function timesOf(timesMs: readonly number[]): DirectionDetail['delay'] {
  const [p50Ms, p95Ms, maxMs] = [0.5, 0.95, 1].map((share) => percentile(timesMs, share));
  return p50Ms === undefined || p95Ms === undefined || maxMs === undefined
    ? undefined
    : { p50Ms: Math.round(p50Ms), p95Ms: Math.round(p95Ms), maxMs: Math.round(maxMs) };
}

function keep<Kept>(kept: Kept[], one: Kept | undefined, most: number): void {
  if (one !== undefined) {
    kept.push(one);
    if (kept.length > most) {
      kept.shift();
    }
  }
}

function wordCount(text: string): number {
  return text.split(/\s+/).filter((word) => word !== '').length;
}
