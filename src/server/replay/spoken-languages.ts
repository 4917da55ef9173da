/** What each party of a recorded call speaks, note by note: it comes with a language, and may change it. */

import type { CallNote } from '../../call/recording/call-notes.ts';

export class SpokenLanguages {
  readonly #languages = new Map<string, string>();

  /** Notes are to come in their order. */
  hear(note: CallNote): void {
    if (note.type === 'leg') {
      this.#languages.set(note.party, note.language);
    } else if (note.type === 'event' && note.event.type === 'party-changed') {
      this.#languages.set(note.event.party, note.event.language);
    }
  }

  /** Undefined for a party that has not come yet. */
  of(party: string): string | undefined {
    return this.#languages.get(party);
  }
}
