/**
 * One listener per extension: who comes in by a door speaks its first language and meets, in order of arrival, who
 * comes in by a door with the same two languages the other way round. For dialplans that cannot share a UUID.
 */

import type { Language, LanguagePair } from '../../base/language.ts';
import type { PairingScheme, Placement } from './pairing.ts';

interface WaitingCall {
  readonly callId: string;
  readonly speaks: Language;
  readonly wants: Language;
}

export class PortPairing implements PairingScheme {
  /** Calls with one leg, in order of arrival. */
  readonly #waiting: WaitingCall[] = [];

  place(uuid: string, pair: LanguagePair): Placement {
    const index = this.#waiting.findIndex((call) => call.speaks === pair.second && call.wants === pair.first);
    const call = this.#waiting[index];
    if (call !== undefined) {
      this.#waiting.splice(index, 1);
      return { callId: call.callId, leg: 1, language: pair.first };
    }
    this.#waiting.push({ callId: uuid, speaks: pair.first, wants: pair.second });
    return { callId: uuid, leg: 0, language: pair.first };
  }

  ended(callId: string): void {
    const index = this.#waiting.findIndex((call) => call.callId === callId);
    if (index >= 0) {
      this.#waiting.splice(index, 1);
    }
  }
}
