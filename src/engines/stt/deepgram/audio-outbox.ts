/**
 * Audio on its way to the socket: frames are joined to chunks, and wait here while the socket is behind, where
 * dropping is possible. What has to happen between two frames (an utterance begins, an answer is asked for) waits in
 * line with them and is never dropped.
 */

import { SPEECH_HZ, samplesToMs } from '../../../base/units.ts';

export interface AudioOutboxOptions {
  /** How much audio makes a chunk, in ms. */
  readonly chunkMs: number;
  /** The most audio the socket may hold before more waits here, in ms. */
  readonly inFlightLimitMs: number;
  /** The most audio that waits here, in ms; past it the oldest is dropped. */
  readonly backlogLimitMs: number;
  /** What the socket holds, in bytes. */
  readonly bufferedBytes: () => number;
  /** Takes a chunk; it owns the bytes. */
  readonly send: (bytes: Uint8Array) => void;
  /** Hears that `lostMs` of audio would have been next and are not sent. */
  readonly onGap: (lostMs: number) => void;
}

type Entry =
  | { readonly type: 'audio'; readonly pcm: Int16Array }
  | { readonly type: 'gap'; readonly lostMs: number }
  | { readonly type: 'mark'; readonly run: () => void };

/** 16,000 samples a second of 2 bytes. */
const BYTES_PER_MS = 32;

export class AudioOutbox {
  readonly #options: AudioOutboxOptions;
  readonly #entries: Entry[] = [];
  readonly #chunkSamples: number;
  #chunk: Int16Array;
  #chunkFill = 0;
  #waitingMs = 0;
  #droppedMs = 0;
  #sentSamples = 0;
  #draining = false;

  constructor(options: AudioOutboxOptions) {
    this.#options = options;
    this.#chunkSamples = (options.chunkMs * SPEECH_HZ) / 1_000;
    this.#chunk = new Int16Array(this.#chunkSamples);
  }

  /** Audio given up, in ms. */
  get droppedMs(): number {
    return this.#droppedMs;
  }

  /** Audio handed to the socket, in ms: the time of the next chunk in the connection's audio. */
  get sentMs(): number {
    return samplesToMs(this.#sentSamples, SPEECH_HZ);
  }

  /** Whether audio waits because the socket is behind. */
  get behind(): boolean {
    return this.#waitingMs > 0;
  }

  /** Adds audio; keeps `pcm`. */
  write(pcm: Int16Array): void {
    if (pcm.length === 0) {
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

  /** Sends what the socket can take. */
  drain(): void {
    if (this.#draining) {
      return;
    }
    this.#draining = true;
    const limitBytes = this.#options.inFlightLimitMs * BYTES_PER_MS;
    for (let entry = this.#entries[0]; entry !== undefined; entry = this.#entries[0]) {
      if (entry.type === 'audio' && this.#options.bufferedBytes() >= limitBytes) {
        break;
      }
      this.#entries.shift();
      switch (entry.type) {
        case 'audio':
          this.#waitingMs -= msOf(entry.pcm);
          this.#append(entry.pcm);
          break;
        case 'gap':
          this.#sendChunk();
          this.#options.onGap(entry.lostMs);
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
    if (this.#chunkFill === 0) {
      return;
    }
    const { buffer } = this.#chunk;
    const samples = this.#chunkFill;
    // The chunk belongs to the socket from here on.
    this.#chunk = new Int16Array(this.#chunkSamples);
    this.#chunkFill = 0;
    this.#sentSamples += samples;
    this.#options.send(new Uint8Array(buffer, 0, samples * 2));
  }

  /** The newest audio always stays, however long. */
  #dropOldest(): void {
    while (this.#waitingMs > this.#options.backlogLimitMs) {
      const index = this.#entries.findIndex(({ type }) => type === 'audio');
      const entry = this.#entries[index];
      if (entry?.type !== 'audio' || index === this.#entries.length - 1) {
        return;
      }
      const lostMs = msOf(entry.pcm);
      this.#waitingMs -= lostMs;
      this.#droppedMs += lostMs;
      this.#entries[index] = { type: 'gap', lostMs };
    }
  }
}

function msOf(pcm: Int16Array): number {
  return samplesToMs(pcm.length, SPEECH_HZ);
}
