import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import {
  concatPcm,
  findSoundMs,
  levelDbfs,
  noise,
  silence,
  sine,
  sliceMs,
  toneDbfs,
} from '../asterisk/audio.ts';
import { TestServer } from './harness.ts';

/** Where `needle` stands in `haystack`, sample for sample; -1 when it does not. */
function indexOfPcm(haystack: Int16Array, needle: Int16Array): number {
  const bytes = (pcm: Int16Array): Buffer => Buffer.from(pcm.buffer, pcm.byteOffset, pcm.byteLength);
  const at = bytes(haystack).indexOf(bytes(needle));
  return at < 0 ? -1 : at / 2;
}

describe('a call whose voices are let through', () => {
  let server: TestServer;
  before(async () => {
    server = await TestServer.open({ mode: 'passthrough' });
  });
  after(() => server.close());

  it('carries a voice bit for bit between legs of one rate', async () => {
    const said = noise(600, 8_000, 0.3, 7);
    const [a, b] = await server.ringBoth();
    await b.until((leg) => leg.frames.length > 20);
    a.speak(said);
    const heardAll = (): boolean => indexOfPcm(b.heard(), said.subarray(said.length - 160)) >= 0;
    await b.until(heardAll, 4_000);
    // The fade that lets the voice in belongs to the first frame of all, long before this.
    assert.ok(indexOfPcm(b.heard(), said) >= 0, b.describe());
    a.hangUp();
    await b.ended;
  });

  it('carries a voice between legs of different rates, both ways', async () => {
    const [a, b] = await server.ringBoth({ rateHz: 8_000 }, { rateHz: 16_000 });
    await b.until((leg) => leg.ratesHeard.includes(16_000));
    a.speak(sine(440, 1_000, 8_000));
    b.speak(sine(660, 1_000, 16_000));
    await b.until((leg) => findSoundMs(leg.heard(), 16_000) !== undefined);
    await a.until((leg) => findSoundMs(leg.heard(), 8_000) !== undefined);
    await a.until((leg) => leg.nowMs() > (findSoundMs(leg.heard(), 8_000) ?? 0) + 700);
    const atB = findSoundMs(b.heard(), 16_000) ?? 0;
    const atA = findSoundMs(a.heard(), 8_000) ?? 0;
    const heardB = sliceMs(b.heard(), 16_000, atB + 100, atB + 500);
    const heardA = sliceMs(a.heard(), 8_000, atA + 100, atA + 500);
    assert.ok(
      Math.abs(toneDbfs(heardB, 440, 16_000) - -9) < 1,
      `440 Hz at ${toneDbfs(heardB, 440, 16_000)} dBFS`,
    );
    assert.ok(
      Math.abs(toneDbfs(heardA, 660, 8_000) - -9) < 1,
      `660 Hz at ${toneDbfs(heardA, 660, 8_000)} dBFS`,
    );
    a.hangUp();
    await b.ended;
  });

  for (const packetMs of [10, 30, 60] as const) {
    it(`takes packets of ${packetMs} ms and still sends one frame each 20 ms`, async () => {
      const said = concatPcm(silence(200, 8_000), noise(600, 8_000, 0.3, packetMs));
      const [a, b] = await server.ringBoth({ packetMs }, {});
      await b.until((leg) => leg.frames.length > 20);
      a.speak(said);
      await b.until((leg) => indexOfPcm(leg.heard(), said.subarray(said.length - 160)) >= 0, 4_000);
      assert.ok(b.frames.every((frame) => frame.pcm.length === 160));
      assert.deepEqual(b.violations, []);
      a.hangUp();
      await b.ended;
    });
  }

  it('keeps a leg that never sends a frame', async () => {
    const [a, b] = await server.ringBoth(
      { whenQuiet: 'nothing', mode: 'application' },
      { mode: 'application' },
    );
    await a.until((leg) => leg.nowMs() > 3_000, 4_000);
    assert.equal(a.ending, undefined, a.describe());
    assert.equal(b.ending, undefined, b.describe());
    assert.ok(a.frames.length > 130, a.describe());
    assert.equal(levelDbfs(sliceMs(a.heard(), 8_000, 1_000, 2_500)), Number.NEGATIVE_INFINITY);
    a.hangUp();
    await b.ended;
  });
});
