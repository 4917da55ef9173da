/**
 * What is said of words that commander refuses: what is wrong, and what to write. What was written is repeated only
 * where it looks like a file or an address, since anything else may be a key.
 */

import type { Command, CommanderError } from 'commander';
import { misplacedProvider } from './config/misplaced-provider.ts';

/** A path, or the name of a configuration. */
const FILE = /^\.{0,2}\/|\.(?:ya?ml|conf|env)$/;
const ADDRESS = /^(?:http:\/\/)?(?:[\w.-]+:\d+|[\d.]+|localhost)\/?$/;

/** The sentence for `error`; empty when commander has said all already. @param words what the operator typed. */
export function refusalSentence(error: CommanderError, program: Command, words: readonly string[]): string {
  const command = program.commands.find((each) => each.name() === words[0]);
  const help = command === undefined ? 'dragoman --help' : `dragoman ${command.name()} --help`;
  switch (error.code) {
    case 'commander.help':
      return '';
    case 'commander.unknownOption':
      return unknownFlag(error.message, help);
    case 'commander.unknownCommand':
      return orList(plain(error.message), `${help} lists the commands`);
    case 'commander.excessArguments':
      return command === undefined || command.registeredArguments.length > 0
        ? plain(error.message)
        : excessWords(command);
    case 'commander.missingMandatoryOptionValue':
      return `${plain(error.message)}; ${help} says what to write`;
    default:
      return plain(error.message);
  }
}

/** The refusal of a flag there is not, without what was written after its "=". */
function unknownFlag(message: string, help: string): string {
  const flag = /'--?([^'=]*)/.exec(message)?.[1] ?? '';
  const misplaced = misplacedProvider(flag);
  return misplaced === undefined
    ? orList(plain(message.replace(/'(-[^'=]*)=.*'/s, "'$1'")), `${help} lists the flags`)
    : `unknown option '--${flag}': ${misplaced}`;
}

/** Words where only flags may be: a file, an address, or a value that fell apart at a blank. */
function excessWords(command: Command): string {
  const takes = (flag: string): boolean => command.options.some(({ long }) => long === flag);
  const file = takes('--config') ? command.args.find((word) => FILE.test(word)) : undefined;
  const address = takes('--http') ? command.args.find((word) => ADDRESS.test(word)) : undefined;
  const said = `${command.name()} takes nothing but flags`;
  if (file !== undefined) {
    return `${said}: name a file with --config ${file}`;
  }
  // `serve` and `check` have such a flag too, but who writes an address there may mean another one.
  if (address !== undefined && !takes('--listen')) {
    return `${said}: name an address with --http ${address}`;
  }
  return `${said}: values with blanks need quotes, lists commas alone (en,es,fr), two languages a colon (en:es)`;
}

/** Where commander has a suggestion that is enough. */
function orList(sentence: string, where: string): string {
  return sentence.includes('Did you mean') ? sentence : `${sentence}; ${where}`;
}

function plain(message: string): string {
  return message.replace(/^error: /, '').replace('\n', ' ');
}
