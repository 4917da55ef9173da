/**
 * Voices for pocket-tts: the server clones on the fly, from a recording that goes with each request, and keeps nothing of
 * it. Whether it can at all is tried by having it say something: the weights that clone are to be asked for.
 */

import { createHash } from 'node:crypto';
import type { ClonedVoice, CloneLimits, CloneRequest, VoiceCloner } from '../voice-cloner.ts';

/** What the cloner needs of its engine. */
export interface PocketTtsCloning {
  /** Has something said as the one in the recording. @throws as speaking does. */
  readonly tryOut: (wav: Uint8Array, language: string, signal: AbortSignal) => Promise<void>;
  /** Lets go of what is held of a voice. */
  readonly forget: (ref: string) => void;
}

export class PocketTtsCloner implements VoiceCloner {
  readonly name = 'pocket-tts';
  /** The server listens to 30 s of it, with each request, so that less is sooner heard. */
  readonly limits: CloneLimits = {
    leastMs: 5_000,
    bestMs: 10_000,
    mostBytes: 6_000_000,
    needsConsentRecording: false,
    deletes: true,
  };
  readonly #engine: PocketTtsCloning;

  constructor(engine: PocketTtsCloning) {
    this.#engine = engine;
  }

  async clone({ wav, language }: CloneRequest, signal: AbortSignal): Promise<ClonedVoice> {
    signal.throwIfAborted();
    await this.#engine.tryOut(wav, language, signal);
    const sum = createHash('sha256').update(wav).digest('hex').slice(0, 32);
    return { ref: `recording-${sum}`, kept: wav };
  }

  /** The servers have nothing; what this process holds goes. */
  async delete(ref: string, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    this.#engine.forget(ref);
  }

  /** No server has any. */
  async has(_ref: string, signal: AbortSignal): Promise<undefined> {
    signal.throwIfAborted();
  }

  /** Nobody counts them. */
  async room(signal: AbortSignal): Promise<undefined> {
    signal.throwIfAborted();
  }
}
