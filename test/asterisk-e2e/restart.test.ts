/**
 * Calls on a real Asterisk while dragoman goes: killed, refused, restarted, asked to end. The parties go on without a
 * translator or are told, as the dialplan says; nobody is left in silence. One thing after the other: they all
 * share the dragoman that goes.
 */

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { systemClock } from '../../src/base/clock.ts';
import type { Wav } from '../../src/protocol/wav.ts';
import { isTone, sine, sliceMs } from '../asterisk/audio.ts';
import { Exchange, hearBoth, PARTY_HUNG_UP } from './exchange.ts';
import { soundMs } from './melody.ts';
import { eventually, pass } from './waiting.ts';

const DRAIN_S = 4;
/** What a listener may miss when dragoman goes: 300 ms of the dialplan's, and what it takes to notice and to bridge. */
const GAP_LIMIT_MS = 1_000;
const CALLER_HZ = 600;
const CALLEE_HZ = 900;

/** What Asterisk says when dragoman is gone in mid-call, and when it cannot be reached. */
const DRAGOMAN_GONE = [
  /res_audiosocket\.c: Failed to read header from AudioSocket because: Connection reset by peer/,
  /(app|chan)_audiosocket\.c: Failed to receive frame from AudioSocket server/,
  /res_audiosocket\.c: Connecting to '\S+' failed for url '\S+': Connection refused/,
  /res_audiosocket\.c: Failed to connect to AudioSocket service/,
];

describe('calls on a real Asterisk when dragoman goes', () => {
  let exchange: Exchange | string | undefined;
  before(async () => {
    exchange = await Exchange.open({
      serve: ['--pair', 'en:es', '--mode', 'passthrough', '--drain-timeout', String(DRAIN_S)],
      pairs: 4,
    });
  });
  after(async () => {
    if (exchange instanceof Exchange) {
      await exchange.close([...PARTY_HUNG_UP, ...DRAGOMAN_GONE]);
    }
  });

  it('bridges the parties plainly when dragoman is killed, and translates the next call when it is back', async (test) => {
    if (!Exchange.orSkip(exchange, test)) {
      return;
    }
    const running = exchange;
    const narrow = await tonesCall(exchange, test, 0, '8');
    const wide = await tonesCall(exchange, test, 1, '9');
    await eventually('both calls run', 5_000, async () => (await legsOf(running)) === 4);
    await pass(1_500);
    await exchange.dragoman.kill();
    await pass(3_000);
    for (const phones of [narrow, wide]) {
      assert.equal(phones[0].count('CALL_CLOSED') + phones[1].count('CALL_CLOSED'), 0);
      phones[0].hangUp();
      await phones[1].until('CALL_CLOSED', 1_000);
      assertHeardThroughout(await hearBoth(phones), 3_500);
    }
    await exchange.restart();
    await assertNextCallWorks(exchange, test, 2);
  });

  it('bridges the parties plainly when dragoman cannot be reached as they answer', async (test) => {
    if (!Exchange.orSkip(exchange, test)) {
      return;
    }
    await exchange.dragoman.kill();
    for (const way of ['8', '9'] as const) {
      const phones = await tonesCall(exchange, test, 3, way);
      await pass(2_500);
      phones[1].hangUp();
      await phones[0].until('CALL_CLOSED', 1_000);
      assertHeardThroughout(await hearBoth(phones), 1_500);
    }
    await exchange.restart();
  });

  it('tells both parties and hangs up, where the dialplan says so', async (test) => {
    if (!Exchange.orSkip(exchange, test)) {
      return;
    }
    await exchange.testbed.cli('dialplan set global DRAGOMAN_FALLBACK tell');
    const running = exchange;
    const phones = await exchange.call(test, 0, '9');
    await eventually('the call runs', 5_000, async () => (await legsOf(running)) === 2);
    await pass(1_000);
    await exchange.dragoman.kill();
    await Promise.all(phones.map((phone) => phone.until('CALL_CLOSED', 8_000)));
    for (const { pcm, rateHz } of await hearBoth(phones)) {
      assert.ok(soundMs(pcm.subarray(-5 * rateHz), rateHz) > 1_500, 'words and the congestion tone');
    }
    await exchange.testbed.cli('dialplan set global DRAGOMAN_FALLBACK bridge');
    await exchange.restart();
  });

  it('cuts no call before the drain time when asked to end, and translates the next one when it is back', async (test) => {
    if (!Exchange.orSkip(exchange, test)) {
      return;
    }
    const running = exchange;
    const narrow = await tonesCall(exchange, test, 0, '8');
    const wide = await tonesCall(exchange, test, 1, '9');
    await eventually('both calls run', 5_000, async () => (await legsOf(running)) === 4);
    const askedMs = systemClock.nowMs();
    exchange.dragoman.terminate();
    // A call that comes while it drains is refused by dragoman, and so goes on without.
    const late = await tonesCall(exchange, test, 2, '9');
    await exchange.dragoman.untilEnded(DRAIN_S * 1_000 + 3_000);
    const drainedMs = systemClock.nowMs() - askedMs;
    assert.ok(drainedMs >= DRAIN_S * 1_000 - 50, `it ended after ${drainedMs} ms`);
    await pass(1_500);
    for (const phones of [narrow, wide, late]) {
      assert.equal(phones[0].count('CALL_CLOSED') + phones[1].count('CALL_CLOSED'), 0);
      phones[0].hangUp();
      await phones[1].until('CALL_CLOSED', 1_000);
      assertHeardThroughout(await hearBoth(phones), 4_500);
    }
    await exchange.restart();
    await assertNextCallWorks(exchange, test, 2);
  });
});

type Test = Parameters<typeof Exchange.orSkip>[1];

/** A call in which each party is a tone. */
function tonesCall(exchange: Exchange, test: Test, index: number, way: '8' | '9') {
  const tone = (toneHz: number): Wav => ({ rateHz: 16_000, pcm: sine(toneHz, 30_000, 16_000, 0.25) });
  return exchange.call(test, index, way, { say: tone(CALLER_HZ) }, { say: tone(CALLEE_HZ) });
}

async function legsOf(exchange: Exchange): Promise<number> {
  const calls = await exchange.dragoman.calls();
  return calls.reduce((sum, { legs }) => sum + legs.length, 0);
}

async function assertNextCallWorks(exchange: Exchange, test: Test, index: number): Promise<void> {
  const phones = await tonesCall(exchange, test, index, '9');
  await eventually('the call runs through dragoman', 5_000, async () => (await legsOf(exchange)) === 2);
  await pass(2_000);
  phones[0].hangUp();
  await phones[1].until('CALL_CLOSED', 1_000);
  assertHeardThroughout(await hearBoth(phones), 1_000);
}

/** Each heard the other's tone, with no gap longer than the limit, for the last `lengthMs` of the call. */
function assertHeardThroughout([alice, bob]: readonly [Wav, Wav], lengthMs: number): void {
  for (const [who, { pcm, rateHz }, toneHz] of [
    ['the caller', alice, CALLEE_HZ],
    ['the callee', bob, CALLER_HZ],
  ] as const) {
    const wholeMs = (pcm.length * 1_000) / rateHz;
    let gapMs = 0;
    let longestMs = 0;
    for (let atMs = Math.max(0, wholeMs - lengthMs); atMs + 40 <= wholeMs; atMs += 40) {
      gapMs = isTone(sliceMs(pcm, rateHz, atMs, atMs + 40), toneHz, rateHz) ? 0 : gapMs + 40;
      longestMs = Math.max(longestMs, gapMs);
    }
    assert.ok(longestMs <= GAP_LIMIT_MS, `${who} heard nothing for ${longestMs} ms`);
    // The end is not within a gap: what fell back goes on.
    assert.ok(gapMs <= 200, `${who} heard nothing at the end`);
  }
}
