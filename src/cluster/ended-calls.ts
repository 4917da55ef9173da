/**
 * Calls that are over, remembered for a moment: whoever dials again is hung up and does not begin another, and what was told
 * of the call before and comes late brings it back no more.
 */

import type { Clock } from '../base/clock.ts';
import type { Claim } from './claims.ts';
import type { OverMessage } from './cluster-messages.ts';

/** In ms. */
export const REMEMBERED_MS = 10_000;
/** Of more the one that ended first is forgotten: 20 a second of 20,000 calls of a quarter of an hour, and 250 times that. */
const MOST_REMEMBERED = 50_000;

interface Remembered {
  readonly message: OverMessage;
  /** Of the legs that it had. */
  readonly legKeys: readonly string[];
  readonly untilMs: number;
}

/**
 * Whether a claim is over with this end: the same one, or one that others had gone on from. Two nodes that did not see each
 * other may have gone on with a call at once: the end of one is not the other's.
 */
export function isOver({ generation, run, claimedAtMs }: Claim, message: OverMessage): boolean {
  if (message.ended && generation < message.generation) {
    return true;
  }
  return (
    run === message.run &&
    generation <= message.generation &&
    // One that came to nothing may have been made again.
    (message.ended || claimedAtMs <= message.claimedAtMs)
  );
}

export class EndedCalls {
  readonly #clock: Clock;
  /** In the order in which they are forgotten. */
  readonly #ended = new Map<string, Remembered>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get size(): number {
    return this.#ended.size;
  }

  /** @param legKeys of the legs that it had, as far as they are known here. */
  add(message: OverMessage, legKeys: readonly string[] = []): void {
    const { callId, generation, ended } = message;
    const known = this.#ended.get(callId);
    if (known !== undefined && known.message.generation >= generation && known.message.ended >= ended) {
      return;
    }
    this.#ended.delete(callId);
    const untilMs = this.#clock.nowMs() + REMEMBERED_MS;
    this.#ended.set(callId, {
      message,
      untilMs,
      legKeys: legKeys.length > 0 ? legKeys : (known?.legKeys ?? []),
    });
    if (this.#ended.size > MOST_REMEMBERED) {
      const [oldest] = this.#ended.keys();
      this.#ended.delete(oldest ?? callId);
    }
  }

  /** Whether the call ran and is over, and nobody went on with it. */
  has(callId: string): boolean {
    this.forget();
    return this.#ended.get(callId)?.message.ended === true;
  }

  /** Whether a leg was in the call that {@link has} ended. */
  had(callId: string, legKey: string): boolean {
    return this.#ended.get(callId)?.legKeys.includes(legKey) === true;
  }

  /** The generation after the one that ended, for a call that begins anew under its name; 0 where none has. */
  nextGeneration(callId: string): number {
    const message = this.#ended.get(callId)?.message;
    return message?.ended === true ? message.generation + 1 : 0;
  }

  /** Whether what is told of a call is from before its end. */
  outlived(claim: Claim): boolean {
    this.forget();
    const message = this.#ended.get(claim.callId)?.message;
    return message !== undefined && isOver(claim, message);
  }

  /** Somebody goes on with it. */
  delete(callId: string): void {
    this.#ended.delete(callId);
  }

  *all(): Iterable<OverMessage> {
    this.forget();
    for (const { message } of this.#ended.values()) {
      yield message;
    }
  }

  forget(): void {
    const nowMs = this.#clock.nowMs();
    for (const [callId, { untilMs }] of this.#ended) {
      if (untilMs > nowMs) {
        return;
      }
      this.#ended.delete(callId);
    }
  }
}
