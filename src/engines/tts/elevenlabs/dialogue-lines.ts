/**
 * Lines to the Text-to-Dialogue socket, the next one opened while the last text is still being heard: so no text waits
 * for a handshake. Each open one takes a place of the plan's, silent or not, so few are kept, and not for long: the
 * provider ends a silent one after 20 s.
 */

import type { Timer } from '../../../base/clock.ts';
import { codeOf } from '../../../base/errors.ts';
import type { UnderWay } from '../../wire/under-way.ts';
import { DialogueLine, type DialogueLineOptions, type DialogueVoice } from './dialogue-line.ts';

/** How long a line waits for a text, in ms. */
const KEEP_MS = 15_000;
/** The most that wait, whatever their voices. */
const MOST_WAITING = 4;

interface Waiting {
  readonly key: string;
  readonly line: DialogueLine;
  readonly expiry: Timer;
}

export class DialogueLines {
  readonly #options: Omit<DialogueLineOptions, keyof DialogueVoice>;
  readonly #underWay: UnderWay;
  /** The oldest first. */
  #waiting: readonly Waiting[] = [];
  #opening = 0;

  constructor(options: Omit<DialogueLineOptions, keyof DialogueVoice>, underWay: UnderWay) {
    this.#options = options;
    this.#underWay = underWay;
  }

  /**
   * What `text` sounds like, in bytes cut anywhere; whoever stops reading ends it.
   * @throws as {@link DialogueLine.open} and {@link DialogueLine.pieces}.
   */
  async *say(
    text: string,
    voice: DialogueVoice,
    signal: AbortSignal,
  ): AsyncGenerator<Buffer, void, undefined> {
    for (;;) {
      const waited = this.#take(voice);
      const line = waited ?? (await DialogueLine.open({ ...this.#options, ...voice }, signal));
      let came = false;
      try {
        line.speak(text, signal);
        for await (const bytes of line.pieces()) {
          came = true;
          yield bytes;
        }
        this.#prepare(voice);
        return;
      } catch (error) {
        // A line that the provider ended in the moment we chose it is nobody's failure: it is gone, another will do.
        if (came || waited === undefined || signal.aborted || codeOf(error) !== 'engine-died') {
          throw error;
        }
      } finally {
        void line.close();
      }
    }
  }

  async close(): Promise<void> {
    const waiting = this.#waiting;
    this.#waiting = [];
    await Promise.all(
      waiting.map(({ line, expiry }) => {
        expiry.cancel();
        return line.close();
      }),
    );
  }

  /** One that waits, if there is one. */
  #take(voice: DialogueVoice): DialogueLine | undefined {
    const found = this.#waiting.findLast(({ key, line }) => key === keyOf(voice) && !line.lost);
    found?.expiry.cancel();
    this.#waiting = this.#waiting.filter((each) => each !== found);
    return found?.line;
  }

  /** Opens one ahead, unless there is one. */
  #prepare(voice: DialogueVoice): void {
    const key = keyOf(voice);
    const there = this.#waiting.some((each) => each.key === key && !each.line.lost);
    if (there || this.#opening >= MOST_WAITING || this.#underWay.closed.aborted) {
      return;
    }
    this.#opening += 1;
    this.#underWay
      .run(this.#underWay.closed, (closed) => DialogueLine.open({ ...this.#options, ...voice }, closed))
      .then((line) => this.#keep(key, line))
      // The text that would have been spoken on it opens its own, and says what is wrong.
      .catch(() => {})
      .finally(() => {
        this.#opening -= 1;
      });
  }

  #keep(key: string, line: DialogueLine): void {
    if (this.#underWay.closed.aborted) {
      void line.close();
      return;
    }
    const { clock } = this.#options;
    const kept: Waiting = {
      key,
      line,
      expiry: clock.at(clock.nowMs() + KEEP_MS, () => this.#drop(kept)),
    };
    this.#waiting = [...this.#waiting.filter((each) => !each.line.lost), kept];
    const [oldest] = this.#waiting;
    if (oldest !== undefined && this.#waiting.length > MOST_WAITING) {
      this.#drop(oldest);
    }
  }

  #drop(dropped: Waiting): void {
    this.#waiting = this.#waiting.filter((each) => each !== dropped);
    dropped.expiry.cancel();
    void dropped.line.close();
  }
}

function keyOf({ voice, rateHz }: DialogueVoice): string {
  return `${rateHz} ${voice}`;
}
