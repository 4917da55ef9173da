/**
 * A switchboard whose parties, interpreters and media threads are all in the test's hands: connections that say what
 * the test says and keep what they are sent, interpreters that do what they are told, media on the fake clock.
 */

import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import type { LanguagePair } from '../../src/base/language.ts';
import type { Log } from '../../src/base/log.ts';
import { FRAME_MS, frameSamples } from '../../src/base/units.ts';
import type { AnnouncementBook } from '../../src/call/call.ts';
import type { CallEvent } from '../../src/call/call-events.ts';
import type { LegTransport, LegTransportSink } from '../../src/call/leg-transport.ts';
import { SuffixPairing } from '../../src/call/pairing/suffix-pairing.ts';
import { Switchboard, type SwitchboardOptions } from '../../src/call/switchboard.ts';
import type {
  Interpreter,
  InterpreterEvent,
  InterpreterFactory,
  InterpreterOptions,
} from '../../src/interpret/interpreter.ts';
import { bytesOf } from '../../src/media/sound.ts';
import { loadMediaModules } from '../../src/media/wasm.ts';
import { concatPcm, silence } from '../asterisk/audio.ts';
import { FakeClock } from '../base/fake-clock.ts';
import { LocalThreads } from '../media/local-threads.ts';

const modules = await loadMediaModules();

/** One party's connection. */
export class ScriptedLeg implements LegTransport {
  readonly remote = 'test';
  bytesIn = 0;
  bytesOut = 0;
  framesDropped = 0;
  /** Why it ended, once it has; `hung-up` when we ended it. */
  ending: string | undefined;
  readonly rateHz: number;
  readonly #sent: Int16Array[] = [];
  readonly #toSay: Int16Array[] = [];
  #sink: LegTransportSink | undefined;

  constructor(rateHz = 8_000) {
    this.rateHz = rateHz;
  }

  attach(sink: LegTransportSink): void {
    this.#sink = sink;
  }

  send(pcm: Uint8Array): void {
    this.#sent.push(new Int16Array(pcm.slice().buffer));
  }

  hangUp(): void {
    if (this.ending === undefined) {
      this.ending = 'hung-up';
      // A socket closes later, never from inside the call that asks for it.
      queueMicrotask(() => this.#sink?.closed('hung-up'));
    }
  }

  /** The connection is gone. */
  end(reason: string, error?: Error): void {
    if (this.ending === undefined) {
      this.ending = reason;
      this.#sink?.closed(reason, error);
    }
  }

  identify(uuid: string): void {
    this.#sink?.identified(uuid);
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
    this.#sink?.frame(bytesOf(this.#toSay.shift() ?? silence(FRAME_MS, this.rateHz)), this.rateHz);
  }

  /** Frames it was sent since the last call. */
  heard(): Int16Array {
    return concatPcm(...this.#sent.splice(0));
  }
}

/** One interpreter that was opened: what it was told, and what it says when told to. */
export class ScriptedInterpreter implements Interpreter {
  readonly calls: string[] = [];
  readonly options: InterpreterOptions;
  samples = 0;
  closed = 0;
  /** How its close ends. */
  closing: Promise<void> = Promise.resolve();

  constructor(options: InterpreterOptions) {
    this.options = options;
  }

  startUtterance(utterance: number, speechStartMs: number, overlapping: boolean): void {
    this.calls.push(`start ${utterance} at ${speechStartMs}${overlapping ? ' overlapping' : ''}`);
  }

  write(pcm: Int16Array): void {
    this.samples += pcm.length;
  }

  pause(): void {
    this.calls.push('pause');
  }

  resume(): void {
    this.calls.push('resume');
  }

  abandon(): void {
    this.calls.push('abandon');
  }

  endUtterance(): void {
    this.calls.push('end');
  }

  close(): Promise<void> {
    this.closed += 1;
    return this.closing;
  }

  says(event: InterpreterEvent): void {
    this.options.onEvent(event);
  }

  /** Speaks a whole segment of `utterance` at 8 kHz. */
  speaks(utterance: number, segment: number, pcm: Int16Array): void {
    this.says({ type: 'segment-started', utterance, segment, text: `segment ${segment}`, rateHz: 8_000 });
    this.says({ type: 'segment-audio', segment, pcm });
    this.says({ type: 'segment-ended', segment });
  }
}

export class ScriptedInterpreters implements InterpreterFactory {
  readonly lowestWireRateHz = 16_000;
  readonly opened: ScriptedInterpreter[] = [];
  /** When each attempt to open was made. */
  readonly attemptsMs: number[] = [];
  /** What opening throws, while it is set. */
  openError: Error | undefined;
  readonly #clock: FakeClock;

  constructor(clock: FakeClock) {
    this.#clock = clock;
  }

  async open(options: InterpreterOptions): Promise<Interpreter> {
    this.attemptsMs.push(this.#clock.nowMs());
    if (this.openError !== undefined) {
      throw this.openError;
    }
    const interpreter = new ScriptedInterpreter(options);
    this.opened.push(interpreter);
    return interpreter;
  }

  /** The one opened last. */
  get last(): ScriptedInterpreter {
    const last = this.opened.at(-1);
    assert.ok(last !== undefined, 'no interpreter was opened');
    return last;
  }
}

const EN_ES: LanguagePair = { first: 'en', second: 'es' };

export class ScriptedExchange {
  readonly clock = new FakeClock();
  readonly threads = new LocalThreads(modules, this.clock);
  /** What interprets English; nothing interprets anything else. */
  readonly interpreters = new ScriptedInterpreters(this.clock);
  readonly events: CallEvent[] = [];
  readonly warnings: string[] = [];
  readonly switchboard: Switchboard;
  readonly #legs: ScriptedLeg[] = [];
  readonly #watching = new AbortController();

  constructor(
    test: TestContext,
    options: Partial<SwitchboardOptions> = {},
    announcements: AnnouncementBook = () => undefined,
  ) {
    this.switchboard = new Switchboard(
      { mode: 'bidirectional', original: 'off', uuidTimeoutMs: 5_000, maxLegs: 10, ...options },
      {
        pool: this.threads,
        clock: this.clock,
        log: keepingLog(this.warnings),
        pairing: new SuffixPairing(),
        interpreters: (from) => (from === 'en' ? this.interpreters : undefined),
        announcements,
      },
    );
    this.switchboard.watch((_, event) => this.events.push(event), this.#watching.signal);
    test.after(() => this.close());
  }

  /** A connection that has not said who it is. */
  connect(rateHz?: number): ScriptedLeg {
    const leg = new ScriptedLeg(rateHz);
    this.#legs.push(leg);
    this.switchboard.accept(leg, EN_ES);
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
        if (leg.ending === undefined) {
          leg.tick();
        }
      }
      await this.clock.advance(FRAME_MS);
    }
  }

  /** The states a leg went through. */
  statesOf(leg: number): readonly string[] {
    return this.events.flatMap((event) =>
      event.type === 'leg-state' && event.leg === leg ? [event.state] : [],
    );
  }

  async close(): Promise<void> {
    this.#watching.abort();
    const closed = this.switchboard.close();
    await this.clock.advance(100);
    await closed;
  }
}

function keepingLog(warnings: string[]): Log {
  return {
    debug() {},
    info() {},
    warn: (_, message) => warnings.push(message),
    error: (_, message) => warnings.push(message),
    child: () => keepingLog(warnings),
  };
}
