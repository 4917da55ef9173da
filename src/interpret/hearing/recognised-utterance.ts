/**
 * One utterance while it is recognised: what is known of it, and who is told of it. Renderings see it as
 * {@link HeardUtterance}; only its hearing changes it.
 */

import type { Language } from '../../base/language.ts';
import type { Word } from '../../engines/stt/stt-engine.ts';
import type { SegmentCutter } from '../policy/segment-cutter.ts';
import type { SaidSpan } from '../utterance-record.ts';
import type { HeardUtterance, HearingSink, LeftAlone } from './hearing-sink.ts';
import { wordsOfText } from './words-of-text.ts';

/** An engine that tells no times has heard what was said so long ago, in ms, or longer. */
const HEARD_AFTER_MS = 500;

/** Who hears of utterances, until the signal aborts. */
export interface Subscriber {
  readonly sink: HearingSink;
  readonly signal: AbortSignal;
}

/** How an utterance began. */
export interface UtteranceStart {
  readonly number: number;
  readonly speechStartMs: number;
  /** Whether its speaker was being spoken to. */
  readonly overlapping: boolean;
}

export class RecognisedUtterance implements HeardUtterance {
  readonly number: number;
  readonly speechStartMs: number;
  readonly overlapping: boolean;
  readonly cutter: SegmentCutter;
  readonly #subscribers: readonly Subscriber[];
  #speechEndMs: number;
  #endpointMs: number;
  #over = false;
  #finalMs: number | undefined;
  /** Whether its text changes no more: it is final, or recognition has failed. */
  #concluded = false;
  #echoShare: number | undefined;
  #leftAlone: LeftAlone | undefined;
  #spokenLanguage: Language | undefined;
  #begun = false;
  #said: SaidSpan | undefined;
  /** When the last word that was heard ended, where the engine tells. */
  #lastWordMs: number | undefined;
  /** All that were heard, with times on the clock; and how many of them have been cut off. */
  #words: readonly Word[] = [];
  #wordsCut = 0;
  #saidWords: readonly Word[] | undefined;
  #caption = '';
  /** Audio passed to recognition so far, in ms, and when the last of it was. */
  #writtenMs = 0;
  #lastWriteMs = 0;

  constructor(start: UtteranceStart, cutter: SegmentCutter, subscribers: readonly Subscriber[]) {
    this.number = start.number;
    this.speechStartMs = start.speechStartMs;
    this.overlapping = start.overlapping;
    this.cutter = cutter;
    this.#subscribers = subscribers;
    this.#speechEndMs = start.speechStartMs;
    this.#endpointMs = start.speechStartMs;
  }

  get speechEndMs(): number {
    return this.#speechEndMs;
  }

  get endpointMs(): number {
    return this.#endpointMs;
  }

  get text(): string {
    return this.cutter.text;
  }

  get finalMs(): number | undefined {
    return this.#finalMs;
  }

  get concluded(): boolean {
    return this.#concluded;
  }

  /** How much of its voice is echo, 0 to 1; undefined while that is not known. */
  get echoShare(): number | undefined {
    return this.#echoShare;
  }

  get leftAlone(): LeftAlone | undefined {
    return this.#leftAlone;
  }

  get spokenLanguage(): Language | undefined {
    return this.#spokenLanguage;
  }

  get said(): SaidSpan | undefined {
    return this.#said;
  }

  get saidWords(): readonly Word[] | undefined {
    return this.#saidWords;
  }

  /** Whether anything has been cut off it to be spoken. */
  get begun(): boolean {
    return this.#begun;
  }

  /** How long its speaker spoke; undefined until they have stopped. */
  get lengthMs(): number | undefined {
    return this.#over ? this.#speechEndMs - this.speechStartMs : undefined;
  }

  /** Tells those who are still there. */
  tell(what: (sink: HearingSink) => void): void {
    for (const { sink, signal } of this.#subscribers) {
      if (!signal.aborted) {
        what(sink);
      }
    }
  }

  /** So much of its voice is echo; undefined says nothing new. */
  measured(echoShare: number | undefined): void {
    this.#echoShare = echoShare ?? this.#echoShare;
  }

  /** Its speaker has stopped; endpointing noticed at `endpointMs`. */
  end(speechEndMs: number, endpointMs: number): void {
    this.#over = true;
    this.#speechEndMs = speechEndMs;
    this.#endpointMs = endpointMs;
  }

  /** More of its audio was passed to recognition: `audioMs`, just said. */
  wrote(audioMs: number, nowMs: number): void {
    this.#writtenMs += audioMs;
    this.#lastWriteMs = nowMs;
  }

  /** When the last of `words` ended, on the clock; undefined when the engine does not tell. */
  saidMs(words: readonly Word[]): number | undefined {
    const last = words.at(-1);
    this.#lastWordMs = last === undefined ? undefined : this.#lastWriteMs - (this.#writtenMs - last.endMs);
    this.heard(words);
    return this.#lastWordMs;
  }

  /** All of its words as they are heard now; where a hearing tells none, those before stand. */
  heard(words: readonly Word[]): void {
    this.#words = words.length === 0 ? this.#words : this.timed(words);
  }

  /** `words` with their times on the clock. */
  timed(words: readonly Word[]): readonly Word[] {
    const firstMs = this.#lastWriteMs - this.#writtenMs;
    return words.map(({ text, startMs, endMs }) => ({
      text,
      startMs: firstMs + startMs,
      endMs: firstMs + endMs,
    }));
  }

  /** Recognition has said something: the caption, if it is another than before, or the last. */
  takeCaption(final: boolean): string | undefined {
    const { text } = this;
    if (!final && text === this.#caption) {
      return undefined;
    }
    this.#caption = text;
    return text;
  }

  /** Its text is `text`, for good. */
  conclude(text: string, atMs: number): void {
    this.cutter.final(text);
    this.#concluded = true;
    this.#finalMs = atMs;
  }

  /** No more will be heard of it, and its text was never final: what was heard is all of it. */
  giveUp(): void {
    this.cutter.final(this.text);
    this.#concluded = true;
  }

  /** What was said since the last cut, or since it began, is cut off: `text`. */
  segmentCut(text: string, cutMs: number): void {
    const found = wordsOfText(this.#words, this.#wordsCut, text);
    this.#wordsCut = found?.next ?? this.#wordsCut;
    this.#saidWords = found?.words;
    this.#begun = true;
    const fromMs = this.#said?.toMs ?? this.speechStartMs;
    const heardToMs = this.#lastWordMs ?? cutMs - HEARD_AFTER_MS;
    this.#said = { fromMs, toMs: Math.max(fromMs, this.#over ? this.#speechEndMs : heardToMs) };
  }

  /** The first reason stays. Returns whether this is it. */
  leaveAlone(why: LeftAlone): boolean {
    const first = this.#leftAlone === undefined;
    this.#leftAlone ??= why;
    return first;
  }

  speakIn(language: Language): void {
    this.#spokenLanguage = language;
  }
}
