/** Vectors of voices by a model of sherpa-onnx, in a process of its own that is started when the first is asked for. */

import { basename } from 'node:path';
import type { Clock } from '../../base/clock.ts';
import { AppError, messageOf } from '../../base/errors.ts';
import { SPEECH_HZ } from '../../base/units.ts';
import { askModel } from '../sherpa/ask-model.ts';
import { findInstallation } from '../sherpa/installation.ts';
import { ModelPool } from '../sherpa/model-pool.ts';
import { MESSAGE, pcmBytes, vectorOf } from '../sherpa/model-wire.ts';
import { findSpeakerModel } from '../sherpa/speaker-model.ts';
import { SUPPORTED, type Support, unsupported } from '../support.ts';
import { UnderWay } from '../wire/under-way.ts';
import type { SpeakerEmbedder, SpeakerVector } from './speaker-embedder.ts';

/** 8 s: a vector gets no better with more, and the work grows. */
const MOST_SAMPLES = 8 * SPEECH_HZ;
/** 0.5 s. */
const LEAST_SAMPLES = SPEECH_HZ / 2;

/** Vectors at once. */
const MOST_ASKED = 16;

export interface SherpaEmbedderSettings {
  readonly clock: Clock;
  /** The file of the model. */
  readonly model: string;
}

export class SherpaEmbedder implements SpeakerEmbedder {
  readonly name = 'sherpa';
  readonly #model: string;
  readonly #pool: ModelPool;
  readonly #underWay = new UnderWay(this.name, MOST_ASKED);

  constructor({ clock, model }: SherpaEmbedderSettings) {
    this.#model = model;
    // Nobody waits for it in a call.
    this.#pool = new ModelPool({ clock, niceness: 10 });
  }

  async supports(): Promise<Support> {
    const installation = await findInstallation();
    if (installation.type === 'missing') {
      return unsupported(`sherpa: ${installation.reason}`);
    }
    try {
      await findSpeakerModel(this.#model);
      return SUPPORTED;
    } catch (error) {
      return unsupported(`sherpa: ${messageOf(error)}`);
    }
  }

  embed(pcm: Int16Array, signal: AbortSignal): Promise<SpeakerVector> {
    return this.#underWay.run(signal, (inner) => this.#embed(pcm.slice(0, MOST_SAMPLES), inner));
  }

  async close(): Promise<void> {
    await this.#underWay.close();
    await this.#pool.close();
  }

  async #embed(pcm: Int16Array, signal: AbortSignal): Promise<SpeakerVector> {
    if (pcm.length < LEAST_SAMPLES) {
      throw new AppError('bad-option', 'a voice cannot be told by less than half a second of it');
    }
    const { config } = await findSpeakerModel(this.#model);
    const order = { use: 'embed', config, leadMs: 0, tailMs: 0 } as const;
    const process = await this.#pool.get({ key: this.#model, shown: this.#model, order }, signal);
    const numbers = await askModel(
      process,
      MESSAGE.embed,
      pcmBytes(pcm),
      ({ type, payload }) => (type === MESSAGE.vector ? vectorOf(payload) : undefined),
      signal,
    );
    return { model: basename(this.#model), numbers };
  }
}
