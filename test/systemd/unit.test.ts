/**
 * The unit, as systemd itself judges it. What is not tried, since it takes a machine whose first process is systemd:
 * that it starts, that the sandbox lets the engines work, that a crash is followed by another start, and that
 * `systemctl stop` waits for the drain.
 */

import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { SETTINGS } from '../../src/cli/config/settings.ts';
import { REPOSITORY, run, temporaryFolder } from './repository.ts';

const UNIT = join(REPOSITORY, 'scripts/systemd/dragoman.service');
const text = readFileSync(UNIT, 'utf8');

const withAnalyser = {
  skip:
    run('systemd-analyze', ['--version']).status === 0
      ? false
      : 'systemd-analyze is missing: it is in the Debian package systemd, run scripts/setup',
};

interface Rating {
  readonly name: string;
  /** Whether it is closed; null when it does not matter here. */
  readonly set: boolean | null;
}

/** The values of a setting, in order. */
function valuesOf(setting: string): readonly string[] {
  return text
    .split('\n')
    .filter((line) => line.startsWith(`${setting}=`))
    .map((line) => line.slice(setting.length + 1));
}

describe('the unit', () => {
  it('passes systemd-analyze verify without a word', withAnalyser, () => {
    const folder = temporaryFolder();
    try {
      const path = join(folder.path, 'dragoman.service');
      // verify looks for the program; where nothing is installed, another one that exists stands for it.
      writeFileSync(path, text.replaceAll('/usr/local/bin/dragoman', process.execPath));
      const { status, errors } = run('systemd-analyze', ['verify', '--man=no', path]);
      // It reads the machine's own units too, whose faults are not ours.
      const ours = errors.split('\n').filter((line) => line.includes('dragoman.service'));
      assert.deepEqual(ours, []);
      assert.equal(status, 0, errors);
    } finally {
      folder.remove();
    }
  });

  it('is rated OK or better by systemd-analyze security', withAnalyser, () => {
    const { output, errors } = run('systemd-analyze', ['security', '--offline=true', '--no-pager', UNIT]);
    const rated = /Overall exposure level for dragoman\.service: (\d+\.\d+) (\w+)/.exec(output);
    assert.ok(rated !== null, `it says no level: ${output}${errors}`);
    const [, exposure, word = ''] = rated;
    assert.ok(['OK', 'SAFE', 'PERFECT'].includes(word), `${exposure} ${word}`);
    assert.ok(Number(exposure) < 2, `exposure ${exposure}: something has been opened that was closed`);
  });

  it('gives a reason for each thing it leaves open', withAnalyser, () => {
    const words = ['security', '--offline=true', '--no-pager', '--json=short', UNIT];
    const ratings: readonly Rating[] = JSON.parse(run('systemd-analyze', words).output);
    const open = ratings.filter(({ set }) => set === false).map(({ name }) => name);
    assert.ok(open.includes('MemoryDenyWriteExecute='), 'the ratings are not read');
    const comments = text
      .split('\n')
      .filter((line) => line.startsWith('#'))
      .join('\n');
    const unexplained = open
      // RootDirectory=/RootImage= is one row.
      .flatMap((name) => name.split('/'))
      .filter((name) => !comments.includes(name));
    assert.deepEqual(unexplained, []);
  });

  it('lets calls drain by default before it kills', () => {
    const drainS = Number(SETTINGS.drainTimeoutMs.fallback[0]);
    const [stopS] = valuesOf('TimeoutStopSec').map(Number);
    // Closing the engines takes up to 3 s after the drain, here with a wide margin.
    assert.ok(stopS !== undefined && stopS >= drainS + 10, `${stopS} s to stop, ${drainS} s to drain`);
    assert.deepEqual(valuesOf('KillMode'), ['mixed'], 'a signal to the engines would end what still drains');
  });

  it('lets engines lower their priority although it closes @resources', () => {
    const filters = valuesOf('SystemCallFilter');
    const closed = filters.findIndex((filter) => filter.startsWith('~') && filter.includes('@resources'));
    assert.ok(filters.lastIndexOf('setpriority') > closed, filters.join('; '));
  });

  it('starts again what has ended to be started anew', () => {
    const left = [...valuesOf('RestartPreventExitStatus'), ...valuesOf('SuccessExitStatus')].flatMap(
      (values) => values.split(' '),
    );
    // What `dragoman serve` ends with when nothing but another start helps, and after SIGHUP.
    assert.deepEqual(
      ['75', '129'].filter((status) => left.includes(status)),
      [],
    );
    assert.deepEqual(valuesOf('RestartSec'), ['2']);
  });

  it('leaves a wrong configuration to the operator instead of starting again', () => {
    assert.deepEqual(valuesOf('Restart'), ['on-failure']);
    // 2 is what `dragoman serve` ends with when what was asked for is wrong.
    assert.deepEqual(valuesOf('RestartPreventExitStatus'), ['2']);
  });
});
