/**
 * The connection to PostgreSQL. What goes wrong there is told by the code that PostgreSQL or the system has for it: its
 * sentences may repeat what was to be stored.
 */

import pg from 'pg';
import { AppError, codeOf } from '../../../base/errors.ts';
import { Secret } from '../../../base/secret.ts';

/** How long a connection, and each statement, may take, in ms. */
const CONNECT_LIMIT_MS = 5_000;
const STATEMENT_LIMIT_MS = 30_000;
const IDLE_LIMIT_MS = 60_000;
const MOST_CONNECTIONS = 2;
/** Classes of PostgreSQL's codes that say that what was to be stored is at fault: data and constraints. */
const OF_DATA = /^2[23]/;
const CODE = /^[0-9A-Z]{5}$/;

export class DatabaseLink {
  readonly #pool: pg.Pool;
  /** Connections that something runs on. */
  readonly #lent = new Set<pg.PoolClient>();
  #closing: Promise<void> | undefined;

  /** Connects when there is something to do. @param url with user and password. */
  constructor(url: Secret) {
    this.#pool = new pg.Pool({
      connectionString: url.reveal(),
      max: MOST_CONNECTIONS,
      connectionTimeoutMillis: CONNECT_LIMIT_MS,
      query_timeout: STATEMENT_LIMIT_MS,
      idleTimeoutMillis: IDLE_LIMIT_MS,
      application_name: 'dragoman',
    });
    // A connection that is lost while nobody uses it; whoever needs one next gets another.
    this.#pool.on('error', () => {});
    // One that is lost while it is lent, which the pool does not listen to: what runs on it fails, and says so.
    this.#pool.on('connect', (client) => client.on('error', () => {}));
    this.#pool.on('acquire', (client) => {
      this.#lent.add(client);
      if (this.#closing !== undefined) {
        breakOff(client);
      }
    });
    this.#pool.on('release', (_error, client) => this.#lent.delete(client));
  }

  /** @returns how many rows there were. @throws DatabaseError */
  async run(statement: string, values: readonly unknown[] = []): Promise<number> {
    try {
      const { rowCount } = await this.#pool.query(statement, [...values]);
      return rowCount ?? 0;
    } catch (error) {
      throw new DatabaseError(error);
    }
  }

  /** Runs statements one after the other on one connection, all or, where they begin a transaction, none of them. */
  async runAll(statements: readonly string[]): Promise<void> {
    let client: pg.PoolClient | undefined;
    try {
      client = await this.#pool.connect();
      for (const statement of statements) {
        await client.query(statement);
      }
      client.release();
    } catch (error) {
      client?.release(true);
      throw new DatabaseError(error);
    }
  }

  /** What runs is broken off, and fails; a connection that is being made has its limit. Idempotent. */
  close(): Promise<void> {
    this.#closing ??= this.#pool.end();
    for (const client of this.#lent) {
      breakOff(client);
    }
    return this.#closing;
  }
}

/** A client that is to end in the midst of a statement closes its connection at once. */
function breakOff(client: pg.PoolClient): void {
  // What it says then, whoever runs the statement is told.
  client.end().catch(() => {});
}

export class DatabaseError extends Error {
  /** PostgreSQL's, the system's, or `timeout`. */
  readonly reason: string;
  /** Whether what was to be stored cannot be, however often it is tried. */
  readonly ofData: boolean;

  constructor(thrown: unknown) {
    const code = codeOf(thrown);
    const reason = code === 'unknown' ? 'timeout' : code;
    super(`the database of records refuses (${reason})`);
    this.reason = reason;
    this.ofData = CODE.test(code) && OF_DATA.test(code);
  }
}

/** @throws AppError `bad-option`; it quotes nothing, since a password is in it. */
export function parseDatabaseUrl(text: string): Secret {
  if (!URL.canParse(text) || !/^postgres(ql)?:$/.test(new URL(text).protocol)) {
    throw new AppError(
      'bad-option',
      'this is no address of PostgreSQL: write postgres://user:password@host:5432/database, or without a password ' +
        'postgres:///database?host=/run/postgresql',
    );
  }
  return new Secret(text);
}
