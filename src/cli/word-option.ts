/** A flag whose values the shell can complete although its placeholder is not their list: `engine,...`, `hz`. */

import { Option } from 'commander';

export class WordOption extends Option {
  readonly words: readonly string[];

  /** @param words that can be written; other values may be right, too. */
  constructor(flags: string, description: string, words: readonly string[]) {
    super(flags, description);
    this.words = words;
  }
}
