/**
 * How much of what is heard of an utterance is echo, in frames as the echo gate judged them. An echo that the gate lets
 * slip begins an utterance with a few frames, and most that follow are echo; of a voice over an echo few are. Echo that
 * comes after the voice is another's: it counts only as long as the voice may go on.
 */

/** Frames after the own voice in which echo counts: 200 ms, the pause after which somebody may be done. */
const AFTER_VOICE_FRAMES = 10;

export class EchoShare {
  #ownFrames = 0;
  #echoFrames = 0;
  #sinceOwn = 0;

  /** Of the utterance that goes on, 0 to 1. */
  get share(): number {
    const frames = this.#ownFrames + this.#echoFrames;
    return frames === 0 ? 0 : this.#echoFrames / frames;
  }

  /** An utterance begins, of which `ownFrames` were heard. */
  begin(ownFrames: number): void {
    this.#ownFrames = ownFrames;
    this.#echoFrames = 0;
    this.#sinceOwn = 0;
  }

  /** The next frame is the leg's own voice, echo, or neither. */
  push(what: 'own' | 'echo' | 'none'): void {
    this.#sinceOwn = what === 'own' ? 0 : this.#sinceOwn + 1;
    if (what === 'own') {
      this.#ownFrames += 1;
    } else if (what === 'echo' && this.#sinceOwn <= AFTER_VOICE_FRAMES) {
      this.#echoFrames += 1;
    }
  }
}
