/**
 * Which recogniser lies in a folder: what would end the process that loads it is refused here, with what to do.
 */

import type { Language } from '../../base/language.ts';
import { checkTokens, incomplete, ModelFolder, needMetadata, totalBytes } from './model-folder.ts';
import type { ModelConfig } from './model-wire.ts';
import { type FoundRecogniser, recogniserIn } from './recogniser-families.ts';

/** A recogniser that can be handed over to a process. */
export interface RecogniserModel {
  /** As a person calls it: `zipformer transducer`. */
  readonly family: string;
  /** `streams`: it hears as it goes; `whole`: it is given an utterance at a time. */
  readonly hears: FoundRecogniser['hears'];
  readonly config: ModelConfig;
  /** Whether it is told the language: such a model is loaded for each language that it is given for. */
  readonly isToldLanguage: boolean;
  /** Whether it writes capitals only. */
  readonly isUpperCase: boolean;
  readonly bytes: number;
  /** Silence that it is given before an utterance, in ms, as it was trained with; streaming ones only. */
  readonly leadMs: number;
  /** Silence after which it has told all it heard, in ms; streaming ones only. */
  readonly tailMs: number;
}

/**
 * Looks into `path`.
 * @param language that it is to recognise.
 * @throws AppError `file-unreadable` that says what is wrong with which file, and what to do.
 */
export async function findRecogniser(path: string, language: Language): Promise<RecogniserModel> {
  const folder = await ModelFolder.open(path);
  const found = await recogniserIn(folder, language);
  const first = found.models[0] ?? path;
  needMetadata(first, found.metadata, found.needs ?? []);
  const tokens = folder.find(/^(.*[-_.])?tokens\.txt$/);
  if (tokens === undefined) {
    throw incomplete(folder, 'its list of tokens, tokens.txt');
  }
  const { isUpperCase } = await checkTokens(tokens, found.blank ?? false);
  const { family, hears, isToldLanguage = false, leadMs = 0, tailMs = 0 } = found;
  const modelConfig = { ...found.config, tokens, provider: 'cpu', debug: 0, numThreads: 1 };
  return {
    family,
    hears,
    isToldLanguage,
    isUpperCase,
    leadMs,
    tailMs,
    bytes: await totalBytes(found.models),
    config: { modelConfig },
  };
}
