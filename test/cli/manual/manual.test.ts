/** The manual page and what bash completes say of every flag what its help says, whatever flags there are. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { describe, it } from 'node:test';
import type { Command } from 'commander';
import type { CliContext } from '../../../src/cli/context.ts';
import { bashCompletion } from '../../../src/cli/manual/bash-completion.ts';
import { manPage } from '../../../src/cli/manual/man-page.ts';
import { createProgram } from '../../../src/cli/program.ts';

const nothing = (): void => {};
const CONTEXT: CliContext = {
  environment: {},
  writeOut: nothing,
  writeError: nothing,
  signals: { on: nothing, off: nothing },
  strays: { on: nothing, off: nothing },
  exit: nothing,
  kill: nothing,
};

const program = await createProgram(CONTEXT, nothing);
const commands = program.createHelp().visibleCommands(program);

describe('manual page', () => {
  const page = manPage(program, '1.2.3');
  const text = plain(page);

  for (const command of commands) {
    it(`says of each flag of ${command.name()} what its help says`, () => {
      const help = command.createHelp();
      const options = help.visibleOptions(command);
      assert.ok(options.length > 0);
      for (const option of options) {
        assert.ok(
          text.includes(`${help.optionTerm(option)}\n${help.optionDescription(option)}\n`),
          option.flags,
        );
      }
    });
  }

  it('names the variables of providers and shows the examples', () => {
    assert.match(text, /^ +DEEPGRAM_API_KEY +\S/m);
    assert.match(text, /^\.SH EXAMPLES\n\.nf\n.*\n +\$ dragoman check --pair en:es$/m);
  });

  it('gives roff no orders but its own', () => {
    const orders = page.split('\n').filter((line) => /^[.']/.test(line));
    const words = new Set(orders.map((line) => line.split(' ')[0]));
    const own = new Set(['.B', '.PP', '.SH', '.SS', '.TH', '.TP', '.br', '.fi', '.nf']);
    assert.deepEqual(
      [...words].filter((word) => !own.has(word ?? '')),
      [],
    );
  });
});

describe('bash completion', () => {
  const script = bashCompletion(program, '1.2.3');
  const complete = (...words: readonly string[]): readonly string[] => {
    const line = `${script}\nCOMP_WORDS=("$@") COMP_CWORD=$(($# - 1))\n_dragoman\nprintf '%s\\n' "\${COMPREPLY[@]}"`;
    const { stdout, stderr, status } = spawnSync('bash', ['-c', line, 'bash', 'dragoman', ...words], {
      encoding: 'utf8',
    });
    assert.equal(status, 0, stderr);
    return stdout.split('\n').filter((word) => word !== '');
  };

  it('knows the commands', () => {
    assert.deepEqual(complete('').toSorted(), [...commands.map(nameOf), '--help', '--version'].toSorted());
    assert.deepEqual(complete('ser'), ['serve']);
  });

  it('knows every flag of every command', () => {
    for (const command of commands) {
      const flags = command
        .createHelp()
        .visibleOptions(command)
        .map(({ long }) => long);
      assert.deepEqual(complete(command.name(), '--'), flags);
    }
  });

  it('knows what a flag can be', () => {
    assert.deepEqual(complete('serve', '--original', ''), ['off', 'duck', 'full']);
    assert.deepEqual(complete('serve', '--pair', 'en:es', '--pairing', 'r'), ['room']);
    assert.deepEqual(complete('serve', '--mode', ''), ['bidirectional', 'unidirectional', 'passthrough']);
    assert.deepEqual(complete('check', '--log-level', 'w'), ['warn']);
    assert.deepEqual(complete('serve', '--mt', ''), ['deepl', 'libretranslate', 'apertium']);
    assert.deepEqual(complete('serve', '--http', 'o'), ['off']);
    assert.deepEqual(complete('call', '--rate', '1'), ['12000', '16000', '192000']);
  });

  it('leaves the rest to bash, which knows of files', () => {
    assert.deepEqual(complete('serve', '--config', '/etc/'), []);
  });
});

/** What a reader of the page sees of roff's text. */
function plain(page: string): string {
  return page.replaceAll(/^\.B /gm, '').replaceAll('\\&', '').replaceAll('\\-', '-').replaceAll('\\e', '\\');
}

function nameOf(command: Command): string {
  return command.name();
}
