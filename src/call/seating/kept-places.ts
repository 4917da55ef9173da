/**
 * The places of a call are for those whom the first of its legs was sent with. One Asterisk makes all legs of a call,
 * so what comes from elsewhere with the call's UUID is somebody who has seen it. Where the operator has named who may
 * connect at all, each of those is believed instead: a call may be shared by two Asterisks.
 */

import { plainAddress } from '../../base/addresses.ts';
import { type Arrival, type Refusal, refused, type Seat, type SeatingScheme } from './seating.ts';

export class KeptPlaces implements SeatingScheme {
  readonly #scheme: SeatingScheme;
  /** Where the first leg of each call came from. */
  readonly #addresses = new Map<string, string>();

  constructor(scheme: SeatingScheme) {
    this.#scheme = scheme;
  }

  async seat(arrival: Arrival): Promise<Seat | Refusal> {
    const seat = await this.#scheme.seat(arrival);
    const { address } = arrival;
    if (seat.type === 'refused' || address === undefined) {
      return seat;
    }
    const first = this.#addresses.get(seat.callId);
    if (first === undefined) {
      this.#addresses.set(seat.callId, address);
    } else if (plain(first) !== plain(address)) {
      return refused(
        'place-kept',
        `the call it names was begun from ${first}, and its places are kept for who comes from there; ` +
          'if both are yours, name them: --allow address,address',
      );
    }
    return seat;
  }

  unseated(seat: Seat, uuid: string): void {
    this.#scheme.unseated?.(seat, uuid);
  }

  ended(callId: string): void {
    this.#addresses.delete(callId);
    this.#scheme.ended(callId);
  }
}

/** All addresses that lead back to this machine are one. */
function plain(address: string): string {
  const unmapped = plainAddress(address);
  return unmapped === '::1' || unmapped.startsWith('127.') ? 'loopback' : unmapped;
}
