import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { partyOf } from '../../src/call/plan.ts';
import { ArrangedSeating } from '../../src/call/seating/arranged-seating.ts';
import { type Extensions, placeInRoom } from '../../src/call/seating/extension-seating.ts';
import { KeptPlaces } from '../../src/call/seating/kept-places.ts';
import { PortSeating } from '../../src/call/seating/port-seating.ts';
import { RoomSeating } from '../../src/call/seating/room-seating.ts';
import type { DoorFacts, Refusal, Seat, SeatingScheme } from '../../src/call/seating/seating.ts';
import { SuffixSeating } from '../../src/call/seating/suffix-seating.ts';
import { PLAN } from './scripted-legs.ts';

const CALL = '40325ec2-5efd-4bd3-805f-53576e581d1';

function door(...languages: readonly string[]): DoorFacts {
  return { name: 'audiosocket 127.0.0.1:5050', languages, rejoinMs: 0 };
}

async function seated(scheme: SeatingScheme, uuid: string, at: DoorFacts): Promise<Seat> {
  const seating = await scheme.seat({ facts: { uuid }, door: at });
  assert.ok(seating.type === 'seat', JSON.stringify(seating));
  return seating;
}

async function refusedBy(scheme: SeatingScheme, uuid: string, at: DoorFacts): Promise<Refusal> {
  const seating = await scheme.seat({ facts: { uuid }, door: at });
  assert.ok(seating.type === 'refused', JSON.stringify(seating));
  return seating;
}

describe('SuffixSeating', () => {
  it("seats by the UUID's last digit, each party in its language, whoever comes first", async () => {
    const scheme = new SuffixSeating(PLAN);
    const callee = await seated(scheme, `${CALL}1`, door('en', 'es'));
    const caller = await seated(scheme, `${CALL}0`, door('en', 'es'));
    assert.deepEqual([caller.callId, callee.callId], [CALL, CALL]);
    assert.deepEqual(
      [caller, callee].map(({ party: { id, name, language } }) => [id, name, language]),
      [
        ['a', 'caller', 'en'],
        ['b', 'callee', 'es'],
      ],
    );
    assert.equal(caller.plan.kind, 'pair');
  });

  it('seats as many as the door has languages, in a conference when they are more than two', async () => {
    const scheme = new SuffixSeating(PLAN);
    const third = await seated(scheme, `${CALL}2`, door('en', 'es', 'fr'));
    assert.deepEqual([third.party.id, third.party.language, third.plan.kind], ['c', 'fr', 'conference']);
    assert.deepEqual(third.plan.languages, ['en', 'es', 'fr']);
    const last = await seated(scheme, `${CALL}f`, door(...Array<string>(16).fill('en')));
    assert.equal(last.party.id, 'p');
  });

  it('refuses every other digit, says so and shows what to write in the dialplan', async () => {
    for (const digit of '23456789abcdef') {
      const { reason, explanation } = await refusedBy(
        new SuffixSeating(PLAN),
        `${CALL}${digit}`,
        door('en', 'es'),
      );
      assert.equal(reason, 'unknown-place');
      assert.ok(explanation.includes(`ends with ${digit}`));
      // biome-ignore lint/suspicious/noTemplateCurlyInString: it is what the dialplan says.
      assert.ok(explanation.includes('${CALL:0:35}1'));
    }
  });
});

describe('PortSeating', () => {
  const EN_ES = door('en', 'es');
  const ES_EN = door('es', 'en');

  async function callsOf(scheme: SeatingScheme, legs: readonly (readonly [string, DoorFacts])[]) {
    const calls: string[] = [];
    for (const [uuid, at] of legs) {
      calls.push((await seated(scheme, uuid, at)).callId);
    }
    return calls;
  }

  it('lets two meet who come in by doors with the same languages the other way round', async () => {
    const scheme = new PortSeating(PLAN);
    const first = await seated(scheme, 'a', EN_ES);
    const second = await seated(scheme, 'b', ES_EN);
    assert.deepEqual([first.callId, first.party.id, first.party.language], ['a', 'a', 'en']);
    assert.deepEqual([second.callId, second.party.id, second.party.language], ['a', 'b', 'es']);
    assert.deepEqual(
      [first.plan.languages, second.plan.languages],
      [
        ['en', 'es'],
        ['en', 'es'],
      ],
    );
  });

  it('pairs in order of arrival', async () => {
    const legs = [
      ['a', EN_ES],
      ['b', EN_ES],
      ['c', ES_EN],
      ['d', ES_EN],
    ] as const;
    assert.deepEqual(await callsOf(new PortSeating(PLAN), legs), ['a', 'b', 'a', 'b']);
  });

  it('keeps apart who speaks other languages', async () => {
    const legs = [
      ['a', EN_ES],
      ['b', door('fr', 'en')],
      ['c', door('es', 'fr')],
    ] as const;
    assert.deepEqual(await callsOf(new PortSeating(PLAN), legs), ['a', 'b', 'c']);
  });

  it('lets two meet who speak the same language', async () => {
    const legs = [
      ['a', door('en', 'en')],
      ['b', door('en', 'en')],
    ] as const;
    assert.deepEqual(await callsOf(new PortSeating(PLAN), legs), ['a', 'a']);
  });

  it('lets nobody meet one who has gone', async () => {
    const scheme = new PortSeating(PLAN);
    await seated(scheme, 'a', EN_ES);
    scheme.ended('a');
    assert.equal((await seated(scheme, 'b', ES_EN)).callId, 'b');
    scheme.ended('never heard of');
    assert.equal((await seated(scheme, 'c', EN_ES)).callId, 'b');
  });

  it('does not let a third join two who have met', async () => {
    const legs = [
      ['a', EN_ES],
      ['b', ES_EN],
      ['c', ES_EN],
    ] as const;
    assert.deepEqual(await callsOf(new PortSeating(PLAN), legs), ['a', 'a', 'c']);
  });

  it('lets the next one meet who was to meet one that left at once, whichever of the two that was', async () => {
    const scheme = new PortSeating(PLAN);
    await seated(scheme, 'a', EN_ES);
    scheme.unseated(await seated(scheme, 'b', ES_EN));
    const c = await seated(scheme, 'c', ES_EN);
    assert.deepEqual([c.callId, c.party.id, c.party.language], ['a', 'b', 'es']);
    const d = await seated(scheme, 'd', EN_ES);
    await seated(scheme, 'e', ES_EN);
    scheme.unseated(d);
    const f = await seated(scheme, 'f', EN_ES);
    assert.deepEqual([f.callId, f.party.id, f.plan.languages], ['d', 'a', ['en', 'es']]);
  });

  it('refuses a door that says nothing of the other party', async () => {
    assert.equal((await refusedBy(new PortSeating(PLAN), 'a', door('en'))).reason, 'no-partner-language');
  });
});

describe('RoomSeating', () => {
  const plan = { ...PLAN, languages: ['en', 'es', 'pt-BR'] };
  const ROOM = '0123456789abcdef0123';

  /** A UUID as the dialplan writes it. */
  function uuid(language: string, party = 'cafe0001'): string {
    const digits = `${ROOM}${language}${party}`;
    return digits.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
  }

  it('reads the room, the language and the party from the UUID', async () => {
    const {
      callId,
      party,
      plan: of,
    } = await seated(new RoomSeating(plan), uuid('6573'), door('en', 'es', 'pt-BR'));
    assert.deepEqual([callId, party.id, party.language, of.kind], [ROOM, 'cafe0001', 'es', 'conference']);
  });

  it("takes the listener's language where the UUID says none", async () => {
    const scheme = new RoomSeating(plan);
    assert.equal((await seated(scheme, uuid('0000'), door('es'))).party.language, 'es');
    assert.equal((await refusedBy(scheme, uuid('0000'), door('en', 'es'))).reason, 'no-language');
  });

  it('finds a language by its first part', async () => {
    assert.equal((await seated(new RoomSeating(plan), uuid('7074'), door('en'))).party.language, 'pt-BR');
  });

  it('refuses what is no language, and one that nothing is set up for', async () => {
    const scheme = new RoomSeating(plan);
    assert.equal((await refusedBy(scheme, uuid('1234'), door('en', 'es'))).reason, 'no-language');
    const { reason, explanation } = await refusedBy(scheme, uuid('6a61'), door('en', 'es'));
    assert.equal(reason, 'unknown-language');
    assert.ok(explanation.includes('ja') && explanation.includes('en, es, pt-BR'));
  });
});

describe('KeptPlaces', () => {
  const at = (scheme: SeatingScheme, place: number, address?: string): Promise<Seat | Refusal> =>
    scheme.seat({ facts: { uuid: `${CALL}${place}` }, door: door('en', 'es'), address });

  it('keeps the places of a call for who comes from where it was begun', async () => {
    const scheme = new KeptPlaces(new SuffixSeating(PLAN));
    assert.equal((await at(scheme, 0, '10.0.0.7')).type, 'seat');
    const stranger = await at(scheme, 1, '10.0.0.8');
    assert.ok(stranger.type === 'refused' && stranger.reason === 'place-kept');
    assert.match(stranger.explanation, /begun from 10\.0\.0\.7.*--allow/);
    assert.equal((await at(scheme, 1, '::ffff:10.0.0.7')).type, 'seat');
    assert.equal((await at(scheme, 1)).type, 'seat', 'nothing is known against it');
    scheme.ended(CALL);
    assert.equal((await at(scheme, 1, '10.0.0.8')).type, 'seat');
  });

  it('takes all addresses of this machine for one', async () => {
    const scheme = new KeptPlaces(new SuffixSeating(PLAN));
    assert.equal((await at(scheme, 0, '127.0.0.1')).type, 'seat');
    assert.equal((await at(scheme, 1, '::1')).type, 'seat');
  });
});

const EXTENSIONS: Extensions = new Map([
  ['7777', { language: 'en', room: undefined }],
  ['8888', { language: 'fr', room: undefined }],
  ['6001', { language: 'en', room: 'sales' }],
  ['6002', { language: 'es', room: 'sales' }],
]);

describe('ExtensionSeating', () => {
  const dial = async (scheme: SeatingScheme, extension: string, uuid: string): Promise<Seat | Refusal> =>
    scheme.seat({ facts: { uuid, extension }, door: door() });

  it('leads who dials one to who dials the other, in order of arrival, several calls at once', async () => {
    const scheme = new ArrangedSeating(PLAN, new SuffixSeating(PLAN), EXTENSIONS);
    const seats = [];
    for (const [extension, uuid] of [
      ['7777', 'u1'],
      ['7777', 'u2'],
      ['8888', 'u3'],
      ['8888', 'u4'],
    ] as const) {
      const seat = await dial(scheme, extension, uuid);
      assert.ok(seat.type === 'seat');
      seats.push([
        seat.callId,
        seat.party.id,
        seat.party.language,
        seat.plan.kind,
        seat.plan.languages.join(),
      ]);
    }
    assert.deepEqual(seats, [
      ['u1', 'a', 'en', 'pair', 'en,fr'],
      ['u2', 'a', 'en', 'pair', 'en,fr'],
      ['u1', 'b', 'fr', 'pair', 'en,fr'],
      ['u2', 'b', 'fr', 'pair', 'en,fr'],
    ]);
  });

  it('gives who comes again its place, and nobody the place of a call that is over', async () => {
    const scheme = new ArrangedSeating(PLAN, new SuffixSeating(PLAN), EXTENSIONS);
    const first = await dial(scheme, '7777', 'u1');
    assert.deepEqual(await dial(scheme, '7777', 'u1'), first);
    scheme.ended('u1');
    const next = await dial(scheme, '8888', 'u2');
    assert.ok(next.type === 'seat');
    assert.deepEqual([next.callId, next.party.id], ['u2', 'a']);
  });

  it('leads the next to who was to meet one that left at once, whichever of the two that was', async () => {
    const scheme = new ArrangedSeating(PLAN, new SuffixSeating(PLAN), EXTENSIONS);
    const placeOf = async (extension: string, uuid: string): Promise<Seat> => {
      const seat = await dial(scheme, extension, uuid);
      assert.ok(seat.type === 'seat');
      return seat;
    };
    await placeOf('7777', 'u1');
    scheme.unseated(await placeOf('8888', 'u2'), 'u2');
    const third = await placeOf('8888', 'u3');
    assert.deepEqual([third.callId, third.party.id], ['u1', 'b']);
    const fourth = await placeOf('7777', 'u4');
    await placeOf('8888', 'u5');
    scheme.unseated(fourth, 'u4');
    const sixth = await placeOf('7777', 'u6');
    assert.deepEqual([sixth.callId, sixth.party.id, sixth.party.language], ['u4', 'a', 'en']);
  });

  it('leads all who dial an extension of a room into it', async () => {
    const scheme = new ArrangedSeating(PLAN, new SuffixSeating(PLAN), EXTENSIONS);
    const one = await dial(scheme, '6001', `${CALL}0`);
    const two = await dial(scheme, '6002', `${CALL}1`);
    assert.ok(one.type === 'seat' && two.type === 'seat');
    assert.deepEqual([one.callId, two.callId], ['room-sales', 'room-sales']);
    assert.notEqual(one.party.id, two.party.id);
    assert.deepEqual(
      [two.party.language, two.plan.kind, two.plan.languages],
      ['es', 'conference', ['en', 'es']],
    );
  });

  it('shows who is in a room by an id that is no part of what lets them in', () => {
    const idOf = (uuid: string): string => placeInRoom('sales', uuid, 'en', ['en']).party.id;
    const victim = idOf(`${CALL}0`);
    assert.match(victim, /^[0-9a-f]{8}$/);
    assert.equal(idOf(`${CALL}0`), victim, 'who comes again has its place');
    assert.ok(!`${CALL}0`.includes(victim));
    // Whose UUID is made of what is shown, or ends as the victim's, has a place of its own.
    assert.notEqual(idOf(`00000000-0000-4000-8000-0000${victim}`), victim);
    assert.notEqual(idOf(`99999999-${`${CALL}0`.slice(9)}`), victim);
  });

  it('refuses what it does not lead anywhere, and says which there are', async () => {
    const seat = await dial(new ArrangedSeating(PLAN, new SuffixSeating(PLAN), EXTENSIONS), '9999', 'u1');
    assert.ok(seat.type === 'refused');
    assert.equal(seat.reason, 'unknown-extension');
    assert.match(seat.explanation, /7777, 8888, 6001, 6002/);
  });
});

describe('ArrangedSeating', () => {
  const place = { callId: 'x', party: partyOf('a', 'de'), kind: 'pair', languages: ['de', 'en'] } as const;

  it('seats a leg as was promised of its UUID, each time it comes, until that is withdrawn', async () => {
    const scheme = new ArrangedSeating(PLAN, new SuffixSeating(PLAN));
    scheme.promise(`${CALL}7`, { place });
    for (let time = 0; time < 2; time += 1) {
      const seat = await seated(scheme, `${CALL}7`, door('en', 'es'));
      assert.deepEqual([seat.callId, seat.party, seat.plan.kind], ['x', place.party, 'pair']);
      assert.deepEqual(seat.plan.languages, place.languages);
    }
    scheme.withdraw(`${CALL}7`);
    assert.equal((await refusedBy(scheme, `${CALL}7`, door('en', 'es'))).reason, 'unknown-place');
  });

  it('leaves everybody else to the scheme', async () => {
    const scheme = new ArrangedSeating(PLAN, new SuffixSeating(PLAN));
    assert.equal((await seated(scheme, `${CALL}1`, door('en', 'es'))).callId, CALL);
  });
});

describe('what a door promises', () => {
  const UUID = `${CALL}0`;

  async function promised(): Promise<{ readonly scheme: ArrangedSeating; readonly told: string[] }> {
    const scheme = new ArrangedSeating(PLAN, new SuffixSeating(PLAN));
    const told: string[] = [];
    const place = { callId: 'x', party: partyOf('a', 'en'), kind: 'pair', languages: ['en', 'es'] } as const;
    scheme.promise(UUID, { place }, ({ reason, seated: had }) => told.push(`${reason} ${had}`));
    assert.equal((await seated(scheme, UUID, door('en', 'es'))).callId, 'x');
    return { scheme, told };
  }

  it('is over when its leg is hung up by us, and when its call is over, however often', async () => {
    const { scheme, told } = await promised();
    scheme.ended('another');
    assert.deepEqual(told, []);
    scheme.dismissed(UUID, { reason: 'refused', seated: false });
    scheme.ended('x');
    assert.deepEqual(told, ['refused false', 'call-over true']);
  });

  it("is nobody's business any more once it is withdrawn", async () => {
    const { scheme, told } = await promised();
    scheme.withdraw(UUID);
    scheme.dismissed(UUID, { reason: 'refused', seated: false });
    scheme.ended('x');
    assert.deepEqual(told, []);
  });
});
