/** Runs a command in this process, as `main.ts` would, and keeps what it writes. */

import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import type { Environment } from '../../src/cli/config/environment.ts';
import type { CliContext } from '../../src/cli/context.ts';
import { runProgram } from '../../src/cli/program.ts';

export interface Ran {
  readonly status: number;
  readonly out: string;
  readonly error: string;
}

/** @param context what is not as usual of it. */
export async function runWords(
  words: readonly string[],
  environment: Environment = {},
  context: Partial<CliContext> = {},
): Promise<Ran> {
  let out = '';
  let error = '';
  const status = await runProgram(words, {
    environment,
    writeOut: (text) => {
      out += text;
    },
    writeError: (text) => {
      error += text;
    },
    signals: new EventEmitter(),
    strays: new EventEmitter(),
    exit: () => assert.fail('the process is ended'),
    kill: () => assert.fail('the process is killed'),
    ...context,
  });
  return { status, out, error };
}
