import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { PaddedTime } from '../../../src/engines/sherpa/child/padded-time.ts';
import { addressOf, modelsFor } from '../../../src/engines/sherpa/known-models.ts';
import {
  encodeMessage,
  MESSAGE,
  MessageReader,
  pcmBytes,
  pcmOf,
  sayingBytes,
  sayingOf,
} from '../../../src/engines/sherpa/model-wire.ts';
import { readOnnxFile } from '../../../src/engines/sherpa/onnx-file.ts';
import { findRecogniser } from '../../../src/engines/sherpa/recogniser-models.ts';
import { findSpeakerModel } from '../../../src/engines/sherpa/speaker-model.ts';
import { findVoice } from '../../../src/engines/sherpa/voice-models.ts';
import { heardWords } from '../../../src/engines/stt/sherpa/token-words.ts';
import { parseVoicePlace, recordingOf, speakerNumber } from '../../../src/engines/tts/sherpa/voice-place.ts';
import { VoiceRecordings } from '../../../src/engines/tts/sherpa/voice-recordings.ts';
import { encodeWav } from '../../../src/protocol/wav.ts';
import { floats, node, onnxModel } from './onnx-writer.ts';
import {
  writeSpeakerModel,
  writeStreamingRecogniser,
  writeVoice,
  writeWholeRecogniser,
} from './tiny-models.ts';

let folder = '';
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sherpa-files-'));
});
after(() => rm(folder, { recursive: true }));

/** A model that says of itself what it is told to, and can do nothing. */
function modelOf(metadata: Readonly<Record<string, string | number>>): Buffer {
  return onnxModel({
    inputs: [],
    outputs: [],
    nodes: [node('Identity', ['a'], ['b'])],
    constants: [floats('a', [1], [0])],
    metadata,
  });
}

const TOKENS = '<blk> 0\na 1\nb 2\n';

/** A folder of files: of text, or of what a model says of itself. */
async function folderOf(
  name: string,
  files: Readonly<Record<string, string | Readonly<Record<string, string | number>>>>,
): Promise<string> {
  const path = join(folder, name);
  await mkdir(path, { recursive: true });
  for (const [file, content] of Object.entries(files)) {
    await writeFile(join(path, file), typeof content === 'string' ? content : modelOf(content));
  }
  return path;
}

describe('an ONNX file', () => {
  it('is read for what it says of itself', async () => {
    const path = join(folder, 'good.onnx');
    await writeFile(path, modelOf({ model_type: 'zipformer2', T: 45, text: 'ä'.repeat(200) }));
    const file = await readOnnxFile(path);
    assert.equal(file.type, 'onnx');
    const metadata = file.type === 'onnx' ? file.metadata : new Map();
    assert.deepEqual([...metadata.keys()], ['model_type', 'T', 'text']);
    assert.equal(metadata.get('text'), 'ä'.repeat(200));
  });

  it('is refused, with a reason, at whatever byte it is cut off', async () => {
    const whole = modelOf({ model_type: 'zipformer2' });
    const path = join(folder, 'cut.onnx');
    // The metadata comes last; a file that ends just before it is whole, and says nothing.
    const graphEnd = whole.indexOf('model_type') - 4;
    for (let end = 0; end < whole.length; end += 1) {
      await writeFile(path, whole.subarray(0, end));
      const file = await readOnnxFile(path);
      if (file.type === 'onnx') {
        assert.ok(end >= graphEnd - 8 && file.metadata.size === 0, `cut at ${end} of ${whole.length}`);
      } else {
        assert.match(file.reason, /is empty|is cut off|is no ONNX model/);
      }
    }
  });

  it('is told from what is often found in its place', async () => {
    const cases = [
      ['', /is empty/],
      ['version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n', /pointer of Git LFS/],
      ['<!DOCTYPE html><html>Not found</html>', /web page/],
      ['BZh91AY&SY', /archive/],
      ['just some text that is no model at all', /no ONNX model/],
      ['\xff'.repeat(100), /no ONNX model/],
    ] as const;
    for (const [content, reason] of cases) {
      const path = join(folder, 'impostor.onnx');
      await writeFile(path, content, 'latin1');
      const file = await readOnnxFile(path);
      assert.match(file.type === 'broken' ? file.reason : 'it was taken', reason);
    }
    const noFile = await readOnnxFile(folder);
    assert.match(noFile.type === 'broken' ? noFile.reason : '', /is no file/);
    const missing = await readOnnxFile(join(folder, 'nowhere.onnx'));
    assert.match(missing.type === 'broken' ? missing.reason : '', /cannot be read/);
  });
});

describe('a folder with a recogniser', () => {
  const transducer = (encoder: Readonly<Record<string, string | number>>) => ({
    'encoder.int8.onnx': encoder,
    'decoder.onnx': {},
    'joiner.int8.onnx': {},
    'tokens.txt': TOKENS,
  });

  it('is known by its files and by what they say', async () => {
    const cases = [
      [
        'zipformer',
        transducer({ model_type: 'zipformer2', decode_chunk_len: 32, T: 45 }),
        'zipformer2 transducer',
        'streams',
        770,
      ],
      [
        'nemotron',
        transducer({ window_size: 65, chunk_shift: 56, subsampling_factor: 8, vocab_size: 3 }),
        'NeMo transducer',
        'streams',
        1_210,
      ],
      [
        'parakeet',
        transducer({ model_type: 'EncDecRNNTBPEModel', subsampling_factor: 8, vocab_size: 3 }),
        'Parakeet transducer',
        'whole',
        0,
      ],
      ['offline', transducer({ model_type: 'zipformer2' }), 'zipformer2 transducer', 'whole', 0],
      [
        'whisper',
        {
          'tiny-encoder.onnx': { model_type: 'whisper-tiny' },
          'tiny-decoder.onnx': {},
          'tiny-tokens.txt': 'YQ== 0\nYg== 1\n',
        },
        'Whisper',
        'whole',
        0,
      ],
      [
        'canary',
        {
          'encoder.int8.onnx': { model_type: 'EncDecMultiTaskModel' },
          'decoder.int8.onnx': {},
          'tokens.txt': TOKENS,
        },
        'Canary',
        'whole',
        0,
      ],
      [
        'sense',
        {
          'model.int8.onnx': { model_type: 'sense_voice_ctc', lfr_window_size: 7, neg_mean: '0' },
          'tokens.txt': TOKENS,
        },
        'SenseVoice',
        'whole',
        0,
      ],
      [
        'moonshine',
        {
          'preprocess.onnx': {},
          'encode.int8.onnx': {},
          'uncached_decode.int8.onnx': {},
          'cached_decode.int8.onnx': {},
          'tokens.txt': TOKENS,
        },
        'Moonshine',
        'whole',
        0,
      ],
      [
        'moonshine2',
        { 'encoder_model.ort': 'ORTM', 'decoder_model_merged.ort': 'ORTM', 'tokens.txt': TOKENS },
        'Moonshine',
        'whole',
        0,
      ],
      [
        'nemoctc',
        {
          'model.onnx': { model_type: 'EncDecCTCModelBPE', vocab_size: 3, subsampling_factor: 8 },
          'tokens.txt': TOKENS,
        },
        'NeMo CTC',
        'whole',
        0,
      ],
      [
        'zipctc',
        { 'model.onnx': { model_type: 'zipformer2', decode_chunk_len: 32, T: 45 }, 'tokens.txt': TOKENS },
        'zipformer CTC',
        'streams',
        770,
      ],
    ] as const;
    for (const [name, files, family, hears, tailMs] of cases) {
      const model = await findRecogniser(await folderOf(name, files), 'en');
      assert.deepEqual([model.family, model.hears, model.tailMs], [family, hears, tailMs], name);
      assert.ok(model.bytes > 0);
    }
    const one = await findRecogniser(await writeStreamingRecogniser(join(folder, 't-one')), 'ru');
    assert.deepEqual([one.family, one.hears, one.leadMs], ['T-one', 'streams', 300]);
    const whole = await findRecogniser(await writeWholeRecogniser(join(folder, 'omni')), 'es');
    assert.deepEqual([whole.family, whole.hears, whole.isToldLanguage], ['Omnilingual', 'whole', false]);
  });

  it('is told the language where the model wants to know it', async () => {
    const path = await folderOf('whisper', {});
    const { config, isToldLanguage } = await findRecogniser(path, 'es-MX');
    assert.equal(isToldLanguage, true);
    assert.match(JSON.stringify(config), /"language":"es"/);
  });

  it('gives the smaller encoder of two, and of the names the shortest', async () => {
    const path = await folderOf('several', {
      ...transducer({ model_type: 'zipformer2', decode_chunk_len: 32, T: 45 }),
      'encoder.onnx': { model_type: 'zipformer2', decode_chunk_len: 32, T: 45 },
      'encoder-with-a-longer-name.int8.onnx': { model_type: 'zipformer2' },
    });
    const { config } = await findRecogniser(path, 'en');
    assert.match(JSON.stringify(config), /several\/encoder\.int8\.onnx/);
  });

  it('is refused with what is wrong and what to do', async () => {
    const cases = [
      ['empty', {}, /empty lacks a model, \*\.onnx: unpack/],
      [
        'no-tokens',
        { 'model.onnx': { frame_length_ms: 300, state_dim: 4, sample_rate: 8_000 } },
        /lacks its list of tokens/,
      ],
      [
        'wrong-tokens',
        {
          'model.onnx': { frame_length_ms: 300, state_dim: 4, sample_rate: 8_000 },
          'tokens.txt': 'not a list',
        },
        /is no list of tokens/,
      ],
      [
        'no-blank',
        {
          'model.onnx': { frame_length_ms: 300, state_dim: 4, sample_rate: 8_000 },
          'tokens.txt': 'a 0\nb 1\n',
        },
        /has no <blk>/,
      ],
      [
        'no-state',
        { 'model.onnx': { frame_length_ms: 300 }, 'tokens.txt': TOKENS },
        /lacks the metadata state_dim, sample_rate/,
      ],
      [
        'unknown',
        { 'model.onnx': { model_type: 'cat-detector' }, 'tokens.txt': TOKENS },
        /says that it is "cat-detector"/,
      ],
      ['silent', { 'model.onnx': {}, 'tokens.txt': TOKENS }, /does not say what it is/],
      [
        'a-voice',
        { 'model.onnx': { model_type: 'vits', comment: 'piper' }, 'tokens.txt': TOKENS },
        /holds a voice and no recogniser: give it with --voice/,
      ],
      [
        'pointer',
        { ...transducer({}), 'joiner.int8.onnx': 'version https://git-lfs.github.com/spec/v1' },
        /joiner\.int8\.onnx is a pointer of Git LFS/,
      ],
    ] as const;
    for (const [name, files, message] of cases) {
      const path = await folderOf(name, files);
      await assert.rejects(findRecogniser(path, 'en'), { code: 'file-unreadable', message }, name);
    }
    await assert.rejects(findRecogniser(join(folder, 'nowhere'), 'en'), {
      message: /nowhere cannot be read/,
    });
  });
});

describe('a folder with a voice', () => {
  const voice = {
    'model.onnx': {
      model_type: 'vits',
      comment: 'piper',
      sample_rate: 8_000,
      n_speakers: 1,
      language: 'Spanish',
    },
    'tokens.txt': TOKENS,
  };

  it('is known by its files and by what they say', async () => {
    assert.equal((await findVoice(await writeVoice(join(folder, 'piper')), 'es')).family, 'Piper');
    const sounds = { 'espeak-ng-data': '' };
    const kokoro = await folderOf('kokoro', {
      'model.onnx': { model_type: 'kokoro', sample_rate: 24_000, speaker_names: 'af,am' },
      'voices.bin': '',
      'tokens.txt': TOKENS,
      ...sounds,
    });
    const found = await findVoice(kokoro, 'en');
    assert.deepEqual([found.family, found.speakerNames], ['Kokoro', ['af', 'am']]);
    const matcha = await folderOf('matcha', {
      'model-steps-3.onnx': { model_type: 'matcha-tts', sample_rate: 22_050 },
      'vocos-22khz-univ.onnx': {},
      'tokens.txt': TOKENS,
    });
    assert.equal((await findVoice(matcha, 'en')).family, 'Matcha');
    const pocket = await folderOf('pocket', {
      ...{ 'lm_flow.int8.onnx': {}, 'lm_main.int8.onnx': {}, 'encoder.onnx': {}, 'decoder.int8.onnx': {} },
      ...{ 'text_conditioner.onnx': {}, 'vocab.json': '{}', 'token_scores.json': '{}' },
    });
    const { family, imitates } = await findVoice(pocket, 'en');
    assert.deepEqual([family, imitates], ['pocket-tts', true]);
  });

  it('is refused with what is wrong and what to do', async () => {
    const cases = [
      ['v-empty', {}, /lacks a model/],
      ['v-sounds', voice, /lacks espeak-ng-data/],
      [
        'v-rate',
        { ...voice, 'model.onnx': { comment: 'piper' }, 'espeak-ng-data': '' },
        /lacks the metadata sample_rate, n_speakers, language/,
      ],
      ['v-matcha', { 'model.onnx': { model_type: 'matcha-tts' }, 'tokens.txt': TOKENS }, /lacks a vocoder/],
      [
        'v-other',
        { 'model.onnx': { model_type: 't-one' }, 'tokens.txt': TOKENS },
        /says that it is "t-one", and is no voice/,
      ],
      ['v-pocket', { 'lm_flow.onnx': {}, 'lm_main.onnx': {} }, /lacks some of encoder/],
    ] as const;
    for (const [name, files, message] of cases) {
      await assert.rejects(
        findVoice(await folderOf(name, files), 'es'),
        { code: 'file-unreadable', message },
        name,
      );
    }
  });

  it('is written with a speaker, by number or by name, or with a recording', () => {
    assert.deepEqual(parseVoicePlace('/m/es'), { folder: '/m/es', speaker: undefined });
    const place = parseVoicePlace('/m/#1/es#am');
    assert.deepEqual(place, { folder: '/m/#1/es', speaker: 'am' });
    assert.equal(speakerNumber(place, { speakerNames: ['af', 'am'] }, 2), 1);
    assert.equal(speakerNumber(parseVoicePlace('/m#0'), { speakerNames: [] }, 1), 0);
    for (const wrong of ['/m#1', '/m#eva']) {
      assert.throws(() => speakerNumber(parseVoicePlace(wrong), { speakerNames: [] }, 1), {
        code: 'engine-refused',
        message: /write a number from 0 to 0/,
      });
    }
    assert.equal(recordingOf(parseVoicePlace('/m#eva.wav')), '/m/eva.wav');
    assert.equal(recordingOf(parseVoicePlace('/m#/voices/eva.wav')), '/voices/eva.wav');
    assert.equal(recordingOf(parseVoicePlace('/m#1')), undefined);
  });
});

describe('the recordings that voices are to sound like', () => {
  const recording = Int16Array.from({ length: 16_000 * 12 }, (_, index) => index % 1_000);
  const wav = encodeWav({ rateHz: 16_000, pcm: recording });
  const read = (load: () => Promise<Uint8Array>): Promise<Uint8Array> => load();

  it('come with a rendering, once for all segments, and are let go of with their voice', async () => {
    let loads = 0;
    const rendering = {
      engine: 'sherpa',
      ref: 'recording-1',
      load: async () => {
        loads += 1;
        return wav;
      },
    };
    const recordings = new VoiceRecordings();
    const place = parseVoicePlace('/m/en#other.wav');
    const first = await recordings.get(place, rendering, read);
    assert.equal(first.rateHz, 16_000);
    assert.deepEqual(first.pcm, recording.slice(0, 160_000), '10 s are used');
    assert.equal(await recordings.get(place, rendering, read), first);
    assert.deepEqual([loads, recordings.size], [1, 1]);
    recordings.forget('recording-1');
    await recordings.get(place, rendering, read);
    assert.equal(loads, 2);
  });

  it('are files that are written behind the folder of the voice', async () => {
    await writeFile(join(folder, 'eva.wav'), wav);
    const recordings = new VoiceRecordings();
    const { pcm } = await recordings.get(parseVoicePlace(`${folder}#eva.wav`), undefined, read);
    assert.equal(pcm.length, 160_000);
    await assert.rejects(recordings.get(parseVoicePlace(`${folder}#1`), undefined, read), {
      code: 'engine-refused',
      message: /write one after it, .*#FILE\.wav/,
    });
    await assert.rejects(recordings.get(parseVoicePlace(`${folder}#nobody.wav`), undefined, read), {
      code: 'file-unreadable',
    });
    await writeFile(join(folder, 'mp3.wav'), 'ID3');
    await assert.rejects(recordings.get(parseVoicePlace(`${folder}#mp3.wav`), undefined, read), {
      code: 'wav-unreadable',
    });
  });
});

describe('a model that tells voices apart', () => {
  it('must say of which framework it is', async () => {
    assert.ok(
      (await findSpeakerModel(await writeSpeakerModel(join(folder, 'speaker.onnx')))).bytes > 100_000,
    );
    await assert.rejects(findSpeakerModel(await writeSpeakerModel(join(folder, 'bare.onnx'), {})), {
      code: 'file-unreadable',
      message: /does not say of which framework it is: take it from the releases of sherpa-onnx/,
    });
    const other = await writeSpeakerModel(join(folder, 'other.onnx'), { framework: 'mine' });
    await assert.rejects(findSpeakerModel(other), { message: /is of "mine"/ });
  });
});

describe('messages to a model', () => {
  const pcm = Int16Array.from({ length: 500 }, (_, index) => index * 60 - 15_000);

  it('are read wherever the bytes are cut', () => {
    const bytes = Buffer.concat([
      encodeMessage(MESSAGE.begin, 7, Buffer.from('es')),
      encodeMessage(MESSAGE.audio, 7, pcmBytes(pcm)),
      encodeMessage(MESSAGE.end, 4_000_000_000),
    ]);
    for (let cut = 0; cut <= bytes.length; cut += 1) {
      const reader = new MessageReader();
      const read = [bytes.subarray(0, cut), bytes.subarray(cut)].flatMap((piece) =>
        [...reader.read(piece)].map(({ type, id, payload }) => ({ type, id, payload: Buffer.from(payload) })),
      );
      assert.deepEqual(
        read.map(({ type, id }) => [type, id]),
        [
          [MESSAGE.begin, 7],
          [MESSAGE.audio, 7],
          [MESSAGE.end, 4_000_000_000],
        ],
      );
      assert.deepEqual(pcmOf(read[1]?.payload ?? new Uint8Array()), pcm);
    }
  });

  it('are refused when they are longer than any', () => {
    const wrong = encodeMessage(MESSAGE.sound, 1);
    wrong.writeUInt32LE(0xffff_ffff, 5);
    assert.throws(() => [...new MessageReader().read(wrong)], { code: 'engine-bad-answer' });
  });

  it('say what is to be spoken, and like whom', () => {
    const saying = { text: '¿Qué?', speaker: 2, speed: 1.25, reference: { rateHz: 16_000, text: '' } };
    const read = sayingOf(sayingBytes(saying, pcm));
    assert.deepEqual(read.saying, saying);
    assert.deepEqual(read.reference, pcm);
    assert.throws(() => sayingOf(Buffer.from([2, 0, 0, 0, 123, 125])), { code: 'engine-bad-answer' });
  });
});

describe('what was heard', () => {
  it('is words with the times of their tokens', () => {
    const heard = {
      text: ' HELLO  WORLD',
      tokens: ['\u2581HE', 'LLO', '\u2581WOR', 'LD'],
      timesS: [0.1, 0.2, 0.5, 0.6],
      likelyEnd: false,
    };
    assert.deepEqual(heardWords(heard, true, 640), {
      text: 'hello world',
      words: [
        { text: 'hello', startMs: 100, endMs: 320 },
        { text: 'world', startMs: 500, endMs: 640 },
      ],
    });
    const { words } = heardWords(
      { ...heard, text: '你好', tokens: ['你', '好'], timesS: [0.1, 0.2] },
      false,
      1_000,
    );
    assert.deepEqual(
      words.map(({ text, endMs }) => [text, endMs]),
      [
        ['你', 200],
        ['好', 320],
      ],
    );
    assert.deepEqual(heardWords({ ...heard, timesS: [] }, false, 1_000).words, []);
  });

  it('is timed as if no silence had been put in', () => {
    const time = new PaddedTime();
    time.add(0, 0.3);
    time.add(1.3, 0.6);
    assert.equal(time.utteranceS(0.1), 0);
    assert.equal(time.utteranceS(1.3), 1);
    assert.equal(time.utteranceS(1.5), 1);
    assert.ok(Math.abs(time.utteranceS(2.9) - 2) < 1e-9);
  });
});

describe('the models that are known', () => {
  it('are named for the languages that they are for, with an address and a licence', () => {
    assert.ok(modelsFor('recogniser', 'es-MX').length >= 2);
    assert.ok(modelsFor('recogniser', 'ru')[0]?.remark.includes('telephone'));
    assert.equal(modelsFor('recogniser', 'qq').length, 0);
    for (const model of [...modelsFor('recogniser', 'en'), ...modelsFor('voice', 'en')]) {
      assert.match(
        addressOf(model),
        /^https:\/\/github\.com\/k2-fsa\/sherpa-onnx\/releases\/download\/(asr|tts)-models\/[\w.-]+\.tar\.bz2$/,
      );
      assert.notEqual(model.licence, '');
    }
  });

  it('stand in the README', async () => {
    const readme = await readFile(new URL('../../../../scripts/README.md', import.meta.url), 'utf8').catch(
      () => readFile('scripts/README.md', 'utf8'),
    );
    for (const model of [
      ...modelsFor('recogniser', 'en'),
      ...modelsFor('recogniser', 'ru'),
      ...modelsFor('recogniser', 'zh'),
      ...modelsFor('voice', 'en'),
    ]) {
      assert.ok(readme.includes(model.name), model.name);
    }
  });
});
