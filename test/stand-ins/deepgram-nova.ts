/**
 * The stand-in's side of `/v1/listen`: interim results as audio comes, settled ones on silence, on a Finalize and now
 * and then, SpeechStarted, UtteranceEnd and the Metadata that ends a stream.
 */

import type { DeepgramStandInOptions, Talker, TalkerLine } from './deepgram.ts';
import type { DeepgramEar, HeardWord } from './deepgram-ear.ts';

const REQUEST_ID = '3f2504e0-4f89-11d3-9a0c-0305e82c3301';

export class NovaTalker implements Talker {
  readonly #line: TalkerLine;
  readonly #ear: DeepgramEar;
  readonly #query: URLSearchParams;
  readonly #options: DeepgramStandInOptions;
  readonly #endpointingMs: number;
  readonly #utteranceEndMs: number;
  /** Up to where results are settled. */
  #settledMs = 0;
  /** Where the words of settled results end: a word that was being spoken comes with the next. */
  #settledWordsMs = 0;
  #interimMs = 0;
  #bursts = 0;
  #lastWordEndMs: number | undefined;

  constructor(line: TalkerLine, ear: DeepgramEar, query: URLSearchParams, options: DeepgramStandInOptions) {
    this.#line = line;
    this.#ear = ear;
    this.#query = query;
    this.#options = options;
    const endpointing = query.get('endpointing') ?? '10';
    this.#endpointingMs = endpointing === 'false' ? Number.POSITIVE_INFINITY : Number(endpointing);
    this.#utteranceEndMs = Number(query.get('utterance_end_ms') ?? Number.POSITIVE_INFINITY);
  }

  greet(): void {}

  heard(): void {
    const { heardMs, quietMs, bursts } = this.#ear;
    if (bursts > this.#bursts) {
      this.#bursts = bursts;
      if (this.#query.get('vad_events') === 'true') {
        this.#line.say(
          { type: 'SpeechStarted', channel: [0, 1], timestamp: (heardMs - quietMs) / 1_000 },
          this.#options.interimDelayMs ?? 0,
        );
      }
    }
    const unsettled = this.#ear.wordsFrom(this.#settledWordsMs, true);
    if (unsettled.length > 0 && quietMs >= this.#endpointingMs) {
      this.#settle({ speech_final: true });
    } else if (heardMs - this.#settledMs >= (this.#options.settleEveryMs ?? 4_000)) {
      this.#settle({});
    } else if (
      this.#query.get('interim_results') === 'true' &&
      heardMs - this.#interimMs >= (this.#options.interimEveryMs ?? 250)
    ) {
      this.#interimMs = heardMs;
      this.#say(this.#ear.wordsFrom(this.#settledWordsMs, false), {}, this.#options.interimDelayMs ?? 0);
    }
    if (this.#lastWordEndMs !== undefined && heardMs - this.#lastWordEndMs >= this.#utteranceEndMs) {
      this.#line.say(
        { type: 'UtteranceEnd', channel: [0, 1], last_word_end: this.#lastWordEndMs / 1_000 },
        this.#options.finalDelayMs ?? 0,
      );
      this.#lastWordEndMs = undefined;
    }
  }

  told(type: string): void {
    switch (type) {
      case 'Finalize':
        if (this.#ear.heardMs - this.#settledMs >= (this.#options.finalizeLeastMs ?? 0)) {
          this.#settle({ from_finalize: true, speech_final: true });
        }
        break;
      case 'CloseStream':
        this.#settle({});
        this.#line.say(
          { type: 'Metadata', request_id: REQUEST_ID, duration: this.#ear.heardMs / 1_000, channels: 1 },
          0,
        );
        this.#line.close(1000);
        break;
      default:
        break;
    }
  }

  #settle(flags: { readonly speech_final?: true; readonly from_finalize?: true }): void {
    const words = this.#ear.wordsFrom(this.#settledWordsMs, true);
    this.#say(this.#line.forgets ? [] : words, { is_final: true, ...flags }, this.#options.finalDelayMs ?? 0);
    this.#lastWordEndMs = words.at(-1)?.endMs ?? this.#lastWordEndMs;
    this.#settledMs = this.#ear.heardMs;
    this.#settledWordsMs = words.at(-1)?.endMs ?? this.#settledWordsMs;
    this.#interimMs = this.#ear.heardMs;
    this.#ear.forget(this.#settledWordsMs);
  }

  #say(words: readonly HeardWord[], flags: object, delayMs: number): void {
    const isEmpty = 'is_final' in flags && words.length === 0;
    const heardMs = this.#ear.heardMs + (isEmpty ? (this.#options.overreachMs ?? 0) : 0);
    const language = words.find((word) => word.language !== undefined)?.language;
    this.#line.say(
      {
        type: 'Results',
        channel_index: [0, 1],
        start: this.#settledMs / 1_000,
        duration: (heardMs - this.#settledMs) / 1_000,
        is_final: false,
        speech_final: false,
        from_finalize: false,
        ...flags,
        channel: {
          alternatives: [
            {
              transcript: words.map(({ text }) => text).join(' '),
              confidence: words.length === 0 ? 0 : 0.98,
              ...(language === undefined ? {} : { languages: [language] }),
              words: words.map(({ text, startMs, endMs, confidence = 0.98 }) => ({
                word: text.toLowerCase().replace(/[.,!?]/g, ''),
                punctuated_word: text,
                start: startMs / 1_000,
                end: endMs / 1_000,
                confidence,
              })),
            },
          ],
        },
        metadata: {
          request_id: REQUEST_ID,
          model_info: { name: 'stand-in', version: '1', arch: 'nova-3' },
          model_uuid: REQUEST_ID,
        },
      },
      delayMs,
    );
  }
}
