/**
 * `dragoman serve` as a process of its own, with the vendors in its environment and nothing else: what it logs, what it
 * counts, what its process holds.
 */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { systemClock } from '../../src/base/clock.ts';
import { readProcessUsage } from '../bench/process-usage.ts';
import { freePorts } from '../support/ports.ts';
import { endsWithUs } from '../support/processes.ts';
import { eventually } from '../support/waiting.ts';
import { type Descendant, descendantsOf } from './descendants.ts';

const HOST = '127.0.0.1';
const MAIN = fileURLToPath(new URL('../../src/cli/main.js', import.meta.url));
/** On a machine that is busy with other work, too. */
const START_LIMIT_MS = 60_000;
const STOP_LIMIT_MS = 5_000;

export interface ChaosServerOptions {
  readonly environment: Readonly<Record<string, string>>;
  /** The engines of each kind, best first. */
  readonly engines: { readonly stt: string; readonly mt: string; readonly tts: string };
  /** What interprets before them, if anything does. */
  readonly interpreter?: string;
  /** Taken from the languages of a call; default en:fr. */
  readonly pair?: string;
  readonly nodeFlags?: readonly string[];
  /** More of its flags. */
  readonly flags?: readonly string[];
  /** Those that one had before it; default new ones. */
  readonly ports?: readonly number[];
  /** Resolves when this is in its log. */
  readonly readyWhen: string;
}

/** A line of the log. */
export interface ChaosLogLine {
  readonly atMs: number;
  readonly level: string;
  readonly message: string;
  /** The whole line. */
  readonly text: string;
}

export class ChaosServer {
  readonly host = HOST;
  readonly port: number;
  /** All that it listens on. */
  readonly ports: readonly number[];
  readonly inspectorPort: number;
  readonly lines: ChaosLogLine[] = [];
  readonly #child: ChildProcess;
  readonly #metricsPort: number;
  #death: string | undefined;
  #stopping = false;

  private constructor(child: ChildProcess, ports: readonly number[]) {
    const [port = 0, , metricsPort = 0, inspectorPort = 0] = ports;
    this.ports = ports;
    this.port = port;
    this.inspectorPort = inspectorPort;
    this.#child = child;
    this.#metricsPort = metricsPort;
    endsWithUs(child);
    child.once('error', (error) => {
      this.#death = error.message;
    });
    child.once('exit', (code, signal) => {
      this.#death ??= this.#stopping ? undefined : `it ended by itself (${signal ?? `code ${code}`})`;
    });
    for (const stream of [child.stdout, child.stderr]) {
      if (stream !== null) {
        createInterface({ input: stream }).on('line', (line) => this.lines.push(lineOf(line)));
      }
    }
  }

  /** @throws Error when it ends, or is not ready within 60 s. */
  static async start(options: ChaosServerOptions): Promise<ChaosServer> {
    const ports = options.ports ?? (await freePorts(4));
    const [port = 0, httpPort = 0, metricsPort = 0, inspectorPort = 0] = ports;
    const {
      environment,
      engines,
      interpreter,
      pair = 'en:fr',
      nodeFlags = [],
      flags = [],
      readyWhen,
    } = options;
    const words = [
      ...nodeFlags.map((flag) => flag.replace('{inspector}', `${HOST}:${inspectorPort}`)),
      ...[MAIN, 'serve', '--pair', pair, '--policy', 'clause', '--original', 'off', '--announcement', 'off'],
      ...[
        '--listen',
        `${HOST}:${port}`,
        '--http',
        `${HOST}:${httpPort}`,
        '--metrics',
        `${HOST}:${metricsPort}`,
      ],
      ...['--stt', engines.stt, '--mt', engines.mt, '--tts', engines.tts],
      ...(interpreter === undefined ? [] : ['--interpreter', interpreter, '--interpreter-backup', 'cascade']),
      ...['--untranslatable', 'passthrough', '--log-format', 'json'],
      ...flags,
    ];
    const child = spawn(process.execPath, words, {
      env: { PATH: '/usr/local/bin:/usr/bin:/bin', ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const server = new ChaosServer(child, ports);
    try {
      await eventually(
        () => `the server is ready; it said ${JSON.stringify(server.lines)}`,
        START_LIMIT_MS,
        () => {
          if (server.deathCause !== undefined) {
            throw new Error(
              `the server did not start: ${server.deathCause}; ${JSON.stringify(server.lines)}`,
            );
          }
          return server.lines.some(({ message }) => message.includes(readyWhen));
        },
      );
    } catch (error) {
      // Nobody else knows of it, and this process would not end while it runs.
      await server.stop();
      throw error;
    }
    return server;
  }

  /** How it ended on its own; undefined while it runs. */
  get deathCause(): string | undefined {
    return this.#death;
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** Its descriptors that are open. */
  get descriptors(): number {
    return readdirSync(`/proc/${this.pid}/fd`).length;
  }

  /** What it started, children's children included. */
  get descendants(): readonly Descendant[] {
    return descendantsOf(this.pid);
  }

  /** Its resident memory in MB. */
  get residentMb(): number {
    return (readProcessUsage(this.pid)?.residentBytes ?? Number.NaN) / 1e6;
  }

  signal(name: NodeJS.Signals): void {
    if (this.#death === undefined) {
      this.#child.kill(name);
    }
  }

  /** Every metric with its labels, and its value; none when it does not answer. */
  async metrics(): Promise<ReadonlyMap<string, number>> {
    try {
      const answer = await fetch(`http://${HOST}:${this.#metricsPort}/metrics`, {
        signal: AbortSignal.timeout(5_000),
      });
      const lines = (await answer.text()).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
      return new Map(
        lines.map((line): [string, number] => {
          const split = line.lastIndexOf(' ');
          return [line.slice(0, split), Number(line.slice(split + 1))];
        }),
      );
    } catch {
      return new Map();
    }
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) {
      return;
    }
    const ended = once(this.#child, 'exit');
    this.#child.kill('SIGCONT');
    // A second one ends it without waiting for calls.
    this.#child.kill('SIGTERM');
    this.#child.kill('SIGTERM');
    const killer = systemClock.at(
      systemClock.nowMs() + STOP_LIMIT_MS,
      () => void this.#child.kill('SIGKILL'),
    );
    await ended;
    killer.cancel();
  }
}

function lineOf(text: string): ChaosLogLine {
  const atMs = systemClock.nowMs();
  try {
    const line: unknown = JSON.parse(text);
    if (typeof line === 'object' && line !== null && 'level' in line && 'msg' in line) {
      return { atMs, level: String(line.level), message: String(line.msg), text };
    }
  } catch {
    // What is no JSON is something that Node itself says.
  }
  return { atMs, level: 'error', message: text, text };
}
