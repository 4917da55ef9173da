/**
 * Parties by WebSocket on a real Asterisk: chan_websocket as dialplan/websocket.conf has it, and a gateway beside it.
 */

import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { sine } from '../asterisk/audio.ts';
import { GatewayCaller } from '../server/doors/websocket/gateway-caller.ts';
import { freePort } from '../support/ports.ts';
import { pass } from '../support/waiting.ts';
import { Exchange, hearBoth } from './exchange.ts';
import { assertWhole, hearMelody, LEAD_MS, melody, TONE_MS } from './melody.ts';
import { findRepository } from './testbed.ts';

describe('WebSocket on a real Asterisk', () => {
  let exchange: Exchange | string | undefined;
  let ws = '';
  before(async () => {
    ws = `127.0.0.1:${await freePort()}`;
    exchange = await Exchange.open({
      serve: ['--extensions', '7777=en,8888=es', '--mode', 'passthrough', '--ws', ws],
      websocket: ws,
      include: join(findRepository(), 'test/asterisk-e2e/websocket.conf'),
      pairs: 2,
    });
    if (exchange instanceof Exchange) {
      await exchange.testbed.cli('module load res_pjsip_refer.so');
    }
  });
  after(async () => {
    if (exchange instanceof Exchange) {
      await exchange.close([]);
    }
  });

  it('brings two phones together, by chan_websocket', async (test) => {
    if (!Exchange.orSkip(exchange, test)) {
      return;
    }
    const { caller, callee } = exchange.pair(0);
    const say = { rateHz: 16_000, pcm: melody(16_000) };
    const alice = await exchange.phone(test, { user: caller });
    const bob = await exchange.phone(test, { user: callee, say });
    await alice.dial('7777');
    await alice.until('CALL_ESTABLISHED');
    await bob.dial('8888');
    await bob.until('CALL_ESTABLISHED');
    await pass(LEAD_MS + 5 * TONE_MS + 500);
    const late = await exchange.dragoman.metric('dragoman_queue_dropped_total', /queue="asterisk"/);
    test.diagnostic(`left out of silence: ${late} frames`);
    await bob.hangUp();
    await alice.until('CALL_CLOSED');
    const [heard] = await hearBoth([alice, bob]);
    assertWhole(hearMelody(heard.pcm.subarray(heard.rateHz), heard.rateHz));
  });

  it('keeps a phone with whoever its partner is handed on to, by chan_websocket', async (test) => {
    if (!Exchange.orSkip(exchange, test)) {
      return;
    }
    const [pair, spare] = [exchange.pair(0), exchange.pair(1)];
    const say = { rateHz: 16_000, pcm: melody(16_000) };
    const alice = await exchange.phone(test, { user: pair.caller });
    const bob = await exchange.phone(test, { user: pair.callee });
    const carol = await exchange.phone(test, { user: spare.callee, say });
    await alice.dial('7777');
    await alice.until('CALL_ESTABLISHED');
    await bob.dial('8888');
    await bob.until('CALL_ESTABLISHED');
    await pass(1_000);
    await bob.transfer(spare.number);
    await carol.until('CALL_ESTABLISHED');
    await pass(LEAD_MS + 5 * TONE_MS + 500);
    await carol.hangUp();
    await alice.until('CALL_CLOSED');
    const { pcm, rateHz } = await alice.close();
    // What comes last: before it she waits alone, and then hears nothing of Bob.
    assertWhole(hearMelody(pcm.subarray(2 * rateHz), rateHz));
  });

  it('brings a phone and a gateway together', async (test) => {
    if (!Exchange.orSkip(exchange, test)) {
      return;
    }
    const say = { rateHz: 16_000, pcm: sine(500, 20_000, 16_000, 0.3) };
    const alice = await exchange.phone(test, { user: exchange.pair(0).caller, say });
    await alice.dial('7777');
    await alice.until('CALL_ESTABLISHED');
    const gateway = await GatewayCaller.connect(`ws://${ws}/translate/8888?rate=16000`, { rateHz: 16_000 });
    test.after(() => gateway.end());
    await gateway.hears(500);
    gateway.tell({ type: 'session_end' });
    await alice.until('CALL_CLOSED');
  });
});
