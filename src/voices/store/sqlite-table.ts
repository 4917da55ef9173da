/**
 * The table of profiles in a file of SQLite. Each call blocks until the disk has it, so this is used in a process of its
 * own and nowhere else. The journal is a write-ahead log: what was written when the process is killed is there, and
 * nothing is locked by who is dead.
 */

import { createRequire } from 'node:module';
import { z } from 'zod';
import type { FoundProfile } from '../profile.ts';
import type { StoreAnswer, StoreRequest } from './sqlite-messages.ts';

/** How long another process that writes is waited for, in ms. */
const BUSY_LIMIT_MS = 2_000;
/** What the file holds; a file of a later dragoman is left alone. */
const SCHEMA_VERSION = 1;

/** Of the package, what is used: it has the calls of better-sqlite3. */
interface Statement {
  run(...values: readonly unknown[]): { readonly changes: number };
  all(...values: readonly unknown[]): readonly unknown[];
}

interface Database {
  exec(sql: string): unknown;
  prepare(sql: string): Statement;
  close(): unknown;
}

type Open = new (path: string, options: { readonly timeout: number }) => Database;

/** The package gives numbers of a row as one or the other. */
const BYTES = z.union([
  z.instanceof(Uint8Array),
  z.instanceof(ArrayBuffer).transform((buffer) => new Uint8Array(buffer)),
]);
const ROW = z.object({
  speaker: z.string(),
  version: z.number(),
  facts: z.string(),
  identity: BYTES.nullable(),
  style: BYTES.nullable(),
});
const FILE_ROW = z.object({ bytes: BYTES });
const SCHEMA = z.object({ user_version: z.number() });

/** Loads the package, which is native and not in every installation. @throws what loading it throws. */
export function loadLibsql(): Open {
  return createRequire(import.meta.url)('libsql') as Open;
}

export class SqliteTable {
  readonly #database: Database;
  readonly #find: Statement;
  readonly #list: Statement;
  readonly #insert: Statement;
  readonly #update: Statement;
  readonly #remove: Statement;
  readonly #readFile: Statement;
  readonly #writeFile: Statement;
  readonly #keepFiles: Statement;

  /** Makes the file where there is none. @throws Error of the package: no such folder, no database, a later one. */
  constructor(open: Open, path: string) {
    const database = new open(path, { timeout: BUSY_LIMIT_MS });
    this.#database = database;
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON');
    const { user_version: version } = SCHEMA.parse(database.prepare('PRAGMA user_version').all()[0]);
    if (version > SCHEMA_VERSION) {
      throw new Error(`it is of a later dragoman (${version} instead of ${SCHEMA_VERSION})`);
    }
    database.exec(
      `CREATE TABLE IF NOT EXISTS voice_profiles (
        speaker TEXT PRIMARY KEY NOT NULL,
        version INTEGER NOT NULL,
        facts TEXT NOT NULL,
        identity BLOB,
        style BLOB
      ) STRICT;
      CREATE TABLE IF NOT EXISTS voice_files (
        speaker TEXT NOT NULL,
        name TEXT NOT NULL,
        bytes BLOB NOT NULL,
        PRIMARY KEY (speaker, name)
      ) STRICT;
      PRAGMA user_version = ${SCHEMA_VERSION};`,
    );
    this.#find = database.prepare('SELECT * FROM voice_profiles WHERE speaker = ?');
    this.#list = database.prepare('SELECT * FROM voice_profiles WHERE speaker > ? ORDER BY speaker LIMIT ?');
    this.#insert = database.prepare(
      `INSERT INTO voice_profiles (speaker, version, facts, identity, style) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT DO NOTHING`,
    );
    this.#update = database.prepare(
      `UPDATE voice_profiles SET version = ?, facts = ?, identity = ?, style = ?
       WHERE speaker = ? AND version = ?`,
    );
    this.#remove = database.prepare('DELETE FROM voice_profiles WHERE speaker = ? AND version = ?');
    this.#readFile = database.prepare('SELECT bytes FROM voice_files WHERE speaker = ? AND name = ?');
    this.#writeFile = database.prepare('INSERT INTO voice_files (speaker, name, bytes) VALUES (?, ?, ?)');
    this.#keepFiles = database.prepare(
      'DELETE FROM voice_files WHERE speaker = ? AND name NOT IN (SELECT value FROM json_each(?))',
    );
  }

  answer(request: StoreRequest): StoreAnswer {
    switch (request.type) {
      case 'find':
        return { type: 'found', profiles: this.#find.all(request.speaker).map(profileIn) };
      case 'list':
        return { type: 'found', profiles: this.#list.all(request.after, request.most).map(profileIn) };
      case 'read-file': {
        const [row] = this.#readFile.all(request.speaker, request.name);
        return { type: 'file', bytes: row === undefined ? undefined : FILE_ROW.parse(row).bytes };
      }
      case 'write':
        return { type: 'changed', changed: this.#whole(() => this.#write(request)) };
      case 'remove':
        return { type: 'changed', changed: this.#removed(request.speaker, request.before) };
    }
  }

  close(): void {
    this.#database.close();
  }

  #write({ profile, before, files }: Extract<StoreRequest, { readonly type: 'write' }>): boolean {
    const { speaker, version, facts, identity, style } = profile;
    const vectors = [identity ?? null, style ?? null];
    const { changes } =
      before === undefined
        ? this.#insert.run(speaker, version, facts, ...vectors)
        : this.#update.run(version, facts, ...vectors, speaker, before);
    if (changes === 0) {
      return false;
    }
    for (const { name, bytes } of files) {
      this.#writeFile.run(speaker, name, bytes);
    }
    this.#keepFiles.run(speaker, JSON.stringify(profile.files));
    return true;
  }

  /** Nothing of it is to be found on the disk afterwards: deleted pages are overwritten, and the log is emptied. */
  #removed(speaker: string, before: number): boolean {
    const removed = this.#whole(() => {
      const { changes } = this.#remove.run(speaker, before);
      if (changes > 0) {
        this.#keepFiles.run(speaker, '[]');
      }
      return changes > 0;
    });
    if (removed) {
      this.#database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
    }
    return removed;
  }

  /** All of `work` is done, or nothing. */
  #whole<Result>(work: () => Result): Result {
    this.#database.exec('BEGIN IMMEDIATE');
    try {
      const result = work();
      this.#database.exec('COMMIT');
      return result;
    } catch (error) {
      this.#rollBack();
      throw error;
    }
  }

  #rollBack(): void {
    try {
      this.#database.exec('ROLLBACK');
    } catch {
      // SQLite has done so by itself, as where a disk is full: why is what is to be told.
    }
  }
}

function profileIn(row: unknown): FoundProfile {
  const { identity, style, ...rest } = ROW.parse(row);
  return { ...rest, identity: identity ?? undefined, style: style ?? undefined };
}
