/**
 * Sounds for the stand-in of Deepgram, which tells sound from silence and hears a script in it; 16 kHz.
 */

export function silence(durationMs: number): Int16Array {
  return new Int16Array(durationMs * 16);
}

export function tone(pitchHz: number, durationMs: number): Int16Array {
  return Int16Array.from(
    { length: durationMs * 16 },
    (_, index) => 8_000 * Math.sin((2 * Math.PI * pitchHz * (index + 0.5)) / 16_000),
  );
}

/** One sound after the other. */
export function inARow(...sounds: readonly Int16Array[]): Int16Array {
  return Int16Array.from(sounds.flatMap((sound) => [...sound]));
}
