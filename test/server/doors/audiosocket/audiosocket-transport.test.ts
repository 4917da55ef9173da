import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import { setImmediate as turnOfLoop } from 'node:timers/promises';
import { codeOf } from '../../../../src/base/errors.ts';
import { silentLog } from '../../../../src/base/log.ts';
import { SlicedWork } from '../../../../src/base/sliced-work.ts';
import type { LegTransportSink } from '../../../../src/call/leg-transport.ts';
import { bytesOf } from '../../../../src/media/dsp/sound.ts';
import { FrameWire } from '../../../../src/media/ring/frame-wire.ts';
import { allocateLegMemory } from '../../../../src/media/ring/leg-memory.ts';
import { encodeDtmf, encodeUuid } from '../../../../src/protocol/audiosocket/asterisk-encoder.ts';
import { AudioSocketDecoder } from '../../../../src/protocol/audiosocket/decoder.ts';
import { encodeAudio } from '../../../../src/protocol/audiosocket/encoder.ts';
import { encodeG711 } from '../../../../src/protocol/g711.ts';
import type { Accepted } from '../../../../src/server/doors/audiosocket/accept-shared.ts';
import { AudioSocketTransport } from '../../../../src/server/doors/audiosocket/audiosocket-transport.ts';
import { Relays } from '../../../../src/server/doors/audiosocket/relays.ts';
import { noise, sine } from '../../../asterisk/audio.ts';
import { FakeClock } from '../../../base/fake-clock.ts';
import { framesOf } from '../../../media/frames.ts';
import { acceptedPair, reading, throwOn, until } from './socket-pairs.ts';

/** 20 ms at 192,000 Hz: the longest frame fills a kernel's buffers soonest. */
const LONG_FRAME_BYTES = 7_680;
/** No kernel keeps so many for a peer that does not read: 150 MB. */
const MORE_THAN_FITS = 20_000;
/** Frames that are dropped one after the other when there is no more room. */
const DROPPED_FOR_GOOD = 50;
const UUID = Uint8Array.from({ length: 16 }, (_, index) => index);

/** A transport over a real connection, and all that it told. */
class TalkingTransport {
  /** Whether the leg has its place as soon as it has said who it is. */
  seatsAtOnce = true;
  onFrame = (): void => {};
  readonly told: string[] = [];
  readonly frames: Uint8Array[] = [];
  readonly clock = new FakeClock();
  readonly memory = allocateLegMemory();
  readonly peer: Socket;
  readonly transport: AudioSocketTransport;

  private constructor(peer: Socket, accepted: Accepted) {
    this.peer = peer;
    this.transport = new AudioSocketTransport(accepted, {
      clock: this.clock,
      log: silentLog,
      work: new SlicedWork(this.clock, throwOn),
      relays: new Relays(this.clock, 10),
    });
    const sink: LegTransportSink = {
      arrived: (facts) => {
        this.told.push(`arrived ${JSON.stringify(facts)}`);
        if (this.seatsAtOnce) {
          this.transport.seated(false);
        }
      },
      frame: (pcm, rateHz) => {
        this.frames.push(Uint8Array.from(pcm));
        this.onFrame();
        this.told.push(`frame at ${rateHz}`);
      },
      packet: () => {},
      spokenToOnlyAt: (rateHz) => this.told.push(`only ${rateHz}`),
      key: (key) => this.told.push(`key ${key}`),
      closed: (reason, error) =>
        this.told.push(`closed ${reason}${error === undefined ? '' : ` ${codeOf(error)}`}`),
    };
    this.transport.attach(sink, this.memory.wire);
  }

  static async open(test: TestContext, disguise = false): Promise<TalkingTransport> {
    const { peer, accepted } = await acceptedPair(test, disguise);
    return new TalkingTransport(peer, accepted);
  }

  get closed(): boolean {
    return this.told.some((each) => each.startsWith('closed'));
  }

  /** Sends a frame filled with `value`, 1 to 255, and lets the loop turn. */
  async send(value: number): Promise<void> {
    this.transport.send(new Uint8Array(LONG_FRAME_BYTES).fill(value), 192_000);
    await turnOfLoop();
  }

  /**
   * Sends until frames are dropped, and go on to be: what the kernel has may be on its way to the peer still, and
   * make room. Returns how many were taken.
   */
  async fill(): Promise<number> {
    const { counts } = this.transport;
    let taken = 0;
    for (let droppedInARow = 0; droppedInARow < DROPPED_FOR_GOOD; ) {
      assert.ok(taken < MORE_THAN_FITS, `a peer that does not read was sent ${MORE_THAN_FITS} frames`);
      const { socketDropped } = counts;
      await this.send((taken % 250) + 1);
      const isTaken = counts.socketDropped === socketDropped;
      taken += isTaken ? 1 : 0;
      droppedInARow = isTaken ? 0 : droppedInARow + 1;
    }
    return taken;
  }
}

/**
 * The first byte of each frame on a wire, of which all must be whole but the last. @throws when it is no AudioSocket.
 */
function valuesOn(wire: Buffer): readonly number[] {
  const values: number[] = [];
  const decoder = new AudioSocketDecoder({
    hangup: () => values.push(0),
    uuid: () => assert.fail('a server says no UUID'),
    dtmf: () => assert.fail('a server presses no key'),
    error: () => assert.fail('a server sends no error'),
    audio: (pcm) => {
      const [value = 0] = pcm;
      assert.ok(
        pcm.every((byte) => byte === value),
        'a frame is torn',
      );
      values.push(value);
    },
  });
  decoder.push(wire);
  return values;
}

for (const [how, disguise] of [
  ['directly', false],
  ["the stream's way", true],
] as const) {
  describe(`AudioSocketTransport that writes ${how}`, () => {
    it('passes on who it is, keys and frames, and sends frames', async (t) => {
      const leg = await TalkingTransport.open(t, disguise);
      const heard = reading(leg.peer);
      leg.peer.write(encodeUuid(UUID));
      leg.peer.write(encodeDtmf('5'));
      leg.peer.write(encodeAudio(new Uint8Array(640).fill(3), 16_000));
      await until('a frame', () => leg.frames.length > 0);
      assert.deepEqual(leg.told, [
        'arrived {"uuid":"00010203-0405-0607-0809-0a0b0c0d0e0f"}',
        'key 5',
        'frame at 16000',
      ]);
      assert.deepEqual(leg.frames, [new Uint8Array(640).fill(3)]);
      await leg.send(7);
      await leg.send(8);
      await until('two frames', () => heard.count() >= 2 * (LONG_FRAME_BYTES + 3));
      assert.deepEqual(valuesOn(heard.bytes()), [7, 8]);
      assert.equal(leg.transport.counts.bytesIn, 640);
      assert.equal(leg.transport.counts.bytesOut, 2 * LONG_FRAME_BYTES);
    });

    it('drops the newest frames for a peer that does not read, counted, and tears none', async (t) => {
      const leg = await TalkingTransport.open(t, disguise);
      const taken = await leg.fill();
      const { counts } = leg.transport;
      const droppedBefore = counts.socketDropped;
      const bytesBefore = counts.bytesOut;
      for (let frame = 0; frame < 20; frame += 1) {
        await leg.send(251);
      }
      const { socketDropped } = counts;
      // The kernel may make room still, when the machine is busy: what it takes then is sent whole.
      const takenLater = (counts.bytesOut - bytesBefore) / LONG_FRAME_BYTES;
      assert.equal(socketDropped, droppedBefore + 20 - takenLater);
      assert.equal(leg.closed, false);
      const heard = reading(leg.peer);
      // What the kernel has not of the last one goes out before the next.
      await until(
        'nearly all that was taken',
        () => heard.count() > (taken + takenLater - 1) * (LONG_FRAME_BYTES + 3),
      );
      await leg.send(252);
      await until(
        'what came after',
        () => heard.count() === (taken + takenLater + 1) * (LONG_FRAME_BYTES + 3),
      );
      const expected = Array.from({ length: taken }, (_, frame) => (frame % 250) + 1);
      const later = Array<number>(takenLater).fill(251);
      assert.deepEqual(valuesOn(heard.bytes()), [...expected, ...later, 252]);
      assert.equal(counts.socketDropped, socketDropped, 'a peer that reads again misses nothing more');
    });

    it('writes nothing past what waits while the peer begins to read again', async (t) => {
      const leg = await TalkingTransport.open(t, disguise);
      const taken = await leg.fill();
      const expected = Array.from({ length: taken }, (_, frame) => (frame % 250) + 1);
      const { counts } = leg.transport;
      const heard = reading(leg.peer);
      for (let frame = 0; frame < 2_000; frame += 1) {
        const droppedBefore = counts.socketDropped;
        const value = ((taken + frame) % 250) + 1;
        await leg.send(value);
        if (counts.socketDropped === droppedBefore) {
          expected.push(value);
        }
      }
      await until('nearly all', () => heard.count() > (expected.length - 1) * (LONG_FRAME_BYTES + 3));
      await leg.send(1);
      expected.push(1);
      await until('all', () => heard.count() === expected.length * (LONG_FRAME_BYTES + 3));
      assert.deepEqual(valuesOn(heard.bytes()), expected);
    });

    it('gives up a peer that has not read for 500 frames, 10 s, and not one frame sooner', async (t) => {
      const leg = await TalkingTransport.open(t, disguise);
      await leg.fill();
      const { counts } = leg.transport;
      // A kernel that is full may find room for a little more.
      let inARow = DROPPED_FOR_GOOD;
      while (inARow < 499 && !leg.closed) {
        const before = counts.socketDropped;
        await leg.send(1);
        inARow = counts.socketDropped > before ? inARow + 1 : 0;
      }
      assert.equal(leg.closed, false);
      const before = counts.socketDropped;
      await leg.send(1);
      await until('its end', () => leg.closed);
      assert.deepEqual(leg.told, ['closed peer-not-reading']);
      await leg.send(1);
      assert.equal(counts.socketDropped, before + 1, 'nothing is sent after the end');
    });

    it('reads on while the peer does not', async (t) => {
      const leg = await TalkingTransport.open(t, disguise);
      await leg.fill();
      leg.peer.write(encodeUuid(UUID));
      for (let frame = 0; frame < 600; frame += 1) {
        leg.peer.write(encodeAudio(new Uint8Array(640).fill(1), 16_000));
      }
      await until('all frames', () => leg.frames.length === 600);
      assert.equal(leg.closed, false);
    });

    it('ends with the connection: closed, reset', async (t) => {
      const closing = await TalkingTransport.open(t, disguise);
      closing.peer.end();
      await until('the end', () => closing.closed);
      assert.deepEqual(closing.told, ['closed peer-closed']);
      const resetting = await TalkingTransport.open(t, disguise);
      resetting.peer.resetAndDestroy();
      await until('the end', () => resetting.closed);
      assert.deepEqual(resetting.told, ['closed peer-reset']);
      // Whoever still sends meets nobody.
      await closing.send(1);
      await resetting.send(1);
      assert.equal(closing.transport.counts.bytesOut + resetting.transport.counts.bytesOut, 0);
    });

    it('leaves the memory alone that is another leg’s when it has ended', async (t) => {
      const leg = await TalkingTransport.open(t, disguise);
      leg.peer.end();
      await until('the end', () => leg.closed);
      const next = new FrameWire(leg.memory.wire, 'thread', (_, bytes) => bytes.length);
      next.clear();
      next.connect(0);
      // What the kernel told of it comes a little after its end.
      leg.transport.foundUnread({ unreadBytes: 1e6, onWayBytes: 1e6 });
      assert.equal(next.send(new Uint8Array(320), 8_000), true);
    });

    it('notices by its own writing that the connection is gone', async (t) => {
      const leg = await TalkingTransport.open(t, disguise);
      leg.peer.resetAndDestroy();
      for (let frame = 0; frame < MORE_THAN_FITS && !leg.closed; frame += 1) {
        await leg.send(1);
      }
      assert.deepEqual(leg.told, ['closed peer-reset']);
    });

    it('hangs up, ignores what still comes, and destroys a connection that is not closed within a second', async (t) => {
      const leg = await TalkingTransport.open(t, disguise);
      const heard = reading(leg.peer);
      leg.peer.allowHalfOpen = true;
      await leg.send(9);
      leg.transport.hangUp();
      leg.transport.hangUp();
      await leg.send(10);
      leg.peer.write(encodeUuid(UUID));
      await until('the hang-up', () => heard.count() === LONG_FRAME_BYTES + 6);
      assert.deepEqual(valuesOn(heard.bytes()), [9, 0]);
      await leg.clock.advance(999);
      assert.equal(leg.closed, false);
      await leg.clock.advance(1);
      await until('the end', () => leg.closed);
      assert.equal(leg.clock.pendingTimers, 0);
      assert.equal(leg.frames.length, 0);
    });

    it('ends who says what must not be said, by name', async (t) => {
      for (const [wire, reason] of [
        [Buffer.concat([encodeUuid(UUID), encodeUuid(UUID)]), 'wire-second-uuid'],
        [encodeAudio(new Uint8Array(640), 16_000), 'wire-no-uuid'],
        [Buffer.of(0x55, 0, 0), 'wire-unknown-kind'],
        [Buffer.of(0x12, 0, 3, 0, 0, 0), 'wire-bad-length'],
      ] as const) {
        const leg = await TalkingTransport.open(t, disguise);
        leg.peer.write(wire);
        await until('the end', () => leg.closed);
        assert.equal(leg.told.at(-1), `closed ${reason} ${reason}`);
      }
    });
  });
}

describe('AudioSocketTransport', () => {
  it('names what it hears as Asterisk does, and G.711 that is labelled linear by its law', async (t) => {
    const leg = await TalkingTransport.open(t);
    assert.deepEqual([leg.transport.codecAt(8_000), leg.transport.codecAt(16_000)], ['slin', 'slin16']);
    leg.peer.write(encodeUuid(UUID));
    const codes = encodeG711(sine(440, 4_000, 8_000), 'mu-law');
    for (let at = 0; leg.frames.length === 0; at += 160) {
      assert.ok(at < codes.length, 'nothing was heard in 4 s');
      leg.peer.write(encodeAudio(codes.subarray(at, at + 160), 8_000));
      await until('a payload', () => leg.transport.counts.bytesIn === at + 160);
      await leg.clock.advance(20);
    }
    assert.equal(leg.transport.codecAt(8_000), 'mu-law');
  });

  it('keeps what comes before the leg has its place, and does not doubt a label that was right at another node', async (t) => {
    const leg = await TalkingTransport.open(t);
    leg.seatsAtOnce = false;
    // No codec can be told from noise, so nothing would be heard of it at first.
    const said = framesOf(noise(800, 8_000), 8_000).map((pcm) => bytesOf(pcm));
    const bytesOfAll = said.reduce((sum, { length }) => sum + length, 0);
    leg.peer.write(Buffer.concat([encodeUuid(UUID), ...said.map((pcm) => encodeAudio(pcm, 8_000))]));
    await until('all of it', () => leg.transport.counts.bytesIn === bytesOfAll);
    assert.deepEqual(leg.frames, []);
    assert.equal(leg.transport.asLabelled, undefined);
    assert.equal(leg.transport.counts.earlyDropped, said.length - 32);
    leg.transport.seated(true);
    assert.deepEqual(
      leg.frames,
      said.slice(-32).map((pcm) => Uint8Array.from(pcm)),
    );
    assert.equal(leg.transport.asLabelled, true);
  });

  it('reads only when it is asked to, once it knows what it hears, until it is to read as it comes', async (t) => {
    const leg = await TalkingTransport.open(t);
    leg.peer.write(encodeUuid(UUID));
    await until('who it is', () => leg.told.length > 0);
    leg.transport.readNow();
    const frame = encodeAudio(new Uint8Array(320).fill(1), 8_000);
    for (let count = 1; leg.transport.asLabelled === undefined; count += 1) {
      assert.ok(count < 100, 'it never knew what it hears');
      leg.peer.write(frame);
      await until('a payload', () => leg.transport.counts.bytesIn === 320 * count);
      await leg.clock.advance(20);
    }
    const { counts } = leg.transport;
    leg.transport.readNow();
    const before = counts.bytesIn;
    const received = leg.transport.receivedBytes;
    leg.peer.write(frame);
    for (let turn = 0; turn < 50; turn += 1) {
      await turnOfLoop();
    }
    assert.equal(counts.bytesIn, before);
    await until('a payload', () => {
      leg.transport.readNow();
      return counts.bytesIn === before + 320;
    });
    assert.equal(leg.transport.receivedBytes, received + frame.length);
    leg.transport.readAsItComes();
    leg.peer.write(frame);
    await until('the next', () => counts.bytesIn === before + 640);
  });

  it('reads nothing while it passes on what it has read, and loses no order', async (t) => {
    const leg = await TalkingTransport.open(t);
    leg.seatsAtOnce = false;
    leg.peer.write(encodeUuid(UUID));
    await until('who it is', () => leg.told.length > 0);
    leg.transport.seated(true);
    const frames = [1, 2, 3, 4].map((value) => encodeAudio(new Uint8Array(640).fill(value), 16_000));
    leg.onFrame = () => {
      // It is in the kernel when this returns, behind half a frame that is not.
      leg.peer.write(Buffer.concat(frames).subarray(900));
      leg.onFrame = () => {};
      leg.transport.readNow();
    };
    leg.peer.write(Buffer.concat(frames).subarray(0, 900));
    await until('all of them', () => leg.frames.length >= 4);
    assert.deepEqual(
      leg.frames.map(([value]) => value),
      [1, 2, 3, 4],
    );
    assert.equal(leg.closed, false);
  });

  it('ends with a connection that it reads only when asked: closed, reset, hung up', async (t) => {
    const endings: [(leg: TalkingTransport) => void, string][] = [
      [(leg) => leg.peer.end(), 'closed peer-closed'],
      [(leg) => leg.peer.resetAndDestroy(), 'closed peer-reset'],
      [(leg) => leg.transport.hangUp(), 'closed peer-closed'],
    ];
    for (const [end, told] of endings) {
      const leg = await TalkingTransport.open(t);
      leg.seatsAtOnce = false;
      leg.peer.write(encodeUuid(UUID));
      await until('who it is', () => leg.told.length > 0);
      leg.transport.seated(true);
      leg.transport.readNow();
      leg.peer.resume();
      end(leg);
      await until('its end', () => {
        leg.transport.readNow();
        return leg.closed;
      });
      assert.equal(leg.told.at(-1), told);
    }
  });

  it('takes a peer that closes under a frame for one that has left, however the kernel says it', async (t) => {
    const leg = await TalkingTransport.open(t);
    // FIN and then reset, before the leg's side has read either: its write fails with EPIPE.
    const finished = new Promise<void>((resolve) => leg.peer.end(resolve));
    await finished;
    leg.peer.resetAndDestroy();
    leg.transport.send(new Uint8Array(320), 8_000);
    await until('the end', () => leg.closed);
    assert.deepEqual(leg.told, ['closed peer-reset']);
  });

  it('tells a lost connection from one that was closed', async (t) => {
    const { accepted } = await acceptedPair(t);
    let socket: Socket | undefined;
    const transport = new AudioSocketTransport(
      {
        open: (onRead) => {
          socket = accepted.open(onRead);
          return socket;
        },
      },
      {
        clock: new FakeClock(),
        log: silentLog,
        work: new SlicedWork(new FakeClock(), throwOn),
        relays: new Relays(new FakeClock(), 10),
      },
    );
    const told: string[] = [];
    transport.attach({
      arrived: () => {},
      frame: () => {},
      packet: () => {},
      spokenToOnlyAt: () => {},
      key: () => {},
      closed: (reason) => told.push(reason),
    });
    // As when keep-alive probes are not answered.
    socket?.destroy(Object.assign(new Error('timed out'), { code: 'ETIMEDOUT' }));
    await until('the end', () => told.length > 0);
    assert.deepEqual(told, ['connection-lost']);
  });
});
