import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { within } from '../../../support/waiting.ts';
import { AriExchange } from './ari-exchange.ts';

const LIMIT_MS = 20_000;
const BRIDGE = 'dg-b-dragoman.call-p1';
const MEDIA = 'dg-m-dragoman.call-p1';

/** Two phones have dialled 7777 and 8888, each by a connection of its own, and are in one call. */
async function crossed(exchange: AriExchange): Promise<void> {
  assert.equal(await exchange.ari.enterByCall('p1', { exten: '7777', args: ['en'] }), true);
  assert.equal(await exchange.ari.enterByCall('p2', { exten: '8888', args: ['fr'] }), true);
  await exchange.inCall('en', 'fr');
}

describe('a call for which Asterisk connects to us', () => {
  it('is driven over its own connection, meets the other, and both end together', async (test) => {
    const exchange = await AriExchange.open(test, { byCall: true });
    await crossed(exchange);
    assert.deepEqual([...(exchange.ari.bridges.get(BRIDGE) ?? [])], ['p1', MEDIA]);
    assert.equal(exchange.ari.requests, 0, 'something was asked over HTTP');
    exchange.ari.hangUp('p1');
    await exchange.nothingLeft();
    assert.equal(exchange.ari.ended.get('p2'), 16);
    await exchange.until('counted', () => exchange.tally('ariPhones')['partner-left'] === 1);
    assert.deepEqual(exchange.tally('ariCallConnections'), { new: 2 });
  });

  it('brings its sound to where it has reached us, if we listen everywhere', async (test) => {
    const exchange = await AriExchange.open(test, { byCall: true, everywhere: true });
    await crossed(exchange);
    const asked = exchange.ari.asked.find(({ path }) => path.endsWith('/externalMedia'));
    assert.match(String(asked?.body.external_host), /^127\.0\.0\.2:\d+$/);
  });

  it('is ended once, however often it is asked to: as its connection is lost, and at the end', async (test) => {
    const exchange = await AriExchange.open(test, { byCall: true });
    await crossed(exchange);
    // No time passes meanwhile, so that neither ends because it took too long.
    const closing = Promise.all([exchange.door.close(), exchange.door.close()]);
    await within('both have ended', LIMIT_MS, closing);
    assert.deepEqual(exchange.ari.left, []);
  });

  it('rings somebody over the connection of who calls', async (test) => {
    const exchange = await AriExchange.open(test, { byCall: true });
    exchange.ari.registered.add('PJSIP/bob');
    const args = ['en', 'call', 'PJSIP/bob', 'fr', '20'];
    await exchange.ari.enterByCall('p1', { args, state: 'Ring' });
    const callee = 'dg-c-dragoman.call-p1';
    await exchange.until('it rings', () => exchange.ari.channels.has(callee));
    exchange.ari.answerCallee(callee);
    await exchange.inCall('en', 'fr');
    exchange.ari.hangUp('p1');
    await exchange.nothingLeft();
  });

  it('goes on when its connection breaks, and hears then what it missed', async (test) => {
    const exchange = await AriExchange.open(test, { byCall: true });
    await crossed(exchange);
    exchange.ari.callSocket('p1').terminate();
    exchange.ari.breakMedia(MEDIA);
    await exchange.until('another leg', () => exchange.ari.bridges.get(BRIDGE)?.has(`${MEDIA}-2`) === true);
    await exchange.inCall('en', 'fr');
    await exchange.until('told', () => exchange.tally('ariCallConnections').again === 1);
    exchange.ari.hangUp('p2');
    await exchange.nothingLeft();
  });

  it('asks again what was not answered when the connection broke', async (test) => {
    const exchange = await AriExchange.open(test, { byCall: true });
    let release = (): void => {};
    exchange.ari.mediaHeld = new Promise((resolve) => {
      release = resolve;
    });
    await exchange.ari.enterByCall('p1', { exten: '7777' });
    const media = (): number =>
      exchange.asked('POST').filter((path) => path.endsWith('externalMedia')).length;
    await exchange.until('asked for', () => media() === 1);
    const broken = exchange.ari.callSocket('p1');
    broken.terminate();
    await exchange.until('connected again', () => exchange.tally('ariCallConnections').again === 1);
    release();
    await exchange.until('asked for again', () => media() === 2);
    await exchange.until('its bridge', () => exchange.ari.bridges.get(BRIDGE)?.size === 2);
    // The leg that was made for the first time has been given up for the second.
    await exchange.until('its place', () =>
      [...exchange.scripted.switchboard.legs].every(({ identity }) => identity !== undefined),
    );
    await exchange.until('its call', () => exchange.calls.length === 1);
  });

  it('is over when Asterisk does not come back', async (test) => {
    const exchange = await AriExchange.open(test, { byCall: true });
    await crossed(exchange);
    for (const phone of ['p1', 'p2']) {
      exchange.ari.callSocket(phone).close();
    }
    await exchange.until('no call is left', () => exchange.calls.length === 0);
    await exchange.until('counted', () => exchange.tally('ariPhones')['ari-lost'] === 2);
  });

  it('goes back to its dialplan, with the reason, when there is no place for it', async (test) => {
    const exchange = await AriExchange.open(test, { byCall: true, maxLegs: 2 });
    await exchange.ari.enterByCall('p4', { exten: '9999' });
    await exchange.until('given back', () => exchange.ari.continued.has('p4'));
    assert.equal(exchange.ari.continued.get('p4'), 'bad-stasis');
    await crossed(exchange);
    await exchange.ari.enterByCall('p3', { exten: '7777' });
    await exchange.until('given back', () => exchange.ari.continued.has('p3'));
    assert.equal(exchange.ari.continued.get('p3'), 'too-many-legs');
    assert.deepEqual(exchange.calls, [['en', 'fr']]);
  });

  it('goes back to its dialplan when a dragoman before this one has left it', async (test) => {
    const exchange = await AriExchange.open(test, { byCall: true });
    await exchange.ari.leaveByCall('p1', BRIDGE);
    await exchange.nothingLeft();
    assert.equal(exchange.ari.continued.get('p1'), 'left-over');
    assert.deepEqual(exchange.tally('ariCallConnections'), { new: 1, 'left-over': 1 });
  });

  it('has what others left before it removed, and nothing that is in use', async (test) => {
    const exchange = await AriExchange.open(test, {
      byCall: true,
      before: (ari) => {
        ari.leave('dg-m-dragoman.call-old');
        ari.bridges.set('dg-b-dragoman.call-old', new Set(['dg-m-dragoman.call-old']));
        ari.bridges.set('dg-b-dragoman.call-busy', new Set(['phone', 'dg-m-dragoman.call-busy']));
        ari.bridges.set('dg-b-other.call-1', new Set());
      },
    });
    await exchange.ari.enterByCall('p1', { exten: '7777' });
    await exchange.until('removed', () => !exchange.ari.bridges.has('dg-b-dragoman.call-old'));
    assert.equal(exchange.ari.channels.has('dg-m-dragoman.call-old'), false);
    assert.deepEqual(exchange.tally('ariRepairs'), { 'remove-channel': 1, 'remove-bridge': 1 });
    assert.deepEqual(
      [...exchange.ari.bridges.keys()].sort(),
      ['dg-b-dragoman.call-busy', BRIDGE, 'dg-b-other.call-1'].sort(),
    );
  });

  it('is hung up when we end, and leaves nothing', async (test) => {
    const exchange = await AriExchange.open(test, { byCall: true });
    await crossed(exchange);
    await exchange.during(exchange.door.close());
    assert.deepEqual(exchange.ari.left, []);
    assert.equal(await exchange.ari.enterByCall('p3', { exten: '7777' }), false);
  });

  it('brings the token as its password, or is not taken', async (test) => {
    const token = 'a-token-that-is-long-enough';
    const exchange = await AriExchange.open(test, { byCall: true, token });
    await exchange.ari.enterByCall('p1', { exten: '7777' });
    await exchange.until('its bridge', () => exchange.ari.bridges.get(BRIDGE)?.size === 2);
    const { callsUs } = exchange.ari.options;
    assert.ok(callsUs !== undefined);
    exchange.ari.options = { ...exchange.ari.options, callsUs: { ...callsUs, password: 'another' } };
    assert.equal(await exchange.ari.enterByCall('p2', { exten: '8888' }), false);
    assert.equal(exchange.tally('connectionsRefused')['wrong-token'], 4);
  });

  for (const [where, address, id] of [
    ['at another address', '127.0.0.2', '02:fc:00:00:00:01'],
    ['behind the same proxy', '127.0.0.1', '02:fc:00:00:00:02'],
  ] as const) {
    it(`is that of its own Asterisk, though another ${where} has a channel of the same name`, async (test) => {
      const exchange = await AriExchange.open(test, { byCall: true });
      await crossed(exchange);
      const registered = { type: 'ApplicationRegistered', application: 'dragoman:PJSIP/p1', asterisk_id: id };
      const other = await exchange.connects(JSON.stringify(registered), address);
      await exchange.until('told apart', () => exchange.tally('ariCallConnections').new === 3);
      other.terminate();
      exchange.ari.breakMedia(MEDIA);
      await exchange.until('another leg', () => exchange.ari.bridges.get(BRIDGE)?.has(`${MEDIA}-2`) === true);
      await exchange.inCall('en', 'fr');
    });
  }

  it('is refused when Asterisk, or who says so, has two connections for each leg that there may be', async (test) => {
    const exchange = await AriExchange.open(test, { byCall: true, maxLegs: 1 });
    const sockets = [];
    for (const call of [1, 2]) {
      sockets.push(await exchange.connects(JSON.stringify({ application: `dragoman:PJSIP/${call}` })));
    }
    await exchange.until('both there', () => exchange.tally('ariCallConnections').new === 2);
    await assert.rejects(exchange.connects('{}'), /503/);
    for (const socket of sockets) {
      socket.terminate();
    }
  });

  for (const [what, text] of [
    ['no event', 'hello'],
    ['an event of no application', '{"type":"StasisStart","channel":{"id":"1"}}'],
  ] as const) {
    it(`is none where what comes first is ${what}`, async (test) => {
      const exchange = await AriExchange.open(test, { byCall: true });
      const closed = await exchange.during(exchange.closedWith(text));
      assert.equal(closed, 1008);
      assert.deepEqual(exchange.tally('ariCallConnections'), {});
    });
  }
});

describe('calls by ARI whose sound comes by WebSocket', () => {
  for (const byCall of [false, true]) {
    it(`meet and end as all do, where ${byCall ? 'Asterisk connects' : 'we connect'} for ARI`, async (test) => {
      const options = { media: 'websocket', byCall } as const;
      const exchange = await (byCall
        ? AriExchange.open(test, options)
        : AriExchange.connected(test, options));
      for (const [phone, exten] of [
        ['p1', '7777'],
        ['p2', '8888'],
      ] as const) {
        if (byCall) {
          await exchange.ari.enterByCall(phone, { exten });
        } else {
          exchange.ari.enter(phone, { exten });
        }
      }
      await exchange.inCall('en', 'fr');
      const media = byCall ? MEDIA : 'dg-m-dragoman-p1';
      exchange.ari.breakMedia(media);
      await exchange.until('another leg', () =>
        [...exchange.ari.bridges.values()].some((members) => members.has(`${media}-2`)),
      );
      await exchange.inCall('en', 'fr');
      exchange.ari.hangUp('p2');
      await exchange.nothingLeft();
    });
  }

  it('go back to their dialplan where nobody listens for the sound', async (test) => {
    const sections = { dragoman: 'ws://127.0.0.1:9/media' };
    const exchange = await AriExchange.connected(test, { media: 'websocket', ari: { sections } });
    exchange.ari.enter('p1', { exten: '7777' });
    await exchange.nothingLeft();
    assert.equal(exchange.ari.continued.get('p1'), 'no-leg');
  });
});
