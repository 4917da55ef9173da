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
