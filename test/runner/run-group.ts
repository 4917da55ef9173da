/** Runs test files that share a process, and stops it when they take too long or it does not go. */

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { delimiter, dirname } from 'node:path';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { systemClock } from '../../src/base/clock.ts';
import { MESSAGES_FD, type RunnerMessage } from './messages.ts';
import { type FileOutcome, Tally } from './tally.ts';

/**
 * A file that takes longer has failed; so has a test of it, sooner, so that it is named, where Node knows of that outside of
 * `node --test`: 24, not 20.
 */
const FILE_LIMIT_MS = 600_000;
const TEST_LIMIT_MS = 240_000;
/** How long a process may take to go when its tests are over. */
const EXIT_LIMIT_MS = 10_000;

const TOGETHER = fileURLToPath(new URL('./together.js', import.meta.url));
const REPORTER = new URL('./reporter.js', import.meta.url).href;

export interface GroupOutcome {
  readonly files: readonly FileOutcome[];
  /** All that the process wrote. */
  readonly output: string;
  /** What is wrong with the process itself, in words; undefined when nothing is. */
  readonly trouble: string | undefined;
}

/**
 * Runs files one after the other in a process of its own.
 * @param node - the program; where `node` is asked for by a test, it is this one too.
 */
export async function runGroup(node: string, files: readonly string[]): Promise<GroupOutcome> {
  const tally = new Tally(files);
  const flags = [`--test-timeout=${TEST_LIMIT_MS}`, `--test-reporter=${REPORTER}`];
  const child = spawn(node, [...process.execArgv, ...flags, TOGETHER, ...files], {
    stdio: ['pipe', 'pipe', 'pipe', 'pipe'],
    env: { ...process.env, PATH: [dirname(node), process.env.PATH].join(delimiter) },
  });
  let killed: string | undefined;
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  const killAfter = (limitMs: number, why: string) =>
    systemClock.at(systemClock.nowMs() + limitMs, () => {
      killed = why;
      child.kill('SIGKILL');
    });
  const overTime = `it was stopped after ${FILE_LIMIT_MS / 1_000} s`;
  let limit = killAfter(FILE_LIMIT_MS, overTime);
  const take = (message: RunnerMessage): void => {
    tally.take(message);
    if (message.type === 'begin') {
      limit.cancel();
      limit = killAfter(FILE_LIMIT_MS, overTime);
    }
    if (tally.complete) {
      limit.cancel();
      limit = killAfter(EXIT_LIMIT_MS, 'in its exit');
      child.stdin.end();
    }
  };
  const messages = child.stdio[MESSAGES_FD];
  assert.ok(messages instanceof Readable);
  createInterface({ input: messages }).on('line', (line) => take(JSON.parse(line)));
  const status = await new Promise<number | string>((resolve) => {
    child.once('close', (code, signal) => resolve(code ?? signal ?? 'unknown'));
  });
  limit.cancel();
  if (tally.complete && killed !== undefined) {
    output += 'The process stood still in its exit (nodejs/node#54918); its tests are counted.\n';
  }
  const spoiled = tally.complete && killed === undefined && tally.clean && status !== 0;
  return {
    files: tally.outcomes(killed ?? `it ended with status ${status}`),
    output,
    trouble: spoiled ? `nothing failed, yet the process ended with status ${status}` : undefined,
  };
}
