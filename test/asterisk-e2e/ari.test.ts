/** Calls that dragoman drives by ARI on a real Asterisk: 7777 and 8888 dialled by two phones, and one that calls another. */

import assert from 'node:assert/strict';
import { after, before, describe, it, type TestContext } from 'node:test';
import { eventually, pass } from '../support/waiting.ts';
import { Exchange, hearBoth } from './exchange.ts';
import { assertWhole, hearMelody, LEAD_MS, melody, TONE_MS } from './melody.ts';
import type { Phone, PhoneOptions } from './phone.ts';

const LIMIT_MS = 30_000;
const MELODY_MS = LEAD_MS + 5 * TONE_MS + 500;

describe('ARI on a real Asterisk', () => {
  let exchange: Exchange | string | undefined;
  before(async () => {
    exchange = await Exchange.open({
      serve: ['--extensions', '7777=en,8888=fr', '--mode', 'passthrough'],
      rejoinS: 3,
      ariPassword: 'hush',
    });
  });
  after(async () => {
    if (exchange instanceof Exchange) {
      await exchange.close([]);
    }
  });

  it('crosses 7777 and 8888, and keeps a call whose leg is lost', async (test) => {
    if (!Exchange.orSkip(exchange, test)) {
      return;
    }
    await connected(exchange);
    const say = { rateHz: 16_000, pcm: melody(16_000) };
    const alice = await dial(exchange, test, '7777', { user: 'alice' });
    const bob = await dial(exchange, test, '8888', { user: 'bob', say });
    await inCall(exchange, ['en', 'fr']);
    await pass(MELODY_MS);
    await bob.hangUp();
    await alice.until('CALL_CLOSED', LIMIT_MS);
    const [{ pcm, rateHz }] = await hearBoth([alice, bob]);
    assertWhole(hearMelody(pcm, rateHz));
    await nothingLeft(exchange);
  });
});

async function dial(exchange: Exchange, test: TestContext, number: string, options: PhoneOptions): Promise<Phone> {
  const phone = await exchange.phone(test, options);
  await phone.dial(number);
  await phone.until('CALL_ESTABLISHED', LIMIT_MS);
  return phone;
}

function connected({ dragoman }: Exchange): Promise<unknown> {
  return eventually('dragoman is connected to ARI', LIMIT_MS, () =>
    dragoman.lines.some(({ msg }) => msg.startsWith('connected to ARI')),
  );
}

/** One call runs, and these are spoken in it. */
async function inCall({ dragoman }: Exchange, languages: readonly string[]): Promise<void> {
  const call = await eventually('both parties are with dragoman', LIMIT_MS, async () =>
    (await dragoman.calls()).find(({ parties }) => parties.length === languages.length),
  );
  assert.deepEqual(call.parties.map(({ language }) => language).sort(), languages);
}

/** No call, no channel and no bridge. */
async function nothingLeft({ dragoman, testbed }: Exchange): Promise<void> {
  await eventually('nothing is left', LIMIT_MS, async () => {
    const [calls, channels, bridges] = await Promise.all([
      dragoman.calls(),
      testbed.channels(),
      testbed.cli('bridge show all'),
    ]);
    return calls.length === 0 && channels.length === 0 && !/\bdg-/.test(bridges);
  });
}
