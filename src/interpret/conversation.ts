/**
 * What the parties of a call have said and heard lately, in each one's language: context for translation, and how an
 * echo or an "aha" is recognised. It is kept in memory while the call lives, a few lines of it, and nowhere else.
 */

import { LIMITS } from './limits.ts';

interface Line {
  /** Counts all lines of the conversation. */
  readonly number: number;
  readonly text: string;
}

/** One call's. */
export class Conversation {
  /** By party, what was said or heard there, in that party's language. */
  readonly #said = new Map<string, Line[]>();
  readonly #heard = new Map<string, Line[]>();
  #next = 0;

  /** The lines of the party `id`. */
  of(id: string): SpeakerLines {
    return {
      said: (text) => this.#add(this.#said, id, text),
      told: (text) => this.#add(this.#heard, id, text),
      context: (lines) => this.#latest(id, lines),
      heard: () => (this.#heard.get(id) ?? []).map(({ text }) => text),
    };
  }

  /** Forgets a party that has left for good. */
  forget(id: string): void {
    this.#said.delete(id);
    this.#heard.delete(id);
  }

  #add(lines: Map<string, Line[]>, id: string, text: string): void {
    const own = lines.get(id) ?? [];
    lines.set(id, own);
    own.push({ number: this.#next, text });
    this.#next += 1;
    if (own.length > LIMITS.lines) {
      own.shift();
    }
  }

  #latest(id: string, lines: number): readonly string[] {
    return [...(this.#said.get(id) ?? []), ...(this.#heard.get(id) ?? [])]
      .sort((a, b) => a.number - b.number)
      .slice(-lines)
      .map(({ text }) => text);
  }
}

/** The conversation as one party knows it, in its own language. */
export interface SpeakerLines {
  /** The party said this. */
  said(text: string): void;
  /** The party is being told this. */
  told(text: string): void;
  /** The latest lines, oldest first: what the party said and what it was told. */
  context(lines: number): readonly string[];
  /** What the party has been told lately, oldest first. */
  heard(): readonly string[];
}
