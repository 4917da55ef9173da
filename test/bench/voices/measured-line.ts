/** A line that is listened to and measured, as fast as the machine can: what a call would know of who speaks. */

import { FRAME_MS } from '../../../src/base/units.ts';
import type { MediaModules } from '../../../src/media/dsp/wasm.ts';
import type { MeasuredProsody } from '../../../src/media/hear/prosody/prosody.ts';
import { SpeechDetector } from '../../../src/media/hear/speech-detector.ts';
import { allocateFrameRing } from '../../../src/media/ring/frame-ring.ts';
import { framesOf } from '../../media/frames.ts';
import { LINE_HZ } from './speakers.ts';

export class MeasuredLine {
  /** When what was said last began and ended, on the line's own clock, as the detector found it. */
  utterance = { fromMs: 0, toMs: 0 };
  /** Since the line began to be heard. */
  nowMs = 0;
  readonly #detector: SpeechDetector;

  constructor(modules: MediaModules, measured: (prosody: MeasuredProsody) => void) {
    this.#detector = new SpeechDetector(modules, allocateFrameRing(256, 640), (event) => {
      if (event.type === 'measured') {
        measured(event.prosody);
      } else if (event.type === 'started') {
        this.utterance = { fromMs: event.startMs, toMs: event.startMs };
      } else if (event.type === 'ended') {
        this.utterance = { ...this.utterance, toMs: event.endMs };
      }
    });
    this.#detector.measuring = true;
  }

  /** Hears all of `pcm`. */
  hear(pcm: Int16Array): void {
    for (const frame of framesOf(pcm, LINE_HZ)) {
      this.nowMs += FRAME_MS;
      this.#detector.push(frame, LINE_HZ, this.nowMs);
    }
  }

  close(): void {
    this.#detector.close();
  }
}
