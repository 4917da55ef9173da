import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { concatPcm, noise, sine, soundOf, toneDbfs } from '../asterisk/audio.ts';
import type { StrictAsterisk } from '../asterisk/strict-asterisk.ts';
import { endOf, TestServer } from './harness.ts';

/**
 * Times that something is said, if a machine that stands still loses a frame of it: it is too late for that one then.
 */
const TRIES = 8;
/** How long what was said may take to be heard, in ms. */
const HEARD_LIMIT_MS = 4_000;

/**
 * Lets `a` say something until `b` has heard all of it, bit for bit; most often at once.
 * @param seed of what is said first.
 */
async function assertCarried(a: StrictAsterisk, b: StrictAsterisk, seed: number): Promise<void> {
  await b.until((leg) => leg.frames.length > 20);
  let heard: Int16Array = new Int16Array(0);
  for (let attempt = 0; attempt < TRIES; attempt += 1) {
    const said = noise(600, 8_000, 0.3, seed + attempt);
    const from = b.frames.length;
    const saidMs = b.nowMs();
    a.speak(said);
    await b.until(
      (leg) => voiceOf(leg, from).length >= said.length || leg.nowMs() > saidMs + HEARD_LIMIT_MS,
      2 * HEARD_LIMIT_MS,
    );
    heard = voiceOf(b, from);
    if (heard.length === said.length && heard.every((sample, index) => sample === said[index])) {
      return;
    }
  }
  assert.fail(`of 600 ms ${heard.length / 8} ms were heard at last, or others; ${b.describe()}`);
}

/**
 * What a leg heard without the silence between.
 * @param from the first frame that counts.
 */
function voiceOf(leg: StrictAsterisk, from: number): Int16Array {
  return soundOf(concatPcm(...leg.frames.slice(from).map(({ pcm }) => pcm)));
}

/** The levels of a tone in dBFS, over 100 ms each, twice as many as there is room for side by side. */
function levelsDbfs(pcm: Int16Array, toneHz: number, rateHz: number): readonly number[] {
  const samples = rateHz / 10;
  const levels: number[] = [];
  for (let start = 0; start + samples <= pcm.length; start += samples / 2) {
    levels.push(toneDbfs(pcm.subarray(start, start + samples), toneHz, rateHz));
  }
  return levels;
}

/** The level of a tone where it is loudest, in dBFS, once half a second of it was heard. */
async function loudestDbfs(leg: StrictAsterisk, toneHz: number): Promise<number> {
  const levels = () => levelsDbfs(leg.heard(), toneHz, leg.rateHz);
  await leg.until(() => levels().filter((level) => level > -30).length >= 9);
  return Math.max(...levels());
}

describe('a call whose voices are let through', () => {
  let server: TestServer;
  before(async () => {
    server = await TestServer.open({ plan: { mode: 'passthrough' } });
  });
  after(() => server.close());

  it('carries a voice bit for bit between legs of one rate', async () => {
    const [a, b] = await server.ringBoth();
    await assertCarried(a, b, 7);
    a.hangUp();
    await endOf(b);
  });

  it('carries a voice between legs of different rates, both ways', async () => {
    const [a, b] = await server.ringBoth({ rateHz: 8_000 }, { rateHz: 16_000 });
    await b.until((leg) => leg.ratesHeard.includes(16_000));
    a.speak(sine(440, 1_000, 8_000));
    b.speak(sine(660, 1_000, 16_000));
    const inB = await loudestDbfs(b, 440);
    const inA = await loudestDbfs(a, 660);
    assert.ok(Math.abs(inB - -9) < 1, `440 Hz at ${inB} dBFS`);
    assert.ok(Math.abs(inA - -9) < 1, `660 Hz at ${inA} dBFS`);
    a.hangUp();
    await endOf(b);
  });

  for (const packetMs of [10, 30, 60] as const) {
    it(`takes packets of ${packetMs} ms and still sends one frame each 20 ms`, async () => {
      const [a, b] = await server.ringBoth({ packetMs }, {});
      await assertCarried(a, b, 100 * packetMs);
      assert.ok(b.frames.every((frame) => frame.pcm.length === 160));
      assert.deepEqual(b.violations, []);
      a.hangUp();
      await endOf(b);
    });
  }

  it('keeps a leg that never sends a frame', async () => {
    const [a, b] = await server.ringBoth(
      { whenQuiet: 'nothing', mode: 'application' },
      { mode: 'application' },
    );
    // For longer than the 2 s after which Asterisk ends a leg that is told nothing, and until 1.5 s in a row are silence.
    await a.until((leg) => leg.nowMs() > 3_000 && leg.frames.length > 130 && voiceOf(leg, -75).length === 0);
    assert.equal(a.ending, undefined, a.describe());
    assert.equal(b.ending, undefined, b.describe());
    a.hangUp();
    await endOf(b);
  });
});
