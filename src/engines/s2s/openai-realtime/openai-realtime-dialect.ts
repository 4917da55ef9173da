/**
 * How one session talks to gpt-realtime-translate. The model gives its translation in step with what it is fed, some
 * seconds behind, so silence must go on after speech for the rest of it to come. Sessions take 24 kHz only.
 */

import { AppError } from '../../../base/errors.ts';
import { SPEECH_HZ } from '../../../base/units.ts';
import { Resampler, SPEECH_QUALITY } from '../../../media/dsp/resampler.ts';
import type { MediaModules } from '../../../media/dsp/wasm.ts';
import type { Dialect, Said } from '../translator-stream.ts';
import { LongPauses } from './long-pauses.ts';
import {
  decodeEvent,
  encodeAudio,
  encodeClose,
  REALTIME_HZ,
  type RealtimeEvent,
} from './openai-realtime-wire.ts';

/** Quiet after translation, in ms. */
const SETTLED_MS = 1_500;
/** Quiet after something was heard whose translation has not begun, in ms. */
const UNSETTLED_MS = 4_000;
/** Errors in a row after which a session is of no use, though each of them leaves it open. */
const MOST_ERRORS = 3;

export class OpenaiRealtimeDialect implements Dialect {
  readonly name = 'openai-realtime';
  /** The API states no limit; 20 ms for 100 ms lets a pre-roll through at once without a flood after a stall. */
  readonly pace = {
    rateHz: REALTIME_HZ,
    speechIntervalMs: 20,
    silenceIntervalMs: 100,
    keepAliveMs: 10_000,
    backlogLimitMs: 5_000,
  };
  readonly patience = { noneMs: 6_000, mostMs: 20_000 };
  /** The tail of a translation that seemed complete is not held back until somebody speaks again. */
  readonly afterglowMs = 6_000;
  readonly #resampler: Resampler;
  readonly #pauses = new LongPauses();
  #untranslated = false;
  #errors = 0;

  constructor(modules: MediaModules) {
    this.#resampler = new Resampler(modules, SPEECH_HZ, REALTIME_HZ, SPEECH_QUALITY);
  }

  get quietMs(): number {
    return this.#untranslated ? UNSETTLED_MS : SETTLED_MS;
  }

  convert(pcm: Int16Array): Int16Array {
    return this.#resampler.process(pcm);
  }

  encode(pcm: Int16Array): string {
    return encodeAudio(pcm);
  }

  decode(text: string): readonly Said[] {
    const event = decodeEvent(text);
    switch (event.type) {
      case 'source':
        return this.#said([{ type: 'source', text: event.text, concluded: true }]);
      case 'target':
        return this.#said([{ type: 'target', text: event.text }]);
      case 'audio': {
        const { rateHz } = event;
        const pieces = this.#pauses.push(event.pcm, rateHz);
        return this.#said(pieces.map((pcm) => ({ type: 'audio', pcm, rateHz })));
      }
      case 'error':
        this.#errors += 1;
        if (this.#errors >= MOST_ERRORS || endsSession(event)) {
          throw sessionError(event);
        }
        return [];
      case 'closed':
        throw new AppError('engine-died', 'openai-realtime: OpenAI closed the session');
      case 'configured':
      case 'other':
        return [];
    }
  }

  get farewell(): string {
    return encodeClose();
  }

  close(): void {
    this.#resampler.close();
  }

  #said(said: readonly Said[]): readonly Said[] {
    for (const { type } of said) {
      this.#errors = 0;
      this.#untranslated = type === 'source';
    }
    return said;
  }
}

type ErrorEvent = Extract<RealtimeEvent, { readonly type: 'error' }>;

/** What an error of the provider means to us. */
export function sessionError({ kind, code }: ErrorEvent): AppError {
  const what = `openai-realtime: OpenAI reports ${kind} (${code})`;
  if (/rate_limit/.test(`${kind} ${code}`)) {
    return new AppError(
      'engine-overloaded',
      `${what}: lower the number of calls or raise the account's limit`,
    );
  }
  if (/quota|billing|authentication|permission|api_key|model_not_found/.test(`${kind} ${code}`)) {
    return new AppError('engine-refused', `${what}: check the key, the quota and the model`);
  }
  if (/server_error|expired/.test(`${kind} ${code}`)) {
    return new AppError('engine-died', what);
  }
  return new AppError('engine-bad-answer', `${what}: it does not take what it is sent`);
}

function endsSession(event: ErrorEvent): boolean {
  return sessionError(event).code !== 'engine-bad-answer';
}
