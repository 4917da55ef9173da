/**
 * scripts/install, staged into folders of its own with --destdir. What is not tried, since it would change this machine:
 * an installation into /, and what goes with it only where systemd runs (daemon-reload, disabling, stopping).
 */

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  chmodSync,
  copyFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import { join, relative } from 'node:path';
import { createInterface } from 'node:readline';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import { BUILT, type Ran, REPOSITORY, run, temporaryFolder } from './repository.ts';

const INSTALL = join(REPOSITORY, 'scripts/install');
const YAML = 'etc/dragoman/dragoman.yaml';
const KEYS = 'etc/dragoman/keys.env';
const UNIT = 'etc/systemd/system/dragoman.service';
const DROP_IN = `${UNIT}.d/override.conf`;
const LAUNCHER = 'usr/local/bin/dragoman';
const LIBRARY = 'usr/local/lib/dragoman';
const MAIN = `${LIBRARY}/dist/src/cli/main.js`;

/** Debian's user with the fewest rights. */
const NOBODY = 65_534;

/** Every address left to the machine, and no engines, so that nothing else on it matters. */
const ANYWHERE = ['--listen', '127.0.0.1:0', '--http', '127.0.0.1:0', '--metrics', '127.0.0.1:0'];
const WITHOUT_ENGINES = ['--mode', 'passthrough', ...ANYWHERE];

/** How long a start and an end may take together, in ms. */
const SERVE_LIMIT_MS = 30_000;

/** A folder that stands for the root of a machine. */
class Stage {
  readonly #folder = temporaryFolder();

  at(path: string): string {
    return join(this.#folder.path, path);
  }

  /** Runs the installer on this stage and expects it to succeed; returns what it said. */
  install(...words: readonly string[]): string {
    const { status, output, errors } = this.try(...words);
    assert.equal(status, 0, errors);
    return output;
  }

  try(...words: readonly string[]): Ran {
    const built = words[0] === 'uninstall' ? [] : ['--from', BUILT];
    return run(INSTALL, [...words, '--destdir', this.#folder.path, ...built]);
  }

  read(path: string): string {
    return readFileSync(this.at(path), 'utf8');
  }

  /** Mode in octal digits, such as 644. */
  mode(path: string): string {
    return (lstatSync(this.at(path)).mode & 0o7777).toString(8);
  }

  /** Every file below the stage, by path, with all that shows whether it was touched. */
  files(): ReadonlyMap<string, string> {
    return new Map(
      readdirSync(this.at(''), { recursive: true, withFileTypes: true })
        .filter((entry) => !entry.isDirectory())
        .map((entry) => {
          const path = join(entry.parentPath, entry.name);
          const { ino, mode, size, mtimeMs } = lstatSync(path);
          return [relative(this.at(''), path), [ino, mode, size, mtimeMs].join(' ')];
        }),
    );
  }

  paths(): readonly string[] {
    return [...this.files().keys()].toSorted();
  }

  remove(): void {
    this.#folder.remove();
  }
}

describe('an installed dragoman', () => {
  const stage = new Stage();
  before(() => {
    stage.install();
  });
  after(() => {
    stage.remove();
  });

  it('has its files in the usual places with the promised modes', () => {
    assert.equal(stage.mode(YAML), '644');
    assert.equal(stage.mode(KEYS), '600');
    assert.equal(stage.mode(UNIT), '644');
    assert.equal(stage.mode(LAUNCHER), '755');
    assert.equal(stage.mode('etc/dragoman'), '755');
    assert.equal(
      stage.read(UNIT),
      readFileSync(join(REPOSITORY, 'scripts/systemd/dragoman.service'), 'utf8'),
    );
  });

  it('puts nothing anywhere else', () => {
    const elsewhere = stage.paths().filter((path) => !path.startsWith(`${LIBRARY}/`));
    assert.deepEqual(elsewhere, [YAML, KEYS, UNIT, LAUNCHER]);
  });

  it('can be read in whole by the user of the service', () => {
    const closed = readdirSync(stage.at(LIBRARY), { recursive: true, encoding: 'utf8' }).filter(
      (name) => (lstatSync(stage.at(`${LIBRARY}/${name}`)).mode & 0o044) !== 0o044,
    );
    assert.deepEqual(closed, []);
  });

  it('has what it needs to run, and neither tests nor the compiler', () => {
    const scripts = readdirSync(join(REPOSITORY, 'src'), { recursive: true, encoding: 'utf8' }).filter(
      (name) => name.endsWith('.py'),
    );
    assert.ok(scripts.length > 0);
    for (const script of scripts) {
      assert.ok(existsSync(stage.at(`${LIBRARY}/dist/src/${script}`)), script);
    }
    assert.deepEqual(readdirSync(stage.at(`${LIBRARY}/dist`)).toSorted(), ['src', 'workers']);
    assert.ok(!existsSync(stage.at(`${LIBRARY}/node_modules/typescript`)));
  });

  it('has a unit that names files which are there', () => {
    const unit = stage.read(UNIT);
    const [, program = '', configuration = ''] = /^ExecStart=(\S+) serve --config (\S+)$/m.exec(unit) ?? [];
    const [, keys = ''] = /^EnvironmentFile=-(\S+)$/m.exec(unit) ?? [];
    assert.deepEqual([program, configuration, keys], [`/${LAUNCHER}`, `/${YAML}`, `/${KEYS}`]);
  });

  it('says its version', () => {
    const { version }: { readonly version: string } = JSON.parse(
      readFileSync(join(REPOSITORY, 'package.json'), 'utf8'),
    );
    const { status, output } = run(stage.at(LAUNCHER), ['--version']);
    assert.deepEqual([status, output], [0, `${version}\n`]);
  });

  it('finds nothing wrong with its configuration', () => {
    const words = ['check', '--config', stage.at(YAML), ...WITHOUT_ENGINES];
    const { status, output } = run(stage.at(LAUNCHER), words);
    assert.equal(status, 0, output);
    assert.match(output, /dragoman serve would start/);
  });

  it('serves, and hears the signal that systemd sends to the launcher', async () => {
    const words = ['serve', '--config', stage.at(YAML), ...WITHOUT_ENGINES];
    const child = spawn(stage.at(LAUNCHER), words, {
      env: { PATH: process.env.PATH },
      stdio: ['ignore', 'pipe', 'inherit'],
      timeout: SERVE_LIMIT_MS,
      killSignal: 'SIGKILL',
    });
    const ended = once(child, 'exit');
    const said: unknown[] = [];
    for await (const line of createInterface({ input: child.stdout })) {
      const { msg }: { readonly msg?: unknown } = JSON.parse(line);
      said.push(msg);
      if (msg === 'ready for calls') {
        child.kill('SIGTERM');
      }
    }
    assert.deepEqual(await ended, [0, null], said.join(', '));
    assert.equal(said.at(-1), 'stopped');
  });
});

describe('scripts/install', () => {
  let stage = new Stage();
  beforeEach(() => {
    stage = new Stage();
  });
  afterEach(() => {
    stage.remove();
  });

  it('changes nothing when run again', () => {
    stage.install();
    const files = stage.files();
    assert.match(stage.install(), /nothing changed/);
    assert.deepEqual(stage.files(), files);
  });

  it('keeps an edited configuration, and says where the sample is', () => {
    stage.install();
    appendFileSync(stage.at(YAML), 'max-legs: 20\n');
    const edited = stage.read(YAML);
    assert.match(stage.install(), /kept \S+dragoman\.yaml as you wrote it/);
    assert.equal(stage.read(YAML), edited);
  });

  it('brings a configuration up to date that nobody edited', () => {
    stage.install();
    const current = stage.read(YAML);
    for (const path of [YAML, `${LIBRARY}/systemd/dragoman.yaml`]) {
      writeFileSync(stage.at(path), 'pair: en:fr\n');
    }
    stage.install();
    assert.equal(stage.read(YAML), current);
  });

  it('keeps keys, and closes them again to all but root', () => {
    stage.install();
    appendFileSync(stage.at(KEYS), 'ACME_KEY=1234\n');
    chmodSync(stage.at(KEYS), 0o644);
    assert.match(stage.install(), /closed \S+keys\.env/);
    assert.match(stage.read(KEYS), /^ACME_KEY=1234$/m);
    assert.equal(stage.mode(KEYS), '600');
  });

  it('replaces a program that is not the one it would put', () => {
    stage.install();
    const main = stage.read(MAIN);
    writeFileSync(stage.at(MAIN), '');
    writeFileSync(stage.at(`${LIBRARY}/dist/src/left-over.js`), '');
    stage.install();
    assert.equal(stage.read(MAIN), main);
    assert.ok(!existsSync(stage.at(`${LIBRARY}/dist/src/left-over.js`)));
  });

  it('neither replaces nor takes away a folder that is not dragoman', () => {
    const path = `${LIBRARY}/precious`;
    mkdirSync(stage.at(LIBRARY), { recursive: true });
    writeFileSync(stage.at(path), '');
    const { status, errors } = stage.try();
    assert.equal(status, 1);
    assert.match(errors, /holds something else than dragoman/);
    assert.match(stage.install('uninstall', '--purge'), /it is not dragoman/);
    assert.deepEqual(stage.paths(), [path]);
  });

  it('puts the program under another prefix, where the unit finds it', () => {
    stage.install('--prefix', '/opt/dragoman');
    assert.match(stage.read(UNIT), /^ExecStart=\/opt\/dragoman\/bin\/dragoman serve /m);
    assert.equal(run(stage.at('opt/dragoman/bin/dragoman'), ['--version']).status, 0);
    stage.install('uninstall', '--purge', '--prefix', '/opt/dragoman');
    assert.deepEqual(stage.paths(), []);
  });

  it('uninstalls all but the configuration', () => {
    stage.install();
    mkdirSync(stage.at(`${UNIT}.d`));
    writeFileSync(stage.at(DROP_IN), '[Service]\nTimeoutStopSec=90\n');
    assert.match(stage.install('uninstall'), /kept \S+etc\/dragoman/);
    assert.deepEqual(stage.paths(), [YAML, KEYS, DROP_IN].toSorted());
  });

  it('leaves nothing with --purge', () => {
    stage.install();
    mkdirSync(stage.at(`${UNIT}.d`));
    writeFileSync(stage.at(DROP_IN), '[Service]\nTimeoutStopSec=90\n');
    stage.install('uninstall', '--purge');
    const left = readdirSync(stage.at(''), { recursive: true, encoding: 'utf8' });
    assert.deepEqual(
      left.filter((name) => name.includes('dragoman')),
      [],
    );
    assert.deepEqual(stage.paths(), []);
  });

  it('uninstalls where nothing is installed', () => {
    assert.match(stage.install('uninstall'), /nothing to take away/);
  });

  it('refuses a build that is not there', () => {
    const { status, errors } = run(INSTALL, ['--destdir', stage.at(''), '--from', stage.at('nowhere')]);
    assert.equal(status, 1);
    assert.match(errors, /holds no built dragoman/);
    assert.deepEqual(stage.paths(), []);
  });

  it('refuses words it does not know, and a purge that is no uninstall', () => {
    for (const words of [['instal'], ['--purge'], ['--prefix'], ['--prefix', 'opt'], ['--prefix', '/a b']]) {
      const { status, errors } = run(INSTALL, words);
      assert.equal(status, 2, words.join(' '));
      assert.match(errors, /^install: .*\nUsage: /);
    }
  });

  it('says so when it lacks the right', () => {
    // A copy, since the repository itself may be closed to others.
    chmodSync(stage.at(''), 0o755);
    mkdirSync(stage.at('scripts'));
    copyFileSync(INSTALL, stage.at('scripts/install'));
    const asNobody = process.getuid?.() === 0 ? { userId: NOBODY } : {};
    for (const action of ['install', 'uninstall']) {
      const { status, errors } = run('bash', [stage.at('scripts/install'), action], asNobody);
      assert.equal(status, 1);
      assert.match(errors, new RegExp(`must be root\\. Run: sudo scripts/install ${action},`));
    }
  });
});
