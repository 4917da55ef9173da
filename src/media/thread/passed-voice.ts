/**
 * While a leg is to hear one other party as it is and nothing else, its task sleeps and the main thread passes the voice
 * on (`through-voice.ts` says why). This decides who makes the leg's frames: it sends the task to sleep and wakes it, and
 * goes on passing the voice until the task has made a frame again.
 */

import type { MediaModules } from '../dsp/wasm.ts';
import type { FrameRingReader } from '../ring/frame-ring.ts';
import type { WireState } from '../ring/frame-wire.ts';
import type { MediaCounters } from '../ring/leg-memory.ts';
import type { VoiceLevel } from '../ring/voice-level.ts';
import { isOnlyThrough, type Orders } from './orders.ts';
import { ThroughVoice } from './through-voice.ts';

/** A leg whose task was needed keeps it for this long, in ms: a tone or a key has sounded by then. */
export const KEEP_TASK_MS = 2_000;

export interface PassedVoiceDeps {
  /** Undefined: a voice is never passed on by the main thread. */
  readonly modules: MediaModules | undefined;
  readonly counters: MediaCounters;
  /** What the task has made. */
  readonly outbound: FrameRingReader;
  /** What the task has sent. */
  readonly way: WireState;
  /** Somebody who wants it needs the task. */
  readonly level: VoiceLevel;
  /** Whether the leg takes what the voice says as it comes, at its own rate, which is converted here. */
  readonly atOnce: boolean;
  /** Whether nothing is spoken to the leg, nor waits to be. */
  readonly quiet: () => boolean;
  readonly sleep: (on: boolean) => void;
}

export class PassedVoice {
  readonly #deps: PassedVoiceDeps;
  #through: ThroughVoice | undefined;
  /** The one voice, while the orders ask for it and nothing else. */
  #voice: Orders['voices'][number] | undefined;
  #asleep = false;
  #taskNeededUntilMs = 0;
  /** A voice of another rate than the leg's, by its ring: it is the task's, and is not tried again. */
  #convertedRing: number | undefined;
  /** Frames the thread had sent when the task was last started or woken; more: it sends. */
  #sentBefore = 0;

  constructor(deps: PassedVoiceDeps) {
    this.#deps = deps;
  }

  /** Whether the task sleeps. */
  get asleep(): boolean {
    return this.#asleep;
  }

  /** Whether {@link take} may have the frame that is due. */
  get mayHaveFrame(): boolean {
    return this.#voice !== undefined || this.#through !== undefined;
  }

  /**
   * Whether the thread sends the leg's frames by itself, for now; then nothing is passed on any more. Ask before a frame
   * is claimed: one that is claimed for a voice that has just ended is a frame that nobody makes.
   */
  yields(): boolean {
    if (this.#asleep || !this.#hasSent) {
      return false;
    }
    this.#stop();
    return true;
  }

  /** What the leg is to hear has changed: its task has to know. */
  ordered(orders: Orders, nowMs: number): void {
    this.needTask(nowMs);
    this.#convertedRing = undefined;
    this.#voice = this.#deps.modules !== undefined && isOnlyThrough(orders) ? orders.voices[0] : undefined;
  }

  /** A task is started over the leg's memory; it is awake until it is told. */
  taskStarts(): void {
    this.#sentBefore = this.#deps.way.threadFrames;
  }

  /** The task is needed until `untilMs` at least. Until it has made a frame the voice goes on as it is. */
  needTask(untilMs: number): void {
    this.#taskNeededUntilMs = Math.max(this.#taskNeededUntilMs, untilMs);
    if (this.#asleep) {
      const { outbound, sleep } = this.#deps;
      this.#asleep = false;
      this.taskStarts();
      // What it had made before it slept is no longer due.
      outbound.skipAll();
      outbound.publish();
      sleep(false);
    }
  }

  /** Takes the voice over from the task where it can. Ask at each frame. */
  look(nowMs: number): void {
    const { modules, counters, level, quiet, sleep } = this.#deps;
    const isDue = !this.#asleep && this.#through === undefined && nowMs >= this.#taskNeededUntilMs;
    const isOther = this.#voice?.ring.number === this.#convertedRing;
    if (isDue && !isOther && modules !== undefined && this.#voice !== undefined && quiet() && !level.wanted) {
      this.#through = new ThroughVoice(modules, counters, this.#voice.ring);
      this.#asleep = true;
      sleep(true);
    }
  }

  /** The voice's frame of `rateHz`, if the task sleeps or can be sent to sleep; undefined: the task's own is due. */
  take(rateHz: number, nowMs: number): Uint8Array | undefined {
    const { atOnce, outbound } = this.#deps;
    this.#followLevel(nowMs);
    if (this.#asleep && !atOnce && this.#through?.converts === true) {
      this.#convertedRing = this.#voice?.ring.number;
      this.needTask(nowMs + KEEP_TASK_MS);
    }
    if (!this.#asleep && this.#through !== undefined && (this.#hasSent || outbound.available > 0)) {
      this.#stop();
    } else {
      this.look(nowMs);
    }
    return this.#through?.take(rateHz, nowMs);
  }

  /** Whether what the voice says is passed on as it comes, for now: {@link takeArrived}. */
  passesAtOnce(nowMs: number): boolean {
    this.#followLevel(nowMs);
    return this.#deps.atOnce && this.#asleep;
  }

  /** The next frame that has come, where it may be passed on at once. */
  takeArrived(rateHz: number, nowMs: number): Uint8Array | undefined {
    return this.#deps.atOnce && this.#asleep ? this.#through?.takeArrived(rateHz, nowMs) : undefined;
  }

  /** Nothing is passed on any more. */
  close(): void {
    this.#stop();
    this.#voice = undefined;
  }

  /** Who wants to see how loud the leg speaks needs the task. */
  #followLevel(nowMs: number): void {
    if (this.#asleep && this.#deps.level.wanted) {
      this.needTask(nowMs + KEEP_TASK_MS);
    }
  }

  #stop(): void {
    this.#through?.close();
    this.#through = undefined;
  }

  get #hasSent(): boolean {
    return this.#deps.way.threadFrames !== this.#sentBefore;
  }
}
