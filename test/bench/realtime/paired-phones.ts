/**
 * A process of telephones: in each call a caller who talks and a listener who does not. It takes one order, sends two
 * reports, ends.
 */

import { systemClock } from '../../../src/base/clock.ts';
import { GridTicker } from '../../../src/base/grid-ticker.ts';
import { FRAME_MS } from '../../../src/base/units.ts';
import { Random } from '../interpret/random.ts';
import { LivePhone, type PhoneVoice } from './live-phone.ts';
import { isPhoneOrder, type PhoneOrder, type PhoneReport } from './phone-messages.ts';

export const PHONE_RATE_HZ = 8_000;
/** Slots of 1 ms: what a timer of libuv can tell apart. */
const SLOTS = 20;

export interface PhonePair {
  readonly caller: LivePhone;
  readonly listener: LivePhone;
}

export interface PairedPhones<Script, Pair, Facts> {
  /** Of when in each 20 ms a telephone speaks. */
  readonly seedOf: (script: Script) => number;
  /** Between two calls, in ms. Default none. */
  readonly gapMs?: number;
  readonly ring: (order: PhoneOrder<Script>, call: number, uuids: readonly [string, string]) => Promise<Pair>;
  /** What a pair met; asked before it hangs up. */
  readonly factsOf: (pair: Pair) => Facts;
}

/** Makes this the process of the telephones. */
export function playTelephones<Script extends { readonly seconds: number }, Pair extends PhonePair, Facts>(
  phones: PairedPhones<Script, Pair, Facts>,
): void {
  process.once('message', (message) => {
    if (!isPhoneOrder<Script>(message)) {
      throw new TypeError('the telephones take nothing but a phone order');
    }
    // Without its harness there is nobody to measure for.
    process.once('disconnect', () => process.exit());
    void talk(message, phones);
  });
}

/** Rings up one telephone for each of two UUIDs. */
export async function ringPair(
  { host, port }: { readonly host: string; readonly port: number },
  [caller, listener]: readonly [string, string],
  callerVoice: PhoneVoice,
  listenerVoice: PhoneVoice,
): Promise<PhonePair> {
  const common = { rateHz: PHONE_RATE_HZ, clock: systemClock };
  return {
    caller: await LivePhone.ring({ ...common, uuid: caller, voice: callerVoice }, host, port),
    listener: await LivePhone.ring({ ...common, uuid: listener, voice: listenerVoice }, host, port),
  };
}

async function talk<Script extends { readonly seconds: number }, Pair extends PhonePair, Facts>(
  order: PhoneOrder<Script>,
  { seedOf, gapMs = 0, ring, factsOf }: PairedPhones<Script, Pair, Facts>,
): Promise<void> {
  const forever = new AbortController().signal;
  const random = new Random(seedOf(order.script));
  const ticker = new GridTicker(systemClock, FRAME_MS, SLOTS);
  const pairs: Pair[] = [];
  for (const [call, uuids] of order.uuids.entries()) {
    const pair = await ring(order, call, uuids);
    pairs.push(pair);
    for (const phone of [pair.caller, pair.listener]) {
      ticker.add(phone, random.whole(0, SLOTS - 1));
    }
    if (gapMs > 0) {
      await systemClock.sleep(gapMs, forever);
    }
  }
  report<Facts>({ type: 'connected' });
  await systemClock.sleep(order.script.seconds * 1_000, forever);
  ticker.close();
  const facts = pairs.map(factsOf);
  for (const { caller, listener } of pairs) {
    caller.hangUp();
    listener.hangUp();
  }
  report({ type: 'finished', facts });
}

function report<Facts>(message: PhoneReport<Facts>): void {
  process.send?.(message, () => {
    if (message.type === 'finished') {
      process.disconnect();
    }
  });
}
