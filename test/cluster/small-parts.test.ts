/** The parts of a cluster that are pure, each by itself. */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { silentLog } from '../../src/base/log.ts';
import { CallTable } from '../../src/cluster/call-table.ts';
import { byStanding } from '../../src/cluster/claims.ts';
import { decodeMessage, encodeMessage } from '../../src/cluster/cluster-codec.ts';
import type { CallEntry, ClusterMessage, NodeMessage } from '../../src/cluster/cluster-messages.ts';
import { ClusterNode } from '../../src/cluster/cluster-node.ts';
import { HEARTBEAT_MS, Membership, SILENT_MS } from '../../src/cluster/membership.ts';
import { identityCheck } from '../../src/cluster/nats/nats-tls.ts';
import { SHOWN_NODE_STATES } from '../../src/cluster/nodes-view.ts';
import { firstChoice } from '../../src/cluster/rendezvous.ts';
import { aRecord } from './a-record.ts';
import { SimBroker, seeded } from './sim-broker.ts';
import { SimClock } from './sim-clock.ts';
import { SimNodes } from './sim-nodes.ts';

const OWN = '0'.repeat(16);
const OTHER = '1'.repeat(16);

function entryOf(of: Partial<CallEntry> = {}): CallEntry {
  return {
    ...{ callId: 'c', node: 'one', run: OTHER, generation: 0, claimedAtMs: 1_000, change: 1 },
    ...{ released: false, legKeys: [], record: '{}' },
    ...of,
  };
}

describe('the first choice of nodes for a call', () => {
  const nodes = Array.from({ length: 10 }, (_, index) => ({ name: `node-${index}` }));
  const calls = Array.from({ length: 5_000 }, (_, index) => `${index}`.padStart(35, 'a'));

  it('is the same in any order, and spreads calls evenly', () => {
    const counts = new Map<string, number>();
    for (const call of calls) {
      const name = firstChoice(call, nodes)?.name ?? '';
      assert.equal(firstChoice(call, [...nodes].reverse())?.name, name);
      counts.set(name, (counts.get(name) ?? 0) + 1);
    }
    for (const node of nodes) {
      const count = counts.get(node.name) ?? 0;
      assert.ok(count > 420 && count < 580, `${node.name} has ${count} of 5,000`);
    }
  });

  it('changes for the calls of a node that goes, and for no others', () => {
    const [gone, ...left] = nodes;
    for (const call of calls) {
      const before = firstChoice(call, nodes);
      if (before !== gone) {
        assert.equal(firstChoice(call, left), before);
      }
    }
    assert.equal(firstChoice('c', []), undefined);
  });
});

describe('the standing of claims', () => {
  it('is by who went on with a call last, then the earlier, then the name, then what was told last', () => {
    const best = entryOf({ generation: 1, claimedAtMs: 5, node: 'a', run: 'a', change: 2 });
    const worse = [
      entryOf({ ...best, generation: 0, claimedAtMs: 1 }),
      entryOf({ ...best, claimedAtMs: 6 }),
      entryOf({ ...best, node: 'b' }),
      entryOf({ ...best, run: 'b' }),
      entryOf({ ...best, change: 1 }),
    ];
    for (const other of worse) {
      assert.ok(byStanding(best, other) < 0 && byStanding(other, best) > 0, JSON.stringify(other));
    }
    assert.equal(byStanding(best, entryOf({ ...best })), 0);
  });
});

describe('the table of calls', () => {
  it('drops the call of another that was told of longest ago, never one of ours, and counts it', () => {
    const table = new CallTable(OWN, new SimClock(), { calls: 3, bytes: 1_000 });
    table.merge(entryOf({ callId: 'ours', run: OWN }));
    for (const callId of ['a', 'b', 'c']) {
      table.merge(entryOf({ callId, legKeys: [`leg of ${callId}`] }));
    }
    assert.deepEqual(
      [...table.all()].map(({ callId }) => callId),
      ['ours', 'b', 'c'],
    );
    assert.equal(table.counts.clusterRecordsDropped, 1);
    assert.equal(table.callOf('leg of a'), undefined);
    // What is told anew is told last.
    table.merge(entryOf({ callId: 'b', change: 2 }));
    table.merge(entryOf({ callId: 'd' }));
    assert.deepEqual(
      [...table.all()].map(({ callId }) => callId),
      ['ours', 'b', 'd'],
    );
  });

  it('is bounded in bytes, too', () => {
    const table = new CallTable(OWN, new SimClock(), { calls: 100, bytes: 1_000 });
    for (let call = 0; call < 50; call += 1) {
      table.merge(entryOf({ callId: `c${call}`, record: 'x'.repeat(100) }));
    }
    assert.deepEqual([table.size, table.bytes], [10, 1_000]);
    for (const { callId } of [...table.all()]) {
      table.delete(callId);
    }
    assert.deepEqual([table.size, table.bytes, table.sumsOf(OTHER)], [0, 0, { calls: 0, digest: 0 }]);
  });

  it('has the same digest of the same calls, in whatever order they were told, and else another', () => {
    const [one, other] = [new CallTable(OWN, new SimClock()), new CallTable(OWN, new SimClock())];
    const entries = ['a', 'b', 'c'].flatMap((callId) => [1, 2].map((change) => entryOf({ callId, change })));
    for (const entry of entries) {
      one.merge(entry);
    }
    for (const entry of [...entries].reverse()) {
      other.merge(entry);
    }
    assert.deepEqual(one.sumsOf(OTHER), other.sumsOf(OTHER));
    other.merge(entryOf({ callId: 'a', change: 3 }));
    assert.notEqual(one.sumsOf(OTHER).digest, other.sumsOf(OTHER).digest);
  });

  it('removes what a node did not tell again, where all that it told has come', () => {
    const clock = new SimClock();
    const table = new CallTable(OWN, clock);
    for (const callId of ['a', 'b', 'c']) {
      table.merge(entryOf({ callId }));
    }
    clock.run(100);
    table.merge(entryOf({ callId: 'a' }));
    table.merge(entryOf({ callId: 'b' }));
    table.sweep(OTHER, 50, 3);
    assert.equal(table.size, 3, 'one of what it told is still missing');
    table.sweep(OTHER, 50, 2);
    assert.deepEqual(
      [...table.all()].map(({ callId }) => callId),
      ['a', 'b'],
    );
  });
});

describe('the bytes of messages', () => {
  it('are read as they were written', () => {
    const messages: readonly ClusterMessage[] = [
      { type: 'call', entry: entryOf({ legKeys: ['k'], record: '{"said":"line\\nbreak"}' }) },
      { type: 'call', entry: entryOf({ record: undefined }) },
      { type: 'over', callId: 'c', run: OTHER, generation: 2, claimedAtMs: 5, ended: true },
      { type: 'ask', run: OTHER, of: 'all' },
      { type: 'ask', run: OTHER, of: 'all', knows: [{ run: OWN, calls: 1, digest: 4_294_967_295 }] },
      { type: 'sent', run: OTHER, of: 'own', count: 7 },
      { type: 'hold', held: true, by: 'somebody' },
      {
        ...{
          type: 'node',
          name: 'one',
          run: OTHER,
          startedAtMs: 1,
          state: 'up',
          host: 'fd00::1',
          port: 5050,
        },
        ...{ http: '', version: '1', legs: 1, maxLegs: 2, calls: 3, digest: 4_294_967_295 },
      },
    ];
    for (const message of messages) {
      assert.deepEqual(decodeMessage(encodeMessage(message)), message);
    }
  });

  it('are refused wherever they are cut, and whatever is changed in them is at most another message', () => {
    const whole = encodeMessage({ type: 'ask', run: OTHER, of: 'all' });
    for (let end = 0; end < whole.length; end += 1) {
      assert.equal(decodeMessage(whole.subarray(0, end)), 'unreadable');
    }
    for (let at = 0; at < whole.length; at += 1) {
      const changed = Buffer.from(whole);
      changed.writeUInt8(changed.readUInt8(at) ^ 1, at);
      assert.doesNotThrow(() => decodeMessage(changed));
    }
  });
});

describe('the identity of a broker', () => {
  const certificate = {
    subject: { CN: 'nats' },
    subjectaltname: 'DNS:nats.example.com, IP Address:10.0.0.5',
  };

  it('is that of a name, and of servers that are written as addresses that of one of them', () => {
    const check = identityCheck(['10.0.0.4:4222', '10.0.0.5:4222']);
    // What Node hands over of a certificate has more than is read here.
    const shown = certificate as unknown as Parameters<typeof check>[1];
    assert.equal(check('localhost', shown), undefined);
    assert.equal(check('nats.example.com', shown), undefined);
    assert.match(check('other.example.com', shown)?.message ?? '', /other\.example\.com/);
    assert.match(identityCheck(['10.0.0.9:4222'])('localhost', shown)?.message ?? '', /10\.0\.0\.9/);
    assert.ok(identityCheck(['localhost:4222'])('localhost', shown) !== undefined);
  });
});

describe('the membership of nodes', () => {
  const said: NodeMessage = {
    ...{ type: 'node', name: 'two', run: OTHER, startedAtMs: 1, state: 'up', host: 'h', port: 1, http: '' },
    ...{ version: '1', legs: 0, maxLegs: 1, calls: 0, digest: 0 },
  };

  function started() {
    const clock = new SimClock();
    const changes: string[] = [];
    const membership = new Membership(clock, (change, { name }) => changes.push(`${name} ${change}`));
    membership.heard(said);
    const look = (): void => {
      clock.run(HEARTBEAT_MS);
      membership.look();
    };
    return { clock, changes, membership, look };
  }

  it('finds who is silent for five signs of life, and has him back with the next', () => {
    const { changes, membership, look } = started();
    for (let beat = 1; beat < SILENT_MS / HEARTBEAT_MS; beat += 1) {
      look();
    }
    assert.deepEqual(changes, ['two joined']);
    look();
    assert.deepEqual(changes, ['two joined', 'two lost']);
    membership.heard(said);
    assert.deepEqual(changes, ['two joined', 'two lost', 'two back']);
    membership.heard({ ...said, state: 'left' });
    assert.equal(changes.at(-1), 'two left');
  });

  it('judges nobody for what was said while it stood still itself', () => {
    const { clock, changes, membership, look } = started();
    look();
    clock.run(5_000);
    membership.look();
    assert.deepEqual(changes, ['two joined']);
    for (let beat = 0; beat < SILENT_MS / HEARTBEAT_MS; beat += 1) {
      look();
    }
    assert.deepEqual(changes, ['two joined', 'two lost'], 'who stays silent after that is down');
  });

  it('finds who died while the link was lost as soon as after any other silence, however long it was lost', () => {
    const { clock, changes, membership, look } = started();
    membership.linkLost();
    for (let beat = 0; beat < 60_000 / HEARTBEAT_MS; beat += 1) {
      look();
    }
    assert.deepEqual(changes, ['two joined']);
    membership.linkBack();
    for (let beat = 0; beat < SILENT_MS / HEARTBEAT_MS; beat += 1) {
      look();
    }
    assert.deepEqual(changes, ['two joined', 'two lost']);
    assert.equal(membership.get(OTHER)?.stateSinceMs, clock.nowMs());
  });

  it('takes the former life of a node that was started again for gone', () => {
    const { changes, membership, look } = started();
    look();
    look();
    membership.heard({ ...said, run: '2'.repeat(16), startedAtMs: 2 });
    assert.deepEqual(changes, ['two joined', 'two joined', 'two lost']);
    assert.equal(membership.get(OTHER)?.up, false);
  });

  it('remembers a thousand lives, and forgets the one heard longest ago', () => {
    const { clock, membership } = started();
    for (let life = 0; life < 1_000; life += 1) {
      clock.run(1);
      membership.heard({ ...said, name: `n${life}`, run: `a${life.toString(16).padStart(15, '0')}` });
    }
    assert.equal([...membership.members].length, 1_000);
    assert.equal(membership.get(OTHER), undefined);
  });
});

describe('calls of all nodes as they are shown', () => {
  /** On a clock of which 0.3 ms pass whenever it is looked at. */
  function nodeWith(calls: number) {
    const clock = new (class extends SimClock {
      #looks = 0;

      override nowMs(): number {
        this.#looks += 1;
        return super.nowMs() + this.#looks * 0.3;
      }
    })();
    const wire = new SimBroker(clock, seeded(1)).wire(OWN);
    const options = { name: 'two', run: OWN, version: '1', placement: 'first' } as const;
    const node = new ClusterNode(options, wire, clock, silentLog);
    const tell = (callId: string, change = 1): void => {
      node.table.merge(entryOf({ callId, change, record: JSON.stringify(aRecord(callId)) }));
    };
    for (let call = 0; call < calls; call += 1) {
      tell(`${call}`);
    }
    return { node, tell };
  }

  it('are the latest, the one that changed last at the end', async () => {
    const { node, tell } = nodeWith(5);
    node.table.merge(entryOf({ callId: 'not-begun', record: undefined }));
    const names = async (most: number) => (await node.calls(most)).map(({ call }) => call);
    assert.deepEqual(await names(9), ['shown-0', 'shown-1', 'shown-2', 'shown-3', 'shown-4']);
    assert.deepEqual(await names(3), ['shown-2', 'shown-3', 'shown-4']);
    tell('1', 2);
    assert.deepEqual(await names(3), ['shown-3', 'shown-4', 'shown-1']);
  });

  it('are read once as long as nothing is told of them', async () => {
    const { node, tell } = nodeWith(2);
    const before = await node.calls(2);
    tell('1', 2);
    const after = await node.calls(2);
    assert.equal(after[0], before[0]);
    assert.notEqual(after[1], before[1]);
  });

  it('are read a little in each turn of the loop', async () => {
    const { node } = nodeWith(20);
    let turned = false;
    setImmediate(() => {
      turned = true;
    });
    assert.equal((await node.calls(20)).length, 20);
    assert.ok(turned);
  });
});

describe('nodes as they are shown', () => {
  it('are this one first, and the others by name with how they are', () => {
    const nodes = new SimNodes();
    const [one, two] = nodes.startAll('one', 'two', 'three', 'gone');
    assert.ok(one !== undefined && two !== undefined);
    two.load = { ...two.load, draining: true };
    nodes.clock.run(300);
    const shown = (): readonly string[] => one.node.nodes().map(({ name, state }) => `${name} ${state}`);
    assert.deepEqual(shown(), ['one up', 'gone up', 'three up', 'two draining']);
    one.directory.refused('three');
    assert.ok(shown().includes('three lost'));
    nodes.clock.run(300);
    assert.ok(shown().includes('three up'));
    two.node.close();
    nodes.clock.run(10);
    assert.ok(shown().includes('two left'));
    assert.ok(one.node.nodes().every(({ state }) => SHOWN_NODE_STATES.includes(state)));
  });

  it('are told with for how long they have been so', () => {
    const nodes = new SimNodes();
    const [one, two] = nodes.startAll('one', 'two');
    assert.ok(one !== undefined && two !== undefined);
    const isFor = (name: string, leastMs: number): boolean => {
      const node = one.node.nodes().find((each) => each.name === name);
      // One sign of life later, and some way of the message.
      return node !== undefined && node.stateForMs >= leastMs - 300 && node.stateForMs <= leastMs;
    };
    nodes.clock.run(9_000);
    assert.ok(isFor('one', 10_000) && isFor('two', 10_000), JSON.stringify(one.node.nodes()));
    one.load = { ...one.load, draining: true };
    two.load = { ...two.load, draining: true };
    nodes.clock.run(5_000);
    assert.ok(isFor('one', 5_000) && isFor('two', 5_000), JSON.stringify(one.node.nodes()));
    one.directory.refused('two');
    assert.ok(isFor('two', 0), JSON.stringify(one.node.nodes()));
    two.node.close();
    nodes.clock.run(2_000);
    assert.ok(isFor('two', 2_000), JSON.stringify(one.node.nodes()));
  });
});
