import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import { SlicedWork } from '../../../../src/base/sliced-work.ts';
import { encodeDtmf, encodeUuid } from '../../../../src/protocol/audiosocket/asterisk-encoder.ts';
import { type Accepted, acceptShared } from '../../../../src/server/doors/audiosocket/accept-shared.ts';
import { Newcomers } from '../../../../src/server/doors/audiosocket/newcomers.ts';
import { FakeClock } from '../../../base/fake-clock.ts';
import { reading, throwOn, until } from './socket-pairs.ts';

const UUID = encodeUuid(Uint8Array.from({ length: 16 }, (_, index) => index));

/** True when it was asked so often. */
function turns(count: number): () => boolean {
  let asked = 0;
  return () => {
    asked += 1;
    return asked > count;
  };
}

/** A room of `most`, and what became of those in it. */
async function openRoom(test: TestContext, most: number) {
  const clock = new FakeClock();
  const known: Accepted[] = [];
  const ended: string[] = [];
  const counts = { taken: 0, receivedBytes: 0 };
  const newcomers = new Newcomers({ uuidTimeoutMs: 3_000, most }, clock, new SlicedWork(clock, throwOn), {
    allowed: (address) => address !== '127.0.0.66',
    known: (newcomer) => known.push(newcomer),
    ended: (address, why) => ended.push(`${address} ${why}`),
  });
  const server = createServer({ pauseOnConnect: true });
  acceptShared(server, (accepted) => {
    const open: Accepted['open'] = (onRead) =>
      accepted.open((bytes) => {
        counts.receivedBytes += bytes.length;
        onRead(bytes);
      });
    newcomers.take({ open });
    counts.taken += 1;
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  assert.ok(typeof address === 'object' && address !== null);
  const { port } = address;
  test.after(() => {
    newcomers.close();
    server.close();
  });
  /** Resolves when it was taken. */
  const come = async (localAddress = '127.0.0.1'): Promise<Socket> => {
    const before = counts.taken;
    const peer = connect({ host: '127.0.0.1', port, localAddress, noDelay: true });
    peer.on('error', () => {});
    test.after(() => peer.destroy());
    await until('it is taken', () => counts.taken > before);
    return peer;
  };
  return { clock, counts, known, ended, come };
}

describe('who has not said who they are', () => {
  it('are handed over when they have, with all that they sent, in whatever pieces', async (t) => {
    const { clock, counts, known, ended, come } = await openRoom(t, 4);
    const peer = await come();
    const sent = Buffer.concat([UUID, encodeDtmf('5')]);
    for (const [index, byte] of UUID.subarray(0, -1).entries()) {
      peer.write(Uint8Array.of(byte));
      await until('it is read', () => counts.receivedBytes > index);
    }
    peer.write(sent.subarray(UUID.length - 1));
    await until('it is known', () => known.length === 1);
    peer.write(encodeDtmf('6'));
    await until('a turn or two of the loop', turns(10));
    assert.equal(counts.receivedBytes, sent.length, 'nothing more is read before it has an owner');
    const heard: Uint8Array[] = [known[0]?.read ?? new Uint8Array(0)];
    const socket = known[0]?.open((bytes) => heard.push(Uint8Array.from(bytes)));
    socket?.on('error', () => {});
    t.after(() => socket?.destroy());
    socket?.resume();
    await until('the rest', () => Buffer.concat(heard).length === sent.length + 4);
    assert.deepEqual(Buffer.concat(heard), Buffer.concat([sent, encodeDtmf('6')]));
    assert.deepEqual([ended, clock.pendingTimers], [[], 0]);
  });

  it('are hung up when they say nothing for too long, or something else', async (t) => {
    const { clock, known, ended, come } = await openRoom(t, 4);
    const [silent, wrong] = [await come(), await come()];
    const heard = [reading(silent), reading(wrong)];
    wrong.write(encodeDtmf('5'));
    await until('one is sent away', () => ended.length === 1);
    await clock.advance(3_000);
    await until('they hear it', () => heard.every(({ ended: over }) => over()));
    assert.deepEqual(ended, ['127.0.0.1 wire-no-uuid', '127.0.0.1 no-uuid']);
    assert.deepEqual(
      heard.map(({ bytes }) => bytes()),
      [Buffer.of(0, 0, 0), Buffer.of(0, 0, 0)],
    );
    assert.deepEqual([known, clock.pendingTimers], [[], 0]);
  });

  it('go when they want to, and do not come in at all from an address that may not', async (t) => {
    const { ended, come } = await openRoom(t, 4);
    const heard = reading(await come('127.0.0.66'));
    await until('it is sent away', heard.ended);
    (await come()).resetAndDestroy();
    await until('the other has gone', () => ended.length === 2);
    assert.deepEqual(ended, ['127.0.0.66 not-allowed', '127.0.0.1 left']);
  });

  it('put out the oldest of their own when they fill the room, and nobody else', async (t) => {
    const { known, ended, come } = await openRoom(t, 4);
    const other = await come('127.0.0.2');
    const crowd = [await come(), await come(), await come(), await come(), await come()];
    assert.deepEqual(ended, ['127.0.0.1 too-many-newcomers', '127.0.0.1 too-many-newcomers']);
    for (const peer of [other, ...crowd]) {
      peer.write(UUID);
    }
    await until('those that are left are known', () => known.length === 4);
    for (const each of known) {
      const socket = each.open(() => {});
      socket.on('error', () => {});
      socket.destroy();
    }
  });
});
