/** The places of expected legs, over a real NATS that answers too late by a clock that is moved by hand. */

import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { connect, type NatsConnection, type Subscription } from '@nats-io/transport-node';
import { silentLog } from '../../../src/base/log.ts';
import { LegPlaces } from '../../../src/cluster/leg-places.ts';
import { Membership } from '../../../src/cluster/membership.ts';
import { NatsPlaces } from '../../../src/cluster/nats/nats-places.ts';
import { FakeClock } from '../../base/fake-clock.ts';
import { Nats, withoutNats } from '../../support/nats.ts';
import { eventually } from '../../support/waiting.ts';

const LIMIT_MS = 30_000;
/** What a bucket may take to be opened, in ms. */
const LATE_MS = 3_000;

describe('the places of legs over NATS', { skip: withoutNats() ?? false }, () => {
  const open: { close(): Promise<void> }[] = [];
  after(async () => {
    for (const each of open.reverse()) {
      await each.close();
    }
  });

  it('stop a watch that comes when it is given up, and have one in the end', async () => {
    const nats = await Nats.open({ jetStream: true });
    open.push(nats);
    const connection = await connect({ servers: nats.address });
    open.push({ close: () => connection.close() });
    const clock = new FakeClock();
    const watches = watchesOf(connection, () => clock.advance(LATE_MS));
    const own = { node: 'one', run: '1'.repeat(16) };
    const known = new LegPlaces(own, new Membership(clock, () => {}), clock);
    const places = new NatsPlaces({ connected: true, connection }, own, known, 1, clock, silentLog);
    open.push(places);
    await places.open();
    assert.equal(places.ready, false);
    await eventually('it comes', LIMIT_MS, () => watches.length > 0);
    await eventually('it is stopped', LIMIT_MS, () => watches.every((watch) => watch.isClosed()));
    await eventually('another is had', LIMIT_MS, async () => {
      await clock.advance(10);
      return places.ready;
    });
    await eventually('there is one', LIMIT_MS, () => watches.filter((each) => !each.isClosed()).length === 1);
    await places.close();
    await eventually('none is left', LIMIT_MS, () => watches.every((watch) => watch.isClosed()));
  });
});

/** What is subscribed to for watches. @param late is done before the first answer that makes one is read. */
function watchesOf(connection: NatsConnection, late: () => Promise<void>): readonly Subscription[] {
  const watches: Subscription[] = [];
  let isFirst = true;
  const request = connection.request.bind(connection);
  connection.request = async (subject, ...rest) => {
    const answer = await request(subject, ...rest);
    if (isFirst && subject.includes('CONSUMER.CREATE')) {
      isFirst = false;
      await late();
    }
    return answer;
  };
  const subscribe = connection.subscribe.bind(connection);
  connection.subscribe = (subject, options) => {
    const subscription = subscribe(subject, options);
    watches.push(subscription);
    return subscription;
  };
  return watches;
}
