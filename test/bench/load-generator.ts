/**
 * The process that plays the telephones. It is a process of its own so that its work is neither the server's nor
 * the benchmark's; it sends and hears in one thread so that both times of a delay come from one clock and one
 * place. Forked by `load-run.ts`; takes one order, sends two reports, ends.
 */

import { systemClock } from '../../src/base/clock.ts';
import { GridTicker } from '../../src/base/grid-ticker.ts';
import { FRAME_MS } from '../../src/base/units.ts';
import { LoadLeg } from './load-leg.ts';
import { isLoadOrder, type LoadOrder, type LoadReport } from './load-messages.ts';
import { toneFrames } from './tone-clock.ts';

/** Slots of 1 ms: what a timer of libuv can tell apart. */
const SLOTS = 20;
/** Between two connections, so that a listener's queue of waiting connections does not overflow. */
const CONNECT_GAP_MS = 2;
/** Frames recorded beyond what the run should have: those sent and heard while others still connect. */
const SPARE_FRAMES = 1_500;
/** The phases are random but the same in each run. */
const SEED = 20_230_831;

process.once('message', (message) => {
  if (!isLoadOrder(message)) {
    throw new TypeError('the load generator takes nothing but a load order');
  }
  // Without its benchmark there is nobody to measure for.
  process.once('disconnect', () => process.exit());
  void run(message);
});

async function run(order: LoadOrder): Promise<void> {
  const forever = new AbortController().signal;
  const random = randomNumbers(SEED);
  const legs = makeLegs(order, random);
  const ticker = new GridTicker(systemClock, FRAME_MS, SLOTS);
  for (const leg of legs) {
    await leg.open(order.host, order.port);
    ticker.add(leg, Math.floor(random() * SLOTS));
    await systemClock.sleep(CONNECT_GAP_MS, forever);
  }
  report({ type: 'connected', atMs: systemClock.nowMs() });
  await systemClock.sleep(order.seconds * 1_000, forever);
  ticker.close();
  const records = legs.map((leg) => leg.finish());
  report({ type: 'finished', records });
}

function makeLegs(order: LoadOrder, random: () => number): readonly LoadLeg[] {
  const tone = toneFrames(order.rateHz);
  const frames = (order.seconds * 1_000) / FRAME_MS + SPARE_FRAMES;
  const legs: LoadLeg[] = [];
  while (legs.length < order.legs) {
    const call = Uint8Array.from({ length: 16 }, () => Math.floor(random() * 256));
    const pair = [0, 1].map((party) => {
      const uuid = call.slice();
      // The last hex digit is the leg's number within the call.
      uuid[15] = ((uuid[15] ?? 0) & 0xf0) | party;
      const leg = legs.length + party;
      return new LoadLeg({ leg, uuid, rateHz: order.rateHz, tone, frames, clock: systemClock });
    });
    const [first, second] = pair;
    if (first !== undefined && second !== undefined) {
      first.pairWith(second);
      second.pairWith(first);
    }
    legs.push(...pair);
  }
  return legs;
}

function report(message: LoadReport): void {
  process.send?.(message, () => {
    if (message.type === 'finished') {
      process.disconnect();
    }
  });
}

/** Numbers from 0 to 1 that look random and repeat with the seed (mulberry32). */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
