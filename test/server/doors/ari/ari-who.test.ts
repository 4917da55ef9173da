import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { silentLog } from '../../../../src/base/log.ts';
import { AriWho } from '../../../../src/server/doors/ari/ari-who.ts';
import { FakeClock } from '../../../base/fake-clock.ts';
import { AriExchange } from './ari-exchange.ts';

const CALL = '40325ec2-5efd-4bd3-805f-53576e581d1';

describe('who a bare leg is', () => {
  it('is told by the application that it is in: what was dialled, or what it speaks', async (test) => {
    const exchange = await AriExchange.connected(test);
    const { ari } = exchange;
    ari.inDialplan('1', {
      name: 'PJSIP/a',
      exten: '7777',
      application: 'AudioSocket',
      data: `${CALL}5,127.0.0.1:5050`,
    });
    ari.inDialplan('2', {
      name: 'PJSIP/b',
      exten: '8888',
      application: 'Dial',
      data: `AudioSocket/127.0.0.1:5050/${CALL}6/c(slin16)`,
    });
    await exchange.bareLeg(test, `${CALL}5`);
    await exchange.bareLeg(test, `${CALL}6`);
    await exchange.until('they have met', () => exchange.calls[0]?.join() === 'en,fr');
    assert.deepEqual(exchange.tally('ariLookUps'), { found: 2 });
  });

  it('is told by whom its channel is bridged with, where it was dialled', async (test) => {
    const exchange = await AriExchange.connected(test);
    const { ari } = exchange;
    ari.inDialplan('1', { name: 'PJSIP/a', exten: '200', language: 'fr' });
    ari.inDialplan('2', { name: `AudioSocket/127.0.0.1:5050-${CALL}0`, peer: 'PJSIP/a' });
    await exchange.bareLeg(test, `${CALL}0`);
    // The first place speaks English unless somebody knows better.
    await exchange.until('it is seated', () => exchange.calls[0]?.join() === 'fr');
    const [line] = exchange.logged('ARI tells who a leg is');
    assert.deepEqual([line?.callerPii, line?.dialledPii], ['100', '200']);
  });

  it('is asked again when the leg comes again, and is who it was where Asterisk does not say', async (test) => {
    const exchange = await AriExchange.connected(test);
    exchange.ari.inDialplan('1', {
      ...{ name: 'PJSIP/a', language: 'fr', application: 'AudioSocket' },
      data: `${CALL}0,127.0.0.1:5050`,
    });
    await exchange.bareLeg(test, `${CALL}0`);
    await exchange.until('it is seated', () => exchange.calls.length === 1);
    await exchange.bareLeg(test, `${CALL}0`);
    await exchange.until('again', () => exchange.tally('ariLookUps').found === 2);
    exchange.ari.silent = true;
    await exchange.bareLeg(test, `${CALL}0`);
    await exchange.until('late', () => exchange.tally('ariLookUps').known === 1);
    assert.deepEqual(exchange.calls, [['fr']]);
  });

  for (const [what, prepare, outcome] of [
    ['knows nobody by it', () => {}, 'unknown'],
    ['does not answer in time', (exchange: AriExchange) => (exchange.ari.silent = true), 'late'],
    ['refuses', (exchange: AriExchange) => (exchange.ari.options = { enabled: false }), 'failed'],
  ] as const) {
    it(`is its UUID alone when Asterisk ${what}`, async (test) => {
      const exchange = await AriExchange.connected(test);
      prepare(exchange);
      const beganMs = exchange.scripted.clock.nowMs();
      await exchange.bareLeg(test, `${CALL}0`);
      await exchange.until('it is seated', () => exchange.calls[0]?.join() === 'en');
      assert.ok(exchange.scripted.clock.nowMs() - beganMs < 1_000, 'it waits for long');
      assert.deepEqual(exchange.tally('ariLookUps'), { [outcome]: 1 });
    });
  }

  it('is told later where Asterisk did not say it in time: what it speaks, and its voice', async (test) => {
    const exchange = await AriExchange.connected(test);
    const { ari, scripted } = exchange;
    ari.inDialplan('1', {
      ...{ name: 'PJSIP/a', language: 'fr', voice: 'nova', application: 'AudioSocket' },
      data: `${CALL}0,127.0.0.1:5050`,
    });
    ari.silent = true;
    await exchange.bareLeg(test, `${CALL}0`);
    await exchange.until('it is seated', () => exchange.calls[0]?.join() === 'en');
    assert.deepEqual(exchange.tally('ariLookUps'), { late: 1 });
    ari.silent = false;
    await exchange.until('it is known', () => exchange.calls[0]?.join() === 'fr');
    const [call] = scripted.switchboard.calls.values();
    assert.deepEqual(
      [...(call?.parties.values() ?? [])].map(({ plan }) => plan.voice),
      ['nova'],
    );
    assert.equal(exchange.tally('ariFollowed')['known-late'], 1);
    // Who is there stays who it is.
    await scripted.clock.advance(120_000);
    assert.deepEqual(exchange.calls, [['fr']]);
    assert.equal(exchange.tally('ariFollowed')['known-late'], 1);
  });

  it('is not asked while ARI is away', async (test) => {
    const exchange = await AriExchange.open(test, { ari: { enabled: false } });
    await exchange.until('told', () => exchange.logged('ARI cannot be used').length === 1);
    const asked = exchange.ari.requests;
    await exchange.bareLeg(test, `${CALL}0`);
    await exchange.until('it is seated', () => exchange.calls[0]?.join() === 'en');
    assert.equal(exchange.ari.requests, asked);
  });
});

describe('legs that come at once', () => {
  function open() {
    const clock = new FakeClock();
    /** Lists that were asked for, each answered when the test says so. */
    const lists: { readonly answer: (channels: unknown) => void; readonly refuse: () => void }[] = [];
    const client = {
      ask: () =>
        new Promise<unknown>((answer, reject) => {
          lists.push({ answer, refuse: () => reject(new Error('no')) });
        }),
    };
    const signal = new AbortController().signal;
    const who = new AriWho({ client, clock, log: silentLog, signal, connected: () => true });
    return { clock, lists, who };
  }

  it('are looked up in one list of channels, and who comes meanwhile in the next', async () => {
    const { clock, lists, who } = open();
    const first = [who.whoIs(`${CALL}0`), who.whoIs(`${CALL}1`)];
    await clock.settle();
    const meanwhile = [who.whoIs(`${CALL}2`), who.whoIs(`${CALL}3`)];
    await clock.settle();
    assert.equal(lists.length, 1);
    lists[0]?.answer([]);
    await Promise.all(first);
    await clock.settle();
    assert.equal(lists.length, 2);
    lists[1]?.answer([]);
    await Promise.all(meanwhile);
    assert.deepEqual([...who.counts.ariLookUps.entries()], [['unknown', 4]]);
  });

  it('are not kept waiting by a list that fails, or never comes', async () => {
    const { clock, lists, who } = open();
    const first = who.whoIs(`${CALL}0`);
    await clock.settle();
    const second = who.whoIs(`${CALL}1`);
    lists[0]?.refuse();
    await first;
    await clock.advance(150);
    await second;
    const third = who.whoIs(`${CALL}2`);
    await clock.settle();
    assert.equal(lists.length, 3);
    lists[2]?.answer([]);
    await third;
    assert.deepEqual(
      [...who.counts.ariLookUps.entries()],
      [
        ['failed', 1],
        ['late', 1],
        ['unknown', 1],
      ],
    );
    assert.equal(clock.pendingTimers, 0);
  });
});
