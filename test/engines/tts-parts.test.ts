import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { LeadingSilence } from '../../src/engines/tts/leading-silence.ts';
import { Slots } from '../../src/engines/tts/slots.ts';
import { SpeechPieces } from '../../src/engines/tts/speech-pieces.ts';
import { WavStream } from '../../src/engines/tts/wav-stream.ts';
import { wavHeader } from '../../src/protocol/wav.ts';

describe('WavStream', () => {
  const samples = Buffer.from('0100feff0300fcff', 'hex');
  // Sizes as eSpeak NG writes them, and a chunk of odd length before the data.
  const header = wavHeader(22_050, 0x7ffff000);
  const note = Buffer.from('4c495354030000006162630a', 'hex');
  const file = Buffer.concat([header.subarray(0, 36), note, header.subarray(36), samples]);

  it('gives the same samples wherever the stream is cut', () => {
    for (let first = 0; first <= file.length; first += 1) {
      for (let second = first; second <= file.length; second += 1) {
        const stream = new WavStream();
        const parts = [file.subarray(0, first), file.subarray(first, second), file.subarray(second)];
        const pcm = parts.flatMap((part) => [...stream.push(part)]);
        assert.equal(stream.rateHz, 22_050);
        assert.deepEqual(pcm, [1, -2, 3, -4], `${first}, ${second}`);
      }
    }
  });

  it('takes single bytes', () => {
    const stream = new WavStream();
    assert.deepEqual(
      [...file].flatMap((byte) => [...stream.push(Uint8Array.of(byte))]),
      [1, -2, 3, -4],
    );
  });

  it('refuses what is not 16-bit mono WAV', () => {
    const stereo = Buffer.from(header);
    stereo.writeUInt16LE(2, 22);
    const noFormat = Buffer.concat([header.subarray(0, 12), header.subarray(36)]);
    const endless = Buffer.concat([header.subarray(0, 36), Buffer.from('4c495354ffffff7f', 'hex')]);
    for (const bytes of [Buffer.from('nonsense'), Buffer.from('RIFF1234AVI '), stereo, noFormat, endless]) {
      assert.throws(() => new WavStream().push(bytes), { code: 'engine-bad-answer' });
    }
  });
});

describe('LeadingSilence', () => {
  it('leaves 5 ms before the first sound wherever the stream is cut', () => {
    const speech = Int16Array.from([...new Array(30).fill(0).map((_, i) => i % 3), 1_000, 0, 0]);
    for (let cut = 0; cut <= speech.length; cut += 1) {
      const silence = new LeadingSilence(1_000);
      const kept = [...silence.push(speech.slice(0, cut)), ...silence.push(speech.slice(cut))];
      assert.deepEqual(kept, [1, 2, 0, 1, 2, 1_000, 0, 0], String(cut));
    }
  });
});

describe('Slots', () => {
  it('serves those who wait in order and forgets those who give up', async () => {
    const slots = new Slots(1, 2);
    const { signal } = new AbortController();
    const release = await slots.take(signal);
    const controller = new AbortController();
    const reason = new Error('gave up');
    const second = slots.take(controller.signal);
    const third = slots.take(signal);
    await assert.rejects(slots.take(signal), { code: 'engine-overloaded' });
    controller.abort(reason);
    await assert.rejects(second, reason);
    release();
    (await third)();
    (await slots.take(signal))();
  });
});

describe('SpeechPieces', () => {
  it('gives pieces in order, before and after they are asked for, and ends', async () => {
    const pieces = new SpeechPieces();
    pieces.push(Int16Array.of(1));
    pieces.push(new Int16Array(0));
    const iterator = pieces[Symbol.asyncIterator]();
    assert.deepEqual(await iterator.next(), { done: false, value: Int16Array.of(1) });
    const waiting = iterator.next();
    pieces.push(Int16Array.of(2));
    pieces.complete();
    assert.deepEqual(await waiting, { done: false, value: Int16Array.of(2) });
    assert.equal((await iterator.next()).done, true);
  });

  it('throws what went wrong after what came before it', async () => {
    const pieces = new SpeechPieces();
    pieces.push(Int16Array.of(1));
    pieces.fail(new Error('broke'));
    const iterator = pieces[Symbol.asyncIterator]();
    assert.deepEqual((await iterator.next()).value, Int16Array.of(1));
    await assert.rejects(iterator.next(), /broke/);
  });

  it('throws at once when it is abandoned, also after a failure', async () => {
    for (const end of [() => {}, (pieces: SpeechPieces) => pieces.fail(new Error('broke'))]) {
      const pieces = new SpeechPieces();
      pieces.push(Int16Array.of(1));
      end(pieces);
      pieces.abandon(new Error('hung up'));
      await assert.rejects(pieces[Symbol.asyncIterator]().next(), /hung up/);
    }
  });
});
