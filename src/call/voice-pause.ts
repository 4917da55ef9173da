/**
 * Whether somebody sounds, told by how loud the parties are: of use to who waits for a pause. Nobody listens for the words of
 * those whom nobody interprets; and that a party speaks which is interpreted is known 60 ms after it has begun.
 */

import { VoiceMeter } from '../media/thread/voice-meter.ts';
import type { Party } from './party.ts';

/** -36 dB relative to full scale, by the meter's steps: below any voice that can be understood, above the noise of lines. */
const VOICE_LEVEL = 40;
/** Looks without a voice, one after the other, that are a pause: at ten a second it is longer than the gaps within words. */
const QUIET_LOOKS = 3;

export class VoicePause {
  readonly #meters = new Map<unknown, VoiceMeter>();
  #quietLooks = 0;

  /** Looks at what came since the last look. @returns whether nobody has sounded for some looks. */
  look(parties: Iterable<Party>): boolean {
    let loud = false;
    for (const { ring } of parties) {
      if (ring !== undefined) {
        const meter = this.#meters.get(ring) ?? new VoiceMeter(ring);
        this.#meters.set(ring, meter);
        loud = meter.read() > VOICE_LEVEL || loud;
      }
    }
    this.#quietLooks = loud ? 0 : this.#quietLooks + 1;
    return this.#quietLooks >= QUIET_LOOKS;
  }
}
