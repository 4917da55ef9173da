/**
 * What others have asked for, told a little at a time and only while the wire has room: twenty thousand calls at once would
 * hold up sound, and signs of life behind them. What one node asks of our own calls goes before what another wants to know
 * of all calls, which takes a second at least where there are so many, and is told to one after the other.
 */

import type { Clock, Timer } from '../base/clock.ts';
import type { CallTable } from './call-table.ts';
import type { AskMessage, ClusterMessage, ClusterWire } from './cluster-messages.ts';
import type { EndedCalls } from './ended-calls.ts';
import type { Membership } from './membership.ts';

/** What is told in one go: so many messages, or for so long, in ms, whichever is less. */
export const MOST_AT_ONCE = 64;
const SLICE_MS = 1;
/** From one go to the next, in ms. */
export const PAUSE_MS = 3;
/** Answers of one kind that wait, at most: a fleet of a hundred that hears its broker again. */
const MOST_WAITING = 100;

/** By whom the answer to everybody is known. */
const EVERYBODY = '';

export interface AnswersDeps {
  /** Our own life. */
  readonly run: string;
  readonly table: CallTable;
  readonly endedCalls: EndedCalls;
  readonly membership: Membership;
  readonly wire: ClusterWire;
  readonly clock: Clock;
}

/** What is left of an answer to tell. */
type Rest = Iterator<ClusterMessage, void, undefined>;

export class Answers {
  readonly #deps: AnswersDeps;
  /** By the life that has asked, in the order in which they are given. */
  readonly #ofOwn = new Map<string, Rest>();
  readonly #ofAll = new Map<string, Rest>();
  #timer: Timer | undefined;

  constructor(deps: AnswersDeps) {
    this.#deps = deps;
  }

  /** Answers a node in its turn. @returns false where too many wait. */
  give(ask: AskMessage): boolean {
    const { run, of } = ask;
    const answers = of === 'own' ? this.#ofOwn : this.#ofAll;
    if (of === 'own' && (answers.has(run) || answers.has(EVERYBODY))) {
      // It is on its way.
      return true;
    }
    if (!answers.has(run) && answers.size >= MOST_WAITING) {
      return false;
    }
    // Who asks for everything again has lost some of it.
    answers.set(run, this.#answer(ask));
    this.#begin();
    return true;
  }

  /** Tells everybody what is ours. */
  tellEverybody(): void {
    this.#ofOwn.set(EVERYBODY, this.#own());
    this.#begin();
  }

  /** Forgets what it was asked: nothing of it is told any more. */
  clear(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#ofOwn.clear();
    this.#ofAll.clear();
  }

  #begin(): void {
    if (this.#timer === undefined) {
      this.#tellSome();
    }
  }

  #tellSome(): void {
    const { wire, clock } = this.#deps;
    const beganMs = clock.nowMs();
    for (let told = 0; told < MOST_AT_ONCE && wire.hasRoom && clock.nowMs() - beganMs < SLICE_MS; told += 1) {
      if (!this.#tellNext()) {
        break;
      }
    }
    this.#timer =
      this.#ofOwn.size + this.#ofAll.size === 0
        ? undefined
        : clock.at(clock.nowMs() + PAUSE_MS, () => this.#tellSome());
  }

  /** @returns whether there was anything to tell. */
  #tellNext(): boolean {
    const { wire, membership } = this.#deps;
    const answers = this.#ofOwn.size > 0 ? this.#ofOwn : this.#ofAll;
    const [first] = answers;
    if (first === undefined) {
      return false;
    }
    const [run, rest] = first;
    const next = membership.get(run)?.up === false ? undefined : rest.next();
    if (next === undefined || next.done === true) {
      answers.delete(run);
    } else if (run === EVERYBODY) {
      wire.tell(next.value);
    } else {
      wire.tellNode(run, next.value);
    }
    return true;
  }

  /** What goes to everybody: nobody has asked, and nobody has to be told that it is all. */
  *#own(): Generator<ClusterMessage, void, undefined> {
    const { run, endedCalls } = this.#deps;
    yield* this.#calls((owner) => owner === run, []);
    for (const message of [...endedCalls.all()]) {
      if (message.run === run) {
        yield message;
      }
    }
  }

  *#answer({ run: asker, of, knows = [] }: AskMessage): Generator<ClusterMessage, void, undefined> {
    const { run, table, endedCalls } = this.#deps;
    const known = new Set(
      knows
        .filter((sums) => {
          const ours = table.sumsOf(sums.run);
          return ours.calls === sums.calls && ours.digest === sums.digest;
        })
        .map((sums) => sums.run),
    );
    const isWanted = (owner: string): boolean =>
      of === 'own' ? owner === run : owner !== asker && !known.has(owner);
    const told: string[] = [];
    yield* this.#calls(isWanted, told);
    yield* [...endedCalls.all()];
    // Who asked has heard of those that have ended meanwhile, and has them no more.
    const count = told.filter((callId) => table.get(callId) !== undefined).length;
    yield { type: 'sent', run, of, count };
  }

  /** The calls that there are when it begins, each as it is when it is told. @param told gets their ids. */
  *#calls(isWanted: (owner: string) => boolean, told: string[]): Generator<ClusterMessage, void, undefined> {
    const { table } = this.#deps;
    for (const callId of [...table.ids()]) {
      const entry = table.get(callId);
      if (entry !== undefined && isWanted(entry.run)) {
        told.push(callId);
        yield { type: 'call', entry };
      }
    }
  }
}
