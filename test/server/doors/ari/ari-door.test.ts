import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import type { StrictAri } from '../../../stand-ins/strict-ari.ts';
import { AriExchange, PASSWORD } from './ari-exchange.ts';

/** Causes of Q.850. */
const BUSY = 17;
const NO_ANSWER = 19;

/** Two phones have dialled 7777 and 8888 and are in one call. */
async function crossed(exchange: AriExchange): Promise<void> {
  exchange.ari.enter('p1', { exten: '7777', args: ['en'] });
  exchange.ari.enter('p2', { exten: '8888', args: ['fr'] });
  await exchange.inCall('en', 'fr');
}

/** The channels of each bridge. */
function bridged({ ari }: AriExchange): readonly string[] {
  return [...ari.bridges.values()].map((members) => [...members].sort().join(' ')).sort();
}

describe('ARI calls', () => {
  it('cross 7777 and 8888, each in a bridge of its own with its leg, and end together', async (test) => {
    const exchange = await AriExchange.connected(test);
    await crossed(exchange);
    assert.deepEqual(bridged(exchange), ['dg-m-dragoman-p1 p1', 'dg-m-dragoman-p2 p2']);
    const hungUpMs = exchange.scripted.clock.nowMs();
    exchange.ari.hangUp('p1');
    await exchange.nothingLeft();
    assert.ok(exchange.scripted.clock.nowMs() - hungUpMs < 2_500, 'the place of who hung up is kept');
    assert.deepEqual(exchange.tally('ariRepairs'), {}, 'something was left until it was looked for');
    assert.equal(exchange.ari.ended.get('p2'), 16);
    await exchange.until('counted', () => exchange.tally('ariPhones')['partner-left'] === 1);
    assert.equal(exchange.tally('ariPhones')['hung-up'], 1);
  });

  it('answer a phone that is not answered once its leg is there', async (test) => {
    const exchange = await AriExchange.connected(test);
    exchange.ari.enter('p1', { exten: '7777', state: 'Ring' });
    await exchange.until('answered', () => exchange.ari.channels.get('p1')?.state === 'Up');
    const { asked } = exchange.ari;
    const paths = asked.map(({ path }) => path);
    assert.ok(
      paths.indexOf('/channels/p1/answer') > paths.indexOf('/bridges/dg-b-dragoman-p1/addChannel'),
      'it is answered before it can be heard',
    );
  });

  it('wait for a media channel that its bridge refuses because it is not in the application yet', async (test) => {
    const exchange = await AriExchange.connected(test);
    exchange.ari.refusals = 3;
    await crossed(exchange);
    assert.equal(exchange.tally('ariRequestsFailed')['add-to-bridge'], 3);
  });

  it('ask again for a bridge that could not be made', async (test) => {
    const exchange = await AriExchange.connected(test);
    exchange.ari.bridgeFailures = 2;
    await crossed(exchange);
    assert.equal(exchange.tally('ariRequestsFailed')['create-bridge'], 2);
  });

  it('do without the StasisStart of a media channel when it does not come', async (test) => {
    const exchange = await AriExchange.connected(test);
    exchange.ari.enter('p1', { exten: '7777' });
    exchange.ari.lost.add('StasisStart');
    await exchange.until('its bridge', () => bridged(exchange)[0] === 'dg-m-dragoman-p1 p1');
  });

  it('replace a leg that dies, in the same bridge and in the same place', async (test) => {
    const exchange = await AriExchange.connected(test);
    await crossed(exchange);
    exchange.ari.breakMedia('dg-m-dragoman-p1');
    await exchange.until('another leg', () => bridged(exchange)[0] === 'dg-m-dragoman-p1-2 p1');
    await exchange.inCall('en', 'fr');
    await exchange.until('counted', () => exchange.count('ariLegsReplaced') === 1);
    assert.equal(exchange.scripted.tally('rejoins', 'came-back'), 1);
    exchange.ari.hangUp('p2');
    await exchange.nothingLeft();
  });

  it('keep a leg whose channel has left the application, parked for a while, and lives', async (test) => {
    const exchange = await AriExchange.connected(test);
    await crossed(exchange);
    exchange.ari.park('dg-m-dragoman-p1');
    await exchange.scripted.clock.advance(10_000);
    assert.equal(exchange.count('ariLegsReplaced'), 0);
    assert.ok(exchange.ari.channels.has('dg-m-dragoman-p1'));
    assert.deepEqual(exchange.calls, [['en', 'fr']]);
    exchange.ari.hangUp('p1');
    await exchange.nothingLeft();
  });

  it('give a phone back whose media channel came when nobody was connected, which Asterisk tells nobody', async (test) => {
    const exchange = await AriExchange.connected(test);
    let release = (): void => {};
    exchange.ari.mediaHeld = new Promise((resolve) => {
      release = resolve;
    });
    exchange.ari.enter('p1', { exten: '7777' });
    await exchange.until('asked for', () => exchange.asked('POST').includes('/channels/externalMedia'));
    exchange.ari.lost.add('ChannelDestroyed');
    exchange.ari.mediaDies = true;
    release();
    await exchange.nothingLeft();
    assert.equal(exchange.ari.continued.get('p1'), 'no-leg');
  });

  it('are not waited for longer than 5 s when Asterisk does not answer, and asked for again', async (test) => {
    const exchange = await AriExchange.connected(test);
    exchange.ari.enter('p1', { exten: '7777' });
    exchange.ari.silent = true;
    await exchange.until('given up', () => exchange.tally('ariRequestsFailed')['create-bridge'] === 1);
    exchange.ari.silent = false;
    await exchange.until('its bridge', () => bridged(exchange).some((members) => members.includes('p1')));
    exchange.ari.hangUp('p1');
    await exchange.nothingLeft();
  });

  it('hang up a phone whose leg is lost where no place is kept', async (test) => {
    const exchange = await AriExchange.connected(test, { rejoinMs: 0 });
    await crossed(exchange);
    exchange.ari.breakMedia('dg-m-dragoman-p1');
    await exchange.nothingLeft();
    await exchange.until('counted', () => exchange.tally('ariPhones')['leg-lost'] === 1);
  });

  it('send phones on in their dialplan when an agent transfers them, saying where to', async (test) => {
    const exchange = await AriExchange.connected(test);
    await crossed(exchange);
    const { switchboard } = exchange.scripted;
    const [callId = ''] = switchboard.calls.keys();
    switchboard.transfer(callId, 'sales');
    await exchange.nothingLeft();
    assert.deepEqual([...exchange.ari.continued].sort(), [
      ['p1', 'transferred'],
      ['p2', 'transferred'],
    ]);
    assert.deepEqual([...exchange.ari.transferred.values()], ['sales', 'sales']);
    assert.doesNotMatch(JSON.stringify(exchange.scripted.log.lines), /sales/);
  });

  it('give phones back to their dialplan when their agent has failed', async (test) => {
    const exchange = await AriExchange.connected(test);
    await crossed(exchange);
    const [call] = exchange.scripted.switchboard.calls.values();
    call?.hangUp('agent-failed');
    await exchange.nothingLeft();
    assert.deepEqual([...exchange.ari.continued.values()], ['agent-failed', 'agent-failed']);
    assert.deepEqual([...exchange.ari.transferred.values()], ['', '']);
  });

  it('give a phone back to its dialplan when its legs do not live, saying why', async (test) => {
    const exchange = await AriExchange.connected(test);
    exchange.ari.mediaDies = true;
    exchange.ari.enter('p1', { exten: '7777' });
    await exchange.nothingLeft();
    assert.equal(exchange.ari.continued.get('p1'), 'no-leg');
  });

  it('give a phone back to its dialplan when its legs die again and again', async (test) => {
    const exchange = await AriExchange.connected(test);
    exchange.ari.enter('p1', { exten: '7777' });
    for (const leg of ['dg-m-dragoman-p1', 'dg-m-dragoman-p1-2', 'dg-m-dragoman-p1-3']) {
      await exchange.until('a leg', () => bridged(exchange)[0] === `${leg} p1`);
      exchange.ari.breakMedia(leg);
    }
    await exchange.until('given back', () => exchange.ari.continued.get('p1') === 'leg-lost');
  });

  it('remove what is being made when a phone hangs up, once it is made', async (test) => {
    const exchange = await AriExchange.connected(test);
    let release = (): void => {};
    exchange.ari.mediaHeld = new Promise((resolve) => {
      release = resolve;
    });
    exchange.ari.enter('p1', { exten: '7777' });
    await exchange.until('asked for', () => exchange.asked('POST').includes('/channels/externalMedia'));
    exchange.ari.hangUp('p1');
    // What is asked for another phone that comes after it is asked later than what its end asks for.
    exchange.ari.enter('p2', { exten: '7777' });
    const media = (): number =>
      exchange.asked('POST').filter((path) => path.endsWith('externalMedia')).length;
    await exchange.until('asked for again', () => media() === 2);
    assert.deepEqual(exchange.asked('DELETE'), []);
    exchange.ari.hangUp('p2');
    release();
    await exchange.nothingLeft();
    assert.deepEqual(exchange.tally('ariRepairs'), {});
  });

  for (const [what, entering] of [
    ['dialled what is none of --extensions', { exten: '9999', args: ['en'] }],
    ['comes with another language than --extensions says', { exten: '7777', args: ['fr'] }],
    ['speaks a language that is not set up', { exten: '7777', args: ['tlh', 'room', 'sales'] }],
  ] as const) {
    it(`give back who ${what}, without asking for anything`, async (test) => {
      const exchange = await AriExchange.connected(test);
      exchange.ari.enter('p1', entering);
      await exchange.nothingLeft();
      assert.equal(exchange.ari.continued.get('p1'), 'bad-stasis');
      assert.ok(!exchange.asked('POST').some((path) => path.includes('externalMedia')));
    });
  }

  it('give back those who are too many, and those whom a call refuses', async (test) => {
    const exchange = await AriExchange.connected(test, { maxLegs: 2 });
    await crossed(exchange);
    exchange.ari.enter('p3', { exten: '7777' });
    await exchange.until('given back', () => exchange.ari.continued.has('p3'));
    assert.equal(exchange.ari.continued.get('p3'), 'too-many-legs');
    assert.deepEqual(exchange.calls, [['en', 'fr']]);
  });

  it('bring those together who name a room', async (test) => {
    const exchange = await AriExchange.connected(test);
    for (const [phone, language] of [
      ['p1', 'en'],
      ['p2', 'fr'],
      ['p3', 'fr'],
    ] as const) {
      exchange.ari.enter(phone, { args: [language, 'room', 'sales'] });
    }
    await exchange.inCall('en', 'fr', 'fr');
    exchange.ari.hangUp('p1');
    await exchange.inCall('fr', 'fr');
  });

  it('go on with whom a call was handed on to', async (test) => {
    const exchange = await AriExchange.connected(test);
    await crossed(exchange);
    exchange.ari.handOn('p1', 'p9');
    await exchange.until('told', () => exchange.logged('a call was handed on').length === 1);
    assert.deepEqual(exchange.calls, [['en', 'fr']]);
    exchange.ari.hangUp('p9');
    await exchange.nothingLeft();
  });

  it('end with the server, and leave nothing in Asterisk', async (test) => {
    const exchange = await AriExchange.connected(test);
    await crossed(exchange);
    await exchange.during(exchange.door.close());
    assert.deepEqual(exchange.ari.left, []);
    assert.equal(exchange.ari.enter('p3', { exten: '7777' }), false);
  });
});

/** Who calls Bob from the phone p1, for so long that no test waits until it has rung enough; and Bob's channel. */
const CALLS_BOB = ['en', 'call', 'PJSIP/bob', 'fr', '600'];
const CALLEE = 'dg-c-dragoman-p1';

/** A call from the phone p1 that rings Bob. */
async function ringing(test: TestContext): Promise<AriExchange> {
  const exchange = await AriExchange.connected(test);
  exchange.ari.registered.add('PJSIP/bob');
  exchange.ari.enter('p1', { args: CALLS_BOB, state: 'Ring' });
  await exchange.until('it rings', () => exchange.ari.channels.has(CALLEE));
  return exchange;
}

describe('ARI calls from phone to phone', () => {
  it('answer the caller only when the callee has answered, and then bring both together', async (test) => {
    const exchange = await ringing(test);
    assert.ok(exchange.asked('POST').includes('/channels/p1/ring'));
    assert.equal(exchange.ari.channels.get('p1')?.state, 'Ring');
    const asked = exchange.ari.asked.find(
      ({ method, path }) => method === 'POST' && path === '/channels',
    )?.body;
    assert.deepEqual([asked?.endpoint, asked?.originator, asked?.timeout], ['PJSIP/bob', 'p1', 600]);
    exchange.ari.answerCallee(CALLEE);
    await exchange.inCall('en', 'fr');
    await exchange.until('the caller is answered', () => exchange.ari.channels.get('p1')?.state === 'Up');
    exchange.ari.hangUp('p1');
    await exchange.nothingLeft();
  });

  it('tell the caller that the callee is busy, by the cause', async (test) => {
    const exchange = await ringing(test);
    exchange.ari.endCallee(CALLEE, BUSY);
    await exchange.nothingLeft();
    assert.equal(exchange.ari.ended.get('p1'), BUSY);
    await exchange.until('counted', () => exchange.tally('ariDials').busy === 1);
  });

  it('tell the caller that nobody is registered there, though no event comes', async (test) => {
    const exchange = await AriExchange.connected(test);
    exchange.ari.enter('p1', { args: CALLS_BOB, state: 'Ring' });
    await exchange.nothingLeft();
    assert.equal(exchange.ari.ended.get('p1'), 20);
    await exchange.until('counted', () => exchange.tally('ariDials')['not-registered'] === 1);
  });

  it('give up after the time it may ring, though no event comes', async (test) => {
    const exchange = await AriExchange.connected(test);
    exchange.ari.registered.add('PJSIP/bob');
    exchange.ari.enter('p1', { args: ['en', 'call', 'PJSIP/bob', 'fr', '1'], state: 'Ring' });
    await exchange.nothingLeft();
    assert.equal(exchange.ari.ended.get('p1'), 19);
  });

  it('stop ringing when the caller hangs up', async (test) => {
    const exchange = await ringing(test);
    exchange.ari.hangUp('p1');
    await exchange.nothingLeft();
    await exchange.until('counted', () => exchange.tally('ariDials')['caller-gone'] === 1);
  });
});

describe('the connection to ARI', () => {
  it('is opened again, and what happened meanwhile is found out', async (test) => {
    const exchange = await AriExchange.connected(test);
    await crossed(exchange);
    exchange.ari.dropConnections();
    assert.equal(exchange.ari.enter('p3', { exten: '7777' }), false);
    exchange.ari.hangUp('p1');
    exchange.ari.leave('dg-m-dragoman-old', ['dragoman']);
    exchange.ari.leave('dg-m-dragoman_2-old', ['dragoman_2']);
    exchange.ari.leave('waits', ['dragoman', 'en']);
    exchange.ari.leave('elsewhere', ['another', 'en']);
    exchange.ari.bridges.set('dg-b-dragoman-old', new Set());
    await exchange.until('connected again', () => exchange.count('ariConnected') === 2);
    await exchange.until('mended', () => exchange.ari.left.length === 2);
    assert.deepEqual(exchange.ari.left, ['dg-m-dragoman_2-old', 'elsewhere']);
    assert.equal(exchange.ari.continued.get('waits'), 'left-over');
    assert.deepEqual(exchange.calls, []);
    await exchange.until('counted', () => exchange.tally('ariRepairs')['give-back'] === 1);
    assert.deepEqual(exchange.tally('ariRepairs'), {
      'phone-gone': 1,
      'remove-channel': 1,
      'remove-bridge': 1,
      'give-back': 1,
    });
  });

  for (const [what, happens, outcome, repair, endsAs] of [
    [
      'the callee has gone',
      (ari: StrictAri) => ari.endCallee(CALLEE, BUSY),
      'no-answer',
      'callee-gone',
      NO_ANSWER,
    ],
    ['the caller has gone', (ari: StrictAri) => ari.hangUp('p1'), 'caller-gone', 'caller-gone', undefined],
  ] as const) {
    it(`finds out when it is back that ${what} while it rang`, async (test) => {
      const exchange = await ringing(test);
      exchange.ari.dropConnections();
      happens(exchange.ari);
      await exchange.nothingLeft();
      await exchange.until('counted', () => exchange.tally('ariDials')[outcome] === 1);
      assert.deepEqual(exchange.tally('ariRepairs'), { [repair]: 1 });
      assert.equal(exchange.ari.ended.get('p1'), endsAs);
    });
  }

  it('finds out when it is back that the callee has answered, and brings both together', async (test) => {
    const exchange = await ringing(test);
    exchange.ari.dropConnections();
    exchange.ari.answerCallee(CALLEE);
    await exchange.inCall('en', 'fr');
    await exchange.until('the caller is answered', () => exchange.ari.channels.get('p1')?.state === 'Up');
    assert.deepEqual(exchange.tally('ariRepairs'), { 'callee-answered': 1 });
    await exchange.until('counted', () => exchange.tally('ariDials').answered === 1);
    exchange.ari.hangUp(CALLEE);
    await exchange.nothingLeft();
  });

  it('leaves calls as they are when it breaks, and gives a leg that was lost meanwhile another', async (test) => {
    const exchange = await AriExchange.connected(test);
    await crossed(exchange);
    exchange.ari.lost.add('ChannelDestroyed');
    exchange.ari.breakMedia('dg-m-dragoman-p2');
    await exchange.until('it is gone', () => !exchange.ari.channels.has('dg-m-dragoman-p2'));
    exchange.ari.lost.clear();
    exchange.ari.dropConnections();
    await exchange.until('another leg', () => bridged(exchange)[1] === 'dg-m-dragoman-p2-2 p2');
    await exchange.inCall('en', 'fr');
  });

  it('says that the password is refused, in words and without it, and tries again rarely', async (test) => {
    const exchange = await AriExchange.open(test, { ari: { password: 'another' } });
    await exchange.until('told', () => exchange.logged('ARI cannot be used').length === 1);
    const [line] = exchange.logged('ARI cannot be used');
    assert.match(String(line?.sentence), /refuses the user or the password of ARI: .*DRAGOMAN_ARI_PASSWORD/);
    await exchange.scripted.clock.advance(59_000);
    assert.equal(exchange.ari.requests, 1);
    const { state, reason, step } = exchange.door.health ?? {};
    assert.deepEqual([state, reason], ['FAILED', line?.sentence]);
    assert.match(String(step), /calls that run go on; .* tried 1 times, and is tried again after 60 s/);
    exchange.ari.options = { password: PASSWORD };
    await exchange.until('connected', () => exchange.count('ariConnected') === 1);
    assert.ok(!JSON.stringify(exchange.scripted.log.lines).includes(PASSWORD));
  });

  for (const [what, ari, sentence] of [
    ['the user may only read', { readOnly: true }, /may only read: write read_only=no under \[dragoman\]/],
    ['there is no ARI', { enabled: false }, /has no ARI: write enabled=yes/],
  ] as const) {
    it(`says that ${what}`, async (test) => {
      const exchange = await AriExchange.open(test, { ari });
      await exchange.until('told', () => exchange.logged('ARI cannot be used').length === 1);
      assert.match(String(exchange.logged('ARI cannot be used')[0]?.sentence), sentence);
    });
  }

  it('is not opened while another dragoman has calls as the same application, which it says', async (test) => {
    const exchange = await AriExchange.open(test, {
      before: (ari) => ari.leave('dg-m-dragoman-theirs', ['dragoman']),
    });
    await exchange.until('told', () => exchange.logged('ARI cannot be used').length === 1);
    assert.match(String(exchange.logged('ARI cannot be used')[0]?.sentence), /another dragoman has calls as/);
    await exchange.scripted.clock.advance(1_000);
    assert.deepEqual(exchange.ari.handshakes, []);
    exchange.ari.hangUp('dg-m-dragoman-theirs');
    await exchange.until('connected', () => exchange.count('ariConnected') === 1);
  });

  it('says that another program has taken its application, and does not fight for it', async (test) => {
    const exchange = await AriExchange.connected(test);
    exchange.ari.replace('dragoman');
    await exchange.until('told', () => exchange.logged('ARI cannot be used').length === 1);
    assert.match(String(exchange.logged('ARI cannot be used')[0]?.sentence), /another program has connected/);
    await exchange.scripted.clock.advance(10_000);
    assert.equal(exchange.ari.handshakes.length, 1);
  });

  it('is tried again and again while nobody is there, and told of once', async (test) => {
    const exchange = await AriExchange.connected(test);
    const { ari } = exchange;
    const { clock } = exchange.scripted;
    assert.equal(exchange.door.health?.state, 'HEALTHY');
    assert.ok(exchange.door.health?.lastMs !== undefined, 'Asterisk has answered');
    ari.options = { enabled: false };
    await clock.advance(1_000);
    const brokenMs = clock.nowMs();
    ari.dropConnections();
    await exchange.until('tried three times', () => ari.handshakes.length === 4);
    const { state, sinceMs = 0 } = exchange.door.health ?? {};
    assert.equal(state, 'UNHEALTHY');
    assert.ok(sinceMs >= brokenMs && sinceMs < clock.nowMs(), 'since it broke, not since it was tried last');
    assert.equal(exchange.logged('ARI cannot be used').length, 2, 'that it broke, and that there is none');
    ari.options = { password: PASSWORD };
    await exchange.until('connected again', () => exchange.count('ariConnected') === 2);
    assert.equal(exchange.door.health?.state, 'HEALTHY');
  });
});
