/**
 * The interpreter made of three engines: recognise, translate, speak. Recognition runs as the leg speaks; each
 * segment is translated as soon as it is cut, while those before it are still being spoken; sound leaves in order,
 * its first bytes at once. An engine that fails costs the segment it failed at, not the call: it is tried once
 * more, then given up and reported.
 */

import { BoundedQueue } from '../base/bounded-queue.ts';
import type { Clock, Timer } from '../base/clock.ts';
import { withDeadline } from '../base/deadline.ts';
import { AppError, asError } from '../base/errors.ts';
import { Scope } from '../base/scope.ts';
import type { MtEngine } from '../engines/mt/mt-engine.ts';
import type { SttEngine, SttEvent, SttStream } from '../engines/stt/stt-engine.ts';
import type { TtsEngine } from '../engines/tts/tts-engine.ts';
import { CascadeUtterance } from './cascade-utterance.ts';
import { type CutPolicy, WholeUtterance } from './cut-policy.ts';
import type { Interpreter, InterpreterEvent, InterpreterFactory, InterpreterOptions } from './interpreter.ts';

/** A final that does not come for this long after the end of speech is lost, and the stream with it. */
const FINAL_LIMIT_MS = 8_000;
/** How long one translation may take. */
const MT_LIMIT_MS = 4_000;
/** How long synthesis may take to its first bytes, and between two pieces. */
const TTS_LIMIT_MS = 4_000;
/** Tries of one translation or synthesis, the first included. */
const TRIES = 2;
/** Segments that may wait to be spoken; past it the oldest is given up. */
const MOST_WAITING = 16;
/** Sentences passed to translation as context. */
const CONTEXT_SENTENCES = 3;

export interface CascadeEngines {
  readonly stt: SttEngine;
  readonly mt: MtEngine;
  readonly tts: TtsEngine;
  /** The voice to speak with; without it, the engine's default. */
  readonly voice?: string;
}

/** A segment whose translation is under way. */
interface Segment {
  readonly utterance: CascadeUtterance;
  /** Never rejects: a failure is a value, looked at when the segment's turn comes. */
  readonly translated: Promise<{ readonly text: string } | { readonly error: Error }>;
}

/** Opens a cascade per speaking leg. */
export class CascadeFactory implements InterpreterFactory {
  readonly #engines: CascadeEngines;
  readonly #clock: Clock;
  readonly #cut: () => CutPolicy;

  /** @param cut makes the policy of one utterance. */
  constructor(engines: CascadeEngines, clock: Clock, cut: () => CutPolicy = () => new WholeUtterance()) {
    this.#engines = engines;
    this.#clock = clock;
    this.#cut = cut;
  }

  get lowestWireRateHz(): number {
    return this.#engines.stt.capabilities.lowestWireRateHz;
  }

  async open(options: InterpreterOptions, signal: AbortSignal): Promise<Interpreter> {
    const cascade = new Cascade(this.#engines, this.#clock, this.#cut, options);
    await cascade.start(signal);
    return cascade;
  }
}

class Cascade implements Interpreter {
  readonly #engines: CascadeEngines;
  readonly #clock: Clock;
  readonly #cut: () => CutPolicy;
  readonly #options: InterpreterOptions;
  readonly #scope: Scope;
  /** Utterances that have no final yet, by number. */
  readonly #utterances = new Map<number, CascadeUtterance>();
  /** Utterances that have not been reported yet, those with a final included. */
  readonly #unreported = new Set<CascadeUtterance>();
  /** What ends the wait for a final, by utterance. */
  readonly #overdue = new Map<number, Timer>();
  readonly #waiting = new BoundedQueue<Segment>(MOST_WAITING, () => 1);
  readonly #context: string[] = [];
  #speaking = false;
  #current = 0;
  #nextSegment = 0;
  #stream: SttStream | undefined;

  constructor(engines: CascadeEngines, clock: Clock, cut: () => CutPolicy, options: InterpreterOptions) {
    this.#engines = engines;
    this.#clock = clock;
    this.#cut = cut;
    this.#options = options;
    this.#scope = new Scope((error) => this.#fail(error));
  }

  async start(signal: AbortSignal): Promise<void> {
    this.#stream = await this.#engines.stt.open(
      { language: this.#options.from, onEvent: (event) => this.#heard(event) },
      signal,
    );
  }

  startUtterance(utterance: number, speechStartMs: number): void {
    this.#current = utterance;
    const begun = new CascadeUtterance(utterance, speechStartMs, this.#options, this.#cut(), (event) => {
      if (event.type === 'utterance-ended') {
        this.#unreported.delete(begun);
      }
      this.#emit(event);
    });
    this.#utterances.set(utterance, begun);
    this.#unreported.add(begun);
    this.#stream?.startUtterance(utterance);
  }

  write(pcm: Int16Array): void {
    this.#stream?.write(pcm);
  }

  pause(_silenceStartMs: number): void {
    this.#stream?.flush();
  }

  endUtterance(speechEndMs: number): void {
    const utterance = this.#utterances.get(this.#current);
    this.#stream?.endUtterance();
    if (utterance !== undefined) {
      utterance.ended(speechEndMs, this.#clock.nowMs());
      this.#awaitFinal(utterance);
    }
  }

  async close(): Promise<void> {
    this.#forgetOverdue();
    await Promise.all([this.#scope.close(), this.#stream?.close()]);
  }

  #emit(event: InterpreterEvent): void {
    if (!this.#scope.closed) {
      this.#options.onEvent(event);
    }
  }

  #fail(error: unknown): void {
    const cause = asError(error);
    // Whoever opened this closes it now, so what is still being translated or spoken ends with it.
    for (const utterance of [...this.#unreported]) {
      utterance.failed('stt', cause);
    }
    this.#utterances.clear();
    this.#forgetOverdue();
    this.#emit({ type: 'failed', error: cause });
  }

  #awaitFinal(utterance: CascadeUtterance): void {
    if (this.#scope.closed) {
      return;
    }
    const timer = this.#clock.at(this.#clock.nowMs() + FINAL_LIMIT_MS, () =>
      this.#fail(
        new AppError(
          'engine-timeout',
          `${this.#engines.stt.name} gave no final text within ${FINAL_LIMIT_MS} ms of the end of speech`,
        ),
      ),
    );
    this.#overdue.set(utterance.number, timer);
  }

  #forgetOverdue(): void {
    for (const timer of this.#overdue.values()) {
      timer.cancel();
    }
    this.#overdue.clear();
  }

  #heard(event: SttEvent): void {
    if (event.type === 'likely-end' || event.type === 'language') {
      return;
    }
    if (event.type === 'failed') {
      this.#fail(event.error);
      return;
    }
    const utterance = this.#utterances.get(event.utterance);
    if (utterance === undefined) {
      return;
    }
    if (event.type === 'final') {
      this.#utterances.delete(event.utterance);
      this.#overdue.get(event.utterance)?.cancel();
      this.#overdue.delete(event.utterance);
      utterance.finalAt(this.#clock.nowMs());
    }
    for (const text of utterance.hear(event)) {
      this.#translate(utterance, text);
    }
    utterance.settle();
  }

  /** Starts translating a segment and puts it in line to be spoken. */
  #translate(utterance: CascadeUtterance, text: string): void {
    const context = [...this.#context];
    this.#context.push(text);
    if (this.#context.length > CONTEXT_SENTENCES) {
      this.#context.shift();
    }
    utterance.segmentCut();
    const translated = this.#translation(text, context).then(
      (translation) => {
        utterance.translatedAt(this.#clock.nowMs());
        return { text: translation };
      },
      (error: unknown) => ({ error: asError(error) }),
    );
    for (const lost of this.#waiting.push({ utterance, translated })) {
      lost.utterance.failed('tts', new AppError('engine-overloaded', 'too many segments wait to be spoken'));
      lost.utterance.segmentDone();
    }
    if (!this.#speaking) {
      this.#speaking = true;
      this.#scope.run((signal) => this.#speakAll(signal));
    }
  }

  #translation(text: string, context: readonly string[]): Promise<string> {
    const { mt } = this.#engines;
    const { from, to } = this.#options;
    return this.#tryTwice((signal) =>
      withDeadline(
        this.#clock,
        MT_LIMIT_MS,
        `${mt.name} did not translate within ${MT_LIMIT_MS} ms`,
        signal,
        (inner) => mt.translate({ text, from, to, context }, inner),
      ),
    );
  }

  async #speakAll(signal: AbortSignal): Promise<void> {
    try {
      for (let segment = this.#waiting.shift(); segment !== undefined; segment = this.#waiting.shift()) {
        await this.#speak(segment, signal);
      }
    } finally {
      this.#speaking = false;
    }
  }

  async #speak(segment: Segment, signal: AbortSignal): Promise<void> {
    const { utterance } = segment;
    const translation = await segment.translated;
    signal.throwIfAborted();
    if ('error' in translation) {
      utterance.failed('mt', translation.error);
    } else if (translation.text.trim() !== '') {
      const number = this.#nextSegment;
      this.#nextSegment += 1;
      try {
        await this.#synthesise(utterance, number, translation.text, signal);
      } catch (error) {
        // Only our own end is none of the utterance's business: an engine may abort for reasons of its own.
        if (signal.aborted) {
          throw error;
        }
        utterance.failed('tts', asError(error));
      }
    }
    utterance.segmentDone();
  }

  /** Speaks `text` as segment `number`: announced with its first bytes, ended whatever happens after. */
  async #synthesise(
    utterance: CascadeUtterance,
    number: number,
    text: string,
    signal: AbortSignal,
  ): Promise<void> {
    const { tts, voice } = this.#engines;
    const request = {
      text,
      language: this.#options.to,
      wantedRateHz: this.#options.listenerRateHz,
      ...(voice === undefined ? {} : { voice }),
    };
    const late = `${tts.name} gave no sound within ${TTS_LIMIT_MS} ms`;
    const speech = await this.#tryTwice(async () => {
      const stop = new AbortController();
      const either = AbortSignal.any([signal, stop.signal]);
      const first = await withDeadline(this.#clock, TTS_LIMIT_MS, late, either, async () => {
        const { rateHz, pieces } = await tts.synthesize(request, either);
        const iterator = pieces[Symbol.asyncIterator]();
        return { rateHz, iterator, piece: await iterator.next() };
      }).catch((error: unknown) => {
        stop.abort(error);
        throw error;
      });
      return { ...first, stop };
    });
    if (speech.piece.done === true) {
      throw new AppError('engine-bad-answer', `${tts.name} gave no sound`);
    }
    utterance.firstSoundAt(this.#clock.nowMs());
    utterance.speaking(number, text, speech.rateHz);
    try {
      let piece: IteratorResult<Int16Array> = speech.piece;
      while (piece.done !== true) {
        this.#emit({ type: 'segment-audio', segment: number, pcm: piece.value });
        piece = await withDeadline(this.#clock, TTS_LIMIT_MS, late, signal, () => speech.iterator.next());
      }
    } finally {
      this.#emit({ type: 'segment-ended', segment: number });
      // Ends a synthesis that is still at work; one that is done does not notice.
      speech.stop.abort();
    }
  }

  /** Runs `work` again, once, when trying again can help. */
  async #tryTwice<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await work(this.#scope.signal);
      } catch (error) {
        const hopeless = error instanceof AppError && error.permanent;
        if (attempt >= TRIES || hopeless || this.#scope.signal.aborted) {
          throw error;
        }
      }
    }
  }
}
