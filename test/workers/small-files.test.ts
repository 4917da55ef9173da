/** Lines of a file on a disk that has no room for all of them. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { LineFiles } from '../../workers/recording/small-files.ts';
import { removeFolder } from '../support/folders.ts';

const MODULE = fileURLToPath(new URL('../../workers/recording/small-files.js', import.meta.url));

/** Adds lines to a file that may have 1,024 bytes; prints which of them were refused. */
const PROGRAM = `
  const { LineFiles } = await import(process.argv[1]);
  const lines = new LineFiles();
  const add = (name) => lines.append(process.argv[2], name.repeat(400)).then(() => name + ' is there', (error) => error.code);
  const first = add('a');
  console.log(JSON.stringify(await Promise.all([first, ...['b', 'c', 'd'].map(add)])));
`;

describe('LineFiles', () => {
  it('refuses only those lines of several that a full disk does not take, so that none is written twice', async (t) => {
    const directory = await mkdtemp(join(tmpdir(), 'dragoman-lines-'));
    t.after(() => removeFolder(directory));
    const path = join(directory, 'calls.jsonl');
    const limited = 'ulimit -f 1; exec "$@"';
    const node = [process.execPath, '--input-type=module', '-e', PROGRAM, MODULE, path];
    const { stdout, stderr } = spawnSync('bash', ['-c', limited, 'bash', ...node], { encoding: 'utf8' });
    assert.equal(stdout, '["a is there","b is there","EFBIG","EFBIG"]\n', stderr);
    const again = new LineFiles();
    await Promise.all(['c', 'd'].map((name) => again.append(path, name.repeat(400))));
    const lines = (await readFile(path, 'utf8')).split('\n');
    assert.deepEqual(
      lines.map((line) => `${line[0]} ${line.length}`),
      ['a 400', 'b 400', 'c 222', 'c 400', 'd 400', 'undefined 0'],
    );
  });
});
