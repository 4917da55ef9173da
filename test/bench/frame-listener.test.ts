import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FrameListener } from './frame-listener.ts';
import { writeMarker } from './frame-marker.ts';
import { HEARD, LegRecorder } from './leg-record.ts';
import { toneFrames } from './tone-clock.ts';

const RATE_HZ = 8_000;
const tone = toneFrames(RATE_HZ);

/** Leg 7 has written frames 0 to 99, one each 20 ms from 1,000 ms on. */
const source = {
  leg: 7,
  newestFrame: 99,
  writtenAtMs: (frame: number) => (frame <= 99 ? 1_000 + frame * 20 : Number.NaN),
};

function hear(payload: Buffer, arrivedMs: number): { readonly number: number; readonly delayMs: number } {
  const recorder = new LegRecorder(6, 1);
  const listener = new FrameListener(recorder, tone);
  listener.expect(source);
  const odd = Buffer.concat([Buffer.alloc(3), payload]);
  listener.hear(odd, 3, payload.length, RATE_HZ, arrivedMs);
  const record = recorder.finish(undefined);
  return { number: record.numbers[0] ?? Number.NaN, delayMs: record.delaysMs[0] ?? Number.NaN };
}

function said(leg: number, frame: number): Buffer {
  const payload = Buffer.from(tone[frame % tone.length] ?? []);
  writeMarker(payload, 0, leg, frame);
  return payload;
}

describe('FrameListener', () => {
  it('knows a frame of the partner and how long it was under way', () => {
    assert.deepEqual(hear(said(7, 98), 1_000 + 98 * 20 + 12.5), { number: 98, delayMs: 12.5 });
  });

  it('knows a frame that has one bit changed, and still its delay', () => {
    const payload = said(7, 98);
    payload[200] = (payload[200] ?? 0) ^ 1;
    assert.deepEqual(hear(payload, 1_000 + 98 * 20 + 12.5), { number: HEARD.changed, delayMs: 12.5 });
  });

  it('knows the voice of a stranger', () => {
    assert.equal(hear(said(8, 98), 3_000).number, HEARD.stranger);
  });

  it('knows silence', () => {
    assert.deepEqual(hear(Buffer.alloc(320), 3_000), { number: HEARD.silence, delayMs: Number.NaN });
  });

  it('knows a voice that is shifted by samples, and its delay exactly', () => {
    const payload = Buffer.concat([said(7, 90), said(7, 91)]).subarray(100, 420);
    // Frame 91 begins 110 samples, 13.75 ms, into what is heard.
    const delayMs = 8 * 20 + 5 + 13.75;
    assert.deepEqual(hear(payload, 1_000 + 99 * 20 + 5), { number: HEARD.shifted, delayMs });
  });

  it('reads the delay of a changed voice from its pitch', () => {
    const payload = said(7, 90);
    for (let at = 0; at < 320; at += 2) {
      payload.writeInt16LE(payload.readInt16LE(at) >> 1, at);
    }
    const { number, delayMs } = hear(payload, 1_000 + 99 * 20 + 5);
    assert.equal(number, HEARD.changed);
    assert.ok(Math.abs(delayMs - (9 * 20 + 5)) < 3, `it says ${delayMs}`);
  });

  it('does not guess the delay of noise', () => {
    let noise = 1;
    const payload = Buffer.alloc(320);
    for (let frame = 0; frame < 100; frame += 1) {
      for (let at = 0; at < 320; at += 2) {
        noise = (Math.imul(noise, 1_103_515_245) + 12_345) | 0;
        payload.writeInt16LE(noise >> 18, at);
      }
      assert.deepEqual(hear(payload, 3_000), { number: HEARD.changed, delayMs: Number.NaN });
    }
  });
});
