/** What crosses to the recorder, whole and in any pieces. */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  encodeNotes,
  encodeOrder,
  encodeSound,
  RecorderMessages,
  type RecorderOrder,
  type SoundPiece,
} from '../../../src/protocol/recording/recorder-orders.ts';

const ORDER: RecorderOrder = { type: 'append', request: 7, path: '/x/y', line: '{"é":1}' };
const PIECES: readonly SoundPiece[] = [
  { party: 0, track: 'voice', rateHz: 8_000, frame: 12, pcm: Int16Array.of(1, -2, 3) },
  { party: 31, track: 'heard', rateHz: 16_000, frame: 4_000_000, pcm: Int16Array.of(-32_768) },
];
const EXPECTED = [
  { type: 'order', order: ORDER },
  { type: 'sound', call: 9, pieces: PIECES },
  { type: 'notes', call: 9, text: '{"é":1}\n' },
  { type: 'order', order: ORDER },
];
const BYTES = Buffer.concat([
  ...[encodeOrder(ORDER), encodeSound(9, PIECES), encodeNotes(9, '{"é":1}\n')],
  encodeOrder(ORDER),
]);

describe('messages to the recorder', () => {
  it('are the same however they are cut', () => {
    for (let cut = 0; cut <= BYTES.length; cut += 1) {
      const messages = new RecorderMessages();
      const found = [...messages.push(BYTES.subarray(0, cut)), ...messages.push(BYTES.subarray(cut))];
      assert.deepEqual(found, EXPECTED);
    }
    const byByte = new RecorderMessages();
    assert.deepEqual(
      [...BYTES].flatMap((byte) => byByte.push(Buffer.of(byte))),
      EXPECTED,
    );
  });

  it('that are none are refused', () => {
    assert.throws(() => new RecorderMessages().push(Buffer.alloc(8, 0xff)), RangeError);
    assert.throws(() => new RecorderMessages().push(Buffer.of(0, 0, 0, 0, 9, 0, 0, 0)), RangeError);
  });
});
