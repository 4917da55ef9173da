/** Parties under the UUIDs that a dialplan would write: the server's own seating must find them. */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { CallPlan } from '../../src/call/plan.ts';
import { ArrangedSeating } from '../../src/call/seating/arranged-seating.ts';
import { RoomSeating } from '../../src/call/seating/room-seating.ts';
import type { DoorFacts, SeatingScheme } from '../../src/call/seating/seating.ts';
import { SuffixSeating } from '../../src/call/seating/suffix-seating.ts';
import { callParties } from '../../src/client/call-parties.ts';
import { EMPTY_GLOSSARY } from '../../src/interpret/exactness/glossary.ts';

const LANGUAGES = ['en', 'es', 'pt-BR'];
const PLAN: CallPlan = {
  kind: 'conference',
  languages: LANGUAGES,
  mode: 'bidirectional',
  translating: true,
  policy: 'clause',
  original: 'duck',
  matchDelay: false,
  drafts: true,
  codeSwitching: false,
  voices: new Map(),
  glossary: () => EMPTY_GLOSSARY,
  announce: true,
  joinTones: true,
  maxParties: 32,
  limitMs: undefined,
};
const DOOR: DoorFacts = { name: 'a door', languages: LANGUAGES, rejoinMs: 0 };

async function seated(scheme: SeatingScheme, uuid: string) {
  const seat = await scheme.seat({ facts: { uuid }, door: DOOR });
  assert.ok(seat.type === 'seat', JSON.stringify(seat));
  return { callId: seat.callId, id: seat.party.id, language: seat.party.language };
}

describe('callParties', () => {
  const party = ['en=a.wav,more.wav', 'es', 'pt-BR=c=1.wav'];

  it('gives each its place in the list by the last digit of its UUID', async () => {
    const { callId, parties } = callParties({ party });
    assert.deepEqual(
      parties.map(({ name, language, wavs }) => [name, language, wavs]),
      [
        ['a', 'en', ['a.wav', 'more.wav']],
        ['b', 'es', []],
        ['c', 'pt-BR', ['c=1.wav']],
      ],
    );
    const scheme = new SuffixSeating(PLAN);
    for (const { uuid, id, language } of parties) {
      assert.deepEqual(await seated(scheme, uuid), { callId, id, language });
    }
  });

  it('gives each in a room its room, its language and a name of its own', async () => {
    const { callId, parties } = callParties({ party, room: 'board 7' });
    // The first 20 digits of the MD5 of the name, which ${MD5(board 7)} of the dialplan begins with.
    assert.equal(callId, '3a80f10e54332e1dd2da');
    const scheme = new RoomSeating(PLAN);
    for (const { uuid, id, language } of parties) {
      assert.deepEqual(await seated(scheme, uuid), { callId, id, language });
    }
    assert.equal(new Set(parties.map(({ id }) => id)).size, parties.length);
    assert.equal(callParties({ party, room: 'board 7' }).callId, callId);
    assert.notEqual(callParties({ party, room: 'board 8' }).callId, callId);
  });

  it('gives one that is alone the call that it has with an agent', async () => {
    const { callId, parties } = callParties({ party: ['en=a.wav'] });
    const agents = { byDialled: new Map(), others: { engine: 'openai', agent: 'x', language: undefined } };
    const scheme = new ArrangedSeating(PLAN, new SuffixSeating(PLAN), undefined, undefined, agents);
    const [alone] = parties;
    assert.deepEqual(await seated(scheme, alone?.uuid ?? ''), { callId, id: alone?.id, language: 'en' });
  });

  it('takes two whose languages the server knows', () => {
    const { parties } = callParties({ a: ['a.wav'] });
    assert.deepEqual(
      parties.map(({ language, wavs }) => [language, wavs]),
      [
        [undefined, ['a.wav']],
        [undefined, []],
      ],
    );
  });

  it('refuses what makes no call, with what to write', () => {
    const many = (count: number): string[] => Array.from({ length: count }, () => 'en');
    for (const [written, sentence] of [
      [{}, /nobody says anything: write/],
      [{ a: ['a.wav'], room: 'x' }, /--room: a room needs languages: write/],
      [{ a: ['a.wav'], party }, /--a and --b are the two parties of a call: write/],
      [{ party: many(0) }, /--party: a call has 1 to 16 parties, and 0 are written/],
      [{ party: many(17) }, /--party: a call has 1 to 16 parties, and 17 are written/],
      [{ party: many(1), room: 'x' }, /--party: a call has 2 to 26 parties, and 1 are written/],
      [{ party: many(27), room: 'x' }, /--party: a call has 2 to 26 parties, and 27 are written/],
      [{ party: ['english', 'es'] }, /english/],
      [{ party: ['en', 'ast'], room: 'x' }, /--party ast: .* two letters/],
    ] as const) {
      assert.throws(() => callParties(written), { code: 'bad-option', message: sentence });
    }
    assert.equal(callParties({ party: many(16) }).parties.length, 16);
    assert.equal(callParties({ party: many(26), room: 'x' }).parties.length, 26);
  });
});
