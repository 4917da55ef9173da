/** Folders that are named where a file belongs, as `serve` finds them at its start. */

import assert from 'node:assert/strict';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { assertFiles } from '../../src/cli/named-files.ts';
import { removeFolder } from '../support/folders.ts';

describe('files that the service makes', () => {
  it('are no folders, and what to write instead is said', async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'dragoman-named-'));
    t.after(() => removeFolder(folder));
    const none = { voicesDb: undefined, endpoints: undefined };
    assert.throws(() => assertFiles({ ...none, voicesDb: `${folder}/` }), {
      message: `--voices-db: ${folder}/ is a folder: name a file, such as ${folder}/voices.db`,
    });
    assert.throws(() => assertFiles({ ...none, endpoints: folder }), {
      message: `--endpoints: ${folder} is a folder: name a file, such as ${folder}/endpoints.conf`,
    });
    assertFiles({ voicesDb: join(folder, 'none-yet.db'), endpoints: 'ari' });
    assertFiles(none);
  });
});
