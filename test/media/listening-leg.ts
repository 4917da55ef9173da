/**
 * A leg that listens, for tests: what arrives and what is played at the same time, frame by frame, and what was told.
 */

import { FRAME_MS, frameSamples } from '../../src/base/units.ts';
import { allocateFrameRing } from '../../src/media/frame-ring.ts';
import { SpeechDetector } from '../../src/media/speech-detector.ts';
import type { MediaModules } from '../../src/media/wasm.ts';
import { framesOf } from './frames.ts';

export interface HeardUtterance {
  /** All on the leg's own clock, which begins at 0. */
  readonly decidedMs: number;
  readonly voiceFromMs: number;
  voiceToMs: number;
  /** When it was known that this is no speech. */
  noneMs: number | undefined;
  endedMs: number;
}

export class ListeningLeg {
  readonly utterances: HeardUtterance[] = [];
  readonly pausesMs: number[] = [];
  readonly #detector: SpeechDetector;
  readonly #rateHz: number;
  #nowMs = 0;

  constructor(modules: MediaModules, rateHz: number) {
    this.#rateHz = rateHz;
    this.#detector = new SpeechDetector(modules, allocateFrameRing(256, 640), {
      speechStarted: (_fromFrame, voiceFromMs) =>
        this.utterances.push({
          decidedMs: this.#nowMs,
          voiceFromMs,
          voiceToMs: Number.NaN,
          noneMs: undefined,
          endedMs: Number.NaN,
        }),
      speechPaused: (silenceStartMs) => this.pausesMs.push(silenceStartMs),
      speechResumed: () => {},
      speechWasNone: () => {
        const last = this.utterances.at(-1);
        if (last !== undefined) {
          last.noneMs = this.#nowMs;
        }
      },
      speechEnded: (_toFrame, voiceToMs) => {
        const last = this.utterances.at(-1);
        if (last !== undefined) {
          last.voiceToMs = voiceToMs;
          last.endedMs = this.#nowMs;
        }
      },
    });
  }

  get nowMs(): number {
    return this.#nowMs;
  }

  /** Hears all of `pcm` while `played` is played to it, then silence. */
  hear(pcm: Int16Array, played: Int16Array = new Int16Array(0)): void {
    const silent = new Int16Array(frameSamples(this.#rateHz));
    const playedFrames = framesOf(played, this.#rateHz);
    for (const [index, frame] of framesOf(pcm, this.#rateHz).entries()) {
      this.#nowMs += FRAME_MS;
      this.#detector.push(frame, this.#rateHz, this.#nowMs);
      this.#detector.idle(this.#nowMs);
      this.#detector.played(playedFrames[index] ?? silent, this.#rateHz);
    }
  }

  close(): void {
    this.#detector.close();
  }
}
