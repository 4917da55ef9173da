/**
 * The stream of one leg's recognition, the same for all recognisers: utterances in order, audio that waits in bounds,
 * finals in the order of their utterances and never from inside a call, a failure told once, a watch on answers that
 * do not come, and a look at those that come: what cannot have been heard ends the stream. What is left to an adapter
 * is its {@link Recogniser}.
 */

import type { Clock } from '../../base/clock.ts';
import { AppError, asError } from '../../base/errors.ts';
import { SPEECH_HZ, samplesToMs } from '../../base/units.ts';
import { AnswerWatch } from '../wire/answer-watch.ts';
import { Outbox } from '../wire/outbox.ts';
import type { SttEvent, SttStream, Word } from './stt-engine.ts';

/** What one recogniser does of its own, for one leg. All is called in the order of the audio; nothing waits. */
export interface Recogniser {
  /** The stream is there: events may come from now on. */
  start(): void;
  /** Whether it takes more audio now; when that changes it calls {@link UtteranceStream.goOn}. */
  readonly ready: boolean;
  /** Takes a chunk of audio; keeps it, and changes nothing in it. */
  send(pcm: Int16Array): void;
  /** What is sent from now on belongs to `utterance`. */
  begin(utterance: number): void;
  /** Of the newest utterance, `lostMs` would have been next and were dropped. */
  skip(lostMs: number): void;
  /** All up to the speaker's pause has been sent. */
  pause(): void;
  /** All of `utterance` has been sent; its final is owed: {@link UtteranceStream.settle}. */
  end(utterance: number): void;
  /** By when, on the clock, it must have answered; undefined while it owes nothing. */
  readonly dueMs: number | undefined;
  /** That time has passed: it settles what can be, or fails the stream. */
  overdue(): void;
  /** Lets go of everything; nothing is called after. */
  close(): Promise<void>;
}

export interface UtteranceStreamOptions {
  /** The engine's name, for messages. */
  readonly name: string;
  readonly clock: Clock;
  readonly onEvent: (event: SttEvent) => void;
  /** The audio a recogniser takes at a time, in ms; less at a pause and at the end. */
  readonly chunkMs: number;
  /** The most audio that waits while it takes none, in ms. */
  readonly backlogLimitMs: number;
  /** How long it may take none while some waits, in ms, before the stream fails. */
  readonly answerTimeoutMs: number;
}

/** What was heard in an utterance. */
export interface Heard {
  readonly text: string;
  readonly words: readonly Word[];
}

type FinalEvent = Extract<SttEvent, { readonly type: 'final' }>;

/** What a recogniser says before the final. */
export type EarlyEvent = Exclude<SttEvent, { readonly type: 'final' | 'failed' }>;

/** Nobody speaks as fast: a text may have so many characters beyond its share, and so many for a ms of its sound. */
const MOST_CHARACTERS = 1_000;
const CHARACTERS_A_MS = 0.1;

/** Times are guesses; a word that ends this long after the sound that was given, in ms, was not heard in it. */
const OVERREACH_MS = 2_000;

/** An utterance whose final has not left. */
interface Pending {
  readonly utterance: number;
  /** Its sound that was given, in ms. */
  givenMs: number;
  final: FinalEvent | undefined;
}

export class UtteranceStream implements SttStream {
  readonly #options: UtteranceStreamOptions;
  readonly #recogniser: Recogniser;
  readonly #outbox: Outbox;
  readonly #watch: AnswerWatch;
  /** In the order in which they began; the last may still be spoken. */
  readonly #pending: Pending[] = [];
  readonly #ended: Promise<void>;
  #end: (closing: Promise<void>) => void = () => {};
  #phase: 'between' | 'speaking' | 'over' = 'between';
  #droppedMs = 0;
  /** When audio was last taken, or there was none to take. */
  #takenMs: number;
  #releasing = false;

  /** Makes a stream and the recogniser behind it, which belongs to it, and starts it. */
  static start(
    options: UtteranceStreamOptions,
    make: (stream: UtteranceStream) => Recogniser,
  ): UtteranceStream {
    const stream = new UtteranceStream(options, make);
    stream.#recogniser.start();
    stream.goOn();
    return stream;
  }

  private constructor(options: UtteranceStreamOptions, make: (stream: UtteranceStream) => Recogniser) {
    const { clock, chunkMs, backlogLimitMs } = options;
    this.#options = options;
    this.#takenMs = clock.nowMs();
    this.#outbox = new Outbox({
      chunkMs,
      backlogLimitMs,
      ready: () => this.#recogniser.ready,
      send: (pcm) => {
        this.#takenMs = clock.nowMs();
        this.#recogniser.send(pcm);
      },
      onGap: (lostMs) => this.#recogniser.skip(lostMs),
    });
    this.#watch = new AnswerWatch(
      clock,
      () => this.#dueMs(),
      () => this.#overdue(),
    );
    this.#ended = new Promise((resolve) => {
      this.#end = resolve;
    });
    this.#recogniser = make(this);
  }

  get droppedMs(): number {
    return this.#droppedMs + this.#outbox.droppedMs;
  }

  /** Resolves when the stream is over, for whatever reason, and its recogniser has let go. */
  get ended(): Promise<void> {
    return this.#ended;
  }

  startUtterance(utterance: number): void {
    if (this.#phase === 'over') {
      return;
    }
    if (this.#phase === 'speaking') {
      throw new AppError(
        'illegal-transition',
        'an utterance cannot start before the one before it has ended',
      );
    }
    this.#phase = 'speaking';
    this.#pending.push({ utterance, givenMs: 0, final: undefined });
    this.#mark(() => this.#recogniser.begin(utterance));
  }

  write(pcm: Int16Array): void {
    const current = this.#pending.at(-1);
    if (this.#phase === 'speaking' && current !== undefined) {
      current.givenMs += samplesToMs(pcm.length, SPEECH_HZ);
      this.add(pcm);
    }
  }

  flush(): void {
    if (this.#phase === 'speaking') {
      this.#mark(() => this.#recogniser.pause());
    }
  }

  endUtterance(): void {
    const current = this.#pending.at(-1);
    if (this.#phase === 'speaking' && current !== undefined) {
      this.#phase = 'between';
      this.#mark(() => this.#recogniser.end(current.utterance));
    }
  }

  close(): Promise<void> {
    if (this.#phase !== 'over') {
      this.#phase = 'over';
      this.#pending.length = 0;
      this.#outbox.clear();
      this.#watch.close();
      this.#end(this.#recogniser.close());
    }
    return this.#ended;
  }

  // What follows is for the recogniser.

  /** Audio sent so far, in ms: where in the connection's audio the next chunk begins. */
  get sentMs(): number {
    return this.#outbox.sentMs;
  }

  get speaking(): boolean {
    return this.#phase === 'speaking';
  }

  /** Whether audio waits because the recogniser is not ready. */
  get behind(): boolean {
    return this.#outbox.behind;
  }

  /** Adds audio; between utterances, silence that keeps a provider going. */
  add(pcm: Int16Array): void {
    if (!this.#outbox.behind) {
      this.#takenMs = this.#options.clock.nowMs();
    }
    this.#outbox.write(pcm);
    this.#watch.look();
  }

  /** Counts audio that the recogniser itself gave up, in ms. */
  dropped(lostMs: number): void {
    this.#droppedMs += lostMs;
  }

  /** Something was answered: sends what can be sent now, and looks at what is still owed. */
  goOn(): void {
    if (this.#phase !== 'over') {
      this.#outbox.drain();
      this.#watch.look();
    }
  }

  emit(event: EarlyEvent): void {
    if (this.#phase === 'over') {
      return;
    }
    const wrong = 'text' in event ? this.#impossible(event.utterance, event) : undefined;
    if (wrong === undefined) {
      this.#options.onEvent(event);
    } else {
      this.fail(wrong);
    }
  }

  /** More of the sound was heard, and nothing is to be told of it. */
  listened(): void {
    const current = this.#pending.at(-1);
    if (this.#phase === 'speaking' && current !== undefined) {
      this.#options.onEvent({ type: 'listened', utterance: current.utterance });
    }
  }

  /** The final of an utterance; it leaves soon, after those of the utterances before it. */
  settle(utterance: number, { text, words }: Heard): void {
    const pending = this.#pending.find((each) => each.utterance === utterance && each.final === undefined);
    const wrong = this.#impossible(utterance, { text, words });
    if (wrong !== undefined) {
      queueMicrotask(() => this.fail(wrong));
    } else if (pending !== undefined) {
      pending.final = { type: 'final', utterance, text, words };
      if (!this.#releasing) {
        this.#releasing = true;
        // Not now: no event may come from inside a call of the stream.
        queueMicrotask(() => this.#release());
      }
    }
  }

  /** What `work` makes of an answer; what it throws ends the stream, and there is nothing. */
  attempt<T>(work: () => T): T | undefined {
    try {
      return work();
    } catch (error) {
      this.fail(asError(error));
      return undefined;
    }
  }

  fail(error: Error): void {
    if (this.#phase !== 'over') {
      void this.close();
      this.#options.onEvent({ type: 'failed', error });
    }
  }

  /** What cannot have been heard in an utterance's sound is refused, before anything is made of it. */
  #impossible(utterance: number, { text, words }: Heard): AppError | undefined {
    const givenMs = this.#pending.find((each) => each.utterance === utterance)?.givenMs;
    const { name } = this.#options;
    if (givenMs === undefined) {
      return undefined;
    }
    if (text.length > MOST_CHARACTERS + givenMs * CHARACTERS_A_MS) {
      return new AppError(
        'engine-bad-answer',
        `${name} heard ${text.length} characters in ${Math.round(givenMs)} ms of sound`,
      );
    }
    if (words.some(({ endMs }) => !(endMs <= givenMs + OVERREACH_MS))) {
      return new AppError('engine-bad-answer', `${name} heard words in sound that it was not given`);
    }
    return undefined;
  }

  #mark(run: () => void): void {
    this.#outbox.mark(run);
    this.#watch.look();
  }

  #release(): void {
    this.#releasing = false;
    for (let head = this.#pending[0]; head?.final !== undefined; head = this.#pending[0]) {
      this.#pending.shift();
      this.#options.onEvent(head.final);
    }
  }

  #dueMs(): number | undefined {
    const { dueMs } = this.#recogniser;
    const stuckMs = this.#outbox.behind ? this.#takenMs + this.#options.answerTimeoutMs : undefined;
    return dueMs === undefined || stuckMs === undefined ? (dueMs ?? stuckMs) : Math.min(dueMs, stuckMs);
  }

  #overdue(): void {
    const { name, clock, answerTimeoutMs } = this.#options;
    if (this.#outbox.behind && clock.nowMs() >= this.#takenMs + answerTimeoutMs) {
      this.fail(new AppError('engine-timeout', `${name} has taken no audio for ${answerTimeoutMs} ms`));
    } else {
      this.#recogniser.overdue();
    }
  }
}
