/**
 * Work that comes in bursts and must not hold up what is on time: it is done a little in each turn of the event loop,
 * so that timers and sockets have their turns in between. What is urgent goes before what is not, each in the order in
 * which it came.
 */

import { type Clock, turnOfLoop } from './clock.ts';

/**
 * What of one turn of the loop is used, in ms; the job that is begun in it is finished. Less makes bursts last: a
 * turn has its own work, which grows with what was taken in already.
 */
const SLICE_MS = 8;

/**
 * For how long everything waits while each turn of the loop brings something more, in ms: some hundred connections, of
 * which it hands over one a turn (libuv #3696, in Node 20 and later). After that both have half of the time.
 */
const MOST_COMING_MS = 100;

export class SlicedWork {
  readonly #clock: Clock;
  readonly #failed: (error: unknown) => void;
  readonly #between: (nowMs: number) => void;
  readonly #urgent = new Set<() => void>();
  readonly #other = new Set<() => void>();
  #awaitsTurn = false;
  /** Whether this turn of the loop has brought something. */
  #came = false;
  /** Until when the rest of what comes goes before all work; undefined: nothing comes. */
  #comingUntilMs: number | undefined;

  /** @param failed hears what a job threw; the others go on. @param between does what is due by now, after each job. */
  constructor(clock: Clock, failed: (error: unknown) => void, between: (nowMs: number) => void = () => {}) {
    this.#clock = clock;
    this.#failed = failed;
    this.#between = between;
  }

  /** Does `job` in one of the next turns, before everything that is not urgent. */
  doSoon(job: () => void): void {
    this.#urgent.add(job);
    this.#nextTurn();
  }

  /** Does `job` in one of the next turns, when nothing urgent waits. */
  doThen(job: () => void): void {
    this.#other.add(job);
    this.#nextTurn();
  }

  /**
   * Something has come of which the loop hands over one a turn, and a turn that does work takes many times as long as
   * one that does not: work waits until a turn brings nothing.
   */
  mayBringMore(): void {
    this.#came = true;
  }

  #nextTurn(): void {
    if (!this.#awaitsTurn) {
      this.#awaitsTurn = true;
      turnOfLoop().then(() => this.#doSome());
    }
  }

  #doSome(): void {
    this.#awaitsTurn = false;
    let nowMs = this.#clock.nowMs();
    if (this.#isMoreComing(nowMs)) {
      this.#nextTurn();
      return;
    }
    for (const untilMs = nowMs + SLICE_MS; nowMs < untilMs; nowMs = this.#clock.nowMs()) {
      const jobs = this.#urgent.size > 0 ? this.#urgent : this.#other;
      const [job] = jobs;
      if (job === undefined) {
        return;
      }
      jobs.delete(job);
      try {
        job();
      } catch (error) {
        this.#failed(error);
      }
      this.#between(this.#clock.nowMs());
    }
    if (this.#comingUntilMs !== undefined) {
      this.#comingUntilMs = nowMs + SLICE_MS;
    }
    this.#nextTurn();
  }

  #isMoreComing(nowMs: number): boolean {
    const came = this.#came;
    this.#came = false;
    this.#comingUntilMs = came ? (this.#comingUntilMs ?? nowMs + MOST_COMING_MS) : undefined;
    return this.#comingUntilMs !== undefined && nowMs < this.#comingUntilMs;
  }
}
