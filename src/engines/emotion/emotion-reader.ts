/**
 * A provider that hears speech and says which emotion is heard in it. Nothing is told of it to anybody but the engine
 * that speaks for the same person, as a word. Whose voice may be judged at all is the operator's to say, and the law's:
 * README has where it is forbidden.
 */

export interface EmotionReaderOptions {
  /** What is heard of late, one English word that engines of speech take; undefined: none that stands out. */
  readonly heard: (word: string | undefined) => void;
  /** It cannot go on; nothing comes after. */
  readonly lost: (error: Error) => void;
}

/** One person's speech on its way to be judged. */
export interface EmotionStream {
  /** More of it, 16 kHz mono, as it is said; only read during the call. What is said too fast may not be judged. */
  write(pcm: Int16Array): void;
  /** Ends it; nothing is heard after. Idempotent. */
  close(): Promise<void>;
}

export interface EmotionReader {
  readonly name: string;
  /** @throws AppError of category `engine`; the signal's reason when it aborts first. */
  open(options: EmotionReaderOptions, signal: AbortSignal): Promise<EmotionStream>;
}
