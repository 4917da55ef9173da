/**
 * The default scheme: the last hexadecimal digit of the UUID is the leg's number, the rest is the call. The
 * dialplan makes one UUID per call and replaces its last digit by 0 for the caller and 1 for the callee.
 */

import type { LanguagePair } from '../../base/language.ts';
import type { PairingScheme, Placement, Refusal } from './pairing.ts';

export class SuffixPairing implements PairingScheme {
  place(uuid: string, pair: LanguagePair): Placement | Refusal {
    const digit = uuid.slice(-1);
    if (digit !== '0' && digit !== '1') {
      return {
        refused: 'unknown-leg-number',
        explanation:
          `a UUID ends with 0 for the first party and 1 for the second; this one ends with ${digit}. ` +
          'In the dialplan write $' +
          '{CALL:0:35}0 and $' +
          '{CALL:0:35}1',
      };
    }
    const leg = Number(digit);
    return { callId: uuid.slice(0, -1), leg, language: leg === 0 ? pair.first : pair.second };
  }

  ended(): void {
    // Nothing is remembered between legs: the UUID says it all.
  }
}
