/**
 * Calls by ARI for which a real Asterisk connects to dragoman, as dialplan/ari-by-call.conf has it: they are driven over
 * that connection, and when dragoman is killed each is back in its dialplan, which says that there is no service.
 */

import assert from 'node:assert/strict';
import { after, before, describe, it, type TestContext } from 'node:test';
import { systemClock } from '../../src/base/clock.ts';
import { freePort } from '../support/ports.ts';
import { eventually, pass } from '../support/waiting.ts';
import { Exchange, hearBoth } from './exchange.ts';
import { assertWhole, hearMelody, LEAD_MS, melody, soundMs, TONE_MS } from './melody.ts';

/** What Asterisk says of connections whose server is gone, and of a call that nobody takes. */
const CALLED_FOR = [
  /res_(audiosocket|websocket_client)\.c: /,
  /chan_audiosocket\.c: Failed to (receive|forward) frame from /,
  /ari_websockets\.c: /,
  /res_http_websocket\.c: /,
  /app_stasis\.c: .*Stasis app 'dragoman' doesn't exist/,
];
const LIMIT_MS = 90_000;
/** Both dial at once and speak: the second may be through by so much later, beside the lead of a melody. */
const APART_MS = 6_000;
const MELODY_MS = APART_MS + LEAD_MS + 5 * TONE_MS + 500;
/** Two tries 300 ms apart, and what a busy machine takes to notice; far less than any wait of a person. */
const BACK_LIMIT_MS = 5_000;
/** Words and a tone. */
const TOLD_LIMIT_MS = 30_000;

describe('ARI on a real Asterisk that connects to dragoman for each call', () => {
  let exchange: Exchange | string | undefined;
  before(async () => {
    const ws = `127.0.0.1:${await freePort()}`;
    exchange = await Exchange.open({
      serve: ['--extensions', '7777=en,8888=fr', '--mode', 'passthrough', '--ws', ws],
      websocket: ws,
      ariPassword: 'hush',
      ariByCall: true,
    });
  });
  after(async () => {
    if (exchange instanceof Exchange) {
      await exchange.close(CALLED_FOR);
    }
  });

  it('crosses 7777 and 8888, and nothing is left when they have hung up', async (test) => {
    if (!Exchange.orSkip(exchange, test)) {
      return;
    }
    await crossed(exchange, test);
    await exchange.nothingLeft(LIMIT_MS);
  });

  it('rings who is called over the connection of who calls', async (test) => {
    if (!Exchange.orSkip(exchange, test)) {
      return;
    }
    const alice = await exchange.phone(test, { user: 'alice' });
    const bob = await exchange.phone(test, { user: 'bob' });
    await alice.dial('7200');
    await Promise.all([alice, bob].map((phone) => phone.until('CALL_ESTABLISHED', LIMIT_MS)));
    await inCall(exchange);
    await alice.hangUp();
    await bob.until('CALL_CLOSED', LIMIT_MS);
    await Promise.all([alice.close(), bob.close()]);
    await exchange.nothingLeft(LIMIT_MS);
  });

  it('is back in the dialplan when dragoman is killed; the next one finds what was left', async (test) => {
    if (!Exchange.orSkip(exchange, test)) {
      return;
    }
    const alice = await exchange.dialled(test, '7777', { user: 'alice' }, LIMIT_MS);
    const bob = await exchange.dialled(test, '8888', { user: 'bob' }, LIMIT_MS);
    await inCall(exchange);
    const { testbed } = exchange;
    const killedMs = systemClock.nowMs();
    await exchange.dragoman.kill();
    await eventually('both are in the dialplan', BACK_LIMIT_MS, async () => {
      const told = (await testbed.log()).matchAll(/<(PJSIP\/\w+-\w+)> Playing 'sorry/g);
      return new Set([...told].map(([, channel]) => channel)).size === 2;
    });
    test.diagnostic(`back in the dialplan ${Math.round(systemClock.nowMs() - killedMs)} ms after the kill`);
    await Promise.all([alice, bob].map((phone) => phone.until('CALL_CLOSED', TOLD_LIMIT_MS)));
    for (const { pcm, rateHz } of await hearBoth([alice, bob])) {
      assert.ok(soundMs(pcm.subarray(-5 * rateHz), rateHz) > 1_500, 'words and the congestion tone');
    }
    // While it is away, too.
    const late = await exchange.phone(test, { user: 'alice' });
    await late.dial('7777');
    await late.until('CALL_CLOSED', TOLD_LIMIT_MS);
    await late.close();
    await exchange.restart();
    await crossed(exchange, test);
    await exchange.nothingLeft(LIMIT_MS);
  });
});

describe('ARI on a real Asterisk that connects to dragoman for each call, over RTP', () => {
  let exchange: Exchange | string | undefined;
  before(async () => {
    const ws = `127.0.0.1:${await freePort()}`;
    exchange = await Exchange.open({
      serve: ['--extensions', '7777=en,8888=fr', '--mode', 'passthrough', '--ws', ws, '--ari-media', 'rtp'],
      websocket: ws,
      ariPassword: 'hush',
      ariByCall: true,
    });
  });
  after(async () => {
    if (exchange instanceof Exchange) {
      await exchange.close(CALLED_FOR);
    }
  });

  it('has each call bring its own sound, both ways, and nothing is left', async (test) => {
    if (!Exchange.orSkip(exchange, test)) {
      return;
    }
    const { dragoman, testbed } = exchange;
    await crossed(exchange, test, async () => {
      const channels = (await testbed.channels()).map((name) => name.split('/')[0]);
      assert.deepEqual(channels.sort(), ['PJSIP', 'PJSIP', 'UnicastRTP', 'UnicastRTP']);
    });
    assert.equal(await dragoman.metric('dragoman_rtp_refused_total'), 0);
    await exchange.nothingLeft(LIMIT_MS);
  });
});

/** Two phones hear each other, whole, and hang up. @param look is called while both are there. */
async function crossed(
  exchange: Exchange,
  test: TestContext,
  look: () => Promise<void> = async () => {},
): Promise<void> {
  const say = { rateHz: 16_000, pcm: melody(16_000, APART_MS + LEAD_MS) };
  const alice = await exchange.phone(test, { user: 'alice', say });
  const bob = await exchange.phone(test, { user: 'bob', say });
  await Promise.all([alice.dial('7777'), bob.dial('8888')]);
  await Promise.all([alice, bob].map((phone) => phone.until('CALL_ESTABLISHED', LIMIT_MS)));
  await inCall(exchange);
  await look();
  await pass(MELODY_MS);
  await bob.hangUp();
  await alice.until('CALL_CLOSED', LIMIT_MS);
  for (const { pcm, rateHz } of await hearBoth([alice, bob])) {
    assertWhole(hearMelody(pcm, rateHz));
  }
}

async function inCall({ dragoman }: Exchange): Promise<void> {
  await eventually('both parties are with dragoman', LIMIT_MS, async () =>
    (await dragoman.calls()).some(({ parties }) => parties.length === 2),
  );
}
