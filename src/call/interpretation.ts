/**
 * What one party says, interpreted for everyone who does not share its language: one hearing, however many listen, and
 * a route for each language that somebody listens in. It subscribes to the party's speech at its source.
 */

import type { Clock } from '../base/clock.ts';
import type { Counted } from '../base/counts.ts';
import { codeOf } from '../base/errors.ts';
import type { Language } from '../base/language.ts';
import type { Log } from '../base/log.ts';
import type { Scope } from '../base/scope.ts';
import type { EmotionReader } from '../engines/emotion/emotion-reader.ts';
import type { Word } from '../engines/stt/stt-engine.ts';
import type { SpokenVoice } from '../engines/tts/spoken-voice.ts';
import type { OnAnswer } from '../interpret/answers/engine-answer.ts';
import type { SpeakerLines } from '../interpret/conversation.ts';
import type { Hearing, HearingEvent, HearingFactory } from '../interpret/hearing/hearing.ts';
import { SpeakerManner } from '../interpret/manner/speaker-manner.ts';
import { SpeakerRegister } from '../interpret/manner/speaker-register.ts';
import { SpeakerStress } from '../interpret/manner/speaker-stress.ts';
import type { Interpreters, SegmentHandle, SpokenSegment } from '../interpret/rendering/rendering.ts';
import type { UtteranceTiming } from '../interpret/utterance-record.ts';
import type { MeasuredProsody } from '../media/hear/prosody/prosody.ts';
import type { SpeechEvent, SpeechListener } from '../media/hear/speech-event.ts';
import type { PlayedSink } from '../media/thread/announced-segments.ts';
import type { LegLink } from '../media/thread/leg-link.ts';
import { errorName, interpretingCounts } from './call-counts.ts';
import type { CallEvent } from './call-events.ts';
import { KeptOpen } from './kept-open.ts';
import { MidSpeech } from './mid-speech.ts';
import { PartyEmotion } from './party-emotion.ts';
import type { CallPlan, PartyPlan } from './plan.ts';
import { Retelling } from './retelling.ts';
import { Route } from './route.ts';
import { writeWordTimes } from './transcript/word-times.ts';

/** Speech that is shorter may be a cough, in ms. */
const SHORTEST_MISSED_MS = 700;

export interface InterpretationOptions {
  readonly speaker: PartyPlan;
  readonly plan: CallPlan;
  readonly lines: SpeakerLines;
  /** What interprets the party's language into another; undefined where nothing does. */
  readonly interpreters: (to: Language) => Interpreters | undefined;
  /** The place of an utterance that begins now among all of the call. */
  readonly nextTurn: () => number;
  /** The rate in Hz at which most who listen in a language are spoken to. */
  readonly wantedRateHz: (to: Language) => number;
  /** The voice that speaks for the party in a segment that begins now; undefined: the engine's own. */
  readonly voice: (to: Language) => SpokenVoice | undefined;
  /** How high the party speaks, in Hz, is known, or is another person's from now on. */
  readonly registered: (hz: number) => void;
  /** What hears emotion in voices; undefined: nothing but what is measured here. */
  readonly emotionReader: EmotionReader | undefined;
  readonly play: (
    route: Route,
    segment: SpokenSegment,
    turn: number | undefined,
    sink: PlayedSink,
  ) => SegmentHandle;
  /** An utterance was rendered. */
  readonly rendered: (to: Language, timing: UtteranceTiming) => void;
  readonly told: (to: Language, text: string) => void;
  /** Those who listen to a route are to know that what they hear next is not interpreted. */
  readonly notice: (route: Route) => void;
  /** What others are to hear of the party has changed. */
  readonly changed: () => void;
  readonly emit: (event: CallEvent) => void;
  /** Hears what engines answer, where that is kept. */
  readonly answered?: OnAnswer | undefined;
  readonly clock: Clock;
  readonly log: Log;
  readonly callStartMs: number;
  /** Utterances that were counted at the party's place before, beyond those of its present leg. */
  readonly countedBefore: number;
}

export class Interpretation implements Counted {
  readonly counts = interpretingCounts();
  readonly #options: InterpretationOptions;
  readonly #scope: Scope;
  readonly #routes = new Map<Language, Route>();
  #hearing: KeptOpen<Hearing> | undefined;
  /** The media of the party's present leg. */
  #media: LegLink | undefined;
  /** How many more than those of its present leg: those of earlier legs, and rests of some that were heard again. */
  #utterancesMore: number;
  /** Whether the party's speech is listened to. */
  #subscribed = false;
  /** Hears the party's speech beside what interprets it, whether or not anything does. */
  #overhearing: SpeechListener | undefined;
  #speaking = false;
  /** Whether the party is heard in an utterance, be it rendered or not. */
  #inUtterance = false;
  /** What was told the beginning of the utterance that is being said, and hears the rest of it. */
  #told: Hearing | undefined;
  /** The languages that nothing rendered when the utterance began, and when that was. */
  #unrendered: { readonly into: readonly Language[]; readonly startMs: number } | undefined;
  readonly #retelling = new Retelling();
  readonly #midSpeech: MidSpeech;
  readonly #register = new SpeakerRegister();
  readonly #manner = new SpeakerManner();
  readonly #stress = new SpeakerStress();
  /** Of a party whose voice is judged, once it has spoken. */
  #emotion: PartyEmotion | undefined;
  /** The languages that are wanted and that nothing renders. */
  #unserved: ReadonlySet<Language> = new Set();
  #warned = false;

  constructor(options: InterpretationOptions, scope: Scope) {
    this.#options = options;
    this.#scope = scope;
    this.#midSpeech = new MidSpeech(options.clock);
    this.#utterancesMore = options.countedBefore;
  }

  /** By language. */
  get routes(): ReadonlyMap<Language, Route> {
    return this.#routes;
  }

  /** Whether anything of what is said now is rendered. */
  get ready(): boolean {
    return [...this.#routes.values()].some((route) => route.ready);
  }

  /** Whether nothing of what was said is on its way. */
  get isIdle(): boolean {
    return !this.#speaking && [...this.#routes.values()].every((route) => route.isIdle);
  }

  /** Utterances that were counted beyond those of its present leg; {@link detach} adds those. */
  get utterancesMore(): number {
    return this.#utterancesMore;
  }

  /** Whether the party speaks, as far as that is listened to. */
  get speaking(): boolean {
    return this.#speaking;
  }

  /** Renders into these languages from now on, and no longer into others. */
  want(languages: ReadonlySet<Language>): void {
    for (const [language, route] of this.#routes) {
      if (!languages.has(language)) {
        this.#routes.delete(language);
        this.#scope.run(() => route.close());
      }
    }
    const unserved = this.#unserved;
    const stillUnserved = new Set<Language>();
    for (const language of languages) {
      const interpreters = this.#options.interpreters(language);
      if (interpreters === undefined) {
        stillUnserved.add(language);
      } else if (!this.#routes.has(language)) {
        this.#addRoute(language, interpreters);
        if (this.#media !== undefined && (unserved.has(language) || this.#inUtterance)) {
          this.#midSpeech.begin(language);
        }
      }
    }
    this.#unserved = stillUnserved;
    this.#exchange();
    this.#hearWhereNeeded();
    this.#subscribe();
  }

  /**
   * Others interpret now what some routes render: they take over at once from a route that cannot go on, and from one
   * that can when nothing of it is under way.
   */
  #exchange(): void {
    for (const [language, route] of [...this.#routes]) {
      const interpreters = this.#options.interpreters(language);
      const free = !route.ready || (isText(route.interpreters) && !this.#speaking && route.isIdle);
      if (interpreters !== undefined && interpreters.type !== route.interpreters.type && free) {
        this.#options.log.info({ to: language, by: interpreters.type }, 'others interpret from now on');
        this.#scope.run(() => route.close());
        this.#addRoute(language, interpreters);
      }
    }
  }

  #hearWhereNeeded(): void {
    const hearing = [...this.#routes.values()].map(({ interpreters }) => interpreters).find(isText)?.hearing;
    if (hearing === undefined) {
      this.#stopHearing();
    } else {
      this.#hearing ??= this.#keepHearing(hearing);
    }
  }

  /** The party has a leg: what is said on it is interpreted. */
  attach(media: LegLink): void {
    this.#media = media;
    this.#subscribe();
  }

  /** `listener` hears the party's speech, too, from its next utterance on; undefined: nobody does any more. */
  overhear(listener: SpeechListener | undefined): void {
    this.#overhearing = listener;
    this.#subscribe();
  }

  /** The party has lost its leg. */
  detach(): void {
    this.#utterancesMore += this.#media?.utterances ?? 0;
    this.#media?.onSpeech(undefined);
    this.#subscribed = false;
    this.#media = undefined;
    // Who comes back may be somebody else.
    this.#register.forget();
    this.#manner.forget();
    this.#stress.forget();
    this.#emotion?.forget();
    this.#endUtterance();
  }

  /** Opens hearing and renderings anew. What is being said is heard again, without what was passed on of it. */
  reset(error: Error): void {
    for (const route of this.#routes.values()) {
      route.reset(error);
    }
    this.#hearing?.current?.giveUp(error);
  }

  /** Ends all of it at once. Idempotent. */
  close(): Promise<void> {
    // A rendering's work is its own: it ends with its route.
    this.want(new Set());
    return this.#scope.close();
  }

  #addRoute(to: Language, interpreters: Interpreters): void {
    const { speaker, plan, lines, clock, log, callStartMs, emit, changed } = this.#options;
    const route: Route = new Route(
      {
        speaker,
        to,
        plan,
        interpreters,
        lines,
        wantedRateHz: () => this.#options.wantedRateHz(to),
        voice: () => this.#voice(to),
        stressed: plan.stress === true ? (words) => this.#stress.of(words, speaker.language) : undefined,
        play: (segment, turn, sink) => this.#options.play(route, this.#inManner(segment), turn, sink),
        rendered: (timing) => this.#options.rendered(to, timing),
        told: (text) => this.#options.told(to, text),
        notice: () => this.#options.notice(route),
        midSpeech: () => this.#midSpeech.has(to),
        changed: () => {
          if (this.#routes.get(to) === route) {
            this.#exchange();
            this.#hearWhereNeeded();
          }
          this.#subscribe();
          changed();
        },
        emit: (event) => {
          if (event.type === 'heard') {
            // A hearing that takes over is told only what a fused provider has not heard.
            this.#heardElsewhere(event);
          }
          // What several fused providers have heard is the same: one of them tells it.
          if (event.type !== 'heard' || this.#routes.values().next().value === route) {
            emit(event);
          }
        },
        counts: this.counts,
        answered: this.#options.answered,
        clock,
        log: log.child({ to }),
        callStartMs,
      },
      this.#scope.child(),
    );
    this.#routes.set(to, route);
    route.start();
    const hearing = this.#hearing?.current;
    if (hearing !== undefined) {
      route.follow(hearing);
    }
  }

  #heardElsewhere({ utterance, piiText, final }: Extract<CallEvent, { readonly type: 'heard' }>): void {
    if (final) {
      this.#retelling.settled(utterance);
    } else {
      this.#retelling.heardElsewhere(utterance, piiText);
    }
  }

  #keepHearing(factory: HearingFactory): KeptOpen<Hearing> {
    const { clock, log } = this.#options;
    const hearing = new KeptOpen<Hearing>(clock, this.#scope.child(), {
      open: (lost, signal) => factory.open(this.#hearingOptions(lost), signal),
      opened: (opened, failures) => {
        this.counts.hearings += 1;
        if (failures > 0) {
          this.counts.recoveries.add('true');
          log.info({ failures }, 'an interpreter is open again');
        }
        for (const route of this.#routes.values()) {
          route.follow(opened);
        }
        this.#tellAgain(opened);
      },
      gone: () => {
        for (const route of this.#routes.values()) {
          route.unfollow();
        }
      },
      failed: (error, failures) => {
        this.counts.errors.add(errorName('interpreter', error));
        this.counts.recoveries.add('false', failures > 0 ? 1 : 0);
        log.warn({ error, failures }, 'an interpreter was lost: the original voice is let through');
      },
    });
    hearing.start();
    return hearing;
  }

  #hearingOptions(lost: (error: unknown) => void): Parameters<HearingFactory['open']>[0] {
    const { speaker, plan, lines } = this.#options;
    const others = plan.languages.filter((language) => language !== speaker.language);
    return {
      speaker: speaker.id,
      from: speaker.language,
      alsoLanguages: plan.codeSwitching ? others : [],
      policy: plan.policy,
      terms: [...new Set(others.flatMap((to) => [...plan.glossary(speaker.language, to).terms.keys()]))],
      lines,
      passedOn: this.#retelling.passedOn,
      answered: this.#options.answered,
      onEvent: (event) => this.#heard(event, lost),
    };
  }

  #heard(event: HearingEvent, lost: (error: unknown) => void): void {
    const { clock, callStartMs, emit, speaker } = this.#options;
    switch (event.type) {
      case 'heard':
        if (event.final) {
          this.#retelling.settled(event.utterance);
        }
        emit({
          type: 'heard',
          atMs: Math.round(clock.nowMs() - callStartMs),
          party: speaker.id,
          utterance: event.utterance,
          final: event.final,
          piiText: event.text,
          ...(event.words === undefined ? {} : { piiWordTimes: this.#timesOf(event.words) }),
        });
        break;
      case 'noted':
        this.counts.noted.add(event.what, event.count);
        this.counts.byDirection.add(`${speaker.language} * ${event.what}`, event.count);
        break;
      case 'charged': {
        const { component, engine, amount } = event.charge;
        this.counts.byDirection.add(`${speaker.language} * ${component}:${engine}`, amount);
        break;
      }
      case 'replaced':
        this.counts.streamsReplaced.add(codeOf(event.error));
        this.#options.log.warn(
          { error: event.error },
          'a stream of recognition was lost: another goes on with it',
        );
        break;
      case 'failed':
        this.#retelling.lost(event.passedOn);
        lost(event.error);
        break;
    }
  }

  #timesOf(words: readonly Word[]): string {
    const { callStartMs } = this.#options;
    return writeWordTimes(
      words.map(({ text, startMs, endMs }) => ({
        text,
        startMs: startMs - callStartMs,
        endMs: endMs - callStartMs,
      })),
    );
  }

  /** What no hearing before has brought to its end is heard from its beginning; what one passed on stays said. */
  #tellAgain(hearing: Hearing): void {
    const { utterances, countedOn } = this.#retelling.next(this.#options.clock.nowMs());
    this.#utterancesMore += countedOn;
    for (const { number, turn, events } of utterances) {
      for (const route of this.#routes.values()) {
        if (isText(route.interpreters)) {
          route.began(number, turn);
        }
      }
      this.#told = hearing;
      for (const event of events) {
        hearing.take(event);
      }
    }
  }

  #stopHearing(): void {
    const hearing = this.#hearing;
    this.#hearing = undefined;
    if (hearing !== undefined) {
      this.#retelling.clear();
      this.#scope.run(() => hearing.close());
    }
  }

  /**
   * Listens while its speech should be rendered, be there anybody at the moment who does or not: what nobody rendered
   * is counted. Whoever comes in the midst of an utterance hears only of the next.
   */
  #subscribe(): void {
    const wanted = this.#routes.size > 0 || this.#overhearing !== undefined;
    if (this.#media !== undefined && wanted !== this.#subscribed) {
      this.#subscribed = wanted;
      this.#media.onSpeech(wanted ? (event) => this.#take(event) : undefined);
      if (!wanted) {
        this.#endUtterance();
      }
    }
  }

  /** The end of an utterance that is being said will not be told any more. */
  #endUtterance(): void {
    this.#inUtterance = false;
    if (this.#speaking) {
      const nowMs = this.#options.clock.nowMs();
      this.#take({ type: 'ended', endMs: nowMs, decidedMs: nowMs, echoShare: undefined });
    }
  }

  #take(event: SpeechEvent): void {
    this.#overhearing?.(event);
    if (event.type === 'started' || event.type === 'ended') {
      this.#inUtterance = event.type === 'started';
    }
    if (event.type === 'started') {
      if (this.#routes.size > 0) {
        this.#started({ ...event, utterance: this.#utterancesMore + event.utterance });
      }
      return;
    }
    if (!this.#speaking) {
      // An utterance that began when nothing was to be rendered.
      return;
    }
    if (event.type === 'measured') {
      this.#measured(event.prosody);
      return;
    }
    if (event.type === 'audio') {
      this.#emotion?.heard(event.pcm);
    }
    this.#retelling.take(event);
    this.#pass(event);
    if (event.type === 'ended') {
      this.#speaking = false;
      this.#midSpeech.ended();
      this.#countUnrendered(event.endMs);
      this.#subscribe();
      this.#options.changed();
    }
  }

  #started(event: Extract<SpeechEvent, { type: 'started' }>): void {
    const { plan, nextTurn, changed } = this.#options;
    this.#warnOfNarrowBand();
    this.#midSpeech.started();
    this.#speaking = true;
    this.#emotion ??= this.#judged();
    const into = [...this.#routes.values()].filter(({ ready }) => !ready).map(({ to }) => to);
    this.#unrendered = { into, startMs: event.startMs };
    const turn = nextTurn();
    this.#retelling.began(event, turn);
    for (const route of this.#routes.values()) {
      route.began(event.utterance, turn);
    }
    if (plan.policy === 'consecutive' && event.overlapping) {
      // The interpreter is speaking: what is said now is kept, and rendered after it.
      this.#media?.playTone('one-moment');
    }
    this.#pass(event);
    changed();
  }

  #measured(prosody: MeasuredProsody): void {
    const news = this.#register.measured(prosody);
    if (news === 'another') {
      this.#manner.forget();
      this.#stress.forget();
      this.#emotion?.forget();
    }
    this.#manner.measured(prosody);
    this.#stress.measured(prosody);
    this.#emotion?.measured(prosody);
    const { hz } = this.#register;
    if (news !== undefined && hz !== undefined) {
      this.counts.registers.add(news);
      this.#options.registered(hz);
    }
  }

  /** Whose voice it is, and what is heard in the speaker's. */
  #voice(to: Language): SpokenVoice | undefined {
    const voice = this.#options.voice(to);
    const emotion = this.#emotion?.word;
    return emotion === undefined ? voice : { ...voice, emotion };
  }

  /** Nobody's voice is judged but those that the plan names. */
  #judged(): PartyEmotion | undefined {
    const { plan, speaker, clock, log, emotionReader } = this.#options;
    if (plan.emotion?.of.includes(speaker.id) !== true) {
      return undefined;
    }
    const reader = plan.emotion.by === 'prosody' ? undefined : emotionReader;
    return new PartyEmotion({ clock, log, reader }, this.#scope.child());
  }

  #inManner(segment: SpokenSegment): SpokenSegment {
    return this.#options.plan.manner === true
      ? { ...segment, manner: this.#manner.of(segment.said) }
      : segment;
  }

  /** What is too short to hold words is not missed. */
  #countUnrendered(endMs: number): void {
    const { clock, callStartMs, emit, speaker } = this.#options;
    const { into, startMs } = this.#unrendered ?? { into: [], startMs: endMs };
    this.#unrendered = undefined;
    for (const language of endMs - startMs < SHORTEST_MISSED_MS ? [] : into) {
      this.counts.uninterpreted.add('no-interpreter');
      const atMs = Math.round(clock.nowMs() - callStartMs);
      emit({ type: 'uninterpreted', atMs, party: speaker.id, language });
    }
  }

  #pass(event: SpeechEvent): void {
    const hearing = this.#hearing?.current;
    if (event.type === 'started') {
      this.#told = hearing;
    }
    if (hearing !== undefined && hearing === this.#told) {
      hearing.take(event);
    }
    for (const route of this.#routes.values()) {
      route.take(event);
    }
  }

  /** Says once per call that recognition will be poor at the party's rate. */
  #warnOfNarrowBand(): void {
    const rateHz = this.#media?.rateHz ?? 0;
    const lowestHz = Math.max(
      0,
      ...[...this.#routes.values()].map(({ interpreters }) => lowestRateOf(interpreters)),
    );
    if (!this.#warned && rateHz < lowestHz) {
      this.#warned = true;
      this.#options.log.warn(
        { rateHz, lowestHz },
        'recognition will be poor: its engine needs wideband speech; use Dial(AudioSocket/.../c(slin16)) and a G.722 phone',
      );
    }
  }
}

function isText(interpreters: Interpreters): interpreters is Extract<Interpreters, { type: 'text' }> {
  return interpreters.type === 'text';
}

function lowestRateOf(interpreters: Interpreters): number {
  return interpreters.type === 'text'
    ? interpreters.hearing.lowestWireRateHz
    : interpreters.rendering.lowestWireRateHz;
}
