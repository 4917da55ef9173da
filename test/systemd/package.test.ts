/**
 * The Debian package that scripts/package makes, with next to nothing in it, put below a folder by dpkg itself, maintainer
 * scripts included. The whole program in a Debian of its own is `scripts/package --try`.
 */

import assert from 'node:assert/strict';
import { appendFileSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import { REPOSITORY, run, temporaryFolder } from './repository.ts';
import { SMALL_OUTPUT, type SmallRepository, smallRepository } from './small-repository.ts';

const YAML = 'etc/dragoman/dragoman.yaml';
const ENABLED = 'etc/systemd/system/multi-user.target.wants/dragoman.service';
/** Of a machine's root, what the scripts of the package need. */
const FOLDERS = ['var/lib/dpkg/updates', 'var/lib/dpkg/info', 'etc', 'run', 'var/lib/systemd', 'tmp'];

const asRoot = {
  skip:
    run('dpkg-deb', ['--version']).status !== 0
      ? 'there is no dpkg: packages are made on Debian'
      : process.getuid?.() !== 0
        ? 'only root can install packages'
        : false,
};

describe('the Debian package', asRoot, () => {
  const made = temporaryFolder();
  let repository: SmallRepository;
  let first = '';
  let second = '';
  let root: ReturnType<typeof temporaryFolder>;
  before(() => {
    repository = smallRepository({ built: true });
    first = packageOf('1.0.0');
    appendFileSync(join(repository.path, 'scripts/systemd/dragoman.yaml'), '# new in 2.0.0\n');
    second = packageOf('2.0.0');
  });
  beforeEach(() => {
    root = temporaryFolder();
    for (const folder of FOLDERS) {
      mkdirSync(join(root.path, folder), { recursive: true });
    }
    writeFileSync(join(root.path, 'var/lib/dpkg/status'), '');
    writeFileSync(join(root.path, 'etc/passwd'), 'root:x:0:0:root:/root:/bin/sh\n');
    writeFileSync(join(root.path, 'etc/group'), 'root:x:0:\n');
  });
  afterEach(() => root.remove());
  after(() => {
    repository.remove();
    made.remove();
  });

  function packageOf(version: string): string {
    const list = join(repository.path, 'package.json');
    writeFileSync(list, readFileSync(list, 'utf8').replace(/"version": "[\d.]+"/, `"version": "${version}"`));
    const program = join(repository.path, 'scripts/package');
    const { status, output, errors } = run(program, [
      '--out',
      made.path,
      '--from',
      join(repository.path, 'dist'),
    ]);
    assert.equal(status, 0, errors);
    const path = output.trimEnd().split('\n').at(-1) ?? '';
    assert.match(path, new RegExp(`/dragoman_${version}\\+\\d{12}\\.first_[a-z0-9]+\\.deb$`));
    return path;
  }

  function dpkg(...words: readonly string[]): string {
    const { status, output, errors } = run('dpkg', [
      `--root=${root.path}`,
      '--force-script-chrootless,depends,confdef,confold',
      ...words,
    ]);
    assert.equal(status, 0, errors);
    return output + errors;
  }

  function has(path: string): boolean {
    return existsSync(join(root.path, path));
  }

  function field(name: string): string {
    return run('dpkg-deb', ['-f', first, name]).output.trim();
  }

  it('asks for the Node.js that package.json asks for, and recommends the engines that scripts/setup installs', () => {
    const { engines }: { readonly engines: { readonly node: string } } = JSON.parse(
      readFileSync(join(REPOSITORY, 'package.json'), 'utf8'),
    );
    assert.match(field('Depends'), new RegExp(`nodejs \\(>= ${engines.node.slice(2)}\\)`));
    const setup = readFileSync(join(REPOSITORY, 'scripts/setup'), 'utf8');
    for (const name of field('Recommends').split(', ')) {
      assert.match(setup, new RegExp(`\\|${name}\\|`));
    }
  });

  it('puts program, unit, user, manual page and what bash completes in their places', () => {
    dpkg('-i', first);
    assert.equal(run(join(root.path, 'usr/bin/dragoman'), []).output, `${SMALL_OUTPUT}\n`);
    assert.match(
      readFileSync(join(root.path, 'lib/systemd/system/dragoman.service'), 'utf8'),
      /^ExecStart=\/usr\/bin\/dragoman /m,
    );
    assert.equal(statSync(join(root.path, 'etc/dragoman/keys.env')).mode & 0o777, 0o600);
    for (const path of [
      'usr/share/man/man1/dragoman.1.gz',
      'usr/share/bash-completion/completions/dragoman',
      'usr/share/dragoman/dialplan/sample.conf',
      'usr/share/doc/dragoman/copyright',
      'usr/share/dragoman/docker/prometheus/alerts.yml',
    ]) {
      assert.ok(has(path), path);
    }
    assert.match(readFileSync(join(root.path, 'etc/passwd'), 'utf8'), /^dragoman:/m);
    assert.ok(!has('etc/systemd/system/dragoman.service'));
  });

  it('refuses where scripts/install has put a service, and says what to do', () => {
    mkdirSync(join(root.path, 'etc/systemd/system'), { recursive: true });
    writeFileSync(join(root.path, 'etc/systemd/system/dragoman.service'), '');
    const { status, errors } = run('dpkg', [
      `--root=${root.path}`,
      '--force-script-chrootless,depends',
      '-i',
      first,
    ]);
    assert.notEqual(status, 0);
    assert.match(errors, /scripts\/install uninstall/);
    assert.ok(!has('usr/bin/dragoman'));
  });

  it('keeps a configuration that was changed when it is upgraded, and puts its new sample beside it', () => {
    dpkg('-i', first);
    appendFileSync(join(root.path, YAML), 'max-legs: 42\n');
    dpkg('-i', second);
    assert.match(readFileSync(join(root.path, YAML), 'utf8'), /max-legs: 42/);
    assert.match(readFileSync(join(root.path, `${YAML}.dpkg-dist`), 'utf8'), /new in 2\.0\.0/);
  });

  it('brings a configuration that nobody changed up to date', () => {
    dpkg('-i', first);
    dpkg('-i', second);
    assert.match(readFileSync(join(root.path, YAML), 'utf8'), /new in 2\.0\.0/);
    assert.ok(!has(`${YAML}.dpkg-dist`));
  });

  it('leaves the configuration when it is removed, and recordings when it is purged, and says so', () => {
    dpkg('-i', first);
    mkdirSync(join(root.path, 'var/lib/dragoman/recordings'), { recursive: true });
    mkdirSync(join(root.path, 'etc/systemd/system/dragoman.service.d'), { recursive: true });
    dpkg('-r', 'dragoman');
    assert.ok(has(YAML));
    assert.ok(!has('usr/lib/dragoman') && !has('usr/bin/dragoman'));
    const said = dpkg('-P', 'dragoman');
    assert.ok(!has('etc/dragoman') && !has('etc/systemd/system/dragoman.service.d') && !has(ENABLED));
    assert.ok(has('var/lib/dragoman/recordings'));
    assert.match(said, /rm -rf \/var\/lib\/dragoman/);
  });

  it('has nothing that lintian calls an error', lintianOr(), () => {
    const { output, errors } = run('lintian', ['--fail-on', 'error', '--tag-display-limit', '0', first]);
    assert.deepEqual(
      (output + errors).split('\n').filter((line) => line.startsWith('E:')),
      [],
    );
  });
});

function lintianOr(): { readonly skip: string | false } {
  return {
    skip:
      run('sh', ['-c', 'command -v lintian']).status === 0
        ? false
        : 'lintian is missing: apt-get install lintian',
  };
}
