import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { systemClock } from '../../src/base/clock.ts';
import { encodeAudio } from '../../src/protocol/audiosocket/encoder.ts';
import { encodeG711 } from '../../src/protocol/g711.ts';
import { G722Encoder } from '../../src/protocol/g722-encoder.ts';
import { isTone, sine, sliceMs, soundOf } from '../asterisk/audio.ts';
import type { StrictAsterisk } from '../asterisk/strict-asterisk.ts';
import { never } from '../support/waiting.ts';
import { endOf, TestServer } from './harness.ts';

/** Sends `payloads` as audio labelled 8 kHz linear, one each 20 ms. */
async function sendAsSlin(leg: StrictAsterisk, payloads: readonly Uint8Array[]): Promise<void> {
  const startMs = systemClock.nowMs();
  for (const [index, payload] of payloads.entries()) {
    leg.sendRaw(encodeAudio(payload, 8_000));
    await systemClock.sleep(Math.max(0, startMs + (index + 1) * 20 - systemClock.nowMs()), never());
  }
}

function inPieces(bytes: Uint8Array, pieceBytes: number): readonly Uint8Array[] {
  return Array.from({ length: Math.floor(bytes.length / pieceBytes) }, (_, index) =>
    bytes.subarray(index * pieceBytes, (index + 1) * pieceBytes),
  );
}

describe('an Asterisk that labels every codec as 8 kHz linear', () => {
  let server: TestServer;
  before(async () => {
    server = await TestServer.open({ plan: { mode: 'passthrough' } });
  });
  after(() => server.close());

  const tone = sine(440, 1_600, 8_000, 0.3);
  const wideTone = sine(440, 1_600, 16_000, 0.3);
  const cases = [
    { real: 'mu-law', payloads: inPieces(encodeG711(tone, 'mu-law'), 160) },
    { real: 'a-law', payloads: inPieces(encodeG711(tone, 'a-law'), 160) },
    { real: 'linear-16k', payloads: inPieces(new Uint8Array(wideTone.buffer), 640) },
    { real: 'g722', payloads: inPieces(new G722Encoder().encode(wideTone), 160) },
  ] as const;
  for (const { real, payloads } of cases) {
    it(`is heard rightly when it sends ${real}, is answered at 8 kHz, and the log says so`, async () => {
      const [a, b] = await server.ringBoth({ whenQuiet: 'nothing' }, {});
      await b.until((leg) => leg.frames.length > 10);
      await sendAsSlin(a, payloads);
      const sound = (): Int16Array => soundOf(b.heard());
      await b.until(() => sound().length >= 6_400);
      const pieces = Array.from({ length: 7 }, (_, index) =>
        sliceMs(sound(), 8_000, 100 * (index + 1), 100 * (index + 2)),
      );
      // Not in one: where a machine that stood still leaves some of it out, the tone goes on at another phase.
      const tones = pieces.filter((piece) => isTone(piece, 440, 8_000)).length;
      assert.ok(tones >= 4, `the tone, not noise: ${tones} of 7`);
      assert.deepEqual(a.ratesHeard, [8_000]);
      assert.ok(server.lines.some((line) => line.level === 'warn' && line.fields.real === real));
      a.hangUp();
      await endOf(b);
    });
  }
});
