/**
 * The real program, installed by scripts/install below a folder of its own and run from there. What is not tried, since
 * it takes a machine whose first process is systemd: running it as the service.
 */

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { after, before, describe, it } from 'node:test';
import { COMPLETION, KEYS, LAUNCHER, LIBRARY, MAN_PAGE, SHARE, UNIT, YAML } from './places.ts';
import { BUILT, REPOSITORY, run } from './repository.ts';
import { Stage } from './stage.ts';

/** Every address left to the machine, and no engines, so that nothing else on it matters. */
const ANYWHERE = ['--listen', '127.0.0.1:0', '--http', '127.0.0.1:0', '--metrics', '127.0.0.1:0'];
const WITHOUT_ENGINES = ['--mode', 'passthrough', ...ANYWHERE];

/** How long a start and an end may take together, in ms. */
const SERVE_LIMIT_MS = 30_000;

describe('an installed dragoman', () => {
  const stage = new Stage(join(REPOSITORY, 'scripts/install'));
  before(() => {
    stage.install('--from', BUILT);
  });
  after(() => {
    stage.remove();
  });

  it('has its files in the usual places with the promised modes', () => {
    assert.equal(stage.mode('etc/dragoman'), '755');
    assert.equal(stage.mode(YAML), '644');
    assert.equal(stage.mode(KEYS), '600');
    assert.equal(stage.mode(UNIT), '644');
    assert.equal(stage.mode(LAUNCHER), '755');
  });

  it('puts nothing anywhere else', () => {
    // The program is in a folder of its version, which the usual name leads to.
    const program = `${dirname(LIBRARY)}/${readlinkSync(stage.at(LIBRARY))}`;
    const elsewhere = stage
      .paths()
      .filter((path) => !path.startsWith(`${program}/`) && !path.startsWith(`${SHARE}/`));
    const places = [YAML, KEYS, UNIT, LAUNCHER, LIBRARY, COMPLETION, MAN_PAGE];
    assert.deepEqual(elsewhere.toSorted(), places.toSorted());
  });

  it('can be read in whole by the user of the service', () => {
    for (const folder of [LIBRARY, SHARE]) {
      const closed = readdirSync(stage.at(folder), { recursive: true, encoding: 'utf8' }).filter(
        (name) => (lstatSync(stage.at(`${folder}/${name}`)).mode & 0o044) !== 0o044,
      );
      assert.deepEqual(closed, []);
    }
  });

  it('has the samples for Asterisk and README, and a manual page of every command', () => {
    for (const name of [
      'README.md',
      'scripts/README.md',
      ...['dialplan', 'scripts/manual'].flatMap((folder) =>
        readdirSync(join(REPOSITORY, folder)).map((each) => `${folder}/${each}`),
      ),
    ]) {
      assert.equal(stage.read(`${SHARE}/${name}`), readFileSync(join(REPOSITORY, name), 'utf8'), name);
    }
    const { output } = run(stage.at(LAUNCHER), ['--help']);
    const commands = [...output.matchAll(/^ {2}([a-z]+) .*\[options\]/gm)].map(([, name = '']) => name);
    assert.ok(commands.includes('serve'));
    for (const name of commands) {
      assert.match(stage.read(MAN_PAGE), new RegExp(`^\\.SH "DRAGOMAN ${name.toUpperCase()}"$`, 'm'));
      assert.match(stage.read(COMPLETION), new RegExp(`^ +${name}\\) words=`, 'm'));
    }
  });

  it('has what it needs to run, and neither tests nor the compiler', () => {
    const scripts = readdirSync(join(REPOSITORY, 'src'), { recursive: true, encoding: 'utf8' }).filter(
      (name) => name.endsWith('.py'),
    );
    assert.ok(scripts.length > 0);
    for (const script of scripts) {
      assert.ok(existsSync(stage.at(`${LIBRARY}/dist/src/${script}`)), script);
    }
    const built = readdirSync(stage.at(`${LIBRARY}/dist`)).filter((name) => name !== '.revision');
    assert.deepEqual(built.toSorted(), ['src', 'workers']);
    assert.ok(!existsSync(stage.at(`${LIBRARY}/node_modules/typescript`)));
  });

  it('has the unit as it is in the repository, which names files that are there', () => {
    const unit = stage.read(UNIT);
    assert.equal(unit, readFileSync(join(REPOSITORY, 'scripts/systemd/dragoman.service'), 'utf8'));
    const [, program, configuration] = /^ExecStart=(\S+) serve --config (\S+)$/m.exec(unit) ?? [];
    const [, keys] = /^EnvironmentFile=-(\S+)$/m.exec(unit) ?? [];
    assert.deepEqual([program, configuration, keys], [`/${LAUNCHER}`, `/${YAML}`, `/${KEYS}`]);
  });

  it('says its version', () => {
    const { version }: { readonly version: string } = JSON.parse(
      readFileSync(join(REPOSITORY, 'package.json'), 'utf8'),
    );
    const { status, output, errors } = run(stage.at(LAUNCHER), ['--version']);
    const mark = join(BUILT, '.revision');
    const revision = existsSync(mark) ? ` (${readFileSync(mark, 'utf8').trim()})` : '';
    assert.deepEqual([status, output], [0, `${version}${revision}\n`], errors);
  });

  it('finds nothing wrong with its configuration', () => {
    const words = ['check', '--config', stage.at(YAML), ...WITHOUT_ENGINES];
    const { status, output, errors } = run(stage.at(LAUNCHER), words);
    assert.equal(status, 0, output + errors);
    assert.match(output, /dragoman serve would start/);
  });

  it('serves, and hears the signal that systemd sends to the launcher', async () => {
    const words = ['serve', '--config', stage.at(YAML), ...WITHOUT_ENGINES];
    // A group of its own, so that nothing outlives the test when the launcher does not pass the signal on.
    const child = spawn(stage.at(LAUNCHER), words, {
      env: { PATH: process.env.PATH },
      stdio: ['ignore', 'pipe', 'inherit'],
      detached: true,
    });
    const ended = once(child, 'exit');
    const limit = setTimeout(() => killGroup(child.pid), SERVE_LIMIT_MS);
    try {
      const said = await messagesUntil(child.stdout, 'ready for calls');
      assert.equal(said.at(-1), 'ready for calls');
      child.stdout.resume();
      child.kill('SIGTERM');
      assert.deepEqual(await ended, [0, null]);
    } finally {
      clearTimeout(limit);
      killGroup(child.pid);
    }
  });
});

/** The messages of the log up to `last`, or all when it ends before. */
async function messagesUntil(log: Readable, last: string): Promise<readonly unknown[]> {
  const messages: unknown[] = [];
  for await (const line of createInterface({ input: log })) {
    const { msg }: { readonly msg?: unknown } = JSON.parse(line);
    messages.push(msg);
    if (msg === last) {
      break;
    }
  }
  return messages;
}

/** Kills what is left of a process group, if anything. */
function killGroup(groupId: number | undefined): void {
  try {
    if (groupId !== undefined) {
      process.kill(-groupId, 'SIGKILL');
    }
  } catch {
    // It has ended.
  }
}
