/**
 * One party's speech, recognised by an engine, in one stream as long as that lasts. What is recognised becomes captions
 * at once, and segments as `Cutting` cuts them off; both are told once, however many renderings listen.
 */

import type { Clock } from '../../base/clock.ts';
import { baseLanguage, type Language } from '../../base/language.ts';
import { SPEECH_HZ, samplesToMs } from '../../base/units.ts';
import type { SttEngine, SttEvent, Word } from '../../engines/stt/stt-engine.ts';
import type { SpeechEvent } from '../../media/hear/speech-event.ts';
import type { SpeechMark } from '../answers/engine-answer.ts';
import { LIMITS } from '../limits.ts';
import { cutPolicy } from '../policy/choose-policy.ts';
import type { CutPolicy } from '../policy/cut-policy.ts';
import { SegmentCutter } from '../policy/segment-cutter.ts';
import { Cutting } from './cutting.ts';
import { FinalDeadlines } from './final-deadlines.ts';
import type { Hearing, HearingEvent, HearingOptions } from './hearing.ts';
import type { HearingSink } from './hearing-sink.ts';
import { RecognisedUtterance, type Subscriber, type UtteranceStart } from './recognised-utterance.ts';
import { type HeardEvent, ReplayedStream } from './replayed-stream.ts';

type Final = Extract<SttEvent, { readonly type: 'final' }>;

export class SttHearing implements Hearing {
  readonly #clock: Clock;
  readonly #options: HearingOptions;
  readonly #policy: CutPolicy;
  readonly #finals: FinalDeadlines;
  readonly #cutting: Cutting;
  readonly #subscribers = new Set<Subscriber>();
  /** Utterances that have no final yet, by number. */
  readonly #open = new Map<number, RecognisedUtterance>();
  /** The one that is being said. */
  #going: RecognisedUtterance | undefined;
  readonly #stream: ReplayedStream;
  #over = false;
  #closing: Promise<void> | undefined;

  constructor(stt: SttEngine, clock: Clock, options: HearingOptions) {
    this.#clock = clock;
    this.#options = options;
    this.#policy = cutPolicy(options.policy, options.from, options.terms);
    this.#cutting = new Cutting(clock, options);
    this.#finals = new FinalDeadlines(clock, LIMITS.finalMs, (utterance) => {
      this.#finals.expect(utterance);
      this.#stream.renew(utterance, LIMITS.finalMs);
    });
    const { from, alsoLanguages, terms } = options;
    const [alsoLanguage] = alsoLanguages;
    this.#stream = new ReplayedStream(stt, clock, {
      language: from,
      ...(alsoLanguage === undefined ? {} : { alsoLanguage }),
      terms,
      onCharge: (charge) => this.#emit({ type: 'charged', charge }),
      onEvent: (event) => this.#heard(event),
      onReplaced: (error) => this.#emit({ type: 'replaced', error }),
    });
  }

  /** Opens the stream. @throws as the engine's `open`. */
  start(signal: AbortSignal): Promise<void> {
    return this.#stream.open(signal);
  }

  take(event: SpeechEvent): void {
    if (this.#over) {
      return;
    }
    if (event.type === 'started') {
      const { utterance, startMs, overlapping } = event;
      this.#begin({ number: utterance, speechStartMs: startMs, overlapping });
    } else if (this.#going !== undefined) {
      this.#goOn(this.#going, event);
    }
  }

  subscribe(sink: HearingSink, signal: AbortSignal): void {
    const subscriber = { sink, signal };
    if (!signal.aborted) {
      this.#subscribers.add(subscriber);
      signal.addEventListener('abort', () => this.#subscribers.delete(subscriber), { once: true });
    }
  }

  giveUp(error: Error): void {
    if (!this.#over) {
      this.#fail(error);
    }
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#stop();
    await this.#stream.close();
  }

  /** Nothing is told of after this. */
  #stop(): void {
    this.#over = true;
    this.#open.clear();
    this.#finals.clear();
    this.#cutting.stop();
  }

  #fail(error: Error): void {
    const open = [...this.#open.values()];
    const passedOn = new Map<number, string>();
    for (const utterance of open) {
      utterance.giveUp();
      this.#cutting.look(utterance);
      if (this.#over) {
        return;
      }
      passedOn.set(utterance.number, utterance.cutter.cutText);
    }
    this.#stop();
    for (const utterance of open) {
      utterance.tell((sink) => sink.ended(utterance, error));
    }
    this.#options.onEvent({ type: 'failed', error, passedOn });
  }

  #emit(event: HearingEvent): void {
    this.#options.onEvent(event);
  }

  #begin(start: UtteranceStart): void {
    if (this.#going !== undefined) {
      this.#end(this.#going, start.speechStartMs, start.speechStartMs);
    }
    const passedOn = this.#options.passedOn?.get(start.number);
    const cutter = new SegmentCutter(this.#options.from, this.#policy, passedOn);
    const utterance = new RecognisedUtterance(start, cutter, [...this.#subscribers]);
    this.#going = utterance;
    this.#mark(utterance, 'began');
    this.#cutting.began(utterance);
    this.#open.set(utterance.number, utterance);
    utterance.tell((sink) => sink.began(utterance));
    this.#stream.startUtterance(utterance.number, passedOn !== undefined);
  }

  #goOn(utterance: RecognisedUtterance, event: Exclude<SpeechEvent, { readonly type: 'started' }>): void {
    const nowMs = this.#clock.nowMs();
    switch (event.type) {
      case 'audio':
        utterance.wrote(samplesToMs(event.pcm.length, SPEECH_HZ), nowMs);
        this.#stream.write(event.pcm);
        break;
      case 'paused':
        this.#stream.flush();
        utterance.measured(event.echoShare);
        utterance.cutter.paused(event.silenceStartMs, nowMs);
        this.#cutting.look(utterance);
        break;
      case 'resumed':
        this.#stream.resume();
        utterance.cutter.resumed();
        break;
      case 'measured':
        // Words are the same however they are said.
        break;
      case 'was-none':
        this.#cutting.leaveAlone(utterance, 'not-speech');
        utterance.tell((sink) => sink.draft(utterance, undefined));
        break;
      case 'ended':
        utterance.measured(event.echoShare);
        this.#end(utterance, event.endMs, event.decidedMs);
        break;
    }
  }

  #end(utterance: RecognisedUtterance, speechEndMs: number, endpointMs: number): void {
    this.#going = undefined;
    this.#mark(utterance, 'ended');
    this.#stream.endUtterance();
    utterance.end(speechEndMs, endpointMs);
    utterance.cutter.paused(speechEndMs, this.#clock.nowMs());
    // A final may have come before the end: then none is owed.
    if (this.#open.has(utterance.number)) {
      this.#finals.expect(utterance.number);
    }
    this.#cutting.look(utterance);
  }

  /** What it is told of the speaker is told with what it answers, so that a replay can time its answers. */
  #mark({ number: utterance }: RecognisedUtterance, mark: SpeechMark): void {
    this.#options.answered?.({ type: 'mark', atMs: this.#clock.nowMs(), utterance, mark });
  }

  #heard(event: HeardEvent): void {
    if (this.#over) {
      return;
    }
    this.#options.answered?.({ type: 'heard', atMs: this.#clock.nowMs(), event });
    if (event.type === 'failed') {
      this.#fail(event.error);
      return;
    }
    const utterance = this.#open.get(event.utterance);
    if (utterance === undefined) {
      return;
    }
    const nowMs = this.#clock.nowMs();
    switch (event.type) {
      case 'partial':
        utterance.cutter.partial(event.text, nowMs, utterance.saidMs(event.words));
        this.#caption(utterance, false);
        break;
      case 'stable':
        utterance.cutter.stable(event.text, nowMs, utterance.saidMs(event.words));
        break;
      case 'likely-end':
        utterance.cutter.likelyEnded();
        break;
      case 'language':
        this.#spoken(utterance, event.language);
        break;
      case 'final':
        this.#final(utterance, event, nowMs);
        return;
    }
    this.#cutting.look(utterance);
  }

  #final(utterance: RecognisedUtterance, { text, words }: Final, nowMs: number): void {
    this.#open.delete(utterance.number);
    this.#finals.met(utterance.number);
    utterance.heard(words);
    utterance.conclude(text, nowMs);
    this.#caption(utterance, true, utterance.timed(words));
    const { contradicted } = utterance.cutter;
    if (contradicted > 0) {
      this.#emit({ type: 'noted', what: 'contradicted-word', count: contradicted });
    }
    this.#cutting.look(utterance);
    utterance.tell((sink) => sink.ended(utterance, undefined));
  }

  #caption(utterance: RecognisedUtterance, final: boolean, words: readonly Word[] = []): void {
    const text = utterance.takeCaption(final);
    if (text !== undefined) {
      const timed = words.length === 0 ? {} : { words };
      this.#emit({ type: 'heard', utterance: utterance.number, text, final, ...timed });
    }
  }

  /** The engine has found out which language is spoken; renderings decide what that means for them. */
  #spoken(utterance: RecognisedUtterance, language: Language): void {
    const another = baseLanguage(language) !== baseLanguage(this.#options.from);
    if (another && !utterance.begun && utterance.spokenLanguage === undefined) {
      utterance.speakIn(language);
      utterance.tell((sink) => sink.switched(utterance));
    }
  }
}
