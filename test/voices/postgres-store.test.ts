import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import pg from 'pg';
import { Secret } from '../../src/base/secret.ts';
import { storedOf } from '../../src/voices/profile.ts';
import { PostgresStore } from '../../src/voices/store/postgres-store.ts';
import { CutLine } from '../support/cut-line.ts';
import { freePort } from '../support/ports.ts';
import { Postgres, withoutPostgres } from '../support/postgres.ts';
import { eventually, never } from '../support/waiting.ts';
import { someProfile } from './some-profile.ts';
import { itKeepsProfiles } from './store-contract.ts';

const LIMIT_MS = 60_000;
const PASSWORD = 'word-of-the-database';

describe('a store in PostgreSQL', { skip: withoutPostgres() ?? false }, () => {
  let server: Postgres;
  const opened: PostgresStore[] = [];
  const open = async (): Promise<PostgresStore> => {
    const store = new PostgresStore({ url: new Secret(server.url) });
    opened.push(store);
    await eventually('PostgreSQL has begun', LIMIT_MS, () =>
      store.ready().then(
        () => true,
        () => false,
      ),
    );
    return store;
  };
  before(async () => {
    server = await Postgres.open();
  });
  after(async () => {
    await Promise.all(opened.map((store) => store.close()));
    await server.close();
  });

  it('makes its tables, whoever of several servers comes first', async () => {
    const first = await open();
    await first.close();
    const client = new pg.Client({ connectionString: server.url });
    await client.connect();
    await client.query('DROP TABLE voice_files, voice_profiles');
    await client.end();
    const stores = await Promise.all([open(), open(), open()]);
    const found = await Promise.all(stores.map((store) => store.find('ana', never())));
    assert.deepEqual(found, [undefined, undefined, undefined]);
  });

  itKeepsProfiles(open);

  it('is one for several servers', async () => {
    const [one, other] = [await open(), await open()];
    await one.write(storedOf(someProfile({ speaker: 'shared' })), undefined, [], never());
    assert.equal((await other.find('shared', never()))?.version, 1);
    assert.equal(await other.remove('shared', 1, never()), true);
    assert.equal(await one.find('shared', never()), undefined);
  });
});

describe('a store in PostgreSQL whose connection is cut', { skip: withoutPostgres() ?? false }, () => {
  it('fails what was in the midst of it, and nothing else', async (test) => {
    const server = await Postgres.open();
    const line = await CutLine.open(server.port);
    const url = server.url.replace(`:${server.port}/`, `:${line.port}/`);
    const store = new PostgresStore({ url: new Secret(url) });
    const other = new pg.Client({ connectionString: server.url });
    test.after(async () => {
      await Promise.all([store.close(), other.end()]);
      line.close();
      await server.close();
    });
    await store.ready();
    await other.connect();
    await other.query('BEGIN');
    await other.query('LOCK TABLE voice_profiles');
    const write = store.write(storedOf(someProfile()), undefined, [], never());
    const failed = assert.rejects(write, { code: 'store-failed' });
    const waiting = 'SELECT pid FROM pg_locks WHERE NOT granted';
    await eventually('it waits', LIMIT_MS, async () => (await other.query(waiting)).rows.length > 0);
    line.cut();
    await failed;
    await other.query('ROLLBACK');
    assert.equal(await store.find('ana', never()), undefined);
    assert.equal(await store.write(storedOf(someProfile()), undefined, [], never()), true);
  });
});

describe('a store in a PostgreSQL that is not there', () => {
  it('says so without the password, and tries again when it is asked again', async () => {
    const port = await freePort();
    const url = new Secret(`postgresql://dragoman:${PASSWORD}@127.0.0.1:${port}/voices`);
    const store = new PostgresStore({ url });
    assert.equal(store.name, 'postgresql 127.0.0.1/voices');
    for (const _ of [1, 2]) {
      await assert.rejects(store.find('ana', never()), (error: Error) => {
        assert.equal(Reflect.get(error, 'code'), 'store-failed');
        assert.match(error.message, /ECONNREFUSED/);
        assert.doesNotMatch(JSON.stringify([error.message, String(error.cause)]), new RegExp(PASSWORD));
        return true;
      });
    }
    await store.close();
  });
});
