/**
 * One party's recognition, kept open over the streams that it takes: when one ends in mid-utterance, fails, stalls or
 * leaves out of a final what it had heard, the next one, of another engine where there is one, is given the sound again
 * of all utterances that have no final, faster than it was spoken. What was heard of an utterance before is told again
 * only when more is. The sound is kept from an utterance's beginning to its final, all of it: what was heard and not
 * said yet must be heard again. That is 20 s and what came before the voice, 672 KB (16,000 Hz * 21 s * 2 bytes).
 */

import type { Clock, Timer } from '../../base/clock.ts';
import { AppError, asError } from '../../base/errors.ts';
import { Scope } from '../../base/scope.ts';
import { SPEECH_HZ, samplesToMs } from '../../base/units.ts';
import type {
  LostStream,
  StreamChoice,
  SttEngine,
  SttEvent,
  SttStream,
  SttStreamOptions,
} from '../../engines/stt/stt-engine.ts';

/** The sound of an utterance that is kept, in ms; endpointing ends it after 20 s. */
const KEPT_MS = 21_000;
/** Pauses before each next stream, in ms; how many there are is how often one is tried without a final in between. */
const PAUSES_MS = [0, 200, 400] as const;
/** Sound that is given again goes 1 s at a time, each 100 ms: ten times as fast as it was spoken. */
const PORTION_MS = 1_000;
const PORTION_EVERY_MS = 100;

/** Between words, and before a final, a recogniser may take so many times as long as before its first word. */
const LATER_WATCHED = 2;

type TextEvent = Extract<SttEvent, { readonly type: 'partial' | 'stable' | 'final' }>;

/** An utterance that has no final. */
interface Kept {
  readonly utterance: number;
  readonly frames: Int16Array[];
  keptMs: number;
  ended: boolean;
  /** Whether its beginning is not kept any more. */
  truncated: boolean;
  /** What the present stream was given of it. */
  given: { frames: number; begun: boolean; ended: boolean };
  /** The most that was heard of it, and the most that the present stream has heard. */
  heard: string;
  heardNow: string;
  /** Whether it is given again, and not as much of it has been heard again as before. */
  again: boolean;
  /** Whether a final of it left out what had been heard. */
  curtailed: boolean;
  /** Whether a next stream was asked for it because its final did not come. */
  renewed: boolean;
  readonly beganMs: number;
  /** Whether no stream has been doubted over it yet. */
  mayDoubt: boolean;
  /** What may show that the doubt was right, while that is not known. */
  doubt: Doubt | undefined;
}

/** A stream's silence was taken for death. */
interface Doubt {
  readonly choice: StreamChoice;
  readonly error: Error;
  /** It owed a final; else, how much it had heard. */
  readonly owedFinal: boolean;
  readonly heardCharacters: number;
}

export interface ReplayedStreamOptions extends SttStreamOptions {
  /** A stream was lost to this error, and the next one is open. */
  readonly onReplaced: (error: Error) => void;
}

export class ReplayedStream {
  readonly #stt: SttEngine;
  readonly #clock: Clock;
  readonly #options: ReplayedStreamOptions;
  readonly #scope: Scope;
  readonly #kept: Kept[] = [];
  #stream: SttStream | undefined;
  /** Streams that were lost since the last final. */
  #losses = 0;
  /** Stands for the stream that is listened to; another one with each that is given up. */
  #attempt = {};
  #portion: Timer | undefined;
  #silence: Timer | undefined;
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

  /** Opens the first stream. @throws as the engine's `open`. */
  async open(signal: AbortSignal): Promise<void> {
    await this.#openOne(this.#attempt, this.#takeAs(this.#attempt), signal);
  }

  /** @param again whether its sound comes at once, as of one that another hearing had begun. */
  startUtterance(utterance: number, again = false): void {
    const given = { frames: 0, begun: false, ended: false };
    this.#kept.push({
      utterance,
      frames: [],
      keptMs: 0,
      ended: false,
      truncated: false,
      given,
      heard: '',
      heardNow: '',
      again: false,
      curtailed: false,
      renewed: false,
      beganMs: this.#clock.nowMs(),
      mayDoubt: true,
      doubt: undefined,
    });
    if (again) {
      this.#giveMoreLater();
    }
    this.#give();
    this.#watch(1);
  }

  /** Keeps `pcm`. */
  write(pcm: Int16Array): void {
    const kept = this.#kept.at(-1);
    if (kept === undefined || kept.ended) {
      return;
    }
    kept.frames.push(pcm);
    kept.keptMs += msOf(pcm);
    while (kept.keptMs > KEPT_MS) {
      kept.keptMs -= msOf(kept.frames.shift() ?? pcm);
      kept.given.frames = Math.max(0, kept.given.frames - 1);
      kept.truncated = true;
    }
    this.#give();
  }

  flush(): void {
    const kept = this.#kept.at(-1);
    if (kept?.given.begun === true && kept.given.frames === kept.frames.length) {
      this.#stream?.flush();
    }
  }

  endUtterance(): void {
    const kept = this.#kept.at(-1);
    if (kept !== undefined) {
      kept.ended = true;
      this.#give();
      this.#watch(LATER_WATCHED);
    }
  }

  /** The final of `utterance` does not come: the next stream is asked for it, or, if it was asked, nothing more is. */
  renew(utterance: number, error: Error): void {
    const kept = this.#kept.find((each) => each.utterance === utterance);
    if (kept?.renewed === false) {
      kept.renewed = true;
      this.#stream?.choice?.blame(error);
      this.#lost(error);
    } else {
      this.#fail(error);
    }
  }

  /** No event comes after. Idempotent. */
  async close(): Promise<void> {
    this.#over = true;
    this.#portion?.cancel();
    this.#silence?.cancel();
    this.#kept.length = 0;
    const stream = this.#stream;
    this.#stream = undefined;
    await Promise.all([stream?.close(), this.#scope.close()]);
  }

  /** @param take takes the stream, unless it is not wanted any more. */
  async #openOne(attempt: object, take: (stream: SttStream) => boolean, signal: AbortSignal): Promise<void> {
    let failed = false;
    const onEvent = (event: SttEvent): void => {
      failed ||= event.type === 'failed';
      // What a stream says that has been given up, or is not yet listened to, does not count.
      if (attempt === this.#attempt && !this.#over) {
        this.#hear(event);
      }
    };
    const after = this.#lostTo === undefined ? {} : { after: this.#lostTo };
    const stream = await this.#stt.open({ ...this.#options, ...after, onEvent }, signal);
    if (this.#over || failed || !take(stream)) {
      await stream.close();
    }
  }

  #takeAs(attempt: object): (stream: SttStream) => boolean {
    return (stream) => {
      if (attempt !== this.#attempt) {
        return false;
      }
      this.#stream = stream;
      return true;
    };
  }

  #hear(event: SttEvent): void {
    if (event.type === 'failed') {
      this.#lost(event.error);
      return;
    }
    if (event.type === 'language' || event.type === 'likely-end') {
      this.#options.onEvent(event);
      return;
    }
    const kept = this.#kept.find(({ utterance }) => utterance === event.utterance);
    if (kept === undefined) {
      return;
    }
    if (event.type === 'final') {
      this.#final(kept, event);
      return;
    }
    const { text } = event;
    this.#heardWords(kept, text);
    kept.heardNow = text === '' ? kept.heardNow : text;
    this.#watch(LATER_WATCHED);
    if (kept.truncated || !kept.again || text.length >= kept.heard.length) {
      kept.again = false;
      kept.heard = text === '' ? kept.heard : text;
      this.#options.onEvent(event);
    }
  }

  /** A final that leaves out what had just been heard is asked for once more; then what was heard stands. */
  #final(kept: Kept, event: TextEvent): void {
    const empty = event.text.trim() === '';
    const curtailed = leavesOut(event.text, kept.heardNow);
    if (curtailed && !kept.curtailed) {
      kept.curtailed = true;
      const { name } = this.#stt;
      const what = empty ? 'gave an empty final for' : 'left out of a final';
      this.#lost(new AppError('engine-bad-answer', `${name} ${what} what it had heard words in`));
      return;
    }
    this.#heardWords(kept, event.text);
    this.#settleDoubt(kept, !empty && kept.doubt?.owedFinal === true);
    this.#losses = 0;
    this.#kept.splice(this.#kept.indexOf(kept), 1);
    const stands = curtailed ? longer(kept.heard, kept.heardNow) : empty ? kept.heard : '';
    this.#options.onEvent(stands === '' ? event : { ...event, text: stands });
    this.#improve();
  }

  /** The first words of an utterance say how quick an engine is; more words than another heard, that it was dead. */
  #heardWords(kept: Kept, text: string): void {
    const { doubt, heardNow, beganMs } = kept;
    if (doubt !== undefined) {
      if (text.trim().length > doubt.heardCharacters) {
        this.#settleDoubt(kept, true);
      }
    } else if (text.trim() !== '' && heardNow === '' && this.#losses === 0) {
      this.#stream?.choice?.heardFirst(this.#clock.nowMs() - beganMs);
    }
  }

  #settleDoubt(kept: Kept, right: boolean): void {
    const { doubt } = kept;
    kept.doubt = undefined;
    if (right) {
      doubt?.choice.blame(doubt.error);
    } else {
      doubt?.choice.believe();
    }
  }

  /**
   * Doubts a stream that says nothing of the latest utterance for strangely long from now on; once for each utterance.
   * @param times how much longer than strange it may be.
   */
  #watch(times: number): void {
    const kept = this.#kept.at(-1);
    const choice = this.#stream?.choice;
    const silentMs = choice?.silentAfterMs;
    this.#silence?.cancel();
    if (kept?.mayDoubt !== true || choice === undefined || silentMs === undefined) {
      return;
    }
    const limitMs = silentMs * times;
    const attempt = this.#attempt;
    this.#silence = this.#clock.at(this.#clock.nowMs() + limitMs, () => {
      if (this.#kept.includes(kept) && attempt === this.#attempt && !this.#over) {
        const what = `${choice.engine} heard nothing new within ${Math.round(limitMs)} ms of speech`;
        const error = new AppError('engine-timeout', what);
        kept.mayDoubt = false;
        kept.doubt = { choice, error, owedFinal: kept.ended, heardCharacters: kept.heard.trim().length };
        choice.doubt();
        this.#lost(error);
      }
    });
  }

  /** Goes on with a better engine when there is one and nothing is under way. */
  #improve(): void {
    if (this.#improving || this.#kept.length > 0 || this.#stream?.choice?.outdone !== true) {
      return;
    }
    this.#improving = true;
    this.#scope.run(async (signal) => {
      const before = this.#stream;
      const attempt = {};
      const take = (better: SttStream): boolean => {
        const wanted = this.#stream === before && this.#kept.length === 0;
        if (!wanted || better.choice?.engine === before?.choice?.engine) {
          return false;
        }
        this.#attempt = attempt;
        this.#stream = better;
        return true;
      };
      try {
        await this.#openOne(attempt, take, signal);
        if (this.#attempt === attempt) {
          await before?.close();
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
    this.#attempt = {};
    this.#portion?.cancel();
    this.#portion = undefined;
    this.#silence?.cancel();
    const stream = this.#stream;
    this.#stream = undefined;
    for (const kept of this.#kept) {
      kept.given = { frames: 0, begun: false, ended: false };
      kept.heardNow = '';
      kept.again = true;
    }
    const pauseMs = PAUSES_MS[this.#losses];
    this.#losses += 1;
    if (stream !== undefined) {
      this.#scope.run(() => stream.close());
    }
    if (pauseMs === undefined) {
      this.#fail(error);
      return;
    }
    this.#lostTo ??= { engine: stream?.choice?.engine, error, atMs: this.#clock.nowMs() };
    this.#scope.run((signal) => this.#reopen(pauseMs, signal));
  }

  async #reopen(pauseMs: number, signal: AbortSignal): Promise<void> {
    if (pauseMs > 0) {
      await this.#clock.sleep(pauseMs, signal);
    }
    try {
      await this.#openOne(this.#attempt, this.#takeAs(this.#attempt), signal);
    } catch (error) {
      // Not when it is this that is closed.
      signal.throwIfAborted();
      this.#lost(asError(error));
      return;
    }
    const lostTo = this.#lostTo;
    if (this.#stream === undefined || lostTo === undefined) {
      return;
    }
    this.#lostTo = undefined;
    this.#options.onReplaced(lostTo.error);
    this.#give(PORTION_MS);
  }

  /** Gives the present stream what it has not been given: all when it has been given all before, else a portion. */
  #give(portionMs = this.#portion === undefined ? Number.POSITIVE_INFINITY : 0): void {
    const stream = this.#stream;
    let leftMs = portionMs;
    for (const kept of stream === undefined ? [] : [...this.#kept]) {
      const { given, frames } = kept;
      if (!given.begun) {
        given.begun = true;
        stream?.startUtterance(kept.utterance);
      }
      for (; given.frames < frames.length && leftMs > 0; given.frames += 1) {
        const pcm = frames[given.frames] ?? new Int16Array(0);
        leftMs -= msOf(pcm);
        // The stream owns what it is given, and this may be given again.
        stream?.write(pcm.slice());
      }
      if (given.frames < frames.length) {
        this.#giveMoreLater();
        return;
      }
      if (kept.ended && !given.ended) {
        given.ended = true;
        stream?.endUtterance();
      }
      if (stream !== this.#stream) {
        return;
      }
    }
  }

  #giveMoreLater(): void {
    this.#portion ??= this.#clock.at(this.#clock.nowMs() + PORTION_EVERY_MS, () => {
      this.#portion = undefined;
      this.#give(PORTION_MS);
    });
  }

  #fail(error: Error): void {
    if (!this.#over) {
      this.#over = true;
      this.#options.onEvent({ type: 'failed', error });
    }
  }
}

/** A last word may be taken back; so many are an answer that is not all there is. */
const FEWEST_LEFT_OUT = 2;

/** Whether `final` is `heard` without its end, or nothing. */
function leavesOut(final: string, heard: string): boolean {
  const [words, all] = [wordsOf(final), wordsOf(heard)];
  return (
    (words.length === 0 && all.length > 0) ||
    (all.length >= words.length + FEWEST_LEFT_OUT && words.every((word, index) => word === all[index]))
  );
}

/** What is written without blanks has a word for each sign. */
function wordsOf(text: string): readonly string[] {
  return (
    text
      .toLowerCase()
      .match(
        /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]|[\p{L}\p{M}\p{N}'’]+/gu,
      ) ?? []
  );
}

function longer(one: string, other: string): string {
  return other.length >= one.length ? other : one;
}

function msOf(pcm: Int16Array): number {
  return samplesToMs(pcm.length, SPEECH_HZ);
}
