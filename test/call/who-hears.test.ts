import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { PartyHearing } from '../../src/call/plan.ts';
import { isAlone, ordersFor, type PartyView } from '../../src/call/who-hears.ts';
import { allocateLegMemory } from '../../src/media/ring/leg-memory.ts';
import { PLAN } from './scripted-legs.ts';

/** A party that is rendered in the other's language, its first turn on the way. */
function party(id: string, language: string, to: string, hears: PartyHearing): PartyView {
  return {
    ...{ id, language, hears, original: undefined, away: false, speaking: false },
    muted: false,
    ring: allocateLegMemory().inbound,
    routes: new Map([[to, { ready: true, asIs: false, turns: [1] }]]),
  };
}

function pair(hears: PartyHearing): readonly [PartyView, PartyView] {
  return [party('a', 'en', 'es', hears), party('b', 'es', 'en', 'all')];
}

describe('who hears voices alone', () => {
  it('hears the other as it is, and waits for no turn', () => {
    const [a, b] = pair('voices');
    const { voices, turns } = ordersFor(a, [a, b], PLAN);
    assert.deepEqual([voices.map(({ how }) => how), turns], [['through'], []]);
    assert.deepEqual(ordersFor(a, [a, b], { ...PLAN, policy: 'consecutive' }).turns, []);
    assert.deepEqual(ordersFor(b, [a, b], PLAN).turns, [1], 'and the other one has no translation either');
  });
});

describe('a party that is muted', () => {
  it('is heard by nobody, and keeps nobody waiting for company', () => {
    const [a, b] = pair('all');
    const orders = ordersFor(a, [a, { ...b, muted: true }], PLAN);
    assert.deepEqual([orders.voices, orders.waiting], [[], false]);
    assert.equal(ordersFor(b, [a, b], PLAN).voices.length, 1);
  });
});

describe('who hears renderings alone', () => {
  it('hears no voice, and what is made for it in its turn', () => {
    const [a, b] = pair('renderings');
    const orders = ordersFor(a, [a, b], PLAN);
    assert.deepEqual(orders, { voices: [], turns: [1], attending: true, waiting: false, onlySpoken: true });
    assert.equal(ordersFor(b, [a, b], PLAN).voices.length, 1, 'and the other one hears no voice either');
  });

  it('does not hear the waiting tone while nobody else is there', () => {
    const [lone] = pair('renderings');
    assert.equal(ordersFor(lone, [lone], PLAN).waiting, false);
    const [other] = pair('all');
    assert.equal(ordersFor(other, [other], PLAN).waiting, true);
  });
});

describe('isAlone', () => {
  it('is who nobody else has a leg beside, whether or not others are awaited', () => {
    const [a, b] = pair('all');
    assert.equal(isAlone(a, [a]), true);
    assert.equal(isAlone(a, [a, b]), false);
    assert.equal(isAlone(a, [a, { ...b, away: true }]), false, 'who is on hold has a leg');
    assert.equal(isAlone(a, [a, { ...b, ring: undefined }]), true);
  });
});
