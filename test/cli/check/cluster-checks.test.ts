/** What `check` says of the broker of a cluster: a real one, where this machine has it. */

import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import type { CheckItem } from '../../../src/cli/check/check-item.ts';
import { checkCluster } from '../../../src/cli/check/cluster-checks.ts';
import { parseNatsAddress, parseNatsCredentials } from '../../../src/cluster/nats/nats-address.ts';
import { Nats, type NatsOptions, withoutNats } from '../../support/nats.ts';
import { freePort } from '../../support/ports.ts';
import { never } from '../../support/waiting.ts';

const skip = withoutNats() ?? false;

async function found(address: string | undefined, credentials?: string): Promise<readonly CheckItem[]> {
  const items: CheckItem[] = [];
  const check = checkCluster({
    cluster: address === undefined ? undefined : parseNatsAddress(`nats://${address}`),
    nodeName: 'node-1',
    clusterCredentials: credentials === undefined ? undefined : parseNatsCredentials(credentials),
    clusterCaFile: undefined,
  });
  for await (const item of check(never())) {
    items.push(item);
  }
  return items;
}

async function broker(t: TestContext, options: NatsOptions): Promise<Nats> {
  const nats = await Nats.open(options);
  t.after(() => nats.close());
  return nats;
}

describe('checkCluster', { skip }, () => {
  it('names the broker that lets us in', async (t) => {
    const nats = await broker(t, { jetStream: true });
    const [item, ...more] = await found(nats.address);
    assert.equal(item?.outcome, 'ok');
    assert.match(item?.finding ?? '', new RegExp(`^NATS [\\d.]+ at ${nats.address} lets node-1 in$`));
    assert.deepEqual(more, []);
  });

  it('warns of one that keeps nothing', async (t) => {
    const [, item] = await found((await broker(t, {})).address);
    assert.deepEqual([item?.outcome, item?.finding.includes('nats-server -js')], ['warning', true]);
  });

  it('says what keeps us out', async (t) => {
    const [gone] = await found(`127.0.0.1:${await freePort()}`);
    assert.deepEqual([gone?.outcome, /connection refused/.test(gone?.finding ?? '')], ['fails', true]);
    const nats = await broker(t, { config: () => ['authorization { token: "a-token" }'] });
    const [refused] = await found(nats.address, 'guessed');
    assert.deepEqual([refused?.outcome, /Authorization/i.test(refused?.finding ?? '')], ['fails', true]);
    assert.doesNotMatch(refused?.finding ?? '', /guessed/);
  });

  it('says nothing where one serves alone', async () => {
    assert.deepEqual(await found(undefined), []);
  });
});
