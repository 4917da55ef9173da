/**
 * Whether what is said still comes to be spoken: it does not when a segment fails, or waits for its engines for too
 * long. The party's own voice is to be heard then, until a segment is spoken again. What waits behind speech that
 * sounds waits for nothing that is wrong.
 */

import type { Clock, Timer } from '../../base/clock.ts';
import { LIMITS } from '../limits.ts';

export class FallingBehind {
  readonly #clock: Clock;
  readonly #tell: (behind: boolean) => void;
  #waiting = 0;
  #limit: Timer | undefined;
  /** When what was given to be heard will have been, and who waits for that to say that nothing comes after it. */
  #heardUntilMs = 0;
  #notice: Timer | undefined;
  #behind = false;

  /** @param tell hears of each change. */
  constructor(clock: Clock, tell: (behind: boolean) => void) {
    this.#clock = clock;
    this.#tell = tell;
  }

  get behind(): boolean {
    return this.#behind;
  }

  /** A segment is in line; {@link over} follows. */
  added(): void {
    this.#waiting += 1;
    if (this.#waiting === 1) {
      this.#wait();
    }
  }

  /** A segment begins to be spoken. */
  spoken(): void {
    this.#limit?.cancel();
    this.#notice?.cancel();
    this.#set(false);
  }

  /** So much sound of a segment was given to be heard, in ms. */
  sounds(ms: number): void {
    this.#heardUntilMs = Math.max(this.#clock.nowMs(), this.#heardUntilMs) + ms;
  }

  /** A segment could not be spoken, or cannot be for as long as an engine is away: told once what was is heard. */
  failed(): void {
    this.#notice?.cancel();
    if (this.#heardUntilMs <= this.#clock.nowMs()) {
      this.#set(true);
    } else {
      this.#notice = this.#clock.at(this.#heardUntilMs, () => this.#set(true));
    }
  }

  /** A segment is over, spoken or not. */
  over(): void {
    this.#waiting -= 1;
    this.#limit?.cancel();
    if (this.#waiting > 0) {
      this.#wait();
    }
  }

  /** Tells nothing more. */
  close(): void {
    this.#limit?.cancel();
    this.#notice?.cancel();
  }

  #wait(): void {
    this.#limit = this.#clock.at(this.#clock.nowMs() + LIMITS.behindMs, () => this.#set(true));
  }

  #set(behind: boolean): void {
    if (behind !== this.#behind) {
      this.#behind = behind;
      this.#tell(behind);
    }
  }
}
