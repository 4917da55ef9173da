/**
 * Engines that are observed: the same interface in and out, and `counts` of what came of each operation. Retrying,
 * failing over and judging health are more wrappers of this shape, around or inside this one: what is inside is counted
 * attempt by attempt, what is outside as its caller sees it. Each has all that its interface has (`Required`), so that
 * what the interface gains is not lost here.
 */

import type { Counted } from '../../base/counts.ts';
import { AppError } from '../../base/errors.ts';
import type { Language } from '../../base/language.ts';
import type { MtEngine, MtRequest } from '../mt/mt-engine.ts';
import type { Support } from '../support.ts';
import { NO_TRAITS, type VoiceTraits } from '../tts/spoken-voice.ts';
import type { Reads, TtsEngine, TtsRequest, TtsSpeech } from '../tts/tts-engine.ts';
import type { VoiceCloner } from '../tts/voice-cloner.ts';
import { ABORTED, failureOf, type Observer, Operations } from './operations.ts';

/** A text of marks alone may well be translated to nothing, or be without a sound. */
const SAYS_SOMETHING = /[\p{L}\p{N}]/u;

export class ObservedMt implements Required<MtEngine>, Counted {
  readonly name: string;
  readonly #engine: MtEngine;
  readonly #operations: Operations;

  constructor(engine: MtEngine, observer: Observer) {
    this.name = engine.name;
    this.#engine = engine;
    this.#operations = new Operations({ component: 'mt', engine: engine.name }, observer);
  }

  get counts() {
    return this.#operations.counts;
  }

  get usesContext(): boolean {
    return this.#engine.usesContext ?? false;
  }

  supports(from: Language, to: Language): Promise<Support> {
    return this.#engine.supports(from, to);
  }

  translate(request: MtRequest, signal: AbortSignal): Promise<string> {
    this.#operations.gaveText(request.text, request.onCharge);
    return this.#operations.run('translate', signal, async () => {
      const translation = await this.#engine.translate(request, signal);
      if (translation.trim() === '' && SAYS_SOMETHING.test(request.text)) {
        throw new AppError('engine-bad-answer', `${this.name} translated words to nothing`);
      }
      return translation;
    });
  }

  close(): Promise<void> {
    return this.#engine.close();
  }
}

export class ObservedTts implements Required<TtsEngine>, Counted {
  readonly name: string;
  readonly #engine: TtsEngine;
  readonly #operations: Operations;

  constructor(engine: TtsEngine, observer: Observer) {
    this.name = engine.name;
    this.#engine = engine;
    this.#operations = new Operations({ component: 'tts', engine: engine.name }, observer);
  }

  get counts() {
    return { ...this.#operations.counts, engineVoicesKept: this.voicesKept };
  }

  get voicesKept(): number {
    return this.#engine.voicesKept ?? 0;
  }

  get hasRoom(): boolean {
    return this.#engine.hasRoom ?? true;
  }

  /** Its requests are few and take long, and say nothing of how well it speaks: they are not counted here. */
  get cloner(): VoiceCloner | undefined {
    return this.#engine.cloner;
  }

  get traits(): VoiceTraits {
    return this.#engine.traits ?? NO_TRAITS;
  }

  reads(language: Language): Reads {
    return this.#engine.reads?.(language) ?? 'everything';
  }

  async choice(language: Language): Promise<readonly string[]> {
    return (await this.#engine.choice?.(language)) ?? [];
  }

  supports(language: Language): Promise<Support> {
    return this.#engine.supports(language);
  }

  /** The time of `speech` is that of its reader, too: it ends with the last piece that is read. */
  async synthesize(request: TtsRequest, signal: AbortSignal): Promise<TtsSpeech> {
    this.#operations.gaveText(request.text, request.onCharge);
    const { rateHz, pieces } = await this.#operations.run('first-sound', signal, () =>
      this.#engine.synthesize(request, signal),
    );
    return { rateHz, pieces: { [Symbol.asyncIterator]: () => this.#observe(request.text, pieces, signal) } };
  }

  close(): Promise<void> {
    return this.#engine.close();
  }

  async *#observe(
    text: string,
    pieces: AsyncIterable<Int16Array>,
    signal: AbortSignal,
  ): AsyncGenerator<Int16Array, void, undefined> {
    const end = this.#operations.begin('speech');
    let sounded = false;
    try {
      for await (const piece of pieces) {
        sounded = true;
        yield piece;
      }
      if (!sounded && SAYS_SOMETHING.test(text)) {
        throw new AppError('engine-bad-answer', `${this.name} gave no sound`);
      }
      end();
    } catch (error) {
      end(failureOf(error, signal));
      throw error;
    } finally {
      // Whoever stops reading wants no more of it.
      end(ABORTED);
    }
  }
}
