import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { grouped, type SourceFile, whyOneNode } from './groups.ts';

const quiet = (file: string): SourceFile => ({ file, text: "import { it } from 'node:test';" });
const starting = (file: string): SourceFile => ({
  file,
  text: "import { spawn } from 'node:child_process';",
});

describe('grouped', () => {
  it('puts files of a floor together, those that start processes alone and first', () => {
    const sources = [
      quiet('dist/test/base/a.test.js'),
      quiet('dist/test/call/b.test.js'),
      starting('dist/test/base/c.test.js'),
      quiet('dist/test/base/d.test.js'),
    ];
    assert.deepEqual(grouped(sources), [
      ['dist/test/base/c.test.js'],
      ['dist/test/base/a.test.js', 'dist/test/base/d.test.js'],
      ['dist/test/call/b.test.js'],
    ]);
  });

  it('divides a floor of many files evenly and leaves none out', () => {
    const files = Array.from({ length: 33 }, (_, index) => `dist/test/media/${index}.test.js`);
    const groups = grouped(files.map(quiet));
    assert.deepEqual(
      groups.map(({ length }) => length),
      [11, 11, 11],
    );
    assert.deepEqual(groups.flat(), files);
  });
});

describe('whyOneNode', () => {
  it('has a reason for what no Node has a part in, and none for the rest', () => {
    assert.equal(whyOneNode('dist/test/base/clock.test.js'), undefined);
    assert.equal(whyOneNode('dist/test/engines/espeak-ng.test.js'), undefined);
    assert.ok(whyOneNode('dist/test/floors.test.js') !== undefined);
    assert.ok(whyOneNode('dist/test/systemd/install.test.js') !== undefined);
  });
});
