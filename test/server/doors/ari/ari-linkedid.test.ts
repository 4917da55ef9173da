/** What Asterisk calls all channels of a call together, as the plan of the call has it for its record. */

import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { AriExchange } from './ari-exchange.ts';

const OLDEST = '1795875800.1';
const LEG = '40325ec2-5efd-4bd3-805f-53576e581d10';

/** What each call that runs is called. */
function linked({ scripted }: AriExchange): readonly (string | undefined)[] {
  return [...scripted.switchboard.calls.values()].map(({ plan }) => plan.linkedid);
}

/** A call has begun, and Asterisk was asked for no variable of a channel to learn what it is called. */
async function begun(exchange: AriExchange): Promise<readonly (string | undefined)[]> {
  await exchange.until('a call', () => exchange.calls.length === 1);
  assert.ok(!exchange.asked('GET').some((path) => path.includes('linkedid')));
  return linked(exchange);
}

async function bare(test: TestContext, prepare: (exchange: AriExchange) => void) {
  const exchange = await AriExchange.connected(test);
  prepare(exchange);
  await exchange.bareLeg(test, LEG);
  return begun(exchange);
}

describe('what Asterisk calls a call', () => {
  for (const [what, first, second] of [
    ['has dialled one of --extensions', { exten: '7777' }, { exten: '8888' }],
    ['joins a room', { args: ['en', 'room', 'sales'] }, { args: ['fr', 'room', 'sales'] }],
  ] as const) {
    it(`is known of who ${what}, and stays what who began it has said`, async (test) => {
      const exchange = await AriExchange.connected(test);
      exchange.ari.enter('p1', { ...first, linkedid: OLDEST });
      assert.deepEqual(await begun(exchange), [OLDEST]);
      exchange.ari.enter('p2', { ...second, linkedid: '1795875811.4' });
      await exchange.inCall('en', 'fr');
      assert.deepEqual(linked(exchange), [OLDEST]);
    });
  }

  it('is known of one that we dial, where its caller is not the oldest channel', async (test) => {
    const exchange = await AriExchange.connected(test);
    exchange.ari.registered.add('PJSIP/bob');
    exchange.ari.enter('p1', { args: ['en', 'call', 'PJSIP/bob', 'fr'], linkedid: OLDEST });
    await exchange.until('it rings', () => exchange.ari.channels.has('dg-c-dragoman-p1'));
    exchange.ari.answerCallee('dg-c-dragoman-p1');
    await exchange.inCall('en', 'fr');
    assert.deepEqual(linked(exchange), [OLDEST]);
  });

  it('is known of one that runs without us, whose channel was named', async (test) => {
    const exchange = await AriExchange.connected(test);
    exchange.ari.talking('plain', 'alice', 'bob');
    const wish = { channel: 'PJSIP/alice-00000001', from: 'en', to: 'fr', original: 'full' } as const;
    assert.deepEqual(await exchange.during(Promise.resolve(exchange.door.whispering?.begin(wish))), {
      type: 'done',
    });
    assert.deepEqual(linked(exchange), ['plain.0']);
  });

  it('is looked up of a bare leg with who it is', async (test) => {
    const sending = { name: 'PJSIP/a', application: 'AudioSocket', data: `${LEG},127.0.0.1:5050` };
    assert.deepEqual(await bare(test, ({ ari }) => ari.inDialplan('1', { ...sending, linkedid: OLDEST })), [
      OLDEST,
    ]);
  });

  it('is looked up of a leg that was dialled, by whom it is bridged with', async (test) => {
    const called = await bare(test, ({ ari }) => {
      ari.inDialplan('1', { name: 'PJSIP/a', linkedid: OLDEST });
      ari.inDialplan('2', { name: `AudioSocket/127.0.0.1:5050-${LEG}`, peer: 'PJSIP/a' });
    });
    assert.deepEqual(called, [OLDEST]);
  });

  it('is not known where ari.conf does not name it, and of a bare leg that Asterisk does not know', async (test) => {
    const exchange = await AriExchange.connected(test);
    exchange.ari.enter('p1', { exten: '7777', linkedid: '' });
    assert.deepEqual(await begun(exchange), [undefined]);
    assert.deepEqual(await bare(test, () => {}), [undefined]);
  });
});
