/**
 * What waits for the recorder, in its order. The recorder may stand still for as long as it likes: of each call's sound
 * the oldest is dropped past some seconds, and counted; who gives orders that wait for an answer takes them out when
 * there are too many. Of what is gone nothing is left after a while, though nothing is sent meanwhile.
 */

/** Sound of one call that waits, at most, in ms. */
const SOUND_LIMIT_MS = 5_000;
/** Pieces of one call that wait, at most, sound and notes together: twice those of so much sound. */
const MOST_PIECES = 200;
/** Places of what is gone, at most, and never more than those of what waits. */
const MOST_GONE = 1_000;

interface Entry {
  /** Undefined once it was dropped. */
  message: Buffer | undefined;
  readonly sound: Sound | undefined;
}

export interface Sound {
  readonly call: number;
  /** For how long it sounds, in ms; 0 of notes, which have no sound. */
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
  /** Pieces of notes dropped. */
  notesDropped = 0;
  /** From `#first` on; what is before it is gone. */
  #entries: Entry[] = [];
  #first = 0;
  /** Entries from `#first` on whose message is gone. */
  #gone = 0;
  readonly #calls = new Map<number, CallSound>();

  /** Places that are taken up by what waits and by what is gone. */
  get places(): number {
    return this.#entries.length;
  }

  /** Adds an order, or some sound of a call. @returns what takes an order out again, if it is still here. */
  push(message: Buffer, sound?: Sound): () => void {
    const entry: Entry = { message, sound };
    this.#entries.push(entry);
    if (sound !== undefined) {
      const call = this.#calls.get(sound.call) ?? { entries: [], ms: 0 };
      this.#calls.set(sound.call, call);
      call.entries.push(entry);
      call.ms += sound.ms;
      while ((call.ms > SOUND_LIMIT_MS || call.entries.length > MOST_PIECES) && call.entries.length > 1) {
        this.#dropOldest(call);
      }
    }
    return () => this.#takeOut(entry);
  }

  /** The next message to be sent; undefined when none waits. */
  shift(): Buffer | undefined {
    while (this.#first < this.#entries.length) {
      const entry = this.#entries[this.#first];
      this.#first += 1;
      if (entry?.message === undefined) {
        this.#gone -= 1;
      }
      if (this.#first > 1_000) {
        this.#entries = this.#entries.slice(this.#first);
        this.#first = 0;
      }
      if (entry?.message !== undefined) {
        const { message } = entry;
        entry.message = undefined;
        this.#forget(entry);
        return message;
      }
    }
    this.#empty();
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
    this.#empty();
  }

  #empty(): void {
    this.#entries = [];
    this.#first = 0;
    this.#gone = 0;
  }

  #takeOut(entry: Entry): void {
    if (entry.message === undefined) {
      return;
    }
    entry.message = undefined;
    this.#gone += 1;
    if (this.#gone > Math.max(MOST_GONE, this.#entries.length / 2)) {
      this.#entries = this.#entries.filter(({ message }) => message !== undefined);
      this.#first = 0;
      this.#gone = 0;
    }
  }

  #dropOldest(call: CallSound): void {
    const entry = call.entries.shift();
    if (entry !== undefined) {
      call.ms -= entry.sound?.ms ?? 0;
      this.framesDropped += entry.sound?.frames ?? 0;
      this.notesDropped += entry.sound?.frames === 0 ? 1 : 0;
      this.#takeOut(entry);
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
