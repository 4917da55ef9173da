/** Calls beside those that are judged: nobody speaks in them, and nobody may be hung up. */

import { type Clock, systemClock } from '../../src/base/clock.ts';
import { PacedCaller } from '../../src/client/paced-caller.ts';
import { parseUuid } from '../../src/protocol/audiosocket/kinds.ts';
import { newCallUuids } from '../asterisk/strict-asterisk.ts';

const RATE_HZ = 8_000;

export class SteadyCalls {
  /** Legs that ended before they were to. */
  lost = 0;
  /** The longest time between two arrivals of sound on any leg, in ms. */
  longestGapMs = 0;
  readonly #callers: PacedCaller[] = [];
  readonly #clock: Clock = systemClock;
  #ending = false;

  static async ring(calls: number, host: string, port: number): Promise<SteadyCalls> {
    const steady = new SteadyCalls();
    for (let call = 0; call < calls; call += 1) {
      for (const uuid of newCallUuids()) {
        await steady.#ring(uuid, host, port);
      }
    }
    return steady;
  }

  async #ring(uuid: string, host: string, port: number): Promise<void> {
    const caller = await PacedCaller.connect({ host, port, rateHz: RATE_HZ }, this.#clock);
    const silence = new Int16Array(RATE_HZ / 50);
    let heardMs: number | undefined;
    caller.start({
      packet: () => silence,
      received: () => {
        const nowMs = this.#clock.nowMs();
        this.longestGapMs = Math.max(this.longestGapMs, nowMs - (heardMs ?? nowMs));
        heardMs = nowMs;
      },
      lost: () => {
        this.lost += this.#ending ? 0 : 1;
      },
    });
    caller.identify(parseUuid(uuid) ?? new Uint8Array(0));
    caller.speak();
    this.#callers.push(caller);
  }

  hangUp(): void {
    this.#ending = true;
    for (const caller of this.#callers) {
      caller.end('gone');
    }
  }
}
