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

/** A file that has them is only read when it is opened: that waits for no other process, and takes no room on the disk. */
const TABLES = `
  BEGIN IMMEDIATE;
  CREATE TABLE IF NOT EXISTS voice_profiles (
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
  PRAGMA user_version = ${SCHEMA_VERSION};
  COMMIT;`;

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
const EMPTIED = z.object({ busy: z.number() });
const SCHEMA = z.object({ user_version: z.number() });

/** Loads the package, which is native and not in every installation. @throws what loading it throws. */
export function loadLibsql(): Open {
  return createRequire(import.meta.url)('libsql') as Open;
}

/** What came of a change. */
interface Done {
  readonly changed: boolean;
  /** Whether a profile, or a file of one, is no more. */
  readonly forgot: boolean;
}

const NOTHING: Done = { changed: false, forgot: false };

export class SqliteTable {
  readonly #database: Database;
  readonly #find: Statement;
  readonly #list: Statement;
  readonly #insert: Statement;
  readonly #update: Statement;
  readonly #removal: Statement;
  readonly #readFile: Statement;
  readonly #writeFile: Statement;
  readonly #keepFiles: Statement;
  /** Whether the log holds something that was deleted: it is tried with each request until it is empty. */
  #owesEmptying = false;

  /** Makes the file where there is none. @throws Error of the package: no such folder, no database, a later one. */
  constructor(open: Open, path: string) {
    const database = new open(path, { timeout: BUSY_LIMIT_MS });
    this.#database = database;
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON');
    const { user_version: version } = SCHEMA.parse(database.prepare('PRAGMA user_version').all()[0]);
    if (version > SCHEMA_VERSION) {
      throw new Error(`it is of a later dragoman (${version} instead of ${SCHEMA_VERSION})`);
    }
    if (version < SCHEMA_VERSION) {
      database.exec(TABLES);
    }
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
    this.#removal = database.prepare('DELETE FROM voice_profiles WHERE speaker = ? AND version = ?');
    this.#readFile = database.prepare('SELECT bytes FROM voice_files WHERE speaker = ? AND name = ?');
    this.#writeFile = database.prepare('INSERT INTO voice_files (speaker, name, bytes) VALUES (?, ?, ?)');
    this.#keepFiles = database.prepare(
      'DELETE FROM voice_files WHERE speaker = ? AND name NOT IN (SELECT value FROM json_each(?))',
    );
  }

  answer(request: StoreRequest): StoreAnswer {
    const answer = this.#answer(request);
    if (this.#owesEmptying) {
      this.#emptyLog();
    }
    return answer;
  }

  #answer(request: StoreRequest): StoreAnswer {
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
        return { type: 'changed', changed: this.#forgetting(() => this.#write(request)) };
      case 'remove':
        return { type: 'changed', changed: this.#forgetting(() => this.#remove(request)) };
    }
  }

  close(): void {
    this.#database.close();
  }

  #write({ profile, before, files }: Extract<StoreRequest, { readonly type: 'write' }>): Done {
    const { speaker, version, facts, identity, style } = profile;
    const vectors = [identity ?? null, style ?? null];
    const { changes } =
      before === undefined
        ? this.#insert.run(speaker, version, facts, ...vectors)
        : this.#update.run(version, facts, ...vectors, speaker, before);
    if (changes === 0) {
      return NOTHING;
    }
    for (const { name, bytes } of files) {
      this.#writeFile.run(speaker, name, bytes);
    }
    const { changes: gone } = this.#keepFiles.run(speaker, JSON.stringify(profile.files));
    return { changed: true, forgot: gone > 0 };
  }

  #remove({ speaker, before }: Extract<StoreRequest, { readonly type: 'remove' }>): Done {
    if (this.#removal.run(speaker, before).changes === 0) {
      return NOTHING;
    }
    this.#keepFiles.run(speaker, '[]');
    return { changed: true, forgot: true };
  }

  /**
   * All of `work` is done, or nothing. Of what it forgets nothing is to be found on the disk afterwards: deleted pages are
   * overwritten, and the log is emptied.
   */
  #forgetting(work: () => Done): boolean {
    const { changed, forgot } = this.#whole(work);
    this.#owesEmptying ||= forgot;
    return changed;
  }

  /**
   * Does it if nobody else reads what is in the log, such as a backup. Waits for nobody, since look-ups would wait with it,
   * and fails nobody: what was asked for is done, and a disk that is full now has room at a later request.
   */
  #emptyLog(): void {
    const database = this.#database;
    database.exec('PRAGMA busy_timeout = 0');
    try {
      const [emptied] = database.prepare('PRAGMA wal_checkpoint(TRUNCATE)').all();
      this.#owesEmptying = EMPTIED.parse(emptied).busy !== 0;
    } catch {
      // It is owed still.
    } finally {
      database.exec(`PRAGMA busy_timeout = ${BUSY_LIMIT_MS}`);
    }
  }

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
