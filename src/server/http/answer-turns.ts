/**
 * So many answers a second, evenly, so that all who ask together take no time of the main thread that somebody's sound
 * needs. Who asks more often waits, and in turns by address: a flood from one address is late for that address alone. A
 * load balancer that asks for `/health` meanwhile, and gave a node up whose answer is late, is answered in the next turn.
 */

import type { Clock, Timer } from '../../base/clock.ts';
import { FairRoom } from './fair-room.ts';

/** What may be answered at once after a quiet time: what so many ms are for. A page asks for some twenty things. */
const AT_ONCE_MS = 250;
/** As many wait as are answered in so many ms; nobody waits longer. */
const MOST_WAIT_MS = 5_000;

/** Somebody who asks. */
export interface Asker {
  /** Whether nobody waits for the answer any more; then no turn is lost with it. */
  isGone(): boolean;
  /** It is its turn. */
  answer(): void;
  /** It has to go without an answer. */
  cutOff(): void;
}

export class AnswerTurns {
  readonly #clock: Clock;
  readonly #everyMs: number;
  /** Until when all time for answers is taken. */
  #takenUntilMs = Number.NEGATIVE_INFINITY;
  readonly #waiting: FairRoom<Asker>;
  #timer: Timer | undefined;
  #closed = false;

  /** @param mostASecond answers, each some 0.1 to 1 ms of the main thread. */
  constructor(mostASecond: number, clock: Clock) {
    this.#clock = clock;
    this.#everyMs = 1_000 / mostASecond;
    this.#waiting = new FairRoom(Math.floor(MOST_WAIT_MS / this.#everyMs));
  }

  /**
   * Has one who asks answered when it is its turn, now if it is. In too long a queue the newest of the
   * address that has most in it is cut off, and so is everybody after the end. @param address whose turn it takes.
   */
  enter(asker: Asker, address: string | undefined): void {
    if (this.#closed) {
      asker.cutOff();
    } else if (this.takeNow()) {
      asker.answer();
    } else {
      this.#waiting.enter(asker, address)?.cutOff();
      this.#awaitTurn();
    }
  }

  /** Takes a turn if there is one now that nobody waits for; else somebody is to go without an answer. */
  takeNow(): boolean {
    return this.#waiting.size === 0 && this.#take();
  }

  /** Cuts off who waits. Idempotent. */
  close(): void {
    this.#closed = true;
    this.#timer?.cancel();
    for (let asker = this.#waiting.next(); asker !== undefined; asker = this.#waiting.next()) {
      asker.cutOff();
    }
  }

  #take(): boolean {
    const nowMs = this.#clock.nowMs();
    if (nowMs < this.#nextMs()) {
      return false;
    }
    this.#takenUntilMs = Math.max(this.#takenUntilMs, nowMs) + this.#everyMs;
    return true;
  }

  /** When there is a turn again. */
  #nextMs(): number {
    return this.#takenUntilMs - (AT_ONCE_MS - this.#everyMs);
  }

  #awaitTurn(): void {
    this.#timer ??= this.#clock.at(this.#nextMs(), () => {
      this.#timer = undefined;
      this.#serve();
    });
  }

  #serve(): void {
    while (this.#waiting.size > 0 && this.#take()) {
      this.#nextThere()?.answer();
    }
    if (this.#waiting.size > 0) {
      this.#awaitTurn();
    }
  }

  /** Whose turn it is of those who still wait for their answers. */
  #nextThere(): Asker | undefined {
    let asker = this.#waiting.next();
    while (asker?.isGone() === true) {
      asker.cutOff();
      asker = this.#waiting.next();
    }
    return asker;
  }
}
