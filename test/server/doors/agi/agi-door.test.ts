/** The AGI door over real sockets, asked as Asterisk asks, in front of a server that the test plays. */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { describe, it, type TestContext } from 'node:test';
import { systemClock } from '../../../../src/base/clock.ts';
import { CountSums } from '../../../../src/base/counts.ts';
import { silentLog } from '../../../../src/base/log.ts';
import { openSocket } from '../../../../src/client/open-socket.ts';
import { agiDoor } from '../../../../src/server/doors/agi/agi-door.ts';
import { parseAllowList } from '../../../../src/server/doors/audiosocket/allow-list.ts';
import { FakeClock } from '../../../base/fake-clock.ts';
import { eventually, within } from '../../../support/waiting.ts';
import { FakeInterpretingView } from '../../http/fake-interpreting-view.ts';
import { FakeServerView, WELL } from '../../http/fake-server-view.ts';

const LIMIT_MS = 30_000;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const PAIR = ['first=en', 'second=es'];

/** It has every call that is to be withdrawn. */
class Withdrawing extends FakeServerView {
  override withdraw(id: string): boolean {
    this.done.push(['withdraw', id]);
    return true;
  }
}

async function opened(test: TestContext) {
  const view = new Withdrawing();
  view.doors = [{ name: 'audiosocket 0.0.0.0:5050', host: '0.0.0.0', port: 5050, health: WELL }];
  const interpreting = new FakeInterpretingView();
  interpreting.currentDirections = [{ from: 'en', to: 'es', state: 'served', reasons: [] }];
  const clock = new FakeClock();
  const open = agiDoor({ host: '127.0.0.1', port: 0, allow: parseAllowList(['192.0.2.1']), interpreting });
  const door = await open({ server: view, clock, log: silentLog });
  test.after(() => door.close());
  const outcomes = () => Object.fromEntries(new CountSums().add(door).tally('agiRequests'));
  const connect = async () => {
    const socket = await openSocket('127.0.0.1', door.address.port, systemClock);
    test.after(() => socket.destroy());
    return socket;
  };
  return { view, clock, door, outcomes, connect };
}

/** What Asterisk tells of AGI() with these arguments. */
function asked(args: readonly string[], script = 'register'): string {
  return [
    ...['network: yes', `network_script: ${script}`, 'channel: PJSIP/alice-00000001'],
    ...args.map((arg, index) => `arg_${index + 1}: ${arg}`),
  ]
    .map((fact) => `agi_${fact}\n`)
    .join('')
    .concat('\n');
}

describe('AGI()', () => {
  /** Asks as Asterisk does, and does what it is told; what the channel's variables and the console are then. */
  async function done(connect: Awaited<ReturnType<typeof opened>>['connect'], request: string) {
    const socket = await connect();
    const variables = new Map<string, string>();
    const console: string[] = [];
    let rest = '';
    socket.setEncoding('utf8').on('data', (text: string) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        const [, name, value] = /^SET VARIABLE (\w+) "(.*)"$/.exec(line) ?? [];
        if (name === undefined) {
          console.push(line);
        } else {
          variables.set(name, value ?? '');
        }
        socket.write('200 result=1\n');
      }
    });
    socket.write(request);
    await once(socket, 'close');
    return { variables, console };
  }

  it('registers a call, and has the answer in variables of the channel', async (test) => {
    const { view, outcomes, connect } = await opened(test);
    const { variables, console } = await done(
      connect,
      asked([...PAIR, 'first_name=Zoë = "Z", the 1st', 'policy=turn', 'announce=off', 'second_voice=']),
    );
    const { DRAGOMAN_MADE_0: first, DRAGOMAN_MADE_1: second, ...rest } = Object.fromEntries(variables);
    assert.match(first ?? '', UUID);
    assert.match(second ?? '', UUID);
    assert.notEqual(first, second);
    assert.deepEqual([rest.DRAGOMAN_MADE_AT, rest.DRAGOMAN_REASON], ['127.0.0.1:5050', '']);
    assert.match(rest.DRAGOMAN_CALL_ID ?? '', /^[0-9a-f]{16}$/);
    const [[, wish] = []] = view.done;
    const { parties, plan } = Object(wish);
    assert.deepEqual(plan, { policy: 'turn', announce: false });
    assert.deepEqual([parties[0].name, parties[1].voice], ['Zoë = "Z", the 1st', undefined]);
    assert.deepEqual([console, outcomes()], [[], { registered: 1 }]);
  });

  it('lets the dialplan go on without when it is refused, with the reason on the console', async (test) => {
    const { view, outcomes, connect } = await opened(test);
    const refused = async (args: readonly string[], script?: string) => {
      const { variables, console } = await done(connect, asked(args, script));
      const { DRAGOMAN_REASON: reason, ...rest } = Object.fromEntries(variables);
      const empty = { DRAGOMAN_MADE_0: '', DRAGOMAN_MADE_1: '', DRAGOMAN_MADE_AT: '', DRAGOMAN_CALL_ID: '' };
      assert.deepEqual(rest, empty);
      assert.match(console.join(), /^VERBOSE "dragoman: .* 1$/);
      return reason;
    };
    assert.equal(await refused([]), 'bad-request');
    assert.equal(await refused(['first=en']), 'bad-request');
    assert.equal(await refused([...PAIR, 'polcy=turn']), 'bad-request');
    assert.equal(await refused(['en', 'es']), 'bad-request');
    assert.equal(await refused(['first=en', 'second=fr']), 'language-not-served');
    assert.equal(await refused(PAIR, 'hangup'), 'no-such-script');
    assert.deepEqual(view.done, []);
    view.refuses = 'draining';
    assert.equal(await refused(PAIR), 'draining');
    assert.deepEqual(outcomes(), {
      'bad-request': 4,
      'language-not-served': 1,
      'no-such-script': 1,
      draining: 1,
    });
  });

  it('says where who came with a UUID was transferred to, and nothing of anybody else', async (test) => {
    const { view, outcomes, connect } = await opened(test);
    view.transfers.set('c0ffee00-0000-4000-8000-000000000001', 'sales');
    for (const [uuid, to] of [
      ['C0FFEE00-0000-4000-8000-000000000001', 'sales'],
      ['c0ffee00-0000-4000-8000-000000000002', ''],
    ] as const) {
      const { variables, console } = await done(connect, asked([uuid], 'transfer'));
      assert.deepEqual([Object.fromEntries(variables), console], [{ DRAGOMAN_TRANSFER: to }, []]);
    }
    assert.deepEqual(outcomes(), { transferred: 1, 'not-transferred': 1 });
  });

  it('takes a call back of which the dialplan does not hear', async (test) => {
    const { view, outcomes, connect } = await opened(test);
    for (const end of [
      'HANGUP\n',
      '511 Command Not Permitted on a dead channel or intercept routine\n',
      undefined,
    ]) {
      const before = view.done.length;
      const socket = await connect();
      socket.write(asked(PAIR));
      await once(socket, 'data');
      if (end === undefined) {
        socket.destroy();
      } else {
        socket.write(end);
      }
      await eventually('it is taken back', LIMIT_MS, () => view.done.length === before + 2);
      assert.deepEqual(
        view.done.slice(before).map(([what]) => what),
        ['register', 'withdraw'],
      );
    }
    assert.deepEqual(outcomes(), { left: 3 });
  });

  it('is cut off when it says what no Asterisk says', async (test) => {
    const { view, outcomes, connect } = await opened(test);
    for (const bytes of ['GET / HTTP/1.1\r\n\r\n', '\n', 'x'.repeat(10_000), `${asked(PAIR)}510 What?\n`]) {
      const socket = await connect();
      socket.on('error', () => {});
      socket.write(bytes);
      socket.resume();
      await once(socket, 'close');
    }
    const { 'wire-bad-message': bad, 'wire-payload-too-long': long, ...others } = outcomes();
    assert.deepEqual([bad, long, others], [3, 1, {}]);
    assert.deepEqual(
      view.done.map(([what]) => what),
      ['register', 'withdraw'],
    );
  });

  it('has two seconds', async (test) => {
    const { clock, outcomes, connect } = await opened(test);
    const silent = await connect();
    const ended = once(silent.resume(), 'close');
    await eventually('it is waited for', LIMIT_MS, () => clock.pendingTimers === 1);
    await clock.advance(2_000);
    await ended;
    await eventually('it is counted', LIMIT_MS, () => outcomes()['too-late'] === 1);
    assert.equal(clock.pendingTimers, 0);
  });

  it('is closed at once where 128 others are open, and taken when one of them has ended', async (test) => {
    const { clock, outcomes, connect } = await opened(test);
    const open = await Promise.all(Array.from({ length: 128 }, connect));
    await eventually('all are waited for', LIMIT_MS, () => clock.pendingTimers === 128);
    const onemore = await connect();
    onemore.on('error', () => {});
    await within('it is closed', LIMIT_MS, once(onemore.resume(), 'close'));
    await eventually('it is counted', LIMIT_MS, () => outcomes()['too-many-connections'] === 1);
    open[0]?.destroy();
    await eventually('one has ended', LIMIT_MS, () => clock.pendingTimers === 127);
    const { variables } = await done(connect, asked(PAIR));
    assert.match(variables.get('DRAGOMAN_MADE_0') ?? '', UUID);
  });

  it('is cut off when the door closes', async (test) => {
    const { door, connect, clock } = await opened(test);
    const socket = await connect();
    const ended = once(socket.resume(), 'close');
    await eventually('it is waited for', LIMIT_MS, () => clock.pendingTimers === 1);
    await door.close();
    await ended;
    await eventually('nothing is left', LIMIT_MS, () => clock.pendingTimers === 0);
  });
});
