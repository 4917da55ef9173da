/**
 * How loud a line is when nobody speaks: the least energy of a frame in the last two seconds, since even a fast
 * talker falls silent for a frame that often. A voice stands out from it. The WebRTC detector goes on saying
 * "voice" for 4 to 6 frames after a voice that ends in noise, and after a click; the floor says that these are noise.
 */

/** The memory in parts: the least of each part is kept, so a frame costs one comparison. */
const PARTS = 5;
/** 20 frames of 20 ms: 5 parts are 2 s. */
const PART_FRAMES = 20;

export class NoiseFloor {
  readonly #parts = new Float64Array(PARTS).fill(Number.POSITIVE_INFINITY);
  #part = 0;
  #partFrames = 0;
  #energyBefore = Number.POSITIVE_INFINITY;
  #least = Number.POSITIVE_INFINITY;

  /**
   * The energy of a frame of the line's own noise: that of the quietest two in a row; infinity before there are two.
   */
  get energy(): number {
    return this.#least;
  }

  /** Takes the sum of squares of the next frame. */
  push(energy: number): void {
    if (this.#partFrames === PART_FRAMES) {
      this.#part = (this.#part + 1) % PARTS;
      this.#partFrames = 0;
      this.#parts[this.#part] = Number.POSITIVE_INFINITY;
      this.#least = Math.min(...this.#parts);
    }
    this.#partFrames += 1;
    // The louder of two: a frame that a gap cut short is no floor.
    const smoothed = Math.max(energy, this.#energyBefore);
    this.#energyBefore = energy;
    if (smoothed < (this.#parts[this.#part] ?? 0)) {
      this.#parts[this.#part] = smoothed;
      this.#least = Math.min(this.#least, smoothed);
    }
  }
}
