/**
 * The process that plays the telephones. It is a process of its own so that its work is neither the server's nor the
 * benchmark's. One thread hears, and one speaks for all legs, spread evenly over the 20 ms; both take their times from
 * one clock. Forked by `load-run.ts`; takes one order, sends its reports, ends.
 */

import { Worker } from 'node:worker_threads';
import { systemClock } from '../../src/base/clock.ts';
import { FRAME_MS } from '../../src/base/units.ts';
import { type GeneratedLeg, LoadLeg } from './load-leg.ts';
import { isLoadOrder, type LoadOrder, type LoadReport } from './load-messages.ts';
import { type SenderJob, STOP, STOPPED } from './load-sender.ts';
import { RtpLoadLeg } from './rtp-load-leg.ts';
import { toneFrames } from './tone-clock.ts';

/** Between two connections, so that a listener's queue of waiting connections does not overflow. */
const CONNECT_GAP_MS = 2;
/** From the start of a sending thread to its first frame. */
const SENDER_START_MS = 100;
/** Frames recorded beyond what the run should have: those heard while others still connect. */
const SPARE_FRAMES = 1_500;
/** The order of the legs within the 20 ms is random, but the same in each run. */
const SEED = 20_230_831;
const SENDER = new URL('./load-sender.js', import.meta.url);

process.once('message', (message) => {
  if (!isLoadOrder(message)) {
    throw new TypeError('the load generator takes nothing but a load order');
  }
  // Without its benchmark there is nobody to measure for.
  process.once('disconnect', () => process.exit());
  void run(message);
});

async function run(order: LoadOrder): Promise<void> {
  const random = randomNumbers(SEED);
  const legs = makeLegs(order, 0, order.legs, random);
  for (const leg of legs) {
    await leg.open(order.host, order.port);
    await pause(CONNECT_GAP_MS);
  }
  const stops = [speakFor(legs, order, random)];
  await pause(SENDER_START_MS);
  report({ type: 'connected', atMs: systemClock.nowMs() });
  const halfMs = (order.seconds * 1_000) / 2;
  await pause(halfMs);
  const newcomers = makeLegs(order, legs.length, order.newcomers, random);
  if (newcomers.length > 0) {
    report({ type: 'arriving', atMs: systemClock.nowMs() });
    await Promise.all(newcomers.map((leg) => leg.open(order.host, order.port)));
    stops.push(speakFor(newcomers, order, random));
  }
  await pause(halfMs);
  for (const stop of stops) {
    stop();
  }
  const records = legs.map((leg) => leg.finish());
  const firstFramesMs = newcomers.map((leg) => leg.firstFrameMs);
  const lost = newcomers.map((leg) => leg.finish()).filter(({ lostBecause }) => lostBecause !== undefined);
  report({ type: 'finished', records, firstFramesMs, newcomersLost: lost.length });
}

/** Has a thread speak for `legs`; returns what stops it, and returns when it has. */
function speakFor(
  legs: readonly GeneratedLeg[],
  { rateHz, rtp }: LoadOrder,
  random: () => number,
): () => void {
  const order = legs
    .map((leg) => ({ leg, at: random() }))
    .sort((one, other) => one.at - other.at)
    .flatMap(({ leg: { leg, descriptor, memory } }) =>
      descriptor === undefined ? [] : [{ leg, descriptor, memory }],
    );
  const control = new SharedArrayBuffer(8);
  const startMs = systemClock.nowMs() + SENDER_START_MS;
  const workerData: SenderJob = { rateHz, rtp, legs: order, startMs, control };
  const sender = new Worker(SENDER, { workerData });
  sender.on('error', (error) => {
    throw error;
  });
  return () => {
    const words = new Int32Array(control);
    Atomics.store(words, STOP, 1);
    Atomics.notify(words, STOP);
    Atomics.wait(words, STOPPED, 0, FRAME_MS * 10);
  };
}

function makeLegs(
  order: LoadOrder,
  first: number,
  count: number,
  random: () => number,
): readonly GeneratedLeg[] {
  const tone = toneFrames(order.rateHz);
  const frames = (order.seconds * 1_000) / FRAME_MS + SPARE_FRAMES;
  const legs: GeneratedLeg[] = [];
  while (legs.length < count) {
    const call = Uint8Array.from({ length: 16 }, () => Math.floor(random() * 256));
    const pair = [0, 1].map((party) => {
      const uuid = call.slice();
      // The last hex digit is the leg's number within the call.
      uuid[15] = ((uuid[15] ?? 0) & 0xf0) | party;
      const leg = first + legs.length + party;
      const options = { leg, uuid, rateHz: order.rateHz, tone, frames, clock: systemClock };
      return order.rtp === undefined ? new LoadLeg(options) : new RtpLoadLeg(options, order.rtp);
    });
    const [one, other] = pair;
    if (one !== undefined && other !== undefined) {
      one.pairWith(order.hears === 'partner' ? other : one);
      other.pairWith(order.hears === 'partner' ? one : other);
    }
    legs.push(...pair);
  }
  return legs;
}

function pause(delayMs: number): Promise<void> {
  return systemClock.sleep(delayMs, new AbortController().signal);
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
