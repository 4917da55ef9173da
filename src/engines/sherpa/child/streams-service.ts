/**
 * Recognition as it goes, of all legs that speak one language. What came for several of them while the model was at
 * work is decoded together, which costs little more than one of them. Each utterance has a stream of its own; where
 * the speaker pauses, it is given the silence that the model waits for before it tells the last words.
 */

import { SPEECH_HZ } from '../../../base/units.ts';
import { jsonBytes, MESSAGE, type ModelMessage, type ModelOrder, pcmOf } from '../model-wire.ts';
import { PaddedTime } from './padded-time.ts';
import type { Answer, Service } from './service.ts';
import {
  floatsOf,
  type OnlineRecognizer,
  type OnlineStream,
  type RecognitionResult,
  type SherpaOnnx,
} from './sherpa-onnx.ts';

/** The most streams that are decoded together: memory grows with them. */
const MOST_TOGETHER = 16;

/** No word for so long, beyond what the model is behind by, and the speaker is probably done, in s. */
const LIKELY_END_S = 0.6;

interface Utterance {
  readonly stream: OnlineStream;
  readonly time: PaddedTime;
  /** Samples that its stream was given, ours included. */
  givenSamples: number;
  /** Of those, the caller's that were not told to be taken. */
  untoldSamples: number;
  heardTokens: number;
  /** Whether silence of ours came after its last word. */
  isPadded: boolean;
  likelyEnd: boolean;
}

export class StreamsService implements Service {
  readonly facts = { rateHz: 0, speakers: 0, dimensions: 0 };
  readonly #recogniser: OnlineRecognizer;
  readonly #answer: Answer;
  readonly #lead: Float32Array;
  readonly #tail: Float32Array;
  readonly #utterances = new Map<number, Utterance>();

  constructor(sherpa: SherpaOnnx, { config, leadMs, tailMs }: ModelOrder, answer: Answer) {
    // Its own rules for the end of an utterance count frames of another length with some families.
    this.#recogniser = new sherpa.OnlineRecognizer({ ...config, enableEndpoint: 0 });
    this.#answer = answer;
    this.#lead = new Float32Array((leadMs * SPEECH_HZ) / 1_000);
    this.#tail = new Float32Array((tailMs * SPEECH_HZ) / 1_000);
  }

  receive({ type, id, payload }: ModelMessage): void {
    const utterance = this.#utterances.get(id);
    switch (type) {
      case MESSAGE.begin:
        this.#begin(id, payload.toString('utf8'));
        break;
      case MESSAGE.audio:
        if (utterance !== undefined) {
          this.#give(utterance, floatsOf(pcmOf(payload)));
          utterance.untoldSamples += payload.length / Int16Array.BYTES_PER_ELEMENT;
        }
        break;
      case MESSAGE.pause:
        if (utterance !== undefined) {
          this.#pad(utterance, this.#tail);
          this.work();
          this.#tell(MESSAGE.settled, id, utterance, this.#recogniser.getResult(utterance.stream));
        }
        break;
      case MESSAGE.end:
        if (utterance !== undefined) {
          this.#pad(utterance, this.#tail);
          utterance.stream.inputFinished();
          this.work();
          this.#tell(MESSAGE.final, id, utterance, this.#recogniser.getResult(utterance.stream));
          this.#utterances.delete(id);
        }
        break;
      case MESSAGE.drop:
        this.#utterances.delete(id);
        break;
    }
  }

  work(): void {
    for (;;) {
      const ready: OnlineStream[] = [];
      for (const { stream } of this.#utterances.values()) {
        if (ready.length < MOST_TOGETHER && this.#recogniser.isReady(stream)) {
          ready.push(stream);
        }
      }
      if (ready.length === 0) {
        break;
      }
      this.#recogniser.decodeStreams(ready);
    }
    for (const [id, utterance] of this.#utterances) {
      if (utterance.untoldSamples > 0) {
        this.#report(id, utterance);
      }
    }
  }

  #begin(id: number, language: string): void {
    const stream = this.#recogniser.createStream();
    if (language !== '') {
      // Models of one language do not look at it.
      stream.setOption('language', language);
    }
    const utterance: Utterance = {
      stream,
      time: new PaddedTime(),
      givenSamples: 0,
      untoldSamples: 0,
      heardTokens: 0,
      isPadded: false,
      likelyEnd: false,
    };
    this.#pad(utterance, this.#lead);
    this.#utterances.set(id, utterance);
  }

  #give(utterance: Utterance, samples: Float32Array): void {
    utterance.stream.acceptWaveform({ samples, sampleRate: SPEECH_HZ });
    utterance.givenSamples += samples.length;
  }

  #pad(utterance: Utterance, silence: Float32Array): void {
    if (silence.length > 0) {
      utterance.time.add(utterance.givenSamples / SPEECH_HZ, silence.length / SPEECH_HZ);
      utterance.isPadded = true;
      this.#give(utterance, silence);
    }
  }

  /** Says that its sound was taken, and what is new in it. */
  #report(id: number, utterance: Utterance): void {
    const taken = Buffer.alloc(4);
    taken.writeUInt32LE(utterance.untoldSamples);
    utterance.untoldSamples = 0;
    const result = this.#recogniser.getResult(utterance.stream);
    const isNew = result.tokens.length !== utterance.heardTokens;
    utterance.isPadded &&= !isNew;
    const likelyEnd = !utterance.isPadded && this.#isSilentFor(utterance, result.timestamps.at(-1));
    const begins = likelyEnd && !utterance.likelyEnd;
    utterance.likelyEnd = likelyEnd;
    if (isNew || begins) {
      this.#tell(MESSAGE.partial, id, utterance, result);
    }
    this.#answer(MESSAGE.took, id, taken);
  }

  /** Whether there was no word since the one at `lastS` of the stream, for as long as tells. */
  #isSilentFor({ givenSamples }: Utterance, lastS: number | undefined): boolean {
    return lastS !== undefined && (givenSamples - this.#tail.length) / SPEECH_HZ - lastS >= LIKELY_END_S;
  }

  #tell(
    type: typeof MESSAGE.partial | typeof MESSAGE.settled | typeof MESSAGE.final,
    id: number,
    utterance: Utterance,
    { text, tokens, timestamps }: RecognitionResult,
  ): void {
    utterance.heardTokens = tokens.length;
    const timesS = timestamps.map((timeS) => utterance.time.utteranceS(timeS));
    const { likelyEnd } = utterance;
    this.#answer(type, id, jsonBytes({ text, tokens: [...tokens], timesS, likelyEnd }));
  }
}
