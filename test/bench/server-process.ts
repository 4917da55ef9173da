/**
 * The server under test, as a process of its own on a free port of loopback. A server that ends before it is
 * stopped has died, and the run has failed.
 */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { fileURLToPath } from 'node:url';
import { systemClock } from '../../src/base/clock.ts';
import { AppError } from '../../src/base/errors.ts';
import { freePort } from '../support/ports.ts';
import { endsWithUs } from '../support/processes.ts';

const HOST = '127.0.0.1';

/** A server the bench knows how to start: words with `{port}` and `{legs}` to be filled in. */
export interface KnownServer {
  readonly name: string;
  readonly words: readonly string[];
  /** Variables beside those of this process. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Whose voice its legs hear. */
  readonly hears: 'partner' | 'itself';
}

export const DRAGOMAN: KnownServer = {
  name: 'dragoman',
  hears: 'partner',
  words: [
    process.execPath,
    fileURLToPath(new URL('../../src/cli/main.js', import.meta.url)),
    ...['serve', '--pair', 'en:es', '--mode', 'passthrough', '--listen', `${HOST}:{port}`],
    ...['--http', 'off', '--metrics', 'off', '--log-level', 'warn', '--max-legs', '{legs}'],
  ],
};

/** What dragoman is compared with in the same run. */
export const BESIDE: readonly KnownServer[] = [
  { name: 'floor', words: nodeScript('./floor-server.js'), hears: 'partner' },
  { name: 'echo', words: nodeScript('./echo-server.js'), hears: 'itself' },
];

function nodeScript(path: string): readonly string[] {
  return [process.execPath, fileURLToPath(new URL(path, import.meta.url)), '{port}'];
}

/** On a machine that is busy with other work, too. */
const START_LIMIT_MS = 60_000;
const STOP_LIMIT_MS = 5_000;
const POLL_MS = 50;

export interface ServerUnderTest {
  readonly host: string;
  readonly port: number;
  /** The process to measure and freeze; undefined when it is not known. */
  readonly pid: number | undefined;
  /** How it ended on its own; undefined while it runs. */
  deathCause(): string | undefined;
  stop(): Promise<void>;
}

/**
 * Starts a server and waits until it accepts connections. Its output goes to ours.
 * @throws AppError `server-unreachable` when it ends or does not accept within 60 s.
 */
export async function startServer(known: KnownServer, legs: number): Promise<ServerUnderTest> {
  const port = await freePort();
  const words = known.words.map((word) =>
    word.replace('{port}', String(port)).replace('{legs}', String(legs)),
  );
  const child = spawn(words[0] ?? '', words.slice(1), {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, ...known.environment },
  });
  endsWithUs(child);
  let death: string | undefined;
  let stopping = false;
  child.once('error', (error) => {
    death ??= error.message;
  });
  child.once('exit', (code, signal) => {
    death ??= stopping ? undefined : `it ended by itself (${signal ?? `code ${code}`})`;
  });
  const server: ServerUnderTest = {
    host: HOST,
    port,
    pid: child.pid,
    deathCause: () => death,
    stop: () => {
      stopping = true;
      return stopChild(child);
    },
  };
  await untilAccepting(server);
  return server;
}

/** A server that somebody else started: it is loaded, not stopped. */
export function runningServer(host: string, port: number, pid: number | undefined): ServerUnderTest {
  return { host, port, pid, deathCause: () => undefined, stop: async () => {} };
}

async function untilAccepting(server: ServerUnderTest): Promise<void> {
  const deadlineMs = systemClock.nowMs() + START_LIMIT_MS;
  while (!(await accepts(server.host, server.port))) {
    const death = server.deathCause();
    if (death !== undefined || systemClock.nowMs() > deadlineMs) {
      await server.stop();
      throw new AppError('server-unreachable', `the server did not start: ${death ?? 'it accepts nothing'}`);
    }
    await systemClock.sleep(POLL_MS, new AbortController().signal);
  }
}

function accepts(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

async function stopChild(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) {
    return;
  }
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  const killer = systemClock.at(systemClock.nowMs() + STOP_LIMIT_MS, () => void child.kill('SIGKILL'));
  await ended;
  killer.cancel();
}
