/**
 * One leg on its media thread: what it says goes to the speech detector, what it hears is put together here, one
 * frame a tick, shortly before the frame's deadline. A leg hears the translation; without one, the partner's own
 * voice if it is let through; keys and the waiting tone on top; else silence. Everything it holds lives in the
 * leg's shared memory or can be sent again, so that another thread can take over.
 */

import { FRAME_MS, frameSamples } from '../base/units.ts';
import { FrameRingReader, FrameRingWriter } from './frame-ring.ts';
import { MediaCounters } from './leg-memory.ts';
import { LiveLane } from './live-lane.ts';
import type { MediaCommand, MediaEvent, MediaTask } from './media-messages.ts';
import { PlayoutQueue } from './playout-queue.ts';
import { fade } from './sound.ts';
import { SpeechDetector } from './speech-detector.ts';
import { KeyTones, WaitingTone } from './tones.ts';
import type { MediaModules } from './wasm.ts';

/** Frames kept ready for the pacer. One is enough, and more would make a flush and a live voice late. */
const READY_FRAMES = 1;

export class LegMedia {
  readonly #modules: MediaModules;
  readonly #counters: MediaCounters;
  readonly #inbound: FrameRingReader;
  readonly #outbound: FrameRingWriter;
  readonly #detector: SpeechDetector;
  readonly #playout: PlayoutQueue;
  readonly #keys = new KeyTones();
  #waiting: WaitingTone | undefined;
  #live: LiveLane | undefined;
  #gain = 0;
  #gainBefore = 0;
  #rateHz: number;
  #rateFixed = false;
  #frame: Int16Array;
  /** The partner's voice while a translation is heard instead. */
  #unheard: Int16Array;
  #nowMs = 0;
  #lastDeadlineMs: number | undefined;

  constructor(modules: MediaModules, task: MediaTask, emit: (event: MediaEvent) => void) {
    this.#modules = modules;
    this.#counters = new MediaCounters(task.memory.counters);
    this.#inbound = new FrameRingReader(task.memory.inbound);
    this.#outbound = new FrameRingWriter(task.memory.outbound);
    this.#rateHz = task.rateHz;
    this.#frame = new Int16Array(frameSamples(task.rateHz));
    this.#unheard = new Int16Array(this.#frame.length);
    this.#detector = new SpeechDetector(modules, task.memory.speech, {
      speechStarted: (fromFrame, speechStartMs) => emit({ type: 'speech-started', fromFrame, speechStartMs }),
      speechPaused: (silenceStartMs) => emit({ type: 'speech-paused', silenceStartMs }),
      speechEnded: (toFrame, speechEndMs) =>
        emit({ type: 'speech-ended', toFrame, speechEndMs, decidedMs: this.#nowMs }),
    });
    this.#playout = new PlayoutQueue(modules, task.rateHz, {
      segmentStarted: (segment) => emit({ type: 'segment-started', segment, atMs: this.#nowMs }),
      segmentEnded: (segment, end) => emit({ type: 'segment-ended', segment, atMs: this.#nowMs, end }),
    });
  }

  /** Does what the main thread asks. `close` is the task's own business. */
  handle(command: Exclude<MediaCommand, { type: 'close' }>): void {
    switch (command.type) {
      case 'hear':
        this.#takeLiveCounts();
        this.#live?.close();
        this.#live = command.partner === undefined ? undefined : new LiveLane(this.#modules, command.partner);
        this.#gain = command.how === 'through' ? 1 : 0;
        break;
      case 'as-is':
      case 'expect':
        break;
      case 'speak-at':
        this.#followRate(command.rateHz);
        this.#rateFixed = true;
        break;
      case 'wait':
        this.#waiting = command.waiting ? new WaitingTone() : undefined;
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
        this.#keys.press(command.key);
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

  #noticeStall(deadlineMs: number, nowMs: number): void {
    if (this.#lastDeadlineMs !== undefined) {
      const missed = Math.round((deadlineMs - this.#lastDeadlineMs) / FRAME_MS) - 1;
      if (missed > 0) {
        this.#counters.add('ticksMissed', missed);
        this.#playout.stalled(missed * FRAME_MS);
        this.#live?.stalled(missed, nowMs);
      }
    }
    this.#lastDeadlineMs = deadlineMs;
  }

  #listen(nowMs: number): void {
    const lostBefore = this.#inbound.lost;
    for (let pcm = this.#inbound.read(); pcm !== undefined; pcm = this.#inbound.read()) {
      this.#followRate(this.#inbound.rateHz);
      this.#detector.push(pcm, this.#inbound.rateHz, this.#inbound.atMs);
    }
    if (this.#inbound.lost > lostBefore) {
      this.#counters.add('inboundLost', this.#inbound.lost - lostBefore);
    }
    this.#detector.idle(nowMs);
  }

  /** A leg is spoken to at the rate it speaks, unless that is fixed. */
  #followRate(rateHz: number): void {
    if (rateHz !== this.#rateHz && !this.#rateFixed) {
      this.#rateHz = rateHz;
      this.#frame = new Int16Array(frameSamples(rateHz));
      this.#unheard = new Int16Array(this.#frame.length);
      this.#playout.setRate(rateHz);
    }
  }

  #produce(nowMs: number): void {
    const frame = this.#frame;
    const missingBefore = this.#playout.missing;
    const droppedBefore = this.#playout.dropped;
    const spoken = this.#playout.pull(frame);
    // The live voice runs on beneath a translation, so that it is not late when it is heard again.
    const heard = this.#hearLive(spoken ? this.#unheard : frame, nowMs) || spoken;
    this.#counters.add('playoutMissing', this.#playout.missing - missingBefore);
    this.#counters.add('playoutDropped', this.#playout.dropped - droppedBefore);
    if (!heard) {
      frame.fill(0);
    }
    this.#waiting?.mixInto(frame, this.#rateHz);
    if (this.#keys.playing) {
      this.#keys.mixInto(frame, this.#rateHz);
    }
    this.#detector.played(frame, this.#rateHz);
    this.#outbound.writeSamples(frame, this.#rateHz, nowMs);
  }

  /** The partner's own voice into `frame`, at its gain. */
  #hearLive(frame: Int16Array, nowMs: number): boolean {
    if (this.#live === undefined) {
      this.#gainBefore = 0;
      return false;
    }
    const heard = this.#live.pull(frame, this.#rateHz, nowMs);
    const [from, to] = [this.#gainBefore, this.#gain];
    this.#gainBefore = to;
    if (heard && (from !== 1 || to !== 1)) {
      fade(frame, from, to);
    }
    return heard;
  }

  #takeLiveCounts(): void {
    if (this.#live !== undefined) {
      this.#counters.add('liveLost', this.#live.lost);
      this.#counters.add('liveMissing', this.#live.missing);
      this.#counters.add('liveTrimmed', this.#live.trimmed);
    }
  }

  /** Frees what the leg holds on this thread. */
  close(): void {
    this.#takeLiveCounts();
    this.#live?.close();
    this.#live = undefined;
    this.#playout.close();
    this.#detector.close();
  }
}
