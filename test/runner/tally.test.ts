import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { differences } from './differences.ts';
import type { RunnerMessage } from './messages.ts';
import { type FileOutcome, Tally } from './tally.ts';

const END = 'it ended';

function outcomes(files: readonly string[], ...messages: readonly RunnerMessage[]) {
  const tally = new Tally(files);
  for (const message of messages) {
    tally.take(message);
  }
  return {
    complete: tally.complete,
    files: tally
      .outcomes(END)
      .map(({ file, passed, skipped, failures }) => [
        file,
        passed,
        skipped,
        failures.map(({ name }) => name),
      ]),
  };
}

const begin = (file: string): RunnerMessage => ({ type: 'begin', file });
const end = (file: string): RunnerMessage => ({ type: 'end', file, durationMs: 1 });
const test = (result: 'pass' | 'fail' | 'skip', name = ''): RunnerMessage => ({
  type: 'test',
  name,
  result,
  error: '',
});

describe('Tally', () => {
  it('counts the tests of each file as its own, whatever comes next has begun meanwhile', () => {
    const { complete, files } = outcomes(
      ['a', 'b'],
      begin('a'),
      test('pass'),
      begin('b'),
      test('skip'),
      end('a'),
      test('pass'),
      test('fail', 'breaks'),
      end('b'),
    );
    assert.equal(complete, true);
    assert.deepEqual(files, [
      ['a', 1, 1, []],
      ['b', 1, 0, ['breaks']],
    ]);
  });

  it('names the file in which a process ended, and fails those that were not run', () => {
    const { complete, files } = outcomes(
      ['a', 'b', 'c'],
      begin('a'),
      test('pass'),
      end('a'),
      begin('b'),
      test('pass'),
    );
    assert.equal(complete, false);
    assert.deepEqual(files, [
      ['a', 1, 0, []],
      ['b', 1, 0, ['it ended before its tests were over']],
      ['c', 0, 0, ['not run: it ended in b']],
    ]);
  });

  it('fails a file that has no tests', () => {
    assert.deepEqual(outcomes(['a'], begin('a'), end('a')).files, [['a', 0, 0, ['it has no tests']]]);
  });
});

describe('differences', () => {
  const outcome = (file: string, passed: number, failures: FileOutcome['failures'] = []): FileOutcome => ({
    file,
    passed,
    skipped: 0,
    failures,
    durationMs: 1,
  });

  it('name the Node that has tested less of a file, or nothing of it', () => {
    const ofNodes = new Map([
      ['v1', [outcome('a', 3), outcome('b', 2)]],
      ['v2', [outcome('a', 2)]],
    ]);
    assert.deepEqual(
      differences(ofNodes, () => true),
      ['v2 passed 2 tests of a, another 3', 'v2 passed 0 tests of b, another 2'],
    );
    assert.equal(differences(ofNodes, (file) => file === 'a').length, 1);
  });

  it('leave out a file that has failed, which is told of anyway', () => {
    const failed = [outcome('a', 2, [{ name: 'breaks', error: '' }])];
    const ofNodes = new Map([
      ['v1', [outcome('a', 3)]],
      ['v2', failed],
    ]);
    assert.deepEqual(
      differences(ofNodes, () => true),
      [],
    );
  });
});
