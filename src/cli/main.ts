#!/usr/bin/env node
/**
 * The executable. Everything it does is in `program.ts`; here the process itself is handed over: its arguments,
 * environment, outputs and signals. No other file reads `process.env`.
 */

import { systemClock } from '../base/clock.ts';
import { shownLines } from '../base/shown-text.ts';
import { endProcess } from './end-process.ts';
import { unblocked, writeWithin } from './unblocked.ts';

// Left to itself Node opens its inspector at this signal, to whoever reaches its port. What follows takes a while to
// load.
process.on('SIGUSR1', () => {});

const { isJournal } = await import('./log-format.ts');
const { runProgram } = await import('./program.ts');
const { TerminalScreen } = await import('./screen.ts');

// Whoever reads our output may stop before its end, as `| head` does. Node takes the signal for itself and says it so.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') {
    throw error;
  }
  process.emit('SIGPIPE', 'SIGPIPE');
});

/** How long a reader of stderr may keep us, in ms. */
const ERROR_LIMIT_MS = 1_000;
const errorOutput = unblocked(process.stderr.fd);
/** In the journal, what is said on stderr is an error: sd-daemon(3). */
const errorPrefix = isJournal(process.env, process.stderr.fd) ? '<3>' : '';

const end = (status: number): never => endProcess(status, process.env);

const status = await runProgram(process.argv.slice(2), {
  environment: { ...process.env },
  writeOut: (text) => process.stdout.write(shownLines(text)),
  rawOut: process.stdout.isTTY ? undefined : process.stdout,
  screen: process.stdout.isTTY ? new TerminalScreen(process.stdout) : undefined,
  writeError: (text) =>
    writeWithin(errorOutput, shownLines(text).replace(/^(?=.)/gm, errorPrefix), systemClock, ERROR_LIMIT_MS),
  signals: process,
  strays: process,
  exit: end,
  kill: () => process.kill(process.pid, 'SIGKILL'),
});
// What was said before is written by then.
process.stdout.write('', () => end(status));
