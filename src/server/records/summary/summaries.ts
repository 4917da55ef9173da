/**
 * Sums calls up when they are over, one after the other, in each language that was spoken, and keeps the summary beside
 * the transcript. What writes summaries may be slow, away or wrong: that costs summaries, and nothing else.
 */

import { z } from 'zod';
import { BoundedQueue } from '../../../base/bounded-queue.ts';
import type { Clock } from '../../../base/clock.ts';
import type { Counted } from '../../../base/counts.ts';
import { AppError, isAbort, messageOf } from '../../../base/errors.ts';
import type { Language } from '../../../base/language.ts';
import type { Log } from '../../../base/log.ts';
import { Scope } from '../../../base/scope.ts';
import { Tally } from '../../../base/tally.ts';
import { sideBySide } from '../../../call/transcript/side-by-side.ts';
import { languagesIn, type Transcript } from '../../../call/transcript/transcript.ts';
import type { SummaryEngine } from '../../../engines/summary/summary-engine.ts';

export const CALL_SUMMARY = z
  .object({
    version: z.literal(1),
    call: z.string(),
    model: z.string(),
    summaries: z.record(z.string(), z.string()).meta({ description: 'by language' }),
  })
  .meta({
    id: 'CallSummary',
    description: 'written by a machine from what machines heard: not to be relied on',
  });

export type CallSummaryText = z.infer<typeof CALL_SUMMARY>;

/** Calls that wait to be summed up, at most; the oldest is left out. */
const MOST_WAITING = 200;
/** How long after each failure that may pass it is tried again, in ms. */
const RETRIES_MS = [2_000, 10_000] as const;

interface Waiting {
  readonly transcript: Transcript;
  readonly keep: (summary: CallSummaryText) => Promise<void>;
  /** Nobody wants it summed up any more. */
  readonly unwanted: AbortController;
}

export class Summaries implements Counted {
  readonly counts = { summaries: new Tally<'written' | 'failed' | 'dropped'>() };
  readonly #engine: SummaryEngine;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #queue = new BoundedQueue<Waiting>(MOST_WAITING, () => 1);
  readonly #scope: Scope;
  #working = false;
  /** What is summed up now, and when that is over. */
  #running: { readonly waiting: Waiting; readonly done: Promise<void> } | undefined;

  constructor(engine: SummaryEngine, clock: Clock, log: Log) {
    this.#engine = engine;
    this.#clock = clock;
    this.#log = log;
    this.#scope = new Scope((error) =>
      log.error({ error }, 'calls are not summed up any more: a fault to report'),
    );
  }

  /** Sums a call up, in time. @param keep takes the summary. */
  add(transcript: Transcript, keep: Waiting['keep']): void {
    const lost = this.#queue.push({ transcript, keep, unwanted: new AbortController() });
    if (lost.length > 0) {
      this.counts.summaries.add('dropped', lost.length);
      this.#log.warn(
        { calls: lost.length },
        'calls end faster than SUMMARY_URL sums them up: the oldest get no summary',
      );
    }
    if (!this.#working) {
      this.#working = true;
      this.#scope.run((signal) => this.#work(signal));
    }
  }

  /** Sums calls up no more; resolves when nothing of them is on its way to whoever sums up, nor to the disk. */
  async drop(meant: (transcript: Transcript) => boolean): Promise<void> {
    const running = this.#running;
    const known = [...this.#queue.entries(), ...(running === undefined ? [] : [running.waiting])];
    for (const { unwanted } of known.filter(({ transcript }) => meant(transcript))) {
      unwanted.abort();
    }
    if (running?.waiting.unwanted.signal.aborted === true) {
      await running.done;
    }
  }

  /** Sums up what was said so far, now. @throws AppError of category `engine`. */
  async now(transcript: Transcript, signal: AbortSignal): Promise<CallSummaryText> {
    const text = sideBySide(transcript);
    const summaries: Record<Language, string> = {};
    for (const language of new Set(transcript.parties.map((party) => party.language))) {
      summaries[language] = await this.#engine.summarise(text, language, signal);
    }
    return { version: 1, call: transcript.call, model: this.#engine.model, summaries };
  }

  async close(): Promise<void> {
    await this.#scope.close();
    await this.#engine.close();
  }

  async #work(signal: AbortSignal): Promise<void> {
    for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift()) {
      const done = this.#sumUp(next, AbortSignal.any([signal, next.unwanted.signal]));
      this.#running = { waiting: next, done };
      await done;
      signal.throwIfAborted();
    }
    this.#running = undefined;
    this.#working = false;
  }

  /** Ends at once, and says nothing, where that is not to be any more. */
  async #sumUp({ transcript, keep }: Waiting, signal: AbortSignal): Promise<void> {
    try {
      signal.throwIfAborted();
      const summary = await this.#persistently(transcript, signal);
      signal.throwIfAborted();
      await keep(summary);
      this.counts.summaries.add('written');
    } catch (error) {
      if (!signal.aborted) {
        this.counts.summaries.add('failed');
        this.#log.warn(
          { call: transcript.call, reason: messageOf(error), languages: languagesIn(transcript) },
          'a call has no summary: its record and its transcript are kept all the same',
        );
      }
    }
  }

  /** Tries again where that can help. */
  async #persistently(transcript: Transcript, signal: AbortSignal): Promise<CallSummaryText> {
    for (const retryMs of RETRIES_MS) {
      try {
        return await this.now(transcript, signal);
      } catch (error) {
        if (isAbort(error) || (error instanceof AppError && error.permanent)) {
          throw error;
        }
        await this.#clock.sleep(retryMs, signal);
      }
    }
    return this.now(transcript, signal);
  }
}
