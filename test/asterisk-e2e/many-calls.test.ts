/**
 * Thirty calls at once on a real Asterisk, half of them narrow and half wide. The parties are Local channels, which
 * need no phone: what is looked at is whether dragoman and Asterisk carry every leg.
 */

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { systemClock } from '../../src/base/clock.ts';
import { eventually, pass } from '../support/waiting.ts';
import { Exchange, PARTY_HUNG_UP, PREFIX, TELLS_MUCH } from './exchange.ts';
import { findRepository } from './testbed.ts';

const CALLS = 30;
const LEGS = 2 * CALLS;
/** How long they are looked at. */
const WATCH_MS = 6_000;
const CONNECTED_LIMIT_MS = 60_000;
const ENDED_LIMIT_MS = 60_000;

describe('thirty calls at once on a real Asterisk', () => {
  let exchange: Exchange | string | undefined;
  before(async () => {
    exchange = await Exchange.open({
      serve: ['--pair', 'en:es', '--mode', 'passthrough'],
      include: join(findRepository(), 'test/asterisk-e2e/speakers.conf'),
    });
  });
  after(async () => {
    if (exchange instanceof Exchange) {
      await exchange.close([...PARTY_HUNG_UP, TELLS_MUCH]);
    }
  });

  it('drops none, gives no leg more than 50 frames a second, and hangs all up that are to be', async (test) => {
    if (!Exchange.orSkip(exchange, test)) {
      return;
    }
    const { testbed, dragoman } = exchange;
    await testbed.cli('module load res_clioriginate.so');
    for (let call = 0; call < CALLS; call += 1) {
      const number = call % 2 === 0 ? `${PREFIX}8300` : `${PREFIX}9300`;
      await testbed.cli(`channel originate Local/${number}@phones/n extension talk@speakers`);
    }
    await eventually(
      'every leg is there',
      CONNECTED_LIMIT_MS,
      async () => (await dragoman.metric('active_channels')) === LEGS,
    );
    const count = async () => {
      const askedMs = systemClock.nowMs();
      return {
        askedMs,
        framesIn: await dragoman.metric('frames_processed_total', /direction="in"/),
        framesOut: await dragoman.metric('frames_processed_total', /direction="out"/),
        missing: await dragoman.metric('dragoman_frames_missing_total'),
        answeredMs: systemClock.nowMs(),
      };
    };
    const from = await count();
    await pass(WATCH_MS);
    const to = await count();
    assert.equal(await dragoman.metric('active_channels'), LEGS);
    const most = ((to.answeredMs - from.askedMs) / 20 + 1) * LEGS;
    const framesOut = to.framesOut - from.framesOut;
    const framesIn = to.framesIn - from.framesIn;
    // A machine that is busy with other things leaves frames out, on both sides; dragoman never makes one too many. What
    // Asterisk could not send before comes when it can: of a second, 50 of each leg.
    assert.ok(
      framesOut > most / 2 && framesOut <= most * 1.01,
      `${framesOut} frames sent where ${most} are due`,
    );
    assert.ok(
      framesIn > most / 2 && framesIn <= most + 50 * LEGS,
      `${framesIn} frames came where ${most} are due`,
    );
    const missing = to.missing - from.missing;
    test.diagnostic(`${framesIn} frames in, ${framesOut} out, ${Math.round(most)} due, ${missing} not ready`);

    await testbed.cli('channel request hangup all');
    await eventually(
      'they have ended',
      ENDED_LIMIT_MS,
      async () => (await dragoman.metric('active_channels')) === 0,
    );
    assert.equal(await dragoman.metric('dragoman_legs_ended_total'), LEGS);
    const reasons = [...(await dragoman.samples('dragoman_legs_ended_total'))];
    const otherwise = reasons.filter(([labels]) => !/"(peer-closed|peer-reset|partner-left)"/.test(labels));
    assert.deepEqual(otherwise, []);
    await eventually(
      'no channel is left',
      ENDED_LIMIT_MS,
      async () => (await testbed.channels()).length === 0,
    );
  });
});
