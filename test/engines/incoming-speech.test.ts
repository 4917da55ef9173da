import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { describe, it } from 'node:test';
import { hasWords, IncomingSpeech } from '../../src/engines/tts/incoming-speech.ts';
import { AnySampleStream, PcmStream } from '../../src/engines/tts/sample-stream.ts';
import { longestSpeechMs, SPEECH_LIMIT_MS } from '../../src/engines/tts/speech-length.ts';
import { wavHeader } from '../../src/protocol/wav.ts';

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
      assert.throws(() => new AnySampleStream('x', 8_000).push(Buffer.from(`${magic}${' '.repeat(9)}`)), {
        code: 'engine-refused',
      });
    }
  });
});

describe('IncomingSpeech', () => {
  /** May sound for 3 s and 0.2 s a letter. */
  const TEXT = 'sí';
  async function* bodyOf(parts: readonly Buffer[]): AsyncGenerator<Buffer> {
    yield* parts;
  }

  function read(speech: IncomingSpeech, ...answer: readonly Buffer[]): Promise<void> {
    return speech.read(bodyOf(answer), new PcmStream(1_000));
  }

  it('begins with the first sound, in pieces of at most 100 ms', async () => {
    const speech = new IncomingSpeech('x', TEXT);
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
    const silence = new IncomingSpeech('x', TEXT);
    await read(silence, Buffer.alloc(100));
    for await (const _ of (await silence.begun).pieces) {
      assert.fail('silence is no sound');
    }
    await assert.rejects(read(new IncomingSpeech('x', TEXT)), { code: 'engine-bad-answer' });
    await assert.rejects(read(new IncomingSpeech('x', TEXT), Buffer.alloc(1)), { code: 'engine-bad-answer' });
  });

  it('gives a reader who is late all the sound that came before the answer broke off, then the failure', async () => {
    const broken = new Error('broken off');
    const late = new IncomingSpeech('x', TEXT);
    async function* body(): AsyncGenerator<Buffer> {
      yield Buffer.alloc(500, 0x11);
      throw broken;
    }
    await assert.rejects(late.read(body(), new PcmStream(1_000)), broken);
    late.fail(broken);
    let samples = 0;
    await assert.rejects(async () => {
      for await (const piece of (await late.begun).pieces) {
        samples += piece.length;
      }
    }, broken);
    assert.equal(samples, 250);
  });

  it('gives nothing more to a reader who is told that nobody wants it', async () => {
    const speech = new IncomingSpeech('x', TEXT);
    const reason = new Error('hung up');
    async function* body(): AsyncGenerator<Buffer> {
      yield Buffer.alloc(500, 0x11);
      speech.abandon(reason);
      yield Buffer.alloc(500, 0x11);
    }
    const reading = speech.read(body(), new PcmStream(1_000));
    const { pieces } = await speech.begun;
    await reading;
    await assert.rejects(pieces[Symbol.asyncIterator]().next(), reason);
  });

  it('reads on when it has been abandoned, and throws the sound away', async () => {
    const speech = new IncomingSpeech('x', TEXT);
    const reason = new Error('hung up');
    speech.abandon(reason);
    await read(speech, Buffer.alloc(6_000, 0x11));
    await assert.rejects(speech.begun, reason);
  });
});

describe('Speech that runs away', () => {
  async function* endless(): AsyncGenerator<Buffer> {
    for (;;) {
      yield Buffer.alloc(2_000, 0x11);
    }
  }

  it('is cut where its text cannot be as long, wanted or not, and is a failure of the engine', async () => {
    const text = 'We will be there at ten, I think';
    for (const abandoned of [false, true]) {
      const speech = new IncomingSpeech('x', text);
      if (abandoned) {
        speech.abandon(new Error('hung up'));
      }
      await assert.rejects(speech.read(endless(), new PcmStream(1_000)), {
        code: 'engine-bad-answer',
        message: /ran away/,
      });
      assert.ok(speech.soundMs >= 8_000 && speech.soundMs < 12_000, `${speech.soundMs} ms`);
    }
  });

  it('is longer than the slowest voice reads a text', () => {
    const slowest: readonly (readonly [string, number])[] = [
      ['sí', 1_000],
      ['¿Puede usted decirme a qué hora sale el próximo tren para Sevilla?', 8_500],
      ['请问下一班去上海的火车几点开?', 5_000],
      ['明日の午前十時に駅でお会いしましょう', 6_000],
      ['0049 30 1234567', 8_000],
      ['anna@example.com', 4_000],
      ['1.234.567,89 €', 9_000],
    ];
    for (const [text, ms] of slowest) {
      assert.ok(longestSpeechMs(text) >= 1.5 * ms, `${text}: ${longestSpeechMs(text)} ms`);
    }
    assert.equal(longestSpeechMs('a'.repeat(10_000)), SPEECH_LIMIT_MS);
  });
});

describe('An answer that is no sound', () => {
  const ENGLISH_PAGE = '<!DOCTYPE html><html><head><title>502 Bad Gateway</title>';
  const mp3 = Buffer.from([0xff, 0xfb, 0x90, 0x64, ...new Array(20).fill(0)]);
  const aac = Buffer.from([0xff, 0xf1, 0x50, 0x80, ...new Array(20).fill(0)]);
  const mp4 = Buffer.from('\0\0\0\x20ftypM4A \0\0\0\0', 'latin1');
  const webm = Buffer.from('1a45dfa39f4286810142f781', 'hex');

  it('is known by its first bytes, wherever they are cut', () => {
    const refused: readonly (readonly [Buffer, string])[] = [
      [Buffer.from(ENGLISH_PAGE), 'engine-bad-answer'],
      [Buffer.from('{"detail": "no such voice"}'), 'engine-bad-answer'],
      [Buffer.from('Internal Server Error'), 'engine-bad-answer'],
      ...[mp3, aac, mp4, webm].map((bytes) => [bytes, 'engine-refused'] as const),
    ];
    for (const [bytes, code] of refused) {
      for (let cut = 0; cut <= 12; cut += 1) {
        const stream = new AnySampleStream('x', 8_000);
        const push = (): void => {
          stream.push(bytes.subarray(0, cut));
          stream.push(bytes.subarray(cut));
        };
        assert.throws(push, { code }, `${bytes.toString('latin1', 0, 12)}, ${cut}`);
      }
    }
  });

  it('is known by its noise before 40 ms of it are heard, whatever it is', () => {
    const noise = randomBytes(200_000);
    const stream = new AnySampleStream('x', 24_000);
    let heard = 0;
    const play = (): void => {
      // Quiet, so that nothing is known by its first bytes.
      heard += stream.push(Buffer.alloc(100)).length;
      for (let at = 0; at < noise.length; at += 500) {
        heard += stream.push(noise.subarray(at, at + 500)).length;
      }
    };
    assert.throws(play, { code: 'engine-bad-answer', message: /noise/ });
    assert.ok(heard < 24 * 60, `${heard} samples`);
  });

  it('is no loud voice, no hiss of one, and no square wave at full scale', () => {
    const rateHz = 24_000;
    let seed = 1;
    const random = (): number => {
      seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
      return seed / 2 ** 30 - 1;
    };
    const sounds: readonly ((at: number) => number)[] = [
      (at) => 16_000 * (Math.sin(at / 20) + Math.sin(at / 5)),
      () => 9_000 * random(),
      (at) => (at % 40 < 20 ? 32_000 : -32_000),
    ];
    for (const sound of sounds) {
      const pcm = Int16Array.from({ length: rateHz }, (_, at) => sound(at));
      const stream = new AnySampleStream('x', rateHz);
      assert.equal(stream.push(Buffer.from(pcm.buffer)).length, rateHz);
    }
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
