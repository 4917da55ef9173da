/**
 * Thirty calls by ARI at once on a real Asterisk: each in a call of its own, one of them heard whole, and nothing is left
 * of them. But for one call's, the parties are Local channels, which need no phone.
 */

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { eventually, pass } from '../support/waiting.ts';
import { Exchange, hearBoth, TELLS_MUCH } from './exchange.ts';
import { assertHeard, hearMelody, LEAD_MS, melody, TONE_MS } from './melody.ts';
import { findRepository } from './testbed.ts';

const CALLS = 30;
const LIMIT_MS = 60_000;
/** So long who speaks says nothing at first: both are there by then, and nobody hears a waiting tone any more. */
const APART_MS = 6_000;
const MELODY_MS = APART_MS + LEAD_MS + 5 * TONE_MS + 500;

describe('ARI on a real Asterisk, thirty calls at once', () => {
  let exchange: Exchange | string | undefined;
  before(async () => {
    exchange = await Exchange.open({
      serve: ['--extensions', '7777=en,8888=fr', '--mode', 'passthrough'],
      include: join(findRepository(), 'test/asterisk-e2e/speakers.conf'),
      ariPassword: 'hush',
    });
  });
  after(async () => {
    if (exchange instanceof Exchange) {
      await exchange.close([TELLS_MUCH]);
    }
  });

  it('brings each two together, so that a voice is heard whole, and leaves nothing', async (test) => {
    if (!Exchange.orSkip(exchange, test)) {
      return;
    }
    const { dragoman, testbed } = exchange;
    await eventually('connected to ARI', LIMIT_MS, () =>
      dragoman.lines.some(({ msg }) => msg.startsWith('connected to ARI')),
    );
    const say = { rateHz: 16_000, pcm: melody(16_000, APART_MS + LEAD_MS) };
    const [alice, bob] = await Promise.all([
      exchange.phone(test, { user: 'alice' }),
      exchange.phone(test, { user: 'bob', say }),
    ]);
    const repairs = (labels?: RegExp): Promise<number> =>
      dragoman.metric('dragoman_ari_repairs_total', labels);
    await testbed.cli('module load res_clioriginate.so');
    for (let call = 1; call < CALLS; call += 1) {
      await testbed.cli('channel originate Local/7777@phones extension talk@speakers');
      await testbed.cli('channel originate Local/8888@phones extension talk@speakers');
    }
    const calls = async (): Promise<readonly (readonly string[])[]> =>
      (await dragoman.calls()).map(({ parties }) => parties.map(({ language }) => language).sort());
    await eventually('the others are in their calls', LIMIT_MS, async () => {
      const running = await calls();
      return running.length === CALLS - 1 && running.every((parties) => parties.length === 2);
    });
    // Who speaks comes last, to somebody who is there.
    await alice.dial('7777');
    const { atMs: aliceMs } = await alice.until('CALL_ESTABLISHED', LIMIT_MS);
    await bob.dial('8888');
    const { atMs: bobMs } = await bob.until('CALL_ESTABLISHED', LIMIT_MS);
    await eventually('all are in a call of two', LIMIT_MS, async () => {
      const running = await calls();
      return running.length === CALLS && running.every((parties) => parties.length === 2);
    });
    for (const parties of await calls()) {
      assert.deepEqual(parties, ['en', 'fr']);
    }
    await pass(MELODY_MS);
    assert.equal(await repairs(), 0);
    await bob.hangUp();
    await alice.until('CALL_CLOSED', LIMIT_MS);
    const [{ pcm, rateHz }] = await hearBoth([alice, bob]);
    const fromMs = bobMs - aliceMs + APART_MS / 2;
    assertHeard(hearMelody(pcm.subarray(Math.round((fromMs * rateHz) / 1_000)), rateHz));
    assert.equal(await dragoman.metric('dragoman_ari_legs_replaced_total'), 0);
    await testbed.cli('channel request hangup all');
    await eventually('nothing is left', LIMIT_MS, async () => {
      const [running, channels, bridges] = await Promise.all([
        dragoman.calls(),
        testbed.channels(),
        testbed.cli('bridge show all'),
      ]);
      return running.length === 0 && channels.length === 0 && !/\bdg-/.test(bridges);
    });
    // Of phones that go just as dragoman looks it need not have heard.
    assert.equal(await repairs(/repair="(remove-channel|remove-bridge|give-back)"/), 0);
    assert.ok((await repairs()) < CALLS, 'most were heard of');
  });
});
