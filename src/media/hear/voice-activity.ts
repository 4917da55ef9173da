/**
 * Whether a 20 ms frame holds a voice: the WebRTC detector behind two level gates. The detector alone calls quiet
 * line noise a voice now and then, and goes on for 80 to 120 ms after a voice that ends in noise; speech on a
 * telephone is not below the fixed gate, and stands out from the line's own noise.
 */

import { AppError } from '../../base/errors.ts';
import { SPEECH_FRAME_SAMPLES, SPEECH_HZ } from '../../base/units.ts';
import { type FvadModule, type MediaModules, WasmSamples } from '../dsp/wasm.ts';
import { NoiseFloor } from './noise-floor.ts';

/** How readily the detector says "noise": 0 to 3; 2 is its own "aggressive". */
const MODE = 2;
/** Frames quieter than this are no voice, in dB relative to full scale (RMS). */
const GATE_DBFS = -55;
/** The same as a sum of squares over one frame, so that no logarithm is taken per frame. */
const GATE_ENERGY = SPEECH_FRAME_SAMPLES * (32_768 * 10 ** (GATE_DBFS / 20)) ** 2;
/** A voice has this many times the energy of the line's noise: 4 dB, more than steady noise moves by itself. */
const ABOVE_NOISE = 2.5;

export class VoiceActivity {
  readonly #fvad: FvadModule;
  readonly #state: number;
  readonly #frame: WasmSamples;
  readonly #floor = new NoiseFloor();
  #energy = 0;
  #closed = false;

  constructor(modules: MediaModules) {
    this.#fvad = modules.fvad;
    this.#state = this.#fvad._fvad_new();
    this.#fvad._fvad_set_mode(this.#state, MODE);
    this.#fvad._fvad_set_sample_rate(this.#state, SPEECH_HZ);
    this.#frame = new WasmSamples(this.#fvad, SPEECH_FRAME_SAMPLES);
  }

  /** The sum of squares of the frame last judged; 0 if it is quieter than a voice on a telephone ever is. */
  get energy(): number {
    return this.#energy < GATE_ENERGY ? 0 : this.#energy;
  }

  /** Whether the frame last judged is loud enough for a voice, and louder than the line's noise. */
  get sounding(): boolean {
    return this.#energy >= GATE_ENERGY && this.#energy >= ABOVE_NOISE * this.#floor.energy;
  }

  /** The sum of squares of a frame of the line's own noise, as far as it is known. */
  get noiseEnergy(): number {
    return this.#floor.energy;
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
    this.#energy = energyOf(frame);
    this.#floor.push(this.#energy);
    return voice && this.sounding;
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
