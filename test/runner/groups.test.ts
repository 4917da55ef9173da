import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { grouped, nodesFor, type SourceFile, whyNotAll } from './groups.ts';

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

describe('nodesFor', () => {
  const nodes = ['20', '22', '24'];

  it('runs what talks to the machine on every Node', () => {
    for (const file of [
      'engines/espeak-ng',
      'engines/web-sockets',
      'server/http/guard',
      'cli/serve',
      'server/metrics/metrics',
    ]) {
      assert.deepEqual(nodesFor(`dist/test/${file}.test.js`, nodes), nodes, file);
      assert.equal(whyNotAll(`dist/test/${file}.test.js`), undefined);
    }
  });

  it('runs what computes on the oldest and the newest, and what no Node has a part in on the first', () => {
    assert.deepEqual(nodesFor('dist/test/media/dsp/resampler.test.js', nodes), ['20', '24']);
    for (const file of ['call/route', 'engines/deepl', 'server/interpreting/engine-trials']) {
      assert.deepEqual(nodesFor(`dist/test/${file}.test.js`, nodes), ['20', '24'], file);
    }
    assert.deepEqual(nodesFor('dist/test/floors.test.js', nodes), ['20']);
    assert.deepEqual(nodesFor('dist/test/systemd/install.test.js', nodes), ['20']);
    assert.deepEqual(nodesFor('dist/test/base/clock.test.js', ['20']), ['20']);
    for (const file of ['media/dsp/resampler', 'floors', 'systemd/install']) {
      assert.ok(whyNotAll(`dist/test/${file}.test.js`) !== undefined, file);
    }
  });
});
