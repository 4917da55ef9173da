/** Legs that nobody can serve: nobody comes to them, nobody finds their place, or something of ours is broken. */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { SuffixSeating } from '../../src/call/seating/suffix-seating.ts';
import { ScriptedExchange } from './scripted-legs.ts';

const WAIT_MS = 10_000;

describe('a leg', () => {
  it('is hung up when nobody has come to it in time, which the log says, and no other is', async (t) => {
    const exchange = new ScriptedExchange(t, { switchboard: { waitLimitMs: WAIT_MS } });
    const [alone, met] = [await exchange.arrive('call0'), await exchange.arrive('other0')];
    await exchange.run(WAIT_MS - 100);
    const partner = await exchange.arrive('other1');
    assert.equal(alone.ending, undefined);
    await exchange.run(200);
    assert.deepEqual([alone.ending, met.ending, partner.ending], ['hung-up', undefined, undefined]);
    assert.equal(exchange.tally('legsEnded', 'waited-alone'), 1);
    assert.deepEqual(exchange.warnings, ['a leg waited too long for a partner']);
    assert.deepEqual([...exchange.switchboard.calls.keys()], ['other']);
  });

  it('whose place cannot be found is refused with the reason, and the next one is seated', async (t) => {
    let broken = true;
    const exchange = new ScriptedExchange(t, {
      seating: (plan) => {
        const scheme = new SuffixSeating(plan);
        return {
          seat: async (arrival) => {
            if (broken) {
              throw new Error('the book of places is torn');
            }
            return scheme.seat(arrival);
          },
          ended: () => {},
        };
      },
    });
    const refused = await exchange.arrive('call0');
    assert.equal(refused.ending, 'hung-up');
    assert.equal(exchange.tally('legsEnded', 'seating-failed'), 1);
    const [line] = exchange.logged('a leg was refused');
    assert.deepEqual([line?.reason, line?.explanation], ['seating-failed', 'the book of places is torn']);
    broken = false;
    const [a, b] = await exchange.call();
    assert.deepEqual([a.ending, b.ending, exchange.switchboard.legs.size], [undefined, undefined, 2]);
  });

  it('that fails inside is hung up with its partner, and no other call notices', async (t) => {
    const exchange = new ScriptedExchange(t);
    const [a, b] = await exchange.call();
    const [c, d] = await exchange.call('other');
    await exchange.run(100);
    t.mock.method(a, 'send', () => {
      throw new Error('a fault of ours');
    });
    d.heard();
    await exchange.run(1_000);
    assert.deepEqual([a.ending, b.ending, c.ending, d.ending], ['hung-up', 'hung-up', undefined, undefined]);
    assert.deepEqual(exchange.statesOf('a').slice(-2), ['ERROR', 'DISCONNECTED']);
    const ended = exchange.switchboard.totals().tally('legsEnded');
    assert.deepEqual([ended.get('internal-error'), ended.get('partner-left')], [1, 1]);
    assert.deepEqual(exchange.warnings, ['a leg failed inside; it is hung up']);
    assert.equal(d.heard().length, 50 * 160, 'a frame each 20 ms');
    assert.deepEqual([...exchange.switchboard.calls.keys()], ['other']);
  });

  it('that comes to a call that is being hung up is refused, and to the next one of its name is not', async (t) => {
    const exchange = new ScriptedExchange(t, { door: { rejoinMs: 3_000 } });
    const [a, b] = await exchange.call();
    await exchange.run(100);
    b.lingers = true;
    exchange.switchboard.calls.get('call')?.hangUp('hung-up-by-api');
    await exchange.run(40);
    const late = await exchange.arrive('call0');
    const endings = [a.ending, b.ending, late.ending];
    b.gone();
    await exchange.run(40);
    assert.deepEqual(endings, ['hung-up', 'hung-up', 'hung-up']);
    assert.equal(exchange.tally('legsEnded', 'call-ending'), 1);
    assert.equal(exchange.switchboard.calls.size, 0);
    const again = await exchange.arrive('call0');
    assert.deepEqual([again.ending, exchange.switchboard.calls.size], [undefined, 1]);
  });
});
