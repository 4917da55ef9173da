/**
 * The stand-in's side of `/v2/listen`: Flux's turns, by its documented state machine. Time is the time of the audio:
 * without audio nothing goes on.
 * https://developers.deepgram.com/docs/flux/state
 */

import type { DeepgramStandInOptions, Talker, TalkerLine } from './deepgram.ts';
import type { DeepgramEar } from './deepgram-ear.ts';

const REQUEST_ID = '3f2504e0-4f89-11d3-9a0c-0305e82c3301';

/** Audio between two messages when nothing changes, in ms. */
const UPDATE_MS = 250;

export class FluxTalker implements Talker {
  readonly #line: TalkerLine;
  readonly #ear: DeepgramEar;
  readonly #options: DeepgramStandInOptions;
  readonly #eager: boolean;
  readonly #timeoutMs: number;
  readonly #tellsLanguage: boolean;
  #state: 'initial' | 'ongoing' | 'awaiting-end' = 'initial';
  #turn = 0;
  #turnFromMs = 0;
  #saidMs = 0;
  /** How many words the eager end had. */
  #eagerWords = 0;
  #sequence = 0;

  constructor(line: TalkerLine, ear: DeepgramEar, query: URLSearchParams, options: DeepgramStandInOptions) {
    this.#line = line;
    this.#ear = ear;
    this.#options = options;
    this.#eager = query.has('eager_eot_threshold');
    this.#timeoutMs = Number(query.get('eot_timeout_ms') ?? 5_000);
    this.#tellsLanguage = query.get('model') === 'flux-general-multi';
  }

  greet(): void {
    this.#line.say({ type: 'Connected', request_id: REQUEST_ID, sequence_id: this.#next() }, 0);
  }

  heard(): void {
    const { quietMs, heardMs } = this.#ear;
    const words = this.#ear.wordsFrom(this.#turnFromMs, true).length;
    const endMs = Math.min(this.#options.endOfTurnMs ?? 400, this.#timeoutMs);
    if (this.#state === 'initial' && words > 0) {
      this.#state = 'ongoing';
      this.#say('StartOfTurn');
    } else if (this.#state === 'awaiting-end' && words > this.#eagerWords) {
      this.#state = 'ongoing';
      this.#say('TurnResumed');
    } else if (this.#state !== 'initial' && quietMs >= endMs) {
      this.#endTurn();
    } else if (this.#state === 'ongoing' && this.#eager && quietMs >= (this.#options.eagerEndMs ?? 200)) {
      this.#state = 'awaiting-end';
      this.#eagerWords = words;
      this.#say('EagerEndOfTurn');
    } else if (heardMs - this.#saidMs >= UPDATE_MS) {
      this.#say('Update');
    }
  }

  told(type: string): void {
    if (type === 'CloseStream') {
      this.#say('Update');
      this.#line.close();
      return;
    }
    this.#line.say(
      { type: 'Error', sequence_id: this.#next(), code: 'UNPARSABLE_CLIENT_MESSAGE', description: type },
      0,
    );
    this.#line.close(1011, 'UNPARSABLE_CLIENT_MESSAGE');
  }

  #endTurn(): void {
    this.#say('EndOfTurn');
    this.#state = 'initial';
    this.#turn += 1;
    this.#turnFromMs = this.#ear.heardMs;
    this.#ear.forget(this.#turnFromMs);
  }

  #say(event: string): void {
    const isEnd = event === 'EndOfTurn';
    const { heardMs } = this.#ear;
    const heard = this.#ear.wordsFrom(this.#turnFromMs, isEnd || event === 'EagerEndOfTurn');
    const words = isEnd && this.#line.forgets ? [] : heard;
    const language = words.find((word) => word.language !== undefined)?.language;
    this.#saidMs = heardMs;
    this.#line.say(
      {
        type: 'TurnInfo',
        request_id: REQUEST_ID,
        sequence_id: this.#next(),
        event,
        turn_index: this.#turn,
        audio_window_start: this.#turnFromMs / 1_000,
        audio_window_end: heardMs / 1_000,
        transcript: words.map(({ text }) => text).join(' '),
        words: words.map(({ text, startMs, endMs, confidence = 0.98 }) => ({
          word: text,
          confidence,
          ...(this.#options.fluxWordTimes === false ? {} : { start: startMs / 1_000, end: endMs / 1_000 }),
        })),
        end_of_turn_confidence: isEnd ? 0.9 : 0.1,
        ...(isEnd ? { trigger: 'model' } : {}),
        ...(this.#tellsLanguage && language !== undefined ? { languages: [language] } : {}),
      },
      isEnd ? (this.#options.finalDelayMs ?? 0) : (this.#options.interimDelayMs ?? 0),
    );
  }

  #next(): number {
    this.#sequence += 1;
    return this.#sequence - 1;
  }
}
