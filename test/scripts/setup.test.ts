/**
 * `scripts/setup` on machines of which a folder of commands is all there is: one that is not Debian and has everything,
 * one that lacks an engine, and one with apt-get. In small repositories that have nothing to install from npm.
 */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import { smallRepository } from '../systemd/small-repository.ts';

/** Only root can build as somebody else. */
const IS_ROOT = process.getuid?.() === 0;
const SOMEBODY = 4_711;

/** What the script itself is made of. */
const TOOLS = [
  'bash',
  'sh',
  'cat',
  'cp',
  'cut',
  'dirname',
  'env',
  'find',
  'getent',
  'id',
  'mkdir',
  'node',
] as const;
const MORE_TOOLS = ['npm', 'setpriv', 'stat', 'touch'] as const;
/** Commands of what is looked for; here they only have to be there. */
const ENGINES = ['python3', 'apertium', 'espeak-ng', 'systemd-analyze', 'systemd', 'openssl'] as const;

describe('scripts/setup', () => {
  it('builds on a distribution that is not Debian, where all is there', (test) => {
    const machine = machineWith(test, ENGINES);
    const { status, output } = machine.setup();
    assert.equal(status, 0, output);
    assert.match(output, /all there/);
    assert.match(output, /==> Ready\n.*scripts\/demo\n/);
    assert.doesNotMatch(machine.setup('--part').output, /Ready/);
    assert.ok(machine.built());
  });

  it('says what npm needs when its packages do not come', (test) => {
    const machine = machineWith(test, ENGINES);
    rmSync(join(machine.path, 'commands/npm'));
    rmSync(join(machine.path, 'node_modules/.package-lock.json'));
    machine.command('npm', '#!/bin/sh\necho "npm error code EAI_AGAIN" >&2; exit 1\n');
    const { status, output } = machine.setup();
    assert.equal(status, 1);
    assert.match(output, /EAI_AGAIN\n.*registry\.npmjs\.org.*\n.*npm config set proxy/);
    assert.ok(!machine.built());
  });

  it('names what is missing where there is no apt-get, and goes on', (test) => {
    const machine = machineWith(
      test,
      ENGINES.filter((name) => name !== 'espeak-ng'),
    );
    const { status, output } = machine.setup();
    assert.equal(status, 0, output);
    assert.match(output, /missing here.*\n +eSpeak NG, synthesis \(Debian: espeak-ng\)\n==> npm/);
    assert.ok(machine.built());
  });

  it('installs what is missing, and nothing else, where there is apt-get', (test) => {
    const machine = machineWith(
      test,
      ENGINES.filter((name) => name !== 'espeak-ng'),
    );
    machine.command('apt-get', '#!/bin/sh\necho "apt-get $*" >&2\n');
    machine.command('sudo', '#!/bin/sh\nshift; [ "$1" = true ] || exec "$@"\n');
    const { status, output } = machine.setup();
    assert.equal(status, 0, output);
    assert.deepEqual(
      output.split('\n').filter((line) => line.startsWith('apt-get')),
      ['apt-get update -qq', 'apt-get install -y -qq --no-install-recommends espeak-ng'],
    );
  });

  it('does nothing with --if-older where the build is new, and builds where a source came, changed or went', (test) => {
    const machine = machineWith(test, ENGINES);
    machine.setup('--if-older');
    assert.ok(machine.built());
    assert.equal(machine.setup('--if-older').output, '');
    machine.make(() => appendFileSync(join(machine.path, 'src/cli/main.ts'), '\n'));
    assert.match(machine.setup('--if-older').output, /^==> Build: src\/cli\/main\.ts is newer/);
    assert.equal(machine.setup('--if-older').output, '');
    machine.make(() => {
      writeFileSync(join(machine.path, 'src/cli/passing.ts'), '');
      rmSync(join(machine.path, 'src/cli/passing.ts'));
    });
    assert.match(machine.setup('--if-older').output, /^==> Build: src\/cli is newer/);
  });

  it('looks at everything again with --if-older where the list of packages is newer than the build', (test) => {
    const machine = machineWith(test, ENGINES);
    machine.setup();
    machine.make(() => writeFileSync(join(machine.path, 'package-lock.json'), '{}'));
    // As npm leaves its copy.
    const later = new Date(statSync(join(machine.path, 'package-lock.json')).mtimeMs + 1_000);
    utimesSync(join(machine.path, 'node_modules/.package-lock.json'), later, later);
    assert.match(machine.setup('--if-older').output, /npm packages: all there\n==> Build\n/);
  });

  it("leaves what root builds in somebody's clone to its owner", { skip: !IS_ROOT }, (test) => {
    const machine = machineWith(test, ENGINES);
    spawnSync('chown', ['-hR', `${SOMEBODY}:${SOMEBODY}`, machine.path]);
    const { status, output } = machine.setup();
    assert.equal(status, 0, output);
    assert.equal(statSync(join(machine.path, 'dist/src/cli/main.js')).uid, SOMEBODY);
  });

  it('installs the library of neural models where that is asked for, of one version, and not again', (test) => {
    const machine = machineWith(test, ENGINES);
    machine.setup();
    rmSync(join(machine.path, 'commands/npm'));
    machine.command('npm', '#!/bin/sh\necho "npm $*"\n');
    const asked = machine.setup('--local-models');
    assert.equal(asked.status, 0, asked.output);
    const library = `sherpa-onnx-linux-${process.arch}`;
    assert.match(
      asked.output,
      new RegExp(`npm install --prefix local-models .*sherpa-onnx-node@1\\.13\\.8 ${library}@1\\.13\\.8`),
    );
    for (const name of ['sherpa-onnx-node', library]) {
      machine.make(() => {
        mkdirSync(join(machine.path, 'local-models/node_modules', name), { recursive: true });
        writeFileSync(
          join(machine.path, 'local-models/node_modules', name, 'package.json'),
          '{"version":"1.13.8"}',
        );
      });
    }
    assert.match(machine.setup('--local-models').output, /sherpa-onnx: all there/);
    assert.doesNotMatch(machine.setup().output, /sherpa/);
  });

  it('says what the library of neural models needs when it does not come', (test) => {
    const machine = machineWith(test, ENGINES);
    machine.setup();
    rmSync(join(machine.path, 'commands/npm'));
    machine.command('npm', '#!/bin/sh\necho "npm error code EAI_AGAIN" >&2; exit 1\n');
    const { status, output } = machine.setup('--local-models');
    assert.equal(status, 1);
    assert.match(output, /EAI_AGAIN\n.*sherpa-onnx did not come/);
  });

  it('does not install into what is only a link', (test) => {
    const machine = machineWith(test, ENGINES, { linked: true });
    const { status, output } = machine.setup();
    assert.equal(status, 1);
    assert.match(output, /node_modules, which is a link/);
  });
});

function machineWith(test: TestContext, engines: readonly string[], { linked = false } = {}) {
  const { path, remove } = smallRepository({ built: false, linked });
  test.after(remove);
  const commands = join(path, 'commands');
  mkdirSync(commands);
  const command = (name: string, text: string): void =>
    writeFileSync(join(commands, name), text, { mode: 0o755 });
  for (const name of [...TOOLS, ...MORE_TOOLS]) {
    const found = spawnSync('sh', ['-c', `command -v ${name}`], { encoding: 'utf8' }).stdout.trim();
    if (found !== '') {
      symlinkSync(found, join(commands, name));
    }
  }
  for (const name of engines) {
    command(name, '#!/bin/sh\n');
  }
  return {
    path,
    command,
    /** Does something to the sources, once the file system tells its time from that of the build. */
    make: (change: () => void): void => {
      const probe = join(path, 'probe');
      do {
        writeFileSync(probe, '');
      } while (statSync(probe).mtimeMs <= statSync(join(path, 'dist/.built')).mtimeMs);
      change();
    },
    built: () => existsSync(join(path, 'dist/src/cli/main.js')),
    setup: (...words: readonly string[]) => {
      const { status, stdout, stderr } = spawnSync(join(path, 'scripts/setup'), words, {
        encoding: 'utf8',
        env: { PATH: commands, LC_ALL: 'C.UTF-8' },
      });
      const output = stripVTControlCharacters(stdout + stderr);
      return { status, output };
    },
  };
}
