/**
 * What the parties of a call have said and heard lately, in each one's language: context for translation, and how an
 * echo or an "aha" is recognised. It is kept in memory while the call lives, a few lines of it, and nowhere else.
 */

/** Lines kept for each leg. */
const MOST_LINES = 8;

interface Line {
  /** Counts all lines of the conversation. */
  readonly number: number;
  readonly text: string;
}

/** One call's. */
export class Conversation {
  /** By leg, what was said or heard there, in that leg's language. */
  readonly #said = new Map<number, Line[]>();
  readonly #heard = new Map<number, Line[]>();
  #next = 0;

  /** What leg `speaker` says to leg `listener`. */
  side(speaker: number, listener: number): ConversationSide {
    return {
      said: (text) => this.#add(this.#said, speaker, text),
      spoken: (text) => this.#add(this.#heard, listener, text),
      context: (lines) => this.#latest(speaker, lines),
      heardBySpeaker: () => (this.#heard.get(speaker) ?? []).map(({ text }) => text),
    };
  }

  #add(lines: Map<number, Line[]>, leg: number, text: string): void {
    const own = lines.get(leg) ?? [];
    lines.set(leg, own);
    own.push({ number: this.#next, text });
    this.#next += 1;
    if (own.length > MOST_LINES) {
      own.shift();
    }
  }

  #latest(leg: number, lines: number): readonly string[] {
    return [...(this.#said.get(leg) ?? []), ...(this.#heard.get(leg) ?? [])]
      .sort((a, b) => a.number - b.number)
      .slice(-lines)
      .map(({ text }) => text);
  }
}

/** The conversation as one direction's interpreter sees it. */
export interface ConversationSide {
  /** The speaker said this, in their language. */
  said(text: string): void;
  /** The listener is being told this, in theirs. */
  spoken(text: string): void;
  /** The latest lines in the speaker's language, oldest first: what they said and what they were told. */
  context(lines: number): readonly string[];
  /** What the speaker has been told lately, oldest first, in their language. */
  heardBySpeaker(): readonly string[];
}
