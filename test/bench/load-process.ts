/**
 * The load generator as a process of its own, seen by the benchmark: it takes one order and sends its reports.
 */

import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { isLoadReport, type LoadOrder, type LoadReport } from './load-messages.ts';

const GENERATOR = fileURLToPath(new URL('./load-generator.js', import.meta.url));

type Finished = Extract<LoadReport, { type: 'finished' }>;

export interface LoadProcess {
  readonly pid: number | undefined;
  /** When all legs were connected, on the machine's monotonic clock in ms; never where it ends before. */
  readonly connected: Promise<number>;
  /** When the newcomers called. */
  readonly arriving: Promise<number>;
  /** Rejects when the generator ends by itself. */
  readonly finished: Promise<Finished>;
  stop(): void;
}

export function startLoad(order: LoadOrder): LoadProcess {
  const generator = fork(GENERATOR, { serialization: 'advanced', execArgv: [] });
  const process: LoadProcess = {
    pid: generator.pid,
    connected: reported(generator, 'connected').then(({ atMs }) => atMs),
    arriving: reported(generator, 'arriving').then(({ atMs }) => atMs),
    finished: finishedOrDied(generator),
    stop: () => void generator.kill(),
  };
  generator.send(order);
  return process;
}

function reported<T extends LoadReport['type']>(
  generator: ChildProcess,
  type: T,
): Promise<Extract<LoadReport, { type: T }>> {
  return new Promise((resolve) => {
    generator.on('message', (message) => {
      if (isLoadReport(message, type)) {
        resolve(message);
      }
    });
  });
}

async function finishedOrDied(generator: ChildProcess): Promise<Finished> {
  const done = new AbortController();
  const died = once(generator, 'exit', { signal: done.signal }).then(([code]) => {
    throw new Error(`the load generator ended by itself with code ${code}`);
  });
  try {
    return await Promise.race([reported(generator, 'finished'), died]);
  } finally {
    died.catch(() => {});
    done.abort();
  }
}
