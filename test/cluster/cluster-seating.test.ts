/** Where legs are seated when nodes serve together: the real schemes and directories, on a clock that is moved by hand. */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setImmediate as turnOfLoop } from 'node:timers/promises';
import { legKeyOf, RESTART_RECORD } from '../../src/call/restart-record.ts';
import { ArrangedSeating } from '../../src/call/seating/arranged-seating.ts';
import { RoomSeating } from '../../src/call/seating/room-seating.ts';
import type { ArrivalFacts, SeatingScheme } from '../../src/call/seating/seating.ts';
import { SuffixSeating } from '../../src/call/seating/suffix-seating.ts';
import { ClusterSeating } from '../../src/cluster/cluster-seating.ts';
import { LegPlaces, PLACE_MS, SharedPromises } from '../../src/cluster/leg-places.ts';
import { SILENT_MS } from '../../src/cluster/membership.ts';
import { PLAN } from '../call/scripted-legs.ts';
import { aRecord } from './a-record.ts';
import { type SimNode, SimNodes } from './sim-nodes.ts';

const FIRST = '0b7f1a4e-0000-4000-8000-000000000000';
const SECOND = '0b7f1a4e-0000-4000-8000-000000000001';
const CALL = FIRST.slice(0, -1);
const REGISTERED = '5f0e2d3c-1111-4222-8333-44445555aaaa';

describe('the seating of a cluster', () => {
  it('seats a new call here, and passes the legs on that come elsewhere', async () => {
    const { one, two, nodes } = pair();
    const seat = await one.seat({ uuid: FIRST });
    assert.equal(seat.type === 'seat' && seat.callId, CALL);
    nodes.clock.run(5);
    assert.deepEqual(await two.seat({ uuid: SECOND }), elsewhere('one'));
  });

  it('goes on from the record with a leg that the record knows, and with one that is new to the call', async () => {
    const { one, two, nodes } = pair();
    await one.seat({ uuid: FIRST });
    const record = aRecord(CALL, [FIRST]);
    one.node.directory.keep(record);
    nodes.clock.run(5);
    one.node.kill();
    two.node.directory.refused('one');
    const again = await two.seat({ uuid: FIRST });
    assert.ok(again.type === 'seat');
    assert.deepEqual([again.callId, again.party.id, again.resume], [CALL, 'a', record]);
    const other = await two.seat({ uuid: SECOND });
    assert.ok(other.type === 'seat');
    assert.deepEqual([other.callId, other.party.id, other.resume], [CALL, 'b', record]);
    assert.deepEqual(other.plan.languages, record.plan.languages);
    // Once it runs here, whoever comes is seated in what runs.
    two.node.directory.keep(record);
    const later = await two.seat({ uuid: FIRST });
    assert.ok(later.type === 'seat' && later.resume === undefined);
  });

  it('hangs up who dials again after the end', async () => {
    const { one, two, nodes } = pair();
    await one.seat({ uuid: FIRST });
    one.node.directory.keep(aRecord(CALL, [FIRST, SECOND]));
    nodes.clock.run(5);
    one.seating.ended(CALL);
    nodes.clock.run(5);
    for (const node of [one, two]) {
      const seat = await node.seat({ uuid: SECOND });
      assert.equal(seat.type === 'refused' && seat.reason, 'ended');
    }
  });

  it('has a room be used again at once, by who was not in the conference that has ended', async () => {
    const { one, two, nodes } = pair(new RoomSeating(PLAN));
    const inRoom = (party: string): string => `0b7f1a4e-0000-4000-8000-656e0000000${party}`;
    const room = '0b7f1a4e000040008000';
    const seat = await one.seat({ uuid: inRoom('1') });
    assert.equal(seat.type === 'seat' && seat.callId, room);
    one.node.directory.keep(aRecord(room, [inRoom('1'), inRoom('2')]));
    nodes.clock.run(5);
    one.seating.ended(room);
    nodes.clock.run(5);
    for (const node of [one, two]) {
      const again = await node.seat({ uuid: inRoom('2') });
      assert.equal(again.type === 'refused' && again.reason, 'ended', 'whoever dials again');
    }
    const next = await two.seat({ uuid: inRoom('3') });
    assert.equal(next.type === 'seat' && next.callId, room);
    nodes.clock.run(5);
    assert.deepEqual(await one.seat({ uuid: inRoom('4') }), elsewhere('two'), 'it is believed to be another');
  });

  it('waits for the news that a call was given away, when its leg is faster', async () => {
    const { one, two, nodes } = pair();
    await one.seat({ uuid: FIRST });
    const record = aRecord(CALL, [FIRST, SECOND]);
    one.node.directory.keep(record);
    nodes.clock.run(5);
    nodes.broker.faults = { delayMs: [40, 40], loss: 0 };
    one.node.directory.handOver(record);
    const again = await two.seat({ uuid: FIRST });
    assert.ok(again.type === 'seat', `its news come 40 ms later, and it is ${again.type}`);
    assert.deepEqual(again.resume, record);
  });

  it('takes a call back that it has given away, where who passes its leg on has not heard of that', async () => {
    const { one, two, nodes } = pair();
    await one.seat({ uuid: FIRST });
    const record = aRecord(CALL, [FIRST, SECOND]);
    one.node.directory.keep(record);
    nodes.clock.run(5);
    one.node.load = { ...one.node.load, draining: true };
    nodes.clock.run(300);
    // It is not known yet that nothing comes through.
    nodes.broker.standing = true;
    assert.equal(one.node.directory.handOver(record), 'two');
    assert.deepEqual(await one.seat({ uuid: FIRST }), elsewhere('two'), 'two may have heard of it');
    assert.deepEqual(await two.seat({ uuid: FIRST }), elsewhere('one'));
    nodes.clock.run(500);
    for (const uuid of [FIRST, SECOND]) {
      const back = await one.seat({ uuid, relayed: true });
      assert.ok(back.type === 'seat');
      assert.deepEqual(back.resume, record);
    }
    one.node.directory.keep(record);
    nodes.broker.standing = false;
    nodes.clock.run(1_000);
    assert.deepEqual(await two.seat({ uuid: SECOND }), elsewhere('one'));
  });

  it('does not take a call back whose news is late, unless by very much or where nobody else takes it', async () => {
    for (const { lateMs, others, finds } of [
      { lateMs: 300, others: 1, finds: 'two' },
      { lateMs: 300, others: 0, finds: 'one' },
      { lateMs: 3_000, others: 1, finds: 'one, later' },
    ]) {
      const { one, two, nodes } = pair();
      await one.seat({ uuid: FIRST });
      const record = aRecord(CALL, [FIRST, SECOND]);
      one.node.directory.keep(record);
      one.node.load = { ...one.node.load, draining: true };
      nodes.clock.run(300);
      nodes.broker.late(two.node.run, 'coming', lateMs);
      assert.equal(one.node.directory.handOver(record), 'two');
      two.node.load = { ...two.node.load, draining: others === 0 };
      two.node.directory.takesCallsChanged();
      assert.deepEqual(await two.seat({ uuid: FIRST }), elsewhere('one'));
      const relayed = await one.seat({ uuid: FIRST, relayed: true });
      if (finds === 'one') {
        assert.deepEqual(relayed.type === 'seat' && relayed.resume, record);
        continue;
      }
      assert.equal(relayed.type === 'refused' && relayed.reason, 'relayed-astray');
      nodes.clock.run(500);
      const found =
        finds === 'two' ? await two.seat({ uuid: FIRST }) : await one.seat({ uuid: FIRST, relayed: true });
      assert.deepEqual(found.type === 'seat' && found.resume, record, finds);
    }
  });

  it('passes a leg on that dials again and whose call stays where it is', async () => {
    const { one, two, nodes } = pair();
    await one.seat({ uuid: FIRST });
    one.node.directory.keep(aRecord(CALL, [FIRST, SECOND]));
    nodes.clock.run(5);
    const beforeMs = nodes.clock.nowMs();
    assert.deepEqual(await two.seat({ uuid: FIRST }), elsewhere('one'));
    assert.equal(nodes.clock.nowMs() - beforeMs, 60);
  });

  it('has any number of legs wait for news at once', async () => {
    const { one, two, nodes } = pair();
    await one.seat({ uuid: FIRST });
    one.node.directory.keep(aRecord(CALL, [FIRST, SECOND]));
    nodes.clock.run(5);
    const warnings: string[] = [];
    const warned = ({ name }: Error): void => void warnings.push(name);
    process.on('warning', warned);
    await Promise.all(Array.from({ length: 12 }, () => two.seat({ uuid: FIRST })));
    await turnOfLoop();
    process.off('warning', warned);
    assert.deepEqual(warnings, []);
  });

  it('begins a call that a node without room for it has refused where its leg comes next', async () => {
    const { one, two, nodes } = pair();
    for (const node of [one, two]) {
      node.node.load = { ...node.node.load, draining: true };
    }
    nodes.clock.run(300);
    assert.equal((await one.seat({ uuid: FIRST })).type, 'seat');
    one.seating.ended(CALL);
    one.seating.notTaken(CALL);
    two.node.load = { ...two.node.load, draining: false };
    nodes.clock.run(5);
    assert.equal((await two.seat({ uuid: FIRST })).type, 'seat');
  });

  it('passes no leg on a second time', async () => {
    const { one, two, nodes } = pair();
    await one.seat({ uuid: FIRST });
    nodes.clock.run(5);
    const astray = await two.seat({ uuid: SECOND, relayed: true });
    assert.equal(astray.type === 'refused' && astray.reason, 'relayed-astray');
    assert.equal((await one.seat({ uuid: SECOND, relayed: true })).type, 'seat');
  });

  it('begins the call of a leg that cannot be passed on here, and refuses one whose call is elsewhere', async () => {
    const { one, two, nodes } = pair();
    two.node.load = { ...two.node.load, draining: true };
    nodes.clock.run(300);
    const seat = await two.seat({ uuid: FIRST }, true);
    assert.equal(seat.type === 'seat' && seat.callId, CALL);
    nodes.clock.run(5);
    assert.deepEqual(await one.seat({ uuid: SECOND }), elsewhere('two'), 'who can be passed on is');
    for (const known of [false, true]) {
      if (known) {
        two.node.directory.keep(aRecord(CALL, [FIRST, SECOND]));
        nodes.clock.run(5);
      }
      const other = await one.seat({ uuid: SECOND }, true);
      assert.ok(other.type === 'refused', `known: ${known}`);
      assert.equal(other.reason, 'call-elsewhere');
      assert.match(other.explanation, /its call is at two, .* connect to that node/);
    }
    // When that node is gone it goes on where it comes to, even where no new calls are taken.
    two.node.kill();
    const three = nodes.start('three');
    nodes.clock.run(SILENT_MS + 300);
    one.node.load = { ...one.node.load, draining: true };
    nodes.clock.run(300);
    assert.equal(three.node.own().state, 'up');
    const again = await one.seat({ uuid: SECOND }, true);
    assert.equal(again.type === 'seat' && again.resume?.callId, CALL);
  });

  it('leaves those alone that come by another way, or were fetched', async () => {
    const { one, two, nodes } = pair();
    const place = {
      callId: 'room-sales',
      party: {
        id: 'x',
        name: '',
        language: 'en',
        hears: 'all',
        muted: false,
        voice: undefined,
        original: undefined,
      },
      kind: 'conference',
      languages: ['en', 'es'],
    } as const;
    for (const node of [one, two]) {
      assert.equal((await node.seat({ uuid: FIRST, place })).type, 'seat');
      node.home.promise(SECOND, { place, fetched: true });
      assert.equal((await node.seat({ uuid: SECOND })).type, 'seat');
    }
    nodes.clock.run(300);
    assert.equal(one.node.node.table.size, 0);
  });

  it('finds the leg of a call that another node has registered, also when its node is gone', async () => {
    const { one, two, nodes } = pair();
    const seated = await one.seat({ uuid: FIRST });
    assert.ok(seated.type === 'seat');
    const { party } = seated;
    one.promising.promise(REGISTERED, {
      place: { callId: 'registered-1', party, kind: 'pair', languages: ['en', 'es'] },
    });
    assert.deepEqual(await two.seat({ uuid: REGISTERED }), elsewhere('one'));
    const seat = await one.seat({ uuid: REGISTERED, relayed: true });
    assert.equal(seat.type === 'seat' && seat.callId, 'registered-1');
    one.node.directory.keep(aRecord('registered-1', [REGISTERED]));
    nodes.clock.run(5);
    one.node.kill();
    nodes.clock.run(SILENT_MS + 300);
    const again = await two.seat({ uuid: REGISTERED });
    assert.equal(again.type === 'seat' && again.resume?.callId, 'registered-1');
  });

  it('seats the leg that had not come yet to a registered call whose node has given it away', async () => {
    const { one, two, nodes } = pair();
    const seated = await one.seat({ uuid: FIRST });
    assert.ok(seated.type === 'seat');
    const callId = 'registered-1';
    const [a, b] = ['a', 'b'].map((id) => ({ ...seated.party, id }));
    assert.ok(a !== undefined && b !== undefined);
    const arranged = { callId, kind: 'pair', languages: ['en', 'es'] } as const;
    one.promising.promise(REGISTERED, { place: { ...arranged, party: a } });
    one.promising.promise(SECOND, { place: { ...arranged, party: b } });
    await one.seat({ uuid: REGISTERED });
    assert.deepEqual(
      one.seating.expected(callId).map(({ key, party }) => [key, party.id]),
      [REGISTERED, SECOND].map((uuid, place) => [legKeyOf(uuid), 'ab'.charAt(place)]),
    );
    const { announced: _a, utterances: _u, ...place } = aRecord('').parties[1] ?? {};
    const record = { ...aRecord(callId, [REGISTERED]), expected: [{ ...place, key: legKeyOf(SECOND) }] };
    one.node.directory.keep(RESTART_RECORD.parse(record));
    one.node.directory.handOver(RESTART_RECORD.parse(record));
    for (const uuid of [REGISTERED, SECOND]) {
      one.promising.withdraw(uuid);
    }
    assert.deepEqual(one.seating.expected(callId), []);
    nodes.clock.run(5);
    const seat = await two.seat({ uuid: SECOND });
    assert.deepEqual(seat.type === 'seat' && [seat.callId, seat.party.id, seat.resume?.callId], [
      callId,
      'b',
      callId,
    ]);
  });

  it('refuses the leg of a registered call that never began and whose node is gone', async () => {
    const { one, two, nodes } = pair();
    one.promising.promise(REGISTERED, {});
    one.node.kill();
    nodes.clock.run(SILENT_MS + 300);
    const seat = await two.seat({ uuid: REGISTERED });
    assert.equal(seat.type === 'refused' && seat.reason, 'registered-elsewhere');
    nodes.clock.run(PLACE_MS);
    // As any other by then.
    assert.equal((await two.seat({ uuid: FIRST })).type, 'seat');
    assert.equal(two.places.whereIs(legKeyOf(REGISTERED)), undefined);
  });

  it('forgets what was withdrawn', async () => {
    const { one, two } = pair();
    one.promising.promise(FIRST, {});
    one.promising.withdraw(FIRST);
    assert.equal((await two.seat({ uuid: FIRST })).type, 'seat');
  });
});

function pair(scheme: SeatingScheme = new SuffixSeating(PLAN)) {
  const nodes = new SimNodes();
  const all: ReturnType<typeof seated>[] = [];
  for (const node of nodes.startAll('one', 'two')) {
    all.push(seated(node, nodes, all, scheme));
  }
  const [one, two] = all;
  assert.ok(one !== undefined && two !== undefined);
  return { nodes, one, two };
}

function seated(
  node: SimNode,
  nodes: SimNodes,
  others: readonly { readonly places: LegPlaces }[],
  scheme: SeatingScheme,
) {
  const home = new ArrangedSeating(PLAN, scheme);
  const own = { node: node.name, run: node.run };
  const places = new LegPlaces(own, node.node.membership, nodes.clock);
  const promising = new SharedPromises(home, {
    ready: true,
    put: (key) => {
      for (const other of others) {
        other.places.learn(key, own);
      }
    },
    remove: (key) => {
      for (const other of others) {
        other.places.forget(key);
      }
    },
  });
  const seating = new ClusterSeating(home, node.directory, PLAN, places, nodes.clock);
  const door = { name: 'audiosocket 127.0.0.1:5050', languages: ['en', 'es'], rejoinMs: 3_000 };
  return {
    node,
    home,
    places,
    promising,
    seating,
    seat: (facts: ArrivalFacts, stays = false) => settled(seating.seat({ facts, door, stays }), nodes),
  };
}

/** What is waited for, while time goes on. */
async function settled<T>(waited: Promise<T>, nodes: SimNodes): Promise<T> {
  let pending = true;
  void waited.finally(() => {
    pending = false;
  });
  for (await turnOfLoop(); pending; await turnOfLoop()) {
    nodes.clock.run(10);
  }
  return waited;
}

function elsewhere(node: string) {
  return { type: 'elsewhere', node, host: '10.0.0.1', port: 5050 };
}
