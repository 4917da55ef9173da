/**
 * The page's sound, on the browser's audio thread: the microphone to frames of 20 ms at 16 kHz, and such frames to the
 * loudspeaker, with a little kept so that none is missed.
 */

const WIRE_HZ = 16_000;
const FRAME_SAMPLES = 320;
/** Zero crossings of the filter on each side, at the lower of the two rates. */
const CROSSINGS = 12;
const STEPS = 128;
/** Kept before anything is heard, and again after a gap: 80 ms. */
const WANTED_SAMPLES = 4 * FRAME_SAMPLES;
/** More than this is delay, 240 ms: then what is softer than speech is left out. */
const MOST_SAMPLES = 12 * FRAME_SAMPLES;
/** More than this, 1 s, is left out whatever it is. */
const TOO_MANY_SAMPLES = WIRE_HZ;
const QUIET = 0.01;

/** Sound of one rate to sound of another, by a windowed sinc; the same rate passes as it is. */
class Resampler {
  constructor(fromHz, toHz) {
    this.step = fromHz / toHz;
    const cut = Math.min(1, toHz / fromHz);
    this.half = Math.ceil(CROSSINGS / cut);
    this.kernel = Float32Array.from({ length: this.half * STEPS + STEPS }, (_, index) => {
      const x = index / STEPS;
      const angle = Math.PI * x * cut;
      const window = x < this.half ? 0.5 + 0.5 * Math.cos((Math.PI * x) / this.half) : 0;
      return window * cut * (x === 0 ? 1 : Math.sin(angle) / angle);
    });
    this.kept = new Float32Array(2 * this.half);
    this.at = this.half;
  }

  convert(input) {
    if (this.step === 1) {
      return input;
    }
    const { kept, half, kernel, step } = this;
    const all = new Float32Array(kept.length + input.length);
    all.set(kept);
    all.set(input, kept.length);
    const output = [];
    let at = this.at;
    for (; at + half < all.length; at += step) {
      const first = Math.ceil(at - half);
      const last = Math.floor(at + half);
      let sum = 0;
      for (let i = Math.max(0, first); i <= last; i += 1) {
        sum += all[i] * kernel[Math.round(Math.abs(at - i) * STEPS)];
      }
      output.push(sum);
    }
    const gone = all.length - 2 * half;
    this.kept = all.slice(gone);
    this.at = at - gone;
    return Float32Array.from(output);
  }
}

function levelOf(samples) {
  return Math.sqrt(samples.reduce((sum, sample) => sum + sample * sample, 0) / Math.max(1, samples.length));
}

registerProcessor(
  'microphone',
  class extends AudioWorkletProcessor {
    constructor() {
      super();
      this.resampler = new Resampler(sampleRate, WIRE_HZ);
      this.frame = new Int16Array(FRAME_SAMPLES);
      this.filled = 0;
    }

    process([[input]]) {
      for (const sample of this.resampler.convert(input ?? new Float32Array(0))) {
        this.frame[this.filled] = Math.max(-1, Math.min(1, sample)) * 32_767;
        this.filled += 1;
        if (this.filled === FRAME_SAMPLES) {
          const frame = this.frame;
          const level = levelOf(frame) / 32_768;
          this.port.postMessage({ frame: frame.buffer, level }, [frame.buffer]);
          this.frame = new Int16Array(FRAME_SAMPLES);
          this.filled = 0;
        }
      }
      return true;
    }
  },
);

registerProcessor(
  'loudspeaker',
  class extends AudioWorkletProcessor {
    constructor() {
      super();
      this.resampler = new Resampler(WIRE_HZ, sampleRate);
      /** Frames at the wire's rate that wait. */
      this.waiting = [];
      this.samples = 0;
      this.playing = false;
      /** Samples at the context's rate that were made and not played. */
      this.ready = new Float32Array(0);
      this.told = 0;
      this.port.onmessage = ({ data }) =>
        this.take(Float32Array.from(new Int16Array(data), (each) => each / 32_768));
    }

    take(frame) {
      const late = this.samples > MOST_SAMPLES && levelOf(frame) < QUIET;
      if (!late && this.samples <= TOO_MANY_SAMPLES) {
        this.waiting.push(frame);
        this.samples += frame.length;
      }
    }

    process(_inputs, [[output]]) {
      this.playing ||= this.samples >= WANTED_SAMPLES;
      while (this.playing && this.ready.length < output.length) {
        const frame = this.waiting.shift();
        if (frame === undefined) {
          this.playing = false;
          break;
        }
        this.samples -= frame.length;
        const more = this.resampler.convert(frame);
        const joined = new Float32Array(this.ready.length + more.length);
        joined.set(this.ready);
        joined.set(more, this.ready.length);
        this.ready = joined;
      }
      output.set(this.ready.subarray(0, output.length));
      this.ready = this.ready.slice(output.length);
      this.told += output.length;
      if (this.told >= sampleRate / 20) {
        this.told = 0;
        this.port.postMessage({ level: levelOf(output) });
      }
      return true;
    }
  },
);
