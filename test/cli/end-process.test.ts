/** Processes that end themselves, for real. */

import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { removeFolder } from '../support/folders.ts';
import { endsWithUs } from '../support/processes.ts';
import { within } from '../support/waiting.ts';

const PROCESS = fileURLToPath(new URL('./ending-process.js', import.meta.url));
const LIMIT_MS = 90_000;

/** How a process has ended, once all that it has started has, too. */
async function ended(t: TestContext, ...words: readonly string[]): Promise<readonly unknown[]> {
  // What it starts has its standard error, too, whose end tells that all have gone.
  const child = spawn(process.execPath, [PROCESS, ...words], { stdio: ['ignore', 'ignore', 'pipe'] });
  endsWithUs(child);
  t.after(() => child.kill('SIGKILL'));
  child.stderr.resume();
  return within('it ends', LIMIT_MS, once(child, 'close'));
}

describe('the end of a process', () => {
  it('has the status that is wanted, and leaves nobody behind', async (t) => {
    assert.deepEqual(await ended(t, '3600000'), [3, null]);
  });

  it('comes even where a thread waits for ever', async (t) => {
    const folder = await mkdtemp(join(tmpdir(), 'dragoman-end-'));
    t.after(() => removeFolder(folder));
    const fifo = join(folder, 'fifo');
    execFileSync('mkfifo', [fifo]);
    assert.deepEqual(await ended(t, '500', fifo), [null, 'SIGKILL']);
  });
});
