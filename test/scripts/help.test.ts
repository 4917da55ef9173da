/** The scripts say what they are for, and start no work when they are called wrongly. */

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { REPOSITORY, run } from '../systemd/repository.ts';

const SCRIPTS = ['setup', 'build', 'test', 'demo', 'asterisk', 'install', 'chaos'] as const;

for (const name of SCRIPTS) {
  describe(`scripts/${name}`, () => {
    const script = join(REPOSITORY, 'scripts', name);

    it('tells what it does when asked', () => {
      for (const word of ['--help', '-h']) {
        const { status, output } = run(script, [word]);
        assert.equal(status, 0);
        assert.match(output, new RegExp(`^Usage: scripts/${name} `, 'i'));
      }
    });

    it('is run by bash, also by who says sh', () => {
      assert.match(run('sh', [script, '--help']).output, /^Usage: /i);
    });

    it('refuses what it does not know', () => {
      assert.equal(run(script, ['--unheard-of']).status, 2);
    });
  });
}

describe('scripts/demo', () => {
  const script = join(REPOSITORY, 'scripts/demo');

  it('tells what it does wherever it is asked, and takes one folder only', () => {
    assert.match(run(script, ['out', '--help']).output, /^Usage: /);
    assert.equal(run(script, ['one', 'two']).status, 2);
  });
});
