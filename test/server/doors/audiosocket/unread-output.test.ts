import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { silentLog } from '../../../../src/base/log.ts';
import { PeerReading, type Unread } from '../../../../src/server/doors/audiosocket/peer-reading.ts';
import {
  piecesOf,
  UnreadOutput,
  UnreadTable,
  type WatchedConnection,
} from '../../../../src/server/doors/audiosocket/unread-output.ts';
import { FakeClock } from '../../../base/fake-clock.ts';

const HEAD =
  '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode';
/** Port 5050 is 13BA: a peer on this machine, its other end, one elsewhere, and a connection of somebody else. */
const TCP = `${HEAD}
   0: 0100007F:13BA 0100007F:D431 01 00000010:00000000 02:000AFC2E 00000000     0        0 1 2 0 20 4 30 10 -1
   1: 0100007F:D431 0100007F:13BA 01 00000000:00000A18 00:00000000 00000000     0        0 2 1 0 20 4 30 10 -1
   2: 0500000A:13BA 0700000A:0FA0 01 00002000:00000005 01:00000014 00000000     0        0 3 2 0 20 4 30 10 -1
   3: 0100007F:0050 0100007F:D432 01 00000100:00000000 00:00000000 00000000     0        0 4 1 0 20 4 30 10 -1
   4: 0100007F:13BA 0100007F:D433 06 00000000:00000000 03:00001234 00000000     0        0 0 3 0
`;
const TCP6 = `${HEAD}
   0: 0000000000000000FFFF00000500000A:13BA 0000000000000000FFFF00000800000A:0FA1 01 00000020:00000000 00:00000000
   1: 00000000000000000000000001000000:13BA 00000000000000000000000001000000:C001 01 00000030:00000000 00:00000000
   2: B80D0120000000000000000007000000:13BA B80D0120000000000000000008000000:C002 01 00000040:00000000 00:00000000
`;

/** A connection, and what it was told. */
class PlayedConnection implements WatchedConnection {
  gone = false;
  receivedBytes = 0;
  readonly found: Unread[] = [];
  readonly address: string;
  readonly port: number;

  constructor(address: string, port: number) {
    this.address = address;
    this.port = port;
  }

  foundUnread(unread: Unread): void {
    this.found.push(unread);
  }
}

describe('what was sent and has not been read', () => {
  it('is in the table of connections, at both ends where both are here', () => {
    const table = new UnreadTable(5050);
    for (const lines of [TCP, TCP6]) {
      table.add(lines);
    }
    assert.deepEqual(Object.fromEntries(table.unread), {
      '0100007F:D431': { onWayBytes: 16, unreadBytes: 2_584 },
      '0700000A:0FA0': { onWayBytes: 8_192, unreadBytes: 0 },
      '0800000A:0FA1': { onWayBytes: 32, unreadBytes: 0 },
      '00000000000000000000000001000000:C001': { onWayBytes: 48, unreadBytes: 0 },
      'B80D0120000000000000000008000000:C002': { onWayBytes: 64, unreadBytes: 0 },
    });
  });

  it('is found in a long table, too, which is read in pieces of whole lines', () => {
    const lines = Array.from({ length: 2_000 }, (_, index) => {
      const peer = (0x8000 + index).toString(16).toUpperCase();
      return `   ${index}: 0100007F:13BA 0100007F:${peer} 01 00000010:00000000 02:000AFC2E 00000000     0        0 1\n`;
    });
    const text = HEAD + lines.join('');
    const pieces = [...piecesOf(text)];
    assert.ok(pieces.length > 10 && pieces.every((piece) => piece.endsWith('\n')), `${pieces.length} pieces`);
    assert.equal(pieces.join(''), text);
    const table = new UnreadTable(5050);
    for (const piece of pieces) {
      table.add(piece);
    }
    assert.equal(table.unread.size, 2_000);
    assert.deepEqual([...piecesOf('a line that ends nowhere '.repeat(1_000))].length, 1);
    assert.deepEqual([...piecesOf('')], []);
  });

  it('is told to each connection, whatever its address looks like', async () => {
    const clock = new FakeClock();
    const watch = new UnreadOutput(
      clock,
      silentLog,
      () => 5050,
      async () => [TCP, TCP6],
    );
    const connections = [
      new PlayedConnection('127.0.0.1', 0xd431),
      new PlayedConnection('::ffff:10.0.0.8', 0x0fa1),
      new PlayedConnection('::1', 0xc001),
      new PlayedConnection('2001:db8::8', 0xc002),
      new PlayedConnection('10.9.9.9', 1),
    ];
    for (const connection of connections) {
      watch.watch(connection);
    }
    await clock.advance(200);
    assert.deepEqual(
      connections.map(({ found }) => found.map(({ onWayBytes }) => onWayBytes)),
      [[16], [32], [48], [64], []],
    );
    watch.close();
    assert.equal(clock.pendingTimers, 0);
  });

  it('is looked for often while nothing comes from one of them, else each second, and never for none', async () => {
    const clock = new FakeClock();
    let looks = 0;
    const watch = new UnreadOutput(
      clock,
      silentLog,
      () => 5050,
      async () => {
        looks += 1;
        return [TCP];
      },
    );
    const connection = new PlayedConnection('127.0.0.1', 0xd431);
    watch.watch(connection);
    for (let step = 0; step < 10; step += 1) {
      connection.receivedBytes += 320;
      await clock.advance(200);
    }
    assert.equal(looks, 2);
    await clock.advance(1_000);
    assert.equal(looks, 7);
    connection.gone = true;
    await clock.advance(1_000);
    assert.deepEqual([looks, clock.pendingTimers], [7, 0]);
  });

  it('is looked for once at a time, whoever comes meanwhile, and less often the longer it takes', async () => {
    const clock = new FakeClock();
    const looks: ((tables: readonly string[]) => void)[] = [];
    const watch = new UnreadOutput(
      clock,
      silentLog,
      () => 5050,
      () => new Promise((resolve) => looks.push(resolve)),
    );
    watch.watch(new PlayedConnection('127.0.0.1', 0xd431));
    await clock.advance(200);
    for (let port = 1; port <= 50; port += 1) {
      watch.watch(new PlayedConnection('127.0.0.1', port));
    }
    await clock.advance(60);
    looks[0]?.([TCP]);
    await clock.advance(520);
    assert.equal(looks.length, 1, 'a look that took 60 ms is followed by 540 ms without one');
    await clock.advance(20);
    assert.equal(looks.length, 2);
    await clock.advance(5_000);
    assert.equal(looks.length, 2, 'another look is begun while one goes on');
    looks[1]?.([TCP]);
    await clock.advance(980);
    assert.equal(looks.length, 2);
    await clock.advance(20);
    assert.equal(looks.length, 3, 'one that took 5 s waited: who is held back because of it is not for long');
    watch.close();
    assert.equal(clock.pendingTimers, 0);
  });

  it('is not known where there is no table, which hurts nobody', async () => {
    const clock = new FakeClock();
    const watch = new UnreadOutput(
      clock,
      silentLog,
      () => 5050,
      () => Promise.reject(new Error('ENOENT')),
    );
    const connection = new PlayedConnection('127.0.0.1', 0xd431);
    watch.watch(connection);
    await clock.advance(200);
    watch.watch(connection);
    assert.deepEqual([connection.found, clock.pendingTimers], [[], 0]);
    // It keeps nobody either: no connection is ever looked at, so none would be found to be gone.
    const later: WatchedConnection = {
      gone: false,
      address: '127.0.0.1',
      port: 1,
      get receivedBytes(): number {
        throw new Error('it is taken in');
      },
      foundUnread: () => {},
    };
    watch.watch(later);
  });
});

describe('a peer that does not read', () => {
  const FRAME_BYTES = 323;
  const frames = (unread: number, onWay = 0): Unread => ({
    unreadBytes: unread * FRAME_BYTES,
    onWayBytes: onWay * FRAME_BYTES,
  });

  it('is sent nothing while more than 400 ms wait at its end, or 500 ms are on their way', () => {
    const peer = new PeerReading();
    for (const [unread, heldBack] of [
      [frames(20, 25), false],
      [frames(21), true],
      [frames(20), false],
      [frames(0, 26), true],
      [frames(0), false],
    ] as const) {
      assert.equal(peer.judge(unread, FRAME_BYTES, 0), false);
      assert.equal(peer.heldBack, heldBack, JSON.stringify(unread));
    }
  });

  it('is gone when it has read nothing of that for 7 s', () => {
    const peer = new PeerReading();
    const gone = (unread: Unread, nowMs: number): boolean => peer.judge(unread, FRAME_BYTES, nowMs);
    assert.equal(gone(frames(25), 1_000), false);
    assert.equal(gone(frames(30), 7_900), false);
    assert.equal(gone(frames(29), 8_100), false, 'it has read something');
    assert.equal(gone(frames(29), 8_300), false);
    assert.equal(gone(frames(29), 15_200), false);
    assert.equal(gone(frames(29), 15_300), true);
  });
});
