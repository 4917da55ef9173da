/**
 * dragoman's numbers beside a site's own ones, as an operator would include them, first or last; and its subroutine,
 * called by the site's own numbers. One thing after the other: they share a pair of phones.
 */

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { sine } from '../asterisk/audio.ts';
import { eventually, pass } from '../support/waiting.ts';
import { DRAGOMAN_AWAY, Exchange, hearBoth, PARTY_HUNG_UP, PREFIX } from './exchange.ts';
import { assertHeard, hearMelody, LEAD_MS, melody, soundMs, TONE_MS } from './melody.ts';
import { findRepository } from './testbed.ts';

const CONTEXTS = ['site-first', 'site-last'] as const;

/** What each number is to the site, by the answer that only its own dialplan gives; what nobody has is 404. */
const ANSWERS: readonly (readonly [number: string, status: RegExp])[] = [
  ['112', /^486 /],
  ['110', /^486 /],
  ['118', /^486 /],
  ['911', /^486 /],
  ['200', /^403 /],
  ['7000', /^503 /],
  ['8200', /^403 /],
  ['00112', /^503 /],
  ['*48', /^403 /],
  ['9200', /^404 /],
  ['7001', /^404 /],
  ['6100', /^404 /],
  // More may come: an incomplete number, which rings nobody.
  [PREFIX, /^484 /],
  [`${PREFIX}9`, /^484 /],
  [`${PREFIX}5200`, /^404 /],
  // What is behind the prefix is the site's own: its 200, its 112, and none that it does not have.
  [`${PREFIX}9200`, /^403 /],
  [`${PREFIX}8200`, /^403 /],
  [`${PREFIX}9112`, /^486 /],
  [`${PREFIX}800112`, /^503 /],
  [`${PREFIX}9300`, /^404 /],
  [`${PREFIX}9100`, /^404 /],
  // A language that is not set.
  [`${PREFIX}6900`, /^404 /],
];

/** What Asterisk says of a dial string that rings one who does not exist, beside one who does. */
const CALLED_FOR = [/Unable to create PJSIP channel - endpoint 'nobody' was not found/];
const LIMIT_MS = 90_000;
/** A queue answers before it rings anybody: so long who calls it says nothing. */
const RINGS_MS = 15_000;
const TONE = { rateHz: 16_000, pcm: sine(600, 90_000, 16_000) };

describe("a site's own numbers on a real Asterisk", () => {
  let exchange: Exchange | string | undefined;
  before(async () => {
    exchange = await Exchange.open({
      serve: ['--pair', 'en:es', '--mode', 'passthrough'],
      pairs: 2,
      contexts: { a0: CONTEXTS[0], a1: CONTEXTS[1] },
      include: join(findRepository(), 'test/asterisk-e2e/site.conf'),
    });
    if (exchange instanceof Exchange) {
      await exchange.testbed.cli('module load app_queue.so');
      await exchange.testbed.cli('queue add member Local/200@agents/n to desk');
    }
  });
  after(async () => {
    if (exchange instanceof Exchange) {
      await exchange.close([...PARTY_HUNG_UP, ...DRAGOMAN_AWAY, ...CALLED_FOR]);
    }
  });

  for (const [index, context] of CONTEXTS.entries()) {
    it(`are its own, emergency numbers too, and ours begin with the prefix: ${context}`, async (test) => {
      if (!Exchange.orSkip(exchange, test)) {
        return;
      }
      const phone = await exchange.phone(test, { user: exchange.pair(index).caller });
      const wrong: string[] = [];
      for (const [nth, [number, status]] of ANSWERS.entries()) {
        await phone.dial(number);
        const { param } = await phone.until('CALL_CLOSED', LIMIT_MS, nth + 1);
        if (!status.test(param)) {
          wrong.push(`${number}: ${param}`);
        }
      }
      assert.deepEqual(wrong, []);
    });

    for (const number of ['5', '0044123456789']) {
      it(`are translated behind the prefix, whatever their length: ${number}, ${context}`, async (test) => {
        if (!Exchange.orSkip(exchange, test)) {
          return;
        }
        await assertTranslated(exchange, test, index, `${PREFIX}${index === 0 ? '9' : '8'}${number}`);
      });
    }
  }

  for (const [number, what] of [
    ['201', 'a phone'],
    ['202', "a dial string such as a trunk's"],
    ['203', 'the member of a queue'],
  ] as const) {
    it(`translate by the subroutine, and go on after it: ${what}`, async (test) => {
      if (!Exchange.orSkip(exchange, test)) {
        return;
      }
      const { testbed } = exchange;
      await testbed.cli('dialplan set global SITE_AFTER nothing');
      await assertTranslated(exchange, test, 0, number, number === '203' ? RINGS_MS : 0);
      if (number !== '203') {
        await eventually('the dialplan of the site goes on with the status', LIMIT_MS, async () =>
          /SITE_AFTER=ANSWERANSWER$/m.test(await testbed.cli('dialplan show globals')),
        );
      }
    });
  }

  for (const [number, what] of [
    ['205', 'one node'],
    ['206', 'several'],
  ] as const) {
    it(`bridge plainly when the callee alone finds no translator: ${what}`, async (test) => {
      if (!Exchange.orSkip(exchange, test)) {
        return;
      }
      const { testbed } = exchange;
      const [alice, bob] = await exchange.callBy(test, 0, number, { say: TONE });
      await eventually('they are bridged', LIMIT_MS, async () =>
        /!Bridge!/.test(await testbed.cli('core show channels concise')),
      );
      await pass(2_000);
      await alice.hangUp();
      await bob.until('CALL_CLOSED', LIMIT_MS);
      const [, { pcm, rateHz }] = await hearBoth([alice, bob]);
      const heardMs = soundMs(pcm, rateHz);
      assert.ok(heardMs > 1_000, `Bob hears Alice for ${heardMs} ms`);
      await exchange.nothingLeft(LIMIT_MS);
    });
  }

  it('tell both when the callee alone finds no translator and they are to be told', async (test) => {
    if (!Exchange.orSkip(exchange, test)) {
      return;
    }
    const phones = await exchange.callBy(test, 0, '207');
    await Promise.all(phones.map((phone) => phone.until('CALL_CLOSED', LIMIT_MS)));
    for (const { pcm, rateHz } of await hearBoth(phones)) {
      assert.ok(soundMs(pcm, rateHz) > 1_500, 'words and the congestion tone');
    }
    await exchange.nothingLeft(LIMIT_MS);
  });

  it('are given the status when the callee is busy', async (test) => {
    if (!Exchange.orSkip(exchange, test)) {
      return;
    }
    const alice = await exchange.phone(test, { user: 'a0' });
    const bob = await exchange.phone(test, { user: 'b0', answers: false });
    await alice.dial('204');
    await bob.until('CALL_INCOMING');
    await bob.hangUp();
    assert.match((await alice.until('CALL_CLOSED', LIMIT_MS)).param, /^403 /);
  });

  it('move with the prefix, which is read when the dialplan is loaded', async (test) => {
    if (!Exchange.orSkip(exchange, test)) {
      return;
    }
    const { testbed } = exchange;
    await testbed.cli('dialplan set global DRAGOMAN_PREFIX *777');
    await testbed.cli('dialplan reload');
    const phone = await exchange.phone(test, { user: 'a0' });
    await phone.dial('*7779112');
    assert.match((await phone.until('CALL_CLOSED', LIMIT_MS)).param, /^486 /);
    await phone.dial(`${PREFIX}9112`);
    assert.match((await phone.until('CALL_CLOSED', LIMIT_MS, 2)).param, /^404 /);
  });
});

/**
 * The caller dials, the callee answers, is with dragoman, hears the caller whole and hangs up.
 * @param ringsMs for how long the callee may ring when the caller is through already.
 */
async function assertTranslated(
  exchange: Exchange,
  test: Parameters<typeof Exchange.orSkip>[1],
  index: number,
  dialled: string,
  ringsMs = 0,
): Promise<void> {
  const say = { rateHz: 16_000, pcm: melody(16_000, ringsMs + LEAD_MS) };
  const alice = await exchange.phone(test, { user: exchange.pair(index).caller, say });
  const bob = await exchange.phone(test, { user: 'b0' });
  await alice.dial(dialled);
  await Promise.all([alice, bob].map((phone) => phone.until('CALL_ESTABLISHED', LIMIT_MS)));
  const call = await eventually('both parties are with dragoman', LIMIT_MS, async () =>
    (await exchange.dragoman.calls()).find(({ parties }) => parties.length === 2),
  );
  assert.deepEqual(call.parties.map(({ language }) => language).sort(), ['en', 'es']);
  await pass(ringsMs + LEAD_MS + 5 * TONE_MS + 500);
  await bob.hangUp();
  await alice.until('CALL_CLOSED', LIMIT_MS);
  const [, { pcm, rateHz }] = await hearBoth([alice, bob]);
  assertHeard(hearMelody(pcm, rateHz));
  await eventually('the call is over', LIMIT_MS, async () => (await exchange.dragoman.calls()).length === 0);
}
