/**
 * How one session talks to DeepL Voice. The API has no way to ask for the rest of what was said: it concludes when it
 * hears silence. So silence is fed as fast as the API allows, which makes it hear more of it sooner.
 */

import { AppError } from '../../../base/errors.ts';
import { SPEECH_HZ } from '../../../base/units.ts';
import type { Dialect, Said } from '../translator-stream.ts';
import { decodeMessage, encodeChunk, encodeEnd, type Piece } from './deepl-voice-wire.ts';

/**
 * Quiet after everything heard has been translated, in ms: a second piece of the same sentence may follow the first.
 */
const SETTLED_MS = 300;
/** Quiet while something is still tentative or not translated, in ms. */
const UNSETTLED_MS = 2_000;

export class DeeplVoiceDialect implements Dialect {
  readonly name = 'deepl-voice';
  /** 60 ms for 100 ms is 1.67 times real time; the API allows 2. It closes a session after 30 s without data. */
  readonly pace = {
    rateHz: SPEECH_HZ,
    speechIntervalMs: 60,
    silenceIntervalMs: 60,
    keepAliveMs: 10_000,
    backlogLimitMs: 5_000,
  };
  readonly patience = { noneMs: 3_000, mostMs: 8_000 };
  readonly afterglowMs = 0;
  #tentativeSource = '';
  #tentativeTarget = '';
  /** Whether there is concluded speech whose translation has not begun to conclude. */
  #untranslated = false;

  get quietMs(): number {
    const unsettled = this.#untranslated || this.#tentativeSource !== '' || this.#tentativeTarget !== '';
    return unsettled ? UNSETTLED_MS : SETTLED_MS;
  }

  convert(pcm: Int16Array): Int16Array {
    return pcm;
  }

  encode(pcm: Int16Array): string {
    return encodeChunk(pcm);
  }

  decode(text: string): readonly Said[] {
    const message = decodeMessage(text);
    switch (message.type) {
      case 'source':
        return this.#source(joined(message.concluded), joined(message.tentative));
      case 'target':
        return this.#target(message.concluded, joined(message.tentative));
      case 'error':
        throw sessionError(message.errorCode, message.reasonCode);
      case 'other':
        return [];
    }
  }

  get farewell(): string {
    return encodeEnd();
  }

  close(): void {}

  #source(concluded: string, tentative: string): readonly Said[] {
    const said: Said[] = [];
    if (concluded !== '') {
      this.#untranslated = true;
      said.push({ type: 'source', text: concluded, concluded: true });
    }
    if (tentative !== '' || (this.#tentativeSource !== '' && concluded === '')) {
      said.push({ type: 'source', text: tentative, concluded: false });
    }
    this.#tentativeSource = tentative;
    return said;
  }

  #target(concluded: readonly Piece[], tentative: string): readonly Said[] {
    this.#tentativeTarget = tentative;
    const said: Said[] = [];
    for (const { text, startMs } of concluded) {
      if (text !== '') {
        this.#untranslated = false;
        said.push({ type: 'passed', positionMs: startMs }, { type: 'target', text });
      }
    }
    return said;
  }
}

function joined(pieces: readonly Piece[]): string {
  return pieces.map(({ text }) => text).join('');
}

/** The error for a message that ends the session; `errorCode` is like an HTTP status, both are numbers only. */
function sessionError(errorCode: number, reasonCode: number | undefined): AppError {
  const what = `DeepL ended the session (error ${errorCode}, reason ${reasonCode ?? 'none'})`;
  switch (errorCode) {
    case 429:
      return new AppError('engine-overloaded', `deepl-voice: ${what}: too much at once`);
    case 400:
    case 401:
    case 403:
    case 404:
    case 456:
      return new AppError(
        'engine-refused',
        `deepl-voice: ${what}: check the key, the quota of the plan, the languages and the glossary`,
      );
    default:
      return new AppError('engine-died', `deepl-voice: ${what}`);
  }
}
