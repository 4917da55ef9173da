/**
 * The three signal processing libraries, compiled to WebAssembly. A thread loads each once; all its legs share
 * the module and have a state each, because a module of its own would cost a leg 16 MB of address space.
 */

import createFvad from '@echogarden/fvad-wasm';
import createSonic from '@echogarden/sonic-wasm';
import createSpeex from '@echogarden/speex-resampler-wasm/simd';

/**
 * What the modules built by Emscripten have in common. Views go stale when the memory grows, so read them each time.
 */
interface WasmModule {
  readonly HEAP16: Int16Array;
  readonly HEAP32: Int32Array;
  _malloc(bytes: number): number;
  _free(pointer: number): void;
}

/** speex_resampler.h of SpeexDSP. */
export interface SpeexModule extends WasmModule {
  _speex_resampler_init(
    channels: number,
    fromHz: number,
    toHz: number,
    quality: number,
    error: number,
  ): number;
  _speex_resampler_destroy(state: number): void;
  _speex_resampler_process_int(
    state: number,
    channel: number,
    input: number,
    inputSamples: number,
    output: number,
    outputSamples: number,
  ): number;
}

/** fvad.h of libfvad, the WebRTC voice activity detector. */
export interface FvadModule extends WasmModule {
  _fvad_new(): number;
  _fvad_free(state: number): void;
  _fvad_set_mode(state: number, mode: number): number;
  _fvad_set_sample_rate(state: number, rateHz: number): number;
  _fvad_process(state: number, frame: number, samples: number): number;
}

/** sonic.h of the Sonic library. */
export interface SonicModule extends WasmModule {
  _sonicCreateStream(rateHz: number, channels: number): number;
  _sonicDestroyStream(stream: number): void;
  _sonicSetSpeed(stream: number, speed: number): void;
  _sonicWriteShortToStream(stream: number, samples: number, count: number): number;
  _sonicReadShortFromStream(stream: number, samples: number, most: number): number;
  _sonicSamplesAvailable(stream: number): number;
  _sonicFlushStream(stream: number): number;
}

/** The modules of one thread. */
export interface MediaModules {
  readonly speex: SpeexModule;
  readonly fvad: FvadModule;
  readonly sonic: SonicModule;
}

/** Loads the modules; about 20 ms. Call it once per thread. */
export async function loadMediaModules(): Promise<MediaModules> {
  const [speex, fvad, sonic] = await Promise.all([createSpeex(), createFvad(), createSonic()]);
  return { speex, fvad, sonic };
}

/** A buffer of samples inside a module's memory. The owner frees it. */
export class WasmSamples {
  readonly pointer: number;
  readonly #module: WasmModule;
  /** The view last asked for, which is mostly the one asked for next. */
  #view: Int16Array = new Int16Array(0);

  constructor(module: WasmModule, samples: number) {
    this.#module = module;
    this.pointer = module._malloc(samples * 2);
  }

  /** Copies `pcm` in. */
  set(pcm: Int16Array): void {
    this.#module.HEAP16.set(pcm, this.pointer >> 1);
  }

  /** The first `samples` samples, as a view that the module's next call may overwrite. */
  view(samples: number): Int16Array {
    const heap = this.#module.HEAP16;
    if (this.#view.length !== samples || this.#view.buffer !== heap.buffer) {
      const start = this.pointer >> 1;
      this.#view = heap.subarray(start, start + samples);
    }
    return this.#view;
  }

  free(): void {
    this.#module._free(this.pointer);
  }
}
