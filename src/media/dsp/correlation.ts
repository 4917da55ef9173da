/**
 * A stretch of sound against a longer one at each of its places: the sum of products that every correlation begins
 * with. V8 multiplies one number at a time; WebAssembly multiplies four, and 16 places at once keep a processor's
 * multipliers busy: 45,000 products take 5 us instead of 20. No library has just this, and it is thirty instructions,
 * so they are written here as they stand in a module, each with its opcode
 * (https://webassembly.github.io/spec/core/binary).
 */

/** Places that are looked at together: four registers of four numbers. */
const PLACES_AT_ONCE = 16;
const NUMBER_BYTES = 4;
const PAGE_BYTES = 65_536;

// Where in the memory things lie, in bytes.
const STRETCH_AT = 0;
const SOUND_AT = 4_096;
const SUMS_AT = 32_768;

const I32 = 0x7f;
const V128 = 0x7b;

/** Parameters, and then locals, by number. */
const STRETCH_BYTES = 0;
const PLACES_BYTES = 1;
const PLACE = 2;
const AT = 3;
const FROM = 4;
const SAMPLE = 5;
const FIRST_SUM = 6;
const SUMS = [0, 1, 2, 3];

const LOOP = [0x03, 0x40];
const END = [0x0b];
const AGAIN_IF = [0x0d, 0x00];
const ADD = [0x6a];
const LESS = [0x48];
const SPLAT_ZERO = [...simd(12), ...new Array<number>(16).fill(0)];

/**
 * ```
 * for (place = 0; place < placesBytes; place += 64) {
 *   sums = 0;
 *   for (at = 0; at < stretchBytes; at += 4) sums += stretch[at] * sound[place + at ..]
 *   store sums at place
 * }
 * ```
 */
const BODY = [
  ...LOOP,
  ...SUMS.flatMap((sum) => [...SPLAT_ZERO, ...put(FIRST_SUM + sum)]),
  ...[...number(0), ...put(AT)],
  ...LOOP,
  // The sample in all four lanes, and where the sounds for it begin.
  ...[...get(AT), ...loadLanes(STRETCH_AT), ...put(SAMPLE)],
  ...[...get(PLACE), ...get(AT), ...ADD, ...put(FROM)],
  ...SUMS.flatMap((sum) => [
    ...[...get(FIRST_SUM + sum), ...get(SAMPLE), ...get(FROM), ...load(SOUND_AT + 16 * sum)],
    ...[...simd(230), ...simd(228), ...put(FIRST_SUM + sum)],
  ]),
  ...[...get(AT), ...number(NUMBER_BYTES), ...ADD, ...put(AT)],
  ...[...get(AT), ...get(STRETCH_BYTES), ...LESS, ...AGAIN_IF],
  ...END,
  ...SUMS.flatMap((sum) => [...get(PLACE), ...get(FIRST_SUM + sum), ...store(SUMS_AT + 16 * sum)]),
  ...[...get(PLACE), ...number(PLACES_AT_ONCE * NUMBER_BYTES), ...ADD, ...put(PLACE)],
  ...[...get(PLACE), ...get(PLACES_BYTES), ...LESS, ...AGAIN_IF],
  ...END,
  ...END,
];

/** The module: its header, and its sections by number. */
const MODULE = Uint8Array.from([
  ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
  ...section(1, [1, 0x60, 2, I32, I32, 0]),
  ...section(3, [1, 0]),
  ...section(5, [1, 0, 1]),
  ...section(7, [2, ...exported('memory', 2), ...exported('run', 0)]),
  ...section(10, [1, ...sized([2, 3, I32, 5, V128, ...BODY])]),
]);

const { memory, run } = instance();

/** Where {@link correlate} takes the stretch from: at most 1,024 numbers. Whoever needs it fills it just before. */
export const STRETCH = new Float32Array(memory.buffer, STRETCH_AT, (SOUND_AT - STRETCH_AT) / NUMBER_BYTES);
/** Where it takes the sound from: as many numbers as there are places, and the length of the stretch more. */
export const SOUND = new Float32Array(memory.buffer, SOUND_AT, (SUMS_AT - SOUND_AT) / NUMBER_BYTES);
/** Where it puts the sums, one for each place: good until the next call. */
export const PRODUCT_SUMS = new Float32Array(memory.buffer, SUMS_AT, (PAGE_BYTES - SUMS_AT) / NUMBER_BYTES);

/**
 * Puts into {@link PRODUCT_SUMS}, for each place below `places`, the sum of `STRETCH[i] * SOUND[place + i]` over the
 * first `samples` numbers. @param places a multiple of 16.
 */
export function correlate(samples: number, places: number): void {
  run(samples * NUMBER_BYTES, places * NUMBER_BYTES);
}

function instance(): { readonly memory: WebAssembly.Memory; readonly run: (...bytes: number[]) => void } {
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(MODULE));
  const { memory: exportedMemory, run: exportedRun } = exports;
  if (!(exportedMemory instanceof WebAssembly.Memory) || typeof exportedRun !== 'function') {
    throw new TypeError('the module for correlations does not export what it should');
  }
  return { memory: exportedMemory, run: (...bytes) => void exportedRun(...bytes) };
}

/** A number as a module has it: seven bits a byte, the last of which has no eighth. */
function unsigned(value: number): readonly number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...unsigned(value >>> 7)];
}

/** A constant. Its sixth bit would be taken for its sign, and none here is that large. */
function number(value: number): readonly number[] {
  return [0x41, ...(value < 0x40 ? [value] : [(value & 0x7f) | 0x80, value >>> 7])];
}

function get(local: number): readonly number[] {
  return [0x20, local];
}

function put(local: number): readonly number[] {
  return [0x21, local];
}

/** An instruction on four numbers. */
function simd(instruction: number): readonly number[] {
  return [0xfd, ...unsigned(instruction)];
}

function load(offsetBytes: number): readonly number[] {
  return [...simd(0), 2, ...unsigned(offsetBytes)];
}

/** One number into all four lanes. */
function loadLanes(offsetBytes: number): readonly number[] {
  return [...simd(9), 2, ...unsigned(offsetBytes)];
}

function store(offsetBytes: number): readonly number[] {
  return [...simd(11), 2, ...unsigned(offsetBytes)];
}

function sized(bytes: readonly number[]): readonly number[] {
  return [...unsigned(bytes.length), ...bytes];
}

function section(kind: number, bytes: readonly number[]): readonly number[] {
  return [kind, ...sized(bytes)];
}

/** @param kind 0 for a function, 2 for a memory; each is the first of its kind. */
function exported(name: string, kind: number): readonly number[] {
  return [...sized([...Buffer.from(name)]), kind, 0];
}
