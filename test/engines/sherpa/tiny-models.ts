/**
 * Models that sherpa-onnx takes for real ones and that do something that tests can foretell: recognisers that hear a
 * letter in each tone, a voice that sounds a tone for each letter, and a maker of vectors that measures the colour of a
 * sound. They try the way to a model and back; of a real model they say nothing.
 */

import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ELEMENT, floats, integers, node, onnxModel, value } from './onnx-writer.ts';

const BLANK = '<blk>';
export const LETTERS: readonly string[] = [BLANK, ' ', ...'abcdefghijklmnopqrstuvwxyz'];

/** How long a letter lasts, and of that its tone, in ms. */
export const LETTER_MS = 90;
const TONE_MS = 60;

/** Where Debian, and others, have what turns letters into sounds. */
const ESPEAK_DATA = [
  '/usr/lib/x86_64-linux-gnu/espeak-ng-data',
  '/usr/lib/aarch64-linux-gnu/espeak-ng-data',
  '/usr/share/espeak-ng-data',
].find((path) => existsSync(path));

/** Where the tones of letters lie. */
export interface ToneBand {
  readonly firstHz: number;
  /** Far enough from one letter to the next for a frame of the model to tell. */
  readonly stepHz: number;
  readonly amplitude: number;
  /** What is heard where no tone is as strong, as the logarithm of its power: nothing. */
  readonly nothing: number;
}

/** Alone, all over the telephone's band. */
const ALONE: ToneBand = { firstHz: 300, stepHz: 100, amplitude: 0.3, nothing: -7 };

/** Above the overtones of a voice, since our own detector takes tones alone for tones. */
export const ABOVE_VOICE: ToneBand = { firstHz: 2_300, stepHz: 50, amplitude: 0.15, nothing: -6.5 };

function toneHz(letter: number, { firstHz, stepHz } = ALONE): number {
  return firstHz + stepHz * letter;
}

/** What the recognisers hear as `text`. */
export function tonesOf(text: string, rateHz: number, band = ALONE): Int16Array {
  const letterSamples = (rateHz * LETTER_MS) / 1_000;
  const toneSamples = (rateHz * TONE_MS) / 1_000;
  const pcm = new Int16Array([...text].length * letterSamples);
  for (const [index, sign] of [...text].entries()) {
    const letter = LETTERS.indexOf(sign);
    for (let n = 0; n < toneSamples && letter > 0; n += 1) {
      const phase = (2 * Math.PI * toneHz(letter, band) * n) / rateHz;
      pcm[index * letterSamples + n] = Math.round(32_767 * band.amplitude * Math.sin(phase));
    }
  }
  return pcm;
}

/** How strong each letter's tone is in `samples` of sound: its cosine and its sine, side by side. */
function toneMatrix(
  samples: number,
  rateHz: number,
  letters: readonly string[],
  band = ALONE,
): readonly number[] {
  return Array.from({ length: samples }, (_, n) =>
    letters.flatMap((_, letter) => {
      const phase = (2 * Math.PI * toneHz(letter, band) * n) / rateHz;
      return letter === 0 ? [0, 0] : [Math.cos(phase) / samples, Math.sin(phase) / samples];
    }),
  ).flat();
}

/** What is heard where no tone is as strong: nothing. */
function thresholds(letters: readonly string[], nothing: number): readonly number[] {
  return letters.map((_, letter) => Math.exp(letter === 0 ? nothing : -20));
}

/** From frames of sound, `frames`, to the logarithm of each letter's strength, `strength`. */
const HEARING: readonly Buffer[] = [
  node('MatMul', ['frames', 'tones'], ['parts']),
  node('Mul', ['parts', 'parts'], ['squares']),
  node('Reshape', ['squares', 'byLetter'], ['pairs']),
  node('ReduceSum', ['pairs', 'last'], ['energy'], { keepdims: 0 }),
  node('Add', ['energy', 'thresholds'], ['enough']),
  node('Log', ['enough'], ['strength']),
];

/**
 * A streaming recogniser as T-one is one: 300 ms at 8 kHz at a time, of 30 ms each a letter.
 * @param letters others than ours hear another language: a tone is another letter.
 */
export async function writeStreamingRecogniser(
  folder: string,
  letters = LETTERS,
  band = ALONE,
): Promise<string> {
  const samples = 240;
  const count = letters.length;
  const model = onnxModel({
    inputs: [value('signal', ELEMENT.int32, ['B', 2_400, 1]), value('state', ELEMENT.float16, ['B', 4])],
    outputs: [
      value('logprobs', ELEMENT.float, ['B', 10, count]),
      value('state_next', ELEMENT.float16, ['B', 4]),
    ],
    nodes: [
      node('Cast', ['signal'], ['float'], { to: 1 }),
      node('Div', ['float', 'scale'], ['unit']),
      node('Reshape', ['unit', 'byFrame'], ['frames']),
      ...HEARING,
      node('LogSoftmax', ['strength'], ['logprobs'], { axis: 2 }),
      node('Identity', ['state'], ['state_next']),
    ],
    constants: [
      floats('scale', [1], [32_768]),
      floats('tones', [samples, 2 * count], toneMatrix(samples, 8_000, letters, band)),
      floats('thresholds', [count], thresholds(letters, band.nothing)),
      integers('byFrame', [-1, 10, samples]),
      integers('byLetter', [-1, 10, count, 2]),
      integers('last', [3]),
    ],
    metadata: { model_type: 't-one', sample_rate: 8_000, frame_length_ms: 300, state_dim: 4, version: 1 },
  });
  return writeModel(folder, model, letters);
}

/** A recogniser of whole utterances as Omnilingual is one: sound at 16 kHz, of 20 ms each a letter. */
export async function writeWholeRecogniser(folder: string): Promise<string> {
  const samples = 320;
  const count = LETTERS.length;
  const model = onnxModel({
    inputs: [value('x', ELEMENT.float, ['B', 'T'])],
    outputs: [value('logits', ELEMENT.float, ['B', 'F', count])],
    nodes: [
      node('Shape', ['x'], ['shape']),
      node('Gather', ['shape', 'one'], ['length']),
      node('Mod', ['length', 'frame'], ['rest']),
      node('Sub', ['length', 'rest'], ['whole']),
      node('Slice', ['x', 'zero', 'whole', 'one'], ['cut']),
      node('Reshape', ['cut', 'byFrame'], ['frames']),
      ...HEARING,
      node('Identity', ['strength'], ['logits']),
    ],
    constants: [
      integers('zero', [0]),
      integers('one', [1]),
      integers('frame', [samples]),
      floats('tones', [samples, 2 * count], toneMatrix(samples, 16_000, LETTERS)),
      floats('thresholds', [count], thresholds(LETTERS, -3)),
      integers('byFrame', [1, -1, samples]),
      integers('byLetter', [1, -1, count, 2]),
      integers('last', [3]),
    ],
    metadata: { model_type: 'omnilingual-asr', version: 1, sample_rate: 16_000, vocab_size: count },
  });
  return writeModel(folder, model, LETTERS);
}

/** What Piper's texts are turned into, as many of it as English and Spanish need. */
const PHONEMES: readonly string[] = [
  '_',
  '^',
  '$',
  ' ',
  ...'abcdefghijklmnopqrstuvwxyzæðŋɐɑɒɔəɚɛɜɡɪɹɾʃʊʌʒʔˈˌːθᵻβɣʎɲ.,?!;:\'"-',
];

/** A voice as Piper's: 90 ms for each phoneme, with the tone of the letter that it is written as, if it is one. */
export async function writeVoice(folder: string): Promise<string> {
  const rateHz = 8_000;
  const samples = (rateHz * LETTER_MS) / 1_000;
  const toneSamples = (rateHz * TONE_MS) / 1_000;
  const times = Array.from({ length: samples }, (_, n) => n);
  const model = onnxModel({
    inputs: [
      value('input', ELEMENT.int64, ['B', 'T']),
      value('input_lengths', ELEMENT.int64, ['B']),
      value('scales', ELEMENT.float, [3]),
    ],
    outputs: [value('output', ELEMENT.float, ['B', 1, 'S'])],
    nodes: [
      node('Gather', ['tones', 'input'], ['each']),
      node('Unsqueeze', ['each', 'last'], ['column']),
      node('Mul', ['column', 'time'], ['phase']),
      node('Sin', ['phase'], ['wave']),
      node('Mul', ['wave', 'loudness'], ['sound']),
      node('Reshape', ['sound', 'line'], ['output']),
    ],
    constants: [
      floats(
        'tones',
        [PHONEMES.length],
        PHONEMES.map((sign) => Math.max(0, toneOfSign(sign))),
      ),
      floats(
        'time',
        [samples],
        times.map((n) => (2 * Math.PI * n) / rateHz),
      ),
      floats(
        'loudness',
        [samples],
        times.map((n) => (n < toneSamples ? ALONE.amplitude : 0)),
      ),
      integers('last', [2]),
      integers('line', [1, 1, -1]),
    ],
    metadata: {
      model_type: 'vits',
      comment: 'piper',
      language: 'Spanish',
      voice: 'es',
      has_espeak: 1,
      n_speakers: 1,
      sample_rate: rateHz,
    },
  });
  await writeModel(folder, model, PHONEMES);
  assert.ok(ESPEAK_DATA !== undefined, 'eSpeak NG is not installed');
  await symlink(ESPEAK_DATA, join(folder, 'espeak-ng-data'));
  return folder;
}

function toneOfSign(sign: string): number {
  const letter = LETTERS.indexOf(sign);
  return letter > 1 ? toneHz(letter) : 0;
}

/** What looks like a voice that speaks like a recording, and cannot speak. */
export async function writeImitator(folder: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  const empty = onnxModel({ inputs: [], outputs: [], nodes: [], constants: [], metadata: {} });
  for (const part of ['lm_flow', 'lm_main', 'encoder', 'decoder', 'text_conditioner']) {
    await writeFile(join(folder, `${part}.onnx`), empty);
  }
  await writeFile(join(folder, 'vocab.json'), '{}');
  await writeFile(join(folder, 'token_scores.json'), '{}');
  return folder;
}

/** How many numbers the vectors have. */
export const DIMENSIONS = 256;

/**
 * A maker of vectors as WeSpeaker's ResNet: the mean and the spread of 80 bands of a sound, spread over 256 numbers.
 * @param metadata default what it needs.
 */
export async function writeSpeakerModel(
  file: string,
  metadata: Readonly<Record<string, string | number>> = {
    framework: 'wespeaker',
    language: 'English',
    output_dim: DIMENSIONS,
    sample_rate: 16_000,
    normalize_samples: 0,
  },
): Promise<string> {
  let seed = 12_345;
  const random = (): number => {
    seed = (seed * 1_664_525 + 1_013_904_223) % 2 ** 32;
    return seed / 2 ** 32 - 0.5;
  };
  const model = onnxModel({
    inputs: [value('x', ELEMENT.float, ['B', 'T', 80])],
    outputs: [value('embs', ELEMENT.float, ['B', DIMENSIONS])],
    nodes: [
      node('ReduceMean', ['x'], ['mean'], { axes: [1], keepdims: 1 }),
      node('Sub', ['x', 'mean'], ['centred']),
      node('Mul', ['centred', 'centred'], ['squares']),
      node('ReduceMean', ['squares'], ['variance'], { axes: [1], keepdims: 0 }),
      node('Sqrt', ['variance'], ['spread']),
      node('ReduceMean', ['mean'], ['bands'], { axes: [1], keepdims: 0 }),
      node('ReduceMean', ['bands'], ['level'], { axes: [1], keepdims: 1 }),
      node('Sub', ['bands', 'level'], ['colour']),
      node('Concat', ['colour', 'spread'], ['measured'], { axis: 1 }),
      node('MatMul', ['measured', 'mix'], ['embs']),
    ],
    constants: [floats('mix', [160, DIMENSIONS], Array.from({ length: 160 * DIMENSIONS }, random))],
    metadata,
  });
  await writeFile(file, model);
  return file;
}

async function writeModel(folder: string, model: Buffer, tokens: readonly string[]): Promise<string> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'model.onnx'), model);
  await writeFile(join(folder, 'tokens.txt'), tokens.map((token, index) => `${token} ${index}\n`).join(''));
  return folder;
}
