/**
 * Ends this process, and makes sure of it. `process.exit` waits for threads: for one that looks a name up or writes to a
 * disk that hangs, and for V8's own, which may in turn wait for us for ever (https://github.com/nodejs/node/issues/54918).
 * To end for want of anything to do meets the same, and first frees all memory piece by piece.
 */

import { spawn } from 'node:child_process';
import type { Environment } from './config/environment.ts';

/** How long the exit may take, in ms: far longer than it does on a full machine. */
const EXIT_LIMIT_MS = 10_000;

/** For bash: kills its parent that is still there after `$1` s. The end of its input says that the parent has gone. */
const SCRIPT = `
IFS= read -r -t "$1" _ || [ $? -le 128 ] || {
  echo "dragoman has not ended within $1 s, and is killed: one of its threads waits for the system, or for ever" >&2
  kill -KILL "$PPID"
}`;

/**
 * Ends with `status`, or is killed after `limitMs` where there is a bash. Never returns.
 * @param environment `PATH` is where bash is looked for.
 */
export function endProcess(status: number, { PATH }: Environment, limitMs = EXIT_LIMIT_MS): never {
  try {
    spawn('bash', ['--norc', '-c', SCRIPT, 'dragoman-end', String(limitMs / 1_000)], {
      stdio: ['pipe', 'ignore', 'inherit'],
      env: { PATH },
    });
  } finally {
    process.exit(status);
  }
}
