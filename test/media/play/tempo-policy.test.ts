import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  NATURAL_TEMPO,
  playedSpeed,
  restedTempo,
  shortensPauses,
  type Tempo,
  type TempoInput,
  tempoFor,
} from '../../../src/media/play/tempo-policy.ts';

const NOTHING: TempoInput = { speakingMs: 0, waitingMs: 0, moreComing: false, behindMs: 0 };

/** Where the tempo is after `frames` frames of the same input. */
function after(frames: number, input: Partial<TempoInput>, from: Tempo = NATURAL_TEMPO): Tempo {
  let tempo = from;
  for (let frame = 0; frame < frames; frame += 1) {
    tempo = tempoFor({ ...NOTHING, ...input }, tempo);
  }
  return tempo;
}

function isNear(actual: number, expected: number): void {
  assert.ok(Math.abs(actual - expected) < 1e-9, `${actual} is not ${expected}`);
}

describe('tempoFor', () => {
  it('is as fast as the manner asks while there is time, and never slower than what waits allows', () => {
    isNear(after(100, { mannerSpeed: 0.85 }).speed, 0.85);
    isNear(after(100, { mannerSpeed: 1.2 }).speed, 1.2);
    isNear(after(100, { mannerSpeed: 0.85, waitingMs: 250 }).speed, 1.25);
    isNear(after(100, { mannerSpeed: 0.85, behindMs: 40 }).speed, 1.2);
    isNear(after(100, { mannerSpeed: 1.2, waitingMs: 150 }).speed, 1.2);
  });

  it('comes to that slowly within a voice, and at once where one begins', () => {
    isNear(after(1, { mannerSpeed: 0.85 }).speed, 0.99);
    isNear(after(1, { mannerSpeed: 0.85, begins: true }).speed, 0.85);
    isNear(after(1, { waitingMs: 250, begins: true }).speed, 1.01);
  });

  it('settles by all that is there once something waits: 1.10 + 0.6 a second, 1.25 at most', () => {
    for (const [waitingMs, speed] of [
      [1, 1],
      [149, 1],
      [150, 1.19],
      [200, 1.22],
      [250, 1.25],
      [1_500, 1.25],
    ] as const) {
      isNear(after(100, { waitingMs }).speed, speed);
    }
    isNear(after(100, { waitingMs: 50, speakingMs: 150 }).speed, 1.22);
  });

  it('goes to 1.30 only while more than 1.5 s wait behind what is being spoken', () => {
    isNear(after(100, { waitingMs: 1_501 }).speed, 1.3);
    isNear(after(100, { waitingMs: 60_000 }).speed, 1.3);
    isNear(after(100, { waitingMs: 1_000, speakingMs: 5_000 }).speed, 1.25);
  });

  it('lets a sentence be spoken at ease when nothing follows, and when it is no longer than what comes', () => {
    assert.equal(after(100, { speakingMs: 9_000 }).speed, 1);
    assert.equal(after(100, { speakingMs: 1_500, moreComing: true }).speed, 1);
    isNear(after(100, { speakingMs: 3_000, moreComing: true }).speed, 1.25);
  });

  it('follows somebody closely under whom speech has had to wait for long, and forgets it again', () => {
    const pressed = after(1_000, { waitingMs: 100 });
    assert.ok(pressed.pressure > 0.8);
    assert.ok(after(100, { speakingMs: 1_000, moreComing: true }, pressed).speed > 1.2);
    let rested = pressed;
    for (let frame = 0; frame < 5_000; frame += 1) {
      rested = restedTempo(rested);
    }
    assert.equal(rested, NATURAL_TEMPO);
  });

  it('changes by at most 0.05 in 100 ms, up and down', () => {
    isNear(after(5, { waitingMs: 10_000 }).speed, 1.05);
    const fast = after(100, { waitingMs: 10_000 });
    isNear(after(5, {}, fast).speed, 1.25);
    assert.equal(after(100, {}, fast).speed, 1);
  });

  it('does not look at changes of less than 100 ms', () => {
    const settled = after(100, { waitingMs: 200 });
    isNear(tempoFor({ ...NOTHING, waitingMs: 299 }, settled).speed, settled.speed);
    assert.ok(tempoFor({ ...NOTHING, waitingMs: 300 }, settled).speed > settled.speed);
    assert.ok(tempoFor({ ...NOTHING, waitingMs: 100 }, settled).speed < settled.speed);
  });

  it('makes up for a stall at 1.25, however little waits, and slows down in time to be exactly on time', () => {
    assert.equal(after(100, { behindMs: 300 }).speed, 1.25);
    let behindMs = 300;
    let tempo = NATURAL_TEMPO;
    let frames = 0;
    for (; behindMs >= 1; frames += 1) {
      tempo = tempoFor({ ...NOTHING, behindMs }, tempo);
      behindMs -= 20 * (tempo.speed - 1);
    }
    assert.ok(frames * 20 <= 2_000, `${frames * 20} ms`);
    assert.ok(tempo.speed < 1.06, 'it is almost as slow as it was when it is done');
  });
});

describe('shortensPauses', () => {
  it('begins above 150 ms, with the first frame that knows it', () => {
    assert.equal(shortensPauses(after(1, { waitingMs: 150 })), false);
    assert.equal(shortensPauses(after(1, { waitingMs: 151 })), true);
  });
});

describe('playedSpeed', () => {
  it('is 1 until 1.05 is reached', () => {
    assert.equal(playedSpeed({ ...NATURAL_TEMPO, speed: 1.049 }), 1);
    assert.equal(playedSpeed({ ...NATURAL_TEMPO, speed: 1.05 }), 1.05);
  });
});
