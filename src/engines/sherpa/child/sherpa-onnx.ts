/**
 * What is used of the package `sherpa-onnx-node`, by its own documentation of types, and how it is loaded. It is not
 * among our packages: whoever wants it has it installed in a folder, so its types stand here.
 */

import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { ModelConfig } from '../model-wire.ts';

export interface Waveform {
  /** From -1 to 1. */
  readonly samples: Float32Array;
  readonly sampleRate: number;
}

export interface OnlineStream {
  /** All of one stream must be of one rate. */
  acceptWaveform(waveform: Waveform): void;
  inputFinished(): void;
  setOption(key: string, value: string): void;
}

/** Times are s from the first sample of the stream. */
export interface RecognitionResult {
  readonly text: string;
  readonly tokens: readonly string[];
  readonly timestamps: readonly number[];
}

/** Everything it does happens before it returns. */
export interface OnlineRecognizer {
  createStream(): OnlineStream;
  isReady(stream: OnlineStream): boolean;
  /** Ends the process when one of them is not ready. */
  decodeStreams(streams: readonly OnlineStream[]): void;
  getResult(stream: OnlineStream): RecognitionResult;
}

export interface OfflineStream {
  acceptWaveform(waveform: Waveform): void;
}

export interface OfflineRecognizer {
  createStream(): OfflineStream;
  decodeAsync(stream: OfflineStream): Promise<RecognitionResult>;
}

export interface OfflineTts {
  readonly sampleRate: number;
  readonly numSpeakers: number;
  generateAsync(request: {
    readonly text: string;
    readonly enableExternalBuffer: false;
    readonly generationConfig: object;
    /** Hears the sound as it is made; 0 stops it. */
    readonly onProgress: (part: { readonly samples: Float32Array }) => 0 | 1;
  }): Promise<Waveform>;
}

export interface SpeakerEmbeddingExtractor {
  readonly dim: number;
  createStream(): OnlineStream;
  isReady(stream: OnlineStream): boolean;
  compute(stream: OnlineStream, enableExternalBuffer: false): Float32Array;
}

export interface SherpaOnnx {
  readonly OnlineRecognizer: new (config: ModelConfig) => OnlineRecognizer;
  readonly OfflineRecognizer: { createAsync(config: ModelConfig): Promise<OfflineRecognizer> };
  readonly OfflineTts: { createAsync(config: ModelConfig): Promise<OfflineTts> };
  readonly GenerationConfig: new (options: object) => object;
  readonly SpeakerEmbeddingExtractor: new (config: ModelConfig) => SpeakerEmbeddingExtractor;
}

/** @param packageFolder `.../node_modules/sherpa-onnx-node`. @throws what Node says when it is not there. */
export function loadSherpa(packageFolder: string): SherpaOnnx {
  return createRequire(join(packageFolder, 'package.json'))(packageFolder);
}

/** 16-bit samples as the package takes them. */
export function floatsOf(pcm: Int16Array): Float32Array {
  return Float32Array.from(pcm, (sample) => sample / 32_768);
}

/** The opposite of {@link floatsOf}; what is too loud is cut. */
export function pcmOfFloats(samples: Float32Array): Int16Array {
  return Int16Array.from(samples, (sample) =>
    Math.max(-32_768, Math.min(32_767, Math.round(sample * 32_767))),
  );
}
