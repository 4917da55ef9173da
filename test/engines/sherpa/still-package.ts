/** In the place of sherpa-onnx: a package that stands still while it is loaded, as a disk may. */

import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from '../../support/waiting.ts';

const LIMIT_MS = 60_000;

/** @returns its folder, which is the caller's, and what waits for a process that loads it and says which that is. */
export async function stillPackage() {
  const packageFolder = await mkdtemp(join(tmpdir(), 'engine-test-'));
  const said = join(packageFolder, 'pid');
  await writeFile(
    join(packageFolder, 'index.js'),
    `require('node:fs').writeFileSync(${JSON.stringify(said)}, process.pid + '\\n');
     Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);`,
  );
  const loading = (): Promise<number> =>
    eventually('it is being loaded', LIMIT_MS, async () => {
      const text = await readFile(said, 'utf8').catch(() => '');
      return text.endsWith('\n') ? Number(text) : undefined;
    });
  return { packageFolder, loading };
}
