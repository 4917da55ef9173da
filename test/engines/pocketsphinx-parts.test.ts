import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { AudioBacklog } from '../../src/engines/stt/pocketsphinx/audio-backlog.ts';
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

describe('AudioBacklog', () => {
  const audio = (value: number) => ({ type: 'audio', pcm: new Int16Array(1_600).fill(value) }) as const;

  it('drops the oldest audio past its limit, counts it, and keeps starts and ends in order', () => {
    const backlog = new AudioBacklog(250);
    backlog.push({ type: 'start', utterance: 1 });
    backlog.push(audio(1));
    backlog.push({ type: 'end' });
    backlog.push({ type: 'start', utterance: 2 });
    backlog.push(audio(2));
    backlog.push(audio(3));
    assert.equal(backlog.droppedMs, 100);
    assert.equal(backlog.audioMs, 200);
    const left = Array.from({ length: 6 }, () => backlog.shift());
    assert.deepEqual(
      left.map((entry) => (entry?.type === 'audio' ? entry.pcm[0] : entry?.type)),
      ['start', 'end', 'start', 2, 3, undefined],
    );
    assert.equal(backlog.audioMs, 0);
  });

  it('keeps the newest audio, however long', () => {
    const backlog = new AudioBacklog(50);
    backlog.push(audio(1));
    backlog.push({ type: 'end' });
    backlog.push(audio(2));
    assert.equal(backlog.droppedMs, 100);
    assert.equal(backlog.audioMs, 100);
    backlog.clear();
    assert.equal(backlog.shift(), undefined);
  });
});
