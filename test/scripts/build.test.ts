/** `scripts/build` on a small repository with the project's own compiler: what runs keeps its files. */

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, it, type TestContext } from 'node:test';
import { REPOSITORY, run, temporaryFolder } from '../systemd/repository.ts';

const CONFIGURATION = {
  compilerOptions: {
    target: 'es2023',
    module: 'nodenext',
    // The types of Node take a second of a core to read, for each build.
    types: [],
    noLib: true,
    rootDir: '.',
    outDir: 'dist',
    incremental: true,
    tsBuildInfoFile: 'dist/.tsbuildinfo',
    sourceMap: true,
    rewriteRelativeImportExtensions: true,
  },
  include: ['src/**/*.ts'],
};
/** The page is checked by itself, with what a browser has. */
const PAGE = 'src/server/console/page';
const PAGE_CONFIGURATION = {
  extends: '../../../../tsconfig.json',
  compilerOptions: { rootDir: '../../../..', incremental: false, noEmit: true },
  include: ['*.tsx', '../../../types.d.ts'],
};

/** Says what it was built from, once for each line it is told. */
const MAIN = `// @ts-nocheck
import { createInterface } from 'node:readline';
console.log('ready');
for await (const _ of createInterface({ input: process.stdin })) {
  const { said } = await import('../later.ts');
  console.log(said);
}
`;
/** The types that the compiler cannot do without. */
const TYPES = [
  'Array',
  'Boolean',
  'CallableFunction',
  'Function',
  'IArguments',
  'NewableFunction',
  'Number',
  'Object',
]
  .concat(['RegExp', 'String'])
  .map((name) => `interface ${name} {}\n`)
  .join('');

describe('scripts/build', () => {
  it('leaves a program that runs the files it was started from', async (test) => {
    const { path, write, build } = smallRepository(test);
    write('src/later.ts', "export const said = 'old';\n");
    assert.equal(build().status, 0);
    const main = join(path, 'dist/src/cli/main.js');
    const old = start(test, main);
    assert.equal(await old.line(), 'ready');
    write('src/later.ts', "export const said = 'new';\n");
    assert.equal(build().status, 0);
    // It is read only now, by its first use.
    old.tell();
    assert.equal(await old.line(), 'old');
    const young = start(test, main);
    assert.equal(await young.line(), 'ready');
    young.tell();
    assert.equal(await young.line(), 'new');
  });

  it('always has a whole program where it is looked for', async (test) => {
    const { path, write } = smallRepository(test);
    write('src/later.ts', 'export const said = 0;\n');
    assert.equal(run(join(path, 'scripts/build'), []).status, 0);
    const main = join(path, 'dist/src/cli/main.js');
    write('src/later.ts', 'export const said = 1;\n');
    const build = spawn(join(path, 'scripts/build'), { stdio: 'ignore' });
    const ended = once(build, 'exit');
    let looks = 0;
    while (build.exitCode === null) {
      assert.ok(existsSync(main), 'there is no program while it is built');
      looks += 1;
      await new Promise((resolve) => setImmediate(resolve));
    }
    assert.deepEqual(await ended, [0, null]);
    assert.ok(looks > 3, `it was looked at ${looks} times only`);
    assert.match(readFileSync(join(path, 'dist/src/later.js'), 'utf8'), /said = 1/);
  });

  it('changes nothing when the sources have a fault', (test) => {
    const { path, write, build } = smallRepository(test);
    write('src/later.ts', "export const said = 'old';\n");
    assert.equal(build().status, 0);
    write('src/later.ts', "export const said: number = 'new';\n");
    assert.notEqual(build().status, 0);
    assert.match(readFileSync(join(path, 'dist/src/later.js'), 'utf8'), /'old'/);
    write('src/later.ts', "export const said = 'new';\n");
    write(`${PAGE}/main.tsx`, 'export const width: string = 1;\n');
    assert.notEqual(build().status, 0);
    assert.match(readFileSync(join(path, 'dist/src/later.js'), 'utf8'), /'old'/);
    assert.equal(readdirSync(path).filter((name) => name.startsWith('dist.')).length, 1);
  });

  it('makes one file of the page, and one of how it looks', (test) => {
    const { path, write, build } = smallRepository(test);
    write('src/later.ts', "export const said = '';\n");
    write(`${PAGE}/other.ts`, 'export const width = 17;\n');
    write(`${PAGE}/main.tsx`, "import { width } from './other.ts';\nexport const twice = 2 * width;\n");
    write(`${PAGE}/more.css`, 'a { color: red }\n');
    write(`${PAGE}/console.css`, "@import './more.css';\n");
    assert.equal(build().status, 0);
    assert.match(readFileSync(join(path, `dist/${PAGE}/console.js`), 'utf8'), /34/);
    assert.match(readFileSync(join(path, `dist/${PAGE}/console.css`), 'utf8'), /color:red/);
  });

  it('leaves out what has no source any more, and keeps this build and the one before', (test) => {
    const { path, write, build } = smallRepository(test);
    write('src/later.ts', "export const said = '';\n");
    write('src/gone.ts', 'export const gone = 1;\n');
    assert.equal(build().status, 0);
    assert.ok(existsSync(join(path, 'dist/src/gone.js')));
    rmSync(join(path, 'src/gone.ts'));
    assert.equal(build().status, 0);
    assert.ok(!existsSync(join(path, 'dist/src/gone.js')));
    assert.ok(existsSync(join(path, 'dist/src/helper.py')));
    assert.equal(build().status, 0);
    assert.equal(readdirSync(path).filter((name) => name.startsWith('dist.')).length, 2);
  });
});

/** A repository with a program of two files, the second of which is the test's to write. */
function smallRepository(test: TestContext) {
  const { path, remove } = temporaryFolder();
  test.after(remove);
  const write = (name: string, text: string): void => writeFileSync(join(path, name), text);
  mkdirSync(join(path, 'src/cli'), { recursive: true });
  mkdirSync(join(path, 'scripts'));
  cpSync(join(REPOSITORY, 'scripts/build'), join(path, 'scripts/build'));
  symlinkSync(join(REPOSITORY, 'node_modules'), join(path, 'node_modules'));
  write('package.json', JSON.stringify({ name: 'small', type: 'module' }));
  write('tsconfig.json', JSON.stringify(CONFIGURATION));
  write('src/cli/main.ts', MAIN);
  write('src/types.d.ts', TYPES.replace('interface Array {}', 'interface Array<T> {}'));
  write('src/helper.py', '');
  mkdirSync(join(path, PAGE), { recursive: true });
  write(`${PAGE}/tsconfig.json`, JSON.stringify(PAGE_CONFIGURATION));
  write(`${PAGE}/main.tsx`, 'export const width = 1;\n');
  write(`${PAGE}/console.css`, '');
  return { path, write, build: () => run(join(path, 'scripts/build'), []) };
}

/** A program that answers a line with a line. */
function start(test: TestContext, main: string) {
  const child = spawn(process.execPath, [main], { stdio: ['pipe', 'pipe', 'inherit'] });
  test.after(() => child.kill('SIGKILL'));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    tell: () => child.stdin.write('\n'),
    line: async (): Promise<unknown> => (await lines.next()).value,
  };
}
