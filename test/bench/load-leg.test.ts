import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { describe, it } from 'node:test';
import { systemClock } from '../../src/base/clock.ts';
import type { LegRecord } from './leg-record.ts';
import { LoadLeg } from './load-leg.ts';
import { LoadVoice } from './load-voice.ts';
import { audioSocketVoice } from './load-wire.ts';
import { toneFrames } from './tone-clock.ts';

const UUID_MESSAGE_BYTES = 19;
const FRAMES = 5;

/**
 * Two legs send five frames each to a server that, when it has all of a leg, gives them to the other in
 * pieces of `pieceBytes` and closes. Returns what the legs recorded.
 */
async function exchange(pieceBytes: number, spoil?: (wire: Buffer) => void): Promise<readonly LegRecord[]> {
  const sockets: Socket[] = [];
  const heard = [Buffer.alloc(0), Buffer.alloc(0)];
  const wholeBytes = UUID_MESSAGE_BYTES + FRAMES * 323;
  const server = createServer({ noDelay: true }, (socket) => {
    const index = sockets.push(socket) - 1;
    socket.on('error', () => {});
    socket.on('data', (chunk) => {
      heard[index] = Buffer.concat([heard[index] ?? Buffer.alloc(0), chunk]);
      if (heard.every((wire) => wire.length === wholeBytes)) {
        for (const [to, from] of [
          [0, 1],
          [1, 0],
        ] as const) {
          const wire = (heard[from] ?? Buffer.alloc(0)).subarray(UUID_MESSAGE_BYTES);
          spoil?.(wire);
          for (let at = 0; at < wire.length; at += pieceBytes) {
            sockets[to]?.write(wire.subarray(at, at + pieceBytes));
          }
          sockets[to]?.end();
        }
      }
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const tone = toneFrames(8_000);
  const [first, second] = [0, 1].map(
    (leg) =>
      new LoadLeg({
        leg,
        uuid: new Uint8Array(16).fill(leg),
        rateHz: 8_000,
        tone,
        frames: 100,
        clock: systemClock,
      }),
  );
  assert.ok(first !== undefined && second !== undefined);
  first.pairWith(second);
  second.pairWith(first);
  await first.open('127.0.0.1', port);
  await second.open('127.0.0.1', port);
  for (const { leg, descriptor, memory } of [first, second]) {
    assert.ok(descriptor !== undefined);
    const voice = new LoadVoice({ wire: audioSocketVoice(leg, 8_000, tone), memory, descriptor });
    for (let frame = 0; frame < FRAMES; frame += 1) {
      voice.send(frame * 20, systemClock.nowMs());
    }
  }
  // A leg answers the end of its connection when it has read all that came before.
  server.close();
  await once(server, 'close');
  return [first.finish(), second.finish()];
}

describe('LoadLeg', () => {
  for (const pieceBytes of [323, 1_615, 100, 1]) {
    it(`hears each frame of its partner, in pieces of ${pieceBytes} bytes`, async () => {
      for (const record of await exchange(pieceBytes)) {
        assert.deepEqual([...record.numbers], [0, 1, 2, 3, 4]);
        assert.deepEqual([...record.dueMs], [0, 20, 40, 60, 80]);
        assert.ok(record.delaysMs.every((delayMs) => delayMs >= 0 && delayMs < 5_000));
        assert.equal(record.lostBecause, 'closed-by-the-server');
      }
    });
  }

  it('is lost when the server says what Asterisk would not take', async () => {
    const spoil = (wire: Buffer): void => {
      wire[323] = 0x55;
    };
    for (const record of await exchange(323, spoil)) {
      assert.deepEqual([...record.numbers], [0]);
      assert.equal(record.lostBecause, 'wire-unknown-kind');
    }
  });
});
