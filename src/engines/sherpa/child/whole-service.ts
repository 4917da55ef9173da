/** Recognition of whole utterances, one after the other in the order in which they came. */

import { SPEECH_HZ, samplesToMs } from '../../../base/units.ts';
import { jsonBytes, MESSAGE, type ModelMessage, type ModelOrder, pcmOf } from '../model-wire.ts';
import { OneByOne } from './one-by-one.ts';
import type { Answer, Service } from './service.ts';
import { floatsOf, type OfflineRecognizer, type SherpaOnnx } from './sherpa-onnx.ts';

export class WholeService implements Service {
  readonly facts = { rateHz: 0, speakers: 0, dimensions: 0 };
  readonly #recogniser: OfflineRecognizer;
  readonly #answer: Answer;
  readonly #line: OneByOne;

  static async load(sherpa: SherpaOnnx, { config }: ModelOrder, answer: Answer): Promise<WholeService> {
    return new WholeService(await sherpa.OfflineRecognizer.createAsync(config), answer);
  }

  private constructor(recogniser: OfflineRecognizer, answer: Answer) {
    this.#recogniser = recogniser;
    this.#answer = answer;
    this.#line = new OneByOne(answer);
  }

  receive({ type, id, payload }: ModelMessage): void {
    if (type === MESSAGE.hear) {
      const samples = floatsOf(pcmOf(payload));
      // A model that takes longer than there was sound cannot follow a call.
      this.#line.add(id, samplesToMs(samples.length, SPEECH_HZ), () => this.#hear(id, samples));
    } else if (type === MESSAGE.drop) {
      this.#line.drop(id);
    }
  }

  work(): void {}

  async #hear(id: number, samples: Float32Array): Promise<void> {
    const stream = this.#recogniser.createStream();
    stream.acceptWaveform({ samples, sampleRate: SPEECH_HZ });
    const { text, tokens, timestamps } = await this.#recogniser.decodeAsync(stream);
    this.#answer(
      MESSAGE.final,
      id,
      jsonBytes({ text, tokens: [...tokens], timesS: [...timestamps], likelyEnd: false }),
    );
  }
}
