/** Records on their way into a real PostgreSQL, which is stopped, started, and given them twice. */

import assert from 'node:assert/strict';
import { appendFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it, type TestContext } from 'node:test';
import pg from 'pg';
import { type Clock, systemClock } from '../../../src/base/clock.ts';
import { silentLog } from '../../../src/base/log.ts';
import { Secret } from '../../../src/base/secret.ts';
import type { CallDetail } from '../../../src/call/detail/call-detail.ts';
import { DatabaseForwarder } from '../../../src/server/records/database/database-forwarder.ts';
import {
  DatabaseError,
  DatabaseLink,
  parseDatabaseUrl,
} from '../../../src/server/records/database/database-link.ts';
import { RecordArchive } from '../../../src/server/records/record-archive.ts';
import { FakeClock } from '../../base/fake-clock.ts';
import { CutLine } from '../../support/cut-line.ts';
import { Postgres, withoutPostgres } from '../../support/postgres.ts';
import { eventually, within } from '../../support/waiting.ts';
import { detailOf, startRecorder } from './details.ts';

const LIMIT_MS = 60_000;
const without = withoutPostgres();

describe('records in PostgreSQL', { skip: without ?? false }, () => {
  let postgres: Postgres;
  before(async () => {
    postgres = await Postgres.open();
  });
  after(() => postgres.close());

  async function query(text: string): Promise<readonly unknown[]> {
    const client = new pg.Client(postgres.url);
    await client.connect();
    try {
      return (await client.query({ text, rowMode: 'array' })).rows.flat();
    } finally {
      await client.end();
    }
  }

  /** Each test has the database to itself. */
  async function open(test: TestContext, ...details: readonly CallDetail[]) {
    await query('drop schema public cascade');
    await query('create schema public');
    const { directory, recorder } = await startRecorder(test);
    const archive = new RecordArchive(recorder, directory);
    const add = async (...more: readonly CallDetail[]): Promise<void> => {
      for (const detail of more) {
        await archive.add(detail);
      }
    };
    await add(...details);
    const forwarder = (clock: Clock = systemClock): DatabaseForwarder => {
      const opened = DatabaseForwarder.open({
        ...{ archive, files: recorder, clock, log: silentLog },
        database: new DatabaseLink(new Secret(postgres.url)),
      });
      test.after(() => opened.close());
      return opened;
    };
    return { directory, archive, add, forwarder };
  }

  const has = (...calls: readonly string[]): Promise<true> =>
    eventually(`the database has ${calls.join(', ')}`, LIMIT_MS, async () => {
      try {
        const there = await query('select call from dragoman_calls order by call');
        return JSON.stringify(there) === JSON.stringify(calls);
      } catch {
        return false;
      }
    });

  /** How many records it has brought over, and could not. Tries fail where a busy machine is late, and are made again. */
  const brings = async ({ counts }: DatabaseForwarder, stored: number, unstorable = 0): Promise<void> => {
    const brought = () => [counts.recordsForwarded.get('stored'), counts.recordsForwarded.get('unstorable')];
    // The database has them a moment before it says so.
    await eventually('it is counted', LIMIT_MS, () => (brought()[0] ?? 0) >= stored);
    assert.deepEqual(brought(), [stored, unstorable]);
  };

  it('are waited for without anything being left behind, hour by hour', async (t) => {
    const { forwarder } = await open(t, detailOf('1'));
    const clock = new FakeClock();
    let listeners = 0;
    const { addEventListener, removeEventListener } = AbortSignal.prototype;
    t.mock.method(
      AbortSignal.prototype,
      'addEventListener',
      function (this: AbortSignal, ...given: Parameters<typeof addEventListener>) {
        listeners += given[0] === 'abort' ? 1 : 0;
        return addEventListener.apply(this, given);
      },
    );
    t.mock.method(
      AbortSignal.prototype,
      'removeEventListener',
      function (this: AbortSignal, ...given: Parameters<typeof removeEventListener>) {
        listeners -= given[0] === 'abort' ? 1 : 0;
        return removeEventListener.apply(this, given);
      },
    );
    const waits = () => eventually('it waits', LIMIT_MS, () => clock.pendingTimers === 1);
    forwarder(clock);
    await waits();
    const before = listeners;
    for (let minute = 0; minute < 20; minute += 1) {
      await clock.advance(60_000);
      await waits();
    }
    assert.ok(listeners - before < 5, `${listeners - before} are left of 20 minutes`);
  });

  it('are what was in the files, in columns that can be asked for', async (t) => {
    const cost = { currency: 'EUR', amount: 0.0123, unpriced: [] };
    const { forwarder } = await open(t, detailOf('1', { linkedid: '17.4', cost }), detailOf('2'));
    forwarder();
    await has('1', '2');
    assert.deepEqual(
      await query(
        `select linkedid, duration_s, disposition, languages, reason, cost::text, record->'end'->>'by',
           extract(epoch from ended - answered)::float from dragoman_calls where call = '1'`,
      ),
      ['17.4', 120, 'ANSWERED', ['en', 'es'], 'peer-hangup', '0.0123', 'a', 118.5],
    );
    assert.deepEqual(await query(`select party, end_s from dragoman_legs where call = '2' order by party`), [
      'a',
      120,
      'b',
      120,
    ]);
  });

  it('are all there after the database was away, and once only, whoever brings them again', async (t) => {
    const { add, forwarder, archive } = await open(t, detailOf('1'));
    const first = forwarder();
    await has('1');
    await postgres.stop();
    await add(detailOf('2'), detailOf('3'));
    first.wake();
    await eventually('that it is away is known', LIMIT_MS, () => first.away);
    await postgres.start();
    await has('1', '2', '3');
    await first.close();
    // As after a kill between storing and writing down how far it came.
    await rm(join(archive.directory, 'database-place.json'));
    await add(detailOf('4'));
    const next = forwarder();
    await has('1', '2', '3', '4');
    await brings(next, 4);
  });

  it('come though their day was over when its file got them, before a restart and after it', async (t) => {
    const yesterday = { startedAt: '2026-11-28T23:59:00.000Z', endedAt: '2026-11-28T23:59:59.000Z' };
    const { add, forwarder, archive } = await open(t, detailOf('1', yesterday), detailOf('2'));
    const clock = new FakeClock();
    const first = forwarder(clock);
    await has('1', '2');
    await add(detailOf('3', yesterday));
    await eventually('it is looked for in a minute', LIMIT_MS, () => clock.pendingTimers > 0 || undefined);
    await clock.advance(60_000);
    await has('1', '2', '3');
    await first.close();
    await add(detailOf('4', yesterday), detailOf('5'));
    const next = forwarder();
    await has('1', '2', '3', '4', '5');
    await brings(next, 2);
    // As versions before this one wrote it.
    await next.close();
    await writeFile(join(archive.directory, 'database-place.json'), '{"day":"2026-11-29","at":0}\n');
    await add(detailOf('6'));
    const last = forwarder();
    await has('1', '2', '3', '4', '5', '6');
    await brings(last, 3);
  });

  it('leave the rest alone where a connection is cut in the midst of a transaction', async (t) => {
    const line = await CutLine.open(postgres.port);
    const link = new DatabaseLink(new Secret(postgres.url.replace(`:${postgres.port}/`, `:${line.port}/`)));
    t.after(async () => {
      await link.close();
      line.close();
    });
    const failed = assert.rejects(link.runAll(['begin', 'select pg_sleep(600)']), DatabaseError);
    const asleep = `select pid from pg_stat_activity where query like 'select pg_sleep%'`;
    await eventually('it is under way', LIMIT_MS, async () => (await query(asleep)).length > 0);
    line.cut();
    await failed;
    assert.equal(await link.run('select 1'), 1);
  });

  it('keep nobody waiting for a statement that is under way when the connection is closed', async (t) => {
    // Without what limits each statement otherwise.
    const link = new DatabaseLink(new Secret(`${postgres.url}?query_timeout=86400000`));
    const failed = [
      assert.rejects(link.run('select pg_sleep(500)'), DatabaseError),
      assert.rejects(link.runAll(['begin', 'select pg_sleep(500)']), DatabaseError),
    ];
    const those = `from pg_stat_activity where query like 'select pg_sleep(500)%'`;
    const asleep = `select pid ${those}`;
    t.after(() => query(`select pg_terminate_backend(pid) ${those}`));
    await eventually('two are under way', LIMIT_MS, async () => (await query(asleep)).length > 1);
    await within('the end', LIMIT_MS, link.close());
    await Promise.all(failed);
    await assert.rejects(link.run('select 1'), DatabaseError);
  });

  it('are waited for no more once it is closed, though it was just looking for them', async (t) => {
    const { forwarder } = await open(t);
    const clock = new FakeClock();
    // A wait that nobody ends would last for a minute of this clock, which stands still.
    await forwarder(clock).close();
    assert.equal(clock.pendingTimers, 0);
  });

  it('are removed by days of UTC, in whatever time the database lives', async (t) => {
    const late = { startedAt: '2026-11-28T23:00:00.000Z', endedAt: '2026-11-29T01:00:00.000Z' };
    const { forwarder } = await open(t, detailOf('1'), detailOf('2', late));
    const running = forwarder();
    await has('1', '2');
    await running.close();
    await query(`alter role current_user set timezone = 'America/New_York'`);
    t.after(() => query('alter role current_user reset timezone'));
    assert.equal(await forwarder().removeBefore('2026-11-29', async () => {}), 0);
    assert.equal(await forwarder().removeBefore('2026-11-30', async () => {}), 2);
  });

  it('are not held up by a line that is none, or that no database can take', async (t) => {
    const { directory, add, forwarder } = await open(t, detailOf('1'));
    await appendFile(join(directory, 'calls-2026-11-29.jsonl'), 'not a record\n');
    await add(detailOf('2', { metadata: { note: 'with a \u0000 in it' } }), detailOf('3'));
    const opened = forwarder();
    await has('1', '3');
    await brings(opened, 2, 1);
  });

  it('come of a day whose file was removed while it went on, however much there was of it before', async (t) => {
    const { archive, add, forwarder } = await open(t, detailOf('1'), detailOf('2'));
    const first = forwarder();
    await has('1', '2');
    const remove = async (): Promise<void> => {
      await archive.removeBefore('2026-11-30');
    };
    assert.equal(await first.removeBefore('2026-11-30', remove), 2);
    // More than there was; then less, after somebody else has removed it.
    await add(detailOf('3'), detailOf('4'), detailOf('5'));
    first.wake();
    await has('3', '4', '5');
    await remove();
    await add(detailOf('6'));
    first.wake();
    await has('3', '4', '5', '6');
    // While the database is away nothing is kept for longer, and one that is started then knows of it.
    await first.close();
    await postgres.stop();
    const second = forwarder();
    await assert.rejects(second.removeBefore('2026-11-30', remove));
    await second.close();
    await postgres.start();
    await add(detailOf('7'), detailOf('8'));
    forwarder();
    await has('3', '4', '5', '6', '7', '8');
  });

  it('are one of each part of a call that went on at another node', async (t) => {
    const handedOver = { end: { reason: 'handed-over' } };
    const { forwarder } = await open(t, detailOf('1', handedOver), detailOf('1', { resumed: 1 }));
    const opened = forwarder();
    await has('1', '1');
    assert.deepEqual(await query('select reason, resumed from dragoman_calls order by resumed'), [
      ...['handed-over', 0],
      ...['peer-hangup', 1],
    ]);
    assert.equal(await opened.remove('1', async () => {}), 2);
  });

  it('are removed with their call, and with their day', async (t) => {
    const old = { startedAt: '2026-11-27T23:00:00.000Z', endedAt: '2026-11-27T23:59:30.000Z' };
    const { forwarder } = await open(t, detailOf('0', old), detailOf('1'), detailOf('2'));
    const opened = forwarder();
    await has('0', '1', '2');
    assert.equal(await opened.remove('1', async () => {}), 1);
    assert.equal(await opened.removeBefore('2026-11-28', async () => {}), 1);
    await has('2');
  });
});

describe("the database's address", () => {
  it('is refused without being quoted where it is none', () => {
    assert.throws(
      () => parseDatabaseUrl('mysql://user:hunter2@host/db'),
      (error: Error) => /postgres:\/\//.test(error.message) && !/hunter2/.test(error.message),
    );
    assert.equal(parseDatabaseUrl('postgres:///records?host=/run').reveal(), 'postgres:///records?host=/run');
  });
});
