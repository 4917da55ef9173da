/**
 * Which voice lies in a folder, as for recognisers: its family follows from its files and from what they say of
 * themselves, and what would end the process that loads it is refused here. A family is one row.
 * Source: https://k2-fsa.github.io/sherpa/onnx/tts/pretrained_models/
 */

import { availableParallelism } from 'node:os';
import { baseLanguage, type Language } from '../../base/language.ts';
import {
  checkTokens,
  incomplete,
  ModelFolder,
  metadataOf,
  needMetadata,
  totalBytes,
  unreadable,
} from './model-folder.ts';
import type { ModelConfig } from './model-wire.ts';

/** A voice, or several in one model, that can be handed over to a process. */
export interface VoiceModel {
  /** As a person calls it: `Piper`. */
  readonly family: string;
  readonly config: ModelConfig;
  /** Names of its speakers in their order, where the model tells them. */
  readonly speakerNames: readonly string[];
  /** Whether it is told the language: such a model is loaded for each language that it is given for. */
  readonly isToldLanguage: boolean;
  /** Whether it speaks like a recording that comes with the text, and not without one. */
  readonly imitates: boolean;
  readonly bytes: number;
}

interface Found {
  readonly family: string;
  readonly models: readonly string[];
  /** `model` of the configuration. */
  readonly config: Readonly<Record<string, unknown>>;
  readonly metadata: ReadonlyMap<string, string>;
  readonly needs?: readonly string[];
  readonly imitates?: boolean;
  readonly isToldLanguage?: boolean;
}

/** A listener waits for the first sound, so a voice may take half of the machine for it, as far as that helps. */
const VOICE_THREADS = Math.min(4, Math.max(1, Math.floor(availableParallelism() / 2)));

/** What Piper and Kokoro turn letters into sounds with. */
const SOUNDS = 'espeak-ng-data';

/**
 * Looks into `path`.
 * @param language that it is to speak.
 * @throws AppError `file-unreadable` that says what is wrong with which file, and what to do.
 */
export async function findVoice(path: string, language: Language): Promise<VoiceModel> {
  const folder = await ModelFolder.open(path);
  const found = (await pocketIn(folder)) ?? (await oneIn(folder, language));
  needMetadata(found.models[0] ?? path, found.metadata, found.needs ?? []);
  const names = found.metadata.get('speaker_names') ?? '';
  return {
    family: found.family,
    isToldLanguage: found.isToldLanguage ?? false,
    imitates: found.imitates ?? false,
    speakerNames: names.split(',').filter((name) => name !== ''),
    bytes: await totalBytes(found.models),
    // A sentence at a time: the first sounds while the next is made.
    config: {
      model: { ...found.config, provider: 'cpu', debug: 0, numThreads: VOICE_THREADS },
      maxNumSentences: 1,
    },
  };
}

async function pocketIn(folder: ModelFolder): Promise<Found | undefined> {
  const lmFlow = folder.findModel(/^lm_flow/);
  const lmMain = folder.findModel(/^lm_main/);
  if (lmFlow === undefined || lmMain === undefined) {
    return undefined;
  }
  const encoder = folder.findModel(/^encoder/);
  const decoder = folder.findModel(/^decoder/);
  const textConditioner = folder.findModel(/^text_conditioner/);
  const vocabJson = folder.find(/^vocab\.json$/);
  const tokenScoresJson = folder.find(/^token_scores\.json$/);
  if (
    encoder === undefined ||
    decoder === undefined ||
    textConditioner === undefined ||
    vocabJson === undefined ||
    tokenScoresJson === undefined
  ) {
    throw incomplete(
      folder,
      'some of encoder, decoder, text_conditioner (*.onnx), vocab.json and token_scores.json',
    );
  }
  const models = [lmFlow, lmMain, encoder, decoder, textConditioner];
  const pocket = { lmFlow, lmMain, encoder, decoder, textConditioner, vocabJson, tokenScoresJson };
  return {
    family: 'pocket-tts',
    models,
    metadata: await metadataOf(models),
    imitates: true,
    config: { pocket },
  };
}

async function oneIn(folder: ModelFolder, language: Language): Promise<Found> {
  const vocoder = folder.findModel(/voco(s|der)|hifigan/, 'float');
  const model = folder.findModel(/^(?!.*(voco(s|der)|hifigan)).*/, 'float');
  if (model === undefined) {
    throw incomplete(folder, 'a model, *.onnx: unpack one of the releases of sherpa-onnx there');
  }
  const metadata = await metadataOf([model]);
  const type = metadata.get('model_type') ?? '';
  const tokens = folder.find(/^tokens\.txt$/);
  if (tokens === undefined) {
    throw incomplete(folder, 'its list of tokens, tokens.txt');
  }
  await checkTokens(tokens, false);
  const dataDir = folder.has(SOUNDS) ? `${folder.path}/${SOUNDS}` : undefined;
  const lexicon = folder.findAll(/^lexicon.*\.txt$/).join(',');
  const reading = {
    tokens,
    ...(dataDir === undefined ? {} : { dataDir }),
    ...(lexicon === '' ? {} : { lexicon }),
  };
  if (/^matcha/.test(type)) {
    if (vocoder === undefined) {
      throw incomplete(folder, 'a vocoder (vocos*.onnx or hifigan*.onnx): download it into the same folder');
    }
    await metadataOf([vocoder]);
    const config = { matcha: { acousticModel: model, vocoder, ...reading } };
    return { family: 'Matcha', models: [model, vocoder], metadata, needs: ['sample_rate'], config };
  }
  const voices = folder.find(/^voices\.bin$/);
  if (voices !== undefined) {
    const isKitten = /^kitten/.test(type);
    if (dataDir === undefined) {
      throw incomplete(folder, SOUNDS);
    }
    const base = { model, voices, ...reading };
    const config = isKitten ? { kitten: base } : { kokoro: { ...base, lang: baseLanguage(language) } };
    return {
      family: isKitten ? 'Kitten' : 'Kokoro',
      models: [model],
      metadata,
      needs: ['sample_rate'],
      isToldLanguage: !isKitten,
      config,
    };
  }
  const comment = metadata.get('comment') ?? '';
  if (!/^vits/.test(type) && !/piper|coqui|icefall|melo/.test(comment)) {
    throw unreadable(
      `${model} ${type === '' ? 'does not say what it is' : `says that it is "${type}"`}, and is no voice that is known here: take one of the README's table`,
    );
  }
  const isPiper = /piper/.test(comment);
  if (isPiper && dataDir === undefined) {
    throw incomplete(folder, SOUNDS);
  }
  const needs = ['sample_rate', 'n_speakers', 'language', 'comment'];
  return {
    family: isPiper ? 'Piper' : 'VITS',
    models: [model],
    metadata,
    needs,
    config: { vits: { model, ...reading } },
  };
}
