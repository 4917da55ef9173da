/** Things worth counting that no other event of the interpreters tells. */

export const NOTED = [
  /** A segment that had been worked on before it was certain, and was right. */
  'draft-hit',
  /** Work ahead that was thrown away. */
  'draft-miss',
  'cache-hit',
  'cache-miss',
  /** A number or a term that translation had lost and that was put in. */
  'repaired',
  /** A word that was spoken and that the final hearing contradicts. */
  'contradicted-word',
  /** A segment that was not spoken any more: too old, and heard as it is. */
  'stale',
  /** Left untranslated: our own voice come back, a sign of listening, the listener's own language, music. */
  'echo',
  'listening',
  'same-language',
  'not-speech',
  /** A word was stressed, and is in its translation; or it is not sure which word of the translation it is. */
  'stressed',
  'stress-unplaced',
  /** Another engine translated or spoke in place of one that failed or was late. */
  'failover',
] as const;

/** Characters that engines were given, to translate and to speak: what providers charge for. */
export const CHARGED = ['mt-characters', 'tts-characters'] as const;

export type Noted = (typeof NOTED)[number] | (typeof CHARGED)[number];
