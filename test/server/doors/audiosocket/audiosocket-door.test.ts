import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import { systemClock } from '../../../../src/base/clock.ts';
import { CountSums } from '../../../../src/base/counts.ts';
import { codeOf } from '../../../../src/base/errors.ts';
import { silentLog } from '../../../../src/base/log.ts';
import { SlicedWork } from '../../../../src/base/sliced-work.ts';
import { ArrangedSeating } from '../../../../src/call/seating/arranged-seating.ts';
import { SuffixSeating } from '../../../../src/call/seating/suffix-seating.ts';
import type { Switchboard } from '../../../../src/call/switchboard.ts';
import { openSocket } from '../../../../src/client/open-socket.ts';
import { encodeUuid } from '../../../../src/protocol/audiosocket/asterisk-encoder.ts';
import { parseAllowList } from '../../../../src/server/doors/audiosocket/allow-list.ts';
import { audioSocketDoor } from '../../../../src/server/doors/audiosocket/audiosocket-door.ts';
import type { Door, ListeningDoor } from '../../../../src/server/doors/door.ts';
import type { FakeClock } from '../../../base/fake-clock.ts';
import { PLAN, ScriptedExchange } from '../../../call/scripted-legs.ts';
import { reading, throwOn, until } from './socket-pairs.ts';

interface Opened {
  readonly door: ListeningDoor;
  readonly switchboard: Switchboard;
  readonly clock: FakeClock;
  readonly work: NotedWork;
}

/** Notes each connection that comes and each job that is done for one. */
class NotedWork extends SlicedWork {
  readonly noted: string[] = [];

  override mayBringMore(): void {
    this.noted.push('came');
    super.mayBringMore();
  }

  override doSoon(job: () => void): void {
    super.doSoon(() => {
      this.noted.push('job');
      job();
    });
  }
}

async function openDoor(
  test: TestContext,
  options: { readonly allow?: readonly string[]; readonly maxLegs?: number; readonly port?: number } = {},
): Promise<Opened> {
  const { allow = [], maxLegs = 2, port = 0 } = options;
  const { switchboard, clock } = new ScriptedExchange(test, { switchboard: { maxLegs } });
  const open = audioSocketDoor({
    host: '127.0.0.1',
    port,
    languages: ['en', 'es'],
    allow: parseAllowList(allow),
    maxLegs,
    uuidTimeoutMs: 5_000,
    rejoinMs: 0,
  });
  const work = new NotedWork(clock, throwOn);
  const door = await open({
    switchboard,
    promises: new ArrangedSeating(PLAN, new SuffixSeating(PLAN)),
    listening: () => [],
    clock,
    log: silentLog,
    work,
  });
  test.after(() => door.close());
  return { door, switchboard, clock, work };
}

const HANG_UP = Buffer.of(0, 0, 0);
/** 20 ms at 8 kHz: a header of 3 bytes and 160 samples. */
const FRAME_BYTES = 323;

/** How often connections were turned away, by reason. */
function refusedAt({ counts }: Door): ReadonlyMap<string, number> {
  return new CountSums().add({ counts }).tally('connectionsRefused');
}

function acceptedAt({ counts }: Door): number {
  return new CountSums().add({ counts }).number('connectionsAccepted');
}

describe('AudioSocketDoor', () => {
  it('takes a leg in when it says who it is, and speaks to it before it has said anything else', async (t) => {
    const { door, switchboard } = await openDoor(t);
    const peer = await openSocket('127.0.0.1', door.address.port, systemClock);
    t.after(() => peer.destroy());
    const heard = reading(peer);
    assert.equal(acceptedAt(door), 0);
    peer.write(encodeUuid(new Uint8Array(16)));
    await until('a frame of silence', () => heard.count() >= 323);
    assert.deepEqual(
      heard.bytes().subarray(0, 323),
      Buffer.concat([Buffer.of(0x10, 1, 64), Buffer.alloc(320)]),
    );
    assert.equal(switchboard.legs.size, 1);
    assert.equal(acceptedAt(door), 1);
    await until('the call', () => switchboard.calls.size === 1);
  });

  it('takes all connections that wait out of the kernel before it works for any', async (t) => {
    const { door, work } = await openDoor(t);
    // The loop of a server hands over one a turn; that of the callers, who are in the same process, asks for all at once.
    const peers = Array.from({ length: 20 }, () => connect(door.address.port, '127.0.0.1'));
    t.after(() => {
      for (const peer of peers) {
        peer.destroy();
      }
    });
    await until('all of them', () => work.noted.length === 40);
    assert.deepEqual(work.noted, [...Array<string>(20).fill('came'), ...Array<string>(20).fill('job')]);
  });

  it('turns away whose address is not allowed, with a hang-up, by count', async (t) => {
    const { door, switchboard, clock } = await openDoor(t, { allow: ['10.0.0.0/8'] });
    const peer = await openSocket('127.0.0.1', door.address.port, systemClock);
    t.after(() => peer.destroy());
    const heard = reading(peer);
    await until('its end', heard.ended);
    assert.deepEqual(heard.bytes(), HANG_UP);
    assert.deepEqual([...refusedAt(door)], [['not-allowed', 1]]);
    assert.equal(acceptedAt(door), 0);
    assert.equal(switchboard.legs.size, 0);
    await clock.advance(1_000);
    await until('nothing is left of it', () => clock.pendingTimers === 0);
  });

  it('turns away the one who is too many, and destroys a connection that does not close within a second', async (t) => {
    const { door, switchboard, clock } = await openDoor(t, { maxLegs: 1 });
    const first = await openSocket('127.0.0.1', door.address.port, systemClock);
    first.write(encodeUuid(new Uint8Array(16)));
    await until('the first', () => acceptedAt(door) === 1);
    // It reads, and so closes when it is hung up.
    reading(first);
    const second = await openSocket('127.0.0.1', door.address.port, systemClock);
    t.after(() => {
      first.destroy();
      second.destroy();
    });
    second.allowHalfOpen = true;
    const heard = reading(second);
    second.write(encodeUuid(new Uint8Array(16).fill(16)));
    // It is asked where it belongs first, and has its frames meanwhile.
    await until('the hang-up', () => heard.count() % FRAME_BYTES === HANG_UP.length);
    assert.deepEqual(heard.bytes().subarray(-HANG_UP.length), HANG_UP);
    assert.equal(switchboard.totals().tally('connectionsRefused').get('too-many-legs'), 1);
    const timersBefore = clock.pendingTimers;
    await clock.advance(1_000);
    await until('its connection is destroyed', () => clock.pendingTimers < timersBefore);
  });

  it('says that its port is in use, and what to do', async (t) => {
    const { door } = await openDoor(t);
    const again = openDoor(t, { port: door.address.port });
    await assert.rejects(again, (error: unknown) => codeOf(error) === 'address-in-use');
  });

  it('takes no more connections once it is closed', async (t) => {
    const { door } = await openDoor(t);
    const { port } = door.address;
    await door.close();
    await assert.rejects(
      openSocket('127.0.0.1', port, systemClock),
      (error: unknown) => codeOf(error) === 'ECONNREFUSED',
    );
  });
});
