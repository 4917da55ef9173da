/**
 * Whether a file is a model that makes a vector of a voice, which sherpa-onnx would take without ending its process.
 */

import { metadataOf, needMetadata, totalBytes, unreadable } from './model-folder.ts';
import type { ModelConfig } from './model-wire.ts';

export interface SpeakerModel {
  readonly config: ModelConfig;
  readonly bytes: number;
}

const FRAMEWORKS = ['wespeaker', '3d-speaker', 'nemo'];

/** @throws AppError `file-unreadable` that says what is wrong, and what to do. */
export async function findSpeakerModel(path: string): Promise<SpeakerModel> {
  const metadata = await metadataOf([path]);
  const framework = metadata.get('framework');
  if (framework === undefined) {
    // WeSpeaker's own downloads are so; loaded, they end the process.
    throw unreadable(
      `${path} does not say of which framework it is: take it from the releases of sherpa-onnx (speaker-recongition-models), not from its makers`,
    );
  }
  if (!FRAMEWORKS.includes(framework)) {
    throw unreadable(`${path} is of "${framework}": sherpa-onnx knows ${FRAMEWORKS.join(', ')}`);
  }
  needMetadata(path, metadata, ['output_dim', 'sample_rate']);
  return {
    config: { model: path, provider: 'cpu', debug: 0, numThreads: 1 },
    bytes: await totalBytes([path]),
  };
}
