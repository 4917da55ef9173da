/**
 * Voices for XTTS: the server computes a pair of latents from a recording and keeps nothing, so whoever asked keeps
 * them and gives them back with each request (`VoiceRendering.load`).
 */

import { createHash } from 'node:crypto';
import type { ClonedVoice, CloneLimits, CloneRequest, VoiceCloner } from '../voice-cloner.ts';
import { bodyStart, keptLatents } from './latents.ts';

/** What the cloner needs of its engine. */
export interface XttsCloning {
  /** The voice in a recording, as JSON, computed by a server in its turn. */
  readonly cloneSpeaker: (wav: Uint8Array, signal: AbortSignal) => Promise<Buffer>;
  /** Lets go of what is held of a voice. */
  readonly forget: (ref: string) => void;
}

export class XttsCloner implements VoiceCloner {
  readonly name = 'xtts';
  readonly limits: CloneLimits = {
    leastMs: 6_000,
    bestMs: 30_000,
    mostBytes: 64_000_000,
    needsConsentRecording: false,
    deletes: true,
  };
  readonly #engine: XttsCloning;

  constructor(engine: XttsCloning) {
    this.#engine = engine;
  }

  async clone({ wav }: CloneRequest, signal: AbortSignal): Promise<ClonedVoice> {
    signal.throwIfAborted();
    const json = await this.#engine.cloneSpeaker(wav, signal);
    const kept = keptLatents(bodyStart(json, 'the answer to the recording'));
    const sum = createHash('sha256').update(kept).digest('hex').slice(0, 32);
    return { ref: `latents-${sum}`, model: 'xtts_v2', kept };
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
