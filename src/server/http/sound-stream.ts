/**
 * A WAV on one response that goes on for as long as there is something to hear. The reader may be slow: what he does not
 * take in time is left out, a whole piece at a time, since sound that comes late is no use to who listens now; one who has
 * taken nothing for long is dropped.
 */

import type { ServerResponse } from 'node:http';
import { bytesOf } from '../../media/dsp/sound.ts';
import { endlessWavHeader } from '../../protocol/wav.ts';

/** Bytes that may wait for one reader: 4 s at 8 kHz, one channel. */
const MOST_WAITING_BYTES = 65_536;
/** Bytes that one reader does not take before he is dropped. */
const MOST_UNREAD_BYTES = 262_144;

export class SoundStream {
  readonly #response: ServerResponse;
  /** That were left out since the last that was sent. */
  #unreadBytes = 0;

  /** Sends the head of the response, and of the file, at once. */
  constructor(response: ServerResponse, rateHz: number, channels: number) {
    this.#response = response;
    response.writeHead(200, {
      'content-type': 'audio/wav',
      // What people say is not for caches; proxies must not hold it back.
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
    });
    response.write(endlessWavHeader(rateHz, channels));
  }

  /** Calls `listener` once, when the reader is gone or the stream has ended. */
  onClose(listener: () => void): void {
    this.#response.once('close', listener);
  }

  /** Sends samples, of several channels in turns; keeps them until they are sent. @returns whether it did. */
  send(pcm: Int16Array): boolean {
    if (this.#response.destroyed || this.#response.writableEnded) {
      return false;
    }
    if (this.#response.writableLength > MOST_WAITING_BYTES) {
      this.#unreadBytes += pcm.byteLength;
      if (this.#unreadBytes > MOST_UNREAD_BYTES) {
        this.#response.destroy();
      }
      return false;
    }
    this.#unreadBytes = 0;
    this.#response.write(bytesOf(pcm));
    return true;
  }

  /** Ends the stream after what was sent. Idempotent. */
  end(): void {
    this.#response.end();
  }
}
