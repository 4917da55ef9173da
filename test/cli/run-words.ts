/** Runs a command in this process, as `main.ts` would, and keeps what it writes. */

import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import type { Environment } from '../../src/cli/config/environment.ts';
import { runProgram } from '../../src/cli/program.ts';

export interface Ran {
  readonly status: number;
  readonly out: string;
  readonly error: string;
}

export async function runWords(words: readonly string[], environment: Environment = {}): Promise<Ran> {
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
  });
  return { status, out, error };
}
