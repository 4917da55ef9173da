/** The WebAssembly packages ship no types; these say what `wasm.ts` uses of them. */

declare module '@echogarden/speex-resampler-wasm/simd' {
  const create: () => Promise<import('./wasm.ts').SpeexModule>;

  export { create as default };
}

declare module '@echogarden/fvad-wasm' {
  const create: () => Promise<import('./wasm.ts').FvadModule>;

  export { create as default };
}

declare module '@echogarden/sonic-wasm' {
  const create: () => Promise<import('./wasm.ts').SonicModule>;

  export { create as default };
}

/** What is used of it; Node's own types leave it to those of browsers. */
declare namespace WebAssembly {
  class Module {
    constructor(bytes: Uint8Array);
  }
  class Memory {
    readonly buffer: ArrayBuffer;
  }
  class Instance {
    constructor(module: Module);
    readonly exports: Readonly<Record<string, unknown>>;
  }
}
