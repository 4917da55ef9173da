/**
 * One phone calls another: who calls hears it ring and is not answered before who is called has answered. What
 * becomes of it else is told to the caller as any exchange would, by the cause.
 */

import type { Clock } from '../../../base/clock.ts';
import type { Log } from '../../../base/log.ts';
import { hangUp, originate, ring } from '../../../protocol/ari/ari-requests.ts';
import type { AriChannel } from '../../../protocol/ari/ari-resources.ts';
import { type AriAsker, statusOf } from './ari-asker.ts';
import type { KnownDial } from './ari-leftovers.ts';
import type { StasisWords } from './stasis-words.ts';

/** Causes of Q.850. */
const UNALLOCATED = 1;
const ORDINARY = 16;
const NO_ANSWER = 19;
const NOT_REGISTERED = 20;
const TEMPORARY_FAILURE = 41;

/** How much longer than the phone rings its end is waited for, in ms: the event may have been lost. */
const OVERDUE_MS = 3_000;

export type DialWords = Extract<StasisWords, { readonly type: 'call' }>;

export interface AriDialDeps {
  readonly app: string;
  readonly client: AriAsker;
  readonly clock: Clock;
  readonly log: Log;
  readonly signal: AbortSignal;
}

export type DialOutcome =
  | 'answered'
  | 'busy'
  | 'no-answer'
  | 'not-registered'
  | 'caller-gone'
  | 'failed'
  | 'closing';

type End =
  | { readonly type: 'answered' }
  | { readonly type: 'failed'; readonly cause: number }
  | { readonly type: 'caller-gone' }
  | { readonly type: 'closing' };

export class AriDial {
  readonly caller: AriChannel;
  /** The id of the channel of who is called. */
  readonly callee: string;
  readonly words: DialWords;
  readonly #deps: AriDialDeps;
  readonly #ended: Promise<End>;
  #end: (end: End) => void = () => {};
  #rings = false;

  constructor(caller: AriChannel, callee: string, words: DialWords, deps: AriDialDeps) {
    this.caller = caller;
    this.callee = callee;
    this.words = words;
    this.#deps = deps;
    this.#ended = new Promise((resolve) => {
      this.#end = resolve;
    });
  }

  get known(): KnownDial {
    return { caller: this.caller.id, callee: this.callee, rings: this.#rings };
  }

  /** Who is called has answered. */
  answered(): void {
    this.#end({ type: 'answered' });
  }

  /** Who is called does not answer. @param cause why, by Q.850. */
  failed(cause: number): void {
    this.#end({ type: 'failed', cause });
  }

  callerGone(): void {
    this.#end({ type: 'caller-gone' });
  }

  /** Gives it up: we end. */
  close(): void {
    this.#end({ type: 'closing' });
  }

  /**
   * Rings, and resolves with what became of it. Unless it was answered, neither channel is left then.
   */
  async ring(): Promise<DialOutcome> {
    const { clock, signal } = this.#deps;
    await this.#send(ring(this.caller.id));
    const overdue = clock.at(clock.nowMs() + this.words.ringS * 1_000 + OVERDUE_MS, () =>
      this.failed(NO_ANSWER),
    );
    const originated = this.#originate().catch((error: unknown) => this.failed(causeOf(error)));
    try {
      const end = await this.#ended;
      if (end.type === 'answered') {
        return 'answered';
      }
      // What is to be removed must have been made.
      await originated;
      signal.throwIfAborted();
      await this.#send(hangUp(this.callee));
      if (end.type === 'caller-gone') {
        return 'caller-gone';
      }
      const cause = end.type === 'failed' ? toldCause(end.cause) : ORDINARY;
      await this.#send(hangUp(this.caller.id, cause));
      return end.type === 'closing' ? 'closing' : outcomeOf(cause);
    } finally {
      overdue.cancel();
    }
  }

  async #originate(): Promise<void> {
    const { app, client, signal } = this.#deps;
    const { endpoint, ringS } = this.words;
    const { id, callerNumber } = this.caller;
    const call = { app, channelId: this.callee, endpoint, args: [], originator: id, callerNumber };
    await client.ask(originate({ ...call, timeoutS: ringS }), signal);
    this.#rings = true;
  }

  /** What is gone already need neither ring nor end. */
  async #send(request: ReturnType<typeof ring>): Promise<void> {
    const { client, log, signal } = this.#deps;
    await client.ask(request, signal).catch((error: unknown) => {
      if (statusOf(error) !== 404) {
        log.debug({ error }, 'a request about a call that rings failed');
      }
    });
  }
}

/** What a refused origination means. */
function causeOf(error: unknown): number {
  switch (statusOf(error)) {
    case 400:
    case 404:
      return UNALLOCATED;
    case 500:
      return NOT_REGISTERED;
    default:
      return TEMPORARY_FAILURE;
  }
}

/** A phone that rang for as long as it should ends in an ordinary way, which is no answer to who calls. */
function toldCause(cause: number): number {
  return cause === 0 || cause === ORDINARY ? NO_ANSWER : cause;
}

function outcomeOf(cause: number): DialOutcome {
  switch (cause) {
    case 17: // User busy.
    case 21: // Call rejected.
      return 'busy';
    case NO_ANSWER:
    case 18: // No user responding.
      return 'no-answer';
    case NOT_REGISTERED:
      return 'not-registered';
    default:
      return 'failed';
  }
}
