/**
 * One utterance from what recognition says to the segments to speak: holds what was heard and what was cut off, asks the
 * policy, and says what is worth working on before it is certain. No clock, no engine: time is told.
 */

import type { Language } from '../../base/language.ts';
import { PAUSE_MS } from './clause-cut.ts';
import type { CutPolicy, CutReason, CutView } from './cut-policy.ts';
import { resumeAt } from './resume.ts';
import { Stabiliser } from './stabiliser.ts';
import { type Token, textOf } from './tokens.ts';

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
  readonly #language: Language;
  readonly #policy: CutPolicy;
  readonly #heard: Stabiliser;
  /** All tokens cut off so far. */
  #cut: readonly Token[] = [];
  /** When the first token that is not cut off was heard. */
  #waitingSinceMs: number | undefined;
  #silentSinceMs: number | undefined;
  #likelyEnded = false;
  #final = false;

  constructor(language: Language, policy: CutPolicy) {
    this.#language = language;
    this.#policy = policy;
    this.#heard = new Stabiliser(language);
  }

  /** The whole utterance as it is heard now. */
  get text(): string {
    return textOf(this.#heard.transcript.tokens, this.#language);
  }

  /** Words cut off that the present hearing contradicts. */
  get contradicted(): number {
    return resumeAt(this.#cut, this.#heard.transcript.tokens).contradicted;
  }

  partial(text: string, nowMs: number): void {
    this.#likelyEnded = false;
    this.#heard.partial(text, nowMs);
  }

  stable(text: string, nowMs: number): void {
    this.#heard.stable(text, nowMs);
  }

  final(text: string): void {
    this.#final = true;
    this.#heard.final(text);
  }

  /** The speaker has been silent since then. */
  paused(sinceMs: number): void {
    this.#silentSinceMs = sinceMs;
  }

  /** The speaker goes on. */
  resumed(): void {
    this.#silentSinceMs = undefined;
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
      segments.push({ text: textOf(tokens, this.#language), reason: cut.reason });
      this.#cut = [...this.#cut, ...tokens];
      this.#waitingSinceMs = undefined;
      view = this.#view(nowMs);
    }
    return { segments, draft: this.#draft(view), lookAgainMs: this.#lookAgainMs(view, nowMs) };
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
      silentMs: this.#silentSinceMs === undefined ? 0 : Math.max(0, nowMs - this.#silentSinceMs),
      waitingMs: this.#waitingSinceMs === undefined ? 0 : nowMs - this.#waitingSinceMs,
    };
  }

  /** The next segment, were all that is heard certain; all of it, when the speaker seems to be done. */
  #draft(view: CutView): string | undefined {
    const done = this.#likelyEnded || this.#silentSinceMs !== undefined;
    const cut = this.#policy.next({
      ...view,
      stable: view.tokens.length,
      final: done,
      silentMs: done ? Math.max(view.silentMs, PAUSE_MS) : 0,
    });
    return cut === undefined ? undefined : textOf(view.tokens.slice(0, cut.length), this.#language);
  }

  #lookAgainMs(view: CutView, nowMs: number): number | undefined {
    if (this.#final || view.tokens.length === 0) {
      return undefined;
    }
    const times = [this.#heard.settlesMs];
    const { silenceStepsMs, waitingStepsMs } = this.#policy;
    times.push(...silenceStepsMs.map((stepMs) => add(this.#silentSinceMs, stepMs)));
    times.push(...waitingStepsMs.map((stepMs) => add(this.#waitingSinceMs, stepMs)));
    const later = times.filter((timeMs) => timeMs !== undefined && timeMs > nowMs);
    return later.length === 0 ? undefined : Math.min(...later.map((timeMs) => timeMs ?? nowMs));
  }
}

function add(sinceMs: number | undefined, stepMs: number): number | undefined {
  return sinceMs === undefined ? undefined : sinceMs + stepMs;
}
