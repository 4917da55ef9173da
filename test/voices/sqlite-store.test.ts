import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { type Clock, systemClock } from '../../src/base/clock.ts';
import { profileOf, storedOf } from '../../src/voices/profile.ts';
import { SqliteStore } from '../../src/voices/store/sqlite-store.ts';
import { loadLibsql, SqliteTable } from '../../src/voices/store/sqlite-table.ts';
import { FakeClock } from '../base/fake-clock.ts';
import { endsWithUs, firstOf } from '../support/processes.ts';
import { eventually, never } from '../support/waiting.ts';
import { someProfile } from './some-profile.ts';
import { itKeepsProfiles } from './store-contract.ts';

const LIMIT_MS = 30_000;
const WRITING = fileURLToPath(new URL('./writing-program.js', import.meta.url));

const folder = await mkdtemp(join(tmpdir(), 'dragoman-voices-'));
const opened: SqliteStore[] = [];
let files = 0;

after(async () => {
  await Promise.all(opened.map((store) => store.close()));
  await rm(folder, { recursive: true });
});

function freshPath(): string {
  files += 1;
  return join(folder, `${files}.db`);
}

async function open(path: string, clock: Clock = systemClock): Promise<SqliteStore> {
  const store = new SqliteStore({ path, clock, answerLimitMs: LIMIT_MS });
  opened.push(store);
  await store.ready();
  return store;
}

describe('a store in SQLite', () => {
  itKeepsProfiles(() => open(freshPath()));

  it('is a file for its owner alone', async () => {
    const path = freshPath();
    await open(path);
    const names = (await readdir(folder)).filter((name) => join(folder, name).startsWith(path));
    assert.ok(names.length > 0);
    for (const name of names) {
      assert.equal((await stat(join(folder, name))).mode & 0o077, 0, name);
    }
  });

  it('leaves nothing of a profile on the disk that was removed', async () => {
    const path = freshPath();
    const store = await open(path);
    const mark = Buffer.from('the voice of somebody who left. '.repeat(20_000));
    const leaving = { ...storedOf(someProfile({ name: 'Somebody Who Left' })), files: ['sound'] };
    await store.write(leaving, undefined, [{ name: 'sound', bytes: mark }], never());
    const onDisk = async (text: string): Promise<boolean> => {
      const names = (await readdir(folder)).filter((name) => join(folder, name).startsWith(path));
      const contents = await Promise.all(names.map((name) => readFile(join(folder, name))));
      return contents.some((content) => content.includes(text));
    };
    assert.deepEqual([await onDisk('somebody who left.'), await onDisk('Somebody Who Left')], [true, true]);
    await store.write({ ...leaving, version: 2, files: [] }, 1, [], never());
    assert.deepEqual(
      [await onDisk('somebody who left.'), await onDisk('Somebody Who Left')],
      [false, true],
      'a recording that is not kept any more is gone by itself',
    );
    await store.write({ ...leaving, version: 3 }, 2, [{ name: 'sound', bytes: mark }], never());
    await store.remove('ana', 3, never());
    assert.deepEqual([await onDisk('somebody who left.'), await onDisk('Somebody Who Left')], [false, false]);
  });

  it('leaves nothing of a profile on the disk either when a backup was being made while it was removed', async () => {
    const path = freshPath();
    const store = await open(path);
    await store.write(storedOf(someProfile({ name: 'Somebody Who Left' })), undefined, [], never());
    const backup = new (loadLibsql())(path, { timeout: LIMIT_MS });
    backup.exec('BEGIN');
    assert.equal(backup.prepare('SELECT * FROM voice_profiles').all().length, 1);
    assert.equal(await store.remove('ana', 1, never()), true);
    const log = () => readFile(`${path}-wal`, 'latin1');
    assert.match(await log(), /Somebody Who Left/);
    backup.exec('COMMIT');
    backup.close();
    assert.equal(await store.find('ana', never()), undefined);
    assert.equal(await log(), '');
  });

  it('says why it kept nothing where the whole change was given up, as on a full disk', async () => {
    const path = freshPath();
    const store = await open(path);
    const database = new (loadLibsql())(path, { timeout: LIMIT_MS });
    database.exec(`CREATE TRIGGER full BEFORE INSERT ON voice_profiles
      BEGIN SELECT RAISE(ROLLBACK, 'database or disk is full'); END`);
    await assert.rejects(store.write(storedOf(someProfile()), undefined, [], never()), {
      code: 'store-failed',
      message: /database or disk is full/,
    });
    database.exec('DROP TRIGGER full');
    database.close();
    assert.equal(await store.write(storedOf(someProfile()), undefined, [], never()), true);
  });

  it('answers who asks while its log cannot be emptied for a full disk, and empties it when there is room', async () => {
    const path = freshPath();
    let isFull = true;
    class FullDisk extends loadLibsql() {
      override prepare(sql: string) {
        if (isFull && sql.includes('wal_checkpoint')) {
          throw new Error('database or disk is full');
        }
        return super.prepare(sql);
      }
    }
    const table = new SqliteTable(FullDisk, path);
    const profile = { ...storedOf(someProfile({ name: 'Somebody Who Left' })), files: [] };
    const write = { type: 'write', profile, before: undefined, files: [] } as const;
    assert.deepEqual(table.answer(write), { type: 'changed', changed: true });
    const removed = table.answer({ type: 'remove', speaker: 'ana', before: 1 });
    assert.deepEqual(removed, { type: 'changed', changed: true });
    const find = { type: 'find', speaker: 'ana' } as const;
    assert.deepEqual(table.answer(find), { type: 'found', profiles: [] });
    const log = () => readFile(`${path}-wal`, 'latin1');
    assert.match(await log(), /Somebody Who Left/);
    isFull = false;
    assert.deepEqual(table.answer(find), { type: 'found', profiles: [] });
    assert.equal(await log(), '');
    table.close();
  });

  it('is opened, and read, while another process writes all the time', async () => {
    const path = freshPath();
    const first = await open(path);
    await first.write(storedOf(someProfile()), undefined, [], never());
    await first.close();
    const database = new (loadLibsql())(path, { timeout: LIMIT_MS });
    database.exec('BEGIN IMMEDIATE');
    assert.equal((await (await open(path)).find('ana', never()))?.version, 1);
    database.exec('ROLLBACK');
    database.close();
  });

  it('says what to do when the file cannot be one', async () => {
    const noFolder = join(folder, 'none', 'x.db');
    await assert.rejects(open(noFolder), {
      code: 'store-failed',
      message: /in a folder that dragoman may write/,
    });
    const text = freshPath();
    await writeFile(text, 'a text, and a long one at that, but no database\n'.repeat(100));
    await assert.rejects(open(text), { code: 'store-failed' });
  });

  it('holds what it confirmed when its process is killed, and opens another', async () => {
    const store = await open(freshPath());
    const confirmed: string[] = [];
    const writes = Array.from({ length: 40 }, async (_, count) => {
      const speaker = `s${count}`;
      const written = await store.write(storedOf(someProfile({ speaker })), undefined, [], never());
      confirmed.push(...(written ? [speaker] : []));
    });
    await Promise.race(writes);
    process.kill(firstOf('process of the store', [store.pid]), 'SIGKILL');
    await Promise.allSettled(writes);
    assert.ok(confirmed.length > 0);
    for (const speaker of confirmed) {
      const found = await eventually('the store is back', LIMIT_MS, () =>
        store.find(speaker, never()).catch(() => undefined),
      );
      assert.deepEqual(profileOf(found), someProfile({ speaker }));
    }
    assert.equal(store.counts.voiceStoreStarts, 2);
  });

  it('holds what it confirmed when whoever writes is killed, and is not locked', async () => {
    const path = freshPath();
    const writer = spawn(process.execPath, [WRITING, path], { stdio: ['ignore', 'pipe', 'inherit'] });
    endsWithUs(writer);
    const told: string[] = [];
    const lines = createInterface({ input: writer.stdout });
    lines.on('line', (line) => {
      told.push(line);
      if (told.length === 20) {
        writer.kill('SIGKILL');
      }
    });
    await Promise.all([once(writer, 'exit'), once(lines, 'close')]);
    const store = await open(path);
    const held = (await store.list('', 10_000, never())).map(({ speaker }) => speaker);
    assert.ok(told.length >= 20);
    assert.deepEqual(
      told.filter((speaker) => !held.includes(speaker)),
      [],
    );
    assert.equal(await store.write(storedOf(someProfile()), undefined, [], never()), true);
  });

  it('kills a process that hangs, and fails those who asked it', async () => {
    const clock = new FakeClock();
    const store = await open(freshPath(), clock);
    const pid = firstOf('process of the store', [store.pid]);
    process.kill(pid, 'SIGSTOP');
    const refused = assert.rejects(store.find('ana', never()), { code: 'store-failed' });
    await clock.advance(LIMIT_MS);
    await refused;
    // For the next one time stands still, however long it takes.
    assert.equal(await store.find('ana', never()), undefined);
    assert.notEqual(store.pid, pid);
    await eventually('the one that hung is gone', LIMIT_MS, () => !existsSync(`/proc/${pid}`));
  });
});
