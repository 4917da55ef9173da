/**
 * What a call cost, by the operator's list: what each engine takes for a million characters of text, or for a minute of
 * sound. An engine without a price is named, not counted as free; those of this machine are, since nobody sends a bill.
 */

import { AppError } from '../../base/errors.ts';
import type { CallDetail, EngineDetail } from '../../call/detail/call-detail.ts';

/** By engine: for a million characters where it takes text, for a minute where it takes sound. */
export interface PriceList {
  readonly currency: string;
  readonly prices: ReadonlyMap<string, number>;
}

/** Engines of this machine. */
const FREE: ReadonlySet<string> = new Set(['pocketsphinx', 'apertium', 'espeak-ng']);
const MILLION = 1_000_000;
const MINUTE_MS = 60_000;
/** Amounts are told to ten-thousandths: a short call costs less than a cent. */
const SHOWN = 10_000;

/** Undefined where there is no list. */
export function costOf(
  engines: readonly EngineDetail[],
  { currency, prices }: PriceList,
): CallDetail['cost'] {
  if (prices.size === 0) {
    return undefined;
  }
  let amount = 0;
  const unpriced = new Set<string>();
  for (const { engine, characters = 0, speechMs = 0 } of engines) {
    const price = prices.get(engine) ?? (FREE.has(engine) ? 0 : undefined);
    if (price === undefined) {
      unpriced.add(engine);
    } else {
      amount += price * (characters / MILLION + speechMs / MINUTE_MS);
    }
  }
  return { currency, amount: Math.round(amount * SHOWN) / SHOWN, unpriced: [...unpriced] };
}

/** `deepl=20`. @throws AppError `bad-option`. */
export function parsePrice(text: string): readonly [engine: string, price: number] {
  const [engine = '', written = '', ...more] = text.split('=').map((part) => part.trim());
  if (!/^[a-z0-9][a-z0-9-]*$/.test(engine) || !/^\d+(?:\.\d+)?$/.test(written) || more.length > 0) {
    throw new AppError(
      'bad-option',
      `"${text}" is no engine and its price: write deepl=20, for a million characters, or deepgram=0.0077, for a minute ` +
        'of sound',
    );
  }
  return [engine, Number(written)];
}

/** `EUR`. @throws AppError `bad-option`. */
export function parseCurrency(text: string): string {
  if (!/^[A-Z]{3}$/.test(text)) {
    throw new AppError('bad-option', `"${text}" is no currency: write its three letters, such as EUR`);
  }
  return text;
}
