/**
 * Speech of a text that its engine may have no sound for: some texts make a model fail that speaks all others. Put in
 * words, or part by part, most of them are spoken after all.
 */

import type { Clock } from '../../base/clock.ts';
import { AppError } from '../../base/errors.ts';
import { partsAtMarks } from '../../engines/tts/text-parts.ts';
import type { TtsEngine, TtsRequest } from '../../engines/tts/tts-engine.ts';
import { writtenOut } from '../text/written-out.ts';
import { type OpenSpeech, openSpeech } from './open-speech.ts';

/** @throws as {@link openSpeech}; `text-unspeakable` when no way was found. */
export async function speakSomeWay(
  tts: TtsEngine,
  request: TtsRequest,
  clock: Clock,
  signal: AbortSignal,
): Promise<OpenSpeech> {
  try {
    return await openSpeech(tts, request, clock, signal);
  } catch (error) {
    if (!isTextsFault(error)) {
      throw error;
    }
    const words = writtenOut(request.text, request.language, 'words');
    if (words !== request.text) {
      const spelled = await unlessTextsFault(openSpeech(tts, { ...request, text: words }, clock, signal));
      if (spelled !== undefined) {
        return spelled;
      }
    }
    const speech = await PartialSpeech.open(partsAtMarks(words, request.language), (text) =>
      openSpeech(tts, { ...request, text }, clock, signal),
    );
    if (speech === undefined) {
      throw error;
    }
    return speech;
  }
}

/** The parts of a text one after the other; those without a sound are told of once the others have been spoken. */
class PartialSpeech implements OpenSpeech {
  readonly rateHz: number;
  readonly first: Int16Array;
  readonly #rest: string[];
  readonly #open: (text: string) => Promise<OpenSpeech>;
  #current: OpenSpeech;
  #failure: unknown;

  /** Resolves with the first part that has a sound and what follows it; undefined when none has. */
  static async open(
    texts: readonly string[],
    open: (text: string) => Promise<OpenSpeech>,
  ): Promise<PartialSpeech | undefined> {
    const rest = [...texts];
    let failure: unknown;
    for (let text = rest.shift(); text !== undefined; text = rest.shift()) {
      try {
        return new PartialSpeech(await open(text), rest, open, failure);
      } catch (error) {
        if (!isTextsFault(error)) {
          throw error;
        }
        failure = error;
      }
    }
    return undefined;
  }

  private constructor(
    current: OpenSpeech,
    rest: string[],
    open: (text: string) => Promise<OpenSpeech>,
    failure: unknown,
  ) {
    this.rateHz = current.rateHz;
    this.first = current.first;
    this.#current = current;
    this.#rest = rest;
    this.#open = open;
    this.#failure = failure;
  }

  async next(signal: AbortSignal): Promise<Int16Array | undefined> {
    const piece = await this.#current.next(signal);
    if (piece !== undefined) {
      return piece;
    }
    for (let text = this.#rest.shift(); text !== undefined; text = this.#rest.shift()) {
      try {
        this.#current = await this.#open(text);
        return this.#current.first;
      } catch (error) {
        if (!isTextsFault(error)) {
          throw error;
        }
        this.#failure = error;
      }
    }
    if (this.#failure !== undefined) {
      throw this.#failure;
    }
    return undefined;
  }

  stop(): void {
    this.#rest.length = 0;
    this.#current.stop();
  }
}

function isTextsFault(error: unknown): boolean {
  return error instanceof AppError && error.category === 'text';
}

/** What `speech` resolves with; undefined when the text is at fault. */
async function unlessTextsFault(speech: Promise<OpenSpeech>): Promise<OpenSpeech | undefined> {
  try {
    return await speech;
  } catch (error) {
    if (isTextsFault(error)) {
      return undefined;
    }
    throw error;
  }
}
