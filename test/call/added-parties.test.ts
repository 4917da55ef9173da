/** Parties that are added to a call while it runs. */

import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { type CallPlan, partyOf } from '../../src/call/plan.ts';
import { AddedParties } from '../../src/call/seating/added-parties.ts';
import { ArrangedSeating } from '../../src/call/seating/arranged-seating.ts';
import { SuffixSeating } from '../../src/call/seating/suffix-seating.ts';
import { sine, sliceMs, toneDbfs } from '../asterisk/audio.ts';
import { PLAN, ScriptedExchange } from './scripted-legs.ts';

const RATE_HZ = 8_000;
const TTL_MS = 60_000;
const WISH = partyOf('', 'en', 'supervisor');

/** A call of two that others are added to. Party a speaks English, b Spanish. */
async function runningCall(t: TestContext, plan: Partial<CallPlan> = {}) {
  const seating = new ArrangedSeating({ ...PLAN, ...plan }, new SuffixSeating({ ...PLAN, ...plan }));
  const exchange = new ScriptedExchange(t, {
    plan: { joinTones: false, announce: false, ...plan },
    seating: () => seating,
  });
  const added = new AddedParties(seating, exchange.clock);
  exchange.switchboard.watch((callId, event) => {
    if (event.type === 'ended') {
      added.ended(callId);
    } else if (event.type === 'party-state') {
      added.came(callId, event.party);
    }
  }, new AbortController().signal);
  const [a, b] = await exchange.call();
  await exchange.run(100);
  const [call] = exchange.switchboard.calls.values();
  assert.ok(call !== undefined);
  const add = (ttlMs = TTL_MS) => {
    const party = added.add(call, WISH, ttlMs);
    assert.ok(party !== 'full');
    return party;
  };
  return { exchange, added, call, a, b, add };
}

describe('a party that is added to a call of two', () => {
  it('comes by its UUID, and is heard', async (t) => {
    const { exchange, call, a, add } = await runningCall(t);
    const { uuid, plan, expiresAt } = add();
    assert.equal(expiresAt.getTime() - exchange.clock.wallTime().getTime(), TTL_MS);
    const leg = await exchange.arrive(uuid);
    await exchange.run(200);
    assert.deepEqual([...call.parties.keys()], ['a', 'b', plan.id]);
    assert.equal(call.parties.get(plan.id)?.plan.name, 'supervisor');
    a.heard();
    leg.speak(sine(600, 400, RATE_HZ));
    await exchange.run(500);
    assert.ok(toneDbfs(sliceMs(a.heard(), RATE_HZ, 200, 400), 600, RATE_HZ) > -30);
  });

  it('keeps the call when one of three leaves, and it is over when one is left alone', async (t) => {
    const { exchange, call, a, b, add } = await runningCall(t);
    const leg = await exchange.arrive(add().uuid);
    await exchange.run(100);
    a.end('peer-closed');
    await exchange.run(100);
    assert.deepEqual([call.parties.size, b.ending, leg.ending], [2, undefined, undefined]);
    b.end('peer-closed');
    await exchange.run(200);
    assert.deepEqual([leg.ending, exchange.switchboard.calls.size], ['hung-up', 0]);
  });

  it('is waited for no longer than was said, and then nobody comes by its UUID', async (t) => {
    const { exchange, call, add } = await runningCall(t);
    const { uuid } = add(5_000);
    const later = add(10_000);
    await exchange.run(5_100);
    await exchange.arrive(uuid);
    await exchange.run(100);
    assert.deepEqual([...call.parties.keys()], ['a', 'b']);
    await exchange.arrive(later.uuid);
    await exchange.run(100);
    assert.deepEqual([...call.parties.keys()], ['a', 'b', later.plan.id]);
  });

  it('is told of when nobody came, and not when somebody came and left', async (t) => {
    const { exchange, add } = await runningCall(t);
    const [came, never] = [add(5_000), add(5_000)];
    const leg = await exchange.arrive(came.uuid);
    await exchange.run(100);
    leg.end('peer-closed');
    await exchange.run(5_000);
    const told = exchange.events.flatMap((event) => (event.type === 'party-unattended' ? [event] : []));
    assert.deepEqual(
      told.map(({ party, name, language }) => [party, name, language]),
      [[never.plan.id, 'supervisor', 'en']],
    );
  });

  it('comes to no call that is over', async (t) => {
    const { exchange, call, add } = await runningCall(t);
    const { uuid } = add();
    call.hangUp('test');
    await exchange.run(200);
    await exchange.arrive(uuid);
    await exchange.run(100);
    assert.equal(exchange.switchboard.calls.has(call.id), false);
  });

  it('has a place only while there are fewer parties, those waited for included, than may be', async (t) => {
    const { exchange, added, call, add } = await runningCall(t, { maxParties: 3 });
    add(5_000);
    assert.equal(added.add(call, WISH, TTL_MS), 'full');
    await exchange.run(5_100);
    const { uuid } = add(5_000);
    const leg = await exchange.arrive(uuid);
    await exchange.run(5_100);
    assert.equal(added.add(call, WISH, TTL_MS), 'full');
    leg.end('peer-closed');
    await exchange.run(100);
    add();
    await exchange.arrive(uuid);
    await exchange.run(100);
    assert.deepEqual([...call.parties.keys()], ['a', 'b'], 'whose time is over, and who left, is gone');
  });
});
