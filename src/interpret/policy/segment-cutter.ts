/**
 * One utterance from what recognition says to the segments to speak: holds what was heard and what was cut off, asks
 * the policy, and says what is worth working on before it is certain. No clock, no engine: time is told.
 */

import type { Language } from '../../base/language.ts';
import { PAUSE_MS } from './clause-cut.ts';
import type { CutPolicy, CutReason, CutView } from './cut-policy.ts';
import { resumeAt } from './resume.ts';
import { Stabiliser } from './stabiliser.ts';
import { sharedPrefix, type Token, textOf, tokensOf } from './tokens.ts';

/** Recognition that has said nothing new for so long into a silence has heard everything before it. */
const CAUGHT_UP_MS = 700;
/** By how much the end of the last word and the beginning of the silence may differ: less than a short word. */
const LAST_WORD_OFF_MS = 130;
/** Work on what was said before a pause waits so long for the last word, which recognition hears later than we do. */
const LAST_WORD_MS = 120;

export interface CutSegment {
  readonly text: string;
  readonly reason: CutReason;
}

/** What to do now. */
export interface Look {
  /** Segments that are complete, in order. */
  readonly segments: readonly CutSegment[];
  /** What the next segment will be if nothing changes. */
  readonly draft: string | undefined;
  /** When to look again though nothing was heard, on the clock. */
  readonly lookAgainMs: number | undefined;
}

export class SegmentCutter {
  readonly #policy: CutPolicy;
  readonly #heard: Stabiliser;
  /** All tokens cut off so far. */
  #cut: readonly Token[];
  /** When the first token that is not cut off was heard. */
  #waitingSinceMs: number | undefined;
  #silentSinceMs: number | undefined;
  /**
   * Whether recognition has said something since the silence began that sounds as if no word before it were missing.
   */
  #answered = false;
  /** When the last word that was heard ended, if the engine tells. */
  #saidMs: number | undefined;
  /** Until when a word said before the silence is expected. */
  #lastWordMs: number | undefined;
  #likelyEnded = false;
  #final = false;

  /** @param cut what was cut off it before, when it is heard again. */
  constructor(language: Language, policy: CutPolicy, cut = '') {
    this.#cut = tokensOf(cut, language);
    this.#policy = policy;
    this.#heard = new Stabiliser(language);
  }

  /** The whole utterance as it is heard now. */
  get text(): string {
    return textOf(this.#heard.transcript.tokens);
  }

  /** All that was cut off so far. */
  get cutText(): string {
    return textOf(this.#cut);
  }

  /** Words cut off that the present hearing contradicts. */
  get contradicted(): number {
    return resumeAt(this.#cut, this.#heard.transcript.tokens).contradicted;
  }

  /**
   * The whole utterance as it is heard now.
   * @param saidMs when the last word of it ended, on the clock, if the engine tells.
   */
  partial(text: string, nowMs: number, saidMs?: number): void {
    const before = this.#heard.transcript.tokens;
    this.#heard.partial(text, nowMs);
    this.#likelyEnded = false;
    this.#lastWordMs = undefined;
    this.#saidMs = saidMs;
    this.#answered ||= this.#silentSinceMs !== undefined && sameWords(before, this.#heard.transcript.tokens);
  }

  /** The beginning of the utterance that will not change. */
  stable(text: string, nowMs: number, saidMs?: number): void {
    const before = this.#heard.transcript.tokens.length;
    this.#heard.stable(text, nowMs);
    const { tokens, stable } = this.#heard.transcript;
    if (tokens.length > before) {
      this.#saidMs = saidMs;
    }
    this.#answered ||= this.#silentSinceMs !== undefined && stable === tokens.length;
  }

  final(text: string): void {
    this.#final = true;
    this.#heard.final(text);
  }

  /** The speaker has been silent since then. */
  paused(sinceMs: number, nowMs: number): void {
    if (this.#silentSinceMs === undefined) {
      this.#lastWordMs = nowMs + LAST_WORD_MS;
    }
    this.#silentSinceMs = sinceMs;
  }

  /** The speaker goes on. */
  resumed(): void {
    this.#silentSinceMs = undefined;
    this.#answered = false;
    this.#lastWordMs = undefined;
  }

  /** The engine thinks that the speaker is done. */
  likelyEnded(): void {
    this.#likelyEnded = true;
  }

  /** Cuts off what is complete. */
  look(nowMs: number): Look {
    this.#heard.settle(nowMs);
    const segments: CutSegment[] = [];
    let view = this.#view(nowMs);
    for (let cut = this.#policy.next(view); cut !== undefined; cut = this.#policy.next(view)) {
      const tokens = view.tokens.slice(0, cut.length);
      segments.push({ text: textOf(tokens), reason: cut.reason });
      this.#cut = [...this.#cut, ...tokens];
      this.#waitingSinceMs = undefined;
      view = this.#view(nowMs);
    }
    return { segments, draft: this.#draft(view, nowMs), lookAgainMs: this.#lookAgainMs(view, nowMs) };
  }

  #view(nowMs: number): CutView {
    const { tokens, stable } = this.#heard.transcript;
    const { at } = resumeAt(this.#cut, tokens);
    const left = tokens.slice(at);
    if (left.length > 0) {
      this.#waitingSinceMs ??= nowMs;
    }
    return {
      tokens: left,
      stable: Math.max(0, stable - at),
      final: this.#final,
      guess: false,
      silentMs: this.#silentMs(nowMs),
      waitingMs: this.#waitingSinceMs === undefined ? 0 : nowMs - this.#waitingSinceMs,
    };
  }

  /** How long the speaker has been silent, as far as recognition has followed. */
  #silentMs(nowMs: number): number {
    const silentMs = this.#silentSinceMs === undefined ? 0 : Math.max(0, nowMs - this.#silentSinceMs);
    return this.#caughtUp || silentMs >= CAUGHT_UP_MS ? silentMs : 0;
  }

  /** Whether recognition has heard everything up to the silence. The times of words say it best. */
  get #caughtUp(): boolean {
    return this.#saidMs !== undefined && this.#silentSinceMs !== undefined
      ? this.#saidMs >= this.#silentSinceMs - LAST_WORD_OFF_MS
      : this.#answered;
  }

  /** The next segment, were all that is heard certain; all of it, when the speaker seems to be done. */
  #draft(view: CutView, nowMs: number): string | undefined {
    const complete = this.#lastWordMs === undefined || nowMs >= this.#lastWordMs;
    const done = this.#likelyEnded || (this.#silentSinceMs !== undefined && complete);
    const cut = this.#policy.next({
      ...view,
      stable: view.tokens.length,
      final: done,
      guess: true,
      silentMs: done ? Math.max(view.silentMs, PAUSE_MS) : 0,
    });
    return cut === undefined ? undefined : textOf(view.tokens.slice(0, cut.length));
  }

  #lookAgainMs(view: CutView, nowMs: number): number | undefined {
    if (this.#final || view.tokens.length === 0) {
      return undefined;
    }
    const times = [this.#heard.settlesMs, this.#lastWordMs, add(this.#silentSinceMs, CAUGHT_UP_MS)];
    const { silenceStepsMs, waitingStepsMs } = this.#policy;
    times.push(...silenceStepsMs.map((stepMs) => add(this.#silentSinceMs, stepMs)));
    times.push(...waitingStepsMs.map((stepMs) => add(this.#waitingSinceMs, stepMs)));
    const later = times.filter((timeMs) => timeMs !== undefined && timeMs > nowMs);
    return later.length === 0 ? undefined : Math.min(...later.map((timeMs) => timeMs ?? nowMs));
  }
}

function sameWords(a: readonly Token[], b: readonly Token[]): boolean {
  return a.length === b.length && sharedPrefix(a, b) === a.length;
}

function add(sinceMs: number | undefined, stepMs: number): number | undefined {
  return sinceMs === undefined ? undefined : sinceMs + stepMs;
}
