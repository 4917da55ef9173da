/** Profiles for tests: whole ones, of which a test changes what it is about. */

import type { VoiceProfile } from '../../src/voices/profile.ts';

const AT = '2026-11-01T10:00:00.000Z';

export function someProfile(change: Partial<VoiceProfile> = {}): VoiceProfile {
  return {
    speaker: 'ana',
    name: 'Ana Ruiz',
    version: 1,
    createdAt: AT,
    updatedAt: AT,
    consent: { by: 'Ana Ruiz', how: 'form 12', at: AT },
    identity: { model: 'resnet34.onnx', band: '8k', soundMs: 20_000, vector: someVector(256, 1) },
    style: { f0MedianHz: 210, f0RangeSemitones: 6.5, syllablesPerSecond: 4.8, levelDbfs: -24, tiltDb: -12 },
    styleVector: someVector(64, 2),
    defaults: { speed: 1.1, pitchSemitones: -1, emotion: 'calm' },
    reference: { sha256: 'ab'.repeat(32), soundMs: 20_000, language: 'es', file: 'reference.1' },
    renderings: [{ engine: 'elevenlabs', ref: 'voice-of-ana', state: 'ready', made: true, madeAt: AT }],
    leaving: false,
    ...change,
  };
}

/** Numbers that are told from those of another `seed`. */
export function someVector(count: number, seed: number): Float32Array {
  return Float32Array.from({ length: count }, (_, index) => Math.sin(seed * 1_000 + index));
}
