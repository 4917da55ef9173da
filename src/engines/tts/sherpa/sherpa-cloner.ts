/**
 * Voices for models that speak like a recording: there is nothing to be made of it beforehand, so the recording itself
 * is what whoever asked keeps, and gives back with each request (`VoiceRendering.load`). It never leaves this machine.
 */

import { createHash } from 'node:crypto';
import { AppError } from '../../../base/errors.ts';
import { samplesToMs } from '../../../base/units.ts';
import { parseWav } from '../../../protocol/wav.ts';
import type { ClonedVoice, CloneLimits, CloneRequest, VoiceCloner } from '../voice-cloner.ts';

/** Of a longer one the model uses the first 10 s only. */
const BEST_MS = 10_000;
const LEAST_MS = 3_000;

export class SherpaCloner implements VoiceCloner {
  readonly name = 'sherpa';
  readonly limits: CloneLimits = {
    leastMs: LEAST_MS,
    bestMs: BEST_MS,
    mostBytes: 4_000_000,
    needsConsentRecording: false,
    deletes: true,
  };
  readonly #forget: (ref: string) => void;

  /** @param forget lets go of what is held of a voice. */
  constructor(forget: (ref: string) => void) {
    this.#forget = forget;
  }

  async clone({ wav }: CloneRequest, signal: AbortSignal): Promise<ClonedVoice> {
    signal.throwIfAborted();
    const { pcm, rateHz } = parseWav(wav);
    if (samplesToMs(pcm.length, rateHz) < LEAST_MS) {
      throw new AppError(
        'engine-refused',
        `sherpa: the recording is too short: ${LEAST_MS / 1_000} s of somebody's speech are needed`,
      );
    }
    const sum = createHash('sha256').update(wav).digest('hex').slice(0, 32);
    return { ref: `recording-${sum}`, model: 'pocket-tts', kept: wav };
  }

  /** There is nothing anywhere but what this process holds. */
  async delete(ref: string, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    this.#forget(ref);
  }

  /** Nobody has any. */
  async has(_ref: string, signal: AbortSignal): Promise<undefined> {
    signal.throwIfAborted();
  }

  /** Nobody counts them. */
  async room(signal: AbortSignal): Promise<undefined> {
    signal.throwIfAborted();
  }
}
