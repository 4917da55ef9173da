/**
 * Thirty calls at once on a real Asterisk, half of them narrow and half wide. The parties are Local channels, which
 * need no phone: what is looked at is whether dragoman and Asterisk carry every leg.
 */

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { systemClock } from '../../src/base/clock.ts';
import { Exchange, PARTY_HUNG_UP } from './exchange.ts';
import { findRepository } from './testbed.ts';
import { eventually, pass } from './waiting.ts';

const CALLS = 30;
const LEGS = 2 * CALLS;
/** How long they are looked at, within the 30 s that each lasts. */
const WATCH_MS = 22_000;

describe('thirty calls at once on a real Asterisk', () => {
  let exchange: Exchange | string | undefined;
  before(async () => {
    exchange = await Exchange.open({
      serve: ['--pair', 'en:es', '--mode', 'passthrough'],
      globals: { PHONE_200: 'Local/talk@speakers/n' },
      include: join(findRepository(), 'test/asterisk-e2e/speakers.conf'),
    });
  });
  after(async () => {
    if (exchange instanceof Exchange) {
      await exchange.close(PARTY_HUNG_UP);
    }
  });

  it('drops none, and gives every leg its 50 frames a second each way', async (test) => {
    if (!Exchange.orSkip(exchange, test)) {
      return;
    }
    const { testbed, dragoman } = exchange;
    await testbed.cli('module load res_clioriginate.so');
    for (let call = 0; call < CALLS; call += 1) {
      const number = call % 2 === 0 ? '8200' : '9200';
      await testbed.cli(`channel originate Local/${number}@dragoman-phones/n extension talk@speakers`);
    }
    await eventually(
      'every leg is there',
      8_000,
      async () => (await dragoman.metric('active_channels')) === LEGS,
    );
    const count = async () => ({
      atMs: systemClock.nowMs(),
      framesIn: await dragoman.metric('frames_processed_total', /direction="in"/),
      framesOut: await dragoman.metric('frames_processed_total', /direction="out"/),
      missing: await dragoman.metric('dragoman_frames_missing_total'),
    });
    const from = await count();
    await pass(WATCH_MS);
    const to = await count();
    assert.equal(await dragoman.metric('active_channels'), LEGS);
    const due = ((to.atMs - from.atMs) / 20) * LEGS;
    const framesOut = to.framesOut - from.framesOut;
    assert.ok(Math.abs(framesOut / due - 1) < 0.01, `${framesOut} frames sent where ${due} are due`);
    // Asterisk makes these tones itself, and a little late on a machine that is busy with other tests.
    const framesIn = to.framesIn - from.framesIn;
    assert.ok(framesIn > due * 0.95 && framesIn < due * 1.01, `${framesIn} frames came where ${due} are due`);
    const missing = to.missing - from.missing;
    assert.ok(missing < due * 0.03, `${missing} of ${framesOut} frames were silence for want of a ready one`);
    test.diagnostic(`${framesIn} frames in, ${framesOut} out, ${Math.round(due)} due, ${missing} not ready`);

    await eventually('they have ended', 15_000, async () => (await dragoman.metric('active_channels')) === 0);
    const ended = await dragoman.metric('dragoman_legs_ended_total');
    const normally = await dragoman.metric(
      'dragoman_legs_ended_total',
      /"(peer-closed|peer-reset|partner-left)"/,
    );
    assert.deepEqual({ ended, normally }, { ended: LEGS, normally: LEGS });
    await eventually('no channel is left', 5_000, async () => (await testbed.channels()).length === 0);
  });
});
