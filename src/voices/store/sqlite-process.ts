/**
 * The process that holds the database: started by `SqliteStore` with the path, it answers one request after the other
 * and ends when the one who started it closes the channel or is gone.
 */

import { messageOf } from '../../base/errors.ts';
import type { Numbered, StoreAnswer, StoreGreeting, StoreRequest } from './sqlite-messages.ts';
import { loadLibsql, SqliteTable } from './sqlite-table.ts';

/** The file is for its owner alone: it holds what identifies people. */
const UMASK = 0o077;

function say(said: StoreGreeting | Numbered<StoreAnswer>): void {
  process.send?.(said);
}

function openTable(path: string): SqliteTable | undefined {
  let missing = true;
  try {
    const open = loadLibsql();
    missing = false;
    return new SqliteTable(open, path);
  } catch (error) {
    say({ type: 'shut', missing, message: messageOf(error) });
    return undefined;
  }
}

function answerTo(table: SqliteTable, request: StoreRequest): StoreAnswer {
  try {
    return table.answer(request);
  } catch (error) {
    return { type: 'failed', message: messageOf(error) };
  }
}

process.umask(UMASK);
const table = openTable(process.argv[2] ?? '');
if (table === undefined) {
  process.disconnect?.();
} else {
  process.on('message', ({ number, message }: Numbered<StoreRequest>) => {
    say({ number, message: answerTo(table, message) });
  });
  process.on('disconnect', () => table.close());
  say({ type: 'open' });
}
