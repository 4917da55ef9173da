/**
 * A leg that listens, for tests: what arrives and what is played at the same time, frame by frame, and what was told.
 */

import { FRAME_MS, frameSamples } from '../../src/base/units.ts';
import type { MediaModules } from '../../src/media/dsp/wasm.ts';
import { SpeechDetector } from '../../src/media/hear/speech-detector.ts';
import type { FoundSpeech } from '../../src/media/hear/speech-event.ts';
import { allocateFrameRing } from '../../src/media/ring/frame-ring.ts';
import { framesOf } from './frames.ts';

export interface HeardUtterance {
  /** All on the leg's own clock, which begins at 0. */
  readonly decidedMs: number;
  readonly voiceFromMs: number;
  voiceToMs: number;
  /** When it was known that this is no speech. */
  noneMs: number | undefined;
  endedMs: number;
  /** How much of it is echo, as last told. */
  echoShare: number;
}

export class ListeningLeg {
  readonly utterances: HeardUtterance[] = [];
  readonly pausesMs: number[] = [];
  readonly #detector: SpeechDetector;
  readonly #rateHz: number;
  #nowMs = 0;

  constructor(modules: MediaModules, rateHz: number) {
    this.#rateHz = rateHz;
    this.#detector = new SpeechDetector(modules, allocateFrameRing(256, 640), (event) => this.#found(event));
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

  #found(event: FoundSpeech): void {
    const last = this.utterances.at(-1);
    if (event.type === 'started') {
      this.utterances.push({
        decidedMs: this.#nowMs,
        voiceFromMs: event.startMs,
        voiceToMs: Number.NaN,
        noneMs: undefined,
        endedMs: Number.NaN,
        echoShare: Number.NaN,
      });
    } else if (event.type === 'paused') {
      this.pausesMs.push(event.silenceStartMs);
      this.#measured(event.echoShare);
    } else if (event.type === 'was-none' && last !== undefined) {
      last.noneMs = this.#nowMs;
    } else if (event.type === 'ended' && last !== undefined) {
      last.voiceToMs = event.endMs;
      last.endedMs = event.decidedMs;
      this.#measured(event.echoShare);
    }
  }

  #measured(share: number | undefined): void {
    const last = this.utterances.at(-1);
    if (last !== undefined && share !== undefined) {
      last.echoShare = share;
    }
  }

  close(): void {
    this.#detector.close();
  }
}
