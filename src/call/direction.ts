/**
 * One way of a call: what one leg says, as the other hears it. It keeps an interpreter open while the call lives,
 * lets the speaker's own voice through whenever there is none, and puts together what became of each utterance.
 */

import type { Clock } from '../base/clock.ts';
import { codeOf, isAbort } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import type { Scope } from '../base/scope.ts';
import type { ConversationSide } from '../interpret/conversation.ts';
import type { Interpreter, InterpreterEvent, InterpreterFactory } from '../interpret/interpreter.ts';
import type { CallEvent } from './call-events.ts';
import type { CallTallies } from './call-tallies.ts';
import type { Leg, LegIdentity } from './leg.ts';
import { UtteranceBook } from './utterance-book.ts';

/** Pauses before opening an interpreter again, in ms; the last one repeats. */
const REOPEN_PAUSES_MS = [200, 400, 800, 5_000] as const;

/** How a listener hears the speaker's own voice: not at all, under the translation, or as loud as ever. */
export type OriginalMode = 'off' | 'duck' | 'full';

export interface DirectionOptions {
  readonly speaker: Leg;
  readonly listener: Leg;
  readonly from: LegIdentity;
  readonly to: LegIdentity;
  /** Undefined: the speaker is heard as they are. */
  readonly interpreters: InterpreterFactory | undefined;
  /** How the speaker's own voice is heard while it is interpreted. */
  readonly original: OriginalMode;
  readonly conversation: ConversationSide;
  readonly clock: Clock;
  readonly log: Log;
  readonly tallies: CallTallies;
  /** When the call began, on the clock. */
  readonly callStartMs: number;
  readonly emit: (event: CallEvent) => void;
}

export class Direction {
  readonly #options: DirectionOptions;
  readonly #scope: Scope;
  readonly #book: UtteranceBook;
  #interpreter: Interpreter | undefined;
  /** Resolves the wait for the present interpreter's end. */
  #lost: (() => void) | undefined;
  #utterance = 0;
  #warned = false;
  /** Whether the utterance going on is the present interpreter's: one that began before it was open is not. */
  #inUtterance = false;
  /** Utterances of which a translation may still come. */
  readonly #expected = new Set<number>();
  /** The listener's segments by the interpreter's numbers. */
  readonly #segments = new Map<number, number>();

  constructor(options: DirectionOptions, scope: Scope) {
    this.#options = options;
    this.#scope = scope;
    this.#book = new UtteranceBook(options);
  }

  /** Whether the speaker is interpreted, or is to be. */
  get interpreted(): boolean {
    return this.#options.interpreters !== undefined;
  }

  /** Lets the speaker be heard at once, and interpreted as soon as an interpreter is open. */
  start(): void {
    this.#letThrough();
    const { interpreters } = this.#options;
    if (interpreters !== undefined) {
      this.#scope.run((signal) => this.#keepInterpreter(interpreters, signal));
    }
  }

  /** Returns whether the utterance will be interpreted, so that its audio is wanted. */
  speechStarted(speechStartMs: number): boolean {
    if (this.#interpreter !== undefined) {
      this.#warnOfNarrowBand();
      this.#utterance += 1;
      this.#inUtterance = true;
      const overlapping = this.#options.speaker.media.playing;
      this.#expected.add(this.#utterance);
      this.#options.listener.media.expect(true);
      this.#interpreter.startUtterance(this.#utterance, speechStartMs, overlapping);
    }
    return this.#inUtterance;
  }

  speech(pcm: Int16Array): void {
    if (this.#inUtterance) {
      this.#interpreter?.write(pcm);
    }
  }

  speechPaused(silenceStartMs: number): void {
    if (this.#inUtterance) {
      this.#interpreter?.pause(silenceStartMs);
    }
  }

  speechResumed(): void {
    if (this.#inUtterance) {
      this.#interpreter?.resume();
    }
  }

  speechWasNone(): void {
    if (this.#inUtterance) {
      this.#interpreter?.abandon();
    }
  }

  speechEnded(speechEndMs: number): void {
    if (this.#inUtterance) {
      this.#inUtterance = false;
      this.#interpreter?.endUtterance(speechEndMs);
    }
  }

  /** Says once per call that recognition will be poor at the speaker's rate. */
  #warnOfNarrowBand(): void {
    const { speaker, interpreters, log } = this.#options;
    const lowestHz = interpreters?.lowestWireRateHz ?? 0;
    if (!this.#warned && speaker.media.rateHz < lowestHz) {
      this.#warned = true;
      log.warn(
        { rateHz: speaker.media.rateHz, lowestHz },
        'recognition will be poor: its engine needs wideband speech; use Dial(AudioSocket/.../c(slin16)) and a G.722 phone',
      );
    }
  }

  #letThrough(): void {
    this.#options.listener.media.hear(this.#options.speaker.media.voice, 'through');
  }

  /** Opens an interpreter, waits for its end, and opens another, until the call is over. */
  async #keepInterpreter(interpreters: InterpreterFactory, signal: AbortSignal): Promise<void> {
    for (let failures = 0; !signal.aborted; ) {
      try {
        const ended = new Promise<void>((resolve) => {
          this.#lost = resolve;
        });
        const interpreter = await this.#open(interpreters, signal);
        if (failures > 0) {
          this.#options.tallies.recoveries.add('true');
          this.#options.log.info({ failures }, 'an interpreter is open again');
        }
        failures = 0;
        await this.#use(interpreter, ended, signal);
      } catch (error) {
        if (isAbort(error) || signal.aborted) {
          return;
        }
        this.#options.tallies.errors.add(`interpreter ${codeOf(error)}`);
        this.#options.tallies.recoveries.add('false', failures > 0 ? 1 : 0);
        this.#options.log.warn({ error, failures }, 'no interpreter: the original voice is let through');
      }
      const pauseMs = REOPEN_PAUSES_MS[Math.min(failures, REOPEN_PAUSES_MS.length - 1)] ?? 5_000;
      failures += 1;
      await this.#options.clock.sleep(pauseMs, signal);
    }
  }

  #open(interpreters: InterpreterFactory, signal: AbortSignal): Promise<Interpreter> {
    return interpreters.open(
      {
        from: this.#options.from.language,
        to: this.#options.to.language,
        listenerRateHz: this.#options.listener.media.spokenToHz,
        conversation: this.#options.conversation,
        onEvent: (event) => this.#handle(event),
      },
      signal,
    );
  }

  /** Lets `interpreter` speak in place of the speaker until it fails or the call ends. */
  async #use(interpreter: Interpreter, ended: Promise<void>, signal: AbortSignal): Promise<void> {
    const { speaker, listener, original } = this.#options;
    this.#interpreter = interpreter;
    listener.media.hear(speaker.media.voice, original);
    speaker.handle('interpreter-ready');
    const onAbort = (): void => this.#lost?.();
    if (signal.aborted) {
      onAbort();
    }
    signal.addEventListener('abort', onAbort, { once: true });
    await ended;
    signal.removeEventListener('abort', onAbort);
    this.#interpreter = undefined;
    this.#inUtterance = false;
    this.#expected.clear();
    listener.media.expect(false);
    listener.media.hearAsIs(false);
    if (!signal.aborted) {
      // Before it is closed, which may take it a while, or fail.
      this.#letThrough();
      speaker.handle('interpreter-lost');
    }
    try {
      await interpreter.close();
    } finally {
      this.#endOpenSegments();
    }
  }

  /** What a lost interpreter had begun to say is all there will be of it. */
  #endOpenSegments(): void {
    for (const segment of this.#segments.values()) {
      this.#options.listener.media.endSegment(segment);
    }
    this.#segments.clear();
  }

  #handle(event: InterpreterEvent): void {
    const { listener, emit, log, tallies } = this.#options;
    switch (event.type) {
      case 'heard':
        emit({
          type: 'heard',
          atMs: this.#book.nowMs(),
          leg: this.#options.from.number,
          utterance: event.utterance,
          final: event.final,
          piiText: event.text,
        });
        break;
      case 'segment-started': {
        const segment = listener.media.openSegment(event.rateHz, this.#book.segment(event));
        this.#segments.set(event.segment, segment);
        break;
      }
      case 'segment-audio': {
        const segment = this.#segments.get(event.segment);
        if (segment !== undefined) {
          listener.media.addAudio(segment, event.pcm);
        }
        break;
      }
      case 'segment-ended': {
        const segment = this.#segments.get(event.segment);
        this.#segments.delete(event.segment);
        if (segment !== undefined) {
          listener.media.endSegment(segment);
        }
        break;
      }
      case 'utterance-ended':
        if (event.failure !== undefined) {
          const { stage, error } = event.failure;
          tallies.errors.add(`${stage} ${codeOf(error)}`);
          log.warn({ stage, error, utterance: event.utterance }, 'an utterance was not interpreted');
        }
        this.#book.close(event);
        this.#expected.delete(event.utterance);
        listener.media.expect(this.#expected.size > 0);
        break;
      case 'as-is':
        listener.media.hearAsIs(event.on);
        break;
      case 'noted':
        tallies.noted.add(event.what, event.count);
        break;
      case 'failed':
        tallies.errors.add(`interpreter ${codeOf(event.error)}`);
        log.warn({ error: event.error }, 'an interpreter was lost');
        this.#lost?.();
        break;
    }
  }
}
