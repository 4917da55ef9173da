/**
 * What one party says, in one other language, on its way to everyone who listens in it: keeps what renders it open,
 * knows which of its utterances are still on their way, and puts together what became of each.
 */

import type { Clock } from '../base/clock.ts';
import type { Language } from '../base/language.ts';
import type { Log } from '../base/log.ts';
import type { Scope } from '../base/scope.ts';
import type { SpokenVoice } from '../engines/tts/spoken-voice.ts';
import type { OnAnswer } from '../interpret/answers/engine-answer.ts';
import type { SpeakerLines } from '../interpret/conversation.ts';
import type { Hearing } from '../interpret/hearing/hearing.ts';
import type {
  FusedRendering,
  FusedRenderingFactory,
  Interpreters,
  Rendering,
  RenderingEvent,
  RenderingOptions,
  SegmentHandle,
  SpokenSegment,
} from '../interpret/rendering/rendering.ts';
import type { UtteranceTiming } from '../interpret/utterance-record.ts';
import type { SpeechEvent } from '../media/hear/speech-event.ts';
import type { PlayedSink } from '../media/thread/announced-segments.ts';
import { errorName, type InterpretingCounts } from './call-counts.ts';
import type { CallEvent } from './call-events.ts';
import { KeptOpen } from './kept-open.ts';
import type { CallPlan, PartyPlan } from './plan.ts';
import { UtteranceBook } from './utterance-book.ts';

export interface RouteOptions {
  readonly speaker: PartyPlan;
  readonly to: Language;
  readonly plan: CallPlan;
  readonly interpreters: Interpreters;
  readonly lines: SpeakerLines;
  /** The rate in Hz at which most of its listeners are spoken to. */
  readonly wantedRateHz: () => number;
  /** The voice that speaks for the speaker in a segment that begins now; undefined: the engine's own. */
  readonly voice: () => SpokenVoice | undefined;
  /** Which of the speaker's words was stressed; undefined: nothing is to be stressed. */
  readonly stressed: RenderingOptions['stressed'];
  /** Plays a segment to all who listen now, when it is its turn. */
  readonly play: (segment: SpokenSegment, turn: number | undefined, sink: PlayedSink) => SegmentHandle;
  /** An utterance was rendered. */
  readonly rendered: (timing: UtteranceTiming) => void;
  /** All who listen are being told this. */
  readonly told: (text: string) => void;
  /** All who listen are to know that what they hear next is not interpreted. */
  readonly notice: () => void;
  /** Whether what is being said began before this route was there. */
  readonly midSpeech: () => boolean;
  /** Whether it is ready, as it is, or expected has changed. */
  readonly changed: () => void;
  readonly emit: (event: CallEvent) => void;
  readonly counts: InterpretingCounts;
  /** Hears what engines answer, where that is kept. */
  readonly answered?: OnAnswer | undefined;
  readonly clock: Clock;
  readonly log: Log;
  readonly callStartMs: number;
}

/** How long what was under way may take to come to its end after a reset, in ms. */
const ENDING_LIMIT_MS = 10_000;

/** A rendering, and the utterances it has yet to report. */
interface Open {
  rendering: Rendering | undefined;
  readonly utterances: Set<number>;
}

export class Route {
  readonly #options: RouteOptions;
  readonly #scope: Scope;
  readonly #book: UtteranceBook;
  readonly #fused: KeptOpen<FusedRendering> | undefined;
  /** What utterances that begin now belong to. */
  #open: Open | undefined;
  /** Renderings that are only brought to their end. */
  readonly #retired = new Set<Open>();
  /** The turns of utterances that are still on their way, by utterance. */
  readonly #turns = new Map<number, number>();
  #asIs = false;
  /** Whether what is said is not rendered, or late. */
  #behind = false;
  /** What was told the beginning of the utterance that is being said, and hears the rest of it. */
  #told: FusedRendering | undefined;

  /** Call {@link start} next. */
  constructor(options: RouteOptions, scope: Scope) {
    this.#options = options;
    this.#scope = scope;
    this.#book = new UtteranceBook({ ...options, from: options.speaker });
    const { interpreters } = options;
    this.#fused =
      interpreters.type === 'fused' ? this.#keepFused(interpreters.rendering, scope.child()) : undefined;
  }

  get to(): Language {
    return this.#options.to;
  }

  get interpreters(): Interpreters {
    return this.#options.interpreters;
  }

  /** Whether what is said now is rendered. */
  get ready(): boolean {
    return this.#open !== undefined;
  }

  /** Whether nothing is on its way. */
  get isIdle(): boolean {
    return this.#turns.size === 0 && this.#book.open === 0;
  }

  /** Whether what is said is to be heard as it is: it needs no translation, has none in time, or lacks its beginning. */
  get asIs(): boolean {
    return this.#asIs || this.#behind || this.#options.midSpeech();
  }

  /** The turns of what is still on its way; what is not rendered in time holds up nobody else. */
  get turns(): Iterable<number> {
    return this.#behind ? [] : this.#turns.values();
  }

  start(): void {
    this.#fused?.start();
  }

  /** Renders what `hearing` hears from now on; a route that takes the speech itself does without. */
  follow(hearing: Hearing): void {
    const { interpreters } = this.#options;
    if (interpreters.type === 'text') {
      this.#retire();
      const open = this.#begin();
      open.rendering = interpreters.rendering.open(
        this.#renderingOptions(open, (error) => this.#faulty(error)),
        hearing,
      );
      this.#options.changed();
    }
  }

  /** The hearing is lost: what it had heard is rendered to its end. */
  unfollow(): void {
    if (this.#options.interpreters.type === 'text') {
      this.#retire();
      this.#options.changed();
    }
  }

  /**
   * What renders it is opened anew; where that follows a hearing, with the next hearing. What is under way may come to
   * its end, and is given up if it does not.
   */
  reset(error: Error): void {
    const { clock } = this.#options;
    const before = [...this.#retired, ...(this.#open === undefined ? [] : [this.#open])];
    this.#fused?.renew(error);
    this.#scope.run(async (signal) => {
      await clock.sleep(ENDING_LIMIT_MS, signal);
      await Promise.all(before.map((open) => this.#giveUp(open)));
    });
  }

  /** An utterance begins. @param turn when it is to be heard among what others say. */
  began(utterance: number, turn: number): void {
    if (this.#open !== undefined) {
      this.#open.utterances.add(utterance);
      this.#turns.set(utterance, turn);
    }
  }

  /** Passes on what happens to the party's speech, for those that take it. */
  take(event: SpeechEvent): void {
    const current = this.#fused?.current;
    if (event.type === 'started') {
      this.#told = current;
    }
    if (current !== undefined && current === this.#told) {
      current.take(event);
    }
  }

  /** Ends all of it at once: nobody listens any more. */
  async close(): Promise<void> {
    // One that takes the speech itself is closed by what keeps it open.
    const open = this.#fused === undefined ? [...this.#retired, this.#open] : [];
    this.#retired.clear();
    this.#open = undefined;
    this.#turns.clear();
    await Promise.all([...open.map((each) => each?.rendering?.close()), this.#scope.close()]);
  }

  #keepFused(factory: FusedRenderingFactory, scope: Scope): KeptOpen<FusedRendering> {
    const { clock, log, counts, changed } = this.#options;
    return new KeptOpen<FusedRendering>(clock, scope, {
      open: async (lost, signal) => {
        const open: Open = { rendering: undefined, utterances: new Set() };
        const rendering = await factory.open(this.#renderingOptions(open, lost), signal);
        open.rendering = rendering;
        this.#open = open;
        return rendering;
      },
      opened: (_, failures) => {
        counts.renderings += 1;
        if (failures > 0) {
          counts.recoveries.add('true');
          log.info({ failures }, 'an interpreter is open again');
        }
        changed();
      },
      gone: () => {
        this.#forget(this.#open);
        this.#open = undefined;
        this.#asIs = false;
        this.#behind = false;
        changed();
      },
      failed: (error, failures) => {
        counts.errors.add(errorName('interpreter', error));
        counts.recoveries.add('false', failures > 0 ? 1 : 0);
        log.warn({ error, failures }, 'an interpreter was lost: the original voice is let through');
      },
    });
  }

  /** A fault of ours in a rendering of text: it goes on, without what it was at. */
  #faulty(error: unknown): void {
    const { counts, log } = this.#options;
    counts.errors.add(errorName('interpreter', error));
    log.error({ error }, 'something of ours failed in a rendering; it goes on');
  }

  #begin(): Open {
    this.#options.counts.renderings += 1;
    this.#open = { rendering: undefined, utterances: new Set() };
    return this.#open;
  }

  /** Lets what is under way come to its end; nothing more begins. */
  #retire(): void {
    const open = this.#open;
    this.#open = undefined;
    this.#asIs = false;
    this.#behind = false;
    if (open !== undefined) {
      this.#retired.add(open);
      this.#closeIfDone(open);
    }
  }

  #closeIfDone(open: Open): void {
    if (open.utterances.size === 0 && this.#retired.delete(open)) {
      this.#scope.run(async () => open.rendering?.close());
    }
  }

  /** Nobody waits any more for a rendering that should have come to its end. */
  async #giveUp(open: Open): Promise<void> {
    if (this.#retired.delete(open)) {
      this.#forget(open);
      this.#options.changed();
      await open.rendering?.close();
    }
  }

  /** Of what a lost rendering had begun nothing more comes. */
  #forget(open: Open | undefined): void {
    for (const utterance of open?.utterances ?? []) {
      this.#turns.delete(utterance);
      this.#book.giveUp(utterance);
    }
  }

  #renderingOptions(open: Open, lost: (error: unknown) => void): RenderingOptions {
    const { speaker, to, plan, lines, told, wantedRateHz, voice, stressed, play } = this.#options;
    return {
      speaker: speaker.id,
      from: speaker.language,
      to,
      wantedRateHz: wantedRateHz(),
      ...{ voice, stressed },
      glossary: plan.glossary(speaker.language, to),
      drafts: plan.drafts,
      lines,
      told,
      speak: (segment) => play(segment, this.#turns.get(segment.utterance), this.#book.segment(segment)),
      onEvent: (event) => this.#handle(event, open, lost),
      answered: this.#options.answered,
    };
  }

  #handle(event: RenderingEvent, open: Open, lost: (error: unknown) => void): void {
    const { emit, log, counts, speaker } = this.#options;
    switch (event.type) {
      case 'heard':
        emit({
          type: 'heard',
          atMs: this.#book.nowMs(),
          party: speaker.id,
          utterance: event.utterance,
          final: event.final,
          piiText: event.text,
        });
        break;
      case 'utterance-ended':
        if (event.failure !== undefined) {
          const { stage, error } = event.failure;
          counts.errors.add(errorName(stage, error));
          log.warn({ stage, error, utterance: event.utterance }, 'an utterance was not interpreted');
        }
        if (event.outcome === 'spoken') {
          this.#options.rendered(event.timing);
        }
        this.#book.close(event);
        this.#turns.delete(event.utterance);
        open.utterances.delete(event.utterance);
        this.#closeIfDone(open);
        this.#options.changed();
        break;
      case 'as-is':
        if (!this.#retired.has(open)) {
          this.#asIs = event.on;
          this.#options.changed();
        }
        break;
      case 'behind':
        if (!this.#retired.has(open)) {
          this.#fallsBehind(event.on);
        }
        break;
      case 'noted':
        counts.noted.add(event.what, event.count);
        this.#countDirection(event.what, event.count);
        break;
      case 'charged':
        this.#countDirection(`${event.charge.component}:${event.charge.engine}`, event.charge.amount);
        break;
      case 'failed':
        lost(event.error);
        break;
    }
  }

  #countDirection(what: string, amount: number): void {
    const { counts, speaker, to } = this.#options;
    counts.byDirection.add(`${speaker.language} ${to} ${what}`, amount);
  }

  /** Listeners are told by a soft tone that what they hear next is not interpreted. */
  #fallsBehind(behind: boolean): void {
    const { counts, log, notice, changed } = this.#options;
    this.#behind = behind;
    if (behind) {
      counts.lettingThrough.add('behind');
      log.warn({}, 'what is said is not interpreted in time: the original voice is let through');
      notice();
    } else {
      log.info({}, 'what is said is interpreted again');
    }
    changed();
  }
}
