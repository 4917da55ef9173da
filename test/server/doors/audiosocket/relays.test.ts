/** Legs whose call is at another node: an Asterisk on one side, that node's listener on the other. */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import type { Clock } from '../../../../src/base/clock.ts';
import { silentLog } from '../../../../src/base/log.ts';
import { SlicedWork } from '../../../../src/base/sliced-work.ts';
import { allocateLegMemory } from '../../../../src/media/ring/leg-memory.ts';
import { encodeAudio, encodeHangup } from '../../../../src/protocol/audiosocket/encoder.ts';
import { AudioSocketTransport } from '../../../../src/server/doors/audiosocket/audiosocket-transport.ts';
import { RelayedWay } from '../../../../src/server/doors/audiosocket/relayed-way.ts';
import { Relays } from '../../../../src/server/doors/audiosocket/relays.ts';
import { FakeClock } from '../../../base/fake-clock.ts';
import { acceptedPair, reading, throwOn, until } from './socket-pairs.ts';

const UUID = Uint8Array.from({ length: 16 }, (_, index) => index + 1);
const UUID_MESSAGE = Buffer.from([1, 0, 16, ...UUID]);
/** What another node is told first. */
const RELAYED = Buffer.from([0xfe, 0, 0, ...UUID_MESSAGE]);
const frame = (value: number): Buffer => encodeAudio(new Uint8Array(320).fill(value), 8_000);

/** The node that has the call: what comes to it, and its end of each connection. */
async function owner(test: TestContext) {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    socket.on('error', () => {});
    sockets.push(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  assert.ok(typeof address === 'object' && address !== null);
  test.after(() => {
    for (const socket of sockets) {
      socket.destroy();
    }
    server.close();
  });
  const to = { type: 'elsewhere', node: 'one', host: '127.0.0.1', port: address.port } as const;
  const first = async (): Promise<Socket> => {
    await until('the node has a connection', () => sockets.length > 0);
    const [socket] = sockets;
    assert.ok(socket !== undefined);
    return socket;
  };
  return { to, first };
}

/** A leg that has said who it is. */
async function leg(test: TestContext, most = 10) {
  const { accepted, peer } = await acceptedPair(test);
  const clock = new FakeClock();
  const relays = new Relays(clock, most);
  const work = new SlicedWork(clock, throwOn);
  const transport = new AudioSocketTransport(accepted, { clock, log: silentLog, work, relays });
  const told: string[] = [];
  transport.attach(
    {
      arrived: () => told.push('arrived'),
      frame: () => told.push('frame'),
      packet: () => {},
      spokenToOnlyAt: () => {},
      key: () => told.push('key'),
      closed: (reason) => told.push(`closed ${reason}`),
    },
    allocateLegMemory().wire,
  );
  await clock.advance(1);
  peer.write(UUID_MESSAGE);
  await until('it has said who it is', () => told.includes('arrived'));
  test.after(() => relays.close());
  return { peer, heard: reading(peer), transport, relays, clock, told };
}

/** A leg that is passed on, and the node's end of it. */
async function passedOn(test: TestContext) {
  const [there, here] = [await owner(test), await leg(test)];
  assert.equal(await here.transport.passOn(there.to), 'passed-on');
  const far = await there.first();
  return { ...here, far, came: reading(far) };
}

describe('a leg that is passed on', () => {
  it('is no leg here any more, and comes to the other node as one that is passed on', async (t) => {
    const { told, came, relays } = await passedOn(t);
    await until('who it is', () => came.count() >= RELAYED.length);
    assert.deepEqual(came.bytes(), RELAYED);
    assert.equal(told.at(-1), 'closed passed-on');
    assert.equal(relays.running, 1);
  });

  it('has all its messages come whole, both ways and in order', async (t) => {
    const { peer, heard, far, came } = await passedOn(t);
    const said = Buffer.concat([frame(1), Buffer.from([3, 0, 1, 0x35]), frame(2), frame(3)]);
    for (let at = 0; at < said.length; at += 100) {
      peer.write(said.subarray(at, at + 100));
    }
    await until('what it said', () => came.count() >= RELAYED.length + said.length);
    assert.deepEqual(came.bytes().subarray(RELAYED.length), said);
    const answer = Buffer.concat([frame(7), frame(8)]);
    far.write(answer.subarray(0, 400));
    far.write(answer.subarray(400));
    await until('the answer', () => heard.count() >= answer.length);
    assert.deepEqual(heard.bytes(), answer);
  });

  it('loses nothing of a message that had begun to come', async (t) => {
    const [there, here] = [await owner(t), await leg(t)];
    const [begun, rest] = [frame(9).subarray(0, 200), frame(9).subarray(200)];
    here.peer.write(begun);
    await until('the beginning', () => here.transport.receivedBytes >= UUID_MESSAGE.length + begun.length);
    assert.equal(await here.transport.passOn(there.to), 'passed-on');
    const came = reading(await there.first());
    here.peer.write(rest);
    await until('all of it', () => came.count() >= RELAYED.length + frame(9).length);
    assert.deepEqual(came.bytes().subarray(RELAYED.length), frame(9));
  });

  it('loses nothing of what came before it was known whose it is', async (t) => {
    const [there, here] = [await owner(t), await leg(t)];
    const early = Buffer.concat([frame(3), frame(4)]);
    here.peer.write(early);
    await until('what came', () => here.transport.receivedBytes >= UUID_MESSAGE.length + early.length);
    assert.equal(await here.transport.passOn(there.to), 'passed-on');
    const came = reading(await there.first());
    here.peer.write(frame(5));
    await until('all of it', () => came.count() >= RELAYED.length + 3 * frame(3).length);
    assert.deepEqual(came.bytes().subarray(RELAYED.length), Buffer.concat([early, frame(5)]));
  });

  it('is let go without a hang-up when the other node has gone', async (t) => {
    const { heard, far, relays } = await passedOn(t);
    far.write(frame(1));
    await until('a frame', () => heard.count() > 0);
    far.destroy();
    await until('its end', () => heard.ended());
    assert.deepEqual(heard.bytes(), frame(1));
    await until('it is counted', () => relays.counts.relaysEnded.get('node-left') === 1);
    assert.equal(relays.running, 0);
  });

  it('is hung up when the other node hangs it up', async (t) => {
    const { heard, far, relays } = await passedOn(t);
    far.end(encodeHangup());
    await until('its end', () => heard.ended());
    assert.deepEqual(heard.bytes(), encodeHangup());
    assert.equal(relays.counts.relaysEnded.get('hung-up'), 1);
  });

  it('is gone for the other node when it leaves', async (t) => {
    const { peer, came, relays } = await passedOn(t);
    peer.destroy();
    await until('the end there', () => came.ended());
    assert.equal(relays.counts.relaysEnded.get('leg-left'), 1);
  });

  it('is let go when the other node sends nothing at all for 0.7 s', async (t) => {
    const { heard, clock, relays } = await passedOn(t);
    await clock.advance(600);
    assert.equal(relays.running, 1);
    await clock.advance(100);
    await until('its end', () => heard.ended());
    assert.equal(relays.counts.relaysEnded.get('node-silent'), 1);
  });

  it('is not let go for what the other node has sent while this one stood still', async (t) => {
    const { heard, far, clock, relays } = await passedOn(t);
    clock.freeze(3_000);
    await clock.advance(1);
    assert.equal(relays.running, 1);
    far.write(frame(1));
    await until('a frame', () => heard.count() > 0);
    await clock.advance(600);
    assert.equal(relays.running, 1);
  });

  it('is let go when the other node stands still for 1.5 s, and not before', async (t) => {
    const { heard, far, clock, relays } = await passedOn(t);
    far.write(frame(1));
    await until('a frame', () => heard.count() > 0);
    await clock.advance(100);
    await clock.advance(1_400);
    assert.equal(relays.running, 1);
    await clock.advance(100);
    await until('its end', () => heard.ended());
    assert.equal(relays.counts.relaysEnded.get('node-silent'), 1);
  });

  it('is let go with all others when the node is closed', async (t) => {
    const { heard, relays } = await passedOn(t);
    relays.close();
    await until('its end', () => heard.ended());
    assert.equal(heard.count(), 0);
  });
});

/** A clock whose one timer fires when the test says so, before anything is read. */
function blockedLoop() {
  let nowMs = 1_000;
  let due: (() => void) | undefined;
  const clock: Clock = {
    nowMs: () => nowMs,
    wallTime: () => new Date(nowMs),
    at: (_, callback) => {
      due = callback;
      return {
        cancel: () => {
          due = undefined;
        },
      };
    },
    sleep: () => Promise.reject(new Error('nobody sleeps here')),
  };
  const blockedFor = (ms: number): void => {
    nowMs += ms;
    due?.();
  };
  return { clock, blockedFor };
}

describe('a node to which a leg is passed on', () => {
  it('has not failed to answer while we stood still', async (t) => {
    const { clock, blockedFor } = blockedLoop();
    const relays = new Relays(clock, 10);
    const { to } = await owner(t);
    const connecting = relays.connect(to, UUID);
    blockedFor(3_000);
    const far = await connecting;
    assert.ok(typeof far !== 'string', `${far}`);
    far.socket.destroy();
  });

  it('that does not answer in time is told from one that refuses', async (t) => {
    const { clock, blockedFor } = blockedLoop();
    const relays = new Relays(clock, 10);
    const { to } = await owner(t);
    const connecting = relays.connect(to, UUID);
    blockedFor(500);
    assert.equal(await connecting, 'unreachable');
  });
});

describe('a leg that cannot be passed on', () => {
  it('stays a leg when the other node refuses', async (t) => {
    const { transport, told, peer, clock } = await leg(t);
    const to = { type: 'elsewhere', node: 'gone', host: '127.0.0.1', port: 1 } as const;
    assert.equal(await transport.passOn(to), 'refused');
    transport.seated(false);
    peer.write(frame(1));
    await until('a frame', () => told.includes('frame'));
    assert.ok(!told.some((each) => each.startsWith('closed')));
    assert.equal(clock.pendingTimers, 0);
  });

  it('stays one when as many are passed on as may be', async (t) => {
    const { transport } = await leg(t, 0);
    const { to } = await owner(t);
    assert.equal(await transport.passOn(to), 'full');
  });

  it('that has left meanwhile leaves nothing behind', async (t) => {
    const { transport, peer, relays, told } = await leg(t);
    const { to, first } = await owner(t);
    const passing = transport.passOn(to);
    peer.resetAndDestroy();
    await until('it has left', () => told.includes('closed peer-reset'));
    const outcome = await passing;
    const came = reading(await first());
    await until('the end there', () => came.ended());
    assert.ok(outcome === 'gone' || outcome === 'passed-on', outcome);
    await until('nothing is left', () => relays.running === 0);
  });
});

describe('a leg that is let go', () => {
  it('ends without a hang-up', async (t) => {
    const { transport, heard, told } = await leg(t);
    transport.letGo();
    await until('its end', () => heard.ended());
    assert.equal(heard.count(), 0);
    await until('it is told', () => told.includes('closed peer-closed'));
  });
});

describe('one way of a relay', () => {
  /** A connection that takes nothing before it is told to. */
  function slow() {
    const sent: Buffer[] = [];
    const taken: (() => void)[] = [];
    const to = {
      writable: true,
      write: (message: Buffer, done: () => void): boolean => {
        sent.push(message);
        taken.push(done);
        return true;
      },
    };
    return { way: new RelayedWay(to), sent, take: () => taken.shift()?.() };
  }

  it('drops the oldest sound that waits, and never a key', () => {
    const { way, sent, take } = slow();
    for (let value = 1; value <= 12; value += 1) {
      way.push(frame(value));
      if (value === 6) {
        way.push(Buffer.from([3, 0, 1, 0x35]));
      }
    }
    for (let took = 0; took < 20; took += 1) {
      take();
    }
    const values = sent.map((message) => (message.length === 4 ? 'key' : message[3]));
    assert.deepEqual(values, [1, 2, 3, 4, 5, 'key', 8, 9, 10, 11, 12]);
    assert.equal(way.dropped, 2);
  });

  it('keeps no keys without end for who does not take them', () => {
    const { way, sent } = slow();
    for (let pressed = 0; pressed < 10_000; pressed += 1) {
      way.push(Buffer.from([3, 0, 1, 0x35]));
    }
    assert.ok(sent.length <= 100, `${sent.length} were written`);
    assert.equal(way.dropped, 10_000 - sent.length - 5);
  });
});
