/**
 * What a leg has said and the recogniser has not taken yet. Audio past the limit is dropped oldest first and
 * counted; the starts and ends of utterances are never dropped, because every utterance is owed its final.
 */

import { SPEECH_HZ, samplesToMs } from '../../../base/units.ts';

export type BacklogEntry =
  | { readonly type: 'start'; readonly utterance: number }
  | { readonly type: 'audio'; readonly pcm: Int16Array }
  | { readonly type: 'end' };

export class AudioBacklog {
  readonly #limitMs: number;
  readonly #entries: BacklogEntry[] = [];
  #audioMs = 0;
  #droppedMs = 0;

  /** @param limitMs the most audio that waits, in ms. */
  constructor(limitMs: number) {
    this.#limitMs = limitMs;
  }

  /** Audio waiting, in ms. */
  get audioMs(): number {
    return this.#audioMs;
  }

  /** Audio given up, in ms, since the backlog was made. */
  get droppedMs(): number {
    return this.#droppedMs;
  }

  /** Adds an entry at the end; the newest audio always stays, however long. Keeps `entry`. */
  push(entry: BacklogEntry): void {
    this.#entries.push(entry);
    this.#audioMs += entryMs(entry);
    while (this.#audioMs > this.#limitMs) {
      const oldest = this.#entries.findIndex((candidate) => candidate.type === 'audio');
      const [lost] = oldest < this.#entries.length - 1 ? this.#entries.splice(oldest, 1) : [];
      if (lost === undefined) {
        return;
      }
      this.#audioMs -= entryMs(lost);
      this.#droppedMs += entryMs(lost);
    }
  }

  shift(): BacklogEntry | undefined {
    const entry = this.#entries.shift();
    if (entry !== undefined) {
      this.#audioMs -= entryMs(entry);
    }
    return entry;
  }

  clear(): void {
    this.#entries.length = 0;
    this.#audioMs = 0;
  }
}

function entryMs(entry: BacklogEntry): number {
  return entry.type === 'audio' ? samplesToMs(entry.pcm.length, SPEECH_HZ) : 0;
}
