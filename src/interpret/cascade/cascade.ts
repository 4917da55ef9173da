/**
 * The interpreter made of three engines: recognise, translate, speak, all three at once. What has been heard is cut into
 * segments while the speaker goes on; each is translated as soon as it is cut, often before, and spoken in order, its
 * first bytes at once. An engine that fails costs the segment it failed at, not the call: it is tried once more, then
 * given up and reported.
 */

import type { Clock, Timer } from '../../base/clock.ts';
import { AppError, asError } from '../../base/errors.ts';
import { baseLanguage } from '../../base/language.ts';
import { Scope } from '../../base/scope.ts';
import { SPEECH_HZ, samplesToMs } from '../../base/units.ts';
import type { MtEngine } from '../../engines/mt/mt-engine.ts';
import type { SttEngine, SttEvent, SttStream } from '../../engines/stt/stt-engine.ts';
import type { TtsEngine } from '../../engines/tts/tts-engine.ts';
import { Conversation, type ConversationSide } from '../conversation.ts';
import type { Glossary } from '../exactness/glossary.ts';
import type { Interpreter, InterpreterEvent, InterpreterOptions } from '../interpreter.ts';
import { cutPolicy } from '../policy/choose-policy.ts';
import type { CutPolicy, PolicyName } from '../policy/cut-policy.ts';
import { isEcho } from '../policy/echo-text.ts';
import { isListening } from '../policy/listener-sounds.ts';
import { SegmentCutter } from '../policy/segment-cutter.ts';
import { SegmentWork, type SpeakingTools } from '../speaking/segment-work.ts';
import { type SegmentSink, Speaker } from '../speaking/speaker.ts';
import { CascadeUtterance } from './cascade-utterance.ts';
import { Drafts } from './drafts.ts';
import { type TranslationCache, Translator } from './translator.ts';

/** A final that does not come for this long after the end of speech is lost, and the stream with it. */
const FINAL_LIMIT_MS = 8_000;
/** A sign of listening lasts no longer than this. */
const LONGEST_LISTENING_MS = 900;

export interface CascadeEngines {
  readonly stt: SttEngine;
  readonly mt: MtEngine;
  readonly tts: TtsEngine;
  /** The voice to speak with; without it, the engine's default. */
  readonly voice?: string;
}

export interface CascadePolicies {
  /** When to speak. Default `clause`. */
  readonly policy?: PolicyName;
  /** Whether to work ahead on what is not certain. Default true. */
  readonly drafts?: boolean;
  /** Whether the speaker may fall into the listener's language, which is then heard as it is. Default false. */
  readonly codeSwitching?: boolean;
  /** Terms with one agreed translation. Default none. */
  readonly glossary?: Glossary;
}

export class Cascade implements Interpreter {
  readonly #engines: CascadeEngines;
  readonly #clock: Clock;
  readonly #options: InterpreterOptions;
  readonly #policy: CutPolicy;
  readonly #terms: readonly string[];
  readonly #codeSwitching: boolean;
  readonly #conversation: ConversationSide;
  readonly #scope: Scope;
  /** Utterances that have no final yet, by number. */
  readonly #utterances = new Map<number, CascadeUtterance>();
  /** Utterances that have not been reported yet, those with a final included. */
  readonly #unreported = new Set<CascadeUtterance>();
  /** What ends the wait for a final, by utterance. */
  readonly #overdue = new Map<number, Timer>();
  readonly #translator: Translator;
  readonly #tools: SpeakingTools;
  readonly #drafts: Drafts | undefined;
  readonly #speaker: Speaker;
  #lookAgain: Timer | undefined;
  #current = 0;
  #nextSegment = 0;
  #stream: SttStream | undefined;

  constructor(
    engines: CascadeEngines,
    clock: Clock,
    policies: Required<CascadePolicies>,
    cache: TranslationCache,
    options: InterpreterOptions,
  ) {
    const { from, to } = options;
    this.#engines = engines;
    this.#clock = clock;
    this.#options = options;
    this.#terms = [...policies.glossary.terms.keys()];
    this.#codeSwitching = policies.codeSwitching;
    this.#policy = cutPolicy(policies.policy, from, this.#terms);
    this.#conversation = options.conversation ?? new Conversation().side(0, 1);
    this.#scope = new Scope((error) => this.#fail(error));
    this.#translator = new Translator({
      mt: engines.mt,
      from,
      to,
      clock,
      glossary: policies.glossary,
      cache,
      conversation: this.#conversation,
    });
    this.#tools = {
      clock,
      tts: engines.tts,
      voice: {
        language: to,
        wantedRateHz: options.listenerRateHz,
        ...(engines.voice === undefined ? {} : { voice: engines.voice }),
      },
    };
    this.#drafts = policies.drafts
      ? new Drafts(
          from,
          () => engines.tts.hasRoom !== false,
          (text) => this.#begin(text),
          (what) => this.#emit({ type: 'noted', what, count: 1 }),
        )
      : undefined;
    this.#speaker = new Speaker((work) => this.#scope.run(work));
  }

  async start(signal: AbortSignal): Promise<void> {
    const { from, to } = this.#options;
    this.#stream = await this.#engines.stt.open(
      {
        language: from,
        ...(this.#codeSwitching ? { alsoLanguage: to } : {}),
        terms: this.#terms,
        onEvent: (event) => this.#heard(event),
      },
      signal,
    );
  }

  startUtterance(utterance: number, speechStartMs: number, overlapping: boolean): void {
    this.#current = utterance;
    const cutter = new SegmentCutter(this.#options.from, this.#policy);
    const begun = new CascadeUtterance(
      utterance,
      speechStartMs,
      overlapping,
      cutter,
      this.#options,
      (event) => {
        if (event.type === 'utterance-ended') {
          this.#unreported.delete(begun);
        }
        this.#emit(event);
      },
    );
    this.#utterances.set(utterance, begun);
    this.#unreported.add(begun);
    this.#stream?.startUtterance(utterance);
  }

  write(pcm: Int16Array): void {
    this.#utterances.get(this.#current)?.wrote(samplesToMs(pcm.length, SPEECH_HZ), this.#clock.nowMs());
    this.#stream?.write(pcm);
  }

  pause(silenceStartMs: number): void {
    this.#stream?.flush();
    const utterance = this.#utterances.get(this.#current);
    if (utterance !== undefined) {
      utterance.cutter.paused(silenceStartMs, this.#clock.nowMs());
      this.#look(utterance);
    }
  }

  resume(): void {
    this.#utterances.get(this.#current)?.cutter.resumed();
  }

  abandon(): void {
    this.#utterances.get(this.#current)?.leaveAlone('not-speech');
    this.#drafts?.clear();
  }

  endUtterance(speechEndMs: number): void {
    const utterance = this.#utterances.get(this.#current);
    this.#stream?.endUtterance();
    if (utterance !== undefined) {
      utterance.ended(speechEndMs, this.#clock.nowMs());
      utterance.cutter.paused(speechEndMs, this.#clock.nowMs());
      this.#awaitFinal(utterance);
      this.#look(utterance);
    }
  }

  async close(): Promise<void> {
    this.#forgetTimers();
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
    this.#forgetTimers();
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

  #forgetTimers(): void {
    for (const timer of this.#overdue.values()) {
      timer.cancel();
    }
    this.#overdue.clear();
    this.#lookAgain?.cancel();
    this.#lookAgain = undefined;
  }

  #heard(event: SttEvent): void {
    if (event.type === 'failed') {
      this.#fail(event.error);
      return;
    }
    const utterance = this.#utterances.get(event.utterance);
    if (utterance === undefined) {
      return;
    }
    const nowMs = this.#clock.nowMs();
    switch (event.type) {
      case 'partial':
        utterance.cutter.partial(event.text, nowMs, utterance.saidMs(event.words));
        utterance.heard(false);
        break;
      case 'stable':
        utterance.cutter.stable(event.text, nowMs, utterance.saidMs(event.words));
        break;
      case 'likely-end':
        utterance.cutter.likelyEnded();
        break;
      case 'language':
        if (!utterance.begun && baseLanguage(event.language) === baseLanguage(this.#options.to)) {
          utterance.leaveAlone('same-language');
        }
        break;
      case 'final':
        this.#final(utterance, event.text, nowMs);
        break;
    }
    this.#look(utterance);
    utterance.settle();
  }

  #final(utterance: CascadeUtterance, text: string, nowMs: number): void {
    this.#utterances.delete(utterance.number);
    this.#overdue.get(utterance.number)?.cancel();
    this.#overdue.delete(utterance.number);
    utterance.cutter.final(text);
    utterance.finalAt(nowMs);
    utterance.heard(true);
    const { contradicted } = utterance.cutter;
    if (contradicted > 0) {
      this.#emit({ type: 'noted', what: 'contradicted-word', count: contradicted });
    }
  }

  /** Cuts off what is complete, works ahead on what may be, and comes back when time alone will tell. */
  #look(utterance: CascadeUtterance): void {
    if (this.#scope.closed || this.#isOnlyListening(utterance)) {
      return;
    }
    const nowMs = this.#clock.nowMs();
    const { segments, draft, lookAgainMs } = utterance.cutter.look(nowMs);
    for (const { text } of segments) {
      this.#say(utterance, text, nowMs);
    }
    if (utterance.number === this.#current) {
      this.#drafts?.consider(utterance.leftAlone === undefined ? draft : undefined);
      this.#lookAgain?.cancel();
      this.#lookAgain =
        lookAgainMs === undefined ? undefined : this.#clock.at(lookAgainMs, () => this.#look(utterance));
    }
  }

  /** Whether what was said so far only shows that the speaker listens; at the end that is settled. */
  #isOnlyListening(utterance: CascadeUtterance): boolean {
    const { from } = this.#options;
    const told = this.#conversation.heardBySpeaker();
    if (!utterance.overlapping || !isListening(utterance.cutter.text, from, told.at(-1))) {
      return false;
    }
    if (!utterance.over) {
      return true;
    }
    if (utterance.speechEndMs - utterance.speechStartMs <= LONGEST_LISTENING_MS) {
      utterance.leaveAlone('listening');
    }
    return false;
  }

  /** Puts a segment in line to be spoken. */
  #say(utterance: CascadeUtterance, text: string, cutMs: number): void {
    const { from } = this.#options;
    if (utterance.overlapping && isEcho(text, this.#conversation.heardBySpeaker(), from)) {
      utterance.leaveAlone('echo');
    }
    if (utterance.leftAlone !== undefined) {
      return;
    }
    const work = this.#drafts?.take(text) ?? this.#begin(text);
    this.#conversation.said(text);
    utterance.segmentCut();
    this.#speaker.add(this.#sinkOf(utterance, work, cutMs));
  }

  #begin(text: string): SegmentWork {
    const translate = (signal: AbortSignal) => this.#translator.translate(text, signal);
    return new SegmentWork(text, translate, this.#tools, this.#scope.signal);
  }

  #sinkOf(utterance: CascadeUtterance, work: SegmentWork, cutMs: number): SegmentSink {
    const number = this.#nextSegment;
    this.#nextSegment += 1;
    work.translated.then((result) => {
      if (result.type === 'translation') {
        const { cached, repaired } = result.translation;
        this.#emit({ type: 'noted', what: cached ? 'cache-hit' : 'cache-miss', count: 1 });
        if (repaired > 0) {
          this.#emit({ type: 'noted', what: 'repaired', count: repaired });
        }
      }
    });
    return {
      work,
      started: (text, rateHz) => {
        const nowMs = this.#clock.nowMs();
        this.#conversation.spoken(text);
        utterance.speaking(
          number,
          { source: work.source, text, rateHz },
          { cutMs, translatedMs: work.translatedMs ?? nowMs, firstSoundMs: work.firstSoundMs ?? nowMs },
        );
      },
      audio: (pcm) => this.#emit({ type: 'segment-audio', segment: number, pcm }),
      stopped: () => this.#emit({ type: 'segment-ended', segment: number }),
      failed: (stage, error) => utterance.failed(stage, error),
      done: () => utterance.segmentDone(),
    };
  }
}
