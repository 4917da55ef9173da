import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const RUNNER = fileURLToPath(new URL('./run-files.js', import.meta.url));

/** Runs test files of these contents, in one process where they let it; what is printed, and the status. */
async function run(test: TestContext, ...contents: readonly string[]) {
  const folder = await mkdtemp(join(tmpdir(), 'dragoman-runner-'));
  test.after(() => rm(folder, { recursive: true, force: true }));
  await mkdir(join(folder, 'test/floor'), { recursive: true });
  const files = contents.map((_, index) => join(folder, `test/floor/${index}.test.mjs`));
  await Promise.all(files.map((file, index) => writeFile(file, contents[index] ?? '')));
  // What this test runs in would make the files report to it and not to the runner.
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  try {
    const args = [RUNNER, '--failed', join(folder, 'failed'), '2', ...files];
    const { stdout } = await promisify(execFile)(process.execPath, args, { env });
    return { status: 0, output: stdout, last: lastLine(stdout), kept: await kept(folder) };
  } catch (error) {
    const { code, stdout } = error as { code: number; stdout: string };
    return { status: code, output: stdout, last: lastLine(stdout), kept: await kept(folder) };
  }
}

/** What failed, as it is kept for the end. */
function kept(folder: string): Promise<string> {
  return readFile(join(folder, 'failed'), 'utf8');
}

function lastLine(output: string): string | undefined {
  return output.trimEnd().split('\n').at(-1);
}

const IMPORT = "import { after, describe, it } from 'node:test';\n";
const PASSES = `${IMPORT}it('works', () => {});\n`;
const FAILS = `${IMPORT}describe('it all', () => { it('works not', () => { throw new Error('no'); }); });\n`;
const FAILS_IN_A_HOOK = `${IMPORT}it('works', () => {});\nafter(() => { throw new Error('not cleared up'); });\n`;
const DIES = `${IMPORT}it('dies', () => process.kill(process.pid, 'SIGKILL'));\n`;
const LEAVES_A_TIMER = `${IMPORT}it('works', () => { setInterval(() => {}, 1_000); });\n`;
/** Everything is over, and then the process goes on for ever. */
const STANDS_STILL = `${IMPORT}it('works', () => {});
process.on('exit', () => {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
});
`;

describe('run-files', () => {
  it('adds up what passes, whatever it has left running', async (test) => {
    const { status, last, kept } = await run(test, PASSES, LEAVES_A_TIMER, PASSES);
    assert.deepEqual([status, last, kept], [0, '3 passed, 0 failed', '']);
  });

  it('takes a file of which everything is skipped for none that fails', async (test) => {
    const skips = `${IMPORT}it('cannot be done here', (test) => test.skip('needs what is not here'));\n`;
    const skipsAll = `${IMPORT}describe('there', { skip: 'needs it' }, () => { it('is done', () => {}); });\n`;
    const { status, last } = await run(test, skips, skipsAll);
    assert.deepEqual([status, last], [0, '0 passed, 0 failed']);
  });

  it('fails when a test or a hook does, and goes on with the next file', async (test) => {
    const { status, last, output, kept } = await run(test, FAILS, FAILS_IN_A_HOOK, PASSES);
    assert.deepEqual([status, last], [1, '2 passed, 2 failed']);
    for (const text of [output, kept]) {
      assert.match(text, /0\.test\.mjs: it all · works not\n {4}Error: no$/m);
      assert.match(text, /1\.test\.mjs: /);
    }
  });

  it('fails when a file cannot be loaded, has no tests, or there is none', async (test) => {
    const unloadable = await run(test, "import './absent.mjs';\n", '', PASSES);
    assert.deepEqual([unloadable.status, unloadable.last], [1, '1 passed, 2 failed']);
    assert.equal((await run(test)).status, 1);
  });

  it('names the file in which the process ended, and those that were not run therefore', async (test) => {
    const contents = [DIES, 'process.exit(0);\n'];
    const endings = await Promise.all(contents.map((content) => run(test, PASSES, content, PASSES)));
    for (const { status, last, output } of endings) {
      assert.deepEqual([status, last], [1, '1 passed, 2 failed'], output);
      assert.doesNotMatch(output, /✖ .*0\.test\.mjs/);
      assert.match(output, /1\.test\.mjs: /);
      assert.match(output, /2\.test\.mjs: not run/);
    }
  });

  it('judges a process that does not end by what its tests have said', async (test) => {
    const { status, last, output } = await run(test, STANDS_STILL);
    assert.deepEqual([status, last], [0, '1 passed, 0 failed']);
    assert.match(output, /stood still in its exit/);
  });
});
