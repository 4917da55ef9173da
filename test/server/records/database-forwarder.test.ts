/** The end of what brings records into a database that stands still, and what the next start makes of it. */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { silentLog } from '../../../src/base/log.ts';
import {
  DatabaseForwarder,
  type ForwarderDeps,
} from '../../../src/server/records/database/database-forwarder.ts';
import { DatabaseError } from '../../../src/server/records/database/database-link.ts';
import { RecordArchive, type RecordFiles } from '../../../src/server/records/record-archive.ts';
import { FakeClock } from '../../base/fake-clock.ts';
import { detailOf } from './details.ts';

const DAY_FILE = '/records/calls-2026-11-29.jsonl';
const PLACE_FILE = '/records/database-place.json';

/** A disk with the records of these calls on it. */
function disk(...calls: readonly string[]) {
  const texts = new Map([[DAY_FILE, calls.map((call) => `${JSON.stringify(detailOf(call))}\n`).join('')]]);
  const bytesOf = (path: string): Buffer => Buffer.from(texts.get(path) ?? '');
  const files: RecordFiles = {
    appendLine: () => assert.fail('nothing is added'),
    read: async (path, from, mostBytes) => bytesOf(path).subarray(from, from + mostBytes),
    ask: async (order) => {
      if (order.type === 'text') {
        texts.set(order.path, order.text);
      }
      const names = order.type === 'list' ? ['calls-2026-11-29.jsonl'] : [];
      return { count: 0, bytes: order.type === 'read' ? bytesOf(order.path).length : 0, names };
    },
  };
  return { files, hasPlace: () => texts.has(PLACE_FILE) };
}

/** A database that does what `insert` says with the records it is given. */
class ScriptedDatabase {
  readonly #insert: (calls: readonly string[]) => Promise<void>;
  readonly given: (readonly string[])[] = [];
  closed = false;
  #breakOff = (_error: Error): void => {};

  constructor(insert: (calls: readonly string[]) => Promise<void>) {
    this.#insert = insert;
  }

  async runAll(): Promise<void> {}

  async run(_statement: string, [lines]: readonly unknown[] = []): Promise<number> {
    const calls = [...String(lines).matchAll(/"call":"([^"]+)"/g)].map(([, call = '']) => call);
    this.given.push(calls);
    const broken = new Promise<never>((_resolve, reject) => {
      this.#breakOff = reject;
    });
    await Promise.race([this.#insert(calls), broken]);
    return calls.length;
  }

  async close(): Promise<void> {
    this.closed = true;
    this.#breakOff(new DatabaseError(new Error('broken off')));
  }
}

function forward(files: RecordFiles, database: ForwarderDeps['database']) {
  const clock = new FakeClock();
  const archive = new RecordArchive(files, '/records');
  return { clock, forwarder: DatabaseForwarder.open({ archive, files, database, clock, log: silentLog }) };
}

async function assertBroughtOver(files: RecordFiles, ...calls: readonly string[]): Promise<void> {
  const next = new ScriptedDatabase(async () => {});
  const { clock, forwarder } = forward(files, next);
  await clock.settle();
  assert.deepEqual(next.given, [calls]);
  await forwarder.close();
}

describe('the end of what brings records into a database', () => {
  it('breaks a statement off that takes for long, whose records are brought over at the next start', async () => {
    const { files, hasPlace } = disk('1', '2');
    const still = new ScriptedDatabase(() => new Promise(() => {}));
    const { clock, forwarder } = forward(files, still);
    await clock.settle();
    assert.deepEqual(still.given, [['1', '2']]);
    const closing = forwarder.close();
    await clock.advance(2_999);
    assert.equal(still.closed, false);
    await clock.advance(1);
    assert.equal(still.closed, true);
    await closing;
    assert.equal(clock.pendingTimers, 0);
    assert.equal(hasPlace(), false);
    await assertBroughtOver(files, '1', '2');
  });

  it('lets a statement end that does so soon', async () => {
    const { files, hasPlace } = disk('1', '2');
    let stored = (): void => {};
    const slow = new ScriptedDatabase(() => new Promise((resolve) => (stored = resolve)));
    const { clock, forwarder } = forward(files, slow);
    await clock.settle();
    const closing = forwarder.close();
    await clock.advance(2_000);
    stored();
    await closing;
    assert.equal(hasPlace(), true);
    assert.equal(clock.pendingTimers, 0);
  });

  it('tries no more of them one by one, which the next start does', async () => {
    const { files, hasPlace } = disk('1', '2', '3');
    let stored = (): void => {};
    const picky = new ScriptedDatabase(async (calls) => {
      if (calls.length > 1) {
        throw new DatabaseError(Object.assign(new Error('one of them is wrong'), { code: '22P05' }));
      }
      await new Promise<void>((resolve) => (stored = resolve));
    });
    const { clock, forwarder } = forward(files, picky);
    await clock.settle();
    const one = [['1', '2', '3'], ['1']];
    assert.deepEqual(picky.given, one);
    const closing = forwarder.close();
    stored();
    await closing;
    assert.deepEqual(picky.given, one);
    assert.equal(hasPlace(), false);
    await assertBroughtOver(files, '1', '2', '3');
  });
});
