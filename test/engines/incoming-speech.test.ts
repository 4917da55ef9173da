import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import { after, before, describe, it } from 'node:test';
import { bodyFailure, HttpOrigin, readAll } from '../../src/engines/tts/http-origin.ts';
import { hasWords, IncomingSpeech } from '../../src/engines/tts/incoming-speech.ts';
import { AnySampleStream, PcmStream } from '../../src/engines/tts/sample-stream.ts';
import { wavHeader } from '../../src/protocol/wav.ts';
import { testSignal } from './events.ts';

const samples = [1, -2, 3, -4, 32_767, -32_768];
const bytes = Buffer.from(Int16Array.from(samples).buffer);

describe('PcmStream', () => {
  it('gives the same samples wherever the stream is cut', () => {
    for (let first = 0; first <= bytes.length; first += 1) {
      for (let second = first; second <= bytes.length; second += 1) {
        const stream = new PcmStream(8_000);
        const parts = [bytes.subarray(0, first), bytes.subarray(first, second), bytes.subarray(second)];
        assert.deepEqual(
          parts.flatMap((part) => [...stream.push(part)]),
          samples,
          `${first}, ${second}`,
        );
      }
    }
  });

  it('drops half a sample at the end', () => {
    assert.deepEqual([...new PcmStream(8_000).push(bytes.subarray(0, 3))], [1]);
  });
});

describe('AnySampleStream', () => {
  it('takes raw PCM and WAV, wherever the stream is cut', () => {
    const wav = Buffer.concat([wavHeader(22_050, 0), bytes]);
    for (const [stream, rateHz] of [
      [bytes, 8_000],
      [wav, 22_050],
    ] as const) {
      for (let cut = 0; cut <= stream.length; cut += 1) {
        const any = new AnySampleStream('x', 8_000);
        const pcm = [...any.push(stream.subarray(0, cut)), ...any.push(stream.subarray(cut))];
        assert.deepEqual(pcm, samples, String(cut));
        assert.equal(any.rateHz, rateHz);
      }
    }
  });

  it('refuses compressed sound', () => {
    for (const magic of ['ID3\u0004', 'OggS', 'fLaC']) {
      assert.throws(() => new AnySampleStream('x', 8_000).push(Buffer.from(magic)), {
        code: 'engine-refused',
      });
    }
  });
});

describe('IncomingSpeech', () => {
  let server: Server;
  let origin: HttpOrigin;
  /** What the server answers with, part by part. */
  let parts: readonly Buffer[] = [];
  before(async () => {
    server = createServer((_, response) => {
      for (const part of parts) {
        response.write(part);
      }
      response.end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    origin = new HttpOrigin('x', `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`);
  });
  after(() => {
    origin.close();
    server.close();
  });

  async function read(speech: IncomingSpeech, ...answer: readonly Buffer[]): Promise<void> {
    parts = answer;
    const response = await origin.send({ method: 'GET', path: '/' }, testSignal());
    await speech.read(response, new PcmStream(1_000));
  }

  it('begins with the first sound, in pieces of at most 100 ms', async () => {
    const speech = new IncomingSpeech('x');
    await read(speech, Buffer.alloc(400), Buffer.alloc(2_001, 0x11), Buffer.alloc(1, 0x11));
    const { rateHz, pieces } = await speech.begun;
    const lengths: number[] = [];
    for await (const piece of pieces) {
      lengths.push(piece.length);
    }
    assert.equal(rateHz, 1_000);
    // 5 ms of the silence before the sound are kept.
    assert.equal(
      lengths.reduce((sum, length) => sum + length),
      1_001 + 5,
    );
    assert.ok(Math.max(...lengths) <= 100);
  });

  it('is nothing when all is silence, and a failure when nothing comes', async () => {
    const silence = new IncomingSpeech('x');
    await read(silence, Buffer.alloc(100));
    for await (const _ of (await silence.begun).pieces) {
      assert.fail('silence is no sound');
    }
    await assert.rejects(read(new IncomingSpeech('x')), { code: 'engine-bad-answer' });
    await assert.rejects(read(new IncomingSpeech('x'), Buffer.alloc(1)), { code: 'engine-bad-answer' });
  });

  it('reads on when it has failed, and throws the sound away', async () => {
    const speech = new IncomingSpeech('x');
    const reason = new Error('hung up');
    speech.fail(reason);
    await read(speech, Buffer.alloc(300_000, 0x11));
    await assert.rejects(speech.begun, reason);
  });

  it('does not keep an answer that is longer than it may be', async () => {
    parts = [Buffer.alloc(11)];
    const response = await origin.send({ method: 'GET', path: '/' }, testSignal());
    await assert.rejects(readAll('x', response, 10, testSignal()), { code: 'engine-bad-answer' });
  });
});

describe('A body’s failure', () => {
  it('is why it was ended, a break, or a mistake of ours that is shown as it is', () => {
    const { signal } = new AbortController();
    const reason = new Error('hung up');
    const mistake = new TypeError('x is not a function');
    assert.equal(bodyFailure('x', mistake, AbortSignal.abort(reason)), reason);
    assert.equal(bodyFailure('x', mistake, signal), mistake);
    const reset = Object.assign(new Error('aborted'), { code: 'ECONNRESET' });
    assert.match(String(bodyFailure('x', reset, signal)), /x: the answer broke off \(ECONNRESET\)/);
  });
});

describe('Text to speak', () => {
  it('has a letter or a digit in it', () => {
    for (const text of ['a', '7', 'é', '你好', 'да!', '<b>']) {
      assert.equal(hasWords(text), true, text);
    }
    for (const text of ['', ' ', '.', '…', '¿?', '—', '👍']) {
      assert.equal(hasWords(text), false, text);
    }
  });
});
