/**
 * Who listens to the parties of one call. Nobody hears of a party that has refused to be recorded, neither what it says
 * nor, since its voice is in that, what the others hear; a recording that is paused is no reason to hear nothing. Who
 * listened to whom from when to when is told as events, in the log and in the call's record.
 */

import type { Clock } from '../../base/clock.ts';
import type { Log } from '../../base/log.ts';
import type { MediaModules } from '../../media/dsp/wasm.ts';
import type { Leg } from '../leg.ts';
import type { Listened, ListenedSound, ListeningWish } from './listened-sound.ts';
import { Listener } from './listener.ts';

/** Of one call, at the same time. */
const MOST_LISTENERS = 4;

export interface CallListenersOptions {
  readonly modules: MediaModules;
  readonly clock: Clock;
  readonly log: Log;
  /** When the call began, on the clock. */
  readonly startMs: number;
  /** @param number tells this listening from the others of the call. */
  readonly told: (
    listener: Pick<Listener, 'party' | 'what' | 'by'>,
    number: number,
    state: 'began' | 'ended',
  ) => void;
}

export class CallListeners {
  readonly counts = {
    listensBegun: 0,
    listensEnded: 0,
    /** Of what somebody listened to and could not be given, in ms. */
    listenDroppedMs: 0,
  };
  readonly #options: CallListenersOptions;
  readonly #listeners = new Set<Listener>();
  readonly #refused = new Set<string>();

  constructor(options: CallListenersOptions) {
    this.#options = options;
  }

  /**
   * Somebody listens to a party from now on.
   * @returns `full` where too many do, `refused` where somebody whose voice would be heard does not want to be kept.
   */
  open(party: string, leg: Leg, wish: ListeningWish): ListenedSound | 'full' | 'refused' {
    const { what, by } = wish;
    if (this.#isRefused(party, what)) {
      return 'refused';
    }
    if (this.#listeners.size >= MOST_LISTENERS) {
      return 'full';
    }
    const { modules, clock, log, startMs, told } = this.#options;
    const nowMs = clock.nowMs();
    this.counts.listensBegun += 1;
    const number = this.counts.listensBegun;
    const listener = new Listener({
      ...wish,
      ...{ party, modules, startMs, nowMs },
      rateHz: rateOf(leg, what),
      dropped: (ms) => {
        this.counts.listenDroppedMs += ms;
      },
    });
    listener.attach(leg);
    this.#listeners.add(listener);
    log.info({ by, party, what }, 'somebody listens to a party');
    told(listener, number, 'began');
    listener.onEnd((why) => {
      this.#listeners.delete(listener);
      this.counts.listensEnded += 1;
      log.info(
        { by, party, what, why, listenedMs: Math.round(clock.nowMs() - nowMs) },
        'somebody listens to a party no more',
      );
      told(listener, number, 'ended');
    });
    return listener;
  }

  /** Whether somebody listens of whom those who take part are to know. */
  get areTold(): boolean {
    return [...this.#listeners].some(({ tone }) => tone);
  }

  /** A party is on this leg from now on. */
  attach(party: string, leg: Leg): void {
    for (const listener of this.#of(party)) {
      listener.attach(leg);
    }
  }

  /** A party has lost its leg: call it before the leg's media closes. */
  detach(party: string): void {
    for (const listener of this.#of(party)) {
      listener.detach();
    }
  }

  /** A party has left for good. */
  left(party: string): void {
    for (const listener of this.#of(party)) {
      listener.end('party-left');
    }
  }

  /** A party does not want to be kept, in this call, from now to its end. */
  refuse(party: string): void {
    this.#refused.add(party);
    for (const listener of [...this.#listeners]) {
      if (this.#isRefused(listener.party, listener.what)) {
        listener.end('refused');
      }
    }
  }

  /** Nobody listens any more. Idempotent. */
  close(): void {
    for (const listener of [...this.#listeners]) {
      listener.end('call-over');
    }
  }

  #of(party: string): readonly Listener[] {
    return [...this.#listeners].filter((listener) => listener.party === party);
  }

  #isRefused(party: string, what: Listened): boolean {
    return what === 'voice' ? this.#refused.has(party) : this.#refused.size > 0;
  }
}

/** In Hz; a leg that speaks at another later is converted. */
function rateOf({ media }: Leg, what: Listened): number {
  switch (what) {
    case 'voice':
      return media.rateHz;
    case 'heard':
      return media.spokenToHz;
    case 'both':
      return Math.max(media.rateHz, media.spokenToHz);
  }
}
