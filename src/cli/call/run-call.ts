/**
 * One call from dialling to hanging up, both legs played by us. The call is over when both have said everything and
 * nothing but silence has been heard for a while; then leg a hangs up, and the server must hang up leg b.
 */

import type { Clock } from '../../base/clock.ts';
import type { CallEvent, UtteranceReport } from '../../call/call-events.ts';
import { AsteriskLeg, type LegEnding } from './asterisk-leg.ts';
import { CallCaptions } from './call-captions.ts';
import type { CallProgress } from './call-progress.ts';
import type { SpokenEvent } from './call-report.ts';

export interface Address {
  readonly host: string;
  readonly port: number;
}

export interface CallPlan {
  readonly server: Address;
  /** Where leg b connects: the same server, unless each leg has a port of its own. */
  readonly serverB: Address;
  readonly httpUrl: string;
  readonly rateHz: number;
  readonly uuidA: string;
  readonly uuidB: string;
  /** At `rateHz`. */
  readonly speechA: Int16Array;
  readonly speechB: Int16Array;
  /** How long nothing but silence or the noise of a line ends the call, in ms. */
  readonly lingerMs: number;
  /** How long after the end of speech the call ends in any case, in ms. */
  readonly limitMs: number;
}

export interface CallResult {
  readonly startedAt: Date;
  readonly durationMs: number;
  readonly legA: AsteriskLeg;
  readonly legB: AsteriskLeg;
  readonly utterances: readonly UtteranceReport[];
  /** The segments that began to be heard, in that order. */
  readonly spoken: readonly SpokenEvent[];
  readonly captionsMissing: string | undefined;
  readonly notes: readonly string[];
}

const STEP_MS = 100;
/** How soon the server has to hang up the party that is left. */
const PARTNER_LIMIT_MS = 1_000;
/** How long the last events may take after the legs are gone. */
const LAST_EVENTS_MS = 1_000;

/**
 * Makes the call. When `signal` aborts during the call, it ends early and counts as made.
 * @throws AppError `server-unreachable`; the signal's reason when it aborted before both legs were connected.
 */
export async function runCall(
  plan: CallPlan,
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
  const legA = await openLeg(plan, 'a', clock, signal);
  let legB: AsteriskLeg;
  try {
    legB = await openLeg(plan, 'b', clock, signal);
  } catch (error) {
    legA.hangUp();
    throw error;
  }
  const utterances: UtteranceReport[] = [];
  const spoken: SpokenEvent[] = [];
  const onEvent = (event: CallEvent): void => {
    progress.caption(event);
    if (event.type === 'utterance') {
      utterances.push(event.report);
    } else if (event.type === 'spoken') {
      spoken.push(event);
    }
  };
  const callId = plan.uuidA.slice(0, -1);
  const captions = new CallCaptions(plan.httpUrl, callId, clock, onEvent, note);
  const watching = new AbortController();
  const watched = captions.follow(watching.signal);
  try {
    await untilOver(plan, legA, legB, captions, progress, clock, signal);
    noteEarlyEnd('a', legA.ending, note);
    noteEarlyEnd('b', legB.ending, note);
    legA.hangUp();
    if (legB.ending === undefined) {
      await within(PARTNER_LIMIT_MS, legB.ended, clock);
      notePartner(legB.ending, note);
      legB.hangUp();
    }
    await within(LAST_EVENTS_MS, captions.state === 'live' ? watched : Promise.resolve(), clock);
  } finally {
    legA.hangUp();
    legB.hangUp();
    watching.abort();
    await watched;
    progress.end();
  }
  const endMs = Math.max(legA.ending?.atMs ?? 0, legB.ending?.atMs ?? 0);
  return {
    startedAt,
    durationMs: endMs - legA.connectedAtMs,
    legA,
    legB,
    utterances,
    spoken,
    captionsMissing: captions.missingBecause,
    notes,
  };
}

function openLeg(plan: CallPlan, leg: 'a' | 'b', clock: Clock, signal: AbortSignal): Promise<AsteriskLeg> {
  const options =
    leg === 'a'
      ? { ...plan.server, uuid: plan.uuidA, speech: plan.speechA }
      : { ...plan.serverB, uuid: plan.uuidB, speech: plan.speechB };
  return AsteriskLeg.open({ ...options, rateHz: plan.rateHz }, clock, signal);
}

async function untilOver(
  plan: CallPlan,
  legA: AsteriskLeg,
  legB: AsteriskLeg,
  captions: CallCaptions,
  progress: CallProgress,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  const never = new AbortController().signal;
  const speechEndMs = Math.max(legA.connectedAtMs + legA.speechMs, legB.connectedAtMs + legB.speechMs);
  while (!signal.aborted && legA.ending === undefined && legB.ending === undefined) {
    const nowMs = clock.nowMs();
    const soundMs = Math.max(speechEndMs, legA.lastSoundAtMs, legB.lastSoundAtMs);
    const quiet = nowMs - soundMs >= plan.lingerMs && captions.unreported === 0;
    if (quiet || nowMs - speechEndMs >= plan.limitMs) {
      return;
    }
    const phase = nowMs < speechEndMs ? 'speaking' : 'listening';
    progress.status(phase, statusDetails(legA, legB, captions, nowMs));
    await clock.sleep(STEP_MS, never);
  }
}

function statusDetails(legA: AsteriskLeg, legB: AsteriskLeg, captions: CallCaptions, nowMs: number): string {
  const seconds = (ms: number): string => (ms / 1_000).toFixed(1);
  const said = (leg: AsteriskLeg): string => `${seconds(leg.saidMs)}/${seconds(leg.speechMs)} s`;
  const waiting = captions.unreported === 0 ? '' : `  utterances on their way: ${captions.unreported}`;
  return `${seconds(nowMs - legA.connectedAtMs)} s  a ${said(legA)}  b ${said(legB)}${waiting}`;
}

function noteEarlyEnd(leg: 'a' | 'b', ending: LegEnding | undefined, note: (sentence: string) => void): void {
  if (ending !== undefined) {
    note(`leg ${leg} was ended early: ${sentenceOf(ending)}`);
  }
}

function notePartner(ending: LegEnding | undefined, note: (sentence: string) => void): void {
  if (ending === undefined) {
    note(`the server did not hang up leg b within ${PARTNER_LIMIT_MS} ms after leg a had hung up`);
  } else if (ending.by !== 'server-hangup') {
    note(`leg b ended after leg a had hung up, but not by a hang-up message: ${sentenceOf(ending)}`);
  }
}

function sentenceOf(ending: LegEnding): string {
  const detail = ending.detail === '' ? '' : ` (${ending.detail})`;
  switch (ending.by) {
    case 'server-hangup':
      return 'the server hung up';
    case 'server-close':
      return `the server closed the connection${detail}`;
    case 'broken':
      return `what the server sent could not be read${detail}`;
    case 'us':
      return 'we hung up';
  }
}

/** Resolves when `work` does, or after `limitMs`. */
async function within(limitMs: number, work: Promise<unknown>, clock: Clock): Promise<void> {
  const waiting = new AbortController();
  const limit = clock.sleep(limitMs, waiting.signal).catch(() => {});
  await Promise.race([work, limit]);
  waiting.abort();
}
