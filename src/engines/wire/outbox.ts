/**
 * Audio on its way to a provider: frames are joined to chunks, and wait here while the provider is behind, where
 * dropping is possible; past the limit the oldest go, counted. What has to happen between two frames (an utterance
 * begins, an answer is asked for) waits in line with them and is never dropped.
 */

import { SPEECH_HZ, samplesToMs } from '../../base/units.ts';

export interface OutboxOptions {
  /** How much audio makes a chunk, in ms. */
  readonly chunkMs: number;
  /** The most audio that waits here, in ms; past it the oldest is dropped. */
  readonly backlogLimitMs: number;
  /** Whether the provider takes more audio now; asked before each frame. */
  readonly ready: () => boolean;
  /** Takes a chunk; keeps it, and changes nothing in it. */
  readonly send: (pcm: Int16Array) => void;
  /** Hears that `lostMs` of audio would have been next and are not sent. */
  readonly onGap: (lostMs: number) => void;
}

type Entry =
  | { readonly type: 'audio'; readonly pcm: Int16Array }
  | { readonly type: 'mark'; readonly run: () => void };

export class Outbox {
  readonly #options: OutboxOptions;
  readonly #entries: Entry[] = [];
  readonly #chunkSamples: number;
  #chunk: Int16Array;
  #chunkFill = 0;
  #waitingMs = 0;
  #droppedMs = 0;
  #sentSamples = 0;
  #draining = false;

  constructor(options: OutboxOptions) {
    this.#options = options;
    this.#chunkSamples = (options.chunkMs * SPEECH_HZ) / 1_000;
    this.#chunk = new Int16Array(this.#chunkSamples);
  }

  /** Audio given up, in ms. */
  get droppedMs(): number {
    return this.#droppedMs;
  }

  /** Audio handed on, in ms: the time of the next chunk in the connection's audio. */
  get sentMs(): number {
    return samplesToMs(this.#sentSamples, SPEECH_HZ);
  }

  /** Whether audio waits because the provider is behind. */
  get behind(): boolean {
    return this.#waitingMs > 0;
  }

  /** Adds 16 kHz audio; keeps `pcm`. */
  write(pcm: Int16Array): void {
    if (pcm.length === 0) {
      return;
    }
    if (this.#entries.length === 0 && !this.#draining && this.#options.ready()) {
      // The usual case: nothing waits, and nothing has to.
      this.#draining = true;
      this.#append(pcm);
      this.#draining = false;
      this.drain();
      return;
    }
    this.#entries.push({ type: 'audio', pcm });
    this.#waitingMs += msOf(pcm);
    this.drain();
    this.#dropOldest();
  }

  /** Runs `run` as soon as everything before it has been sent: now, when nothing waits. */
  mark(run: () => void): void {
    this.#entries.push({ type: 'mark', run });
    this.drain();
  }

  /** Sends what the provider can take. */
  drain(): void {
    if (this.#draining) {
      return;
    }
    this.#draining = true;
    for (let entry = this.#entries[0]; entry !== undefined; entry = this.#entries[0]) {
      if (entry.type === 'audio' && !this.#options.ready()) {
        break;
      }
      this.#entries.shift();
      switch (entry.type) {
        case 'audio':
          this.#waitingMs -= msOf(entry.pcm);
          this.#append(entry.pcm);
          break;
        case 'mark':
          this.#sendChunk();
          entry.run();
          break;
      }
    }
    this.#draining = false;
  }

  /** Forgets what waits. */
  clear(): void {
    this.#entries.length = 0;
    this.#chunkFill = 0;
    this.#waitingMs = 0;
  }

  #append(pcm: Int16Array): void {
    if (this.#chunkFill === 0 && pcm.length === this.#chunkSamples) {
      // A frame that is a chunk goes as it is: the usual case costs no copy.
      this.#send(pcm);
      return;
    }
    for (let taken = 0; taken < pcm.length; ) {
      const piece = pcm.subarray(taken, taken + this.#chunkSamples - this.#chunkFill);
      this.#chunk.set(piece, this.#chunkFill);
      this.#chunkFill += piece.length;
      taken += piece.length;
      if (this.#chunkFill === this.#chunkSamples) {
        this.#sendChunk();
      }
    }
  }

  #sendChunk(): void {
    if (this.#chunkFill > 0) {
      const chunk = this.#chunk.subarray(0, this.#chunkFill);
      // The chunk belongs to whoever sends it from here on.
      this.#chunk = new Int16Array(this.#chunkSamples);
      this.#chunkFill = 0;
      this.#send(chunk);
    }
  }

  #send(pcm: Int16Array): void {
    this.#sentSamples += pcm.length;
    this.#options.send(pcm);
  }

  /** The newest audio always stays, however long. */
  #dropOldest(): void {
    while (this.#waitingMs > this.#options.backlogLimitMs && this.#entries.length > 1) {
      const entry = this.#entries[0];
      if (entry?.type !== 'audio') {
        return;
      }
      this.#entries.shift();
      const lostMs = msOf(entry.pcm);
      this.#waitingMs -= lostMs;
      this.#droppedMs += lostMs;
      this.#sendChunk();
      this.#options.onGap(lostMs);
      // What waited behind it only, happens now.
      this.drain();
    }
  }
}

function msOf(pcm: Int16Array): number {
  return samplesToMs(pcm.length, SPEECH_HZ);
}
