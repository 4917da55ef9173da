/**
 * The main thread's side of one leg's media: puts what arrives into shared memory, takes what is due out of it,
 * and keeps the leg's task running. It remembers all it has told the task (whom to hear, which speech is still to
 * be heard), so that when the thread dies another goes on where that one was.
 */

import type { Clock, Timer } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import { AnnouncedSegments, type SegmentSink } from './announced-segments.ts';
import { BELL, type BellMessage, FrameBell } from './frame-bell.ts';
import { type FrameRingHandle, FrameRingReader, FrameRingWriter } from './frame-ring.ts';
import {
  allocateLegMemory,
  type LegMemory,
  type MediaCounter,
  MediaCounters,
  MediaGauges,
} from './leg-memory.ts';
import type { HearMode, MediaCommand, MediaEvent } from './media-messages.ts';
import type { MediaThreads, RunningTask } from './media-pool.ts';

/** A task whose thread dies more than once a second is started again only each second. */
const RESTART_PAUSE_MS = 1_000;

export interface MediaLegSink {
  /** The leg began to speak. If the answer is true, `speech` calls follow until `speechEnded`. */
  speechStarted(speechStartMs: number): boolean;
  /** 20 ms of the utterance, 16 kHz; belongs to the receiver. */
  speech(pcm: Int16Array): void;
  /** The leg pauses since `silenceStartMs` and may go on. */
  speechPaused(silenceStartMs: number): void;
  /** The leg goes on after a pause. */
  speechResumed(): void;
  /** The utterance that goes on turned out to be no speech, but music; its end follows. */
  speechWasNone(): void;
  /** `speechEndMs`: when the voice stopped; `decidedMs`: when that was noticed. */
  speechEnded(speechEndMs: number, decidedMs: number): void;
}

export class MediaLeg {
  /** How many times the task was started again because its thread died. */
  restarts = 0;
  /** Frames of utterances that were overwritten before they were passed on. */
  speechLost = 0;
  readonly #threads: MediaThreads;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #sink: MediaLegSink;
  readonly #phaseMs: number;
  readonly #memory: LegMemory = allocateLegMemory();
  readonly #counters = new MediaCounters(this.#memory.counters);
  readonly #gauges = new MediaGauges(this.#memory.gauges);
  readonly #inbound = new FrameRingWriter(this.#memory.inbound);
  readonly #outbound = new FrameRingReader(this.#memory.outbound, 0);
  readonly #inboundBell = new FrameBell(this.#memory.inbound);
  readonly #speechBell = new FrameBell(this.#memory.speech);
  /** Reads the utterance that is going on. */
  #speech: FrameRingReader | undefined;
  #task: RunningTask | undefined;
  /** Set while it waits to be started again. */
  #restart: Timer | undefined;
  #startedAtMs = Number.NEGATIVE_INFINITY;
  #rateHz = 8_000;
  #onlyHz: number | undefined;
  #hear: Extract<MediaCommand, { type: 'hear' }> = { type: 'hear', partner: undefined, how: 'off' };
  #asIs = false;
  #expecting = false;
  #attending = true;
  #waiting = false;
  readonly #segments = new AnnouncedSegments((command) => this.#send(command));
  #closed = false;
  #allEnded: Promise<void> = Promise.resolve();

  /** @param phaseMs when in each 20 ms the leg's frame leaves. */
  constructor(threads: MediaThreads, clock: Clock, log: Log, phaseMs: number, sink: MediaLegSink) {
    this.#threads = threads;
    this.#clock = clock;
    this.#log = log;
    this.#phaseMs = phaseMs;
    this.#sink = sink;
    this.#start();
  }

  /** The ring of what arrives from this leg, for those who hear it. */
  get voice(): FrameRingHandle {
    return this.#memory.inbound;
  }

  /** The rate in Hz the leg speaks at; 8,000 until it has spoken. */
  get rateHz(): number {
    return this.#rateHz;
  }

  /** The rate in Hz the leg is spoken to at: that at which it speaks, unless {@link speakAt} has fixed it. */
  get spokenToHz(): number {
    return this.#onlyHz ?? this.#rateHz;
  }

  count(counter: MediaCounter): number {
    return this.#counters.get(counter);
  }

  /** Translated speech that waits to be heard by the leg, in ms at its natural speed. */
  get backlogMs(): number {
    return this.#gauges.get('backlogMs');
  }

  /** How fast it is spoken: 1 is its natural speed, 1.3 the most. */
  get tempo(): number {
    return this.#gauges.get('tempoPercent') / 100;
  }

  /** Takes one 20 ms frame from the leg; copies it. While an utterance goes on its thread is told at once. */
  receive(pcm: Uint8Array, rateHz: number, nowMs: number): void {
    this.#rateHz = rateHz;
    this.#inbound.write(pcm, rateHz, nowMs);
    if (this.#inboundBell.ring()) {
      this.#ring();
    }
  }

  /** The frame to send now, as bytes, its rate in `sendRateHz`; undefined when none is ready. Good until the next call. */
  takeFrame(): Uint8Array | undefined {
    if (this.#outbound.read() === undefined) {
      return undefined;
    }
    this.#outbound.publish();
    return this.#outbound.bytes;
  }

  /** The rate in Hz of the frame last taken. */
  get sendRateHz(): number {
    return this.#outbound.rateHz;
  }

  /**
   * Passes on what the leg has said since the last call, if an utterance is going on. Call it each 20 ms; threads that
   * wake this one do it sooner.
   */
  drainSpeech(): void {
    const reader = this.#speech;
    if (reader !== undefined) {
      for (let pcm = reader.read(); pcm !== undefined; pcm = reader.read()) {
        this.#sink.speech(pcm.slice());
      }
      this.speechLost += reader.lost;
      reader.lost = 0;
    }
  }

  /** Whether a translation is being heard. */
  get playing(): boolean {
    return this.#segments.sounding;
  }

  /** Lets the leg hear `partner`'s own voice in a way, or nobody's. */
  hear(partner: FrameRingHandle | undefined, how: HearMode): void {
    const same = partner !== undefined && partner === this.#hear.partner;
    this.#hear = { type: 'hear', partner, how };
    // A voice that goes on is not begun anew.
    this.#send(same ? { type: 'how', how } : this.#hear);
  }

  /** Lets the partner's voice be heard as it is, or no longer, whatever {@link hear} said. */
  hearAsIs(on: boolean): void {
    this.#asIs = on;
    this.#send({ type: 'as-is', on });
  }

  /** Says whether what the leg says is listened to, so that speech is told of. Listening is most of a leg's work. Default true. */
  attend(on: boolean): void {
    if (on !== this.#attending) {
      this.#attending = on;
      this.#send({ type: 'attend', on });
    }
  }

  /** Says that a translation is on its way, or no longer: a cue sounds when nothing is heard for long. */
  expect(on: boolean): void {
    if (on !== this.#expecting) {
      this.#expecting = on;
      this.#send({ type: 'expect', on });
    }
  }

  /** Speaks to the leg at `rateHz` from now on, whatever it speaks at. */
  speakAt(rateHz: number): void {
    this.#onlyHz = rateHz;
    this.#send({ type: 'speak-at', rateHz });
  }

  /** Plays the waiting tone, or stops it. */
  wait(waiting: boolean): void {
    this.#waiting = waiting;
    this.#send({ type: 'wait', waiting });
  }

  /** Announces speech, to be heard after all that was announced before; returns its number for the next two calls. */
  openSegment(rateHz: number, sink: SegmentSink): number {
    return this.#segments.open(rateHz, sink);
  }

  /** Adds sound to a segment; keeps `pcm` until the segment has been heard. */
  addAudio(segment: number, pcm: Int16Array): void {
    this.#segments.add(segment, pcm);
  }

  endSegment(segment: number): void {
    this.#segments.end(segment);
  }

  /** Forgets all speech that has not been heard, at once, whether or not the thread lives to hear of it. */
  flush(): void {
    this.#send({ type: 'flush' });
    this.#segments.flush(this.#clock.nowMs());
  }

  /** Plays the tone of a telephone key. */
  pressKey(key: string): void {
    this.#send({ type: 'key', key });
  }

  /** Ends the task; resolves when it has ended. Idempotent. */
  close(): Promise<void> {
    if (!this.#closed) {
      this.#closed = true;
      this.#restart?.cancel();
      this.#send({ type: 'close' });
      this.#stopReading();
      this.#segments.flush(this.#clock.nowMs());
    }
    return this.#allEnded;
  }

  #send(command: MediaCommand): void {
    this.#task?.port.postMessage(command);
  }

  #start(): void {
    this.#startedAtMs = this.#clock.nowMs();
    const task = this.#threads.start({ memory: this.#memory, phaseMs: this.#phaseMs, rateHz: this.#rateHz });
    this.#task = task;
    task.port.on('message', (event: MediaEvent | BellMessage) => this.#handle(event));
    this.#send(this.#hear);
    if (this.#asIs) {
      this.#send({ type: 'as-is', on: true });
    }
    if (!this.#attending) {
      this.#send({ type: 'attend', on: false });
    }
    if (this.#expecting) {
      this.#send({ type: 'expect', on: true });
    }
    if (this.#onlyHz !== undefined) {
      this.#send({ type: 'speak-at', rateHz: this.#onlyHz });
    }
    if (this.#waiting) {
      this.#send({ type: 'wait', waiting: true });
    }
    this.#segments.tellAgain();
    this.#allEnded = task.ended.then(
      () => task.port.close(),
      (error: unknown) => this.#died(task, error),
    );
  }

  /** The thread is gone: the utterance it was in ends here, and another thread takes over. */
  #died(task: RunningTask, error: unknown): void {
    task.port.close();
    this.#task = undefined;
    if (this.#closed) {
      return;
    }
    this.restarts += 1;
    this.#log.warn({ error, restarts: this.restarts }, 'a media thread died; the leg goes on on another');
    const nowMs = this.#clock.nowMs();
    if (this.#speech !== undefined) {
      this.drainSpeech();
      this.#stopReading();
      this.#sink.speechEnded(nowMs, nowMs);
    }
    if (nowMs - this.#startedAtMs >= RESTART_PAUSE_MS || this.restarts === 1) {
      this.#start();
      return;
    }
    this.#restart = this.#clock.at(nowMs + RESTART_PAUSE_MS, () => this.#start());
  }

  #handle(event: MediaEvent | BellMessage): void {
    if (this.#closed) {
      return;
    }
    switch (event.type) {
      case 'bell':
        this.#readOn();
        break;
      case 'speech-started':
        if (this.#sink.speechStarted(event.speechStartMs)) {
          this.#speech = new FrameRingReader(this.#memory.speech, event.fromFrame);
          this.#readOn();
          if (this.#threads.wakes === true) {
            // So that the thread knows before its next tick that what comes is waited for.
            this.#ring();
          }
        }
        break;
      case 'speech-paused':
        this.drainSpeech();
        this.#sink.speechPaused(event.silenceStartMs);
        break;
      case 'speech-resumed':
        this.#sink.speechResumed();
        break;
      case 'speech-was-none':
        this.#sink.speechWasNone();
        break;
      case 'speech-ended':
        this.#finishSpeech(event.toFrame);
        this.#sink.speechEnded(event.speechEndMs, event.decidedMs);
        break;
      case 'segment-started':
        this.#segments.started(event.segment, event.atMs);
        break;
      case 'segment-ended':
        this.#segments.ended(event.segment, event.atMs, event.end);
        break;
    }
  }

  /** Passes on what is there, and asks to be told of more. */
  #readOn(): void {
    if (this.#speech !== undefined && this.#threads.wakes === true) {
      this.#speechBell.arm();
    }
    this.drainSpeech();
  }

  #ring(): void {
    if (!this.#closed) {
      this.#task?.port.postMessage(BELL);
    }
  }

  #stopReading(): void {
    this.#speech = undefined;
    this.#speechBell.disarm();
  }

  /** Passes on the rest of the utterance, up to `toFrame`. */
  #finishSpeech(toFrame: number): void {
    const reader = this.#speech;
    this.#stopReading();
    while (reader !== undefined && reader.position < toFrame) {
      const pcm = reader.read();
      if (pcm === undefined) {
        break;
      }
      this.#sink.speech(pcm.slice());
    }
    this.speechLost += reader?.lost ?? 0;
  }
}
