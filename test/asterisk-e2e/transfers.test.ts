/**
 * Calls on a real Asterisk that are handed on: by a phone, by taking a party out of its call and sending it back, and
 * by another phone that takes its place. The party at the other end stays where it is and hears whoever comes.
 */

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { systemClock } from '../../src/base/clock.ts';
import type { Wav } from '../../src/protocol/wav.ts';
import { sine, toneDbfs } from '../asterisk/audio.ts';
import { eventually, pass } from '../support/waiting.ts';
import type { DragomanProcess } from './dragoman-process.ts';
import { Exchange, hearBoth, PARTY_HUNG_UP } from './exchange.ts';
import type { Phone } from './phone.ts';
import { findRepository, type Testbed } from './testbed.ts';

/** What a caller, a callee and whoever comes in their place sound like. */
const [CALLER_HZ, CALLEE_HZ, NEWCOMER_HZ] = [450, 800, 1_300] as const;
/** How long the place of a party is kept, as nobody has asked for anything else. */
const REJOIN_MS = 3_000;
const DONE_LIMIT_MS = 30_000;
/** Longer than a busy machine takes to hand a call on, and on again. */
const SAID_MS = 90_000;
/** What handing on and parking need besides what calls do. */
const MODULES = [
  ...['res_pjsip_refer.so', 'res_clioriginate.so', 'bridge_builtin_features.so'],
  ...['bridge_holding.so', 'res_parking.so'],
];
/** Who is parked here hears nothing meanwhile. */
const NO_MUSIC = /bridge_holding\.c: Failed to start moh/;
/** Where `core show channels concise` has the bridge. */
const BRIDGE_FIELD = 12;
/** By then a second of the new voice is in a recording. */
const HEARD_MS = 1_800;

describe('a call on a real Asterisk that is handed on', { concurrency: 4 }, () => {
  let exchange: Exchange | string | undefined;
  before(async () => {
    exchange = await Exchange.open({
      serve: ['--pair', 'en:es', '--mode', 'passthrough'],
      rejoinS: REJOIN_MS / 1_000,
      pairs: 8,
      include: join(findRepository(), 'test/asterisk-e2e/transfers.conf'),
    });
    if (exchange instanceof Exchange) {
      for (const module of MODULES) {
        await exchange.testbed.cli(`module load ${module}`);
      }
    }
  });
  after(async () => {
    if (exchange instanceof Exchange) {
      await exchange.close([...PARTY_HUNG_UP, NO_MUSIC]);
    }
  });

  it('keeps its leg when a phone transfers it blindly, and another person is behind it', async (test) => {
    if (!Exchange.orSkip(exchange, test)) {
      return;
    }
    const spare = exchange.pair(3);
    const newcomer = await exchange.phone(test, { user: spare.callee, say: tone(NEWCOMER_HZ) });
    const [alice, bob] = await voices(exchange, test, 0, '9');
    await alice.transfer(spare.number);
    await newcomer.until('CALL_ESTABLISHED', DONE_LIMIT_MS);
    await alice.until('CALL_CLOSED', DONE_LIMIT_MS);
    await pass(HEARD_MS);
    assert.equal(bob.count('CALL_CLOSED') + newcomer.count('CALL_CLOSED'), 0);
    await assertHear([bob, newcomer], [NEWCOMER_HZ, CALLEE_HZ]);
  });

  it('is one call still when a party is taken out of it and comes back, and waits for one that hung up', async (test) => {
    if (!Exchange.orSkip(exchange, test)) {
      return;
    }
    const { testbed, dragoman } = exchange;
    const { caller } = exchange.pair(1);
    const [alice, bob] = await voices(exchange, test, 1, '8');
    const channel = (await testbed.channels()).find((name) => name.startsWith(`PJSIP/${caller}-`));
    await testbed.cli(`channel redirect ${channel} handed-on,back,1`);
    const call = await callOf(exchange, 1);
    await eventually('it is back', DONE_LIMIT_MS, () => joins(dragoman, call) === 3);
    const backMs = systemClock.nowMs();
    await eventually('it is counted', DONE_LIMIT_MS, async () => (await rejoins(dragoman, 'came-back')) >= 1);
    await pass(HEARD_MS);
    assert.equal(alice.count('CALL_CLOSED') + bob.count('CALL_CLOSED'), 0);
    const leftMs = systemClock.nowMs();
    await alice.hangUp();
    await bob.until('CALL_CLOSED', DONE_LIMIT_MS);
    assert.ok(systemClock.nowMs() - leftMs >= REJOIN_MS, 'nobody can tell a hang-up from another transfer');
    const { atMs: throughMs } = await bob.until('CALL_ESTABLISHED');
    const { pcm, rateHz } = await bob.close();
    // At the last it waited alone; how long before, a busy machine does not keep to.
    const seconds: Wav[] = [];
    for (
      let at = Math.round(((backMs - throughMs) * rateHz) / 1_000);
      at + rateHz <= pcm.length;
      at += rateHz / 5
    ) {
      seconds.push({ rateHz, pcm: pcm.subarray(at, at + rateHz) });
    }
    assert.ok(
      seconds.some((second) => isLoudest(levelsOf(second), CALLER_HZ)),
      `${CALLER_HZ} Hz was to be heard again; ${JSON.stringify(seconds.map(levelsOf))}`,
    );
    await eventually(
      'it is counted',
      DONE_LIMIT_MS,
      async () => (await rejoins(dragoman, 'stayed-away')) >= 1,
    );
  });

  it('keeps its leg when a phone asks another before it hands on, and that one parks it for a third', async (test) => {
    if (!Exchange.orSkip(exchange, test)) {
      return;
    }
    const { testbed, dragoman } = exchange;
    const [asked, last] = [exchange.pair(6).callee, exchange.pair(6).caller];
    const [between, newcomer] = await Promise.all([
      exchange.phone(test, { user: asked, say: tone(NEWCOMER_HZ) }),
      exchange.phone(test, { user: last, say: tone(NEWCOMER_HZ) }),
    ]);
    const { caller } = exchange.pair(5);
    const [alice, bob] = await voices(exchange, test, 5, '9');
    const channel = (await testbed.channels()).find((name) => name.startsWith(`PJSIP/${caller}-`));
    const call = await callOf(exchange, 5);
    await testbed.cli(`channel redirect ${channel} handed-on,asking,1`);
    await eventually('it is back', DONE_LIMIT_MS, () => joins(dragoman, call) === 3);
    await eventually('it has a leg', DONE_LIMIT_MS, () => hasLeg(testbed, caller));
    await alice.press('*2');
    const asksFor = new RegExp(`<PJSIP/${caller}-\\w+> Playing 'pbx-transfer`);
    await eventually('the number is asked for', DONE_LIMIT_MS, async () => asksFor.test(await testbed.log()));
    await alice.press(`${exchange.pair(6).number}#`);
    await between.until('CALL_ESTABLISHED', DONE_LIMIT_MS);
    await alice.hangUp();
    await eventually('it is handed on', DONE_LIMIT_MS, () => hasLeg(testbed, asked));
    await between.transfer('700');
    await between.until('CALL_CLOSED', DONE_LIMIT_MS);
    await newcomer.dial('701');
    await newcomer.until('CALL_ESTABLISHED', DONE_LIMIT_MS);
    await eventually('it is picked up', DONE_LIMIT_MS, () => hasLeg(testbed, last));
    await pass(HEARD_MS);
    assert.equal(bob.count('CALL_CLOSED') + newcomer.count('CALL_CLOSED'), 0);
    await assertHear([bob, newcomer], [NEWCOMER_HZ, CALLEE_HZ]);
  });

  for (const [way, index, number] of [
    ['8', 7, '778'],
    ['9', 2, '779'],
  ] as const) {
    it(`lets another phone take a place before who had it has gone: ${way === '8' ? '8 kHz' : 'wideband'}`, async (test) => {
      if (!Exchange.orSkip(exchange, test)) {
        return;
      }
      const { testbed, dragoman } = exchange;
      const spare = exchange.pair(4);
      const user = way === '8' ? spare.callee : spare.caller;
      const newcomer = await exchange.phone(test, { user, say: tone(NEWCOMER_HZ) });
      const [alice, bob] = await voices(exchange, test, index, way);
      const call = await callOf(exchange, index);
      await testbed.cli(`dialplan set global TAKEN_${number} ${call}1`);
      await newcomer.dial(number);
      await newcomer.until('CALL_ESTABLISHED', DONE_LIMIT_MS);
      await eventually('it took over', DONE_LIMIT_MS, () => tookOver(dragoman, call));
      await eventually(
        'it is counted',
        DONE_LIMIT_MS,
        async () => (await rejoins(dragoman, 'took-over')) >= 1,
      );
      await pass(HEARD_MS);
      assert.equal(alice.count('CALL_CLOSED') + newcomer.count('CALL_CLOSED'), 0);
      // Who had the place is not in the call any more, and Asterisk lets it go.
      await bob.hangUp();
      await assertHear([alice, newcomer], [NEWCOMER_HZ, CALLER_HZ]);
    });
  }
});

type Test = Parameters<typeof Exchange.orSkip>[1];

function tone(hz: number): Wav {
  return { rateHz: 16_000, pcm: sine(hz, SAID_MS, 16_000, 0.25) };
}

/** The phones of pair `index` in a call in which each is heard by the other. */
async function voices(
  exchange: Exchange,
  test: Test,
  index: number,
  way: '8' | '9',
): Promise<readonly [Phone, Phone]> {
  const codec = way === '8' ? 'pcmu' : 'g722';
  const phones = await exchange.call(
    test,
    index,
    way,
    { codec, say: tone(CALLER_HZ) },
    { codec, say: tone(CALLEE_HZ) },
  );
  const call = await callOf(exchange, index);
  await eventually('both are there', DONE_LIMIT_MS, () => joins(exchange.dragoman, call) === 2);
  return phones;
}

/** What dragoman calls the call of pair `index`. */
async function callOf(exchange: Exchange, index: number): Promise<string> {
  return (await exchange.testbed.variable(exchange.pair(index).caller, 'DRAGOMAN_CALL')).slice(0, -1);
}

/** How often a leg has come into a call. */
function joins({ lines }: DragomanProcess, call: string): number {
  return lines.filter((line) => line.call === call && line.msg === 'a party has joined').length;
}

/** Whether a leg has come to a place whose leg was still there. */
function tookOver({ lines }: DragomanProcess, call: string): boolean {
  return lines.some(
    (line) => line.call === call && String(line.msg).startsWith('another connection has taken the place'),
  );
}

/** Whether a phone is bridged with one of our legs. */
async function hasLeg(testbed: Testbed, user: string): Promise<boolean> {
  const lines = (await testbed.cli('core show channels concise')).split('\n').map((line) => line.split('!'));
  const phone = lines.find(([name = '']) => name.startsWith(`PJSIP/${user}-`));
  const bridge = phone?.[BRIDGE_FIELD] ?? '';
  return lines.some(
    ([name = '', ...rest]) =>
      bridge !== '' && name.startsWith('AudioSocket/') && rest[BRIDGE_FIELD - 1] === bridge,
  );
}

function rejoins(dragoman: DragomanProcess, outcome: string): Promise<number> {
  return dragoman.metric('dragoman_rejoins_total', new RegExp(`outcome="${outcome}"`));
}

/** Each in its call heard its tone in its last second, and no other of them. Ends them at once: none waits alone. */
async function assertHear(
  phones: readonly [Phone, Phone],
  tonesHz: readonly [number, number],
): Promise<void> {
  for (const [index, { pcm, rateHz }] of (await hearBoth(phones)).entries()) {
    const levels = levelsOf({ pcm: pcm.subarray(-rateHz), rateHz });
    const hz = tonesHz[index] ?? 0;
    assert.ok(isLoudest(levels, hz), `${hz} Hz was to be heard; ${JSON.stringify(levels)}`);
  }
}

/** How loud each of the tones is, in dBFS. */
function levelsOf({ pcm, rateHz }: Wav): readonly (readonly [hz: number, dbfs: number])[] {
  return [CALLER_HZ, CALLEE_HZ, NEWCOMER_HZ].map((hz) => [hz, Math.round(toneDbfs(pcm, hz, rateHz))]);
}

/** Whether a tone is heard, above all others of them. */
function isLoudest(levels: ReturnType<typeof levelsOf>, hz: number): boolean {
  const loudest = levels.toSorted(([, one], [, other]) => other - one)[0];
  return loudest?.[0] === hz && loudest[1] > -35;
}
