/** An engine that makes voices as a test says: it keeps their names, refuses, or does not let go of them. */

import { AppError } from '../../src/base/errors.ts';
import type {
  ClonedVoice,
  CloneLimits,
  CloneRequest,
  VoiceCloner,
} from '../../src/engines/tts/voice-cloner.ts';

export class ScriptedCloner implements VoiceCloner {
  readonly name: string;
  readonly limits: CloneLimits;
  /** Voices that it has now. */
  readonly voices = new Map<string, CloneRequest>();
  /** What goes with each request, which it does not keep. */
  kept: Uint8Array | undefined;
  /** Why it makes none, or deletes none. */
  refusal: string | undefined;
  /** It says that it has deleted one, and has it still. */
  clings = false;
  made = 0;

  constructor(name: string, limits: Partial<CloneLimits> = {}) {
    this.name = name;
    const usual = {
      leastMs: 6_000,
      bestMs: 20_000,
      mostBytes: 10_000_000,
      needsConsentRecording: false,
      deletes: true,
    };
    this.limits = { ...usual, ...limits };
  }

  async clone(request: CloneRequest): Promise<ClonedVoice> {
    this.#refuse();
    this.made += 1;
    const ref = `${this.name}-${this.made}`;
    this.voices.set(ref, request);
    return { ref, ...(this.kept === undefined ? {} : { kept: this.kept }) };
  }

  async delete(ref: string): Promise<void> {
    this.#refuse();
    if (!this.clings) {
      this.voices.delete(ref);
    }
  }

  async has(ref: string): Promise<boolean> {
    return this.voices.has(ref);
  }

  async room(): Promise<undefined> {}

  #refuse(): void {
    if (this.refusal !== undefined) {
      throw new AppError('engine-refused', this.refusal);
    }
  }
}
