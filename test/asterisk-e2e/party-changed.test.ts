/**
 * Calls on a real Asterisk that tells by ARI what becomes of them: a phone holds as soon as Asterisk tells of it, hands its call
 * on, or parks it. The leg stays where it is, and somebody else speaks another language behind it.
 */

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, it, type TestContext } from 'node:test';
import { z } from 'zod';
import type { Wav } from '../../src/protocol/wav.ts';
import { sine, toneDbfs } from '../asterisk/audio.ts';
import { freePort } from '../support/ports.ts';
import { eventually, pass } from '../support/waiting.ts';
import { Exchange, hearBoth, PARTY_HUNG_UP, type Way } from './exchange.ts';
import type { Phone } from './phone.ts';
import { ReferPhone } from './refer-phone.ts';
import { findRepository } from './testbed.ts';

const LIMIT_MS = 90_000;
/** How long the other two are left alone, to see that nobody is hung up. */
const ALONE_MS = 2_000;
/** The last of what was heard, less what hanging up takes. */
const LAST_MS = 5_000;
const WINDOW_MS = 200;
const ARI_PASSWORD = 'hush';
/** Of ARI, what channels there are, and of which of them an application is told. */
const CHANNELS = z.array(z.object({ id: z.string(), name: z.string() }));
const APPLICATION = z.object({ channel_ids: z.array(z.string()) });
const MODULES = ['res_pjsip_refer.so', 'bridge_builtin_features.so', 'bridge_holding.so', 'res_parking.so'];
const CALLED_FOR = [
  ...PARTY_HUNG_UP,
  // Who is parked here hears nothing meanwhile.
  /bridge_holding\.c: Failed to start moh/,
];
const NEWCOMER_HZ = 1_200;
/** Longer than a busy machine takes to hand a call on. */
const SAID_MS = 90_000;
const SAY_HZ = 700;
const SAY: Wav = { rateHz: 16_000, pcm: sine(SAY_HZ, SAID_MS, 16_000, 0.25) };

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
        ariPassword: ARI_PASSWORD,
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
        const running = exchange;
        const [alice, bob] = await inCall(running, test, way);
        await untilFollowed(running);
        const holds = await heldByAri(running);
        await alice.hold();
        await untilState(exchange, 'SUSPENDED');
        // Who sends nothing for long would be on hold too, and Asterisk have told of nobody.
        await eventually('it is told', LIMIT_MS, async () => (await heldByAri(running)) > holds);
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
        await untilFollowed(exchange);
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
      await pass(ALONE_MS);
      const [after] = await dragoman.calls();
      assert.equal(after?.call, before?.call, 'it is the same call');
      assert.equal(bob.count('CALL_CLOSED') + newcomer.count('CALL_CLOSED'), 0);
      await overAgain(exchange, newcomer, bob);
      const [heardByBob, heardByNewcomer] = await hearBoth([bob, newcomer]);
      assert.ok(isHeardLast(heardByBob, NEWCOMER_HZ), 'bob hears who is there now');
      assert.ok(isHeardLast(heardByNewcomer, SAY_HZ), 'who is there now hears bob');
    });

    if (media === 'audiosocket') {
      it('is on hold while it is parked, and somebody else when it is picked up', async (test) => {
        if (!Exchange.orSkip(exchange, test)) {
          return;
        }
        const newcomer = await exchange.phone(test, { user: exchange.pair(1).caller, say: SAY });
        const [alice, bob] = await inCall(exchange, test, 'dialplan');
        await untilFollowed(exchange);
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

/** Waits until Asterisk tells dragoman of the first phone: what became of it before may never be known. */
function untilFollowed(exchange: Exchange): Promise<unknown> {
  const ask = async (path: string): Promise<unknown> =>
    (await fetch(`${exchange.testbed.ari}/ari/${path}?api_key=dragoman:${ARI_PASSWORD}`)).json();
  return eventually('Asterisk tells of the first phone', LIMIT_MS, async () => {
    const channels = CHANNELS.parse(await ask('channels'));
    const phone = channels.find(({ name }) => name.startsWith(`PJSIP/${exchange.pair(0).caller}-`));
    const { channel_ids: told } = APPLICATION.parse(await ask('applications/dragoman'));
    return phone !== undefined && told.includes(phone.id);
  });
}

/** How often dragoman was told by ARI that somebody is on hold. */
function heldByAri({ dragoman }: Exchange): Promise<number> {
  return dragoman.metric('dragoman_ari_followed_total', /what="held"/);
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

/** Whether a tone was heard at the last, for a moment at least. */
function isHeardLast({ pcm, rateHz }: Wav, hz: number): boolean {
  const samples = (WINDOW_MS * rateHz) / 1_000;
  const last = pcm.subarray((-LAST_MS * rateHz) / 1_000);
  for (let at = 0; at + samples <= last.length; at += samples) {
    if (toneDbfs(last.subarray(at, at + samples), hz, rateHz) > -40) {
      return true;
    }
  }
  return false;
}

/** One hangs up, and the call is over. */
async function overAgain({ dragoman }: Exchange, who: Phone, other: Phone): Promise<void> {
  await who.hangUp();
  await other.until('CALL_CLOSED', LIMIT_MS);
  await eventually('the call is over', LIMIT_MS, async () => (await dragoman.calls()).length === 0);
}
