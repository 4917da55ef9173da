/** What a recorder takes of a leg: frames of its rings, in pieces, each at its place. */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { LegTap } from '../../../src/media/record/leg-tap.ts';
import { LegTape } from '../../../src/media/record/leg-tape.ts';
import { FrameRingWriter } from '../../../src/media/ring/frame-ring.ts';
import { allocateLegMemory } from '../../../src/media/ring/leg-memory.ts';
import { TRACKS } from '../../../src/protocol/recording/recorder-orders.ts';

const START_MS = 1_000;
/** When the leg's first frame is due. */
const FIRST_MS = 1_404;

function frameOf(value: number): Int16Array {
  return new Int16Array(160).fill(value);
}

function open(tracks: readonly (typeof TRACKS)[number][] = TRACKS) {
  const memory = allocateLegMemory();
  const voice = new FrameRingWriter(memory.inbound);
  return {
    tap: new LegTap(memory, START_MS, new Set(tracks)),
    says: (value: number, atMs: number) => voice.writeSamples(frameOf(value), 8_000, atMs),
    thread: new LegTape(memory, 'thread', FIRST_MS),
    main: new LegTape(memory, 'main', FIRST_MS),
  };
}

/** Pieces as track, first frame, and what each frame says. */
function shown(pieces: ReturnType<LegTap['take']>) {
  return pieces.map(({ party, track, rateHz, frame, pcm }) => {
    assert.deepEqual([party, rateHz], [1, 8_000]);
    return [track, frame, Array.from({ length: pcm.length / 160 }, (_, index) => pcm[index * 160 + 80])];
  });
}

describe('the tap of a leg', () => {
  it('gives frames that follow each other as one piece, and the rest at their places', () => {
    const { tap, says, thread, main } = open();
    for (let frame = 0; frame < 5; frame += 1) {
      says(1 + frame, START_MS + 400 + frame * 20);
    }
    thread.begin(0);
    thread.told(frameOf(10), 8_000);
    thread.heard(frameOf(11), 8_000);
    thread.begin(1);
    thread.heard(frameOf(12), 8_000);
    thread.begin(7);
    thread.heard(frameOf(13), 8_000);
    main.begin(9);
    main.passed(new Uint8Array(frameOf(14).buffer), 8_000);
    // 404 ms after the call began is nearest to its frame 20.
    assert.deepEqual(shown(tap.take(1)), [
      // The last waits for the next, which tells whether it had to wait itself.
      ['voice', 20, [1, 2, 3, 4]],
      ['told', 20, [10]],
      ['heard', 20, [11, 12]],
      ['heard', 27, [13]],
      ['heard', 29, [14]],
    ]);
    assert.deepEqual(shown(tap.take(1, true)), [['voice', 24, [5]]]);
    assert.deepEqual(tap.take(1), []);
  });

  it('gives pieces of any lengths, each its own sound until the next are taken', () => {
    const { tap, says } = open(['voice']);
    const values: number[] = [];
    for (let frame = 0; frame < 30; frame += 1) {
      // A gap after each tenth, so that some pieces are finished when more room is needed.
      says(frame + 1, START_MS + (frame + 10 * Math.floor(frame / 10)) * 20);
      values.push(frame + 1);
    }
    const pieces = shown(tap.take(1, true));
    assert.deepEqual(pieces, [
      ['voice', 0, values.slice(0, 10)],
      ['voice', 20, values.slice(10, 20)],
      ['voice', 40, values.slice(20)],
    ]);
    says(99, START_MS + 1_200);
    assert.deepEqual(shown(tap.take(1, true)), [['voice', 60, [99]]]);
  });

  it('gives what is wanted alone', () => {
    const { tap, says, thread } = open(['heard']);
    says(1, START_MS);
    thread.begin(0);
    thread.told(frameOf(2), 8_000);
    thread.heard(frameOf(3), 8_000);
    assert.deepEqual(shown(tap.take(1, true)), [['heard', 20, [3]]]);
  });

  it('gives nothing of what was passed over, and counts what was overwritten', () => {
    const { tap, says, thread } = open();
    says(1, START_MS);
    thread.begin(0);
    thread.heard(frameOf(2), 8_000);
    tap.skip();
    assert.deepEqual(tap.take(1, true), []);
    for (let frame = 0; frame < 40; frame += 1) {
      says(3, START_MS + frame * 20);
    }
    const [piece] = tap.take(1, true);
    // 32 frames are in the ring.
    assert.equal(tap.lost, 8);
    assert.equal(piece?.pcm.length, 32 * 160);
  });

  it('has no frames in which nothing sounds', () => {
    const { tap, thread } = open();
    thread.begin(0);
    thread.heard(frameOf(0), 8_000);
    assert.deepEqual(tap.take(1, true), []);
  });
});
