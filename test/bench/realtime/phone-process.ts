/**
 * The process that plays the telephones of the live bench: in each call a caller who talks and a listener who does not.
 * Forked by `live-run.ts`; takes one order, sends two reports, ends.
 */

import { systemClock } from '../../../src/base/clock.ts';
import { GridTicker } from '../../../src/base/grid-ticker.ts';
import { FRAME_MS } from '../../../src/base/units.ts';
import { Random } from '../interpret/random.ts';
import { CallVoice } from './call-voice.ts';
import type { PhoneFacts } from './live-facts.ts';
import { isPhoneOrder, type PhoneOrder, type PhoneReport } from './live-messages.ts';
import { LivePhone } from './live-phone.ts';
import { liveTurns } from './live-turns.ts';

const RATE_HZ = 8_000;
/** Slots of 1 ms: what a timer of libuv can tell apart. */
const SLOTS = 20;
/** Between two calls, in ms: two legs and four engines are opened in it. */
const CONNECT_GAP_MS = 50;

interface Pair {
  readonly caller: LivePhone;
  readonly listener: LivePhone;
}

process.once('message', (message) => {
  if (!isPhoneOrder(message)) {
    throw new TypeError('the telephones take nothing but a phone order');
  }
  // Without its benchmark there is nobody to measure for.
  process.once('disconnect', () => process.exit());
  void run(message);
});

async function run(order: PhoneOrder): Promise<void> {
  const forever = new AbortController().signal;
  const random = new Random(order.script.seed);
  const ticker = new GridTicker(systemClock, FRAME_MS, SLOTS);
  const pairs: Pair[] = [];
  for (const [call, uuids] of order.uuids.entries()) {
    const pair = await ring(order, call, uuids);
    pairs.push(pair);
    for (const phone of [pair.caller, pair.listener]) {
      ticker.add(phone, random.whole(0, SLOTS - 1));
    }
    await systemClock.sleep(CONNECT_GAP_MS, forever);
  }
  report({ type: 'connected' });
  await systemClock.sleep(order.script.seconds * 1_000, forever);
  ticker.close();
  const facts = pairs.map(factsOf);
  for (const { caller, listener } of pairs) {
    caller.hangUp();
    listener.hangUp();
  }
  report({ type: 'finished', facts });
}

async function ring(order: PhoneOrder, call: number, uuids: readonly [string, string]): Promise<Pair> {
  const { host, port, script } = order;
  const common = { rateHz: RATE_HZ, clock: systemClock };
  const caller = new CallVoice(call, liveTurns(script, call), RATE_HZ);
  const listener = new CallVoice(call, [], RATE_HZ);
  return {
    caller: await LivePhone.ring({ ...common, uuid: uuids[0], voice: caller }, host, port),
    listener: await LivePhone.ring({ ...common, uuid: uuids[1], voice: listener }, host, port),
  };
}

function factsOf({ caller, listener }: Pair): PhoneFacts {
  return {
    writtenMs: Float64Array.from(caller.writtenMs),
    heardMs: listener.heardMs,
    loud: listener.loud,
    lost: [caller, listener].flatMap(({ lostBecause }) => lostBecause ?? []),
  };
}

function report(message: PhoneReport): void {
  process.send?.(message, () => {
    if (message.type === 'finished') {
      process.disconnect();
    }
  });
}
