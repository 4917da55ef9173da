/**
 * One call from dialling to hanging up, all legs played by us. The call is over when everybody has said everything and
 * nothing but silence has been heard for a while; then the first party hangs up. In a call of two the server must
 * hang up the other; in a conference the others hang up themselves.
 */

import type { Clock } from '../base/clock.ts';
import type { CallEvent, UtteranceReport } from '../call/call-events.ts';
import { AsteriskLeg } from './asterisk-leg.ts';
import { type ApiAddress, CallCaptions } from './call-captions.ts';
import type { CallParty } from './call-parties.ts';
import type { CallProgress } from './call-progress.ts';
import type { HeardEvent, SpokenEvent } from './call-report.ts';
import { type Address, type LostLeg, lostLegOf, noteEarlyEnd, notePartner } from './leg-endings.ts';

export interface PlannedParty extends CallParty {
  readonly server: Address;
  /** What it says, at the call's rate; empty for one that only listens. */
  readonly speech: Int16Array;
}

export interface PlannedCall {
  readonly callId: string;
  /** One whom an agent answers, or more. */
  readonly parties: readonly PlannedParty[];
  /** Where the server's API is. */
  readonly api: ApiAddress;
  readonly rateHz: number;
  /** How long nothing but silence or the noise of a line ends the call, in ms. */
  readonly lingerMs: number;
  /** How long after the end of speech the call ends in any case, in ms. */
  readonly limitMs: number;
}

/** A party and the leg it was on. */
export interface CalledParty {
  readonly party: PlannedParty;
  readonly leg: AsteriskLeg;
}

export interface CallResult {
  readonly startedAt: Date;
  readonly durationMs: number;
  /** In the order of the plan. */
  readonly called: readonly CalledParty[];
  readonly utterances: readonly UtteranceReport[];
  /** What parties were understood to say, for good, in that order. */
  readonly heard: readonly HeardEvent[];
  /** The segments that began to be heard, in that order. */
  readonly spoken: readonly SpokenEvent[];
  /** What each party speaks, by what the server calls it, as the server tells. */
  readonly languages: ReadonlyMap<string, string>;
  readonly captionsMissing: string | undefined;
  /** What went wrong with captions, in a sentence. */
  readonly captionsTrouble: string | undefined;
  /** The leg that the server ended first while the call was to go on; undefined when the call came to its own end. */
  readonly lost: LostLeg | undefined;
  readonly notes: readonly string[];
}

const STEP_MS = 100;
/** How soon the server has to hang up the party that is left. */
const PARTNER_LIMIT_MS = 1_000;
/** How long the last events may take after the legs are gone. */
const LAST_EVENTS_MS = 1_000;

/**
 * Makes the call. When `signal` aborts during the call, it ends early and counts as made.
 * @throws AppError `server-unreachable`; the signal's reason when it aborted before all legs were connected.
 */
export async function runCall(
  plan: PlannedCall,
  progress: CallProgress,
  clock: Clock,
  signal: AbortSignal,
): Promise<CallResult> {
  const startedAt = clock.wallTime();
  const notes: string[] = [];
  const note = (sentence: string): void => {
    notes.push(sentence);
    progress.line(sentence);
  };
  const called = await openLegs(plan, clock, signal);
  const legs = called.map(({ leg }) => leg);
  // Nobody speaks to a line that has nobody at its other end yet.
  for (const leg of legs) {
    leg.speak();
  }
  const utterances: UtteranceReport[] = [];
  const heard: HeardEvent[] = [];
  const spoken: SpokenEvent[] = [];
  const languages = new Map<string, string>();
  const onEvent = (event: CallEvent): void => {
    progress.caption(event);
    if (event.type === 'utterance') {
      utterances.push(event.report);
    } else if (event.type === 'spoken') {
      spoken.push(event);
    } else if (event.type === 'heard' && event.final) {
      heard.push(event);
    } else if (event.type === 'party-state' || event.type === 'party-changed') {
      languages.set(event.party, event.language);
    }
  };
  let captionsTrouble: string | undefined;
  const captions = new CallCaptions(plan.api, plan.callId, clock, onEvent, (sentence) => {
    captionsTrouble = sentence;
    progress.line(sentence);
  });
  const watching = new AbortController();
  const watched = captions.follow(watching.signal);
  let lost: LostLeg | undefined;
  try {
    await untilOver(plan, called, captions, progress, clock, signal);
    lost = lostLegOf(called);
    for (const { party, leg } of called) {
      noteEarlyEnd(party.name, leg.ending, note);
    }
    await hangUp(called, clock, note);
    await within(LAST_EVENTS_MS, captions.state === 'live' ? watched : Promise.resolve(), clock);
  } finally {
    for (const leg of legs) {
      leg.hangUp();
    }
    watching.abort();
    await watched;
    progress.end();
  }
  const startMs = Math.min(...legs.map(({ connectedAtMs }) => connectedAtMs));
  return {
    startedAt,
    durationMs: Math.max(...legs.map(({ ending }) => ending?.atMs ?? 0)) - startMs,
    called,
    utterances,
    heard,
    spoken,
    languages,
    captionsMissing: captions.missingBecause,
    captionsTrouble,
    lost,
    notes,
  };
}

/** Connects all parties, in order; hangs up those that were when one cannot be. */
async function openLegs(
  { parties, rateHz }: PlannedCall,
  clock: Clock,
  signal: AbortSignal,
): Promise<readonly CalledParty[]> {
  const called: CalledParty[] = [];
  try {
    for (const party of parties) {
      const { uuid, speech, server } = party;
      called.push({ party, leg: await AsteriskLeg.open({ ...server, uuid, speech, rateHz }, clock, signal) });
    }
    return called;
  } catch (error) {
    for (const { leg } of called) {
      leg.hangUp();
    }
    throw error;
  }
}

/** The first party hangs up; in a call of two the other must be hung up by the server. */
async function hangUp(
  called: readonly CalledParty[],
  clock: Clock,
  note: (sentence: string) => void,
): Promise<void> {
  const [first, second] = called;
  first?.leg.hangUp();
  if (second !== undefined && called.length === 2 && second.leg.ending === undefined) {
    await within(PARTNER_LIMIT_MS, second.leg.ended, clock);
    notePartner(second.party.name, second.leg.ending, PARTNER_LIMIT_MS, note);
  }
  for (const { leg } of called) {
    leg.hangUp();
  }
}

async function untilOver(
  plan: PlannedCall,
  called: readonly CalledParty[],
  captions: CallCaptions,
  progress: CallProgress,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  const never = new AbortController().signal;
  const speechEndMs = Math.max(...called.map(({ leg }) => leg.speechAtMs + leg.speechMs));
  while (!signal.aborted && called.every(({ leg }) => leg.ending === undefined)) {
    const nowMs = clock.nowMs();
    const soundMs = Math.max(speechEndMs, ...called.map(({ leg }) => leg.lastSoundAtMs));
    // A leg that nobody has answered is not over: something will come, or its time will be up.
    const answered = called.every(({ leg }) => leg.answered);
    const quiet = answered && nowMs - soundMs >= plan.lingerMs && captions.unreported === 0;
    if (quiet || nowMs - speechEndMs >= plan.limitMs) {
      return;
    }
    const phase = nowMs < speechEndMs ? 'speaking' : 'listening';
    progress.status(phase, statusDetails(called, captions, nowMs));
    await clock.sleep(STEP_MS, never);
  }
}

function statusDetails(called: readonly CalledParty[], captions: CallCaptions, nowMs: number): string {
  const seconds = (ms: number): string => (ms / 1_000).toFixed(1);
  const said = called.map(
    ({ party, leg }) => `${party.name} ${seconds(leg.saidMs)}/${seconds(leg.speechMs)} s`,
  );
  const waiting = captions.unreported === 0 ? [] : [`utterances on their way: ${captions.unreported}`];
  const startMs = called[0]?.leg.connectedAtMs ?? nowMs;
  return [`${seconds(nowMs - startMs)} s`, ...said, ...waiting].join('  ');
}

/** Resolves when `work` does, or after `limitMs`. */
async function within(limitMs: number, work: Promise<unknown>, clock: Clock): Promise<void> {
  const waiting = new AbortController();
  const limit = clock.sleep(limitMs, waiting.signal).catch(() => {});
  await Promise.race([work, limit]);
  waiting.abort();
}
