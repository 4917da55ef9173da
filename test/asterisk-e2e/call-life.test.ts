/**
 * Calls on a real Asterisk with voices passed through: what each phone hears, how calls end, what does not end them.
 * They run side by side, each with a pair of phones of its own.
 */

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { findDtmfKey, sine, sliceMs } from '../asterisk/audio.ts';
import { eventually, pass } from '../support/waiting.ts';
import { Exchange, hearBoth, PARTY_HUNG_UP, PREFIX, type Way } from './exchange.ts';
import { assertWhole, hearMelody, LEAD_MS, melody, soundMs, TONE_MS } from './melody.ts';
import type { PhoneCodec, PhoneOptions } from './phone.ts';
import { findRepository } from './testbed.ts';

/**
 * How long after one phone hangs up the other may take to be free: by far more than it takes, for a busy machine, and
 * less than the 10 s after which the dialplan lets a party go that nobody fetches.
 */
const ENDING_LIMIT_MS = 8_000;
/** AudioSocket() ends a leg that hears nothing for 2 s, from either side. */
const FROZEN_MS = 4_000;
/** What Asterisk says when it is to ring an endpoint that no phone has registered for. */
const NO_PHONE = [
  /Endpoint '\w+': Could not create dialog/,
  /Failed to create outgoing session to endpoint '\w+'/,
];
const CONNECTED_LIMIT_MS = 30_000;
const MELODY_MS = LEAD_MS + 5 * TONE_MS;

/** What Asterisk calls the codecs. */
const ASKED = { g722: 'g722', pcma: 'alaw', pcmu: 'ulaw' } as const;

/** Phones, and the way between them, whose voices pass through as they are. */
const VOICES: readonly {
  readonly name: string;
  readonly way: Way;
  readonly from: PhoneCodec;
  readonly to: PhoneCodec;
  readonly ptimeMs: number;
}[] = [
  {
    name: 'G.711 in packets of 10 ms, AudioSocket at 8 kHz',
    way: '8',
    from: 'pcmu',
    to: 'pcmu',
    ptimeMs: 10,
  },
  {
    name: 'G.711 in packets of 20 ms, AudioSocket at 8 kHz',
    way: '8',
    from: 'pcmu',
    to: 'pcma',
    ptimeMs: 20,
  },
  {
    name: 'G.711 in packets of 30 ms, AudioSocket at 8 kHz',
    way: '8',
    from: 'pcma',
    to: 'pcmu',
    ptimeMs: 30,
  },
  {
    name: 'G.711 in packets of 60 ms, AudioSocket at 8 kHz',
    way: '8',
    from: 'pcma',
    to: 'pcma',
    ptimeMs: 60,
  },
  { name: 'G.722, slin16', way: '9', from: 'g722', to: 'g722', ptimeMs: 20 },
  { name: 'G.711 in packets of 60 ms, slin16', way: '9', from: 'pcmu', to: 'pcmu', ptimeMs: 60 },
  { name: 'G.711 to G.722, slin16', way: '9', from: 'pcmu', to: 'g722', ptimeMs: 20 },
  { name: 'G.722 to G.711, slin16', way: '9', from: 'g722', to: 'pcmu', ptimeMs: 20 },
];

describe('a call on a real Asterisk', { concurrency: 4 }, () => {
  let exchange: Exchange | string | undefined;
  before(async () => {
    exchange = await Exchange.open({
      serve: ['--pair', 'en:es', '--mode', 'passthrough'],
      pairs: 21,
      include: join(findRepository(), 'test/asterisk-e2e/own-numbers.conf'),
      // 20 ms is what phones send when they are asked for nothing.
      codecs: Object.fromEntries(
        VOICES.flatMap(({ from, to, ptimeMs }, index) =>
          ptimeMs === 20
            ? []
            : [
                [`a${index}`, `${ASKED[from]}:${ptimeMs}`],
                [`b${index}`, `${ASKED[to]}:${ptimeMs}`],
              ],
        ),
      ),
    });
  });
  after(async () => {
    if (exchange instanceof Exchange) {
      await exchange.close([...PARTY_HUNG_UP, ...NO_PHONE]);
    }
  });

  for (const [index, { name, way, from, to, ptimeMs }] of VOICES.entries()) {
    it(`carries a voice whole: ${name}`, async (test) => {
      if (!Exchange.orSkip(exchange, test)) {
        return;
      }
      const say = { rateHz: 16_000, pcm: melody(16_000) };
      // By the site's own number: a Local channel, as behind the prefix, asks the callee for packets of 20 ms.
      const dialled = way + exchange.pair(index).number;
      const phones = await exchange.callBy(test, index, dialled, { codec: from, say }, { codec: to });
      assert.deepEqual(
        phones.map(({ packetMs }) => packetMs),
        [ptimeMs, ptimeMs],
      );
      await pass(MELODY_MS + 500);
      await phones[0].hangUp();
      await phones[1].until('CALL_CLOSED', ENDING_LIMIT_MS);
      const [, bob] = await hearBoth(phones);
      assertWhole(hearMelody(bob.pcm, bob.rateHz));
    });
  }

  for (const [index, way] of (['8', '9'] as const).entries()) {
    const by = way === '8' ? 'AudioSocket()' : 'Dial(AudioSocket)';

    it(`drops nobody when the caller sends nothing for 4 s, by ${by}`, async (test) => {
      if (!Exchange.orSkip(exchange, test)) {
        return;
      }
      const phones = await exchange.call(
        test,
        8 + index,
        way,
        { codec: 'pcmu' },
        { codec: 'pcmu', say: { rateHz: 8_000, pcm: sine(440, 60_000, 8_000) } },
      );
      phones[0].freeze();
      await pass(FROZEN_MS);
      assert.equal(phones[1].count('CALL_CLOSED'), 0);
      phones[0].thaw();
      await pass(2_500);
      assert.equal(phones[0].count('CALL_CLOSED') + phones[1].count('CALL_CLOSED'), 0);
      await phones[0].hangUp();
      await phones[1].until('CALL_CLOSED', ENDING_LIMIT_MS);
      const [alice] = await hearBoth(phones);
      const last = alice.pcm.subarray(-2 * alice.rateHz);
      assert.ok(soundMs(last, alice.rateHz) > 500, 'the caller hears the callee again');
    });

    it(`frees the callee when the caller hangs up, by ${by}`, async (test) => {
      if (!Exchange.orSkip(exchange, test)) {
        return;
      }
      const { caller, callee } = exchange.pair(10 + index);
      const [alice, bob] = await exchange.call(test, 10 + index, way);
      await connected(exchange, 10 + index);
      await alice.hangUp();
      await bob.until('CALL_CLOSED', ENDING_LIMIT_MS);
      await noChannels(exchange, caller, callee);
    });

    it(`frees the caller when the callee hangs up, by ${by}`, async (test) => {
      if (!Exchange.orSkip(exchange, test)) {
        return;
      }
      const { caller, callee } = exchange.pair(12 + index);
      const [alice, bob] = await exchange.call(test, 12 + index, way);
      await connected(exchange, 12 + index);
      await bob.hangUp();
      await alice.until('CALL_CLOSED', ENDING_LIMIT_MS);
      await noChannels(exchange, caller, callee);
    });

    it(`lets a key be heard as its tone by the other, and ends nothing, by ${by}`, async (test) => {
      if (!Exchange.orSkip(exchange, test)) {
        return;
      }
      const codec = way === '8' ? 'pcmu' : 'g722';
      const phones = await exchange.call(test, 14 + index, way, { codec }, { codec });
      await connected(exchange, 14 + index);
      // A second of the recording may be the waiting tone.
      await pass(1_000);
      await phones[0].press('5');
      await pass(1_500);
      assert.equal(phones[0].count('CALL_CLOSED') + phones[1].count('CALL_CLOSED'), 0);
      await phones[0].hangUp();
      await phones[1].until('CALL_CLOSED', ENDING_LIMIT_MS);
      const [, bob] = await hearBoth(phones);
      assert.deepEqual([...keysIn(bob.pcm, bob.rateHz)], ['5']);
    });
  }

  it('tells the caller that a callee who refuses is busy', async (test) => {
    if (!Exchange.orSkip(exchange, test)) {
      return;
    }
    const [alice, bob] = await ring(16, exchange, test, { answers: false });
    await bob.until('CALL_INCOMING');
    await bob.hangUp();
    assert.match((await alice.until('CALL_CLOSED', ENDING_LIMIT_MS)).param, /^486 /);
  });

  it('ends at once when the callee has no phone', async (test) => {
    if (!Exchange.orSkip(exchange, test)) {
      return;
    }
    const pair = exchange.pair(17);
    const alice = await exchange.phone(test, { user: pair.caller });
    await alice.dial(`${PREFIX}8${pair.number}`);
    assert.match((await alice.until('CALL_CLOSED', ENDING_LIMIT_MS)).param, /^[45]\d\d /);
  });

  it('ends at once when nobody has the number', async (test) => {
    if (!Exchange.orSkip(exchange, test)) {
      return;
    }
    const alice = await exchange.phone(test, { user: exchange.pair(18).caller });
    await alice.dial(`${PREFIX}9299`);
    assert.match((await alice.until('CALL_CLOSED', ENDING_LIMIT_MS)).param, /^404 /);
  });

  it('stops ringing when the caller gives up, and never rings dragoman', async (test) => {
    if (!Exchange.orSkip(exchange, test)) {
      return;
    }
    const { caller, callee } = exchange.pair(19);
    const [alice, bob] = await ring(19, exchange, test, { answers: false });
    await bob.until('CALL_INCOMING');
    const call = (await exchange.testbed.variable(caller, 'DRAGOMAN_CALL')).slice(0, -1);
    await alice.hangUp();
    await bob.until('CALL_CLOSED', ENDING_LIMIT_MS);
    await noChannels(exchange, caller, callee);
    assert.ok(exchange.dragoman.lines.every((line) => line.call !== call));
  });

  it('is a plain call when the number has no prefix', async (test) => {
    if (!Exchange.orSkip(exchange, test)) {
      return;
    }
    const [alice, bob] = await exchange.call(test, 20, '');
    await assert.rejects(
      exchange.testbed.variable(exchange.pair(20).caller, 'DRAGOMAN_CALL'),
      /has no variable/,
    );
    await bob.hangUp();
    await alice.until('CALL_CLOSED', ENDING_LIMIT_MS);
  });
});

/** The phones of pair `index`, one of which has dialled the other. */
async function ring(
  index: number,
  exchange: Exchange,
  test: Parameters<typeof Exchange.orSkip>[1],
  callee: Partial<PhoneOptions>,
) {
  const pair = exchange.pair(index);
  const alice = await exchange.phone(test, { user: pair.caller });
  const bob = await exchange.phone(test, { user: pair.callee, ...callee });
  await alice.dial(`${PREFIX}9${pair.number}`);
  return [alice, bob] as const;
}

/** Waits until both legs of the call of pair `index` are with dragoman. */
async function connected(exchange: Exchange, index: number): Promise<void> {
  const call = (await exchange.testbed.variable(exchange.pair(index).caller, 'DRAGOMAN_CALL')).slice(0, -1);
  // What the API shows is not its id: nobody gets into a call by what is shown.
  const joined = () =>
    exchange.dragoman.lines.filter((line) => line.call === call && line.msg === 'a party has joined').length;
  await eventually(`the call of pair ${index} runs`, CONNECTED_LIMIT_MS, () => joined() === 2);
}

async function noChannels(exchange: Exchange, ...users: readonly string[]): Promise<void> {
  await eventually(`the channels of ${users} are gone`, ENDING_LIMIT_MS, async () =>
    (await exchange.testbed.channels()).every((name) =>
      users.every((user) => !name.startsWith(`PJSIP/${user}-`)),
    ),
  );
}

/** The keys whose tones are in `pcm`, looked for in windows of 50 ms. */
function keysIn(pcm: Int16Array, rateHz: number): ReadonlySet<string> {
  const keys = new Set<string>();
  // The waiting tone of the first second is no key; what a short window takes for one is heard once.
  const counts = new Map<string, number>();
  for (let atMs = 1_000; (atMs + 50) * rateHz <= pcm.length * 1_000; atMs += 10) {
    const key = findDtmfKey(sliceMs(pcm, rateHz, atMs, atMs + 50), rateHz);
    if (key !== undefined) {
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
  }
  for (const [key, count] of counts) {
    if (count >= 3) {
      keys.add(key);
    }
  }
  return keys;
}
