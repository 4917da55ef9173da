/**
 * What one generated leg says: a numbered frame each 20 ms, written as Asterisk does, with one write that must not
 * block. It runs on a thread that does nothing else (`load-sender.ts`); what was sent when lies in shared memory, where
 * the thread that hears finds it.
 */

import { writeSync } from 'node:fs';
import { codeOf } from '../../src/base/errors.ts';
import type { FrameSource } from './frame-listener.ts';
import type { VoiceWire } from './load-wire.ts';

/** Frames whose time of writing is remembered: 5.12 s, four times the longest delay that can be told. */
const REMEMBERED_FRAMES = 256;

// Places in the state.
const SENT = 0;
const BLOCKED = 1;
const FAILED = 2;

/** Of one leg; shared by the thread that sends and the one that hears. */
export interface VoiceMemory {
  readonly state: SharedArrayBuffer;
  readonly writtenMs: SharedArrayBuffer;
  readonly dueMs: SharedArrayBuffer;
  readonly latenessMs: SharedArrayBuffer;
}

/** @param frames the most frames that are recorded. */
export function allocateVoiceMemory(frames: number): VoiceMemory {
  return {
    state: new SharedArrayBuffer(3 * 4),
    writtenMs: new SharedArrayBuffer(REMEMBERED_FRAMES * 8),
    dueMs: new SharedArrayBuffer(frames * 8),
    latenessMs: new SharedArrayBuffer(frames * 4),
  };
}

export interface LoadVoiceOptions {
  readonly wire: VoiceWire;
  readonly memory: VoiceMemory;
  /** The connection's. */
  readonly descriptor: number;
}

export class LoadVoice {
  readonly #options: LoadVoiceOptions;
  readonly #state: Int32Array;
  readonly #writtenMs: Float64Array;
  readonly #dueMs: Float64Array;
  readonly #latenessMs: Float32Array;
  #sent = 0;

  constructor(options: LoadVoiceOptions) {
    const { memory } = options;
    this.#options = options;
    this.#state = new Int32Array(memory.state);
    this.#writtenMs = new Float64Array(memory.writtenMs);
    this.#dueMs = new Float64Array(memory.dueMs);
    this.#latenessMs = new Float32Array(memory.latenessMs);
  }

  /**
   * Writes the next frame. Asterisk ends a leg whose write blocks or is cut short; here it is counted, and a leg whose
   * connection is gone says no more.
   */
  send(dueMs: number, nowMs: number): void {
    if (this.#state[FAILED] !== 0) {
      return;
    }
    const frame = this.#sent;
    const message = this.#options.wire.message(frame);
    this.#writtenMs[frame % REMEMBERED_FRAMES] = nowMs;
    if (frame < this.#dueMs.length) {
      this.#dueMs[frame] = dueMs;
      this.#latenessMs[frame] = nowMs - dueMs;
    }
    this.#sent = frame + 1;
    Atomics.store(this.#state, SENT, this.#sent);
    this.#write(message);
  }

  #write(message: Uint8Array): void {
    let written = 0;
    try {
      written = writeSync(this.#options.descriptor, message, 0, message.length);
    } catch (error) {
      if (codeOf(error) !== 'EAGAIN') {
        // The thread that hears finds out why.
        Atomics.store(this.#state, FAILED, 1);
        return;
      }
    }
    if (written < message.length) {
      Atomics.add(this.#state, BLOCKED, 1);
      Atomics.store(this.#state, FAILED, 1);
    }
  }
}

/** The same leg's sending, seen by the thread that hears. */
export class SentFrames implements FrameSource {
  readonly leg: number;
  readonly #state: Int32Array;
  readonly #writtenMs: Float64Array;
  readonly #dueMs: Float64Array;
  readonly #latenessMs: Float32Array;

  constructor(leg: number, memory: VoiceMemory) {
    this.leg = leg;
    this.#state = new Int32Array(memory.state);
    this.#writtenMs = new Float64Array(memory.writtenMs);
    this.#dueMs = new Float64Array(memory.dueMs);
    this.#latenessMs = new Float32Array(memory.latenessMs);
  }

  get newestFrame(): number {
    return Atomics.load(this.#state, SENT) - 1;
  }

  /** Whether the server did not read, so that Asterisk would have ended the leg. */
  get blocked(): boolean {
    return Atomics.load(this.#state, BLOCKED) > 0;
  }

  writtenAtMs(frame: number): number {
    const newest = this.newestFrame;
    const forgotten = frame < 0 || frame > newest || frame <= newest - REMEMBERED_FRAMES;
    return forgotten ? Number.NaN : (this.#writtenMs[frame % REMEMBERED_FRAMES] ?? Number.NaN);
  }

  /** When each frame was due. */
  dueMs(): Float64Array {
    return new Float64Array(this.#dueMs.subarray(0, this.newestFrame + 1));
  }

  /** How much later than due each was written. */
  latenessMs(): Float32Array {
    return new Float32Array(this.#latenessMs.subarray(0, this.newestFrame + 1));
  }
}
