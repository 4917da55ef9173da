/** Vectors of voices: some ms of work each, and asked for now and then, so each is made at once. */

import { SPEECH_HZ } from '../../../base/units.ts';
import { MESSAGE, type ModelMessage, type ModelOrder, pcmOf } from '../model-wire.ts';
import type { Answer, Service } from './service.ts';
import { floatsOf, type SherpaOnnx, type SpeakerEmbeddingExtractor } from './sherpa-onnx.ts';

export class EmbeddingService implements Service {
  readonly facts: Service['facts'];
  readonly #extractor: SpeakerEmbeddingExtractor;
  readonly #answer: Answer;

  constructor(sherpa: SherpaOnnx, { config }: ModelOrder, answer: Answer) {
    this.#extractor = new sherpa.SpeakerEmbeddingExtractor(config);
    this.#answer = answer;
    this.facts = { rateHz: 0, speakers: 0, dimensions: this.#extractor.dim };
  }

  receive({ type, id, payload }: ModelMessage): void {
    if (type !== MESSAGE.embed) {
      return;
    }
    const stream = this.#extractor.createStream();
    stream.acceptWaveform({ samples: floatsOf(pcmOf(payload)), sampleRate: SPEECH_HZ });
    stream.inputFinished();
    if (!this.#extractor.isReady(stream)) {
      this.#answer(MESSAGE.refused, id, Buffer.from('the sound is too short'));
      return;
    }
    const numbers = this.#extractor.compute(stream, false);
    const length = Math.hypot(...numbers);
    const unit = numbers.map((number) => (length === 0 ? 0 : number / length));
    this.#answer(MESSAGE.vector, id, new Uint8Array(unit.buffer));
  }

  work(): void {}
}
