/**
 * Gives calls that run here to other nodes, each at a pause of all who speak in it, so that no word is lost. What the
 * parties notice is the moment in which their dialplan dials again.
 */

import type { Clock, Timer } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import { Tally } from '../base/tally.ts';
import type { Call } from './call.ts';
import type { CallDirectory } from './call-directory.ts';
import { VoicePause } from './voice-pause.ts';

/** The reason of legs whose call another node has from now on. */
const HANDED_OVER = 'handed-over';

/** How often is looked whether a call pauses, in ms: shorter than any pause between sentences. */
const LOOK_MS = 100;
/** How long a pause is waited for at most, in ms; then the call goes in the midst of what is said. */
const PAUSE_LIMIT_MS = 20_000;
/** The share of the time that a node has to end in which pauses are waited for: in the rest those go that had none. */
const WAITING_SHARE = 2 / 3;
/** A line that is loud for so long, in ms, while nobody on it says a word, is a noisy one. */
const NOISY_MS = 3_000;
/** Calls that go in one look, where there is time enough: those who dial again do not do so all at once. */
const AT_ONCE = 2;
/** Before its node ends, in ms, the last one is to have gone. */
const SPARE_MS = 300;
/** A call that was to go, and that nobody could take for so long after its last moment, in ms, stays. */
const LAPSE_MS = 5_000;

interface Waiting {
  /** When it goes, pause or not, in ms of the clock. */
  untilMs: number;
  /** When this node ends; infinite: not soon. */
  endsMs: number;
  readonly pause: VoicePause;
  /** When something was last said, or on its way. */
  saidMs: number;
}

export class HandOvers {
  readonly counts = {
    /** Calls that were given to another node, by when: at a `pause`, or `midway` because there was none. */
    callsHandedOver: new Tally<'pause' | 'midway'>(),
    /** Looks at calls that were to go, and that nobody could take. */
    handOversWithoutNode: 0,
  };
  readonly #directory: CallDirectory;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #waiting = new Map<Call, Waiting>();
  #timer: Timer | undefined;

  constructor(directory: CallDirectory, clock: Clock, log: Log) {
    this.#directory = directory;
    this.#clock = clock;
    this.#log = log;
  }

  /**
   * Gives `call` away at its next pause.
   * @param endsMs when this node ends, on the clock; default not soon. Until then is waited for somebody who takes it, and for
   * legs to go that cannot come again.
   * @returns `stays`: not all of its legs can come again; `no-nodes`: nobody takes it now. Neither where this node ends.
   */
  give(call: Call, endsMs = Number.POSITIVE_INFINITY): 'done' | 'stays' | 'no-nodes' {
    if (endsMs === Number.POSITIVE_INFINITY) {
      if (!call.canLeave) {
        return 'stays';
      }
      if (this.#directory.taker(call.id) === undefined) {
        return 'no-nodes';
      }
    }
    const nowMs = this.#clock.nowMs();
    const untilMs = nowMs + Math.min(PAUSE_LIMIT_MS, (endsMs - nowMs) * WAITING_SHARE);
    const waiting = this.#waiting.get(call);
    if (waiting === undefined) {
      this.#waiting.set(call, { untilMs, endsMs, pause: new VoicePause(), saidMs: nowMs });
      this.#lookSoon();
    } else {
      waiting.untilMs = Math.min(waiting.untilMs, untilMs);
      waiting.endsMs = Math.min(waiting.endsMs, endsMs);
    }
    return 'done';
  }

  /** This node ends: whatever can go does so now, at a pause or not. */
  giveNow(calls: Iterable<Call>): void {
    for (const call of [...calls]) {
      this.#give(call, 'midway');
    }
  }

  /** A call is over here. */
  over(call: Call): void {
    this.#waiting.delete(call);
  }

  /** Another node has this call by right: its legs go there. One that cannot go stays, and is in two places. */
  yield(call: Call): void {
    this.#waiting.delete(call);
    if (call.ending) {
      return;
    }
    const stays = !call.canLeave;
    this.#log.warn({ call: call.id, stays }, 'another node has this call by right: its legs go there');
    if (stays) {
      call.tellNoMore();
    } else {
      call.leave('lost-to-another-node');
    }
  }

  /** Gives away nothing more. Idempotent. */
  close(): void {
    this.#timer?.cancel();
    this.#waiting.clear();
  }

  #lookSoon(): void {
    if (this.#timer === undefined && this.#waiting.size > 0) {
      this.#timer = this.#clock.at(this.#clock.nowMs() + LOOK_MS, () => {
        this.#timer = undefined;
        this.#look();
        this.#lookSoon();
      });
    }
  }

  #look(): void {
    const nowMs = this.#clock.nowMs();
    const all = [...this.#waiting];
    let left = this.#mostNow(nowMs, all.filter(([call]) => call.canLeave).length);
    for (const [call, waiting] of all) {
      const { untilMs, endsMs } = waiting;
      const when = this.#pauses(call, waiting) ? 'pause' : 'midway';
      if (left > 0 && (when === 'pause' || untilMs <= nowMs) && this.#give(call, when)) {
        left -= 1;
      } else if (endsMs === Number.POSITIVE_INFINITY && untilMs + LAPSE_MS <= nowMs) {
        this.#waiting.delete(call);
        this.#log.warn({ call: call.id }, 'a call was to be handed over, and no node took it: it stays');
      }
    }
  }

  /** How many of those that can go may do so in this look: so many that all have gone when this node ends. */
  #mostNow(nowMs: number, movable: number): number {
    let endsMs = Number.POSITIVE_INFINITY;
    for (const waiting of this.#waiting.values()) {
      endsMs = Math.min(endsMs, waiting.endsMs);
    }
    const looks = Math.max(1, Math.floor((endsMs - SPARE_MS - nowMs) / LOOK_MS));
    return Math.max(AT_ONCE, Math.ceil(movable / looks));
  }

  /** Whether nobody says anything, nor has begun to, and nothing of what was said is on its way. */
  #pauses(call: Call, waiting: Waiting): boolean {
    const nowMs = this.#clock.nowMs();
    const isQuiet = waiting.pause.look(call.parties.values());
    if (!call.atPause) {
      waiting.saidMs = nowMs;
    }
    const parties = [...call.parties.values()];
    const isNoise = nowMs - waiting.saidMs >= NOISY_MS && parties.every(({ routes }) => routes.size > 0);
    return call.atPause && (isQuiet || isNoise);
  }

  #give(call: Call, when: 'pause' | 'midway'): boolean {
    if (!call.canLeave) {
      return false;
    }
    // To write the record costs more than to ask first.
    const record = this.#directory.taker(call.id) === undefined ? undefined : call.record();
    const node = record === undefined ? undefined : this.#directory.handOver(record);
    if (node === undefined) {
      this.counts.handOversWithoutNode += 1;
      return false;
    }
    this.#waiting.delete(call);
    this.counts.callsHandedOver.add(when);
    this.#log.info({ call: call.id, node, when }, 'a call is handed over to another node');
    call.leave(HANDED_OVER);
    return true;
  }
}
