/**
 * One party's recognition, kept open over the streams that it takes: when one ends in mid-utterance, fails, stalls or
 * leaves out of a final what it had heard, the next one, of another engine where there is one, is given the sound again
 * of all utterances that have no final, faster than it was spoken. What was heard of an utterance before is told again
 * only when more is. One that is merely silent is not given up before another has spoken in its place.
 */

import type { Clock, Timer } from '../../base/clock.ts';
import { AppError, asError } from '../../base/errors.ts';
import { Scope } from '../../base/scope.ts';
import type { LostStream, SttEngine, SttEvent, SttStreamOptions } from '../../engines/stt/stt-engine.ts';
import { FedStream } from './fed-stream.ts';
import { KeptUtterance } from './kept-utterance.ts';
import { leavesOut } from './left-out.ts';
import { type Doubted, SecondOpinion } from './second-opinion.ts';

/** Pauses before each next stream, in ms; how many there are is how often one is tried without a final in between. */
const PAUSES_MS = [0, 200, 400] as const;

/** So many times as long one may take to a word that shows that it listens, and twice that between words. */
const WORDLESS_TIMES = 3;
/** What has been answered so lately, in ms, need not be looked at any closer. */
const NEVER_STRANGE_MS = 1_000;
/** While a final is owed there is no sound to count the time by: it is looked at so often, in ms. */
const LOOK_EVERY_MS = 100;
/** A stream that was beaten is listened to for so long, in ms: if it speaks after all, it was doubted for nothing. */
const LINGERING_MS = 1_000;

/** What whoever uses the stream hears. */
export type HeardEvent = Exclude<SttEvent, { readonly type: 'listened' }>;
type TextEvent = Extract<SttEvent, { readonly type: 'partial' | 'stable' | 'final' }>;

export interface ReplayedStreamOptions extends Omit<SttStreamOptions, 'onEvent'> {
  readonly onEvent: (event: HeardEvent) => void;
  /** A stream was lost to this error, and the next one is open. */
  readonly onReplaced: (error: Error) => void;
}

export class ReplayedStream {
  readonly #stt: SttEngine;
  readonly #clock: Clock;
  readonly #options: ReplayedStreamOptions;
  readonly #scope: Scope;
  /** Without a final, oldest first. */
  readonly #kept: KeptUtterance[] = [];
  /** The stream that is listened to. */
  #main: FedStream | undefined;
  /** Another that is asked because that one is silent. */
  #opinion: SecondOpinion | undefined;
  /** One that was beaten a moment ago. */
  #beaten: { readonly feed: FedStream; readonly doubted: Doubted; readonly timer: Timer } | undefined;
  /** Streams that were lost since the last final. */
  #losses = 0;
  /** Stands for the stream that is to be the next. */
  #attempt = {};
  #paused = false;
  #owedLook: Timer | undefined;
  /** What the last stream was lost to, until another is open. */
  #lostTo: LostStream | undefined;
  /** Whether a stream of a better engine is being opened beside the present one. */
  #improving = false;
  #over = false;

  /** @param options `onEvent` hears `failed` once, when no further stream helps. Call {@link open} next. */
  constructor(stt: SttEngine, clock: Clock, options: ReplayedStreamOptions) {
    this.#stt = stt;
    this.#clock = clock;
    this.#options = options;
    this.#scope = new Scope((error) => this.#fail(asError(error)));
  }

  /** Opens the first stream. @throws as the engine's `open`, and what the stream ended with before it was open. */
  async open(signal: AbortSignal): Promise<void> {
    await this.#openMain(this.#attempt, signal);
  }

  /** @param again whether its sound comes at once, as of one that another hearing had begun. */
  startUtterance(utterance: number, again = false): void {
    this.#kept.push(new KeptUtterance(utterance));
    this.#paused = false;
    this.#main?.silence.begin(this.#clock.nowMs());
    if (again) {
      this.#main?.expectMuch();
    }
    this.#giveNew();
  }

  /** Keeps `pcm`. */
  write(pcm: Int16Array): void {
    const kept = this.#kept.at(-1);
    if (kept !== undefined && !kept.ended) {
      kept.add(pcm);
      this.#giveNew();
      this.#look();
    }
  }

  /** The speaker pauses. */
  flush(): void {
    this.#paused = true;
    this.#main?.flush();
    this.#opinion?.flush();
  }

  /** The speaker goes on after a pause. */
  resume(): void {
    this.#paused = false;
  }

  endUtterance(): void {
    const kept = this.#kept.at(-1);
    if (kept !== undefined) {
      kept.ended = true;
      this.#giveNew();
      this.#main?.silence.end();
      this.#lookWhileOwed();
    }
  }

  /**
   * The final of `utterance` has not come for `lateMs`: the next stream is asked for it, or, if it was, nothing more
   * is.
   */
  renew(utterance: number, lateMs: number): void {
    const kept = this.#kept.find((each) => each.utterance === utterance);
    const choice = this.#main?.stream?.choice;
    const what = `${choice?.engine ?? this.#stt.name} gave no final text within ${lateMs} ms of the end of speech`;
    const error = new AppError('engine-timeout', what);
    if (kept?.renewed === false) {
      kept.renewed = true;
      choice?.blame(error);
      this.#lost(error);
    } else {
      this.#fail(error);
    }
  }

  /** No event comes after. Idempotent. */
  async close(): Promise<void> {
    this.#over = true;
    this.#owedLook?.cancel();
    this.#kept.length = 0;
    const main = this.#main;
    this.#main = undefined;
    this.#dropOpinion(({ doubt }) => doubt.forget());
    this.#judgeBeaten('forget');
    await Promise.all([main?.close(), this.#scope.close()]);
  }

  /**
   * Opens a stream and listens to it, unless another `attempt` has been begun meanwhile.
   * @throws what it ended with before anybody listened to it.
   */
  async #openMain(attempt: object, signal: AbortSignal): Promise<void> {
    const after = this.#lostTo === undefined ? {} : { after: this.#lostTo };
    const feed = await this.#openOne(after, signal);
    const wanted = !this.#over && attempt === this.#attempt;
    if (wanted && feed.failure === undefined) {
      this.#main = feed;
      return;
    }
    await feed.close();
    if (wanted && feed.failure !== undefined) {
      throw feed.failure;
    }
  }

  async #openOne(more: Partial<SttStreamOptions>, signal: AbortSignal): Promise<FedStream> {
    const feed = new FedStream(this.#clock, this.#kept, this.#hear);
    const { onEvent } = feed;
    feed.attach(await this.#stt.open({ ...this.#options, ...more, onEvent }, signal));
    return feed;
  }

  readonly #hear = (feed: FedStream, event: SttEvent): void => {
    // What a stream says that has been given up, or is not yet listened to, does not count.
    if (feed === this.#beaten?.feed) {
      this.#judgeBeaten(event.type === 'failed' ? 'right' : 'wrong');
    } else if (feed === this.#main && !this.#over) {
      this.#mainHears(feed, event);
    }
  };

  #mainHears(main: FedStream, event: SttEvent): void {
    if (event.type === 'failed') {
      this.#ended(main, event.error);
      return;
    }
    this.#sign(main);
    if (this.#opinion?.doubted.listens === false) {
      this.#spokeAfterAll();
    }
    if (event.type === 'listened') {
      return;
    }
    const kept = this.#kept.find(({ utterance }) => utterance === event.utterance);
    if (event.type === 'language' || event.type === 'likely-end') {
      this.#options.onEvent(event);
    } else if (kept !== undefined && event.type === 'final') {
      this.#final(main, kept, event);
    } else if (kept !== undefined) {
      this.#words(main, kept, event);
    }
  }

  #words(main: FedStream, kept: KeptUtterance, event: TextEvent): void {
    const { text } = event;
    if (text.length > main.heardOf(kept).length) {
      main.silence.word();
      this.#spokeAfterAll();
    }
    main.hears(kept, text);
    if (kept.truncated || !kept.again || text.length >= kept.heard.length) {
      kept.again = false;
      kept.heard = text === '' ? kept.heard : text;
      this.#options.onEvent(event);
    }
  }

  /** A final that leaves out what had just been heard is asked for once more; then what was heard stands. */
  #final(main: FedStream, kept: KeptUtterance, event: TextEvent): void {
    const heardNow = main.heardOf(kept);
    const empty = event.text.trim() === '';
    const curtailed = leavesOut(event.text, heardNow);
    if (curtailed && !kept.curtailed) {
      kept.curtailed = true;
      const engine = main.stream?.choice?.engine ?? this.#stt.name;
      const what = empty ? 'gave an empty final for' : 'left out of a final';
      this.#lost(new AppError('engine-bad-answer', `${engine} ${what} what it had heard words in`));
      return;
    }
    const { longestMs } = main.silence;
    if (longestMs !== undefined && kept === this.#kept.at(-1)) {
      main.stream?.choice?.pausedFor(longestMs);
    }
    this.#spokeAfterAll();
    this.#losses = 0;
    this.#kept.splice(this.#kept.indexOf(kept), 1);
    if (this.#kept.at(-1)?.ended !== true) {
      this.#owedLook?.cancel();
      this.#owedLook = undefined;
    }
    const stands = curtailed ? longer(kept.heard, heardNow) : empty ? kept.heard : '';
    this.#options.onEvent(stands === '' ? event : { ...event, text: stands });
    this.#improve();
  }

  /** The stream listens. The first sign in an utterance says how quick an engine is. */
  #sign({ silence, stream }: FedStream): void {
    const kept = this.#kept.at(-1);
    const speaking = kept?.ended === false;
    if (speaking && silence.signs === 0 && !kept.again && kept.doubts === 0) {
      stream?.choice?.heardFirst(silence.sinceBeginningMs);
    }
    silence.sign(speaking);
  }

  #giveNew(): void {
    this.#main?.giveNew();
    this.#opinion?.giveNew();
  }

  /** Whether the stream should be saying something of the latest utterance, and for how long it has not. */
  #look(): void {
    const kept = this.#kept.at(-1);
    const nowMs = this.#clock.nowMs();
    const counts = kept !== undefined && (kept.ended || !this.#paused);
    this.#main?.silence.look(nowMs, counts);
    if (this.#opinion !== undefined) {
      this.#opinion.look(nowMs, counts);
    } else if (kept !== undefined && this.#main !== undefined) {
      this.#watch(this.#main, kept);
    }
  }

  /** How long the stream may listen and hear no word before it is doubted. */
  #wordlessMs(main: FedStream, kept: KeptUtterance): number {
    const usualMs = main.stream?.choice?.silentAfterMs('first-sign');
    // Where something else is under way, too, no opinion could be taken over without a loss.
    if (usualMs === undefined || kept.ended || this.#kept.length > 1) {
      return Number.POSITIVE_INFINITY;
    }
    return usualMs * (main.heardOf(kept) === '' ? WORDLESS_TIMES : 2 * WORDLESS_TIMES) * 2 ** kept.doubts;
  }

  #lookWhileOwed(): void {
    this.#owedLook ??= this.#clock.at(this.#clock.nowMs() + LOOK_EVERY_MS, () => {
      this.#owedLook = undefined;
      if (this.#kept.at(-1)?.ended === true && !this.#over) {
        this.#look();
        this.#lookWhileOwed();
      }
    });
  }

  /** Doubts the stream when it says nothing of the latest utterance for strangely long. */
  #watch(main: FedStream, kept: KeptUtterance): void {
    const { sinceSignMs, sinceWordMs } = main.silence;
    if (Math.max(sinceSignMs, sinceWordMs) < NEVER_STRANGE_MS) {
      return;
    }
    const choice = main.stream?.choice;
    const awaited = kept.ended ? 'final' : main.silence.signs === 0 ? 'first-sign' : 'next-sign';
    const usualMs = choice?.silentAfterMs(awaited);
    if (choice === undefined || usualMs === undefined || this.#beaten !== undefined) {
      return;
    }
    const limitMs = usualMs * 2 ** kept.doubts;
    const silent = sinceSignMs >= limitMs;
    const listens = sinceWordMs >= this.#wordlessMs(main, kept);
    if (!silent && !listens) {
      return;
    }
    kept.doubts += 1;
    const did = silent
      ? `heard nothing new within ${Math.round(limitMs)} ms of speech`
      : `listened, and heard no word within ${Math.round(sinceWordMs)} ms of speech`;
    this.#opinion = new SecondOpinion({
      stt: this.#stt,
      stream: { ...this.#options, onEvent: () => {} },
      clock: this.#clock,
      scope: this.#scope,
      kept: this.#kept,
      doubted: {
        kept,
        engine: choice.engine,
        doubt: choice.doubt(),
        error: new AppError('engine-timeout', `${choice.engine} ${did}`),
        atMs: this.#clock.nowMs(),
        listens: !silent,
      },
      onWon: (events) => this.#beat(events),
      onAgreed: () => this.#dropOpinion((doubted) => doubted.doubt.forget()),
    });
  }

  /** The stream that was doubted is well. */
  #spokeAfterAll(): void {
    this.#dropOpinion(({ doubt }) => doubt.wrong());
  }

  #dropOpinion(judge: (doubted: Doubted) => void): void {
    const opinion = this.#opinion;
    this.#opinion = undefined;
    if (opinion !== undefined) {
      judge(opinion.doubted);
      this.#scope.run(() => opinion.close());
    }
  }

  /** The other spoke before the stream that was doubted, and goes on in its place. */
  #beat(events: readonly SttEvent[]): void {
    const doubted = this.#opinion?.doubted;
    const rival = this.#opinion?.take();
    const feed = this.#main;
    this.#opinion = undefined;
    if (doubted === undefined || rival === undefined || feed === undefined) {
      return;
    }
    const atMs = this.#clock.nowMs() + LINGERING_MS;
    this.#beaten = { feed, doubted, timer: this.#clock.at(atMs, () => this.#judgeBeaten('right')) };
    this.#replace(rival, doubted, doubted.error);
    for (const event of events) {
      this.#hear(rival, event);
    }
  }

  /** The stream has ended. Where another is open already, that goes on. */
  #ended(main: FedStream, error: Error): void {
    const doubted = this.#opinion?.doubted;
    const rival = this.#opinion?.take();
    if (doubted === undefined || rival === undefined) {
      this.#lost(error);
      return;
    }
    this.#opinion = undefined;
    doubted.doubt.right(doubted.error);
    this.#scope.run(() => main.close());
    this.#losses += 1;
    this.#replace(rival, doubted, error);
  }

  #replace(rival: FedStream, { engine, atMs }: Doubted, error: Error): void {
    this.#main = rival;
    for (const kept of this.#kept) {
      kept.repeat();
    }
    rival.stream?.choice?.tookOver({ engine, error, atMs });
    this.#options.onReplaced(error);
    rival.listen(this.#hear);
  }

  /** @param verdict what its silence was taken for was so, was not so, or nobody knows. */
  #judgeBeaten(verdict: 'right' | 'wrong' | 'forget'): void {
    const beaten = this.#beaten;
    this.#beaten = undefined;
    if (beaten === undefined) {
      return;
    }
    const { feed, timer, doubted } = beaten;
    const { doubt, error } = doubted;
    timer.cancel();
    if (verdict === 'right') {
      doubt.right(error);
    } else {
      doubt[verdict]();
    }
    this.#scope.run(() => feed.close());
  }

  /** Goes on with a better engine when there is one and nothing is under way. */
  #improve(): void {
    if (this.#improving || this.#kept.length > 0 || this.#main?.stream?.choice?.outdone !== true) {
      return;
    }
    this.#improving = true;
    this.#scope.run(async (signal) => {
      const before = this.#main;
      try {
        const feed = await this.#openOne({}, signal);
        const better = feed.stream?.choice?.engine !== before?.stream?.choice?.engine;
        const wanted =
          this.#main === before && this.#kept.length === 0 && better && feed.failure === undefined;
        if (wanted && !this.#over) {
          this.#main = feed;
          await before?.close();
        } else {
          await feed.close();
        }
      } catch (error) {
        // The present one is good enough, and the engine has been judged by whoever observes it.
        signal.throwIfAborted();
        if (!(error instanceof AppError)) {
          throw error;
        }
      } finally {
        this.#improving = false;
      }
    });
  }

  #lost(error: Error): void {
    if (this.#over) {
      return;
    }
    const attempt = {};
    this.#attempt = attempt;
    const main = this.#main;
    this.#main = undefined;
    this.#dropOpinion(({ doubt, error: why }) => doubt.right(why));
    for (const kept of this.#kept) {
      kept.repeat();
    }
    const pauseMs = PAUSES_MS[this.#losses];
    this.#losses += 1;
    const engine = main?.stream?.choice?.engine;
    if (main !== undefined) {
      this.#scope.run(() => main.close());
    }
    if (pauseMs === undefined) {
      this.#fail(error);
      return;
    }
    this.#lostTo ??= { engine, error, atMs: this.#clock.nowMs() };
    this.#scope.run((signal) => this.#reopen(attempt, pauseMs, signal));
  }

  async #reopen(attempt: object, pauseMs: number, signal: AbortSignal): Promise<void> {
    if (pauseMs > 0) {
      await this.#clock.sleep(pauseMs, signal);
    }
    try {
      await this.#openMain(attempt, signal);
    } catch (error) {
      // Not when it is this that is closed.
      signal.throwIfAborted();
      // One that was given up meanwhile takes nothing from the next.
      if (attempt === this.#attempt) {
        this.#lost(asError(error));
      }
      return;
    }
    const lostTo = this.#lostTo;
    if (this.#main === undefined || lostTo === undefined) {
      return;
    }
    this.#lostTo = undefined;
    this.#options.onReplaced(lostTo.error);
    this.#main.catchUp();
  }

  #fail(error: Error): void {
    if (!this.#over) {
      this.#over = true;
      this.#owedLook?.cancel();
      this.#options.onEvent({ type: 'failed', error });
    }
  }
}

function longer(one: string, other: string): string {
  return other.length >= one.length ? other : one;
}
