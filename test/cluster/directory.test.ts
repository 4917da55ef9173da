/** Where calls live, as nodes of one broker find it, on a clock that is moved by hand. */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { legKeyOf } from '../../src/call/restart-record.ts';
import { CLAIM_MS, RELEASED_MS } from '../../src/cluster/directory.ts';
import { REMEMBERED_MS } from '../../src/cluster/ended-calls.ts';
import { FORGOTTEN_MS, SILENT_MS } from '../../src/cluster/membership.ts';
import { firstChoice } from '../../src/cluster/rendezvous.ts';
import { aRecord } from './a-record.ts';
import { type SimNode, SimNodes } from './sim-nodes.ts';

const CALL = 'f'.repeat(35);

describe('the directory of calls', () => {
  it('has a new call where its first leg comes, and sends the second leg there', () => {
    const { nodes, one, two } = pair();
    assert.deepEqual(one.directory.whereabouts(CALL), { type: 'here', record: undefined });
    nodes.clock.run(5);
    assert.deepEqual(two.directory.whereabouts(CALL), elsewhere('one'));
    // Before it has begun as well as after.
    one.directory.keep(aRecord(CALL));
    nodes.clock.run(5);
    assert.deepEqual(two.directory.whereabouts(CALL), elsewhere('one'));
  });

  it('goes on with the call of a node that has fallen silent, and the other leg finds it there', () => {
    const { nodes, one, two, three } = trio();
    begin(one, nodes);
    one.kill();
    nodes.clock.run(SILENT_MS + 300);
    assert.deepEqual(two.directory.whereabouts(CALL), { type: 'adopt', record: aRecord(CALL) });
    // The second leg comes before the first has opened the call: it may be the one that does.
    assert.deepEqual(two.directory.whereabouts(CALL), { type: 'adopt', record: aRecord(CALL) });
    nodes.clock.run(5);
    assert.deepEqual(three.directory.whereabouts(CALL), elsewhere('two'));
    two.directory.keep(aRecord(CALL, [], 9));
    assert.deepEqual(two.directory.whereabouts(CALL), { type: 'here', record: aRecord(CALL, [], 9) });
  });

  it('goes on at once with the call of a node that does not answer, and believes it again when it is heard', () => {
    const { nodes, one, two } = pair();
    begin(one, nodes);
    two.directory.refused('one');
    nodes.clock.run(300);
    assert.deepEqual(two.directory.whereabouts(CALL), elsewhere('one'));
    two.directory.refused('one');
    assert.equal(two.directory.whereabouts(CALL).type, 'adopt');
  });

  it('leaves its call to a node that answers too late and is heard, and goes on with it where it is not heard', () => {
    const { nodes, one, two } = pair();
    begin(one, nodes);
    two.directory.unreachable('one');
    assert.deepEqual(two.directory.whereabouts(CALL), elsewhere('one'));
    one.kill();
    // One sign of life may be late, and be lost.
    nodes.clock.run(240);
    two.directory.unreachable('one');
    assert.deepEqual(two.directory.whereabouts(CALL), elsewhere('one'));
    nodes.clock.run(270);
    two.directory.unreachable('one');
    assert.equal(two.directory.whereabouts(CALL).type, 'adopt');
  });

  it('hangs up who dials again after the end, everywhere, for ten seconds', () => {
    const { nodes, one, two } = pair();
    begin(one, nodes);
    one.directory.ended(CALL);
    nodes.clock.run(5);
    assert.deepEqual(one.directory.whereabouts(CALL), { type: 'ended' });
    assert.deepEqual(two.directory.whereabouts(CALL), { type: 'ended' });
    nodes.clock.run(REMEMBERED_MS);
    assert.deepEqual(two.directory.whereabouts(CALL), { type: 'here', record: undefined });
  });

  it('gives a call away, to whoever it comes to', () => {
    const { nodes, one, two, three } = trio();
    begin(one, nodes);
    one.load = { ...one.load, draining: true };
    nodes.clock.run(300);
    const next = one.directory.handOver(aRecord(CALL, [], 7));
    assert.equal(next, firstChoice(CALL, [{ name: 'two' }, { name: 'three' }])?.name);
    // What the switchboard still says of it is no more than an echo.
    one.directory.keep(aRecord(CALL, [], 8));
    one.directory.ended(CALL);
    nodes.clock.run(5);
    assert.deepEqual(one.directory.whereabouts(CALL), elsewhere(next ?? ''));
    // Nor does a leg bring it back whose call was registered here.
    assert.deepEqual(one.directory.whereabouts(CALL, { promised: true }), elsewhere(next ?? ''));
    assert.deepEqual(three.directory.whereabouts(CALL), { type: 'adopt', record: aRecord(CALL, [], 7) });
    nodes.clock.run(5);
    assert.deepEqual(two.directory.whereabouts(CALL), elsewhere('three'));
    assert.deepEqual(one.directory.whereabouts(CALL), elsewhere('three'));
  });

  it('keeps a call that nobody could take', () => {
    const { nodes, one, two } = pair();
    begin(one, nodes);
    two.load = { ...two.load, legs: two.load.maxLegs };
    nodes.clock.run(300);
    assert.equal(one.directory.handOver(aRecord(CALL)), undefined);
    assert.equal(one.directory.whereabouts(CALL).type, 'here');
  });

  it('keeps a call while nobody can be told that it is given away', () => {
    const { nodes, one, two } = pair();
    begin(one, nodes);
    const { broker, clock } = nodes;
    for (const fault of ['away', 'standing'] as const) {
      broker[fault] = true;
      clock.run(1_000);
      assert.equal(one.directory.handOver(aRecord(CALL)), undefined, fault);
      assert.equal(one.directory.whereabouts(CALL).type, 'here');
      broker[fault] = false;
      clock.run(1_000);
    }
    assert.equal(one.directory.handOver(aRecord(CALL)), 'two');
    clock.run(5);
    assert.equal(two.directory.whereabouts(CALL).type, 'adopt');
  });

  it('sends new calls on from a node that drains or is full, and takes the second legs of its own', () => {
    const { nodes, one } = pair();
    begin(one, nodes);
    for (const load of [
      { ...one.load, draining: true },
      { ...one.load, legs: 1_000 },
    ]) {
      one.load = load;
      assert.deepEqual(one.directory.whereabouts('another call'), elsewhere('two'));
      assert.equal(one.directory.whereabouts(CALL).type, 'here');
      // Where its legs cannot come elsewhere, it is refused here.
      assert.equal(one.directory.whereabouts(`stays ${load.legs}`, { stays: true }).type, 'here');
      assert.equal(one.directory.whereabouts(`promised ${load.legs}`, { promised: true }).type, 'here');
    }
  });

  it('tells others at once that it takes no new calls', () => {
    const { nodes, one, two } = pair();
    one.load = { ...one.load, draining: true };
    one.directory.takesCallsChanged();
    nodes.clock.run(5);
    assert.equal(two.node.membership.get(one.run)?.said?.state, 'draining');
  });

  it('has the older of two claims stand, and tells the node that loses', () => {
    const { nodes, one, two } = pair();
    const lost: string[] = [];
    const watching = new AbortController();
    for (const node of [one, two]) {
      node.directory.watchLost((callId) => lost.push(`${node.name} ${callId}`), watching.signal);
    }
    nodes.broker.split((run) => Number.parseInt(run, 16));
    assert.equal(one.directory.whereabouts(CALL).type, 'here');
    nodes.clock.run(50);
    assert.equal(two.directory.whereabouts(CALL).type, 'here');
    one.directory.keep(aRecord(CALL));
    two.directory.keep(aRecord(CALL));
    nodes.broker.heal();
    nodes.clock.run(3_000);
    assert.deepEqual(lost, [`two ${CALL}`]);
    assert.equal(one.directory.whereabouts(CALL).type, 'here');
    assert.deepEqual(two.directory.whereabouts(CALL), elsewhere('one'));
    // What the loser says of it by then counts for nothing.
    two.directory.keep(aRecord(CALL));
    two.directory.ended(CALL);
    nodes.clock.run(300);
    assert.equal(one.directory.whereabouts(CALL).type, 'here');
    watching.abort();
  });

  it('leaves a call alone when the other of two that went on with it at once is over', () => {
    const { nodes, one, two, three } = trio();
    const four = nodes.start('four');
    nodes.clock.run(1_000);
    begin(one, nodes);
    one.kill();
    nodes.clock.run(SILENT_MS + 300);
    // Two and four hear each other, and nothing of three.
    nodes.broker.split((run) => (run === three.run ? 1 : 0));
    assert.equal(two.directory.whereabouts(CALL).type, 'adopt');
    assert.equal(three.directory.whereabouts(CALL).type, 'adopt');
    for (const node of [two, three]) {
      node.directory.keep(aRecord(CALL, ['of a', 'of b']));
    }
    nodes.clock.run(5);
    nodes.broker.heal();
    three.directory.ended(CALL);
    nodes.clock.run(5);
    const known = (legKey?: string) => four.directory.whereabouts(CALL, { legKey });
    assert.deepEqual(known(), elsewhere('two'), 'it runs there');
    assert.deepEqual(known(legKeyOf('new to the room')), elsewhere('two'));
    nodes.clock.run(3_000);
    assert.deepEqual(
      three.directory.whereabouts(CALL),
      elsewhere('two'),
      'the other has heard of it by then',
    );
    assert.equal(two.directory.whereabouts(CALL).type, 'here');
    two.directory.ended(CALL);
    nodes.clock.run(5);
    assert.deepEqual(known(), { type: 'ended' });
    assert.equal(three.directory.whereabouts(CALL).type, 'ended');
  });

  it('has who went on with a call stand before a node that comes back with it', () => {
    const { nodes, one, two, three } = trio();
    begin(one, nodes);
    nodes.broker.split((run) => (run === one.run ? 1 : 0));
    nodes.clock.run(SILENT_MS + 300);
    assert.equal(two.directory.whereabouts(CALL).type, 'adopt');
    two.directory.keep(aRecord(CALL));
    nodes.broker.heal();
    nodes.clock.run(2_000);
    assert.deepEqual(one.directory.whereabouts(CALL), elsewhere('two'));
    // Its own end of the call ends nobody else's.
    one.directory.ended(CALL);
    nodes.clock.run(300);
    assert.deepEqual(three.directory.whereabouts(CALL), elsewhere('two'));
  });

  it('judges nobody while its own link is lost', () => {
    const { nodes, one, two } = pair();
    begin(one, nodes);
    nodes.broker.away = true;
    nodes.clock.run(60_000);
    assert.deepEqual(two.directory.whereabouts(CALL), elsewhere('one'));
    assert.equal(one.directory.whereabouts(CALL).type, 'here');
    // Only who has tried knows more.
    two.directory.refused('one');
    assert.equal(two.directory.whereabouts(CALL).type, 'adopt');
    nodes.broker.away = false;
    nodes.clock.run(100);
    assert.deepEqual(one.directory.whereabouts(CALL), elsewhere('two'));
  });

  it('is not told by others of a call of its own that ended while it heard nobody', () => {
    const { nodes, one, two } = pair();
    begin(one, nodes);
    nodes.broker.away = true;
    nodes.clock.run(1_000);
    one.directory.ended(CALL);
    nodes.clock.run(2 * REMEMBERED_MS);
    nodes.broker.away = false;
    nodes.clock.run(3_000);
    assert.equal(one.node.table.size + two.node.table.size, 0);
  });

  it('lets go of a call that no leg has begun', () => {
    const { nodes, one, two } = pair();
    assert.equal(one.directory.whereabouts(CALL).type, 'here');
    one.directory.ended(CALL);
    nodes.clock.run(CLAIM_MS + 10);
    assert.deepEqual(two.directory.whereabouts(CALL), { type: 'here', record: undefined });
    nodes.clock.run(10);
    assert.deepEqual(one.directory.whereabouts(CALL), elsewhere('two'));
  });

  it('lets go at once of a call that it has refused to begin, or to go on with, as it takes none', () => {
    for (const load of [{ draining: true }, { legs: 1_000 }]) {
      const { nodes, one, two } = pair();
      begin(two, nodes);
      two.load = { ...two.load, draining: true };
      nodes.clock.run(300);
      one.load = { ...one.load, ...load };
      assert.equal(one.directory.whereabouts('new').type, 'here', 'nobody else would take it');
      two.kill();
      one.directory.refused('two');
      assert.equal(one.directory.whereabouts(CALL).type, 'adopt');
      const three = nodes.start('three');
      nodes.clock.run(1_000);
      for (const callId of ['new', CALL]) {
        assert.deepEqual(three.directory.whereabouts(callId), elsewhere('one'));
        one.directory.ended(callId);
        one.directory.notTaken(callId);
      }
      nodes.clock.run(5);
      assert.equal(three.directory.whereabouts('new').type, 'here');
      assert.equal(three.directory.whereabouts(CALL).type, 'adopt');
      nodes.clock.run(5);
      assert.deepEqual(one.directory.whereabouts('new'), elsewhere('three'));
    }
  });

  it('keeps a call of which it has refused one leg while another is being seated', () => {
    const { nodes, one, two } = pair();
    one.load = { ...one.load, legs: one.load.maxLegs };
    two.load = { ...two.load, draining: true };
    nodes.clock.run(300);
    for (let leg = 0; leg < 2; leg += 1) {
      assert.equal(one.directory.whereabouts('new').type, 'here', 'nobody else would take it');
    }
    one.directory.notTaken('new');
    nodes.clock.run(5);
    assert.deepEqual(two.directory.whereabouts('new'), elsewhere('one'));
    one.directory.notTaken('new');
    nodes.clock.run(5);
    assert.equal(two.directory.whereabouts('new').type, 'here');
  });

  it('keeps a call of which it has refused one leg while it takes others, and one that runs', () => {
    const { nodes, one, two } = pair();
    assert.equal(one.directory.whereabouts('new').type, 'here');
    begin(one, nodes);
    one.directory.notTaken('new');
    one.load = { ...one.load, draining: true };
    one.directory.notTaken(CALL);
    nodes.clock.run(5);
    for (const callId of ['new', CALL]) {
      assert.deepEqual(two.directory.whereabouts(callId), elsewhere('one'));
    }
  });

  it('hears that a call is lost also where it is lost before it has begun', () => {
    const { nodes, one, two } = pair();
    const lost: string[] = [];
    two.directory.watchLost((callId) => lost.push(callId), new AbortController().signal);
    // Both legs come at once, to different nodes, and are seated a moment later.
    assert.equal(one.directory.whereabouts(CALL).type, 'here');
    nodes.clock.run(0.1);
    assert.equal(two.directory.whereabouts(CALL).type, 'here');
    nodes.clock.run(10);
    lost.length = 0;
    two.directory.keep(aRecord(CALL));
    assert.deepEqual(lost, [CALL]);
  });

  it('ends a call that was given away and that nobody has come for', () => {
    const { nodes, one, two } = pair();
    begin(one, nodes);
    assert.equal(one.directory.handOver(aRecord(CALL)), 'two');
    nodes.clock.run(RELEASED_MS + 1_000);
    assert.equal(two.node.table.size + one.node.table.size, 0);
  });

  it('lets another go on with a call that no leg has stayed to go on with', () => {
    const { nodes, one, two, three } = trio();
    begin(one, nodes);
    one.kill();
    two.directory.refused('one');
    assert.equal(two.directory.whereabouts(CALL).type, 'adopt');
    nodes.clock.run(CLAIM_MS + 10);
    assert.equal(three.directory.whereabouts(CALL).type, 'adopt');
  });

  it('tells who comes new of all calls, also of those whose node is gone', () => {
    const { nodes, one, two } = pair();
    begin(one, nodes);
    assert.equal(two.directory.whereabouts('its own').type, 'here');
    two.directory.keep(aRecord('its own'));
    nodes.clock.run(5);
    one.kill();
    const three = nodes.start('three');
    nodes.clock.run(SILENT_MS + 1_000);
    assert.deepEqual(three.directory.whereabouts('its own'), elsewhere('two'));
    assert.deepEqual(three.directory.whereabouts(CALL), { type: 'adopt', record: aRecord(CALL) });
  });

  it('is told of its own calls of before when it is started again', () => {
    const { nodes, one } = pair();
    begin(one, nodes);
    one.kill();
    const again = nodes.start('one');
    nodes.clock.run(SILENT_MS + 1_000);
    assert.equal(again.directory.whereabouts(CALL).type, 'adopt');
  });

  it('mends what was lost on the way, calls and ends', () => {
    const { nodes, one, two } = pair();
    begin(one, nodes);
    nodes.broker.faults = { delayMs: [1, 2], loss: 1 };
    one.directory.ended(CALL);
    assert.equal(one.directory.whereabouts('begun unheard').type, 'here');
    one.directory.keep(aRecord('begun unheard'));
    nodes.clock.run(500);
    assert.deepEqual(two.directory.whereabouts(CALL), elsewhere('one'));
    nodes.broker.faults = { delayMs: [1, 2], loss: 0 };
    nodes.clock.run(500);
    assert.deepEqual(two.directory.whereabouts('begun unheard'), elsewhere('one'));
    assert.deepEqual(two.directory.whereabouts(CALL), { type: 'ended' });
    nodes.clock.run(REMEMBERED_MS);
    assert.equal(two.node.table.size, 1);
    // With nothing amiss nobody asks.
    const asked = askedBy(two);
    nodes.clock.run(10_000);
    assert.equal(askedBy(two), asked);
  });

  it('is not told that it still has a call which ended while the broker was away for long', () => {
    const { nodes, one, two } = pair();
    begin(one, nodes);
    nodes.broker.away = true;
    one.directory.ended(CALL);
    nodes.clock.run(REMEMBERED_MS + 1_000);
    nodes.broker.away = false;
    nodes.clock.run(5_000);
    assert.deepEqual([one.node.records, two.node.records], [0, 0]);
  });

  it('takes no node for lost because others are mentioned that nobody ever heard', () => {
    const { nodes, one, two } = pair();
    begin(one, nodes);
    for (let life = 0; life < 2_000; life += 1) {
      two.node.membership.mentioned(life.toString(16).padStart(16, 'e'), 'ghost');
    }
    assert.deepEqual(two.directory.whereabouts(CALL), elsewhere('one'));
  });

  it('forgets the calls of a node that is long gone', () => {
    const { nodes, one, two } = pair();
    begin(one, nodes);
    one.kill();
    nodes.clock.run(SILENT_MS + FORGOTTEN_MS - 1_000);
    assert.equal(two.node.table.size, 1);
    nodes.clock.run(2_000);
    assert.equal(two.node.table.size, 0);
    assert.deepEqual([...two.node.membership.members], []);
  });

  it('finds the call of a leg by what its record knows of the UUID', () => {
    const { nodes, one, two } = pair();
    const uuid = '0b7f1a4e-0000-4000-8000-000000000001';
    assert.equal(one.directory.whereabouts(CALL).type, 'here');
    one.directory.keep(aRecord(CALL, [uuid]));
    nodes.clock.run(5);
    assert.equal(two.directory.callOf(legKeyOf(uuid)), CALL);
    one.directory.ended(CALL);
    nodes.clock.run(5);
    assert.equal(two.directory.callOf(legKeyOf(uuid)), undefined);
  });

  it('begins anew where the record cannot be read', () => {
    const { nodes, one, two } = pair();
    begin(one, nodes);
    const entry = two.node.table.get(CALL);
    assert.ok(entry !== undefined);
    two.node.take({ type: 'call', entry: { ...entry, change: entry.change + 1, record: '{"version":99}' } });
    one.kill();
    two.directory.refused('one');
    assert.deepEqual(two.directory.whereabouts(CALL), { type: 'here', record: undefined });
    assert.equal(two.directory.counts.clusterRecordsUnreadable, 1);
  });

  it('spreads calls by their ids where that is wanted, the same wherever their legs come', () => {
    const nodes = new SimNodes();
    const all = ['one', 'two', 'three'].map((name) => nodes.start(name, { placement: 'hash' }));
    nodes.clock.run(1_000);
    const places = new Set<string>();
    for (let call = 0; call < 50; call += 1) {
      const found = new Set(
        all.map((node) => {
          const where = node.directory.whereabouts(`call ${call}`);
          return where.type === 'elsewhere' ? where.node : node.name;
        }),
      );
      assert.equal(found.size, 1, `call ${call} is at ${[...found].join(' and ')}`);
      places.add([...found].join());
    }
    assert.equal(places.size, 3);
  });

  it('answers for no call that nobody asked it for', () => {
    const { nodes, one, two } = pair();
    one.directory.keep(aRecord('room-sales'));
    two.directory.keep(aRecord('room-sales'));
    nodes.clock.run(1_000);
    assert.equal(one.node.table.size + two.node.table.size, 0);
  });

  it('sets no timer after it is closed', () => {
    const { nodes, one, two } = pair();
    begin(one, nodes);
    assert.equal(one.directory.whereabouts('awaited').type, 'here');
    one.node.close();
    nodes.clock.run(100);
    assert.equal(two.node.membership.get(one.run)?.up, false, 'who leaves says so');
    assert.equal(two.directory.whereabouts(CALL).type, 'adopt');
  });
});

function elsewhere(node: string) {
  return { type: 'elsewhere', node, host: '10.0.0.1', port: 5050 };
}

function pair() {
  const nodes = new SimNodes();
  const [one, two] = nodes.startAll('one', 'two');
  assert.ok(one !== undefined && two !== undefined);
  return { nodes, one, two };
}

function trio() {
  const nodes = new SimNodes();
  const [one, two, three] = nodes.startAll('one', 'two', 'three');
  assert.ok(one !== undefined && two !== undefined && three !== undefined);
  return { nodes, one, two, three };
}

/** A call at this node that all have heard of. */
function begin(node: SimNode, nodes: SimNodes): void {
  assert.equal(node.directory.whereabouts(CALL).type, 'here');
  node.directory.keep(aRecord(CALL));
  nodes.clock.run(5);
}

function askedBy({ node }: SimNode): number {
  return node.parts.reduce((sum, { counts }) => sum + Number(counts.clusterRecordsAsked ?? 0), 0);
}
