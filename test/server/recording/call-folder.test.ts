import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { callFolder, prepareFolder } from '../../../src/server/recording/call-folder.ts';
import { removeFolder } from '../../support/folders.ts';

describe('the folder of a call', () => {
  it('is named by the moment in UTC and by what the call is shown as', () => {
    assert.equal(
      callFolder('/var/lib/dragoman', new Date('2026-11-28T15:10:00.250Z'), '5f0c9a1b2c3d4e5f'),
      '/var/lib/dragoman/2026/11/28/20261128T151000Z-5f0c9a1b2c3d4e5f',
    );
  });
});

describe('the folder of all calls', () => {
  it('is made with those above it, and may be there', async (t) => {
    const folder = await mkdtemp(join(tmpdir(), 'dragoman-folder-'));
    t.after(() => removeFolder(folder));
    const all = join(folder, 'a/b');
    await prepareFolder(all, '--record-dir');
    await prepareFolder(all, '--record-dir');
    assert.ok(existsSync(all));
    const file = join(folder, 'file');
    await writeFile(file, '');
    for (const directory of [file, join(file, 'below'), '/proc/nothere', '/proc/nothere/below']) {
      await assert.rejects(prepareFolder(directory, '--record-dir'), {
        code: 'file-unwritable',
        message: /--record-dir/,
      });
    }
  });
});
