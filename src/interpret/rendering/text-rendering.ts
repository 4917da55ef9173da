/**
 * One party's text in one other language, spoken: each segment is translated as soon as it is cut, often before, and
 * spoken in order, its first bytes at once. An engine that fails costs the segment it failed at, no more: it is tried
 * once more, then given up and reported, and the original voice is heard until one is spoken again. Where all engines
 * are away, segments wait for them while they are fresh. What other renderings of the same hearing do is nothing to it.
 */

import type { Clock } from '../../base/clock.ts';
import { asError } from '../../base/errors.ts';
import { baseLanguage } from '../../base/language.ts';
import { Scope } from '../../base/scope.ts';
import { samplesToMs } from '../../base/units.ts';
import type { Charge } from '../../engines/charge.ts';
import type { MtEngine } from '../../engines/mt/mt-engine.ts';
import type { TtsEngine } from '../../engines/tts/tts-engine.ts';
import { UtteranceAccount } from '../account.ts';
import { ToldMt, ToldTts } from '../answers/told-engines.ts';
import type { Hearing } from '../hearing/hearing.ts';
import type { HeardUtterance, HearingSink } from '../hearing/hearing-sink.ts';
import { LIMITS } from '../limits.ts';
import type { Noted } from '../noted.ts';
import { markOf } from '../policy/marks.ts';
import type { ReturningEngine } from '../speaking/engine-return.ts';
import { FallingBehind } from '../speaking/falling-behind.ts';
import { type QueuedSegment, SegmentQueue } from '../speaking/segment-queue.ts';
import { SegmentWork, type SpeakingTools } from '../speaking/segment-work.ts';
import type { SaidSpan } from '../utterance-record.ts';
import { Drafts } from './drafts.ts';
import type { Rendering, RenderingEvent, RenderingOptions, UtteranceEnded } from './rendering.ts';
import { StressFinder } from './stress-finder.ts';
import { type TranslationCache, Translator } from './translator.ts';

export interface RenderingEngines {
  readonly mt: MtEngine & ReturningEngine;
  readonly tts: TtsEngine & ReturningEngine;
}

export class TextRendering implements Rendering, HearingSink {
  readonly #mt: ReturningEngine;
  readonly #clock: Clock;
  readonly #options: RenderingOptions;
  readonly #scope: Scope;
  readonly #translator: Translator;
  readonly #tools: SpeakingTools;
  readonly #drafts: Drafts | undefined;
  /** Where words are to be stressed. */
  readonly #stress: StressFinder | undefined;
  readonly #queue: SegmentQueue;
  readonly #behind: FallingBehind;
  /** The segment whose turn it is. */
  #present: SegmentWork | undefined;
  /** Of the utterances that have not been reported, by number. */
  readonly #accounts = new Map<number, UtteranceAccount>();
  /** Utterances in this rendering's own language that have not been reported. */
  readonly #asIs = new Set<number>();
  /** Utterances whose latest segment did not end its sentence. */
  readonly #midSentence = new Set<number>();

  constructor(engines: RenderingEngines, clock: Clock, cache: TranslationCache, options: RenderingOptions) {
    const { from, to, glossary, lines, wantedRateHz, voice, answered } = options;
    const mt = answered === undefined ? engines.mt : new ToldMt(engines.mt, clock, answered);
    const tts = answered === undefined ? engines.tts : new ToldTts(engines.tts, clock, answered);
    const reads = tts.reads?.(to) ?? 'everything';
    const names = { mt: mt.name, tts: tts.name };
    answered?.({ type: 'engines', atMs: clock.nowMs(), to, ...names, reads, terms: glossary.terms });
    this.#mt = mt;
    this.#clock = clock;
    this.#options = options;
    // Engines' failures are values: what comes here is a fault of our own.
    this.#scope = new Scope((error) => this.#emit({ type: 'failed', error: asError(error) }));
    const note = (what: Noted, count: number): void => this.#emit({ type: 'noted', what, count });
    const onCharge = (charge: Charge): void => this.#emit({ type: 'charged', charge });
    this.#translator = new Translator({ mt, from, to, clock, glossary, cache, lines, note, onCharge });
    const failedOver = (): void => note('failover', 1);
    const request = { language: to, wantedRateHz, failedOver, onCharge };
    this.#tools = { clock, tts, request, voice, asked: (characters) => note('tts-characters', characters) };
    this.#drafts = options.drafts
      ? new Drafts(
          from,
          // Which word is stressed is known of what is certain alone.
          () =>
            tts.hasRoom !== false && (options.stressed === undefined || engines.tts.traits?.stress !== true),
          (what) => note(what, 1),
        )
      : undefined;
    const { stressed } = options;
    this.#stress =
      stressed === undefined
        ? undefined
        : new StressFinder({
            ...{ from, to, clock, note },
            stressed: (words) => (engines.tts.traits?.stress === true ? stressed(words) : undefined),
            translate: async (text, signal) =>
              (await this.#translator.translate(text, true, undefined, signal)).text,
          });
    this.#queue = new SegmentQueue((work) => this.#scope.run(work));
    this.#behind = new FallingBehind(clock, (on) => this.#emit({ type: 'behind', on }));
  }

  /** Renders what `hearing` hears from now on. */
  listenTo(hearing: Hearing): void {
    hearing.subscribe(this, this.#scope.signal);
  }

  began(utterance: HeardUtterance): void {
    const { from, to, speak } = this.#options;
    const account = new UtteranceAccount(utterance, {
      from,
      to,
      speak,
      between: ' ',
      report: (ended) => this.#report(ended),
    });
    this.#accounts.set(utterance.number, account);
  }

  draft(utterance: HeardUtterance, text: string | undefined): void {
    const account = this.#accounts.get(utterance.number);
    const wanted = account === undefined || account.leftAlone ? undefined : text;
    this.#drafts?.consider(wanted, (source) => this.#begin(utterance, source));
  }

  segment(utterance: HeardUtterance, text: string, cutMs: number): void {
    const account = this.#accounts.get(utterance.number);
    if (account === undefined || account.leftAlone) {
      return;
    }
    const begin = (source: string): SegmentWork => this.#begin(utterance, source);
    const work = this.#drafts?.take(text, begin) ?? begin(text);
    if (markOf(text, utterance.spokenLanguage ?? this.#options.from) === 'sentence') {
      this.#midSentence.delete(utterance.number);
    } else {
      this.#midSentence.add(utterance.number);
    }
    const { saidWords } = utterance;
    if (this.#stress !== undefined && saidWords !== undefined && utterance.spokenLanguage === undefined) {
      work.stressBy(this.#stress.begin(saidWords, this.#scope.signal));
    }
    this.#noteTranslation(work);
    account.segmentComes();
    this.#behind.added();
    this.#queue.add(this.#queued(account, work, cutMs, utterance.said));
  }

  switched(utterance: HeardUtterance): void {
    // What was begun was taken for the party's own language.
    this.#drafts?.clear();
    const { spokenLanguage, number } = utterance;
    if (spokenLanguage !== undefined && baseLanguage(spokenLanguage) === baseLanguage(this.#options.to)) {
      this.#accounts.get(number)?.leaveAlone();
      this.#emit({ type: 'noted', what: 'same-language', count: 1 });
      this.#asIs.add(number);
      if (this.#asIs.size === 1) {
        this.#emit({ type: 'as-is', on: true });
      }
    }
  }

  ended({ number }: HeardUtterance, failure: Error | undefined): void {
    const account = this.#accounts.get(number);
    if (failure !== undefined) {
      account?.failed('stt', failure);
    }
    account?.complete();
  }

  close(): Promise<void> {
    this.#behind.close();
    return this.#scope.close();
  }

  #emit(event: RenderingEvent): void {
    if (!this.#scope.closed) {
      this.#options.onEvent(event);
    }
  }

  #report(ended: UtteranceEnded): void {
    this.#accounts.delete(ended.utterance);
    this.#midSentence.delete(ended.utterance);
    if (this.#asIs.delete(ended.utterance) && this.#asIs.size === 0) {
      this.#emit({ type: 'as-is', on: false });
    }
    this.#emit(ended);
  }

  #begin({ number, spokenLanguage }: HeardUtterance, source: string): SegmentWork {
    const midSentence = this.#midSentence.has(number);
    const work: SegmentWork = new SegmentWork(
      {
        source,
        translate: (signal) => this.#translator.translate(source, midSentence, spokenLanguage, signal),
        translator: this.#mt,
        before: this.#queue.saidLast,
        waiting: {
          waits: () => this.#noteWaiting(work),
          expired: () => this.#emit({ type: 'noted', what: 'stale', count: 1 }),
        },
      },
      this.#tools,
      this.#scope.signal,
    );
    return work;
  }

  /** While its turn has not come, others may still be heard. */
  #noteWaiting(work: SegmentWork): void {
    if (work === this.#present && work.waiting) {
      this.#behind.failed();
    }
  }

  #noteTranslation(work: SegmentWork): void {
    work.translated.then((result) => {
      if (result.type === 'translation') {
        const { cached, repaired, text } = result.translation;
        if (cached) {
          this.#tellKnown(work.source, text);
        }
        this.#emit({ type: 'noted', what: cached ? 'cache-hit' : 'cache-miss', count: 1 });
        if (repaired > 0) {
          this.#emit({ type: 'noted', what: 'repaired', count: repaired });
        }
      }
    });
  }

  /** What nobody was asked for is an answer all the same: a replay begins with nothing in its cache. */
  #tellKnown(source: string, text: string): void {
    const { from, to, answered } = this.#options;
    answered?.({
      ...{ type: 'translation', from, to, text: source, midSentence: false },
      ...{ askedMs: this.#clock.nowMs(), tookMs: 0, answer: { type: 'known', text } },
    });
  }

  #queued(
    account: UtteranceAccount,
    work: SegmentWork,
    cutMs: number,
    said: SaidSpan | undefined,
  ): QueuedSegment {
    return {
      work,
      turn: () => {
        this.#present = work;
        this.#noteWaiting(work);
      },
      speak: (text, rateHz) => {
        const nowMs = this.#clock.nowMs();
        const firstSoundMs = work.firstSoundMs ?? nowMs;
        const timing = { cutMs, translatedMs: work.translatedMs ?? nowMs, firstSoundMs };
        this.#options.told(text);
        this.#behind.spoken();
        const handle = account.speak({ source: work.source, text, rateHz, timing, said }, firstSoundMs);
        return {
          add: (pcm) => {
            this.#behind.sounds(samplesToMs(pcm.length, rateHz));
            handle.add(pcm);
          },
          end: () => handle.end(),
        };
      },
      goesOn: () => this.#behind.spoken(),
      isStale: () => {
        const stale = this.#behind.behind && this.#clock.nowMs() - cutMs > LIMITS.staleMs;
        if (stale) {
          this.#emit({ type: 'noted', what: 'stale', count: 1 });
        }
        return stale;
      },
      failed: (stage, error) => {
        account.failed(stage, error);
        this.#behind.failed();
      },
      over: () => {
        this.#behind.over();
        account.segmentOver();
      },
    };
  }
}
