/** Calls that are described before their legs come, seated as the server seats them. */

import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { partyOf } from '../../src/call/plan.ts';
import { ArrangedSeating } from '../../src/call/seating/arranged-seating.ts';
import {
  type CallWish,
  MOST_REGISTERED,
  MOST_REGISTERED_TERMS,
  RegisteredCalls,
  shownIdOf,
} from '../../src/call/seating/registered-calls.ts';
import type { Arrival, Seat } from '../../src/call/seating/seating.ts';
import { SuffixSeating } from '../../src/call/seating/suffix-seating.ts';
import { FakeClock } from '../base/fake-clock.ts';
import { PLAN } from './scripted-legs.ts';

const DOOR: Arrival['door'] = { name: 'audiosocket', languages: ['en', 'es'], rejoinMs: 0 };
const WISH: CallWish = {
  kind: 'pair',
  parties: [partyOf('', 'fr', 'Anne'), partyOf('', 'de', 'Bernd')],
  plan: { policy: 'turn', metadata: { ticket: '7' } },
  ttlMs: 60_000,
};

function open(_test: TestContext) {
  const clock = new FakeClock();
  const seating = new ArrangedSeating(PLAN, new SuffixSeating(PLAN));
  const running = new Set<string>();
  /** Calls that nobody came to in time. */
  const unattended: string[] = [];
  const calls = new RegisteredCalls(
    seating,
    clock,
    (callId) => running.has(callId),
    ({ callId }) => unattended.push(callId),
  );
  const made = new Set<string>();
  const register = (wish = WISH) => {
    const call = calls.register(wish);
    assert.ok(call !== 'full');
    made.add(call.callId);
    return call;
  };
  const seat = (uuid = '') => seating.seat({ facts: { uuid }, door: DOOR });
  /** Who comes with a UUID that nobody has promised is seated by the scheme of everybody else. */
  const isKnown = async (uuid = '') => {
    const found = await seat(uuid);
    return found.type === 'seat' && made.has(found.callId);
  };
  return { clock, seating, running, unattended, calls, register, seat, isKnown };
}

describe('RegisteredCalls', () => {
  it('seats each party by its UUID, in a call of the plan that was written', async (test) => {
    const { register, seat } = open(test);
    const call = register();
    const seats: Seat[] = [];
    for (const { uuid } of call.parties) {
      const found = await seat(uuid);
      assert.ok(found.type === 'seat');
      seats.push(found);
    }
    assert.deepEqual(
      seats.map(({ callId, party: { id, name, language } }) => [callId, id, name, language]),
      [
        [call.callId, 'a', 'Anne', 'fr'],
        [call.callId, 'b', 'Bernd', 'de'],
      ],
    );
    const { kind, languages, policy, original, metadata } = seats[0]?.plan ?? PLAN;
    assert.deepEqual(
      [kind, languages, policy, original, metadata],
      ['pair', ['fr', 'de'], 'turn', PLAN.original, { ticket: '7' }],
    );
  });

  it('has a name by which it can be shown, and by which nobody comes in', async (test) => {
    const { register, isKnown } = open(test);
    const call = register();
    assert.equal(shownIdOf(call.callId), call.id);
    assert.match(call.id, /^[0-9a-f]{16}$/);
    const [uuid = ''] = call.parties.map((party) => party.uuid);
    assert.equal(
      call.parties.some((party) => party.uuid.includes(call.id)),
      false,
    );
    for (const guess of [call.id, call.callId, `${uuid.slice(0, 35)}${uuid.endsWith('0') ? '1' : '0'}`]) {
      assert.equal(await isKnown(guess), false, guess);
    }
  });

  it('has the id that was asked for, by which nobody comes in either', async (test) => {
    const { calls, register, isKnown } = open(test);
    const id = '7f1f0e0c-3f0a-4d6e-9f4e-0d5c8a1b2c3d';
    const call = register({ ...WISH, id });
    assert.deepEqual([call.id, shownIdOf(call.callId), calls.has(id)], [id, id, true]);
    assert.equal(await isKnown(id), false);
    calls.withdraw(id);
    assert.equal(calls.has(id), false);
  });

  it('is forgotten when nobody has come in time', async (test) => {
    const { clock, calls, unattended, register, isKnown } = open(test);
    const { callId, parties } = register();
    const [{ uuid = '' } = {}] = parties;
    await clock.advance(59_999);
    assert.deepEqual([await isKnown(uuid), calls.waiting().length, unattended], [true, 1, []]);
    await clock.advance(1);
    assert.deepEqual([await isKnown(uuid), calls.waiting().length, clock.pendingTimers], [false, 0, 0]);
    assert.deepEqual(unattended, [callId]);
  });

  it('is kept while it runs, for the party that is still to come, and forgotten with its end', async (test) => {
    const { clock, seating, running, calls, register, seat, isKnown } = open(test);
    const call = register();
    const [first, second] = call.parties;
    await seat(first?.uuid);
    running.add(call.callId);
    assert.equal(calls.waiting().length, 0);
    assert.equal(calls.withdraw(call.id), false, 'a call that runs is hung up, not withdrawn');
    await clock.advance(60_000);
    assert.equal(await isKnown(second?.uuid), true);
    running.delete(call.callId);
    seating.ended(call.callId);
    assert.deepEqual([await isKnown(first?.uuid), await isKnown(second?.uuid)], [false, false]);
  });

  it('stays when one who came is hung up, who may come again', async (test) => {
    const { clock, seating, unattended, register, isKnown, seat } = open(test);
    const [{ uuid = '' } = {}] = register().parties;
    await seat(uuid);
    seating.dismissed(uuid, { reason: 'hung-up', seated: true });
    assert.equal(await isKnown(uuid), true);
    await clock.advance(60_000);
    assert.deepEqual([await isKnown(uuid), unattended], [false, []], 'somebody came');
  });

  it('can be withdrawn while nobody has come', async (test) => {
    const { clock, calls, unattended, register, isKnown } = open(test);
    const call = register();
    assert.equal(calls.withdraw(call.id), true);
    assert.equal(calls.withdraw(call.id), false);
    assert.equal(await isKnown(call.parties[0]?.uuid), false);
    await clock.advance(60_000);
    assert.deepEqual(unattended, [], 'nobody was waited for');
  });

  it('are so many and no more', (test) => {
    const { clock, calls, register } = open(test);
    for (let call = 0; call < MOST_REGISTERED; call += 1) {
      register();
    }
    assert.equal(calls.register(WISH), 'full');
    calls.close();
    assert.deepEqual([calls.waiting().length, clock.pendingTimers], [0, 0]);
    register();
  });

  it('have so many terms together and no more, until one of them is over', (test) => {
    const { calls, register } = open(test);
    const half: CallWish = { ...WISH, terms: MOST_REGISTERED_TERMS / 2 };
    const first = register(half);
    register(half);
    assert.equal(calls.register({ ...WISH, terms: 1 }), 'full');
    register({ ...WISH, terms: 0 });
    assert.equal(calls.withdraw(first.id), true);
    register(half);
  });
});
