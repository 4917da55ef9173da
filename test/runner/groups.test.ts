import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { grouped, longestFirst, nodesFor, type SourceFile } from './groups.ts';

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

describe('longestFirst', () => {
  it('leaves each file alone, and begins on Asterisk, with that which has the most in it', () => {
    const names = ['scenarios/abc', 'asterisk-e2e/a', 'scenarios/a', 'asterisk-e2e/ab', 'scenarios/ab'];
    const sources = names.map((name) => ({ file: `dist/test/${name}.test.js`, text: name }));
    assert.deepEqual(
      longestFirst(sources),
      ['asterisk-e2e/ab', 'asterisk-e2e/a', 'scenarios/abc', 'scenarios/ab', 'scenarios/a'].map((name) => [
        `dist/test/${name}.test.js`,
      ]),
    );
  });
});

describe('nodesFor', () => {
  const nodes = ['20', '22', '24'];

  it('runs the program on every Node', () => {
    assert.deepEqual(nodesFor('dist/test/cli/serve.test.js', nodes), nodes);
  });

  it('runs what meets Node itself on the oldest and the newest', () => {
    for (const file of [
      'engines/espeak-ng',
      'engines/web-sockets',
      'media/thread/media-pool',
      'server/http/guard',
      'server/doors/rtp/rtp-legs',
    ]) {
      assert.deepEqual(nodesFor(`dist/test/${file}.test.js`, nodes), ['20', '24'], file);
    }
    assert.deepEqual(nodesFor('dist/test/server/http/guard.test.js', ['20']), ['20']);
  });

  it('runs what computes on the first', () => {
    for (const file of ['call/route', 'cli/serve-recovery', 'engines/deepl', 'floors', 'systemd/install']) {
      assert.deepEqual(nodesFor(`dist/test/${file}.test.js`, nodes), ['20'], file);
    }
  });
});
