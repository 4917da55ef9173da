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
}

export class Summaries implements Counted {
  readonly counts = { summaries: new Tally<'written' | 'failed' | 'dropped'>() };
  readonly #engine: SummaryEngine;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #queue = new BoundedQueue<Waiting>(MOST_WAITING, () => 1);
  readonly #scope: Scope;
  #working = false;

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
    const lost = this.#queue.push({ transcript, keep });
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
      try {
        await next.keep(await this.#persistently(next.transcript, signal));
        this.counts.summaries.add('written');
      } catch (error) {
        signal.throwIfAborted();
        this.counts.summaries.add('failed');
        this.#log.warn(
          { call: next.transcript.call, reason: messageOf(error), languages: languagesIn(next.transcript) },
          'a call has no summary: its record and its transcript are kept all the same',
        );
      }
    }
    this.#working = false;
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
