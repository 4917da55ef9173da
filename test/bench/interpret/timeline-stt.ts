/**
 * Recognition of a turn whose words are known beforehand: it hears nothing, but says each word when an engine of its
 * profile would, wrong at first where the turn says so. Our own endpointing may cut a turn into utterances anywhere, so
 * words go to the utterance in whose audio they lie, by time.
 */

import type { Clock, Timer } from '../../../src/base/clock.ts';
import { SPEECH_HZ, samplesToMs } from '../../../src/base/units.ts';
import type {
  SttCapabilities,
  SttEngine,
  SttEvent,
  SttStream,
  SttStreamOptions,
} from '../../../src/engines/stt/stt-engine.ts';
import { SUPPORTED, type Support } from '../../../src/engines/support.ts';
import type { EngineProfile, Stability } from './engine-profiles.ts';
import { randomOf } from './random.ts';
import type { TimedWord, Turn } from './timelines.ts';

/** By how much stability and finals come earlier or later, as a share. */
const JITTER = 0.1;
/** For `by-chunk`: a pause this long makes what was said stable, so much later. */
const CHUNK_PAUSE_MS = 300;
const CHUNK_ANSWER_MS = 50;
/** For `by-chunk`: what has been unstable for this long becomes stable without a pause. */
const LONGEST_CHUNK_MS = 3_000;

/** What is being said, from when. */
export interface Playing {
  readonly turn: Turn;
  /** When its first word begins, on the clock. */
  readonly startMs: number;
}

/** When a word was known; ms of the clock. */
export interface KnownWord {
  /** When a partial first had it right. */
  shownMs: number | undefined;
  /** When it was said to be stable, or final. */
  settledMs: number | undefined;
}

export interface TimelineSttOptions {
  readonly clock: Clock;
  readonly profile: EngineProfile;
  readonly stability: Stability;
  readonly seed: number;
}

export class TimelineStt implements SttEngine {
  readonly name = 'timeline-stt';
  readonly capabilities: SttCapabilities = { lowestWireRateHz: 8_000 };
  readonly #options: TimelineSttOptions;
  #playing: Playing | undefined;
  #known: readonly KnownWord[] = [];

  constructor(options: TimelineSttOptions) {
    this.#options = options;
  }

  /** When each word of the turn was known. */
  get known(): readonly KnownWord[] {
    return this.#known;
  }

  /** A turn begins: what is heard from now on is its words. */
  play(turn: Turn, startMs: number): void {
    this.#playing = { turn, startMs };
    this.#known = turn.words.map(() => ({ shownMs: undefined, settledMs: undefined }));
  }

  async supports(): Promise<Support> {
    return SUPPORTED;
  }

  async open(options: SttStreamOptions): Promise<SttStream> {
    const open = new Set<TimelineUtterance>();
    let current: TimelineUtterance | undefined;
    return {
      startUtterance: (utterance) => {
        const playing = this.#playing;
        if (playing !== undefined) {
          const begun: TimelineUtterance = new TimelineUtterance(
            utterance,
            this.#options,
            playing,
            this.#known,
            (event) => {
              if (event.type === 'final') {
                open.delete(begun);
              }
              options.onEvent(event);
            },
          );
          current = begun;
          open.add(begun);
        }
      },
      write: (pcm) => current?.write(samplesToMs(pcm.length, SPEECH_HZ)),
      flush: () => current?.flush(),
      endUtterance: () => {
        current?.end();
        current = undefined;
      },
      droppedMs: 0,
      close: async () => {
        for (const utterance of open) {
          utterance.close();
        }
      },
    };
  }

  async close(): Promise<void> {}
}

class TimelineUtterance {
  readonly #utterance: number;
  readonly #options: TimelineSttOptions;
  readonly #playing: Playing;
  readonly #known: readonly KnownWord[];
  readonly #emit: (event: SttEvent) => void;
  readonly #words: readonly TimedWord[];
  /** Where the utterance's audio begins and how much there is, in ms of the clock. */
  #beginMs = Number.POSITIVE_INFINITY;
  #writtenMs = 0;
  /** Where its audio ends, once it has ended. */
  #endMs = Number.POSITIVE_INFINITY;
  #nextUpdateMs: number;
  /** Words that have been shown once: from then on they are right. */
  readonly #shown = new Set<number>();
  /** How many words were said to be stable. */
  #stable = 0;
  #wake: Timer | undefined;
  #answer: Timer | undefined;

  constructor(
    utterance: number,
    options: TimelineSttOptions,
    playing: Playing,
    known: readonly KnownWord[],
    emit: (event: SttEvent) => void,
  ) {
    this.#utterance = utterance;
    this.#options = options;
    this.#playing = playing;
    this.#known = known;
    this.#emit = emit;
    this.#words = playing.turn.words;
    const nowMs = options.clock.nowMs();
    const phase = randomOf(options.seed, `${playing.turn.id} ${Math.round(nowMs - playing.startMs)}`).unit();
    this.#nextUpdateMs = nowMs + options.profile.updateMs * (0.2 + phase);
    this.#plan();
  }

  write(durationMs: number): void {
    this.#writtenMs += durationMs;
    // What is written has just been said; the first frames come in one go, so the earliest beginning is the right one.
    this.#beginMs = Math.min(this.#beginMs, this.#options.clock.nowMs() - this.#writtenMs);
  }

  flush(): void {
    if (this.#options.stability !== 'none') {
      const askedMs = this.#options.clock.nowMs();
      const words = this.#heardBy(askedMs);
      this.#answerAt(words.at(-1), askedMs, () => this.#settle(words.length));
    }
  }

  end(): void {
    const askedMs = this.#options.clock.nowMs();
    this.#endMs = askedMs;
    this.#wake?.cancel();
    this.#answer?.cancel();
    const words = this.#heardBy(Number.POSITIVE_INFINITY);
    this.#answerAt(words.at(-1), askedMs, () => {
      this.#note(words, 'settledMs');
      this.#say('final', words);
    });
  }

  close(): void {
    this.#wake?.cancel();
    this.#answer?.cancel();
  }

  /** Answers when an engine would that was asked at `askedMs` to settle everything up to word `last`. */
  #answerAt(last: number | undefined, askedMs: number, answer: () => void): void {
    const { clock, profile } = this.#options;
    const saidMs = last === undefined ? askedMs : this.#endOf(last);
    const finalMs = profile.finalMs * this.#jitter(`final ${last}`);
    this.#answer?.cancel();
    this.#answer = clock.at(Math.max(saidMs + finalMs, askedMs + profile.flushMs), answer);
  }

  /** Comes back for the next partial, or for a word that becomes stable before it. */
  #plan(): void {
    const { clock, stability } = this.#options;
    const next = this.#indices()[this.#stable];
    const stableMs =
      stability === 'by-word' && next !== undefined && this.#shown.has(next)
        ? this.#stableAt(next)
        : Number.POSITIVE_INFINITY;
    const atMs = Math.max(clock.nowMs() + 1, Math.min(this.#nextUpdateMs, stableMs));
    this.#wake = clock.at(atMs, () => {
      const nowMs = clock.nowMs();
      if (nowMs >= this.#nextUpdateMs) {
        this.#update(nowMs);
      }
      this.#stabilise(nowMs);
      this.#plan();
    });
  }

  /** Says what is heard now, as far as it is understood. */
  #update(nowMs: number): void {
    const { partialMs, updateMs } = this.#options.profile;
    this.#nextUpdateMs += updateMs;
    // Updates come at any moment after a word, so half an update more is the average.
    const understoodMs = Math.max(0, partialMs - updateMs / 2);
    const words = this.#heardBy(nowMs - understoodMs);
    if (words.length === 0) {
      return;
    }
    const right = words.filter((index) => this.#isRight(index));
    this.#note(right, 'shownMs');
    this.#say('partial', words);
    for (const index of words) {
      this.#shown.add(index);
    }
  }

  #stabilise(nowMs: number): void {
    const { stability } = this.#options;
    const shown = this.#indices().filter((index) => this.#shown.has(index));
    if (stability === 'by-word') {
      const late = shown.findIndex((index) => this.#stableAt(index) > nowMs);
      this.#settle(late === -1 ? shown.length : late);
    } else if (stability === 'by-chunk') {
      const [first, last] = [shown[this.#stable], shown.at(-1)];
      if (first === undefined || last === undefined) {
        return;
      }
      const pausedMs = this.#startOf(last + 1) - this.#endOf(last);
      const paused =
        pausedMs >= CHUNK_PAUSE_MS && nowMs >= this.#endOf(last) + CHUNK_PAUSE_MS + CHUNK_ANSWER_MS;
      if (paused || nowMs - this.#startOf(first) >= LONGEST_CHUNK_MS) {
        this.#settle(shown.length);
      }
    }
  }

  /** The first `count` words will not change any more. */
  #settle(count: number): void {
    if (count > this.#stable) {
      this.#stable = count;
      const words = this.#indices().slice(0, count);
      for (const index of words) {
        this.#shown.add(index);
      }
      this.#note(words, 'settledMs');
      this.#say('stable', words);
    }
  }

  /** The words that lie in this utterance's audio, the rest of the turn included while it goes on. */
  #indices(): readonly number[] {
    const from = this.#words.findIndex((word) => this.#middleOf(word) >= this.#beginMs);
    if (from === -1) {
      return [];
    }
    const to = this.#words.findIndex((word) => this.#middleOf(word) >= this.#endMs);
    return Array.from({ length: (to === -1 ? this.#words.length : to) - from }, (_, index) => from + index);
  }

  /** Of these, the words that have been said by `atMs`. */
  #heardBy(atMs: number): readonly number[] {
    return this.#indices().filter((index) => this.#endOf(index) <= atMs);
  }

  #stableAt(index: number): number {
    return this.#endOf(index) + this.#options.profile.stableMs * this.#jitter(`stable ${index}`);
  }

  #jitter(what: string): number {
    const jitter = JITTER * this.#options.profile.spread;
    return randomOf(this.#options.seed, `${this.#playing.turn.id} ${what}`).between(1 - jitter, 1 + jitter);
  }

  #isRight(index: number): boolean {
    return this.#words[index]?.misheardAs === undefined || this.#shown.has(index);
  }

  #startOf(index: number): number {
    return this.#playing.startMs + (this.#words[index]?.startMs ?? Number.POSITIVE_INFINITY);
  }

  #endOf(index: number): number {
    return this.#playing.startMs + (this.#words[index]?.endMs ?? Number.POSITIVE_INFINITY);
  }

  #middleOf(word: TimedWord): number {
    return this.#playing.startMs + (word.startMs + word.endMs) / 2;
  }

  #note(words: readonly number[], what: keyof KnownWord): void {
    const nowMs = this.#options.clock.nowMs();
    for (const index of words) {
      const known = this.#known[index];
      if (known !== undefined) {
        known[what] ??= nowMs;
      }
    }
  }

  #say(type: 'partial' | 'stable' | 'final', indices: readonly number[]): void {
    const words = indices.flatMap((index) => {
      const word = this.#words[index];
      if (word === undefined) {
        return [];
      }
      const text = type === 'partial' && !this.#isRight(index) ? word.misheardAs : undefined;
      return [
        {
          text: text ?? word.text,
          startMs: this.#startOf(index) - this.#beginMs,
          endMs: this.#endOf(index) - this.#beginMs,
        },
      ];
    });
    const text = words.map((word) => word.text).join(' ');
    this.#emit({ type, utterance: this.#utterance, text, words });
  }
}
