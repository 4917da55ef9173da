/**
 * Where an utterance begins and ends, frame by frame: pure, no clock. It counts frames of 20 ms; a pause in what
 * arrives must be fed as frames without voice. A false start costs a little recognition; a false end splits a
 * sentence in two and spoils its translation, so the end waits longer than the start.
 */

export interface EndpointerOptions {
  /** Voiced frames, out of the last {@link onsetWindowFrames}, that begin an utterance. Default 3 (60 ms). */
  readonly onsetFrames: number;
  /** Default 4 (80 ms). */
  readonly onsetWindowFrames: number;
  /** Frames before the onset that belong to the utterance, so that soft first sounds are kept. Default 15 (300 ms). */
  readonly preRollFrames: number;
  /** Frames without voice that are a pause the speaker may go on after; told once each. Default 10 (200 ms). */
  readonly pauseFrames: number;
  /** Frames without voice that end an utterance. Default 30 (600 ms). */
  readonly hangOverFrames: number;
  /** Frames after which an utterance ends at its next pause of {@link shortPauseFrames}. Default 600 (12 s). */
  readonly longFrames: number;
  /** Default 8 (160 ms). */
  readonly shortPauseFrames: number;
  /** Frames after which an utterance ends wherever it is. Default 1,000 (20 s). */
  readonly longestFrames: number;
}

export const DEFAULT_ENDPOINTER: EndpointerOptions = {
  onsetFrames: 3,
  onsetWindowFrames: 4,
  preRollFrames: 15,
  pauseFrames: 10,
  hangOverFrames: 30,
  longFrames: 600,
  shortPauseFrames: 8,
  longestFrames: 1_000,
};

export type EndpointerEvent =
  /** The utterance's audio begins with frame `fromFrame` (pre-roll included); the voice with `voiceFrame`. */
  | { readonly type: 'start'; readonly fromFrame: number; readonly voiceFrame: number }
  /** The speaker pauses in the utterance; the voice ended before `silenceFrame`. */
  | { readonly type: 'pause'; readonly silenceFrame: number }
  /** The speaker goes on after a pause. */
  | { readonly type: 'resume' }
  /** The utterance's audio ends before frame `toFrame`; the voice ended before `silenceFrame`. */
  | {
      readonly type: 'end';
      readonly toFrame: number;
      readonly silenceFrame: number;
      readonly reason: 'pause' | 'too-long' | 'stopped';
    };

export class Endpointer {
  readonly #options: EndpointerOptions;
  /** The number of the next frame. */
  #frame: number;
  /** The last frames' voice bits, newest lowest. */
  #recent = 0;
  /** The utterance in progress: where its voice began; undefined in silence. */
  #voiceFrame: number | undefined;
  #lastVoiceFrame = 0;
  /** Whether a pause was told that has not ended. */
  #paused = false;
  /** No utterance reaches back over the end of the one before. */
  #floorFrame: number;

  /**
   * @param firstFrame the number the first frame pushed has.
   * @param voiceFrame where the voice of an utterance began that goes on; undefined: none does.
   */
  constructor(options: EndpointerOptions = DEFAULT_ENDPOINTER, firstFrame = 0, voiceFrame?: number) {
    this.#options = options;
    this.#frame = firstFrame;
    this.#floorFrame = firstFrame;
    this.#voiceFrame = voiceFrame;
    this.#lastVoiceFrame = firstFrame;
  }

  get inUtterance(): boolean {
    return this.#voiceFrame !== undefined;
  }

  /**
   * Takes the next frame; returns what it decided, if anything.
   * @param withheldFrames how many frames before this one may have been voice though they were not called so: an
   *   utterance that begins now reaches back over them.
   */
  push(voice: boolean, withheldFrames = 0): EndpointerEvent | undefined {
    const frame = this.#frame;
    this.#frame += 1;
    this.#recent = ((this.#recent << 1) | (voice ? 1 : 0)) & ((1 << this.#options.onsetWindowFrames) - 1);
    if (voice) {
      this.#lastVoiceFrame = frame;
    }
    return this.#voiceFrame === undefined
      ? this.#maybeStart(frame, withheldFrames)
      : this.#maybeEnd(frame, this.#voiceFrame);
  }

  #maybeStart(frame: number, withheldFrames: number): EndpointerEvent | undefined {
    if (bitCount(this.#recent) < this.#options.onsetFrames) {
      return undefined;
    }
    const backFrames = Math.max(this.#options.onsetWindowFrames - 1, withheldFrames);
    const voiceFrame = Math.max(this.#floorFrame, frame - backFrames);
    this.#voiceFrame = voiceFrame;
    return {
      type: 'start',
      fromFrame: Math.max(this.#floorFrame, voiceFrame - this.#options.preRollFrames),
      voiceFrame,
    };
  }

  #maybeEnd(frame: number, voiceFrame: number): EndpointerEvent | undefined {
    const pauseFrames = frame - this.#lastVoiceFrame;
    const lengthFrames = frame - voiceFrame + 1;
    const paused =
      pauseFrames >= this.#options.hangOverFrames ||
      (lengthFrames >= this.#options.longFrames && pauseFrames >= this.#options.shortPauseFrames);
    if (!paused && lengthFrames < this.#options.longestFrames) {
      return this.#maybePause(pauseFrames, voiceFrame);
    }
    return this.#end(voiceFrame, paused ? 'pause' : 'too-long');
  }

  /** Ends the utterance that goes on, if one does: what was heard turned out to be no speech. */
  stop(): EndpointerEvent | undefined {
    return this.#voiceFrame === undefined ? undefined : this.#end(this.#voiceFrame, 'stopped');
  }

  #end(voiceFrame: number, reason: 'pause' | 'too-long' | 'stopped'): EndpointerEvent {
    this.#voiceFrame = undefined;
    this.#paused = false;
    this.#recent = 0;
    this.#floorFrame = this.#frame;
    return { type: 'end', toFrame: this.#frame, silenceFrame: this.#silenceFrame(voiceFrame), reason };
  }

  /** A pause begins after enough silence, and ends as an utterance begins. */
  #maybePause(pauseFrames: number, voiceFrame: number): EndpointerEvent | undefined {
    if (!this.#paused && pauseFrames >= this.#options.pauseFrames) {
      this.#paused = true;
      return { type: 'pause', silenceFrame: this.#silenceFrame(voiceFrame) };
    }
    if (this.#paused && bitCount(this.#recent) >= this.#options.onsetFrames) {
      this.#paused = false;
      return { type: 'resume' };
    }
    return undefined;
  }

  /** The first frame after the voice. */
  #silenceFrame(voiceFrame: number): number {
    return Math.max(voiceFrame + 1, this.#lastVoiceFrame + 1);
  }
}

function bitCount(bits: number): number {
  let count = 0;
  for (let rest = bits; rest !== 0; rest &= rest - 1) {
    count += 1;
  }
  return count;
}
