/**
 * Where the time of each segment went in a run of the live bench, from the caller's last word of it to its first sound
 * at the listener, put together from what the telephones, the vendors and the server noted. Pure.
 *
 * The whole is taken at the telephones, the parts at the vendors, so a wrong match shows: the parts would not add up.
 */

import { partsOf, type SegmentParts, type SegmentTimes } from '../interpret/overhead.ts';
import { frameWaitMs, type HeardSound, soundsOf } from './heard-sounds.ts';
import { ingressOf, placeOf } from './ingress.ts';
import type { CallFacts, SpokenFacts, SttFacts, VendorFacts } from './live-facts.ts';

/** Why a segment has no share of ours to tell. */
export type LeftOut =
  /** It waited for earlier speech to be over. */
  | 'queued'
  /** The listener heard no sound where it should have been. */
  | 'unheard'
  /** What it translates is not found in what was said. */
  | 'unknown-source'
  /** Recognition, translation or synthesis of it is not found at the vendors. */
  | 'unknown-at-vendors'
  /** The parts of its way are not the whole: a time is wrong. */
  | 'broken';

export type SegmentWay =
  | { readonly type: 'left-out'; readonly why: LeftOut }
  | {
      readonly type: 'measured';
      /** From the end of its last word to its first sound. */
      readonly wholeMs: number;
      /** Engines, declared waits and queue; `ownMs` includes the way to the recogniser. */
      readonly parts: SegmentParts;
      /** Of our own share: until the caller's next frame made a packet of audio full. */
      readonly packetMs: number;
      /** Of our own share: until a frame to the listener was due. */
      readonly frameMs: number;
      readonly hops: SegmentHops;
      /** Whether it was worked on before it was certain. */
      readonly ahead: boolean;
      /** Whether time alone decided it, and not an answer of the recogniser. */
      readonly byTimer: boolean;
      /** Whether it is the whole of a turn. */
      readonly wholeTurn: boolean;
    };

/** What we add between two others, in ms; undefined where it cannot be seen on the wire. */
export interface SegmentHops {
  /** From the frame with the end of its last word, written by the caller, to that frame at the recogniser. */
  readonly ingressMs: number;
  /** From a result of the recogniser to the request for a translation. */
  readonly toTranslationMs: number | undefined;
  /** From the translation to the request for speech. */
  readonly toSpeechMs: number | undefined;
  /** From the first bytes of speech, or the result that made it certain, to the frame with its first sound. */
  readonly toListenerMs: number;
}

/** The same moment told by two processes may differ by so much: transit, and times in whole ms. */
const SLACK_MS = 3;
/** An answer of the recogniser is what decided, or what was translated ahead, if it came so shortly before. */
const REACTION_MS = 100;
/** The first sound of a segment arrives this long after the server made its frame, at most. */
const HEARD_WITHIN_MS = 150;

/** The way of each segment of all calls. */
export function segmentWays(calls: readonly CallFacts[], vendors: VendorFacts): readonly SegmentWay[] {
  return calls.flatMap((call) => {
    const sounds = soundsOf(call.phones);
    const startMs = callStartMs(call.spoken, vendors);
    return call.spoken.map((segment) => wayOf(segment, startMs, call, sounds, vendors));
  });
}

/** Turns of which nothing was spoken. */
export function unspokenTurns(calls: readonly CallFacts[]): number {
  return calls.reduce((sum, { turns, spoken }) => {
    const heard = new Set(spoken.map(({ source }) => placeOf(source, turns)?.turn.id));
    return sum + turns.filter(({ id }) => !heard.has(id)).length;
  }, 0);
}

/**
 * When a call began on the machine's clock. The server tells its times from there on, and no translation and no first
 * sound can have reached it before it was sent: the latest beginning that some of them demand is right but for the
 * quickest transit among them.
 */
export function callStartMs(spoken: readonly SpokenFacts[], { mt, tts }: VendorFacts): number {
  let startMs = Number.NEGATIVE_INFINITY;
  for (const { atMs, source, text, stages } of spoken) {
    const spokenMs = onlyOne(tts, text)?.firstMs ?? Number.NaN;
    const translatedMs = onlyOne(mt, source)?.answeredMs ?? Number.NaN;
    for (const demandedMs of [
      spokenMs - (atMs - stages.queueMs),
      translatedMs - (atMs - stages.queueMs - stages.ttsMs),
    ]) {
      startMs = demandedMs > startMs ? demandedMs : startMs;
    }
  }
  return startMs;
}

/** What a vendor was asked of `text`, if once: the same phrase in two calls says nothing of either. */
function onlyOne<Fact extends { readonly text: string }>(
  facts: readonly Fact[],
  text: string,
): Fact | undefined {
  const [one, another] = facts.filter((fact) => fact.text === text);
  return another === undefined ? one : undefined;
}

function wayOf(
  segment: SpokenFacts,
  startMs: number,
  call: CallFacts,
  sounds: readonly HeardSound[],
  vendors: VendorFacts,
): SegmentWay {
  const place = placeOf(segment.source, call.turns);
  if (place === undefined) {
    return { type: 'left-out', why: 'unknown-source' };
  }
  const { stages } = segment;
  const madeMs = startMs + segment.atMs;
  const decidedMs = madeMs - stages.mtMs - stages.ttsMs - stages.queueMs;
  const begins = ({ fromMs }: HeardSound): boolean =>
    fromMs >= madeMs - SLACK_MS && fromMs <= madeMs + HEARD_WITHIN_MS;
  const index = sounds.findIndex(begins);
  const heardMs = sounds[index]?.fromMs;
  if (heardMs === undefined) {
    const amid = sounds.some(({ fromMs, toMs }) => fromMs < madeMs && toMs > madeMs);
    return { type: 'left-out', why: amid ? 'queued' : 'unheard' };
  }
  const ingress = ingressOf(place, call, vendors.stt);
  const served = servedOf(segment, madeMs, vendors);
  const answer = ingress?.stt.answers.findLast(({ sentMs }) => sentMs <= decidedMs + SLACK_MS);
  if (ingress === undefined || served === undefined || answer === undefined) {
    return { type: 'left-out', why: 'unknown-at-vendors' };
  }
  // What comes at once after an answer is our own reaction to it; what comes later was waited for on purpose.
  const byTimer = decidedMs - answer.sentMs > REACTION_MS;
  const committedMs = byTimer ? decidedMs : answer.sentMs;
  const ingressMs = ingress.arrivedMs - ingress.writtenMs;
  const lineFreeMs = sounds[index - 1]?.toMs ?? Number.NEGATIVE_INFINITY;
  const parts = sumUp(
    {
      sourceEndMs: ingress.arrivedMs,
      recognisedMs: answer.sentMs,
      committedMs,
      ...served,
      lineFreeMs,
      heardMs,
    },
    ingressMs,
  );
  if (parts === undefined || parts.queueMs > 0) {
    return { type: 'left-out', why: parts === undefined ? 'broken' : 'queued' };
  }
  const readyMs = Math.max(served.ttsFirstMs, committedMs);
  return {
    type: 'measured',
    wholeMs: heardMs - ingress.writtenMs,
    parts,
    packetMs: ingress.packetMs,
    frameMs: frameWaitMs(call.phones, readyMs, heardMs),
    hops: {
      ingressMs,
      toTranslationMs: reactionMs(ingress.stt, served),
      toSpeechMs: toSpeechMs(served, committedMs),
      toListenerMs: heardMs - readyMs,
    },
    ahead: served.mtAskedMs < committedMs - SLACK_MS,
    byTimer,
    wholeTurn: place.isWhole,
  };
}

/** When the vendors were asked for a segment, and answered. */
type Served = Pick<SegmentTimes, 'mtAskedMs' | 'mtAnsweredMs' | 'ttsAskedMs' | 'ttsFirstMs'>;

/** The last time they were asked for it before it was heard: work ahead that was thrown away came before. */
function servedOf(
  { source, text }: SpokenFacts,
  madeMs: number,
  { mt, tts }: VendorFacts,
): Served | undefined {
  const spoken = tts.findLast((one) => one.text === text && isBy(one.firstMs, madeMs + SLACK_MS));
  const translated = mt.findLast(
    (one) => one.text === source && isBy(one.answeredMs, (spoken?.askedMs ?? madeMs) + SLACK_MS),
  );
  const [ttsFirstMs, mtAnsweredMs] = [spoken?.firstMs, translated?.answeredMs];
  return spoken === undefined ||
    translated === undefined ||
    ttsFirstMs === undefined ||
    mtAnsweredMs === undefined
    ? undefined
    : { mtAskedMs: translated.askedMs, mtAnsweredMs, ttsAskedMs: spoken.askedMs, ttsFirstMs };
}

function isBy(atMs: number | undefined, limitMs: number): boolean {
  return atMs !== undefined && atMs <= limitMs;
}

/** The parts with the way to the recogniser among our own; undefined when they are not the whole. */
function sumUp(times: SegmentTimes, ingressMs: number): SegmentParts | undefined {
  if (!(ingressMs >= 0)) {
    return undefined;
  }
  try {
    const parts = partsOf(times);
    return { ...parts, ownMs: parts.ownMs + ingressMs };
  } catch {
    return undefined;
  }
}

/** From the last answer before a translation was asked for; undefined when it was not an answer that made us ask. */
function reactionMs(stt: SttFacts, { mtAskedMs }: Served): number | undefined {
  const answer = stt.answers.findLast(({ sentMs }) => sentMs <= mtAskedMs);
  const tookMs = mtAskedMs - (answer?.sentMs ?? Number.NEGATIVE_INFINITY);
  return tookMs <= REACTION_MS ? tookMs : undefined;
}

/** Speech that is not asked for before the segment is certain waits for that, on purpose. */
function toSpeechMs({ mtAnsweredMs, ttsAskedMs }: Served, committedMs: number): number | undefined {
  const waited = mtAnsweredMs < committedMs && ttsAskedMs >= committedMs;
  return waited ? undefined : ttsAskedMs - mtAnsweredMs;
}
