/**
 * Profiles in PostgreSQL, for several servers that share them. Its package is loaded when there is such a store, and all
 * of it is waiting for a network: nothing blocks. What the server says of itself in its errors is kept, since it holds
 * no password and names nobody.
 */

import type { Pool, PoolClient, QueryResult } from 'pg';
import { z } from 'zod';
import { AppError, messageOf } from '../../base/errors.ts';
import type { Secret } from '../../base/secret.ts';
import type { FoundProfile, ProfileFile, StoredProfile } from '../profile.ts';
import { MOST_UNDER_WAY, type ProfileStore } from './profile-store.ts';

/** More connections would not answer sooner: each look-up is one row by its key. */
const MOST_CONNECTIONS = 4;
/** How long a connection may take, and a statement, in ms. */
const CONNECT_LIMIT_MS = 5_000;
const STATEMENT_LIMIT_MS = 5_000;
/** Any number that no other program locks by: it is spelled "voice". */
const SCHEMA_LOCK = 0x766f6963;

const TABLES = `
  CREATE TABLE IF NOT EXISTS voice_profiles (
    speaker text COLLATE "C" PRIMARY KEY,
    version integer NOT NULL,
    facts text NOT NULL,
    identity bytea,
    style bytea
  );
  CREATE TABLE IF NOT EXISTS voice_files (
    speaker text COLLATE "C" NOT NULL REFERENCES voice_profiles ON DELETE CASCADE,
    name text NOT NULL,
    bytes bytea NOT NULL,
    PRIMARY KEY (speaker, name)
  );`;

const ROW = z.object({
  speaker: z.string(),
  version: z.number(),
  facts: z.string(),
  identity: z.instanceof(Uint8Array).nullable(),
  style: z.instanceof(Uint8Array).nullable(),
});
const FILE_ROW = z.object({ bytes: z.instanceof(Uint8Array) });

export interface PostgresStoreOptions {
  /** `postgresql://user:password@host/database`. */
  readonly url: Secret;
}

export class PostgresStore implements ProfileStore {
  readonly name: string;
  readonly counts = {};
  readonly #url: Secret;
  #pool: Promise<Pool> | undefined;
  #underWay = 0;
  #closed = false;

  constructor({ url }: PostgresStoreOptions) {
    const { hostname, pathname } = new URL(url.reveal());
    this.name = `postgresql ${hostname}${pathname}`;
    this.#url = url;
  }

  async ready(): Promise<void> {
    await this.#run(new AbortController().signal, async () => {});
  }

  find(speaker: string, signal: AbortSignal): Promise<FoundProfile | undefined> {
    return this.#run(signal, async (pool) => {
      const { rows } = await pool.query('SELECT * FROM voice_profiles WHERE speaker = $1', [speaker]);
      return rows.map(profileIn)[0];
    });
  }

  list(after: string, most: number, signal: AbortSignal): Promise<readonly FoundProfile[]> {
    return this.#run(signal, async (pool) => {
      const page = 'SELECT * FROM voice_profiles WHERE speaker > $1 ORDER BY speaker LIMIT $2';
      return (await pool.query(page, [after, most])).rows.map(profileIn);
    });
  }

  readFile(speaker: string, name: string, signal: AbortSignal): Promise<Uint8Array | undefined> {
    return this.#run(signal, async (pool) => {
      const file = 'SELECT bytes FROM voice_files WHERE speaker = $1 AND name = $2';
      const [row] = (await pool.query(file, [speaker, name])).rows;
      return row === undefined ? undefined : FILE_ROW.parse(row).bytes;
    });
  }

  write(
    profile: StoredProfile,
    before: number | undefined,
    files: readonly ProfileFile[],
    signal: AbortSignal,
  ): Promise<boolean> {
    return this.#run(signal, (pool) => whole(pool, (client) => write(client, profile, before, files)));
  }

  remove(speaker: string, before: number, signal: AbortSignal): Promise<boolean> {
    return this.#run(signal, async (pool) => {
      const removal = 'DELETE FROM voice_profiles WHERE speaker = $1 AND version = $2';
      return changed(await pool.query(removal, [speaker, before]));
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    const pool = await this.#pool?.catch(() => undefined);
    this.#pool = undefined;
    await pool?.end();
  }

  /** What is given up goes on in the background to its end, which its statement's limit brings. */
  async #run<Result>(signal: AbortSignal, work: (pool: Pool) => Promise<Result>): Promise<Result> {
    signal.throwIfAborted();
    if (this.#closed) {
      throw this.#failed('it is closed');
    }
    if (this.#underWay >= MOST_UNDER_WAY) {
      throw this.#failed('too much is asked of it at once');
    }
    this.#underWay += 1;
    let abandon = (): void => {};
    const abandoned = new Promise<never>((_resolve, reject) => {
      abandon = () => reject(signal.reason);
    });
    signal.addEventListener('abort', abandon, { once: true });
    const done = this.#opened()
      .then(work)
      .catch((error: unknown) => {
        throw this.#failed(messageOf(error), error);
      })
      .finally(() => {
        this.#underWay -= 1;
      });
    try {
      return await Promise.race([done, abandoned]);
    } finally {
      signal.removeEventListener('abort', abandon);
      // Who has given up does not hear how it ended.
      done.catch(() => {});
    }
  }

  #opened(): Promise<Pool> {
    this.#pool ??= this.#open().catch((error: unknown) => {
      this.#pool = undefined;
      throw error;
    });
    return this.#pool;
  }

  async #open(): Promise<Pool> {
    const { Pool } = (await import('pg')).default;
    const pool = new Pool({
      connectionString: this.#url.reveal(),
      max: MOST_CONNECTIONS,
      connectionTimeoutMillis: CONNECT_LIMIT_MS,
      statement_timeout: STATEMENT_LIMIT_MS,
      query_timeout: STATEMENT_LIMIT_MS,
      application_name: 'dragoman',
      keepAlive: true,
    });
    // One that breaks while nobody uses it: whoever needs one next opens another.
    pool.on('error', () => {});
    // One that breaks while it is lent, which the pool does not listen to: what runs on it fails, and says so.
    pool.on('connect', (client) => client.on('error', () => {}));
    try {
      await whole(pool, makeTables);
      return pool;
    } catch (error) {
      await pool.end();
      throw error;
    }
  }

  #failed(why: string, cause?: unknown): AppError {
    return new AppError('store-failed', `${this.name}: ${why}`, cause);
  }
}

/** Where they are there already no right to make any is needed. */
async function makeTables(client: PoolClient): Promise<void> {
  const { rows } = await client.query("SELECT to_regclass('voice_files') IS NOT NULL AS there");
  if (rows[0]?.there !== true) {
    // Two servers that begin at once would make them twice.
    await client.query('SELECT pg_advisory_xact_lock($1)', [SCHEMA_LOCK]);
    await client.query(TABLES);
  }
}

async function write(
  client: PoolClient,
  { speaker, version, facts, identity, style, files: names }: StoredProfile,
  before: number | undefined,
  files: readonly ProfileFile[],
): Promise<boolean> {
  const values = [speaker, version, facts, blob(identity), blob(style)];
  const written =
    before === undefined
      ? await client.query(
          'INSERT INTO voice_profiles VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING',
          values,
        )
      : await client.query(
          `UPDATE voice_profiles SET version = $2, facts = $3, identity = $4, style = $5
           WHERE speaker = $1 AND version = $6`,
          [...values, before],
        );
  if (!changed(written)) {
    return false;
  }
  for (const { name, bytes } of files) {
    await client.query('INSERT INTO voice_files VALUES ($1, $2, $3)', [speaker, name, blob(bytes)]);
  }
  await client.query('DELETE FROM voice_files WHERE speaker = $1 AND name <> ALL($2)', [speaker, names]);
  return true;
}

/** All of `work` is done, or nothing. */
async function whole<Result>(pool: Pool, work: (client: PoolClient) => Promise<Result>): Promise<Result> {
  const client = await pool.connect();
  let broken = true;
  try {
    await client.query('BEGIN');
    const result = await work(client);
    await client.query('COMMIT');
    broken = false;
    return result;
  } finally {
    // A connection in the midst of something is no use to the next.
    client.release(broken);
  }
}

function changed({ rowCount }: QueryResult): boolean {
  return (rowCount ?? 0) > 0;
}

function blob(bytes: Uint8Array | undefined): Buffer | null {
  return bytes === undefined ? null : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function profileIn(row: unknown): FoundProfile {
  const { identity, style, ...rest } = ROW.parse(row);
  return { ...rest, identity: identity ?? undefined, style: style ?? undefined };
}
