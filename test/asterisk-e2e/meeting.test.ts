/** *4970 and *4971 on a real Asterisk: two who dial by themselves and meet in dragoman, by order of arrival. */

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { eventually, pass } from '../support/waiting.ts';
import { DRAGOMAN_AWAY, Exchange, hearBoth, PREFIX } from './exchange.ts';
import { assertHeard, hearMelody, LEAD_MS, melody, soundMs, TONE_MS } from './melody.ts';

const LIMIT_MS = 60_000;

describe('*4970 and *4971 on a real Asterisk', () => {
  let exchange: Exchange | string | undefined;
  before(async () => {
    exchange = await Exchange.open({
      serve: ['--pairing', 'port', '--mode', 'passthrough'],
      doors: ['en:es', 'es:en'],
      pairs: 1,
    });
  });
  after(async () => {
    if (exchange instanceof Exchange) {
      await exchange.close(DRAGOMAN_AWAY);
    }
  });

  it('bring those together who dial them', async (test) => {
    if (!Exchange.orSkip(exchange, test)) {
      return;
    }
    const { caller, callee } = exchange.pair(0);
    const say = { rateHz: 16_000, pcm: melody(16_000) };
    const alice = await exchange.phone(test, { user: caller });
    const bob = await exchange.phone(test, { user: callee, say });
    await alice.dial(`${PREFIX}70`);
    const { atMs: aliceMs } = await alice.until('CALL_ESTABLISHED');
    const { dragoman } = exchange;
    await eventually('she is with dragoman', LIMIT_MS, async () =>
      (await dragoman.calls()).some(({ parties }) => parties.length === 1),
    );
    await pass(1_500);
    await bob.dial(`${PREFIX}71`);
    const { atMs: bobMs } = await bob.until('CALL_ESTABLISHED');
    await eventually('both are with dragoman', LIMIT_MS, async () =>
      (await dragoman.calls()).some(({ parties }) => parties.length === 2),
    );
    await pass(LEAD_MS + 5 * TONE_MS + 500);
    await bob.hangUp();
    await alice.until('CALL_CLOSED');
    const [heard] = await hearBoth([alice, bob]);
    // She waited until he came, however long that took.
    const samplesUntil = (ms: number): number => Math.round((ms * heard.rateHz) / 1_000);
    const waiting = heard.pcm.subarray(0, samplesUntil(bobMs - aliceMs));
    assert.ok(soundMs(waiting, heard.rateHz) > 100, 'a waiting tone');
    const melodyOn = heard.pcm.subarray(samplesUntil(bobMs - aliceMs + LEAD_MS / 2));
    assertHeard(hearMelody(melodyOn, heard.rateHz));
  });

  it('tell who dials them when dragoman is not there, and hang up', async (test) => {
    if (!Exchange.orSkip(exchange, test)) {
      return;
    }
    await exchange.dragoman.kill();
    const alice = await exchange.phone(test, { user: exchange.pair(0).caller });
    await alice.dial(`${PREFIX}70`);
    await alice.until('CALL_CLOSED', 30_000);
    const { pcm, rateHz } = await alice.close();
    assert.ok(soundMs(pcm, rateHz) > 1_500, 'words and the congestion tone');
  });
});
