/**
 * One leg on its media thread: what it says goes to the speech detector, what it hears is put together by
 * `listener-sound.ts`, one frame a tick, shortly before the frame's deadline. Everything it holds lives in the leg's
 * shared memory or can be sent again, so that another thread can take over.
 */

import { FRAME_MS, frameSamples } from '../base/units.ts';
import { FrameBell } from './frame-bell.ts';
import { FrameRingReader, FrameRingWriter } from './frame-ring.ts';
import { MediaCounters, MediaGauges } from './leg-memory.ts';
import { ListenerSound } from './listener-sound.ts';
import type { MediaCommand, MediaEvent, MediaTask } from './media-messages.ts';
import { PlayoutQueue } from './playout-queue.ts';
import { peakOf } from './sound.ts';
import { SpeechDetector } from './speech-detector.ts';
import type { MediaModules } from './wasm.ts';

/** Frames kept ready for the pacer. One is enough, and more would make a flush and a live voice late. */
const READY_FRAMES = 1;

export class LegMedia {
  readonly #speechWritten: () => void;
  readonly #counters: MediaCounters;
  readonly #gauges: MediaGauges;
  readonly #inbound: FrameRingReader;
  readonly #inboundBell: FrameBell;
  readonly #speechBell: FrameBell;
  readonly #outbound: FrameRingWriter;
  readonly #detector: SpeechDetector;
  readonly #playout: PlayoutQueue;
  readonly #sound: ListenerSound;
  #rateHz: number;
  #rateFixed = false;
  /** Whether anybody cares for what the leg says. */
  #attending = true;
  #frame: Int16Array;
  #nowMs = 0;
  /** Whether it asks to be told of what arrives. */
  #attentive = false;
  #lastDeadlineMs: number | undefined;

  /** @param speechWritten is called when the main thread waits for what is said and there is some: tell it. */
  constructor(
    modules: MediaModules,
    task: MediaTask,
    emit: (event: MediaEvent) => void,
    speechWritten: () => void = () => {},
  ) {
    this.#counters = new MediaCounters(task.memory.counters);
    this.#gauges = new MediaGauges(task.memory.gauges);
    this.#speechWritten = speechWritten;
    this.#inbound = new FrameRingReader(task.memory.inbound);
    this.#inboundBell = new FrameBell(task.memory.inbound);
    this.#speechBell = new FrameBell(task.memory.speech);
    // The thread before this one may have left it armed.
    this.#inboundBell.disarm();
    this.#outbound = new FrameRingWriter(task.memory.outbound);
    this.#rateHz = task.rateHz;
    this.#frame = new Int16Array(frameSamples(task.rateHz));
    this.#detector = new SpeechDetector(modules, task.memory.speech, {
      speechStarted: (fromFrame, speechStartMs) => {
        this.#sound.turns.started(this.#nowMs - speechStartMs);
        emit({ type: 'speech-started', fromFrame, speechStartMs });
      },
      speechPaused: (silenceStartMs) => emit({ type: 'speech-paused', silenceStartMs }),
      speechResumed: () => emit({ type: 'speech-resumed' }),
      speechWasNone: () => emit({ type: 'speech-was-none' }),
      speechEnded: (toFrame, speechEndMs) => {
        this.#sound.turns.ended();
        emit({ type: 'speech-ended', toFrame, speechEndMs, decidedMs: this.#nowMs });
      },
    });
    this.#playout = new PlayoutQueue(modules, task.rateHz, {
      segmentStarted: (segment) => emit({ type: 'segment-started', segment, atMs: this.#nowMs }),
      segmentEnded: (segment, end) => emit({ type: 'segment-ended', segment, atMs: this.#nowMs, end }),
    });
    this.#sound = new ListenerSound(modules, this.#counters, this.#playout);
    this.#tellPlayout();
  }

  /** Does what the main thread asks. `close` is the task's own business. */
  handle(command: Exclude<MediaCommand, { type: 'close' }>): void {
    switch (command.type) {
      case 'hear':
        this.#sound.hear(command.partner, command.how);
        break;
      case 'how':
        this.#sound.how = command.how;
        break;
      case 'as-is':
        this.#sound.asIs = command.on;
        break;
      case 'attend':
        this.#attending = command.on;
        break;
      case 'expect':
        this.#sound.expecting = command.on;
        break;
      case 'speak-at':
        this.#followRate(command.rateHz);
        this.#rateFixed = true;
        break;
      case 'wait':
        this.#sound.waiting = command.waiting;
        break;
      case 'segment-open':
        this.#playout.open(command.segment, command.rateHz);
        break;
      case 'segment-audio':
        this.#playout.add(command.segment, command.pcm);
        break;
      case 'segment-end':
        this.#playout.end(command.segment);
        break;
      case 'flush':
        this.#playout.flush();
        break;
      case 'key':
        this.#sound.pressKey(command.key);
        break;
    }
  }

  /**
   * Takes what has arrived and makes the frame that is due next.
   * @param deadlineMs the tick's own deadline, on a 20 ms grid; a jump in it is a stall.
   */
  tick(deadlineMs: number, nowMs: number): void {
    this.#nowMs = nowMs;
    this.#noticeStall(deadlineMs, nowMs);
    this.#listen(nowMs);
    if (this.#outbound.unread < READY_FRAMES) {
      this.#produce(nowMs);
    } else {
      // The pacer did not come for the last frame: what plays is late by one more.
      this.#playout.stalled(FRAME_MS);
    }
  }

  /**
   * Takes what has arrived, between ticks: the main thread rang. What is heard and decided is the same as at the next
   * tick, in the same order, only sooner.
   */
  listen(nowMs: number): void {
    this.#nowMs = nowMs;
    this.#listen(nowMs);
  }

  #noticeStall(deadlineMs: number, nowMs: number): void {
    if (this.#lastDeadlineMs !== undefined) {
      const missed = Math.round((deadlineMs - this.#lastDeadlineMs) / FRAME_MS) - 1;
      if (missed > 0) {
        this.#counters.add('ticksMissed', missed);
        this.#playout.stalled(missed * FRAME_MS);
        this.#sound.stalled(missed, nowMs);
      }
    }
    this.#lastDeadlineMs = deadlineMs;
  }

  #listen(nowMs: number): void {
    const wanted = this.#attend();
    const lostBefore = this.#inbound.lost;
    const before = this.#inbound.position;
    for (let pcm = this.#inbound.read(); pcm !== undefined; pcm = this.#inbound.read()) {
      this.#followRate(this.#inbound.rateHz);
      if (this.#sound.turns.listening) {
        this.#sound.turns.heard(peakOf(pcm));
      }
      if (this.#attending) {
        this.#detector.push(pcm, this.#inbound.rateHz, this.#inbound.atMs);
      }
    }
    if (this.#inbound.lost > lostBefore) {
      this.#counters.add('inboundLost', this.#inbound.lost - lostBefore);
    }
    this.#detector.idle(nowMs);
    if (wanted && this.#inbound.position > before && this.#speechBell.ring()) {
      this.#speechWritten();
    }
  }

  /** While the main thread waits for what is said, what arrives is not left until the tick. */
  #attend(): boolean {
    const wanted = this.#speechBell.wanted;
    if (wanted) {
      this.#inboundBell.arm();
    } else if (this.#attentive) {
      this.#inboundBell.disarm();
    }
    this.#attentive = wanted;
    return wanted;
  }

  /** A leg is spoken to at the rate it speaks, unless that is fixed. */
  #followRate(rateHz: number): void {
    if (rateHz !== this.#rateHz && !this.#rateFixed) {
      this.#rateHz = rateHz;
      this.#frame = new Int16Array(frameSamples(rateHz));
      this.#playout.setRate(rateHz);
    }
  }

  #produce(nowMs: number): void {
    const frame = this.#frame;
    const { missing, dropped } = this.#playout;
    this.#sound.fill(frame, this.#rateHz, nowMs);
    this.#counters.add('playoutMissing', this.#playout.missing - missing);
    this.#counters.add('playoutDropped', this.#playout.dropped - dropped);
    this.#tellPlayout();
    if (this.#attending) {
      this.#detector.played(frame, this.#rateHz);
    }
    this.#outbound.writeSamples(frame, this.#rateHz, nowMs);
  }

  #tellPlayout(): void {
    this.#gauges.set('backlogMs', this.#playout.queuedMs);
    this.#gauges.set('tempoPercent', this.#playout.speed * 100);
  }

  /** Frees what the leg holds on this thread. */
  close(): void {
    this.#sound.close();
    this.#playout.close();
    this.#detector.close();
  }
}
