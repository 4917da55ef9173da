/** Nodes over a real NATS: that of Debian, started here, killed, closed to strangers, spoken to by them. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { Kvm } from '@nats-io/kv';
import { connect } from '@nats-io/transport-node';
import { systemClock } from '../../../src/base/clock.ts';
import { type CountSums, CountSums as Sums } from '../../../src/base/counts.ts';
import { type Log, silentLog } from '../../../src/base/log.ts';
import { ArrangedSeating } from '../../../src/call/seating/arranged-seating.ts';
import { SuffixSeating } from '../../../src/call/seating/suffix-seating.ts';
import { Cluster, type ClusterOptions } from '../../../src/cluster/cluster.ts';
import { SILENT_MS } from '../../../src/cluster/membership.ts';
import { parseNatsAddress, parseNatsCredentials } from '../../../src/cluster/nats/nats-address.ts';
import { PLAN } from '../../call/scripted-legs.ts';
import { makeCertificate, Nats, withoutNats } from '../../support/nats.ts';
import { eventually, pass, within } from '../../support/waiting.ts';
import { REPOSITORY } from '../../systemd/repository.ts';
import { aRecord } from '../a-record.ts';

const LIMIT_MS = 90_000;
const CALL = 'e'.repeat(35);
const UUID = '5f0e2d3c-1111-4222-8333-444455556660';
const DOOR = { name: 'audiosocket', languages: ['en', 'es'], rejoinMs: 0 };
/** The sample of a broker, but for where it listens and keeps. @param other one more account. */
function sampleConfig(other: string): readonly string[] {
  const lines = readFileSync(join(REPOSITORY, 'docker/nats/nats.conf'), 'utf8').split('\n');
  return lines
    .filter((line) => !/^(port|jetstream)\b/.test(line))
    .map((line) => line.replace('"CHANGE-ME"', '"secret"').replace(/^accounts \{/, `accounts { ${other}`));
}
const skip = withoutNats() ?? false;

describe('nodes over NATS', { skip }, () => {
  const open: { close(): Promise<void> }[] = [];
  after(async () => {
    for (const each of open.reverse()) {
      await each.close();
    }
  });

  it('find each other and each other’s calls, and go on with those of one that is gone', async () => {
    const nats = await broker();
    const [one, two, three] = [await node(nats, 'one'), await node(nats, 'two'), await node(nats, 'three')];
    assert.deepEqual(one.directory.whereabouts(CALL), { type: 'here', record: undefined });
    one.directory.keep(aRecord(CALL));
    await eventually(
      'the call is known',
      LIMIT_MS,
      () => three.directory.whereabouts(CALL).type === 'elsewhere',
    );
    assert.deepEqual(two.directory.whereabouts(CALL), elsewhere('one'));
    await one.close();
    await eventually('its node has left', LIMIT_MS, () => {
      const where = two.directory.whereabouts(CALL);
      assert.notEqual(where.type, 'here');
      return where.type === 'adopt';
    });
    // Asking where it is would be going on with it there.
    await eventually('it is there', LIMIT_MS, async () => (await three.calls(1))[0]?.node === 'two');
    assert.deepEqual(three.directory.whereabouts(CALL), elsewhere('two'));
  });

  it('take no new calls when another asks them to, and take them again', async () => {
    const nats = await broker();
    const [one] = [await node(nats, 'one'), await node(nats, 'two')];
    await eventually('they know each other', LIMIT_MS, () => one.nodes().some(({ name }) => name === 'two'));
    const stateOf = (name: string): string | undefined =>
      one.nodes().find((each) => each.name === name)?.state;
    for (const name of ['one', 'two']) {
      // It is asked once; on a busy machine it is heard later than is waited for.
      assert.notEqual(await one.hold(name, true, 'me'), 'not-there');
      await eventually('it is held', LIMIT_MS, () => stateOf(name) === 'draining');
      assert.notEqual(await one.hold(name, false, 'me'), 'not-there');
      await eventually('it goes on', LIMIT_MS, () => stateOf(name) === 'up');
    }
    assert.equal(await one.hold('nobody', true, 'me'), 'not-there');
  });

  it('end once, however often they are asked to, also where the broker stands still', async () => {
    const nats = await broker();
    const one = await node(nats, 'one');
    nats.stand(true);
    await within('both have ended', LIMIT_MS, Promise.all([one.close(), one.close()]));
    nats.stand(false);
  });

  it('know what was before they came', async () => {
    const nats = await broker();
    const one = await node(nats, 'one');
    for (let call = 0; call < 200; call += 1) {
      one.directory.whereabouts(`call ${call}`);
      one.directory.keep(aRecord(`call ${call}`));
    }
    const two = await node(nats, 'two');
    // It waits for half a second to be told; asking where a call is would be taking it.
    await eventually('it was told', LIMIT_MS, () => two.records === 200);
    assert.deepEqual(two.directory.whereabouts('call 199'), elsewhere('one'));
  });

  it('know of more calls than may be on their way at once, and take nobody for lost while they are told', async () => {
    const nats = await broker();
    const one = await node(nats, 'one');
    const calls = beginMany(one);
    const unsent = counted(one).number('clusterMessagesUnsent');
    const two = await node(nats, 'two');
    await eventually('all are known', LIMIT_MS, () => two.records === calls);
    const nodes = [one, two].map(counted);
    assert.deepEqual(
      nodes.map((each) => each.number('clusterNodesLost')),
      [0, 0],
    );
    assert.equal(counted(one).number('clusterMessagesUnsent'), unsent);
    // Nobody asks for what is known.
    const asked = counted(two).number('clusterRecordsAsked');
    await pass(2 * SILENT_MS);
    assert.equal(counted(two).number('clusterRecordsAsked'), asked);
  });

  it('leave room for what is short while a broker that stands still is told too much', async () => {
    const nats = await broker();
    const one = await node(nats, 'one');
    nats.stand(true);
    try {
      beginMany(one);
      const unsent = counted(one).number('clusterMessagesUnsent');
      assert.ok(unsent > 0);
      one.directory.ended('call 0');
      assert.equal(counted(one).number('clusterMessagesUnsent'), unsent);
    } finally {
      nats.stand(false);
    }
  });

  it('lose nothing when the broker dies and comes back', async () => {
    const nats = await broker();
    const [one, two] = [await node(nats, 'one'), await node(nats, 'two')];
    one.directory.whereabouts(CALL);
    one.directory.keep(aRecord(CALL));
    await eventually(
      'the call is known',
      LIMIT_MS,
      () => two.directory.whereabouts(CALL).type === 'elsewhere',
    );
    await nats.kill();
    await eventually('the loss is seen', LIMIT_MS, () => counted(two).number('clusterLinksLost') === 1);
    assert.deepEqual(two.directory.whereabouts(CALL), elsewhere('one'), 'nobody is judged meanwhile');
    one.directory.whereabouts('begun meanwhile');
    one.directory.keep(aRecord('begun meanwhile'));
    one.directory.ended(CALL);
    await nats.start();
    await eventually('both are told', LIMIT_MS, () => two.directory.whereabouts(CALL).type === 'ended');
    await eventually('both are told', LIMIT_MS, () => {
      const where = two.directory.whereabouts('begun meanwhile');
      return where.type === 'elsewhere';
    });
  });

  it('serve without a broker, and find each other when there is one', async () => {
    const nats = await broker();
    await nats.kill();
    const one = await node(nats, 'one');
    const two = await node(nats, 'two');
    assert.equal(one.directory.whereabouts(CALL).type, 'here');
    one.directory.keep(aRecord(CALL));
    await nats.start();
    await eventually('the call is known', LIMIT_MS, () => {
      return (
        counted(two).number('clusterMessagesReceived') > 0 &&
        two.directory.whereabouts(CALL).type === 'elsewhere'
      );
    });
  });

  it('speak over TLS, with a broker whose certificate they know', async () => {
    const nats = await broker(
      { config: (folder) => [`tls { cert_file: "${folder}/cert.pem", key_file: "${folder}/key.pem" }`] },
      makeCertificate,
    );
    const caFile = `${nats.folder}/cert.pem`;
    const one = await node(nats, 'one', { caFile }, 'tls');
    const two = await node(nats, 'two', { caFile }, 'tls');
    one.directory.whereabouts(CALL);
    await eventually(
      'the call is known',
      LIMIT_MS,
      () => two.directory.whereabouts(CALL).type === 'elsewhere',
    );
    const said: string[] = [];
    await node(nats, 'three', {}, 'tls', logInto(said));
    await eventually('it says why', LIMIT_MS, () =>
      /cannot be reached.*self-signed certificate/.test(said.join('\n')),
    );
  });

  it('let nobody listen who asked for TLS, where the broker has none', async () => {
    const nats = await broker();
    const said: string[] = [];
    const alone = await node(nats, 'one', {}, 'tls', logInto(said));
    assert.match(said.join('\n'), /cannot be reached/);
    assert.equal(counted(alone).number('clusterMessagesSent'), 0);
  });

  it('come in by a password or a token, and say without either what is wrong, again and again', async () => {
    const nats = await broker({
      config: () => ['authorization { users: [{ user: "node", password: "of-the-cluster" }] }'],
    });
    const credentials = parseNatsCredentials('node:of-the-cluster');
    const one = await node(nats, 'one', { credentials });
    const two = await node(nats, 'two', { credentials });
    one.directory.whereabouts(CALL);
    await eventually(
      'the call is known',
      LIMIT_MS,
      () => two.directory.whereabouts(CALL).type === 'elsewhere',
    );
    const said: string[] = [];
    const wrong = await node(
      nats,
      'three',
      { credentials: parseNatsCredentials('node:guessed') },
      'nats',
      logInto(said),
    );
    await eventually('it says why', LIMIT_MS, () =>
      /cannot be reached.*Authorization/i.test(said.join('\n')),
    );
    assert.doesNotMatch(said.join('\n'), /guessed|of-the-cluster/);
    assert.equal(wrong.directory.whereabouts('served alone').type, 'here');
    await wrong.close();

    const withToken = await broker({ config: () => ['authorization { token: "a-token" }'] });
    await node(withToken, 'one', { credentials: parseNatsCredentials('a-token') });
    const other = await node(withToken, 'two', { credentials: parseNatsCredentials('a-token') });
    await eventually(
      'they hear each other',
      LIMIT_MS,
      () => counted(other).number('clusterMessagesReceived') > 0,
    );
  });

  it('find the legs of calls that one of them expects, also after the broker has lost its memory', async () => {
    const nats = await broker({ jetStream: true });
    const [one, two] = [await node(nats, 'one'), await node(nats, 'two')];
    await eventually('legs are shared', LIMIT_MS, () => one.sharesLegs && two.sharesLegs);
    const home = new ArrangedSeating(PLAN, new SuffixSeating(PLAN));
    const promising = one.promising(home);
    promising.promise(UUID, {});
    const seating = two.seating(new ArrangedSeating(PLAN, new SuffixSeating(PLAN)), PLAN);
    const where = async (): Promise<string> => {
      const found = await seating.seat({ facts: { uuid: UUID }, door: DOOR });
      two.directory.ended(UUID.slice(0, -1));
      return found.type === 'elsewhere' ? found.node : found.type;
    };
    await eventually('it is found', LIMIT_MS, async () => (await where()) === 'one');
    await nats.kill();
    await eventually('it is seen', LIMIT_MS, () => !one.sharesLegs && !two.sharesLegs);
    assert.equal(await where(), 'one', 'what is known is known without it');
    await nats.start();
    const three = await node(nats, 'three');
    const other = three.seating(new ArrangedSeating(PLAN, new SuffixSeating(PLAN)), PLAN);
    await eventually('the store is back', LIMIT_MS, () => one.sharesLegs && three.sharesLegs);
    await eventually('who is new finds it', LIMIT_MS, async () => {
      const found = await other.seat({ facts: { uuid: UUID }, door: DOOR });
      return found.type === 'elsewhere' && found.node === 'one';
    });
    promising.withdraw(UUID);
    await eventually('it is forgotten', LIMIT_MS, async () => (await where()) === 'seat');
  });

  it('register no calls where the broker keeps nothing, and say why', async () => {
    const said: string[] = [];
    const one = await node(await broker(), 'one', {}, 'nats', logInto(said));
    assert.equal(one.sharesLegs, false);
    assert.match(said.join('\n'), /no calls are registered: is there JetStream/);
  });

  it('see that the broker stands still, and end all the same', async () => {
    const nats = await broker({ jetStream: true });
    const [one, two] = [await node(nats, 'one'), await node(nats, 'two')];
    nats.stand(true);
    try {
      await within('it ends', LIMIT_MS, one.close());
      await eventually('it is seen', LIMIT_MS, () => !two.link.connected);
      await within('it ends', LIMIT_MS, two.close());
    } finally {
      nats.stand(false);
    }
  });

  it('take nobody for lost while the broker stands still and has not been given up', async () => {
    const nats = await broker();
    const [one, two] = [await node(nats, 'one'), await node(nats, 'two')];
    one.directory.whereabouts(CALL);
    one.directory.keep(aRecord(CALL));
    await eventually('the call is known', LIMIT_MS, () => {
      return two.directory.whereabouts(CALL).type === 'elsewhere';
    });
    nats.stand(true);
    // Longer than a node may be silent, and shorter than the broker may be.
    await pass(2 * SILENT_MS);
    assert.equal(two.link.connected, true);
    assert.deepEqual(two.directory.whereabouts(CALL), elsewhere('one'));
    nats.stand(false);
    await pass(2 * SILENT_MS);
    assert.deepEqual(
      [one, two].map((each) => counted(each).number('clusterNodesLost')),
      [0, 0],
    );
    // From then on who is silent is lost as ever.
    await one.close();
    await eventually('its end is seen', LIMIT_MS, () => two.directory.whereabouts(CALL).type === 'adopt');
  });

  it('leave out and count what is no message of theirs', async () => {
    const nats = await broker();
    const one = await node(nats, 'one');
    const two = await node(nats, 'two');
    const stranger = await connect({ servers: nats.address });
    open.push({ close: () => stranger.close() });
    for (const garbage of [
      'hello',
      '',
      '1{"type":"node"}',
      '1{"type":"call","entry":{"callId":1}}',
      `1{"type":"over","callId":"${CALL}"}`,
      '7{"type":"node","from":"tomorrow"}',
      'x'.repeat(20_000),
    ]) {
      stranger.publish('dragoman.node', garbage);
    }
    await stranger.flush();
    const refused = await eventually('all are counted', LIMIT_MS, () => {
      const tally = counted(two).tally('clusterMessagesRefused');
      return [...tally.values()].reduce((sum, count) => sum + count, 0) === 7 ? tally : undefined;
    });
    assert.deepEqual(Object.fromEntries(refused), { unreadable: 5, 'other-version': 1, 'too-long': 1 });
    one.directory.whereabouts(CALL);
    await eventually(
      'the call is known',
      LIMIT_MS,
      () => two.directory.whereabouts(CALL).type === 'elsewhere',
    );
  });

  it('need no more than the sample of a broker lets them, and are heard by nobody outside of their account', async () => {
    const nats = await broker({
      config: () => sampleConfig('OTHERS { users: [{ user: other, password: "other" }] }'),
      jetStream: true,
    });
    const said: string[] = [];
    const credentials = parseNatsCredentials('dragoman:secret');
    const [one, two] = [
      await node(nats, 'one', { credentials }, 'nats', logInto(said)),
      await node(nats, 'two', { credentials }, 'nats', logInto(said)),
    ];
    await eventually('the bucket is theirs', LIMIT_MS, () => one.sharesLegs && two.sharesLegs);
    one.promising(new ArrangedSeating(PLAN, new SuffixSeating(PLAN))).promise(UUID, {});
    const seating = two.seating(new ArrangedSeating(PLAN, new SuffixSeating(PLAN)), PLAN);
    await eventually('its leg is found', LIMIT_MS, async () => {
      const found = await seating.seat({ facts: { uuid: UUID }, door: DOOR });
      two.directory.ended(UUID.slice(0, -1));
      return found.type === 'elsewhere' && found.node === 'one';
    });
    const stranger = await connect({ servers: nats.address, user: 'other', pass: 'other' });
    open.push({ close: () => stranger.close() });
    stranger.publish('dragoman.node', 'hello');
    await stranger.flush();
    const member = await connect({ servers: nats.address, user: 'dragoman', pass: 'secret' });
    open.push({ close: () => member.close() });
    member.publish('dragoman.node', 'hello');
    await member.flush();
    await eventually('the one inside is heard', LIMIT_MS, () => refusals(two).get('unreadable') === 1);
    assert.ok(!said.some((line) => line.includes('refuses something')), said.join('\n'));
  });

  it('count and say what lies among the places of legs and is none', async () => {
    const nats = await broker({ jetStream: true });
    const said: string[] = [];
    const one = await node(nats, 'one', {}, 'nats', logInto(said));
    const stranger = await connect({ servers: nats.address });
    open.push({ close: () => stranger.close() });
    const bucket = await new Kvm(stranger).open('dragoman-legs');
    await bucket.put('a'.repeat(32), 'hello');
    await bucket.put('b'.repeat(32), JSON.stringify({ node: 'x'.repeat(10_000), run: 'y' }));
    await bucket.put('no-key', JSON.stringify({ node: 'one', run: 'y' }));
    await eventually('all are counted', LIMIT_MS, () => refusals(one).get('no-place') === 3);
    assert.equal(said.filter((line) => line.includes('is none of dragoman, and is left out')).length, 1);
  });

  function refusals(cluster: Cluster): ReadonlyMap<string, number> {
    return counted(cluster).tally('clusterMessagesRefused');
  }

  async function broker(...options: Parameters<typeof Nats.open>): Promise<Nats> {
    const nats = await Nats.open(...options);
    open.push(nats);
    return nats;
  }

  async function node(
    nats: Nats,
    name: string,
    options: Partial<ClusterOptions> = {},
    scheme = 'nats',
    log: Log = silentLog,
  ): Promise<Cluster> {
    const address = parseNatsAddress(`${scheme}://${nats.address}`);
    const cluster = await Cluster.open(
      { ...address, name, version: '1', placement: 'first', ...options },
      systemClock,
      log,
    );
    open.push(cluster);
    let draining = false;
    cluster.serve({
      ...{ host: '10.0.0.1', port: 5050, http: undefined },
      load: () => ({ legs: 0, maxLegs: 100, draining, starting: false }),
      hold: (held) => {
        draining = held;
        cluster.directory.takesCallsChanged();
      },
    });
    return cluster;
  }
});

/** Calls whose records are 44 MB together, more than may be on its way. @returns how many. */
function beginMany({ directory }: Cluster): number {
  const calls = 10_500;
  const metadata = { note: 'x'.repeat(3_500) };
  for (let call = 0; call < calls; call += 1) {
    const record = aRecord(`call ${call}`);
    directory.whereabouts(record.callId);
    directory.keep({ ...record, plan: { ...record.plan, metadata } });
  }
  return calls;
}

function counted(cluster: Cluster): CountSums {
  return new Sums().add(cluster);
}

function elsewhere(node: string) {
  return { type: 'elsewhere', node, host: '10.0.0.1', port: 5050 };
}

function logInto(said: string[]): Log {
  const write = (fields: object, message: string): void => {
    said.push(`${message} ${JSON.stringify(fields)}`);
  };
  const log: Log = { debug: write, info: write, warn: write, error: write, child: () => log };
  return log;
}
