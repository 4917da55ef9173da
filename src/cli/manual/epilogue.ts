/** What a command's help says after its options. */

import type { Command } from 'commander';

/**
 * The text without empty lines around it; empty where there is none. From here on the command prints its help
 * nowhere.
 */
export function epilogueOf(command: Command): string {
  let text = '';
  command.configureOutput({
    writeOut: (piece) => {
      text += piece;
    },
  });
  command.outputHelp();
  return text.replace(command.helpInformation(), '').trim();
}
