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
    const [said, heard] = [kept(this.#said, id), kept(this.#heard, id)];
    return {
      said: (text) => this.#add(said, text),
      told: (text) => this.#add(heard, text),
      context: (lines) => latest([...said, ...heard], lines),
      heard: () => heard.map(({ text }) => text),
      saidLately: () => said.map(({ text }) => text),
    };
  }

  /** Forgets a party that has left for good, or has become somebody else. Who has its lines still has them alone. */
  forget(id: string): void {
    this.#said.delete(id);
    this.#heard.delete(id);
  }

  #add(lines: Line[], text: string): void {
    lines.push({ number: this.#next, text });
    this.#next += 1;
    if (lines.length > LIMITS.lines) {
      lines.shift();
    }
  }
}

function kept(lines: Map<string, Line[]>, id: string): Line[] {
  const own = lines.get(id) ?? [];
  lines.set(id, own);
  return own;
}

function latest(all: readonly Line[], lines: number): readonly string[] {
  return all
    .toSorted((a, b) => a.number - b.number)
    .slice(-lines)
    .map(({ text }) => text);
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
  /** What it has said lately, oldest first. */
  saidLately(): readonly string[];
}
