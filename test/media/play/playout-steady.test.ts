import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { frameSamples } from '../../../src/base/units.ts';
import { loadMediaModules } from '../../../src/media/dsp/wasm.ts';
import { PlayoutQueue } from '../../../src/media/play/playout-queue.ts';
import { allocateLegMemory, MediaCounters } from '../../../src/media/ring/leg-memory.ts';
import { concatPcm, seededRandom, silence, sine } from '../../asterisk/audio.ts';

const RATE_HZ = 8_000;
const FRAMES = (10 * 60_000) / 20;
const modules = await loadMediaModules();

/** A translated clause as engines speak it: silence before and after it, and a pause when it is long. */
function clause(voiceMs: number): Int16Array {
  const half = voiceMs / 2;
  return voiceMs < 1_500
    ? concatPcm(silence(50, RATE_HZ), sine(220, voiceMs, RATE_HZ), silence(150, RATE_HZ))
    : concatPcm(
        silence(50, RATE_HZ),
        sine(220, half, RATE_HZ),
        silence(200, RATE_HZ),
        sine(220, half, RATE_HZ),
        silence(150, RATE_HZ),
      );
}

/**
 * 10 minutes in which clauses come in 1/1.25 of the time they take to say, each whole: how long each waited for those
 * before it, and the speed of each frame.
 */
function monologue(seed: number): { readonly waitsMs: number[]; readonly speeds: number[] } {
  const random = seededRandom(seed);
  const arrivedMs: number[] = [];
  const waitsMs: number[] = [];
  let nowMs = 0;
  const queue = new PlayoutQueue(modules, RATE_HZ, new MediaCounters(allocateLegMemory().counters), {
    segmentStarted: (id) => waitsMs.push(nowMs - (arrivedMs[id] ?? Number.NaN)),
    segmentEnded: () => {},
  });
  queue.moreComing = true;
  const out = new Int16Array(frameSamples(RATE_HZ));
  const speeds: number[] = [];
  let nextMs = 0;
  for (let frame = 0, id = 0; frame < FRAMES; frame += 1) {
    nowMs = frame * 20;
    if (nowMs >= nextMs) {
      const pcm = clause(600 + Math.round(random() * 1_500));
      nextMs += pcm.length / 8 / 1.25;
      arrivedMs.push(nowMs);
      queue.open(id, RATE_HZ, undefined);
      queue.add(id, pcm);
      queue.end(id);
      id += 1;
    }
    queue.pull(out);
    speeds.push(queue.speed);
  }
  queue.close();
  return { waitsMs, speeds };
}

/** How much `values` rise from one to the next, by regression. */
function slope(values: readonly number[]): number {
  const middle = (values.length - 1) / 2;
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  let products = 0;
  let squares = 0;
  for (const [index, value] of values.entries()) {
    products += (index - middle) * (value - mean);
    squares += (index - middle) ** 2;
  }
  return products / squares;
}

function percentile(values: readonly number[], percent: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(((sorted.length - 1) * percent) / 100)] ?? Number.NaN;
}

describe('PlayoutQueue in a monologue whose translation is 1.25 times as long, for 10 minutes', () => {
  for (const seed of [1, 2, 3]) {
    const { waitsMs, speeds } = monologue(seed);

    it(`does not fall behind (${seed})`, () => {
      // A clause comes each 1.3 s on average, so this is less than 10 ms a second.
      assert.ok(Math.abs(slope(waitsMs)) <= 10, `${slope(waitsMs)} ms a clause`);
      const p99 = percentile(waitsMs, 99);
      assert.ok(p99 <= 2_500, `99 % of the clauses wait at most ${p99} ms`);
    });

    it(`is never faster than 1.30, and at most 1.25 for 95 % of the time (${seed})`, () => {
      assert.ok(Math.max(...speeds) <= 1.3);
      assert.ok(percentile(speeds, 95) <= 1.25);
    });
  }
});
