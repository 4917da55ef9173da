/**
 * A ring of 20 ms frames in shared memory: one writer on one thread, any number of readers on any threads. The writer
 * never waits and overwrites the oldest; each reader has its own place and finds out when it was lapped. A slot carries
 * a marker which the writer clears before and sets after it copies (a sequence lock), so a reader whose frame was
 * overwritten while it copied knows it. Every frame has a number, counted from 0, so the ring is also a short history
 * that can be read again from any number still in it.
 *
 *   header: [written][read][bell][level][layout][since][level wanted][…]  Int32, 64 bytes
 *   slot:   [marker][bytes][rateHz][0][atMs: Float64][…] 32 bytes, then the PCM
 *
 * The header lies where whoever places the ring wants it, the slots may be elsewhere: what an arrival touches of many
 * rings is then one page. Slots lie as close as the longest frame so far lets them: a ring of 8 kHz frames takes 3 pages
 * of memory, not one page for each frame. A longer frame lays the ring out anew, and what was in it is lost; that is when a leg turns out
 * to be wideband. Its memory may have been another ring's, and become yet another's: each has a life, and who holds a
 * ring whose life is over finds nothing in it, never what the next one says.
 *
 * Cost: two atomic operations to write a frame and two to read one. Both ends of the ring are on other threads, so each
 * is a call that V8 does not inline, on a cache line the other core has written.
 */

/** A ring's header, a cache line of its own. */
export const RING_HEADER_BYTES = 64;
const SLOT_HEADER_BYTES = 32;
/** No ring is laid out for less: 8,000 Hz * 0.020 s * 2 bytes. */
const SHORTEST_BYTES = 320;

// Places in the header, in Int32 units.
const WRITTEN = 0;
const READ = 1;
/** Belongs to `frame-bell.ts`. */
export const BELL_WORD = 2;
/** These belong to `voice-level.ts`. */
export const LEVEL_WORD = 3;
export const LEVEL_WANTED_WORD = 6;
/** The ring's life and the longest frame its slots are laid out for, in bytes; that is 0 before the first frame. */
const LAYOUT = 4;
/** The number of the first frame of this layout. */
const SINCE = 5;

// Places in a slot's header, in Int32 units; the time's in Float64 units.
const MARKER = 0;
const LENGTH = 1;
const RATE = 2;
const AT = 2;

/**
 * The marker of a slot that is not written; that of frame `n` is `n + 1`. Memory begins as zeros, and nothing touches
 * it.
 */
const BEING_WRITTEN = 0;

/** The bits of a layout that say for how long frames; those above are the ring's life. */
const LAID_BITS = 13;
const LAID_MASK = (1 << LAID_BITS) - 1;

/** How many frames of which length a ring holds. */
export interface FrameRingShape {
  /** The most frames it holds, if they have up to `frameBytes`. */
  readonly slots: number;
  readonly frameBytes: number;
  /**
   * The longest frame it takes, up to 8,191 bytes: of those over `frameBytes` it holds as many as fit, two at least.
   */
  readonly longestBytes: number;
}

/** What crosses to another thread; the memory is shared, not copied. */
export interface FrameRingHandle {
  /** Tells rings apart on any thread, where the same memory comes as another object each time. */
  readonly number: number;
  readonly memory: SharedArrayBuffer;
  /** Where in the memory its header is. */
  readonly headerOffset: number;
  /** Where in the memory its slots begin, and how long they are together. */
  readonly byteOffset: number;
  readonly byteLength: number;
  /** The most frames it holds. */
  readonly slots: number;
  /** The longest frame it takes, in bytes. */
  readonly longestBytes: number;
  /** The layout it begins with: its life, and no frame yet. */
  readonly life: number;
}

/** The bytes that a ring's slots need, a multiple of a cache line's 64; its header needs {@link RING_HEADER_BYTES} more. */
export function frameRingBytes({ slots, frameBytes, longestBytes }: FrameRingShape): number {
  const areaBytes = Math.max(slots * slotBytes(frameBytes), 2 * slotBytes(longestBytes));
  return (areaBytes + 63) & ~63;
}

/** Where a ring is to be in its memory. */
export interface FrameRingPlace {
  readonly headerOffset: number;
  /** Of its slots. */
  readonly byteOffset: number;
}

/**
 * A ring in memory that is zeros, or was a ring of this shape at this place before: then call {@link clearFrameRing},
 * once, before anybody uses it.
 * @param lives how many rings have been there before it. @param number tells it apart from all others.
 */
export function frameRingAt(
  memory: SharedArrayBuffer,
  { headerOffset, byteOffset }: FrameRingPlace,
  shape: FrameRingShape,
  lives: number,
  number: number,
): FrameRingHandle {
  const { slots, longestBytes } = shape;
  const life = (lives << LAID_BITS) | 0;
  const byteLength = frameRingBytes(shape);
  return { number, memory, headerOffset, byteOffset, byteLength, slots, longestBytes, life };
}

/** Ends the life of the ring that was in this one's place before, and begins this one's: nothing was written. */
export function clearFrameRing(handle: FrameRingHandle): void {
  const header = frameRingHeader(handle);
  // Before anything else: who still holds the ring that was here must find that it is over.
  Atomics.exchange(header, LAYOUT, handle.life);
  for (let word = 0; word < header.length; word += 1) {
    if (word !== LAYOUT) {
      Atomics.store(header, word, 0);
    }
  }
}

/** Rings are numbered on one thread, the main one. */
let rings = 0;

/** Numbers for `count` rings, one after the other, that no other has; returns the first. */
export function takeRingNumbers(count: number): number {
  rings += count;
  return rings - count + 1;
}

/** A ring in memory of its own. */
export function allocateFrameRing(
  slots: number,
  frameBytes: number,
  longestBytes = frameBytes,
): FrameRingHandle {
  const shape = { slots, frameBytes, longestBytes };
  const memory = new SharedArrayBuffer(RING_HEADER_BYTES + frameRingBytes(shape));
  const place = { headerOffset: 0, byteOffset: RING_HEADER_BYTES };
  return frameRingAt(memory, place, shape, 0, takeRingNumbers(1));
}

/** The words at a ring's beginning that `frame-bell.ts` and others share. */
export function frameRingHeader({ memory, headerOffset }: FrameRingHandle): Int32Array {
  return new Int32Array(memory, headerOffset, RING_HEADER_BYTES / 4);
}

/** A slot with its header; times in it stay in line. */
function slotBytes(frameBytes: number): number {
  return SLOT_HEADER_BYTES + ((frameBytes + 7) & ~7);
}

/** How many slots for frames of `frameBytes` the ring has. */
function slotsOf(handle: FrameRingHandle, frameBytes: number): number {
  const room = Math.floor(handle.byteLength / slotBytes(frameBytes));
  return Math.min(handle.slots, room);
}

export class FrameRingWriter {
  readonly #handle: FrameRingHandle;
  readonly #header: Int32Array;
  readonly #words: Int32Array;
  readonly #bytes: Uint8Array;
  readonly #samples: Int16Array;
  readonly #times: Float64Array;
  #written: number;
  #laidBytes: number;
  #slots: number;
  #slotBytes: number;

  /** There may be only one writer at a time; one made after another's end goes on where that one stopped. */
  constructor(handle: FrameRingHandle) {
    this.#handle = handle;
    const { memory, byteOffset, byteLength } = handle;
    this.#header = frameRingHeader(handle);
    this.#words = new Int32Array(memory, byteOffset, byteLength / 4);
    this.#bytes = new Uint8Array(memory, byteOffset, byteLength);
    this.#samples = new Int16Array(memory, byteOffset, byteLength / 2);
    this.#times = new Float64Array(memory, byteOffset, byteLength / 8);
    this.#written = Atomics.load(this.#header, WRITTEN);
    this.#laidBytes = Atomics.load(this.#header, LAYOUT) & LAID_MASK;
    this.#slots = slotsOf(handle, this.#laidBytes);
    this.#slotBytes = slotBytes(this.#laidBytes);
  }

  /** How many frames were written since the ring was made: the number the next one gets. */
  get written(): number {
    return this.#written;
  }

  /** Frames that a reader which publishes its place has not taken yet. */
  get unread(): number {
    return this.#written - Atomics.load(this.#header, READ);
  }

  /**
   * Copies one frame in, as bytes from a wire; about 0.2 µs.
   * @param pcm at most `longestBytes` bytes; @param atMs when it arrived or is due, on the process's clock.
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
    this.#samples.set(pcm, (offset + SLOT_HEADER_BYTES) >> 1);
    this.#close(offset);
  }

  /** Marks the next slot as being written; returns where it is. */
  #open(bytes: number, rateHz: number, atMs: number): number {
    if (bytes > this.#laidBytes) {
      this.#layOut(bytes);
    }
    const offset = (this.#written % this.#slots) * this.#slotBytes;
    const word = offset >> 2;
    // An exchange, not a store: on ARM the samples' stores could pass a store.
    Atomics.exchange(this.#words, word + MARKER, BEING_WRITTEN);
    this.#words[word + LENGTH] = bytes;
    this.#words[word + RATE] = rateHz;
    this.#times[(offset >> 3) + AT] = atMs;
    return offset;
  }

  #close(offset: number): void {
    this.#written += 1;
    // No store before an atomic one can pass it, so the marker need not be one itself.
    this.#words[(offset >> 2) + MARKER] = this.#written;
    Atomics.store(this.#header, WRITTEN, this.#written);
  }

  /** Lays the slots out for frames of `bytes`. Nothing written so far can be found any more. */
  #layOut(bytes: number): void {
    const { longestBytes, life } = this.#handle;
    if (bytes > longestBytes) {
      throw new RangeError(`a frame of ${bytes} bytes does not fit a slot of ${longestBytes}`);
    }
    this.#laidBytes = Math.min(longestBytes, Math.max(SHORTEST_BYTES, bytes));
    this.#slots = slotsOf(this.#handle, this.#laidBytes);
    this.#slotBytes = slotBytes(this.#laidBytes);
    Atomics.store(this.#header, SINCE, this.#written);
    // Before any frame is written where another may still be read, hence an exchange.
    Atomics.exchange(this.#header, LAYOUT, life | this.#laidBytes);
  }
}

export class FrameRingReader {
  /** Frames this reader never saw because the writer lapped it. */
  lost = 0;
  /** The rate in Hz of the frame last read; 0: none is known yet. */
  rateHz = 0;
  /** When the frame last read was written, on the process's clock, in ms. */
  atMs = 0;
  readonly #handle: FrameRingHandle;
  readonly #header: Int32Array;
  readonly #words: Int32Array;
  readonly #times: Float64Array;
  #scratch = new Int32Array(0);
  #pcm = new Int16Array(0);
  #pcmBytes = new Uint8Array(0);
  #next: number;
  /** The layout it knows; as long as that holds, its life does. */
  #layout: number;
  #laidBytes = 0;
  #slots: number;
  #slotBytes = slotBytes(0);

  /** Begins with the frame numbered `from`; without it, with the next one written. */
  constructor(handle: FrameRingHandle, from?: number) {
    this.#handle = handle;
    const { memory, byteOffset, byteLength, life } = handle;
    this.#header = frameRingHeader(handle);
    this.#words = new Int32Array(memory, byteOffset, byteLength / 4);
    this.#times = new Float64Array(memory, byteOffset, byteLength / 8);
    this.#layout = life;
    this.#slots = slotsOf(handle, 0);
    this.#next = from ?? this.#written;
  }

  /** Begins where a reader before it was when it {@link publish}ed its place last. */
  static resumed(handle: FrameRingHandle): FrameRingReader {
    return new FrameRingReader(handle, Atomics.load(frameRingHeader(handle), READ));
  }

  get #written(): number {
    return Atomics.load(this.#header, WRITTEN);
  }

  /** Frames written and not read yet; more than the ring holds means that some are lost. */
  get available(): number {
    const available = this.#written - this.#next;
    return this.#isOver ? 0 : available;
  }

  /** Whether the ring's memory has become another's. */
  get #isOver(): boolean {
    return ((this.#header[LAYOUT] ?? 0) ^ this.#handle.life) >>> LAID_BITS !== 0;
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
      if (this.#header[LAYOUT] !== this.#layout) {
        this.#findLayout();
        const gone = Atomics.load(this.#header, SINCE) - this.#next;
        if (gone > 0) {
          this.#skip(gone);
        }
      } else if (available > this.#slots) {
        this.#skip(available - this.#slots);
      } else if (this.#copy()) {
        this.#next += 1;
        return this.#pcm;
      } else if (this.#header[LAYOUT] === this.#layout) {
        // The writer is at work on this very slot: it has lapped us.
        this.#skip(1);
      }
    }
  }

  /**
   * Goes on with the next frame written, without a look at those that are there; returns how many they were. The newest
   * one's rate is in `rateHz`, unless the writer is just about to write over it: ask {@link rateOr}. What was overwritten
   * is not counted as lost.
   */
  skipAll(): number {
    const skipped = this.available;
    const written = this.#next + skipped;
    if (skipped > 0) {
      if (this.#header[LAYOUT] !== this.#layout) {
        this.#findLayout();
      }
      const word = (((written - 1) % this.#slots) * this.#slotBytes) >> 2;
      const rateHz = this.#words[word + RATE] ?? 0;
      if (Atomics.or(this.#words, word + MARKER, 0) === written && this.#header[LAYOUT] === this.#layout) {
        this.rateHz = rateHz;
      }
      this.#next = written;
    }
    return skipped;
  }

  /** The rate in Hz of what was last read or passed over; `otherwise` as long as none could be read. */
  rateOr(otherwise: number): number {
    return this.rateHz > 0 ? this.rateHz : otherwise;
  }

  /** The frame last read as bytes; the same memory. */
  get bytes(): Uint8Array {
    return this.#pcmBytes;
  }

  /**
   * Tells how far this reader is: for a writer that asks for `unread`, or a reader that goes on for it. One may do
   * so.
   */
  publish(): void {
    Atomics.store(this.#header, READ, this.#next);
  }

  /** Gives up the `frames` oldest frames, uncounted. */
  discard(frames: number): void {
    this.#next += Math.min(frames, Math.max(0, this.available));
  }

  #skip(frames: number): void {
    this.#next += frames;
    this.lost += frames;
  }

  /** Takes over how the slots lie now. */
  #findLayout(): void {
    this.#layout = Atomics.load(this.#header, LAYOUT);
    this.#laidBytes = this.#layout & LAID_MASK;
    this.#slots = slotsOf(this.#handle, this.#laidBytes);
    this.#slotBytes = slotBytes(this.#laidBytes);
    this.#scratch = new Int32Array((this.#laidBytes + 3) >> 2);
    this.#pcm = new Int16Array(0);
    this.#pcmBytes = new Uint8Array(0);
  }

  /** Copies the next frame, which has been written; false when it was overwritten before or meanwhile. */
  #copy(): boolean {
    const words = this.#words;
    const offset = (this.#next % this.#slots) * this.#slotBytes;
    const word = offset >> 2;
    const bytes = words[word + LENGTH] ?? 0;
    if (bytes > this.#laidBytes) {
      return false;
    }
    this.rateHz = words[word + RATE] ?? 0;
    this.atMs = this.#times[(offset >> 3) + AT] ?? 0;
    if (this.#pcmBytes.length !== bytes) {
      this.#pcm = new Int16Array(this.#scratch.buffer, 0, bytes >> 1);
      this.#pcmBytes = new Uint8Array(this.#scratch.buffer, 0, bytes);
    }
    // Word by word: that needs no view of the slot, and for 320 bytes it is as fast as `set`.
    const scratch = this.#scratch;
    const from = word + SLOT_HEADER_BYTES / 4;
    const count = (bytes + 3) >> 2;
    for (let i = 0; i < count; i += 1) {
      scratch[i] = words[from + i] ?? 0;
    }
    // Reads and writes back the same: on ARM the samples' loads could pass a load.
    return Atomics.or(words, word + MARKER, 0) === this.#next + 1 && this.#header[LAYOUT] === this.#layout;
  }
}
