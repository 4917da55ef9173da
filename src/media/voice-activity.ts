/**
 * Whether a 20 ms frame holds a voice: the WebRTC detector behind a level gate. The detector alone calls quiet
 * line noise a voice now and then; speech on a telephone is not below the gate.
 */

import { AppError } from '../base/errors.ts';
import { SPEECH_FRAME_SAMPLES, SPEECH_HZ } from '../base/units.ts';
import { type FvadModule, type MediaModules, WasmSamples } from './wasm.ts';

/** How readily the detector says "noise": 0 to 3; 2 is its own "aggressive". */
const MODE = 2;
/** Frames quieter than this are no voice, in dB relative to full scale (RMS). */
const GATE_DBFS = -55;
/** The same as a sum of squares over one frame, so that no logarithm is taken per frame. */
const GATE_ENERGY = SPEECH_FRAME_SAMPLES * (32_768 * 10 ** (GATE_DBFS / 20)) ** 2;

export class VoiceActivity {
  readonly #fvad: FvadModule;
  readonly #state: number;
  readonly #frame: WasmSamples;
  #closed = false;

  constructor(modules: MediaModules) {
    this.#fvad = modules.fvad;
    this.#state = this.#fvad._fvad_new();
    this.#fvad._fvad_set_mode(this.#state, MODE);
    this.#fvad._fvad_set_sample_rate(this.#state, SPEECH_HZ);
    this.#frame = new WasmSamples(this.#fvad, SPEECH_FRAME_SAMPLES);
  }

  /**
   * @param frame 320 samples at 16 kHz; it is copied.
   * @throws AppError `closed` after {@link close}: the memory may be another's by then.
   */
  isVoice(frame: Int16Array): boolean {
    if (this.#closed) {
      throw new AppError('closed', 'a voice detector that was closed cannot judge');
    }
    // Quiet frames are judged too, so that the detector's picture of the noise stays true.
    this.#frame.set(frame);
    const voice = this.#fvad._fvad_process(this.#state, this.#frame.pointer, SPEECH_FRAME_SAMPLES) === 1;
    return voice && energyOf(frame) >= GATE_ENERGY;
  }

  /** Frees the library's memory. Idempotent. */
  close(): void {
    if (!this.#closed) {
      this.#closed = true;
      this.#fvad._fvad_free(this.#state);
      this.#frame.free();
    }
  }
}

/** The sum of the squares of all samples. */
function energyOf(frame: Int16Array): number {
  let energy = 0;
  for (let i = 0; i < frame.length; i += 1) {
    const sample = frame[i] ?? 0;
    energy += sample * sample;
  }
  return energy;
}
