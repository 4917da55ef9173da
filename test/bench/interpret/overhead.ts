/**
 * Where the time of one segment went, from the end of its last word to its first sound at the listener: engines,
 * waits that a policy declares, the queue behind earlier speech, and what is left, which is our own. Engines tell
 * their own times, so what we add between them counts as ours.
 */

/** When each stage of a segment was done; ms of one clock. Stages may overlap: what runs ahead costs nothing. */
export interface SegmentTimes {
  /** When the speaker had said its last word. */
  readonly sourceEndMs: number;
  /** When recognition gave the text it was made of. */
  readonly recognisedMs: number;
  /** When it was decided to speak it, for good. */
  readonly committedMs: number;
  /** When translation was asked for, and answered. */
  readonly mtAskedMs: number;
  readonly mtAnsweredMs: number;
  /** When speech was asked for, and its first bytes given. */
  readonly ttsAskedMs: number;
  readonly ttsFirstMs: number;
  /** When the listener had heard all that came before; minus infinity when nothing did. */
  readonly lineFreeMs: number;
  /** When its first sound left for the listener. */
  readonly heardMs: number;
}

/** The parts of one segment's way, in ms. */
export interface SegmentParts {
  readonly sttMs: number;
  /** Waited on purpose: for the text to be stable, for a clause to be whole. */
  readonly declaredMs: number;
  readonly mtMs: number;
  readonly ttsMs: number;
  /** Waited for earlier speech to be over. */
  readonly queueMs: number;
  /** The rest: ours. */
  readonly ownMs: number;
}

/** By how much the parts may differ from the whole. */
const IDENTITY_MS = 1;

/**
 * Divides the way of a segment. Each stage is charged for what it adds to those before it, so the parts add up.
 * @throws Error when they do not: a time is wrong.
 */
export function partsOf(times: SegmentTimes): SegmentParts {
  let reachedMs = times.sourceEndMs;
  let ownMs = 0;
  const charge = (untilMs: number): number => {
    const addedMs = Math.max(0, untilMs - reachedMs);
    reachedMs += addedMs;
    return addedMs;
  };
  const sttMs = charge(times.recognisedMs);
  const declaredMs = charge(times.committedMs);
  ownMs += charge(times.mtAskedMs);
  const mtMs = charge(times.mtAnsweredMs);
  // What is not asked for while the listener still hears what came before is no loss.
  let queueMs = charge(Math.min(times.ttsAskedMs, times.lineFreeMs));
  ownMs += charge(times.ttsAskedMs);
  const ttsMs = charge(times.ttsFirstMs);
  queueMs += charge(times.lineFreeMs);
  ownMs += charge(times.heardMs);
  const parts = { sttMs, declaredMs, mtMs, ttsMs, queueMs, ownMs };
  const wholeMs = times.heardMs - times.sourceEndMs;
  const sumMs = sttMs + declaredMs + mtMs + ttsMs + queueMs + ownMs;
  if (!(Math.abs(sumMs - wholeMs) <= IDENTITY_MS)) {
    throw new Error(`the parts of a segment's way are ${sumMs} ms, the whole is ${wholeMs} ms`);
  }
  return parts;
}
