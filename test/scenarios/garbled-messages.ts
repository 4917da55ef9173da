/**
 * Messages that somebody wrongs, with chance that is always the same: valid ones of which bytes were changed, left out
 * or said twice, or of which a field is something else, and bytes that never were a message.
 */

import { seededRandom } from '../asterisk/audio.ts';

/** What a field may be that nobody expects. */
const ODD_VALUES: readonly unknown[] = [
  null,
  true,
  -1,
  1e308,
  '',
  '\u0000',
  'x'.repeat(300),
  [],
  [[[[[[]]]]]],
  [256, -1, 0.5],
  {},
  { type: 'Buffer', data: 'none' },
  { __proto__: { type: 'audio' } },
];

export class Garbler {
  readonly #next: () => number;

  constructor(seed: number) {
    this.#next = seededRandom(seed);
  }

  /** A whole number from 0 on, below `limit`. */
  below(limit: number): number {
    return Math.floor(this.#next() * limit);
  }

  pick<T>(things: readonly [T, ...T[]]): T {
    return things[this.below(things.length)] ?? things[0];
  }

  /** Bytes that mean nothing. */
  noise(mostBytes: number): Uint8Array {
    return Uint8Array.from({ length: this.below(mostBytes + 1) }, () => this.below(256));
  }

  /** Bytes with some of them changed, or cut. */
  bytes(valid: Uint8Array): Uint8Array {
    const garbled = valid.slice(0, this.below(4) === 0 ? this.below(valid.length) : valid.length);
    for (let change = this.below(4); change >= 0 && garbled.length > 0; change -= 1) {
      garbled[this.below(garbled.length)] = this.below(256);
    }
    return garbled;
  }

  /** The text of a message of which something is wrong, if only its place in the talk. */
  text(valid: Readonly<Record<string, unknown>>): string {
    const names = Object.keys(valid);
    const name = names[this.below(names.length)] ?? 'type';
    const odd = ODD_VALUES[this.below(ODD_VALUES.length)];
    switch (this.below(5)) {
      case 0:
        return JSON.stringify({ ...valid, [name]: odd });
      case 1:
        return JSON.stringify(odd);
      case 2:
        return `${JSON.stringify(valid)}${JSON.stringify(valid)}`;
      case 3:
        return Buffer.from(this.bytes(Buffer.from(JSON.stringify(valid)))).toString('latin1');
      default:
        return JSON.stringify(valid);
    }
  }
}
