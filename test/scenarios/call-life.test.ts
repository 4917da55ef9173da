import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { systemClock } from '../../src/base/clock.ts';
import { partyOf } from '../../src/call/plan.ts';
import { PortSeating } from '../../src/call/seating/port-seating.ts';
import { AsteriskLeg } from '../../src/client/asterisk-leg.ts';
import type { HeardFrame } from '../asterisk/asterisk-rules.ts';
import { concatPcm, findDtmfKey, levelDbfs, sine, sliceMs, toneDbfs } from '../asterisk/audio.ts';
import { newCallUuids, type StrictAsterisk } from '../asterisk/strict-asterisk.ts';
import { never } from '../support/waiting.ts';
import { closeOf, endOf, TestServer } from './harness.ts';

/** The tone comes each three seconds. */
const TONE_FRAMES = 155;
/** Three tones of 480 ms, one each 3 s, may be on their way where the machine stands still. */
const MOST_LATE_FRAMES = 75;

/** The keys whose tones a leg has heard, at 16 kHz. */
function keysHeard(leg: StrictAsterisk, fromMs: number): string {
  const heard = leg.heard();
  const found: string[] = [];
  for (let atMs = fromMs; atMs < leg.nowMs() - 60; atMs += 20) {
    const key = findDtmfKey(sliceMs(heard, 16_000, atMs, atMs + 60), 16_000);
    if (key !== undefined && found.at(-1) !== key) {
      found.push(key);
    }
  }
  return found.join('');
}

describe('the life of a call', () => {
  let server: TestServer;
  before(async () => {
    server = await TestServer.open();
  });
  after(() => server.close());

  it('sends frames from the moment of accepting, to a peer that waits for them before it writes', async () => {
    const leg = await server.ring({ waitsForServer: true });
    await leg.until(({ frames }) => frames.length >= 50);
    assert.ok(server.count('framesIn') > 0, 'the peer wrote once it had heard from us');
    leg.hangUp();
    await closeOf(leg);
  });

  it('plays a soft tone to the first party until the second is there', async () => {
    const [first, second] = newCallUuids();
    const a = await server.ring({ uuid: first });
    await a.until((leg) => toneDbfs(sliceMs(leg.heard(), 8_000, 0, leg.nowMs()), 523, 8_000) > -60);
    const b = await server.ring({ uuid: second });
    await server.until('b has joined', () => server.server.state().legsByState.get('CONNECTED') === 2);
    const isSilent = ({ pcm }: HeardFrame): boolean => pcm.every((sample) => sample === 0);
    const joined = a.frames.length;
    // The tone has stopped. What was on its way may be of it still, however late that comes.
    await a.until(
      ({ frames }) => frames.length >= joined + TONE_FRAMES && frames.slice(-TONE_FRAMES).every(isSilent),
    );
    const late = a.frames.slice(joined).filter((frame) => !isSilent(frame)).length;
    assert.ok(late <= MOST_LATE_FRAMES, `${late} frames of the tone came late`);
    a.hangUp();
    await endOf(b);
  });

  it('walks both legs through their states', async () => {
    const [a, b] = await server.ringBoth();
    const callId = a.uuid.slice(0, -1);
    const states = (party: string): string[] =>
      server.events.flatMap(({ callId: id, event }) =>
        id === callId && event.type === 'party-state' && event.party === party ? [event.state] : [],
      );
    await server.until('both are connected', () => states('b').includes('CONNECTED'));
    a.hangUp();
    await closeOf(b);
    await server.until('both have left', () => states('b').includes('DISCONNECTED'));
    assert.deepEqual(states('a'), ['RINGING', 'CONNECTED', 'DISCONNECTED']);
    assert.deepEqual(states('b'), ['RINGING', 'CONNECTED', 'DISCONNECTING', 'DISCONNECTED']);
    assert.equal(server.count('illegalTransitions'), 0);
  });

  it('takes in a party that is added to a call, and nobody by its UUID once the call is over', async () => {
    const [a, b] = await server.ringBoth();
    await b.until((leg) => leg.frames.length > 10);
    const callId = a.uuid.slice(0, -1);
    const added = server.server.addParty(callId, partyOf('', 'en', 'third'), 60_000);
    const late = server.server.addParty(callId, partyOf('', 'en', 'fourth'), 60_000);
    assert.ok(typeof added === 'object' && typeof late === 'object');
    const third = await server.ring({ uuid: added.uuid });
    const inCall = () => server.server.call(callId)?.parties.map(({ name }) => name);
    await server.until('all three are there', () => inCall()?.length === 3);
    assert.equal(inCall()?.[2], 'third');
    a.hangUp();
    await closeOf(a);
    await server.until('two are left', () => inCall()?.length === 2);
    b.hangUp();
    assert.equal((await endOf(third)).by, 'server-hangup');
    await server.until('the call is over', () => inCall() === undefined);
    assert.equal(server.server.addParty(callId, partyOf('', 'en', 'fifth'), 60_000), 'not-there');
    const tooLate = await server.ring({ uuid: late.uuid });
    // It has the place of any UUID that nobody knows, or none.
    await tooLate.until((leg) => leg.frames.length > 0);
    tooLate.hangUp();
    await closeOf(tooLate);
    assert.equal(
      server.events.some(({ event }) => 'party' in event && event.party === late.plan.id),
      false,
    );
  });

  for (const [who, leave] of [
    ['hangs up', 'hangUp'],
    ['vanishes', 'reset'],
  ] as const) {
    it(`hangs up the partner of a leg that ${who}`, async () => {
      const [a, b] = await server.ringBoth();
      await b.until((leg) => leg.frames.length > 10);
      a[leave]();
      assert.equal((await endOf(b)).by, 'server-hangup');
      await server.until('the call is forgotten', () => server.server.state().callsActive === 0);
    });
  }

  it('lets a key be heard on the other leg as its tone', async () => {
    const [a, b] = await server.ringBoth({}, { rateHz: 16_000 });
    await b.until((leg) => leg.ratesHeard.includes(16_000));
    const keys = '159#D';
    const pressedMs = b.nowMs();
    const aFrom = a.frames.length;
    for (const key of keys) {
      a.sendDtmf(key);
    }
    await server.until('all keys are heard', () => keysHeard(b, pressedMs) === keys);
    assert.equal(server.count('keys'), 5);
    assert.equal(
      levelDbfs(concatPcm(...a.frames.slice(aFrom).map(({ pcm }) => pcm))),
      Number.NEGATIVE_INFINITY,
      'and not on its own',
    );
    a.hangUp();
    await endOf(b);
  });
});

describe('a place that is kept', () => {
  it('is taken up by the next connection with its UUID, after the old one has gone or before', async (t) => {
    const server = await TestServer.openFor(t, { plan: { mode: 'passthrough' }, rejoinMs: 20_000 });
    const [a, b] = await server.ringBoth();
    await b.until((leg) => leg.frames.length > 10);
    a.reset();
    await server.until('the place is empty', () => server.server.state().legsActive === 1);
    const second = await server.ring({ uuid: a.uuid });
    await server.until('it is taken up', () => server.tally('rejoins', 'came-back') === 1);
    const third = await server.ring({ uuid: a.uuid, pcm: sine(900, 10_000, 8_000) });
    assert.equal((await endOf(second)).by, 'server-hangup');
    assert.equal(server.tally('rejoins', 'took-over'), 1);
    await b.until(
      (leg) => toneDbfs(sliceMs(leg.heard(), 8_000, leg.nowMs() - 200, leg.nowMs()), 900, 8_000) > -20,
    );
    assert.deepEqual([third.ending, b.ending], [undefined, undefined]);
    assert.equal(server.server.state().callsActive, 1);
  });

  it('is given up when nobody comes', async (t) => {
    const server = await TestServer.openFor(t, { rejoinMs: 300 });
    const [a, b] = await server.ringBoth();
    await b.until((leg) => leg.frames.length > 10);
    const leftMs = b.nowMs();
    a.hangUp();
    const { by, atMs } = await endOf(b);
    assert.equal(by, 'server-hangup');
    assert.ok(atMs - leftMs >= 300, `${atMs - leftMs} ms`);
    await server.until('the call is forgotten', () => server.server.state().callsActive === 0);
  });

  it('is not waited for when our own client hangs up, which says so', async (t) => {
    const server = await TestServer.openFor(t, { rejoinMs: 60_000 });
    const [first, second] = newCallUuids();
    const options = { host: '127.0.0.1', port: server.port(), rateHz: 8_000, speech: new Int16Array(0) };
    const a = await AsteriskLeg.open({ ...options, uuid: first }, systemClock, never());
    const b = await AsteriskLeg.open({ ...options, uuid: second }, systemClock, never());
    await server.until('both are there', () => server.server.state().legsByState.get('CONNECTED') === 2);
    a.hangUp();
    assert.equal((await b.ended).by, 'server-hangup');
    assert.equal(server.tally('legsEnded', 'peer-hangup'), 1);
  });

  it('keeps nobody from stopping', async (t) => {
    const server = await TestServer.openFor(t, { rejoinMs: 60_000 });
    const [a, b] = await server.ringBoth();
    await b.until((leg) => leg.frames.length > 10);
    a.hangUp();
    b.hangUp();
    await server.until('both have gone', () => server.server.state().legsActive === 0);
    await server.server.drain(60_000);
    await server.close();
    assert.equal(server.server.state().callsActive, 0);
  });
});

describe('pairing by port', () => {
  it('joins legs of opposite doors in order of arrival', async (t) => {
    const server = await TestServer.openFor(t, {
      seating: (plan) => new PortSeating(plan),
      doors: [
        ['en', 'fr'],
        ['fr', 'en'],
      ],
    });
    const ann = await server.ring({}, 0);
    await server.until('ann waits', () => server.server.state().callsActive === 1);
    const amy = await server.ring({}, 0);
    await server.until('amy waits', () => server.server.state().callsActive === 2);
    const bob = await server.ring({}, 1);
    await server.until('bob has joined', () =>
      server.server.calls().some((call) => call.parties.length === 2),
    );
    assert.deepEqual(
      server.server.calls().map((call) => [call.callId, call.parties.map(({ language }) => language)]),
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
      seating: (plan) => new PortSeating(plan),
      doors: [
        ['en', 'fr'],
        ['fr', 'en'],
      ],
    });
    const ann = await server.ring({}, 0);
    await server.until('ann waits', () => server.server.state().callsActive === 1);
    ann.hangUp();
    await server.until('ann has left', () => server.server.state().callsActive === 0);
    const bob = await server.ring({}, 1);
    await server.until('bob waits', () => server.server.state().legsByState.get('RINGING') === 1);
    assert.equal(bob.ending, undefined);
  });
});

describe('draining', () => {
  it('lets running calls finish, refuses new ones, and takes the second leg of a running one', async (t) => {
    const server = await TestServer.openFor(t);
    const [first, second] = newCallUuids();
    const a = await server.ring({ uuid: first });
    await server.until('a waits', () => server.server.state().callsActive === 1);
    const drained = server.server.drain(60_000);
    const stranger = await server.ring();
    assert.equal((await endOf(stranger)).by, 'server-hangup');
    await server.until('it is counted', () => server.tally('legsEnded', 'draining') === 1);
    const b = await server.ring({ uuid: second });
    await server.until('b has joined', () => server.server.state().legsByState.get('CONNECTED') === 2);
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
    assert.equal(server.server.state().legsActive, 0);
  });
});
