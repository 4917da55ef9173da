import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { decodeLine, encodeAudio, encodeEnd, encodeStart } from '../../src/engines/stt/pocketsphinx/wire.ts';

describe('the recogniser’s wire', () => {
  it('puts type and length before each message', () => {
    assert.equal(encodeStart(258).toString('hex'), '530400000002010000');
    assert.equal(encodeAudio(Int16Array.of(1, -2)).toString('hex'), '41040000000100feff');
    assert.equal(encodeAudio(Int16Array.of(9, 9, 5).subarray(2)).toString('hex'), '41020000000500');
    assert.equal(encodeEnd().toString('hex'), '4500000000');
  });

  it('reads transcripts and accounts', () => {
    assert.deepEqual(decodeLine('{"type":"took","samples":1600}'), { type: 'took', samples: 1_600 });
    const line = '{"type":"final","utterance":3,"words":[["good",10,200],["morning",210,500]]}';
    assert.deepEqual(decodeLine(line), {
      type: 'final',
      utterance: 3,
      text: 'good morning',
      words: [
        { text: 'good', startMs: 10, endMs: 200 },
        { text: 'morning', startMs: 210, endMs: 500 },
      ],
    });
  });

  it('refuses anything else', () => {
    for (const line of [
      '',
      '{',
      'null',
      '{"type":"other"}',
      '{"type":"took"}',
      '{"type":"final","utterance":-1,"words":[]}',
    ]) {
      assert.throws(() => decodeLine(line), { code: 'engine-bad-answer' });
    }
  });
});
