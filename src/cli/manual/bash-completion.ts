/**
 * What bash completes after `dragoman`, made of the commands themselves. The script asks no dragoman: starting one for
 * each press of the tab key would take a quarter of a second.
 */

import type { Command, Option } from 'commander';
import { WordOption } from '../word-option.ts';

/** A placeholder that is nothing but the words one can write: `on|off`. */
const WORDS = /^<([a-z0-9-]+(?:\|[a-z0-9-]+)+)>$/;

/** The script, to be put among bash-completion's under the name of the program. */
export function bashCompletion(program: Command, version: string): string {
  const commands = program.createHelp().visibleCommands(program);
  return `# What bash completes after dragoman ${version}. Made of its flags; changes here are lost.
_dragoman() {
  local word=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD - 1]} words=
  COMPREPLY=()
  if [ "$COMP_CWORD" -eq 1 ]; then
    words='${[...commands.map((command) => command.name()), ...longNames(program)].join(' ')}'
  else
    case "\${COMP_WORDS[1]} $before" in
${commands.flatMap(valueCases).join('\n')}
    esac
    if [ -z "$words" ] && [[ $word == -* ]]; then
      case \${COMP_WORDS[1]} in
${commands.map(flagCase).join('\n')}
      esac
    fi
  fi
  # Without words it is left to bash, which knows of files.
  [ -z "$words" ] || mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
}
complete -o default -F _dragoman dragoman
`;
}

/** What can follow the flags that take one of a few words. */
function valueCases(command: Command): readonly string[] {
  return visible(command).flatMap((option) => {
    const words = wordsOf(option);
    return words.length === 0
      ? []
      : [`      '${command.name()} ${option.long}') words='${words.join(' ')}' ;;`];
  });
}

function wordsOf(option: Option): readonly string[] {
  if (option instanceof WordOption && option.words.length > 0) {
    return option.words;
  }
  return WORDS.exec(option.flags.split(' ').at(-1) ?? '')?.[1]?.split('|') ?? [];
}

function flagCase(command: Command): string {
  return `        ${command.name()}) words='${longNames(command).join(' ')}' ;;`;
}

function longNames(command: Command): readonly string[] {
  return visible(command).flatMap(({ long }) => (long === undefined || long === null ? [] : [long]));
}

function visible(command: Command): readonly Option[] {
  return command.createHelp().visibleOptions(command);
}
