/**
 * Speech of one text that goes on when its engine breaks off or runs dry in the middle: another engine says what has
 * not been said, at the rate at which it began.
 */

import type { Clock, Timer } from '../../base/clock.ts';
import { AppError } from '../../base/errors.ts';
import type { Language } from '../../base/language.ts';
import { samplesToMs } from '../../base/units.ts';
import { HEARD_QUALITY, Resampler } from '../../media/dsp/resampler.ts';
import { loadMediaModules } from '../../media/dsp/wasm.ts';
import type { TtsRequest } from '../tts/tts-engine.ts';
import { ruleOf } from './faults.ts';
import { type FailoverDeps, lateFault } from './lineup.ts';
import { BrokenOffError } from './unspoken.ts';

/** Speech that one engine gives. */
export interface OpenedSpeech {
  readonly engine: string;
  readonly rateHz: number;
  /** Undefined when there is nothing to be heard. */
  readonly first: Int16Array | undefined;
  readonly rest: AsyncIterator<Int16Array>;
  stop(): void;
}

export interface SpeechOpener {
  /** @param without engines that are not to be asked. @throws when there is nobody else, or nobody speaks. */
  open(request: TtsRequest, without: ReadonlySet<string>, signal: AbortSignal): Promise<OpenedSpeech>;
  /** Whether there is somebody else. */
  canOpen(without: ReadonlySet<string>): boolean;
  /** What is left of a text of which an engine has said so much, in ms. */
  unspoken(engine: string, text: string, language: Language, spokenMs: number): string;
  /** A text was spoken to its end by one engine. */
  spoken(engine: string, text: string, language: Language, spokenMs: number): void;
}

/** Speech is dry when what came has been heard, and nothing more comes for so long, in ms, one wait or many together. */
const DRY_MS = 1_000;
/** The most that one wait counts for which something came: our own stall is none of the engine's, in ms. */
const MOST_WAIT_MS = 500;
/** A look that is later than this was kept by a stall of our own: what came meanwhile has not been read yet, in ms. */
const STALL_MS = 100;

export class PursuedSpeech {
  readonly rateHz: number;
  readonly #request: TtsRequest;
  readonly #opener: SpeechOpener;
  readonly #deps: FailoverDeps;
  readonly #signal: AbortSignal;
  readonly #failed = new Set<string>();
  #speech: OpenedSpeech;
  #text: string;
  /** What the present engine has given of the text, in ms, and when that will have been heard if it is at once. */
  #spokenMs = 0;
  #heardAtMs: number;
  /** For how long it let who hears it wait. */
  #dryMs = 0;

  /** Resolves with speech that has begun. @throws as {@link SpeechOpener.open}. */
  static async open(
    request: TtsRequest,
    opener: SpeechOpener,
    deps: FailoverDeps,
    signal: AbortSignal,
  ): Promise<PursuedSpeech> {
    const speech = await opener.open(request, new Set(), signal);
    return new PursuedSpeech(speech, request, opener, deps, signal);
  }

  private constructor(
    speech: OpenedSpeech,
    request: TtsRequest,
    opener: SpeechOpener,
    deps: FailoverDeps,
    signal: AbortSignal,
  ) {
    this.rateHz = speech.rateHz;
    this.#speech = speech;
    this.#request = request;
    this.#text = request.text;
    this.#opener = opener;
    this.#deps = deps;
    this.#signal = signal;
    this.#heardAtMs = deps.clock.nowMs();
  }

  async *pieces(): AsyncGenerator<Int16Array, void, undefined> {
    try {
      yield* this.#present();
    } finally {
      this.#speech.stop();
    }
  }

  /** What the present engine gives, then what others give in its place. */
  async *#present(): AsyncGenerator<Int16Array, void, undefined> {
    for (;;) {
      const converter = await Converter.open(this.#speech.rateHz, this.rateHz);
      try {
        for (let piece = this.#speech.first; piece !== undefined; piece = await this.#next()) {
          this.#took(samplesToMs(piece.length, this.#speech.rateHz));
          const converted = converter.convert(piece);
          if (converted.length > 0) {
            yield converted;
          }
        }
        if (this.#failed.size === 0) {
          this.#opener.spoken(this.#speech.engine, this.#text, this.#request.language, this.#spokenMs);
        }
        return;
      } catch (error) {
        if (this.#signal.aborted || ruleOf(error).blames !== 'engine') {
          throw error;
        }
        if (!(await this.#goOn(error))) {
          return;
        }
      } finally {
        converter.close();
      }
    }
  }

  #took(pieceMs: number): void {
    const nowMs = this.#deps.clock.nowMs();
    this.#spokenMs += pieceMs;
    this.#dryMs += Math.min(MOST_WAIT_MS, Math.max(0, nowMs - this.#heardAtMs));
    this.#heardAtMs = Math.max(nowMs, this.#heardAtMs) + pieceMs;
  }

  async #next(): Promise<Int16Array | undefined> {
    const { clock, health } = this.#deps;
    const { engine, rest } = this.#speech;
    if (!this.#opener.canOpen(new Set([...this.#failed, engine]))) {
      // Late sound is better than none.
      const last = await rest.next();
      return last.done === true ? undefined : last.value;
    }
    const aheadMs = Math.max(0, this.#heardAtMs - clock.nowMs());
    const next = await within(clock, aheadMs + Math.max(0, DRY_MS - this.#dryMs), rest.next());
    if (next === 'late') {
      const fault = lateFault(engine, DRY_MS);
      health.blame({ component: 'tts', engine }, fault, 'speech');
      throw fault.error;
    }
    return next.done === true ? undefined : next.value;
  }

  /** Has another engine say the rest. @returns whether there is any. @throws BrokenOffError when nobody can. */
  async #goOn(error: unknown): Promise<boolean> {
    const { clock, steps } = this.#deps;
    const { engine } = this.#speech;
    const { language, previousText } = this.#request;
    const startMs = clock.nowMs();
    this.#speech.stop();
    this.#failed.add(engine);
    const rest = this.#opener.unspoken(engine, this.#text, language, this.#spokenMs);
    if (rest === '') {
      return false;
    }
    const said = this.#text.slice(0, this.#text.length - rest.length).trim() || previousText;
    const request = { ...this.#request, text: rest, ...(said === undefined ? {} : { previousText: said }) };
    const step = { component: 'tts', tier: 'failover', engine, error } as const;
    try {
      this.#speech = await this.#opener.open(request, this.#failed, this.#signal);
    } catch (next) {
      this.#signal.throwIfAborted();
      if (!isNobody(next)) {
        steps.took({ ...step, success: false, tookMs: clock.nowMs() - startMs });
      }
      throw error instanceof AppError ? new BrokenOffError(error, rest) : error;
    }
    steps.took({ ...step, to: this.#speech.engine, success: true, tookMs: clock.nowMs() - startMs });
    this.#request.failedOver?.();
    this.#text = rest;
    this.#spokenMs = 0;
    this.#dryMs = 0;
    this.#heardAtMs = clock.nowMs();
    return true;
  }
}

/** What `promise` resolves with, or `late` after so long. */
async function within<T>(clock: Clock, limitMs: number, promise: Promise<T>): Promise<T | 'late'> {
  return await new Promise((resolve, reject) => {
    const look = (dueMs: number): Timer =>
      clock.at(dueMs, () => {
        const nowMs = clock.nowMs();
        if (nowMs - dueMs > STALL_MS) {
          timer = look(nowMs + STALL_MS);
        } else {
          resolve('late');
        }
      });
    let timer = look(clock.nowMs() + limitMs);
    promise.then(resolve, reject).finally(() => timer.cancel());
  });
}

/** Whether there was nobody to be asked. */
function isNobody(error: unknown): boolean {
  return error instanceof AppError && error.code === 'engine-overloaded';
}

/** Sound at one rate, from another. */
class Converter {
  readonly #resampler: Resampler | undefined;

  static async open(fromHz: number, toHz: number): Promise<Converter> {
    return new Converter(
      fromHz === toHz ? undefined : new Resampler(await loadMediaModules(), fromHz, toHz, HEARD_QUALITY),
    );
  }

  private constructor(resampler: Resampler | undefined) {
    this.#resampler = resampler;
  }

  /** The result belongs to the caller. */
  convert(pcm: Int16Array): Int16Array {
    return this.#resampler === undefined ? pcm : this.#resampler.process(pcm).slice();
  }

  close(): void {
    this.#resampler?.close();
  }
}
