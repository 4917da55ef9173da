/**
 * What scripts/install leaves alone, brings up to date, takes away and refuses, staged with --destdir. What is not
 * tried, since it would change this machine: an installation into /, and what goes with it only where systemd runs
 * (daemon-reload, stopping and disabling the service).
 */

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import { endsWithUs } from '../support/processes.ts';
import { COMPLETION, KEYS, LAUNCHER, LIBRARY, MAN_PAGE, SHARE, UNIT, YAML } from './places.ts';
import { run } from './repository.ts';
import { SMALL_OUTPUT, type SmallRepository, smallRepository } from './small-repository.ts';
import { Stage } from './stage.ts';

const MAIN = `${LIBRARY}/dist/src/cli/main.js`;
/** What `systemctl edit dragoman` writes. */
const DROP_IN = `${UNIT}.d/override.conf`;

/** A program that goes on. */
const STAYS = 'setInterval(() => {}, 60_000);\n';

/** Debian's user with the fewest rights. */
const NOBODY = 65_534;

describe('scripts/install', () => {
  let repository: SmallRepository;
  let stage: Stage;
  before(() => {
    repository = smallRepository({ built: true });
  });
  beforeEach(() => {
    stage = new Stage(repository.installer);
  });
  afterEach(() => {
    stage.remove();
  });
  after(() => {
    repository.remove();
  });

  it('puts what the program needs at run time, and nothing that only its makers need', () => {
    stage.install();
    assert.equal(run(stage.at(LAUNCHER), []).output, `${SMALL_OUTPUT}\n`);
    assert.deepEqual(readdirSync(stage.at(`${LIBRARY}/node_modules`)).toSorted(), ['@scope', 'needed']);
    assert.deepEqual(readdirSync(stage.at(`${LIBRARY}/dist`)).toSorted(), ['.revision', 'src', 'workers']);
  });

  it('refuses packages that are missing or of another version, and names them', () => {
    const manifest = join(repository.path, 'node_modules/needed/package.json');
    const written = readFileSync(manifest, 'utf8');
    try {
      for (const [version, there] of [
        ['0.9.0', '0.9.0'],
        [undefined, 'none'],
      ] as const) {
        if (version === undefined) {
          rmSync(manifest);
        } else {
          writeFileSync(manifest, JSON.stringify({ version }));
        }
        const { status, errors } = stage.try();
        assert.equal(status, 1);
        assert.match(errors, new RegExp(`node_modules/needed is to be 1\\.0\\.0; there is ${there}`));
        assert.match(errors, /run scripts\/setup/);
        assert.ok(!existsSync(stage.at(LAUNCHER)));
      }
    } finally {
      writeFileSync(manifest, written);
    }
  });

  it('puts the library of neural models beside it where that has been set up', () => {
    const folder = join(repository.path, 'local-models/node_modules/sherpa-onnx-node');
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'package.json'), '{"version":"1.13.8"}');
    try {
      stage.install();
      assert.ok(existsSync(stage.at(`${LIBRARY}/local-models/node_modules/sherpa-onnx-node/package.json`)));
    } finally {
      rmSync(join(repository.path, 'local-models'), { recursive: true });
    }
  });

  it('builds the program first where it has not been built', () => {
    const fresh = smallRepository({ built: false });
    const empty = new Stage(fresh.installer);
    try {
      empty.install();
      assert.equal(run(empty.at(LAUNCHER), []).output, `${SMALL_OUTPUT}\n`);
    } finally {
      empty.remove();
      fresh.remove();
    }
  });

  it('builds what is newer than the build, and says from which version to which it goes', () => {
    const pulled = smallRepository({ built: true });
    const other = new Stage(pulled.installer);
    try {
      assert.match(other.install(), /dragoman 1\.0\.0 \(first\)$/m);
      writeFileSync(join(pulled.path, 'src/cli/main.ts'), "console.log('pulled');\n");
      writeFileSync(join(pulled.path, 'revision'), 'second');
      const said = other.install();
      assert.match(said, /Build: src\/cli\/main\.ts is newer/);
      assert.match(said, /dragoman 1\.0\.0 \(first\) is installed; this is 1\.0\.0 \(second\)$/m);
      assert.equal(run(other.at(LAUNCHER), []).output, 'pulled\n');
    } finally {
      other.remove();
      pulled.remove();
    }
  });

  it('puts what people and Asterisk read where everyone can read it', () => {
    stage.install();
    assert.equal(stage.read(`${SHARE}/README.md`), '# dragoman\n');
    for (const path of [`${SHARE}/README.md`, `${SHARE}/dialplan/sample.conf`, MAN_PAGE, COMPLETION]) {
      assert.equal(stage.mode(path), '644', path);
    }
    assert.equal(stage.mode(`${SHARE}/dialplan`), '755');
  });

  it('puts no password of containers there, and no choice that was made for them', () => {
    const folder = join(repository.path, 'docker/secrets/dragoman');
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'DEEPGRAM_API_KEY'), 'secret');
    writeFileSync(join(repository.path, 'docker/.env'), 'DRAGOMAN_PORT=5050');
    try {
      stage.install();
      const docker = readdirSync(stage.at(`${SHARE}/docker`)).toSorted();
      assert.deepEqual(docker, ['README.md', 'alertmanager', 'grafana', 'haproxy', 'nats', 'prometheus']);
    } finally {
      rmSync(join(repository.path, 'docker/secrets'), { recursive: true });
      rmSync(join(repository.path, 'docker/.env'));
    }
  });

  it('leaves a folder alone that has the name of its documents', () => {
    stage.write(`${SHARE}/precious`, '');
    assert.match(stage.try().errors, /is not dragoman's/);
    stage.install('uninstall');
    assert.deepEqual(stage.paths(), [`${SHARE}/precious`]);
  });

  it('says what to do next', () => {
    const said = stage.install();
    assert.match(said, /systemctl enable --now dragoman$/m);
    assert.match(said, /journalctl -u dragoman/);
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
      stage.write(path, 'pair: en:fr\n');
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
    stage.write(MAIN, '');
    stage.write(`${LIBRARY}/dist/src/left-over.js`, '');
    stage.install();
    assert.equal(stage.read(MAIN), main);
    assert.ok(!existsSync(stage.at(`${LIBRARY}/dist/src/left-over.js`)));
  });

  it('leaves a service that runs the files that it was started from, and removes them when nothing does', async () => {
    const pulled = smallRepository({ built: true });
    const other = new Stage(pulled.installer);
    const put = (version: string): string => {
      writeFileSync(join(pulled.path, 'revision'), version);
      writeFileSync(
        join(pulled.path, 'src/cli/main.ts'),
        `console.log('${version}', process.argv[1]); ${STAYS}`,
      );
      other.install();
      return realpathSync(other.at(LIBRARY));
    };
    try {
      const first = put('first');
      const service = spawn(other.at(LAUNCHER), { stdio: ['ignore', 'pipe', 'inherit'] });
      endsWithUs(service);
      const [said] = await once(service.stdout, 'data');
      assert.equal(String(said), `first ${first}/dist/src/cli/main.js\n`);
      const second = put('second');
      const third = put('third');
      assert.deepEqual([first, second, third].map(existsSync), [true, true, true]);
      const ended = once(service, 'exit');
      service.kill('SIGKILL');
      await ended;
      const fourth = put('fourth');
      assert.deepEqual([first, second, third, fourth].map(existsSync), [false, false, true, true]);
      other.install('uninstall', '--purge');
      assert.deepEqual(other.paths(), []);
    } finally {
      other.remove();
      pulled.remove();
    }
  });

  it('goes on from a program that was put as a folder', () => {
    stage.install();
    const folder = realpathSync(stage.at(LIBRARY));
    rmSync(stage.at(LIBRARY));
    renameSync(folder, stage.at(LIBRARY));
    stage.write(MAIN, '');
    stage.install();
    assert.equal(run(stage.at(LAUNCHER), []).output, `${SMALL_OUTPUT}\n`);
    stage.install('uninstall', '--purge');
    assert.deepEqual(stage.paths(), []);
  });

  it('neither replaces nor takes away a folder that is not dragoman', () => {
    const path = `${LIBRARY}/precious`;
    stage.write(path, '');
    const { status, errors } = stage.try();
    assert.equal(status, 1);
    assert.match(errors, /holds something else than dragoman/);
    assert.match(stage.install('uninstall', '--purge'), /it is not dragoman/);
    assert.deepEqual(stage.paths(), [path]);
  });

  it('puts the program under another prefix, where the unit finds it', () => {
    stage.install('--prefix', '/opt/dragoman');
    assert.match(stage.read(UNIT), /^ExecStart=\/opt\/dragoman\/bin\/dragoman serve /m);
    assert.equal(run(stage.at('opt/dragoman/bin/dragoman'), []).output, `${SMALL_OUTPUT}\n`);
    stage.install('uninstall', '--purge', '--prefix', '/opt/dragoman');
    assert.deepEqual(stage.paths(), []);
  });

  it('uninstalls all but the configuration', () => {
    stage.install();
    stage.write(DROP_IN, '[Service]\nTimeoutStopSec=90\n');
    assert.match(stage.install('--uninstall'), /kept \S+etc\/dragoman/);
    assert.deepEqual(stage.paths(), [YAML, KEYS, DROP_IN].toSorted());
  });

  it('leaves nothing with --purge', () => {
    stage.install();
    stage.write(DROP_IN, '[Service]\nTimeoutStopSec=90\n');
    stage.install('uninstall', '--purge');
    const left = readdirSync(stage.at(''), { recursive: true, encoding: 'utf8' });
    const ours = left.filter((name) => name.includes('dragoman'));
    assert.deepEqual([ours, stage.paths()], [[], []]);
  });

  it('uninstalls where nothing is installed', () => {
    assert.match(stage.install('uninstall'), /nothing to take away/);
  });

  it('refuses a build that is not there', () => {
    const { status, errors } = stage.try('--from', stage.at('nowhere'));
    assert.equal(status, 1);
    assert.match(errors, /holds no built dragoman/);
    assert.deepEqual(stage.paths(), []);
  });

  it('refuses words it does not know, and a purge that is no uninstall', () => {
    for (const words of [['instal'], ['--purge'], ['--prefix'], ['--prefix', 'opt'], ['--prefix', '/a b']]) {
      const { status, errors } = run(repository.installer, words);
      assert.equal(status, 2, words.join(' '));
      assert.match(errors, /^install: .*\nUsage: /);
    }
  });

  it('says so when it lacks the right', () => {
    chmodSync(repository.path, 0o755);
    const asNobody = process.getuid?.() === 0 ? { userId: NOBODY } : {};
    for (const action of ['install', 'uninstall']) {
      const { status, errors } = run(repository.installer, [action], asNobody);
      assert.equal(status, 1);
      assert.match(errors, new RegExp(`must be root\\. Run: sudo scripts/install ${action},`));
    }
  });
});
