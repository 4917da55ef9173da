/**
 * What one leg is to hear and whether it is listened to: one record, sent to its media task whole whenever anything of
 * it changes, and again when another thread takes over. So nothing can be forgotten on the way.
 */

import type { FrameRingHandle } from '../ring/frame-ring.ts';

/**
 * How another party's own voice is heard. `through`: as it is, nobody translates it; `as-is`: as it is for now, because
 * what is said needs no translation. The others go with a translation: `duck`: 16.5 dB down under it, and at full level
 * while nothing is translated; `full`: as loud as ever; `off`: not at all.
 */
export type HearMode = 'through' | 'as-is' | 'duck' | 'full' | 'off';

/** One other party's own voice. */
export interface HeardVoice {
  /**
   * Whose it is: a voice that stays in the list under the same id, from the same ring, goes on however its mode
   * changes.
   */
  readonly id: string;
  readonly ring: FrameRingHandle;
  readonly how: HearMode;
}

export interface Orders {
  readonly voices: readonly HeardVoice[];
  /**
   * Translations that are on their way, as turns in the order in which their speakers began: a segment is heard when
   * its turn is the lowest of those that are still open. While there are any, a cue sounds when nothing is heard for
   * long.
   */
  readonly turns: readonly number[];
  /** Whether what the leg says is listened to. Listening is most of a leg's work. */
  readonly attending: boolean;
  /** Whether how it is said is measured, while it is listened to. */
  readonly measuring: boolean;
  /** Whether the waiting tone sounds. */
  readonly waiting: boolean;
  /** Whether nothing but speech that is made for it is heard: no cue, no other chimes, no keys. */
  readonly onlySpoken: boolean;
  /** Whether what it hears is put where a recorder, or who listens, finds it. */
  readonly recorded: boolean;
  /** The rate in Hz it is spoken to at; undefined: the rate at which it speaks. */
  readonly onlyHz: number | undefined;
}

export const NO_ORDERS: Orders = {
  voices: [],
  turns: [],
  attending: false,
  measuring: false,
  waiting: false,
  onlySpoken: false,
  recorded: false,
  onlyHz: undefined,
};

/** Whether one voice is heard as it is, and nothing else is to be done for the leg. */
export function isOnlyThrough({ voices, turns, attending, waiting }: Orders): boolean {
  return voices.length === 1 && voices[0]?.how === 'through' && turns.length === 0 && !attending && !waiting;
}

/** Whether two records say the same. */
export function sameOrders(one: Orders, other: Orders): boolean {
  return (
    one.attending === other.attending &&
    one.measuring === other.measuring &&
    one.waiting === other.waiting &&
    one.onlySpoken === other.onlySpoken &&
    one.recorded === other.recorded &&
    one.onlyHz === other.onlyHz &&
    sameList(one.turns, other.turns, (a, b) => a === b) &&
    sameList(
      one.voices,
      other.voices,
      (a, b) => a.id === b.id && a.how === b.how && a.ring.number === b.ring.number,
    )
  );
}

function sameList<T>(ones: readonly T[], others: readonly T[], same: (one: T, other: T) => boolean): boolean {
  return (
    ones === others ||
    (ones.length === others.length &&
      ones.every((one, index) => {
        const other = others[index];
        return other !== undefined && same(one, other);
      }))
  );
}
