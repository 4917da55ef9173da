/** How nodes ask each other for what they have not heard, on a clock that is moved by hand. */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { REMEMBERED_MS } from '../../src/cluster/ended-calls.ts';
import { aRecord } from './a-record.ts';
import { type SimNode, SimNodes } from './sim-nodes.ts';

const CALLS = 1_000;

describe('a node that asks for everything', () => {
  it('asks once, however long the answer is on its way', () => {
    const { nodes, one } = pair();
    begin(one, nodes);
    // Meanwhile each sign of life says that there is more than was heard.
    nodes.broker.faults = { delayMs: [600, 600], loss: 0 };
    const three = nodes.start('three');
    nodes.clock.run(10_000);
    assert.equal(three.node.table.size, CALLS);
    assert.equal(askedBy(three), 1);
  });

  it('asks nobody who is only joining, too', () => {
    const { nodes, one, two } = pair();
    begin(two, nodes);
    two.kill();
    nodes.clock.run(3_000);
    const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
    const joining = names.map((name) => nodes.start(name, { starting: true }));
    nodes.clock.run(3_000);
    assert.deepEqual(
      [one, ...joining].map(({ node }) => node.table.size),
      Array<number>(names.length + 1).fill(CALLS),
    );
  });

  it('is told nothing that it knows, when the broker is back', () => {
    const { nodes, one, two } = pair();
    begin(two, nodes);
    nodes.broker.away = true;
    nodes.clock.run(1_000);
    const before = nodes.broker.delivered;
    nodes.broker.away = false;
    nodes.clock.run(1_000);
    // Each call is told once more by its own node; the rest are signs of life.
    const delivered = nodes.broker.delivered - before;
    assert.ok(delivered >= CALLS && delivered < CALLS + 50, `${delivered} messages`);
    assert.equal(one.node.table.size, CALLS);
  });

  it('asks another where the one that was asked dies before it has told all', () => {
    const { nodes, one, two } = pair();
    const gone = nodes.start('gone');
    nodes.clock.run(1_000);
    begin(gone, nodes);
    gone.kill();
    nodes.clock.run(3_000);
    nodes.broker.split((run) => (run === two.run ? 1 : 0));
    const three = nodes.start('three');
    nodes.clock.run(20);
    one.kill();
    nodes.broker.heal();
    nodes.clock.run(100);
    const { size } = three.node.table;
    assert.ok(size > 0 && size < CALLS, `${size} were told`);
    nodes.clock.run(2_000);
    assert.equal(three.node.table.size, CALLS);
  });

  it('asks another where its question was lost', () => {
    const { nodes, one, two } = pair();
    begin(two, nodes);
    two.kill();
    nodes.clock.run(3_000);
    nodes.broker.faults = { delayMs: [1, 1], loss: 0 };
    const three = nodes.start('three');
    // Both have said that they are there, and the question goes out now.
    nodes.clock.run(1.5);
    nodes.broker.faults = { delayMs: [1, 1], loss: 1 };
    nodes.clock.run(100);
    nodes.broker.faults = { delayMs: [1, 1], loss: 0 };
    nodes.clock.run(2_000);
    assert.equal(three.node.table.size, 0);
    nodes.clock.run(4_000);
    assert.deepEqual([one.node.table.size, three.node.table.size], [CALLS, CALLS]);
  });
});

describe('a node that asks another for its own calls', () => {
  it('forgets those that are over, also while others end during each answer', () => {
    const { nodes, one, two, over, left } = ended();
    const endNext = (): void => {
      one.directory.ended(left.shift() ?? '');
      nodes.clock.at(nodes.clock.nowMs() + 20, endNext);
    };
    endNext();
    nodes.clock.run(3_000);
    assert.deepEqual(known(two, over), []);
    assert.ok(left.length > CALLS / 2);
  });

  it('asks less often while it has a call that is another’s, and has not heard so', () => {
    const { nodes, one, two } = pair();
    const three = nodes.start('three');
    nodes.clock.run(1_000);
    nodes.broker.late(two.run, 'coming', 8_000);
    one.directory.whereabouts('call');
    one.directory.keep(aRecord('call'));
    nodes.clock.run(100);
    two.directory.whereabouts('call');
    two.directory.keep(aRecord('call'));
    const before = askedBy(three);
    nodes.clock.run(4_500);
    assert.equal(askedBy(three) - before, 1);
    nodes.broker.late(two.run, 'coming', 0);
    nodes.clock.run(9_000);
    // What is lost from then on is asked for as soon as ever.
    for (const lost of ['another', 'a third']) {
      nodes.broker.faults = { delayMs: [1, 2], loss: 1 };
      two.directory.whereabouts(lost);
      two.directory.keep(aRecord(lost));
      nodes.broker.faults = { delayMs: [1, 2], loss: 0 };
      nodes.clock.run(1_500);
      assert.ok(three.node.table.get(lost) !== undefined, lost);
    }
  });

  it('forgets those that are over, also where the answer takes longer than it waits to ask again', () => {
    const { nodes, one, two, over, left } = ended();
    // Some of an answer goes out each 0.6 s.
    const open = (): void => {
      nodes.broker.full = false;
      nodes.clock.at(nodes.clock.nowMs() + 30, () => {
        nodes.broker.full = true;
      });
      nodes.clock.at(nodes.clock.nowMs() + 600, open);
    };
    open();
    nodes.clock.run(5_000);
    assert.deepEqual(known(two, over), []);
    assert.deepEqual([one.node.table.size, two.node.table.size], [left.length, left.length]);
  });
});

/** Calls of one that are over, which two does not know and nobody remembers, and those that are left. */
function ended() {
  const { nodes, one, two } = pair();
  const ids = begin(one, nodes);
  const over = ids.splice(0, 10);
  nodes.broker.faults = { delayMs: [1, 2], loss: 1 };
  for (const id of over) {
    one.directory.ended(id);
  }
  nodes.clock.run(REMEMBERED_MS + 1_000);
  nodes.broker.faults = { delayMs: [1, 2], loss: 0 };
  assert.deepEqual(known(two, over), over);
  return { nodes, one, two, over, left: ids };
}

function known({ node }: SimNode, ids: readonly string[]): readonly string[] {
  return ids.filter((id) => node.table.get(id) !== undefined);
}

function pair() {
  const nodes = new SimNodes();
  const [one, two] = nodes.startAll('one', 'two');
  assert.ok(one !== undefined && two !== undefined);
  return { nodes, one, two };
}

/** Many calls at this node that all have heard of. */
function begin(node: SimNode, nodes: SimNodes): string[] {
  const ids = Array.from({ length: CALLS }, (_, call) => `call ${call}`);
  for (const id of ids) {
    node.directory.whereabouts(id);
    node.directory.keep(aRecord(id));
  }
  nodes.clock.run(100);
  return ids;
}

function askedBy({ node }: SimNode): number {
  return node.parts.reduce((sum, { counts }) => sum + Number(counts.clusterRecordsAsked ?? 0), 0);
}
