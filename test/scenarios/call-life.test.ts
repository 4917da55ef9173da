import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { findDtmfKey, levelDbfs, sliceMs, toneDbfs } from '../asterisk/audio.ts';
import { newCallUuids } from '../asterisk/strict-asterisk.ts';
import { closeOf, endOf, TestServer } from './harness.ts';

describe('the life of a call', () => {
  let server: TestServer;
  before(async () => {
    server = await TestServer.open();
  });
  after(() => server.close());

  it('sends frames from the moment of accepting, to a peer that waits for them before it writes', async () => {
    const leg = await server.ring({ waitsForServer: true });
    await leg.until(({ frames }) => frames.length >= 50);
    assert.ok((leg.frames[0]?.atMs ?? 1_000) < 100, leg.describe());
    assert.ok(server.server.stats().framesIn > 0, 'the peer wrote once it had heard from us');
    leg.hangUp();
    await closeOf(leg);
  });

  it('plays a soft tone to the first party until the second is there', async () => {
    const [first, second] = newCallUuids();
    const a = await server.ring({ uuid: first });
    await a.until((leg) => toneDbfs(sliceMs(leg.heard(), 8_000, 0, leg.nowMs()), 523, 8_000) > -60);
    const b = await server.ring({ uuid: second });
    await b.until((leg) => leg.nowMs() > 300);
    const joinedMs = a.nowMs();
    await a.until((leg) => leg.nowMs() > joinedMs + 3_200);
    assert.equal(
      levelDbfs(sliceMs(a.heard(), 8_000, joinedMs, joinedMs + 3_100)),
      Number.NEGATIVE_INFINITY,
      'the tone has stopped',
    );
    a.hangUp();
    await endOf(b);
  });

  it('walks both legs through their states', async () => {
    const [a, b] = await server.ringBoth();
    const callId = a.uuid.slice(0, -1);
    const states = (leg: number): string[] =>
      server.events.flatMap(({ callId: id, event }) =>
        id === callId && event.type === 'leg-state' && event.leg === leg ? [event.state] : [],
      );
    await server.until('both are connected', () => states(1).includes('CONNECTED'));
    a.hangUp();
    await closeOf(b);
    await server.until('both have left', () => states(1).includes('DISCONNECTED'));
    assert.deepEqual(states(0), ['RINGING', 'CONNECTED', 'DISCONNECTED']);
    assert.deepEqual(states(1), ['RINGING', 'CONNECTED', 'DISCONNECTING', 'DISCONNECTED']);
    assert.equal(server.server.stats().illegalTransitions, 0);
  });

  for (const [who, leave] of [
    ['hangs up', 'hangUp'],
    ['vanishes', 'reset'],
  ] as const) {
    it(`hangs up the partner of a leg that ${who}, within a second`, async () => {
      const [a, b] = await server.ringBoth();
      await b.until((leg) => leg.frames.length > 10);
      const leftMs = b.nowMs();
      a[leave]();
      const ending = await endOf(b);
      assert.equal(ending.by, 'server-hangup');
      assert.ok(ending.atMs - leftMs < 1_000, `${ending.atMs - leftMs} ms`);
      await server.until('the call is forgotten', () => server.server.stats().callsActive === 0);
    });
  }

  it('lets a key be heard on the other leg as its tone', async () => {
    const [a, b] = await server.ringBoth({}, { rateHz: 16_000 });
    await b.until((leg) => leg.ratesHeard.includes(16_000));
    const keys = '159#D';
    const pressedMs = b.nowMs();
    for (const key of keys) {
      a.sendDtmf(key);
    }
    await b.until((leg) => leg.nowMs() > pressedMs + keys.length * 180 + 400);
    const heard = b.heard();
    const found: string[] = [];
    for (let atMs = pressedMs; atMs < b.nowMs() - 60; atMs += 20) {
      const key = findDtmfKey(sliceMs(heard, 16_000, atMs, atMs + 60), 16_000);
      if (key !== undefined && found.at(-1) !== key) {
        found.push(key);
      }
    }
    assert.equal(found.join(''), keys);
    assert.equal(server.server.stats().dtmfKeys, 5);
    assert.equal(
      levelDbfs(sliceMs(a.heard(), 8_000, 300, a.nowMs())),
      Number.NEGATIVE_INFINITY,
      'and not on its own',
    );
    a.hangUp();
    await endOf(b);
  });
});

describe('pairing by port', () => {
  it('joins legs of opposite doors in order of arrival', async (t) => {
    const server = await TestServer.openFor(t, {
      pairing: 'port',
      doors: [
        { first: 'en', second: 'fr' },
        { first: 'fr', second: 'en' },
      ],
    });
    const ann = await server.ring({}, 0);
    await server.until('ann waits', () => server.server.stats().callsActive === 1);
    const amy = await server.ring({}, 0);
    await server.until('amy waits', () => server.server.stats().callsActive === 2);
    const bob = await server.ring({}, 1);
    await server.until('bob has joined', () => server.server.calls().some((call) => call.legs.length === 2));
    assert.deepEqual(
      server.server.calls().map((call) => [call.callId, call.legs.map((leg) => leg.language)]),
      [
        [ann.uuid, ['en', 'fr']],
        [amy.uuid, ['en']],
      ],
    );
    ann.hangUp();
    assert.equal((await endOf(bob)).by, 'server-hangup');
    assert.equal(amy.ending, undefined);
  });

  it('does not offer a caller who has left to the next one', async (t) => {
    const server = await TestServer.openFor(t, {
      pairing: 'port',
      doors: [
        { first: 'en', second: 'fr' },
        { first: 'fr', second: 'en' },
      ],
    });
    const ann = await server.ring({}, 0);
    await server.until('ann waits', () => server.server.stats().callsActive === 1);
    ann.hangUp();
    await server.until('ann has left', () => server.server.stats().callsActive === 0);
    const bob = await server.ring({}, 1);
    await server.until('bob waits', () => server.server.stats().legsByState.get('RINGING') === 1);
    assert.equal(bob.ending, undefined);
  });
});

describe('draining', () => {
  it('lets running calls finish, refuses new ones, and takes the second leg of a running one', async (t) => {
    const server = await TestServer.openFor(t);
    const [first, second] = newCallUuids();
    const a = await server.ring({ uuid: first });
    await server.until('a waits', () => server.server.stats().callsActive === 1);
    const drained = server.server.drain(10_000);
    const stranger = await server.ring();
    assert.equal((await endOf(stranger)).by, 'server-hangup');
    await server.until('it is counted', () => server.server.stats().legsEnded.get('draining') === 1);
    const b = await server.ring({ uuid: second });
    await server.until('b has joined', () => server.server.stats().legsByState.get('CONNECTED') === 2);
    a.hangUp();
    await endOf(b);
    await drained;
  });

  it('hangs up what is left when its time is over', async (t) => {
    const server = await TestServer.openFor(t);
    const [a, b] = await server.ringBoth();
    await b.until((leg) => leg.frames.length > 5);
    await server.server.drain(100);
    assert.equal((await endOf(a)).by, 'server-hangup');
    assert.equal((await endOf(b)).by, 'server-hangup');
    assert.equal(server.server.stats().legsActive, 0);
  });
});
