/**
 * A ring of 20 ms frames in shared memory: one writer on one thread, any number of readers on any threads. The
 * writer never waits and overwrites the oldest; each reader has its own place and finds out when it was lapped.
 * A slot carries a marker which the writer clears before and sets after it copies (a sequence lock), so a
 * reader that meets a half-written frame knows it. Every frame has a number, counted from 0, so the ring is
 * also a short history that can be read again from any number still in it.
 *
 *   header: [written][read][bell][…]      Int32, 64 bytes
 *   slot:   [marker][bytes][rateHz][0][atMs: Float64][…] 32 bytes, then the PCM
 */

const HEADER_BYTES = 64;
const SLOT_HEADER_BYTES = 32;

// Places in the header, in Int32 units.
const WRITTEN = 0;
const READ = 1;
/** Belongs to `frame-bell.ts`. */
export const BELL_WORD = 2;

// Places in a slot's header, in Int32 units; the time's in Float64 units.
const MARKER = 0;
const LENGTH = 1;
const RATE = 2;
const AT = 2;

const BEING_WRITTEN = -1;

/** What crosses to another thread; the memory is shared, not copied. */
export interface FrameRingHandle {
  readonly memory: SharedArrayBuffer;
  readonly slots: number;
  readonly slotBytes: number;
}

/**
 * @param slotBytes the longest frame, a multiple of 8; pages of memory that no frame reaches stay unused.
 * @throws RangeError when it is no multiple of 8.
 */
export function allocateFrameRing(slots: number, slotBytes: number): FrameRingHandle {
  if (slotBytes % 8 !== 0) {
    throw new RangeError(`a slot of ${slotBytes} bytes would put the next one's time out of line`);
  }
  const memory = new SharedArrayBuffer(HEADER_BYTES + slots * (SLOT_HEADER_BYTES + slotBytes));
  const handle = { memory, slots, slotBytes };
  const markers = new Int32Array(memory);
  for (let slot = 0; slot < slots; slot += 1) {
    markers[slotOffset(handle, slot) / 4 + MARKER] = BEING_WRITTEN;
  }
  return handle;
}

function slotOffset(handle: FrameRingHandle, slot: number): number {
  return HEADER_BYTES + slot * (SLOT_HEADER_BYTES + handle.slotBytes);
}

export class FrameRingWriter {
  readonly #handle: FrameRingHandle;
  readonly #words: Int32Array;
  readonly #bytes: Uint8Array;
  readonly #samples: Int16Array;
  readonly #times: Float64Array;

  /** There may be only one writer at a time; one made after another's end goes on where that one stopped. */
  constructor(handle: FrameRingHandle) {
    this.#handle = handle;
    this.#words = new Int32Array(handle.memory);
    this.#bytes = new Uint8Array(handle.memory);
    this.#samples = new Int16Array(handle.memory);
    this.#times = new Float64Array(handle.memory);
  }

  /** How many frames were written since the ring was made: the number the next one gets. */
  get written(): number {
    return Atomics.load(this.#words, WRITTEN);
  }

  /** Frames that a reader which publishes its place has not taken yet. */
  get unread(): number {
    return this.written - Atomics.load(this.#words, READ);
  }

  /**
   * Copies one frame in, as bytes from a wire; about 0.2 µs.
   * @param pcm at most `slotBytes` bytes; @param atMs when it arrived or is due, on the process's clock.
   * @throws RangeError when it is longer: it would run over the frame after it.
   */
  write(pcm: Uint8Array, rateHz: number, atMs: number): void {
    const offset = this.#open(pcm.length, rateHz, atMs);
    this.#bytes.set(pcm, offset + SLOT_HEADER_BYTES);
    this.#close(offset);
  }

  /** The same for samples, without a view of their bytes for each frame. */
  writeSamples(pcm: Int16Array, rateHz: number, atMs: number): void {
    const offset = this.#open(pcm.byteLength, rateHz, atMs);
    this.#samples.set(pcm, (offset + SLOT_HEADER_BYTES) / 2);
    this.#close(offset);
  }

  /** Marks the next slot as being written; returns where it is. */
  #open(bytes: number, rateHz: number, atMs: number): number {
    if (bytes > this.#handle.slotBytes) {
      throw new RangeError(`a frame of ${bytes} bytes does not fit a slot of ${this.#handle.slotBytes}`);
    }
    const offset = slotOffset(this.#handle, this.written % this.#handle.slots);
    const word = offset / 4;
    // An exchange, not a store: on ARM the samples' stores could pass a store.
    Atomics.exchange(this.#words, word + MARKER, BEING_WRITTEN);
    this.#words[word + LENGTH] = bytes;
    this.#words[word + RATE] = rateHz;
    this.#times[offset / 8 + AT] = atMs;
    return offset;
  }

  #close(offset: number): void {
    const number = this.written;
    Atomics.store(this.#words, offset / 4 + MARKER, number);
    Atomics.store(this.#words, WRITTEN, number + 1);
  }
}

export class FrameRingReader {
  /** Frames this reader never saw because the writer lapped it. */
  lost = 0;
  /** The rate in Hz of the frame last read. */
  rateHz = 0;
  /** When the frame last read was written, on the process's clock, in ms. */
  atMs = 0;
  readonly #handle: FrameRingHandle;
  readonly #words: Int32Array;
  readonly #times: Float64Array;
  /** A view of each slot's samples, made anew only when the length of its frames changes. */
  readonly #slotSamples: Int16Array[] = [];
  readonly #scratch: ArrayBuffer;
  #pcm = new Int16Array(0);
  #pcmBytes = new Uint8Array(0);
  #next: number;

  /** Begins with the frame numbered `from`; without it, with the next one written. */
  constructor(handle: FrameRingHandle, from?: number) {
    this.#handle = handle;
    this.#words = new Int32Array(handle.memory);
    this.#times = new Float64Array(handle.memory);
    this.#scratch = new ArrayBuffer(handle.slotBytes);
    this.#next = from ?? this.#written;
  }

  get #written(): number {
    return Atomics.load(this.#words, WRITTEN);
  }

  /** Frames written and not read yet; more than the ring holds means that some are lost. */
  get available(): number {
    return this.#written - this.#next;
  }

  /** The number of the frame that is read next. */
  get position(): number {
    return this.#next;
  }

  /**
   * The next frame, or undefined when there is none. The samples are the reader's own memory, good until the
   * next call; `rateHz` and `atMs` are set with them.
   */
  read(): Int16Array | undefined {
    for (;;) {
      const available = this.available;
      if (available <= 0) {
        return undefined;
      }
      if (available > this.#handle.slots) {
        this.#skip(available - this.#handle.slots);
      }
      const pcm = this.#copy();
      if (pcm !== undefined) {
        this.#next += 1;
        return pcm;
      }
      // The writer is at work on this very slot: it has lapped us.
      this.#skip(1);
    }
  }

  /** The frame last read as bytes; the same memory. */
  get bytes(): Uint8Array {
    return this.#pcmBytes;
  }

  /** Tells the writer how far this reader is, for rings with one reader whose writer asks for `unread`. */
  publish(): void {
    Atomics.store(this.#words, READ, this.#next);
  }

  /** Gives up the `frames` oldest frames, uncounted. */
  discard(frames: number): void {
    this.#next += Math.min(frames, Math.max(0, this.available));
  }

  #skip(frames: number): void {
    this.#next += frames;
    this.lost += frames;
  }

  #copy(): Int16Array | undefined {
    const slot = this.#next % this.#handle.slots;
    const offset = slotOffset(this.#handle, slot);
    const word = offset / 4;
    if (Atomics.load(this.#words, word + MARKER) !== this.#next) {
      return undefined;
    }
    const samples = (this.#words[word + LENGTH] ?? 0) >> 1;
    this.rateHz = this.#words[word + RATE] ?? 0;
    this.atMs = this.#times[offset / 8 + AT] ?? 0;
    if (this.#pcm.length !== samples) {
      this.#pcm = new Int16Array(this.#scratch, 0, samples);
      this.#pcmBytes = new Uint8Array(this.#scratch, 0, samples * 2);
    }
    this.#pcm.set(this.#samplesOf(slot, offset, samples));
    // Reads and writes back the same: on ARM the samples' loads could pass a load.
    return Atomics.or(this.#words, word + MARKER, 0) === this.#next ? this.#pcm : undefined;
  }

  #samplesOf(slot: number, offset: number, samples: number): Int16Array {
    const known = this.#slotSamples[slot];
    if (known !== undefined && known.length === samples) {
      return known;
    }
    const view = new Int16Array(this.#handle.memory, offset + SLOT_HEADER_BYTES, samples);
    this.#slotSamples[slot] = view;
    return view;
  }
}
