/** Records in files: found, listed, and taken out without a byte of them being left. */

import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import type { CallDetail } from '../../../src/call/detail/call-detail.ts';
import { RecordArchive } from '../../../src/server/records/record-archive.ts';
import { detailOf, startRecorder } from './details.ts';

async function open(test: TestContext, ...details: readonly CallDetail[]) {
  const { directory, recorder } = await startRecorder(test);
  const archive = new RecordArchive(recorder, directory);
  for (const detail of details) {
    await archive.add(detail);
  }
  const file = (day: string): Promise<string> => readFile(join(directory, `calls-${day}.jsonl`), 'utf8');
  const latest = async (filter = {}): Promise<readonly string[]> => {
    const found: string[] = [];
    for await (const { detail } of archive.latest(filter)) {
      found.push(detail.call);
    }
    return found;
  };
  return { archive, directory, file, latest };
}

const yesterday = { startedAt: '2026-11-28T23:59:00.000Z', endedAt: '2026-11-28T23:59:30.000Z' };

describe('RecordArchive', () => {
  it('has a file for each day on which calls ended, and tells the latest first', async (t) => {
    const { archive, directory, latest } = await open(
      t,
      detailOf('1', yesterday),
      detailOf('2'),
      detailOf('3'),
    );
    assert.deepEqual((await readdir(directory)).sort(), ['calls-2026-11-28.jsonl', 'calls-2026-11-29.jsonl']);
    assert.deepEqual(await latest(), ['3', '2', '1']);
    assert.deepEqual(await latest({ until: '2026-11-28' }), ['1']);
    assert.deepEqual(await latest({ from: '2026-11-29' }), ['3', '2']);
    assert.deepEqual(await archive.find('1'), detailOf('1', yesterday));
    assert.equal(await archive.find('4'), undefined);
  });

  it('finds and takes out a call by its own name, not by what metadata of another call says', async (t) => {
    const metadata = { call: '1', note: '{"version":1,"call":"1",' };
    const { archive, latest } = await open(t, detailOf('1'), detailOf('2', { metadata }));
    assert.deepEqual(await archive.find('1'), detailOf('1'));
    assert.equal(await archive.remove(detailOf('1')), 1);
    assert.equal(await archive.find('1'), undefined);
    assert.deepEqual(await latest(), ['2']);
  });

  it('tells files of many pieces backwards and forwards, whole lines each', async (t) => {
    const note = 'x'.repeat(199);
    const metadata = Object.fromEntries(Array.from({ length: 20 }, (_, index) => [`note${index}`, note]));
    const calls = Array.from({ length: 60 }, (_, index) => String(index));
    const { archive, latest } = await open(t, ...calls.map((call) => detailOf(call, { metadata })));
    assert.deepEqual(await latest(), calls.toReversed());
    const forwards: string[] = [];
    let at = 0;
    for await (const { text, nextAt } of archive.lines('2026-11-29', 0)) {
      forwards.push(JSON.parse(text).call);
      assert.ok(nextAt > at);
      at = nextAt;
    }
    assert.deepEqual(forwards, calls);
    for await (const line of archive.lines('2026-11-29', at)) {
      assert.fail(`nothing comes behind the last line, and ${line.text} did`);
    }
  });

  it('goes on behind any of them, though that is removed meanwhile, others come, and one is there twice', async (t) => {
    const parts = [detailOf('2', { resumed: 0 }), detailOf('2', { resumed: 1 })];
    const { archive } = await open(t, detailOf('0', yesterday), detailOf('1'), ...parts, detailOf('3'));
    const some = async (count: number, after?: string) => {
      const calls: string[] = [];
      let next = '';
      for await (const { detail, place } of archive.latest({}, after)) {
        if (calls.length === count) {
          break;
        }
        calls.push(`${detail.call} ${detail.resumed ?? ''}`.trim());
        next = place;
      }
      return { calls, next };
    };
    const first = await some(2);
    assert.deepEqual(first.calls, ['3', '2 1']);
    await archive.add(detailOf('4'));
    await archive.remove(detailOf('3'));
    const second = await some(2, first.next);
    assert.deepEqual(second.calls, ['2 0', '1']);
    await archive.remove(detailOf('1'));
    assert.deepEqual((await some(2, second.next)).calls, ['0']);
  });

  it('leaves no byte of a call that is removed, and no other line moves', async (t) => {
    const { archive, file, latest } = await open(
      t,
      detailOf('1'),
      detailOf('secret', { linkedid: 'caller-9' }),
      detailOf('3'),
    );
    const before = await file('2026-11-29');
    assert.equal(await archive.remove(detailOf('secret')), 1);
    const after = await file('2026-11-29');
    assert.doesNotMatch(after, /secret|caller-9/);
    assert.equal(after.length, before.length);
    assert.equal(after.indexOf('"call":"3"'), before.indexOf('"call":"3"'));
    assert.deepEqual(await latest(), ['3', '1']);
    assert.equal(await archive.remove(detailOf('secret')), 0);
  });

  it('leaves nothing of a call whose parts ended on different days', async (t) => {
    const part = { ...yesterday, end: { reason: 'handed-over' } };
    const { archive, file, latest } = await open(
      t,
      detailOf('0', yesterday),
      detailOf('1', part),
      detailOf('1', { startedAt: yesterday.startedAt, resumed: 1 }),
      detailOf('2'),
    );
    const last = await archive.find('1');
    assert.ok(last !== undefined);
    assert.equal(await archive.remove(last), 2);
    assert.equal(await archive.find('1'), undefined);
    assert.deepEqual(await latest(), ['2', '0']);
    assert.doesNotMatch(await file('2026-11-28'), /own-1/);
  });

  it('removes days that are over for long enough', async (t) => {
    const { archive, directory } = await open(t, detailOf('1', yesterday), detailOf('2'));
    const { days, bytes } = await archive.removeBefore('2026-11-29');
    assert.equal(days, 1);
    assert.ok(bytes > 500);
    assert.deepEqual(await readdir(directory), ['calls-2026-11-29.jsonl']);
  });
});
