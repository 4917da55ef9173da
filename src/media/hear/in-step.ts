/**
 * Which frame played belongs to which frame heard: both are 20 ms, but heard ones come late, in bursts, or get lost.
 * Pure counting. A frame that is late catches up; a lost one leaves all later ones behind, which shows within a second.
 */

/** Frames heard after which the least they were behind is made up for: 1 s. */
const LOOK_FRAMES = 50;
/** Heard and played are never further apart: 200 ms. */
const MOST_BEHIND_FRAMES = 10;

export class InStep {
  #behind = 0;
  #leastBehind = Number.POSITIVE_INFINITY;
  #lookIn = LOOK_FRAMES;

  /** Frames played that are newer than the one in step with the frame last heard. */
  get behindFrames(): number {
    return this.#behind;
  }

  /** Counts a frame played. */
  played(): void {
    this.#behind += 1;
  }

  /** Counts a frame heard; returns by how many frames what is in step with it has moved to newer ones, mostly 0. */
  heard(): number {
    this.#behind -= 1;
    let moved = 0;
    if (this.#behind < 0 || this.#behind > MOST_BEHIND_FRAMES) {
      moved = this.#behind;
      this.#behind = 0;
    }
    this.#leastBehind = Math.min(this.#leastBehind, this.#behind);
    this.#lookIn -= 1;
    if (this.#lookIn <= 0) {
      moved += this.#leastBehind;
      this.#behind -= this.#leastBehind;
      this.#leastBehind = Number.POSITIVE_INFINITY;
      this.#lookIn = LOOK_FRAMES;
    }
    return moved;
  }

  /** Call it when nothing was heard for a while: the next frame is in step with the one played last. */
  resume(): void {
    this.#behind = 1;
    this.#leastBehind = Number.POSITIVE_INFINITY;
  }
}
