/** Speech of one segment after the other, told as it is made. */

import { longestSpeechMs } from '../../tts/speech-length.ts';
import {
  MESSAGE,
  type ModelMessage,
  type ModelOrder,
  pcmBytes,
  type Saying,
  sayingOf,
} from '../model-wire.ts';
import { OneByOne } from './one-by-one.ts';
import type { Answer, Service } from './service.ts';
import { floatsOf, type OfflineTts, pcmOfFloats, type SherpaOnnx } from './sherpa-onnx.ts';

/** 5 frames of pocket-tts, 0.4 s: its own 15 make the listener wait for more than a second. */
const CHUNK_FRAMES = 5;

export class SpeakingService implements Service {
  readonly facts: Service['facts'];
  readonly #sherpa: SherpaOnnx;
  readonly #voice: OfflineTts;
  readonly #answer: Answer;
  readonly #line: OneByOne;
  /** Of what waits or runs. */
  readonly #wanted = new Set<number>();

  static async load(sherpa: SherpaOnnx, { config }: ModelOrder, answer: Answer): Promise<SpeakingService> {
    return new SpeakingService(sherpa, await sherpa.OfflineTts.createAsync(config), answer);
  }

  private constructor(sherpa: SherpaOnnx, voice: OfflineTts, answer: Answer) {
    this.#sherpa = sherpa;
    this.#voice = voice;
    this.#answer = answer;
    this.#line = new OneByOne(answer);
    this.facts = { rateHz: voice.sampleRate, speakers: Math.max(1, voice.numSpeakers), dimensions: 0 };
  }

  receive({ type, id, payload }: ModelMessage): void {
    if (type === MESSAGE.speak) {
      const { saying, reference } = sayingOf(payload);
      this.#wanted.add(id);
      this.#line.add(id, longestSpeechMs(saying.text), () => this.#speak(id, saying, reference));
    } else if (type === MESSAGE.drop) {
      this.#wanted.delete(id);
      this.#line.drop(id);
    }
  }

  work(): void {}

  async #speak(id: number, { text, speaker, speed, reference }: Saying, sound: Int16Array): Promise<void> {
    let told = 0;
    const tell = (samples: Float32Array): void => {
      told += samples.length;
      if (samples.length > 0) {
        this.#answer(MESSAGE.sound, id, pcmBytes(pcmOfFloats(samples)));
      }
    };
    const imitated =
      reference === undefined
        ? {}
        : {
            referenceAudio: floatsOf(sound),
            referenceSampleRate: reference.rateHz,
            referenceText: reference.text,
            extra: { chunk_size: CHUNK_FRAMES },
          };
    const { samples } = await this.#voice.generateAsync({
      text,
      enableExternalBuffer: false,
      generationConfig: new this.#sherpa.GenerationConfig({ sid: speaker, speed, ...imitated }),
      onProgress: (part) => {
        if (!this.#wanted.has(id)) {
          return 0;
        }
        tell(part.samples);
        return 1;
      },
    });
    if (this.#wanted.delete(id)) {
      // Models that tell nothing as they go tell all of it now.
      tell(samples.subarray(told));
      this.#answer(MESSAGE.spoken, id);
    }
  }
}
