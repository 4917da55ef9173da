/** Engines of one rendering that tell what they answer, for calls of which that is kept. Else they are what they wrap. */

import type { Clock } from '../../base/clock.ts';
import { codeOf } from '../../base/errors.ts';
import type { Language } from '../../base/language.ts';
import type { MtEngine, MtRequest } from '../../engines/mt/mt-engine.ts';
import type { Support } from '../../engines/support.ts';
import { SpeechPieces } from '../../engines/tts/speech-pieces.ts';
import type { Reads, TtsEngine, TtsRequest, TtsSpeech } from '../../engines/tts/tts-engine.ts';
import { encodeG711 } from '../../protocol/g711.ts';
import type { ReturningEngine } from '../speaking/engine-return.ts';
import type { EngineAnswer, OnAnswer, SoundPiece } from './engine-answer.ts';

type Translation = Extract<EngineAnswer, { readonly type: 'translation' }>;
type SpeechAnswer = Extract<EngineAnswer, { readonly type: 'speech' }>['answer'];

export class ToldMt implements MtEngine, ReturningEngine {
  readonly #mt: MtEngine & ReturningEngine;
  readonly #clock: Clock;
  readonly #answered: OnAnswer;

  constructor(mt: MtEngine & ReturningEngine, clock: Clock, answered: OnAnswer) {
    this.#mt = mt;
    this.#clock = clock;
    this.#answered = answered;
  }

  get name(): string {
    return this.#mt.name;
  }

  supports(from: Language, to: Language): Promise<Support> {
    return this.#mt.supports(from, to);
  }

  whenBack(signal: AbortSignal): Promise<void> | undefined {
    return this.#mt.whenBack?.(signal);
  }

  async translate(request: MtRequest, signal: AbortSignal): Promise<string> {
    const askedMs = this.#clock.nowMs();
    try {
      const text = await this.#mt.translate(request, signal);
      this.#tell(request, askedMs, { type: 'answered', text });
      return text;
    } catch (error) {
      this.#tell(request, askedMs, failureOf(error, signal));
      throw error;
    }
  }

  close(): Promise<void> {
    return this.#mt.close();
  }

  #tell(
    { from, to, text, midSentence = false }: MtRequest,
    askedMs: number,
    answer: Translation['answer'],
  ): void {
    const tookMs = this.#clock.nowMs() - askedMs;
    this.#answered({ type: 'translation', from, to, text, midSentence, askedMs, tookMs, answer });
  }
}

export class ToldTts implements TtsEngine, ReturningEngine {
  readonly #tts: TtsEngine & ReturningEngine;
  readonly #clock: Clock;
  readonly #answered: OnAnswer;

  constructor(tts: TtsEngine & ReturningEngine, clock: Clock, answered: OnAnswer) {
    this.#tts = tts;
    this.#clock = clock;
    this.#answered = answered;
  }

  get name(): string {
    return this.#tts.name;
  }

  get hasRoom(): boolean {
    return this.#tts.hasRoom !== false;
  }

  reads(language: Language): Reads {
    return this.#tts.reads?.(language) ?? 'everything';
  }

  supports(language: Language): Promise<Support> {
    return this.#tts.supports(language);
  }

  whenBack(signal: AbortSignal): Promise<void> | undefined {
    return this.#tts.whenBack?.(signal);
  }

  async synthesize(request: TtsRequest, signal: AbortSignal): Promise<TtsSpeech> {
    const telling = new SpeechTelling(request, this.#clock, this.#answered);
    // Who does not want it any more may never ask for the rest of it.
    signal.addEventListener('abort', () => telling.over({ type: 'unwanted' }), { once: true });
    try {
      const { rateHz, pieces } = await this.#tts.synthesize(request, signal);
      telling.begins(rateHz);
      const heard = new SpeechPieces();
      void passOn(pieces, heard, telling, signal);
      return { rateHz, pieces: heard };
    } catch (error) {
      telling.over(failureOf(error, signal));
      throw error;
    }
  }

  close(): Promise<void> {
    return this.#tts.close();
  }
}

/** One request for speech, until all of it is told; that happens once. */
class SpeechTelling {
  readonly #request: TtsRequest;
  readonly #clock: Clock;
  readonly #answered: OnAnswer;
  readonly #askedMs: number;
  readonly #pieces: SoundPiece[] = [];
  readonly #muLaw: Uint8Array[] = [];
  #rateHz = 0;
  #over = false;

  constructor(request: TtsRequest, clock: Clock, answered: OnAnswer) {
    this.#request = request;
    this.#clock = clock;
    this.#answered = answered;
    this.#askedMs = clock.nowMs();
  }

  begins(rateHz: number): void {
    this.#rateHz = rateHz;
  }

  add(pcm: Int16Array): void {
    this.#pieces.push([this.#clock.nowMs() - this.#askedMs, pcm.length]);
    this.#muLaw.push(encodeG711(pcm, 'mu-law'));
  }

  over(how: Omit<SpeechAnswer, 'sound'>): void {
    if (!this.#over) {
      this.#over = true;
      const { language: to, text } = this.#request;
      const sound = { rateHz: this.#rateHz, pieces: this.#pieces, muLaw: Buffer.concat(this.#muLaw) };
      const answer = this.#pieces.length === 0 ? how : { ...how, sound };
      const tookMs = this.#clock.nowMs() - this.#askedMs;
      this.#answered({ type: 'speech', to, text, askedMs: this.#askedMs, tookMs, answer });
    }
  }
}

/** Takes sound as it comes, whether or not somebody reads it already: when it came is what is told. Never rejects. */
async function passOn(
  pieces: AsyncIterable<Int16Array>,
  heard: SpeechPieces,
  telling: SpeechTelling,
  signal: AbortSignal,
): Promise<void> {
  try {
    for await (const pcm of pieces) {
      telling.add(pcm);
      heard.push(pcm);
    }
    telling.over({ type: 'answered' });
    heard.complete();
  } catch (error) {
    telling.over(failureOf(error, signal));
    if (signal.aborted) {
      heard.abandon(error);
    } else {
      heard.fail(error);
    }
  }
}

function failureOf(
  error: unknown,
  signal: AbortSignal,
): { readonly type: 'failed'; readonly code: string } | { readonly type: 'unwanted' } {
  return signal.aborted ? { type: 'unwanted' } : { type: 'failed', code: codeOf(error) };
}
