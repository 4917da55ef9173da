/**
 * A switchboard whose parties, interpreters and media threads are all in the test's hands: connections that say what
 * the test says and keep what they are sent, interpreters that do what they are told, media on the fake clock.
 */

import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import type { Language } from '../../src/base/language.ts';
import type { Log, LogFields } from '../../src/base/log.ts';
import { FRAME_MS, frameSamples } from '../../src/base/units.ts';
import type { AnnouncementBook } from '../../src/call/announcing.ts';
import type { CallEvent } from '../../src/call/call-events.ts';
import type { InterpreterBook } from '../../src/call/call-interpreting.ts';
import type { LegTransport, LegTransportSink, PassedOn } from '../../src/call/leg-transport.ts';
import type { CallPlan } from '../../src/call/plan.ts';
import type { Recorder } from '../../src/call/recording/recorder.ts';
import type { DoorFacts, Elsewhere, NodeSeating } from '../../src/call/seating/seating.ts';
import { SuffixSeating } from '../../src/call/seating/suffix-seating.ts';
import { type SharedCalls, Switchboard, type SwitchboardOptions } from '../../src/call/switchboard.ts';
import type { EmotionReader } from '../../src/engines/emotion/emotion-reader.ts';
import { EMPTY_GLOSSARY } from '../../src/interpret/exactness/glossary.ts';
import type { Hearing, HearingOptions } from '../../src/interpret/hearing/hearing.ts';
import type { HearingSink } from '../../src/interpret/hearing/hearing-sink.ts';
import type { VoiceBook } from '../../src/interpret/manner/choose-voice.ts';
import type {
  FusedRendering,
  FusedRenderingFactory,
  Interpreters,
  RenderingEvent,
  RenderingOptions,
  SegmentHandle,
  UtteranceEnded,
} from '../../src/interpret/rendering/rendering.ts';
import type { SaidSpan } from '../../src/interpret/utterance-record.ts';
import { bytesOf } from '../../src/media/dsp/sound.ts';
import { loadMediaModules } from '../../src/media/dsp/wasm.ts';
import type { SpeechEvent } from '../../src/media/hear/speech-event.ts';
import { FanOut } from '../../src/media/play/fan-out.ts';
import { LocalThreads } from '../../src/media/thread/local-threads.ts';
import type { SpeakerVoices } from '../../src/voices/speaker-voices.ts';
import { concatPcm, silence } from '../asterisk/audio.ts';
import { FakeClock } from '../base/fake-clock.ts';

const modules = await loadMediaModules();

/** One party's connection. */
export class ScriptedLeg implements LegTransport {
  readonly remote = 'test';
  readonly counts = { bytesIn: 0, bytesOut: 0, socketDropped: 0 };
  /** Why it ended, once it has; `hung-up` when we ended it. */
  ending: string | undefined;
  /** Whether nothing comes from it, as when a phone is on hold. */
  onHold = false;
  /** How it is read at the moment. */
  reading: 'as-it-comes' | 'when-asked' = 'as-it-comes';
  /** Times that it was asked for what has come. */
  asked = 0;
  /** Whether its other end takes its time to close when it is hung up or let go, until {@link gone}. */
  lingers = false;
  /** The nodes that it was to be passed on to. */
  readonly passedTo: string[] = [];
  /** What becomes of that, the first first; default `passed-on`. */
  readonly passesOn: PassedOn[] = [];
  readonly rateHz: number;
  /** Whether it is sent what comes as it comes. */
  readonly takesAtOnce: boolean;
  readonly #sent: Int16Array[] = [];
  readonly #toSay: Int16Array[] = [];
  /** Frames it has said that were not read. */
  readonly #unread: Int16Array[] = [];
  #sink: LegTransportSink | undefined;

  /** Who it says that it is as soon as it can; undefined: it waits to be told. */
  readonly #uuid: string | undefined;

  constructor(rateHz = 8_000, uuid?: string, takesAtOnce = false) {
    this.rateHz = rateHz;
    this.#uuid = uuid;
    this.takesAtOnce = takesAtOnce;
  }

  codecAt(rateHz: number): string {
    return `scripted-${rateHz}`;
  }

  attach(sink: LegTransportSink): void {
    this.#sink = sink;
    if (this.#uuid !== undefined) {
      sink.arrived({ uuid: this.#uuid });
    }
  }

  send(pcm: Uint8Array): void {
    this.#sent.push(new Int16Array(pcm.slice().buffer));
  }

  hangUp(): void {
    if (this.ending === undefined) {
      this.ending = 'hung-up';
      if (!this.lingers) {
        // A socket closes later, never from inside the call that asks for it.
        queueMicrotask(() => this.gone());
      }
    }
  }

  letGo(): void {
    if (this.ending === undefined) {
      this.ending = 'let-go';
      if (!this.lingers) {
        queueMicrotask(() => this.gone());
      }
    }
  }

  /** Who was hung up or let go has closed. */
  gone(): void {
    this.#sink?.closed(this.ending ?? 'gone');
  }

  async passOn(to: Elsewhere): Promise<PassedOn> {
    this.passedTo.push(to.node);
    const became = this.passesOn.shift() ?? 'passed-on';
    if (became === 'passed-on') {
      this.ending = 'passed-on';
      this.#sink?.closed('passed-on');
    }
    return became;
  }

  /** The connection is gone. */
  end(reason: string, error?: Error): void {
    if (this.ending === undefined) {
      this.ending = reason;
      this.#sink?.closed(reason, error);
    }
  }

  /** @param relayed whether another node passes it on. */
  identify(uuid: string, relayed = false): void {
    this.#sink?.arrived(relayed ? { uuid, relayed } : { uuid });
  }

  press(key: string): void {
    this.#sink?.key(key);
  }

  /** Says `pcm`, frame by frame, in the ticks that follow. */
  speak(pcm: Int16Array): void {
    const samples = frameSamples(this.rateHz);
    for (let at = 0; at + samples <= pcm.length; at += samples) {
      this.#toSay.push(pcm.subarray(at, at + samples));
    }
  }

  /** Says the next frame: what it has to say, or silence. */
  tick(): void {
    this.#unread.push(this.#toSay.shift() ?? silence(FRAME_MS, this.rateHz));
    if (this.reading === 'as-it-comes') {
      this.#read();
    }
  }

  readNow(): void {
    this.reading = 'when-asked';
    this.asked += 1;
    this.#read();
  }

  readAsItComes(): void {
    this.reading = 'as-it-comes';
    this.#read();
  }

  #read(): void {
    for (const frame of this.#unread.splice(0)) {
      this.#sink?.frame(bytesOf(frame), this.rateHz);
    }
  }

  /** Frames it was sent since the last call. */
  heard(): Int16Array {
    return concatPcm(...this.#sent.splice(0));
  }
}

/** What a listener to speech was told, in short. */
class Told {
  readonly calls: string[] = [];
  samples = 0;

  take(event: SpeechEvent): void {
    switch (event.type) {
      case 'started':
        this.calls.push(
          `start ${event.utterance} at ${event.startMs}${event.overlapping ? ' overlapping' : ''}`,
        );
        break;
      case 'audio':
        this.samples += event.pcm.length;
        break;
      case 'paused':
        this.calls.push('pause');
        break;
      case 'resumed':
        this.calls.push('resume');
        break;
      case 'measured':
        break;
      case 'was-none':
        this.calls.push('abandon');
        break;
      case 'ended':
        this.calls.push('end');
        break;
    }
  }
}

/** One rendering that was opened: what it was told, and what it says when told to. */
export class ScriptedRendering implements FusedRendering {
  readonly options: RenderingOptions;
  readonly told = new Told();
  closed = 0;
  /** How its close ends. */
  closing: Promise<void> = Promise.resolve();
  readonly #open = new Set<SegmentHandle>();

  constructor(options: RenderingOptions) {
    this.options = options;
  }

  get calls(): readonly string[] {
    return this.told.calls;
  }

  get samples(): number {
    return this.told.samples;
  }

  take(event: SpeechEvent): void {
    this.told.take(event);
  }

  close(): Promise<void> {
    this.closed += 1;
    for (const segment of this.#open) {
      segment.end();
    }
    return this.closing;
  }

  says(event: RenderingEvent): void {
    this.options.onEvent(event);
  }

  /** Begins a segment of `utterance` at 8 kHz. */
  opens(utterance: number, text = `of ${utterance}`, said?: SaidSpan): SegmentHandle {
    const segment = this.options.speak({
      utterance,
      text,
      source: undefined,
      rateHz: 8_000,
      timing: undefined,
      said,
    });
    this.#open.add(segment);
    return segment;
  }

  /** Speaks a whole segment of `utterance` at 8 kHz. */
  speaks(utterance: number, pcm: Int16Array, text?: string): void {
    const segment = this.opens(utterance, text);
    segment.add(pcm);
    segment.end();
  }

  /** Reports an utterance. */
  ends(utterance: number, change: Partial<UtteranceEnded> = {}): void {
    const { from, to } = this.options;
    this.says({
      type: 'utterance-ended',
      utterance,
      outcome: 'spoken',
      source: { language: from, text: 'said' },
      target: { language: to, text: 'rendered' },
      timing: { speechStartMs: 1_000, speechEndMs: 1_000, endpointMs: 1_000 },
      failure: undefined,
      ...change,
    });
  }
}

/** One hearing that was opened. */
export class ScriptedHearing implements Hearing {
  readonly options: HearingOptions;
  readonly told = new Told();
  closed = 0;
  readonly sinks = new Set<HearingSink>();
  /** What it has passed on of utterances without a final. */
  readonly passedOn = new Map<number, string>();

  constructor(options: HearingOptions) {
    this.options = options;
  }

  take(event: SpeechEvent): void {
    this.told.take(event);
  }

  subscribe(sink: HearingSink, signal: AbortSignal): void {
    this.sinks.add(sink);
    signal.addEventListener('abort', () => this.sinks.delete(sink), { once: true });
  }

  giveUp(error: Error): void {
    this.options.onEvent({ type: 'failed', error, passedOn: new Map(this.passedOn) });
  }

  async close(): Promise<void> {
    this.closed += 1;
  }
}

/** What interprets in these tests; by default each rendering takes the speech itself. */
export class ScriptedInterpreters implements FusedRenderingFactory {
  readonly lowestWireRateHz = 16_000;
  readonly opened: ScriptedRendering[] = [];
  readonly hearings: ScriptedHearing[] = [];
  /** When each attempt to open was made. */
  readonly attemptsMs: number[] = [];
  /** What opening throws, while it is set. */
  openError: Error | undefined;
  readonly #clock: FakeClock;

  constructor(clock: FakeClock) {
    this.#clock = clock;
  }

  get fused(): Interpreters {
    return { type: 'fused', rendering: this };
  }

  /** Renderings of the text of one hearing. */
  get text(): Interpreters {
    return {
      type: 'text',
      hearing: {
        name: 'scripted',
        lowestWireRateHz: this.lowestWireRateHz,
        open: async (options) => {
          this.#attempt();
          const hearing = new ScriptedHearing(options);
          this.hearings.push(hearing);
          return hearing;
        },
      },
      rendering: { open: (options) => this.#rendering(options) },
    };
  }

  async open(options: RenderingOptions): Promise<FusedRendering> {
    this.#attempt();
    return this.#rendering(options);
  }

  /** The one opened last. */
  get last(): ScriptedRendering {
    const last = this.opened.at(-1);
    assert.ok(last !== undefined, 'no interpreter was opened');
    return last;
  }

  /** The latest that renders `from` into `to`. */
  of(from: Language, to: Language): ScriptedRendering {
    const found = this.opened.findLast(({ options }) => options.from === from && options.to === to);
    assert.ok(found !== undefined, `nothing renders ${from} into ${to}`);
    return found;
  }

  #attempt(): void {
    this.attemptsMs.push(this.#clock.nowMs());
    if (this.openError !== undefined) {
      throw this.openError;
    }
  }

  #rendering(options: RenderingOptions): ScriptedRendering {
    const rendering = new ScriptedRendering(options);
    this.opened.push(rendering);
    return rendering;
  }
}

/** What a call is to be where a test does not say. */
export const PLAN: CallPlan = {
  kind: 'pair',
  languages: ['en', 'es'],
  mode: 'bidirectional',
  translating: true,
  policy: 'clause',
  original: 'off',
  matchDelay: false,
  drafts: true,
  codeSwitching: false,
  voices: new Map(),
  glossary: () => EMPTY_GLOSSARY,
  announce: true,
  joinTones: true,
  maxParties: 32,
  limitMs: undefined,
};

export interface ExchangeOptions {
  /** Whether a voice that is heard as it is passes the media threads by; default no. */
  readonly passes?: boolean;
  readonly plan?: Partial<CallPlan>;
  readonly switchboard?: Partial<SwitchboardOptions>;
  readonly announcements?: AnnouncementBook;
  readonly voices?: VoiceBook;
  readonly emotionReader?: EmotionReader;
  readonly door?: Partial<DoorFacts>;
  readonly seating?: (plan: CallPlan) => NodeSeating;
  /** Default: English is interpreted by renderings that take the speech, nothing else is. */
  readonly interpreters?: (scripted: ScriptedInterpreters) => InterpreterBook;
  /** The nodes it serves with; default none. */
  readonly nodes?: SharedCalls;
  /** Default: it makes its own. */
  readonly clock?: FakeClock;
  readonly recorder?: Recorder;
  /** Default: voices are names. */
  readonly speakerVoices?: (clock: FakeClock, log: Log) => SpeakerVoices;
}

/** A line of the log with all its fields. */
export interface KeptLine extends LogFields {
  readonly level: string;
  readonly message: string;
}

/** Keeps its lines, and those of its children with their fields. */
export class KeptLog implements Log {
  readonly lines: KeptLine[];
  readonly #fields: LogFields;

  constructor(fields: LogFields = {}, lines: KeptLine[] = []) {
    this.#fields = fields;
    this.lines = lines;
  }

  debug(fields: LogFields, message: string): void {
    this.#keep('debug', fields, message);
  }

  info(fields: LogFields, message: string): void {
    this.#keep('info', fields, message);
  }

  warn(fields: LogFields, message: string): void {
    this.#keep('warn', fields, message);
  }

  error(fields: LogFields, message: string): void {
    this.#keep('error', fields, message);
  }

  child(fields: LogFields): Log {
    return new KeptLog({ ...this.#fields, ...fields }, this.lines);
  }

  #keep(level: string, fields: LogFields, message: string): void {
    this.lines.push({ ...this.#fields, ...fields, level, message });
  }
}

export class ScriptedExchange {
  readonly clock: FakeClock;
  readonly threads: LocalThreads;
  /** What interprets English; nothing interprets anything else. */
  readonly interpreters: ScriptedInterpreters;
  readonly events: CallEvent[] = [];
  readonly log = new KeptLog();
  readonly switchboard: Switchboard;
  readonly #legs: ScriptedLeg[] = [];
  readonly #watching = new AbortController();
  readonly #door: DoorFacts;

  constructor(test: TestContext, options: ExchangeOptions = {}) {
    const plan = { ...PLAN, ...options.plan };
    this.clock = options.clock ?? new FakeClock();
    this.threads = new LocalThreads(modules, this.clock, false, options.passes);
    this.interpreters = new ScriptedInterpreters(this.clock);
    this.#door = { name: 'test', languages: plan.languages, rejoinMs: 0, ...options.door };
    this.switchboard = new Switchboard(
      { uuidTimeoutMs: 5_000, waitLimitMs: 600_000, maxLegs: 10, ...options.switchboard },
      {
        pool: this.threads,
        fanOut: new FanOut(modules, this.clock),
        clock: this.clock,
        log: this.log,
        seating: options.seating?.(plan) ?? new SuffixSeating(plan),
        interpreters:
          options.interpreters?.(this.interpreters) ??
          ((from) => (from === 'en' ? this.interpreters.fused : undefined)),
        announcements: options.announcements ?? (() => undefined),
        ...(options.speakerVoices === undefined
          ? {}
          : { speakerVoices: options.speakerVoices(this.clock, this.log) }),
        voices: options.voices,
        emotionReader: options.emotionReader,
        recorder: options.recorder,
        nodes: options.nodes,
      },
    );
    this.switchboard.watch((_, event) => this.events.push(event), this.#watching.signal);
    test.after(() => this.close());
  }

  /** The messages of warnings and errors. */
  get warnings(): readonly string[] {
    return this.log.lines
      .filter(({ level }) => level === 'warn' || level === 'error')
      .map(({ message }) => message);
  }

  /** The lines with this message. */
  logged(message: string): readonly KeptLine[] {
    return this.log.lines.filter((line) => line.message === message);
  }

  /** What was counted so far under `name`. */
  count(name: string): number {
    return this.switchboard.totals().number(name);
  }

  /** What was counted so far under `name`, for `word`. */
  tally(name: string, word: string): number {
    return this.switchboard.totals().tally(name).get(word) ?? 0;
  }

  /** A connection that has not said who it is. */
  connect(rateHz?: number): ScriptedLeg {
    const leg = new ScriptedLeg(rateHz);
    this.#legs.push(leg);
    this.switchboard.accept(leg, this.#door);
    return leg;
  }

  /** A connection that says who it is before it has been accepted altogether. */
  connectAs(uuid: string, rateHz?: number, takesAtOnce?: boolean): ScriptedLeg {
    const leg = new ScriptedLeg(rateHz, uuid, takesAtOnce);
    this.#legs.push(leg);
    this.switchboard.accept(leg, this.#door);
    return leg;
  }

  /** A connection that says who it is, and is seated. */
  async arrive(uuid: string, rateHz?: number): Promise<ScriptedLeg> {
    const leg = this.connect(rateHz);
    leg.identify(uuid);
    await this.clock.settle();
    return leg;
  }

  /** Both parties of a call, the first of which speaks English. */
  async call(name = 'call', rateHz?: number): Promise<readonly [ScriptedLeg, ScriptedLeg]> {
    const legs = [this.connect(rateHz), this.connect(rateHz)] as const;
    legs[0].identify(`${name}0`);
    legs[1].identify(`${name}1`);
    await this.clock.settle();
    return legs;
  }

  /** Time passes; every party says a frame each 20 ms. */
  async run(durationMs: number): Promise<void> {
    for (let atMs = 0; atMs < durationMs; atMs += FRAME_MS) {
      for (const leg of this.#legs) {
        if (leg.ending === undefined && !leg.onHold) {
          leg.tick();
        }
      }
      await this.clock.advance(FRAME_MS);
    }
  }

  /** The states a party's legs went through. */
  statesOf(party: string): readonly string[] {
    return this.events.flatMap((event) =>
      event.type === 'party-state' && event.party === party ? [event.state] : [],
    );
  }

  async close(): Promise<void> {
    this.#watching.abort();
    const closed = this.switchboard.close();
    await this.clock.advance(100);
    await closed;
  }
}
