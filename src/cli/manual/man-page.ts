/**
 * The manual page, made of the commands themselves: what `--help` says of a flag is what the page says of it. Plain man
 * macros, as every `man` and `mandoc` reads them.
 */

import type { Command } from 'commander';
import { epilogueOf } from './epilogue.ts';

/** The page in section 1, as roff. @param program with all its commands. */
export function manPage(program: Command, version: string): string {
  const commands = program.createHelp().visibleCommands(program);
  const lines = [
    `.TH DRAGOMAN 1 "" ${quoted(`dragoman ${version}`)} "User Commands"`,
    '.SH NAME',
    'dragoman \\- a live interpreter for telephone calls',
    '.SH SYNOPSIS',
    ...commands.flatMap((command) => ['.B', roff(command.createHelp().commandUsage(command)), '.br']),
    '.SH DESCRIPTION',
    roff(program.description()),
    ...commands.flatMap((command) => section(command)),
    '.SH EXIT STATUS',
    ...entry('0', 'Success; of a server, an orderly end.'),
    ...entry('2', 'What was asked for is wrong: flags, environment or file.'),
    ...entry('1', 'Everything else. What a command says by other numbers is under its name.'),
    '.SH FILES',
    ...entry('/etc/dragoman/dragoman.yaml', 'The settings of the service.'),
    ...entry('/etc/dragoman/keys.env', 'Keys and addresses of its providers; closed to all but root.'),
    ...entry(
      'share/dragoman',
      'Below the prefix of the installation, /usr/local as a rule: README.md, scripts/manual (recordings, voices, the API), and dialplan, samples for Asterisk.',
    ),
    ...verbatim('EXAMPLES', epilogueOf(program)),
  ];
  return `${lines.join('\n')}\n`;
}

function section(command: Command): readonly string[] {
  const help = command.createHelp();
  const lines = [`.SH ${quoted(`dragoman ${command.name()}`.toUpperCase())}`, roff(command.description())];
  for (const argument of help.visibleArguments(command)) {
    lines.push(...entry(help.argumentTerm(argument), help.argumentDescription(argument)));
  }
  let group: string | undefined;
  for (const option of help.visibleOptions(command)) {
    if (option.helpGroupHeading !== undefined && option.helpGroupHeading !== group) {
      group = option.helpGroupHeading;
      lines.push(`.SS ${quoted(group)}`);
    }
    lines.push(...entry(help.optionTerm(option), help.optionDescription(option)));
  }
  const epilogue = epilogueOf(command);
  return epilogue === '' ? lines : [...lines, '.PP', '.nf', roff(epilogue), '.fi'];
}

function verbatim(heading: string, text: string): readonly string[] {
  // The text has the heading in its first line already.
  const body = text.replace(/^\w+:\n/, '');
  return body === '' ? [] : [`.SH ${heading}`, '.nf', roff(body), '.fi'];
}

/** A term, and beneath it what it means. */
function entry(term: string, meaning: string): readonly string[] {
  return ['.TP', `.B ${roff(term)}`, roff(meaning)];
}

function quoted(text: string): string {
  return `"${roff(text).replaceAll('"', '\\(dq')}"`;
}

/** Text as roff shows it unchanged: no letter of it is an order, and a hyphen can be copied into a shell. */
function roff(text: string): string {
  return text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replaceAll(/^(?=[.'])/gm, '\\&');
}
