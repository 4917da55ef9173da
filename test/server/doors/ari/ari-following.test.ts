/** Legs that stay while somebody else is behind them, or their phone puts them on hold; the ARI door tells. */

import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { silentLog } from '../../../../src/base/log.ts';
import { Scope } from '../../../../src/base/scope.ts';
import type { AriChannel } from '../../../../src/protocol/ari/ari-resources.ts';
import { AriFollowing, ariFollowCounts } from '../../../../src/server/doors/ari/ari-following.ts';
import { FakeClock } from '../../../base/fake-clock.ts';
import { throwOn } from '../audiosocket/socket-pairs.ts';
import { AriExchange } from './ari-exchange.ts';

const CALL = '40325ec2-5efd-4bd3-805f-53576e581d1';
const LEG = `AudioSocket/127.0.0.1:5050-${CALL}0`;

/** Alice's phone is in a call by `Dial(AudioSocket/…)`, as the dialplan of a site has it. */
async function alice(test: TestContext): Promise<AriExchange> {
  const exchange = await AriExchange.connected(test);
  const { ari } = exchange;
  ari.inDialplan('alice', {
    ...{ name: 'PJSIP/alice-1', language: 'en', application: 'Dial' },
    data: `AudioSocket/127.0.0.1:5050/${CALL}0/c(slin16)`,
  });
  ari.inDialplan('leg', { name: LEG });
  ari.bridge('call', 'alice', 'leg');
  await exchange.bareLeg(test, `${CALL}0`);
  await exchange.until('it is followed', () => ari.followed.size === 2);
  return exchange;
}

/** The only party of the only call. */
function party({ scripted }: AriExchange) {
  const [call] = scripted.switchboard.calls.values();
  const [only] = call?.parties.values() ?? [];
  assert.ok(only !== undefined);
  return only;
}

function isHeld(exchange: AriExchange): boolean {
  const [leg] = exchange.scripted.switchboard.legs;
  return leg?.held === true;
}

/** The channel of somebody's phone. */
function channelOf(name: string): AriChannel {
  return {
    ...{ id: 'channel', name, state: 'Up', callerNumber: '', extension: '' },
    ...{ application: 'Dial', applicationData: '', language: 'fr', voice: '', leg: '', linkedid: '' },
  };
}

describe('a leg whose phone puts it on hold', () => {
  it('is on hold at once, until the phone takes it off', async (test) => {
    const exchange = await alice(test);
    exchange.ari.happens('ChannelHold', 'alice');
    await exchange.until('on hold', () => isHeld(exchange));
    exchange.ari.happens('ChannelUnhold', 'alice');
    await exchange.until('back', () => !isHeld(exchange));
    assert.deepEqual(exchange.tally('ariFollowed'), { held: 1 });
  });

  it('is so also behind the halves of a Local channel', async (test) => {
    const exchange = await AriExchange.connected(test);
    const { ari } = exchange;
    ari.inDialplan('half1', {
      ...{ name: 'Local/200@phones-1;1', application: 'Dial' },
      data: `AudioSocket/127.0.0.1:5050/${CALL}0/c(slin16)`,
    });
    ari.inDialplan('half2', { name: 'Local/200@phones-1;2' });
    ari.inDialplan('bob', { name: 'PJSIP/bob-1' });
    ari.inDialplan('leg', { name: LEG });
    ari.bridge('call', 'half1', 'leg');
    ari.bridge('line', 'half2', 'bob');
    await exchange.bareLeg(test, `${CALL}0`);
    await exchange.until('it is followed', () => ari.followed.has('bob'));
    ari.happens('ChannelHold', 'bob');
    await exchange.until('on hold', () => isHeld(exchange));
  });

  it('is so also by chan_websocket, whose channel tells by a variable which leg it is', async (test) => {
    const exchange = await AriExchange.connected(test);
    const { ari } = exchange;
    // Whoever the channel has dialled has the variable, too.
    ari.inDialplan('alice', { name: 'PJSIP/alice-1', leg: `${CALL}0` });
    ari.inDialplan('leg', { name: 'WebSocket/dragoman/0x7f', leg: `${CALL}0` });
    ari.bridge('call', 'alice', 'leg');
    await exchange.bareLeg(test, `${CALL}0`);
    await exchange.until('it is followed', () => ari.followed.size === 2);
    ari.happens('ChannelHold', 'alice');
    await exchange.until('on hold', () => isHeld(exchange));
  });

  it('costs Asterisk no list of its own when it comes with many others', async (test) => {
    const clock = new FakeClock();
    const scope = new Scope(throwOn);
    test.after(() => scope.close());
    const asked: string[] = [];
    const following = new AriFollowing({
      ...{ app: 'dragoman', clock, log: silentLog, scope, languages: new Set<string>() },
      counts: ariFollowCounts(),
      client: {
        ask: async ({ name }) => {
          asked.push(name);
          return [];
        },
      },
      held: () => {},
      changed: () => {},
      known: () => {},
    });
    for (let leg = 0; leg < 100; leg += 1) {
      following.follow(`leg ${leg}`, () => ({ phone: undefined, channelIds: [`channel ${leg}`] }), true);
    }
    await clock.advance(100);
    assert.deepEqual(
      ['list-channels', 'list-bridges', 'follow-channels'].map(
        (name) => asked.filter((each) => each === name).length,
      ),
      [1, 1, 100],
    );
  });

  it('is looked at once more when Asterisk has begun to tell of it: what came before was not told', async (test) => {
    const clock = new FakeClock();
    const scope = new Scope(throwOn);
    test.after(() => scope.close());
    let person = 'PJSIP/alice-1';
    const changes: string[] = [];
    const following = new AriFollowing({
      ...{ app: 'dragoman', clock, log: silentLog, scope, languages: new Set(['en', 'fr']) },
      counts: ariFollowCounts(),
      client: {
        ask: async ({ name }) => {
          if (name === 'follow-channels') {
            person = 'PJSIP/bob-1';
          }
          return [];
        },
      },
      held: () => {},
      changed: (uuid) => changes.push(uuid),
      known: () => {},
    });
    following.follow('leg', () => ({ phone: channelOf(person), channelIds: ['channel'] }), true);
    await clock.advance(100);
    assert.deepEqual(changes, []);
    await clock.advance(100);
    assert.deepEqual(changes, ['leg']);
  });

  it('is followed no more where Asterisk has no such leg', async (test) => {
    const exchange = await AriExchange.connected(test);
    const asked = (): number => exchange.asked('GET').filter((path) => path === '/bridges').length;
    const before = asked();
    await exchange.bareLeg(test, `${CALL}0`);
    await exchange.until('looked', () => asked() === before + 1);
    await exchange.scripted.clock.advance(30_000);
    // Once a minute all that are followed are looked at: what there is has been looked at by then, and nobody is.
    const quiet = asked();
    exchange.ari.inDialplan('leg', { name: LEG });
    exchange.ari.followed.add('leg');
    exchange.ari.happens('ChannelConnectedLine', 'leg');
    await exchange.scripted.clock.advance(1_000);
    assert.equal(asked(), quiet);
  });

  it('is not on hold any more when ARI is away: nobody would tell of its end', async (test) => {
    const exchange = await alice(test);
    exchange.ari.happens('ChannelHold', 'alice');
    await exchange.until('on hold', () => isHeld(exchange));
    exchange.ari.dropConnections();
    await exchange.until('back', () => !isHeld(exchange));
    await exchange.until('connected again', () => exchange.count('ariConnected') === 2);
    exchange.ari.happens('ChannelHold', 'alice');
    await exchange.until('on hold again', () => isHeld(exchange));
  });

  it('is on hold where Asterisk keeps the call for us, too', async (test) => {
    const exchange = await AriExchange.connected(test);
    exchange.ari.enter('p1', { exten: '7777' });
    exchange.ari.enter('p2', { exten: '8888' });
    await exchange.inCall('en', 'fr');
    exchange.ari.happens('ChannelHold', 'p1');
    const held = (): number => [...exchange.scripted.switchboard.legs].filter((leg) => leg.held).length;
    await exchange.until('one is on hold', () => held() === 1);
    exchange.ari.happens('ChannelUnhold', 'p1');
    await exchange.until('none is', () => held() === 0);
  });
});

describe('a leg that stays when its call is handed on', () => {
  it('has somebody else behind it, with a language and a voice of their own', async (test) => {
    const exchange = await alice(test);
    const { ari } = exchange;
    ari.happens('BridgeBlindTransfer', 'alice');
    // Bob's phone rings: nobody is there.
    ari.bridge('call');
    ari.hangUp('alice');
    await exchange.scripted.clock.advance(1_000);
    ari.inDialplan('bob', { name: 'PJSIP/bob-1', language: 'fr', voice: 'nova' });
    ari.bridge('next', 'leg', 'bob');
    ari.happens('Dial', 'leg', { dialstatus: 'ANSWER' });
    await exchange.until('bob is there', () => party(exchange).language === 'fr');
    assert.equal(party(exchange).plan.voice, 'nova');
    await exchange.until('he is followed', () => ari.followed.has('bob'));
    assert.equal(exchange.scripted.tally('partiesChanged', 'person'), 1);
    const [line] = exchange.logged('ARI tells that somebody else is behind a leg');
    assert.deepEqual([line?.callerPii, line?.language], ['100', 'fr']);
    // Whoever says nothing of themselves speaks what was spoken, with the voice of the language.
    ari.inDialplan('carol', { name: 'PJSIP/carol-1' });
    ari.bridge('last', 'leg', 'carol');
    ari.hangUp('bob');
    await exchange.until('carol is there', () => exchange.scripted.tally('partiesChanged', 'person') === 2);
    assert.deepEqual([party(exchange).language, party(exchange).plan.voice], ['fr', undefined]);
  });

  it('hears music while it is parked, which nobody else hears, and then whoever picks it up', async (test) => {
    const exchange = await alice(test);
    const { ari } = exchange;
    ari.holding.add('parking');
    // Another is parked there already.
    ari.inDialplan('parked', { name: 'PJSIP/parked-1' });
    ari.bridge('parking', 'parked', 'leg');
    ari.happens('BridgeBlindTransfer', 'alice');
    await exchange.until('parked', () => isHeld(exchange));
    assert.equal(exchange.scripted.tally('partiesChanged', 'person'), 0);
    ari.hangUp('alice');
    ari.inDialplan('bob', { name: 'PJSIP/bob-1' });
    ari.bridge('picked-up', 'leg', 'bob');
    ari.happens('ChannelConnectedLine', 'leg');
    await exchange.until('bob is there', () => exchange.scripted.tally('partiesChanged', 'person') === 1);
    assert.equal(isHeld(exchange), false);
  });

  it('has whoever came while ARI was away, and is followed no more when it has gone meanwhile', async (test) => {
    const exchange = await alice(test);
    const { ari } = exchange;
    ari.options = { enabled: false };
    ari.dropConnections();
    await exchange.until('known', () => exchange.logged('ARI cannot be used').length > 0);
    ari.hangUp('alice');
    ari.inDialplan('bob', { name: 'PJSIP/bob-1', language: 'fr' });
    ari.bridge('next', 'leg', 'bob');
    ari.options = {};
    await exchange.until('bob is there', () => party(exchange).language === 'fr');
    ari.hangUp('bob');
    ari.hangUp('leg');
    const asked = (): number => exchange.asked('GET').length;
    await exchange.until('looked', () => exchange.logged('connected to ARI').length === 2);
    await exchange.scripted.clock.advance(1_000);
    const before = asked();
    ari.inDialplan('leg', { name: 'PJSIP/another-1' });
    ari.happens('ChannelHold', 'leg');
    ari.happens('ChannelConnectedLine', 'leg');
    await exchange.scripted.clock.advance(1_000);
    assert.deepEqual([asked() - before, isHeld(exchange)], [0, false]);
  });

  it('has who was there before when a display changes and nothing else', async (test) => {
    const exchange = await alice(test);
    const asked = (): number => exchange.asked('GET').filter((path) => path === '/bridges').length;
    const before = asked();
    exchange.ari.happens('ChannelConnectedLine', 'leg');
    await exchange.until('looked', () => asked() > before);
    await exchange.scripted.clock.advance(1_000);
    assert.equal(exchange.scripted.tally('partiesChanged', 'person'), 0);
  });

  it('has the phone behind it that took its place where Asterisk keeps the call for us', async (test) => {
    const exchange = await AriExchange.connected(test);
    const { ari } = exchange;
    ari.enter('p1', { exten: '7777' });
    ari.enter('p2', { exten: '8888' });
    await exchange.inCall('en', 'fr');
    // A half of a Local channel takes the phone's place, and the other half dials.
    ari.handOn('p1', 'half1', 'Local/200@phones-1;1');
    ari.inDialplan('half2', { name: 'Local/200@phones-1;2' });
    await exchange.until('the other half is followed', () => ari.followed.has('half2'));
    ari.inDialplan('carol', { name: 'PJSIP/carol-1', language: 'fr' });
    ari.bridge('line', 'half2', 'carol');
    ari.happens('Dial', 'half2', { dialstatus: 'ANSWER' });
    await exchange.until('carol is there', () => exchange.calls[0]?.join() === 'fr,fr');
  });
});
