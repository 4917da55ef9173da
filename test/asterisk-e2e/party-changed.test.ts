/**
 * Calls on a real Asterisk that tells by ARI what becomes of them: a phone holds in its first seconds, hands its call
 * on, or parks it. The leg stays where it is, and somebody else speaks another language behind it.
 */

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, it, type TestContext } from 'node:test';
import type { Wav } from '../../src/protocol/wav.ts';
import { sine, toneDbfs } from '../asterisk/audio.ts';
import { freePort } from '../support/ports.ts';
import { eventually, pass } from '../support/waiting.ts';
import { Exchange, hearBoth, PARTY_HUNG_UP, type Way } from './exchange.ts';
import type { Phone } from './phone.ts';
import { ReferPhone } from './refer-phone.ts';
import { findRepository } from './testbed.ts';

const LIMIT_MS = 90_000;
/** No more than a moment of a call: nobody has sent for 10 s, by which a hold would be known otherwise. */
const MOMENT_MS = 1_000;
const MODULES = ['res_pjsip_refer.so', 'bridge_builtin_features.so', 'bridge_holding.so', 'res_parking.so'];
const CALLED_FOR = [
  ...PARTY_HUNG_UP,
  // Who is parked here hears nothing meanwhile.
  /bridge_holding\.c: Failed to start moh/,
];
const NEWCOMER_HZ = 1_200;
/** Longer than a busy machine takes to hand a call on. */
const SAID_MS = 90_000;
const SAY: Wav = { rateHz: 16_000, pcm: sine(700, SAID_MS, 16_000, 0.25) };

for (const { media, ways } of [
  { media: 'audiosocket', ways: ['dialplan', 'stasis', 'chan_websocket'] },
  { media: 'rtp', ways: ['stasis'] },
] as const) {
  describe(`a party on a real Asterisk that tells of it, media by ${media}`, () => {
    let exchange: Exchange | string | undefined;
    before(async () => {
      const ws = `127.0.0.1:${await freePort()}`;
      exchange = await Exchange.open({
        serve: [
          ...['--pair', 'en:fr', '--mode', 'passthrough', '--extensions', '7777=en,8888=fr'],
          ...['--ari-media', media, '--ws', ws],
        ],
        websocket: ws,
        rejoinS: 3,
        pairs: 2,
        include: join(findRepository(), 'test/asterisk-e2e/transfers.conf'),
        ariPassword: 'hush',
      });
      if (exchange instanceof Exchange) {
        const { dragoman, testbed } = exchange;
        for (const module of MODULES) {
          await testbed.cli(`module load ${module}`);
        }
        await eventually('connected to ARI', LIMIT_MS, () =>
          dragoman.lines.some(({ msg }) => msg.startsWith('connected to ARI')),
        );
      }
    });
    after(async () => {
      if (exchange instanceof Exchange) {
        await exchange.close(CALLED_FOR);
      }
    });

    for (const way of ways) {
      it(`is on hold as soon as its phone holds, in a call by ${way}`, async (test) => {
        if (!Exchange.orSkip(exchange, test)) {
          return;
        }
        const [alice, bob] = await inCall(exchange, test, way);
        await pass(MOMENT_MS);
        await alice.hold();
        await untilState(exchange, 'SUSPENDED');
        await alice.resume();
        await untilState(exchange, 'CONNECTED');
        await overAgain(exchange, alice, bob);
      });

      it(`is somebody else when its phone hands the call on, in a call by ${way}`, async (test) => {
        if (!Exchange.orSkip(exchange, test)) {
          return;
        }
        const newcomer = await exchange.phone(test, { user: exchange.pair(1).callee, say: SAY });
        const [alice, bob] = await inCall(exchange, test, way);
        await pass(MOMENT_MS);
        await alice.transfer('620');
        await newcomer.until('CALL_ESTABLISHED', LIMIT_MS);
        await untilLanguages(exchange, 'fr,fr');
        assert.equal(bob.count('CALL_CLOSED'), 0);
        await overAgain(exchange, newcomer, bob);
      });
    }

    it('is somebody else when its phone has asked another first and hands the call on by REFER, in Stasis', async (test) => {
      if (!Exchange.orSkip(exchange, test)) {
        return;
      }
      const { dragoman, testbed } = exchange;
      const hears = { rateHz: 16_000, pcm: sine(NEWCOMER_HZ, SAID_MS, 16_000, 0.25) };
      const newcomer = await exchange.phone(test, { user: exchange.pair(1).callee, say: hears });
      const bob = await exchange.phone(test, { user: exchange.pair(0).callee, say: SAY });
      const alice = await ReferPhone.open(exchange.pair(0).caller, testbed.sip);
      test.after(() => alice.close());
      const first = await alice.dial('7777');
      await bob.dial('8888');
      await bob.until('CALL_ESTABLISHED', LIMIT_MS);
      await untilLanguages(exchange, 'en,fr');
      const [before] = await dragoman.calls();
      const asked = await alice.dial('620');
      await newcomer.until('CALL_ESTABLISHED', LIMIT_MS);
      assert.equal(await alice.handOn(first, asked), 202);
      await alice.untilHandedOn(first);
      await untilLanguages(exchange, 'fr,fr');
      await pass(2 * MOMENT_MS);
      const [after] = await dragoman.calls();
      assert.equal(after?.call, before?.call, 'it is the same call');
      assert.equal(bob.count('CALL_CLOSED') + newcomer.count('CALL_CLOSED'), 0);
      await overAgain(exchange, newcomer, bob);
      const [{ pcm, rateHz }, { pcm: heard }] = await hearBoth([bob, newcomer]);
      const late = pcm.subarray(-rateHz);
      assert.ok(toneDbfs(late, NEWCOMER_HZ, rateHz) > -40, 'bob hears who is there now');
      assert.ok(toneDbfs(heard.subarray(-rateHz), 700, rateHz) > -40, 'who is there now hears bob');
    });

    if (media === 'audiosocket') {
      it('is on hold while it is parked, and somebody else when it is picked up', async (test) => {
        if (!Exchange.orSkip(exchange, test)) {
          return;
        }
        const newcomer = await exchange.phone(test, { user: exchange.pair(1).caller, say: SAY });
        const [alice, bob] = await inCall(exchange, test, 'dialplan');
        await pass(MOMENT_MS);
        await alice.transfer('700');
        await untilState(exchange, 'SUSPENDED');
        await newcomer.dial('702');
        await newcomer.until('CALL_ESTABLISHED', LIMIT_MS);
        await untilLanguages(exchange, 'fr,fr');
        await untilState(exchange, 'CONNECTED');
        await overAgain(exchange, newcomer, bob);
      });
    }
  });
}

/** Two phones in a call; who has dialled speaks English. */
async function inCall(
  exchange: Exchange,
  test: TestContext,
  by: 'dialplan' | 'stasis' | 'chan_websocket',
): Promise<readonly [Phone, Phone]> {
  const phones =
    by === 'dialplan' ? await dialplanCall(exchange, test, '9') : await numbersCall(exchange, test, by);
  await untilLanguages(exchange, 'en,fr');
  await untilState(exchange, 'CONNECTED');
  return phones;
}

function dialplanCall(exchange: Exchange, test: TestContext, way: Way): Promise<readonly [Phone, Phone]> {
  return exchange.call(test, 0, way, { say: SAY }, { say: SAY });
}

/** Each dials a number of its own. */
async function numbersCall(
  exchange: Exchange,
  test: TestContext,
  by: 'stasis' | 'chan_websocket',
): Promise<readonly [Phone, Phone]> {
  const [first, second] = by === 'stasis' ? ['7777', '8888'] : ['650', '651'];
  const { caller, callee } = exchange.pair(0);
  const alice = await exchange.phone(test, { user: caller, say: SAY });
  const bob = await exchange.phone(test, { user: callee, say: SAY });
  await alice.dial(first);
  await alice.until('CALL_ESTABLISHED', LIMIT_MS);
  await bob.dial(second);
  await bob.until('CALL_ESTABLISHED', LIMIT_MS);
  return [alice, bob];
}

/** Waits until the first party of the only call is in `state`, and the other as ever. */
function untilState({ dragoman }: Exchange, state: string): Promise<unknown> {
  return eventually(`the first party is ${state}`, LIMIT_MS, async () => {
    const [call] = await dragoman.calls();
    return call?.parties.find(({ party }) => party === 'a')?.state === state;
  });
}

/** Waits until these are spoken in the only call, by the first party and the second. */
function untilLanguages({ dragoman }: Exchange, languages: string): Promise<unknown> {
  return eventually(`${languages} are spoken`, LIMIT_MS, async () => {
    const [call] = await dragoman.calls();
    const parties = [...(call?.parties ?? [])].sort((one, other) => (one.party < other.party ? -1 : 1));
    return parties.map(({ language }) => language).join() === languages;
  });
}

/** One hangs up, and the call is over. */
async function overAgain({ dragoman }: Exchange, who: Phone, other: Phone): Promise<void> {
  await who.hangUp();
  await other.until('CALL_CLOSED', LIMIT_MS);
  await eventually('the call is over', LIMIT_MS, async () => (await dragoman.calls()).length === 0);
}
