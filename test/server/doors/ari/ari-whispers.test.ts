/** Calls that the dialplan runs, interpreted by the ARI door, before a strict stand-in of Asterisk. */

import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import type { WhisperAnswer, Whispering } from '../../../../src/server/doors/whispering.ts';
import { AriExchange } from './ari-exchange.ts';

const WISH = { channel: 'PJSIP/alice-00000001', from: 'en', to: 'fr', original: 'full' } as const;

function whispering({ door }: AriExchange): Whispering {
  assert.ok(door.whispering !== undefined);
  return door.whispering;
}

/** Alice and Bob talk by `Dial()`. */
async function talking(test: TestContext, options = {}): Promise<AriExchange> {
  const exchange = await AriExchange.connected(test, options);
  exchange.ari.talking('plain', 'alice', 'bob');
  return exchange;
}

async function interpreted(test: TestContext): Promise<AriExchange> {
  const exchange = await talking(test);
  assert.deepEqual(await exchange.during(whispering(exchange).begin(WISH)), { type: 'done' });
  return exchange;
}

/** What is spoken on each channel that is snooped on, by the leg that its sound comes by. */
function spokenOn({ ari, scripted }: AriExchange): Readonly<Record<string, string>> {
  const [call] = scripted.switchboard.calls.values();
  return Object.fromEntries(
    ari.asked.flatMap(({ path, body: { channelId, data } }) => {
      const leg = [...scripted.switchboard.legs].find(({ facts }) => facts?.uuid === data);
      const snoop = ari.channels.get(String(channelId).replace('dg-m-dragoman-', ''));
      const party = call?.parties.get(leg?.identity?.party ?? '');
      return path === '/channels/externalMedia' ? [[snoop?.snoopsOn, party?.language]] : [];
    }),
  );
}

/** Waits until nothing of ours is left in Asterisk, and this is. */
async function leftAlone(exchange: AriExchange, ...left: readonly string[]): Promise<void> {
  await exchange.until(
    'nothing of ours is left',
    () =>
      exchange.ari.left.length === left.length &&
      exchange.calls.length === 0 &&
      exchange.scripted.switchboard.legs.size === 0,
  );
  assert.deepEqual([...exchange.ari.left].sort(), [...left].sort());
  assert.deepEqual(exchange.tally('ariRepairs'), {}, 'something was left until it was looked for');
}

const PLAIN = ['plain', 'plain.0', 'plain.1'];

function reasonOf(answer: WhisperAnswer): string {
  return answer.type === 'done' ? 'done' : answer.reason;
}

describe('a call that runs without us', () => {
  it('is interpreted: each of the two channels is snooped on, in a bridge with a leg of its own', async (test) => {
    const exchange = await interpreted(test);
    assert.deepEqual(exchange.calls, [['en', 'fr']]);
    const [call] = exchange.scripted.switchboard.calls.values();
    assert.deepEqual(
      [...(call?.parties.values() ?? [])].map(({ hears }) => hears),
      ['renderings', 'renderings'],
    );
    const { bridges, channels } = exchange.ari;
    assert.deepEqual([...(bridges.get('plain') ?? [])], ['plain.0', 'plain.1']);
    const ours = [...bridges].filter(([id]) => id !== 'plain');
    assert.equal(ours.length, 2);
    const snoopedOn = ours.map(([, members]) => {
      const [snoop, media] = [...members].sort().reverse();
      assert.match(media ?? '', /^dg-m-dragoman-dg-s-dragoman-/);
      return channels.get(snoop ?? '')?.snoopsOn;
    });
    assert.deepEqual(snoopedOn.sort(), ['plain.0', 'plain.1']);
    assert.deepEqual(spokenOn(exchange), { 'plain.0': 'en', 'plain.1': 'fr' });
    assert.deepEqual(exchange.tally('ariWhispers'), { begun: 1 });
  });

  it('goes on by itself when the interpreter is taken off, by either of its channels', async (test) => {
    const exchange = await interpreted(test);
    assert.deepEqual(await exchange.during(whispering(exchange).end('plain.1')), { type: 'done' });
    const takenOffMs = exchange.scripted.clock.nowMs();
    await leftAlone(exchange, ...PLAIN);
    assert.ok(exchange.scripted.clock.nowMs() - takenOffMs < 2_500, 'the places of the two are kept');
    assert.equal(reasonOf(await whispering(exchange).end('plain.1')), 'not-interpreted');
    assert.deepEqual(await exchange.during(whispering(exchange).begin(WISH)), { type: 'done' });
  });

  it('takes the interpreter along when it ends', async (test) => {
    const exchange = await interpreted(test);
    exchange.ari.hangUp('plain.1');
    await leftAlone(exchange, 'plain', 'plain.0');
  });

  it('keeps its interpreter when a leg is lost', async (test) => {
    const exchange = await interpreted(test);
    const media = [...exchange.ari.channels.keys()].find((id) => id.startsWith('dg-m-')) ?? '';
    exchange.ari.breakMedia(media);
    await exchange.until('another leg', () => exchange.count('ariLegsReplaced') === 1);
    assert.deepEqual(exchange.calls, [['en', 'fr']]);
  });

  it('loses its interpreter with the door, and nothing else', async (test) => {
    const exchange = await interpreted(test);
    await exchange.during(exchange.door.close());
    await leftAlone(exchange, ...PLAIN);
  });

  it('is left as it was when one of its channels cannot be snooped on', async (test) => {
    const exchange = await talking(test);
    exchange.ari.unsnoopable.add('plain.1');
    assert.equal(reasonOf(await exchange.during(whispering(exchange).begin(WISH))), 'failed');
    await leftAlone(exchange, ...PLAIN);
  });

  it('is left as it was when Asterisk cannot connect it with us', async (test) => {
    const exchange = await talking(test);
    exchange.ari.mediaDies = true;
    assert.equal(reasonOf(await exchange.during(whispering(exchange).begin(WISH))), 'failed');
    await leftAlone(exchange, ...PLAIN);
    assert.equal(exchange.ari.continued.size, 0, 'a channel of ours was given to the dialplan');
  });

  it('takes along what was being made for it when one hangs up meanwhile', async (test) => {
    const exchange = await talking(test);
    let release = (): void => {};
    exchange.ari.mediaHeld = new Promise((resolve) => {
      release = resolve;
    });
    const begun = exchange.during(whispering(exchange).begin(WISH));
    const media = (): number =>
      exchange.asked('POST').filter((path) => path.endsWith('externalMedia')).length;
    await exchange.until('asked for', () => media() === 2);
    exchange.ari.hangUp('plain.1');
    // Of a call that comes after it is heard later.
    exchange.ari.enter('p1', { exten: '7777' });
    await exchange.until('taken in', () => exchange.ari.bridges.has('dg-b-dragoman-p1'));
    exchange.ari.hangUp('p1');
    release();
    assert.equal(reasonOf(await begun), 'failed');
    await leftAlone(exchange, 'plain', 'plain.0');
  });

  it('is not kept waiting for a party that was gone before it was connected', async (test) => {
    const exchange = await talking(test);
    let release = (): void => {};
    exchange.ari.snoopAnswerHeld = new Promise((resolve) => {
      release = resolve;
    });
    const begun = exchange.during(whispering(exchange).begin(WISH));
    await exchange.until('made', () => exchange.ari.left.length === 5);
    exchange.ari.hangUp('plain.1');
    release();
    const releasedMs = exchange.scripted.clock.nowMs();
    assert.equal(reasonOf(await begun), 'failed');
    await leftAlone(exchange, 'plain', 'plain.0');
    assert.ok(exchange.scripted.clock.nowMs() - releasedMs < 2_500, 'its place was kept');
  });

  it('is interpreted also when a snoop channel enters before it is answered', async (test) => {
    const exchange = await talking(test);
    let release = (): void => {};
    exchange.ari.snoopAnswerHeld = new Promise((resolve) => {
      release = resolve;
    });
    const begun = exchange.during(whispering(exchange).begin(WISH));
    const entered = (): number =>
      [...exchange.ari.channels.values()].filter(({ snoopsOn, stasis }) => snoopsOn !== undefined && stasis)
        .length;
    await exchange.until('both have entered', () => entered() === 2);
    // A call that comes after it is taken in after what came before it.
    exchange.ari.enter('p1', { exten: '7777' });
    await exchange.until('taken in', () => exchange.ari.bridges.has('dg-b-dragoman-p1'));
    release();
    assert.deepEqual(await begun, { type: 'done' });
  });

  it('is not begun twice, nor where there is no call, no such language or no place', async (test) => {
    const exchange = await talking(test, { maxLegs: 3 });
    const { ari } = exchange;
    ari.inDialplan('waits', { name: 'PJSIP/carol-00000002' });
    ari.talking('party', 'dave', 'erin', 'frank');
    ari.talking('leg', 'grace');
    ari.inDialplan('leg.media', { name: 'AudioSocket/127.0.0.1:5050-00000003' });
    ari.bridges.get('leg')?.add('leg.media');
    const begin = async (wish: object): Promise<string> =>
      reasonOf(await exchange.during(whispering(exchange).begin({ ...WISH, ...wish })));
    assert.equal(await begin({ to: 'de' }), 'bad-language');
    assert.equal(await begin({ to: 'en' }), 'bad-language');
    assert.equal(await begin({ channel: 'PJSIP/nobody-00000009' }), 'no-such-channel');
    assert.equal(await begin({ channel: 'waits' }), 'no-call');
    ari.holding.add('party');
    assert.equal(await begin({ channel: 'party.0' }), 'no-call');
    assert.equal(await begin({ channel: 'leg.0' }), 'already-interpreted');
    const [one, other] = [begin({}), begin({ channel: 'plain.1' })];
    assert.deepEqual([await one, await other].sort(), ['already-interpreted', 'done']);
    ari.talking('second', 'heidi', 'ivan');
    assert.equal(await begin({ channel: 'second.0' }), 'too-many-legs');
    const written = JSON.stringify(exchange.scripted.log.lines);
    assert.ok(!/alice|nobody/.test(written), 'a name of a channel is in the log');
  });

  it('is interpreted in a conference: who is named speaks the one language, all others the other', async (test) => {
    const exchange = await AriExchange.connected(test);
    const { ari } = exchange;
    ari.talking('party', 'dave', 'erin', 'frank');
    // What the conference says itself is nobody's.
    ari.inDialplan('says', { name: 'CBAnn/party-00000001;2' });
    ari.bridges.get('party')?.add('says');
    const wish = { ...WISH, channel: 'PJSIP/erin-00000001' };
    assert.deepEqual(await exchange.during(whispering(exchange).begin(wish)), { type: 'done' });
    assert.deepEqual(spokenOn(exchange), { 'party.0': 'fr', 'party.1': 'en', 'party.2': 'fr' });
    ari.hangUp('party.0');
    await exchange.until('the others go on', () => exchange.calls[0]?.join() === 'en,fr');
    ari.hangUp('party.1');
    await leftAlone(exchange, 'party', 'party.2', 'says');
  });

  it('is not interpreted in a conference of more than 16, nor of more than there is room for', async (test) => {
    const exchange = await AriExchange.connected(test, { maxLegs: 10 });
    const names = Array.from({ length: 17 }, (_, index) => `p${index}`);
    exchange.ari.talking('crowd', ...names);
    const wish = { ...WISH, channel: 'crowd.0' };
    assert.equal(reasonOf(await exchange.during(whispering(exchange).begin(wish))), 'too-many-parties');
    exchange.ari.hangUp('crowd.16');
    assert.equal(reasonOf(await exchange.during(whispering(exchange).begin(wish))), 'too-many-legs');
    assert.equal(exchange.ari.left.length, 17, 'snoop channels were left');
  });

  it('is heard softer under the translation where that is asked for, and as ever when it is over', async (test) => {
    const exchange = await talking(test);
    const { volumes } = exchange.ari;
    const [alice, bob] = ['PJSIP/alice-00000001', 'PJSIP/bob-00000001'];
    for (const [original, softer] of [
      ['duck', -7],
      ['off', -32],
    ] as const) {
      const begun = whispering(exchange).begin({ ...WISH, original });
      assert.deepEqual(await exchange.during(begun), { type: 'done' });
      assert.deepEqual([volumes.get(alice), volumes.get(bob)], [softer, softer]);
      assert.deepEqual(await exchange.during(whispering(exchange).end(alice)), { type: 'done' });
      assert.deepEqual([volumes.get(alice), volumes.get(bob)], [0, 0]);
    }
    const again = whispering(exchange).begin({ ...WISH, original: 'duck' });
    assert.deepEqual(await exchange.during(again), { type: 'done' });
    exchange.ari.hangUp('plain.1');
    await leftAlone(exchange, 'plain', 'plain.0');
    const over = 'a call that runs is interpreted no longer';
    await exchange.until('it is over', () => exchange.logged(over).length === 3);
    assert.equal(volumes.get(alice), 0);
    assert.equal(exchange.count('amiFailed'), 0, 'one that is gone is no failure');
  });

  it('is as loud as ever when dragoman ends', async (test) => {
    const exchange = await talking(test);
    const begun = whispering(exchange).begin({ ...WISH, original: 'duck' });
    assert.deepEqual(await exchange.during(begun), { type: 'done' });
    await exchange.during(exchange.door.close());
    assert.deepEqual([...exchange.ari.volumes.values()], [0, 0]);
  });

  it('is as loud as ever when dragoman ends, also where Asterisk is slow to do what it is asked', async (test) => {
    const exchange = await talking(test);
    const begun = whispering(exchange).begin({ ...WISH, original: 'duck' });
    assert.deepEqual(await exchange.during(begun), { type: 'done' });
    exchange.ari.silent = true;
    const { clock } = exchange.scripted;
    const slowUntilMs = clock.nowMs() + 3_500;
    const closed = exchange.door.close();
    await exchange.until('it is slow', () => clock.nowMs() >= slowUntilMs);
    exchange.ari.silent = false;
    await exchange.during(closed);
    assert.deepEqual([...exchange.ari.volumes.values()], [0, 0]);
  });

  it('keeps no door open whose Asterisk answers nothing while it is being taken in', async (test) => {
    const exchange = await talking(test);
    const snoops = (): number => exchange.asked('POST').filter((path) => path.includes('snoop')).length;
    exchange.ari.snoopAnswerHeld = new Promise(() => {});
    const begun = whispering(exchange).begin(WISH);
    await exchange.until('asked for', () => snoops() === 2);
    exchange.ari.silent = true;
    let closed = false;
    void exchange.door.close().then(() => {
      closed = true;
    });
    const { clock } = exchange.scripted;
    // Each of three requests, one after the other, would be waited for for 5 s.
    const untilMs = clock.nowMs() + 12_000;
    await exchange.until('closed', () => closed || clock.nowMs() > untilMs);
    assert.ok(closed);
    assert.equal(reasonOf(await begun), 'failed');
  });

  it('is not begun where it cannot be made softer as was asked for, and says what to do', async (test) => {
    const exchange = await talking(test);
    exchange.ari.managed = false;
    const answer = await exchange.during(whispering(exchange).begin({ ...WISH, original: 'duck' }));
    assert.ok(answer.type === 'refused' && answer.reason === 'no-volume');
    assert.match(answer.explanation, /dialplan\/manager\.conf/);
    await leftAlone(exchange, ...PLAIN);
    exchange.ari.talking('party', 'dave', 'erin', 'frank');
    const wish = { ...WISH, channel: 'party.0', original: 'duck' } as const;
    assert.equal(reasonOf(await exchange.during(whispering(exchange).begin(wish))), 'bad-original');
  });

  it('is not begun while ARI is away', async (test) => {
    const exchange = await talking(test);
    exchange.ari.options = { enabled: false };
    exchange.ari.dropConnections();
    await exchange.until('known', () => exchange.logged('ARI cannot be used').length > 0);
    assert.equal(reasonOf(await exchange.during(whispering(exchange).begin(WISH))), 'ari-away');
  });
});
