/**
 * What waits for the recorder, in its order. The recorder may stand still for as long as it likes: of each call's sound
 * the oldest is dropped past some seconds, and counted; of orders, past some megabytes, those that nobody can do
 * without last.
 */

/** Sound of one call that waits, at most, in ms. */
const SOUND_LIMIT_MS = 5_000;

interface Entry {
  /** Undefined once it was dropped. */
  message: Buffer | undefined;
  readonly sound: Sound | undefined;
}

export interface Sound {
  readonly call: number;
  /** For how long it sounds, in ms. */
  readonly ms: number;
  /** Frames in it, all tracks together. */
  readonly frames: number;
}

interface CallSound {
  readonly entries: Entry[];
  ms: number;
}

export class RecorderQueue {
  /** Frames dropped, of all calls. */
  framesDropped = 0;
  /** From `#first` on; what is before it is gone. */
  #entries: Entry[] = [];
  #first = 0;
  readonly #calls = new Map<number, CallSound>();

  /** Adds an order, or some sound of a call. */
  push(message: Buffer, sound?: Sound): void {
    const entry: Entry = { message, sound };
    this.#entries.push(entry);
    if (sound !== undefined) {
      const call = this.#calls.get(sound.call) ?? { entries: [], ms: 0 };
      this.#calls.set(sound.call, call);
      call.entries.push(entry);
      call.ms += sound.ms;
      while (call.ms > SOUND_LIMIT_MS && call.entries.length > 1) {
        this.#dropOldest(call);
      }
    }
  }

  /** The next message to be sent; undefined when none waits. */
  shift(): Buffer | undefined {
    while (this.#first < this.#entries.length) {
      const entry = this.#entries[this.#first];
      this.#first += 1;
      if (this.#first > 1_000) {
        this.#entries = this.#entries.slice(this.#first);
        this.#first = 0;
      }
      if (entry?.message !== undefined) {
        this.#forget(entry);
        return entry.message;
      }
    }
    this.#entries = [];
    this.#first = 0;
    return undefined;
  }

  /** Forgets all that waits; its sound is dropped. */
  clear(): void {
    for (const call of this.#calls.values()) {
      while (call.entries.length > 0) {
        this.#dropOldest(call);
      }
    }
    this.#calls.clear();
    this.#entries = [];
    this.#first = 0;
  }

  #dropOldest(call: CallSound): void {
    const entry = call.entries.shift();
    if (entry !== undefined) {
      call.ms -= entry.sound?.ms ?? 0;
      this.framesDropped += entry.sound?.frames ?? 0;
      entry.message = undefined;
    }
  }

  /** It is sent. Of one call what was added first is sent first. */
  #forget({ sound }: Entry): void {
    const call = sound === undefined ? undefined : this.#calls.get(sound.call);
    if (call !== undefined) {
      call.entries.shift();
      call.ms -= sound?.ms ?? 0;
      if (call.entries.length === 0) {
        this.#calls.delete(sound?.call ?? 0);
      }
    }
  }
}
