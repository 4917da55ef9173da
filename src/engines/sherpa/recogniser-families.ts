/**
 * The families of recognisers, each known by the names of its files and by what the first of them says of itself. A family
 * is one row.
 * Sources: https://k2-fsa.github.io/sherpa/onnx/pretrained_models/ and the models' readers in
 * https://github.com/k2-fsa/sherpa-onnx/tree/v1.13.8/sherpa-onnx/csrc
 */

import { baseLanguage, type Language } from '../../base/language.ts';
import { codesOf } from '../languages.ts';
import { whisperLanguage } from '../stt/openai-transcription/whisper-languages.ts';
import { incomplete, type ModelFolder, metadataOf, unreadable } from './model-folder.ts';

type Metadata = ReadonlyMap<string, string>;

/** What was found in a folder. */
export interface FoundRecogniser {
  readonly family: string;
  readonly hears: 'streams' | 'whole';
  readonly models: readonly string[];
  readonly metadata: Metadata;
  /** Metadata that its reader cannot do without. */
  readonly needs?: readonly string[];
  /** Whether its tokens have one for nothing. */
  readonly blank?: boolean;
  readonly isToldLanguage?: boolean;
  readonly leadMs?: number;
  readonly tailMs?: number;
  /** `modelConfig` without tokens. */
  readonly config: Readonly<Record<string, unknown>>;
}

const TRANSDUCER_TYPES = /^(zipformer2?|conformer|ebranchformer|lstm)$/;
const NEMO_CTC_TYPES = /^EncDec(CTCModel(BPE)?|HybridRNNTCTCBPEModel)$/;
/** 10 ms: the frames in which models count. */
const FEATURE_MS = 10;

/** What lies in a folder. @throws AppError `file-unreadable` that says what is wrong with which file. */
export async function recogniserIn(folder: ModelFolder, language: Language): Promise<FoundRecogniser> {
  return (await moonshineIn(folder)) ?? (await partsIn(folder, language)) ?? (await oneIn(folder, language));
}

/** Moonshine's parts, of its first version or of its second. */
async function moonshineIn(folder: ModelFolder): Promise<FoundRecogniser | undefined> {
  const preprocessor = folder.findModel(/^preprocess/);
  const encoder = folder.findModel(/^encode\b/);
  const uncachedDecoder = folder.findModel(/^uncached_decode\b/);
  const cachedDecoder = folder.findModel(/^cached_decode\b/);
  const whole = { family: 'Moonshine', hears: 'whole' } as const;
  if (
    preprocessor !== undefined &&
    encoder !== undefined &&
    uncachedDecoder !== undefined &&
    cachedDecoder !== undefined
  ) {
    const models = [preprocessor, encoder, uncachedDecoder, cachedDecoder];
    const metadata = await metadataOf(models);
    return {
      ...whole,
      models,
      metadata,
      config: { moonshine: { preprocessor, encoder, uncachedDecoder, cachedDecoder } },
    };
  }
  const secondEncoder = folder.find(/^encoder_model.*\.ort$/);
  const mergedDecoder = folder.find(/^decoder_model_merged.*\.ort$/);
  if (secondEncoder === undefined || mergedDecoder === undefined) {
    return undefined;
  }
  // Of the runtime's own format, which says nothing of itself.
  const models = [secondEncoder, mergedDecoder];
  return {
    ...whole,
    models,
    metadata: new Map(),
    config: { moonshine: { encoder: secondEncoder, mergedDecoder } },
  };
}

/** Models in two or three parts. */
async function partsIn(folder: ModelFolder, language: Language): Promise<FoundRecogniser | undefined> {
  const encoder = folder.findModel(/encoder/);
  const decoder = folder.findModel(/decoder/, 'float');
  const joiner = folder.findModel(/joiner/);
  if (encoder === undefined || decoder === undefined) {
    return undefined;
  }
  const models = joiner === undefined ? [encoder, decoder] : [encoder, decoder, joiner];
  // The first says what it is; the others are looked at for being whole.
  const metadata = await metadataOf([encoder]);
  await metadataOf(models.slice(1));
  const type = metadata.get('model_type') ?? '';
  const found = { models, metadata };
  if (joiner !== undefined) {
    return transducer(found, type, { encoder, decoder, joiner });
  }
  const code = baseLanguage(language);
  if (/^whisper/.test(type)) {
    const known = whisperLanguage(language) ?? code;
    const config = { whisper: { encoder, decoder, language: known, task: 'transcribe', tailPaddings: -1 } };
    return { ...found, family: 'Whisper', hears: 'whole', isToldLanguage: true, config };
  }
  if (type === 'EncDecMultiTaskModel') {
    const config = { canary: { encoder, decoder, srcLang: code, tgtLang: code, usePnc: 1 } };
    return { ...found, family: 'Canary', hears: 'whole', isToldLanguage: true, config };
  }
  if (type === 'paraformer') {
    return {
      ...found,
      family: 'Paraformer',
      hears: 'streams',
      tailMs: 1_000,
      config: { paraformer: { encoder, decoder } },
    };
  }
  throw unknown(folder, encoder, type);
}

function transducer(
  found: Pick<FoundRecogniser, 'models' | 'metadata'>,
  type: string,
  files: Readonly<Record<'encoder' | 'decoder' | 'joiner', string>>,
): FoundRecogniser {
  const { metadata } = found;
  const config = { transducer: files };
  if (metadata.has('window_size')) {
    // Nemotron and NeMo's other models with a cache: how far it looks ahead is in the window.
    const needs = ['window_size', 'chunk_shift', 'subsampling_factor', 'vocab_size'];
    const tailMs = framesMs(metadata, 'window_size') + framesMs(metadata, 'chunk_shift');
    return { ...found, family: 'NeMo transducer', hears: 'streams', needs, blank: true, tailMs, config };
  }
  if (/^EncDec/.test(type)) {
    const needs = ['vocab_size', 'subsampling_factor'];
    const whole = { ...config, modelType: 'nemo_transducer' };
    return { ...found, family: 'Parakeet transducer', hears: 'whole', needs, blank: true, config: whole };
  }
  if (!TRANSDUCER_TYPES.test(type)) {
    throw unreadable(
      `${files.encoder} says that it is "${type}", which is no transducer that sherpa-onnx knows: take one of its releases`,
    );
  }
  if (!metadata.has('decode_chunk_len')) {
    return {
      ...found,
      family: `${type} transducer`,
      hears: 'whole',
      blank: true,
      config: { ...config, modelType: 'transducer' },
    };
  }
  const tailMs = framesMs(metadata, 'decode_chunk_len') + framesMs(metadata, 'T');
  return {
    ...found,
    family: `${type} transducer`,
    hears: 'streams',
    needs: ['T'],
    blank: true,
    tailMs,
    config,
  };
}

/** Models in one file. */
async function oneIn(folder: ModelFolder, language: Language): Promise<FoundRecogniser> {
  const model = folder.findModel(/^model/) ?? folder.findModel(/./);
  if (model === undefined) {
    throw incomplete(folder, 'a model, *.onnx: unpack one of the releases of sherpa-onnx there');
  }
  const metadata = await metadataOf([model]);
  const type = metadata.get('model_type') ?? '';
  const found = { models: [model], metadata };
  const streams = { ...found, hears: 'streams', blank: true } as const;
  const whole = { ...found, hears: 'whole' } as const;
  if (metadata.has('frame_length_ms')) {
    const needs = ['frame_length_ms', 'state_dim', 'sample_rate'];
    const chunkMs = Number(metadata.get('frame_length_ms')) || 300;
    return {
      ...streams,
      family: 'T-one',
      needs,
      leadMs: chunkMs,
      tailMs: 2 * chunkMs,
      config: { toneCtc: { model } },
    };
  }
  if (metadata.has('window_size')) {
    const needs = ['window_size', 'chunk_shift', 'subsampling_factor', 'vocab_size'];
    const tailMs = framesMs(metadata, 'window_size') + framesMs(metadata, 'chunk_shift');
    return { ...streams, family: 'NeMo CTC', needs, tailMs, config: { nemoCtc: { model } } };
  }
  if (metadata.has('decode_chunk_len')) {
    const tailMs = framesMs(metadata, 'decode_chunk_len') + framesMs(metadata, 'T');
    return {
      ...streams,
      family: 'zipformer CTC',
      needs: ['T'],
      tailMs,
      config: { zipformer2Ctc: { model } },
    };
  }
  if (type === 'sense_voice_ctc') {
    const config = {
      senseVoice: { model, language: codesOf(language)[0] ?? language, useInverseTextNormalization: 1 },
    };
    return {
      ...whole,
      family: 'SenseVoice',
      isToldLanguage: true,
      needs: ['lfr_window_size', 'neg_mean'],
      config,
    };
  }
  if (type === 'omnilingual-asr') {
    return { ...whole, family: 'Omnilingual', config: { omnilingual: { model } } };
  }
  if (NEMO_CTC_TYPES.test(type)) {
    const needs = ['vocab_size', 'subsampling_factor'];
    return { ...whole, family: 'NeMo CTC', blank: true, needs, config: { nemoCtc: { model } } };
  }
  if (type === 'zipformer2_ctc') {
    return { ...whole, family: 'zipformer CTC', blank: true, config: { zipformerCtc: { model } } };
  }
  if (type === 'paraformer') {
    return { ...whole, family: 'Paraformer', needs: ['neg_mean'], config: { paraformer: { model } } };
  }
  throw unknown(folder, model, type);
}

function unknown(folder: ModelFolder, model: string, type: string): Error {
  if (/^(vits|kokoro|kitten|matcha)/.test(type)) {
    return unreadable(
      `${folder.path} holds a voice and no recogniser: give it with --voice LANGUAGE=${folder.path}`,
    );
  }
  const says = type === '' ? 'does not say what it is' : `says that it is "${type}"`;
  return unreadable(
    `${model} ${says}, and is no recogniser that is known here: take one of the README's table`,
  );
}

/** A number of frames of the metadata, in ms. */
function framesMs(metadata: Metadata, key: string): number {
  return (Number(metadata.get(key)) || 0) * FEATURE_MS;
}
