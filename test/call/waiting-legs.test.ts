import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type WaitingLeg, WaitingLegs } from '../../src/call/waiting-legs.ts';
import { FakeClock } from '../base/fake-clock.ts';

function open() {
  const clock = new FakeClock();
  const over: WaitingLeg[] = [];
  const legs = new WaitingLegs({ waitLimitMs: 600_000, mostFromAddress: 2 }, clock, (leg) => over.push(leg));
  const comes = (address: string): WaitingLeg => {
    const leg = { address };
    legs.follow(leg, 'RINGING');
    return leg;
  };
  return { clock, over, legs, comes };
}

describe('legs that wait alone', () => {
  it('are told when they have waited too long, however often their state is told again', async () => {
    const { clock, over, legs, comes } = open();
    const leg = comes('a');
    await clock.advance(599_000);
    legs.follow(leg, 'RINGING');
    assert.deepEqual(over, []);
    await clock.advance(1_000);
    assert.deepEqual(over, [leg]);
  });

  it('wait from the beginning again when their partner has left', async () => {
    const { clock, over, legs, comes } = open();
    const leg = comes('a');
    await clock.advance(500_000);
    legs.follow(leg, 'CONNECTED');
    await clock.advance(500_000);
    legs.follow(leg, 'RINGING');
    await clock.advance(599_000);
    assert.deepEqual(over, []);
    await clock.advance(1_000);
    assert.deepEqual(over, [leg]);
  });

  it('are only so many from one address', () => {
    const { legs, comes } = open();
    const first = comes('a');
    comes('a');
    assert.deepEqual([legs.full('a'), legs.full('b')], [true, false]);
    assert.equal(legs.full(undefined), false, 'nobody knows that these come from one address');
    legs.follow(first, 'DISCONNECTED');
    assert.equal(legs.full('a'), false);
  });
});
