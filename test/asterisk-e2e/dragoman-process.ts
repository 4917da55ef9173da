/** `dragoman serve`, compiled, as a process of its own, for a real Asterisk to connect to. */

import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { endsWithUs, goesFirst } from '../support/processes.ts';
import { eventually, within } from '../support/waiting.ts';

const MAIN = fileURLToPath(new URL('../../src/cli/main.js', import.meta.url));
const START_LIMIT_MS = 120_000;
const STOP_LIMIT_MS = 60_000;
/** Of a log, where a test fails. */
const LAST_LINES = 30;

const LOG_LINE = z.looseObject({ level: z.string(), msg: z.string(), address: z.string().optional() });
const CALLS = z.object({
  calls: z.array(
    z.object({
      call: z.string(),
      parties: z.array(z.object({ party: z.string(), language: z.string(), state: z.string() })),
    }),
  ),
});

export type RunningCall = z.infer<typeof CALLS>['calls'][number];
export type DragomanLogLine = z.infer<typeof LOG_LINE>;

export class DragomanProcess {
  /** Its log so far. */
  readonly lines: DragomanLogLine[] = [];
  readonly #child: ChildProcessByStdio<null, Readable, Readable>;
  #error = '';
  #killed = false;

  /**
   * A server that is ready for calls.
   * @param doors what to listen on, such as 127.0.0.1:5050 or 127.0.0.1:5050=en:es.
   * @param flags of `serve`, beside its addresses.
   * @param environment variables beside those of this process.
   */
  static async start(
    doors: readonly string[],
    flags: readonly string[],
    environment: Readonly<Record<string, string>> = {},
  ): Promise<DragomanProcess> {
    const words = [
      ...['serve', '--http', '127.0.0.1:0', '--metrics', '127.0.0.1:0'],
      ...doors.flatMap((door) => ['--listen', door]),
      ...flags,
    ];
    const dragoman = new DragomanProcess(words, environment);
    await eventually('dragoman is ready for calls', START_LIMIT_MS, () => {
      if (dragoman.ended) {
        throw new Error(`dragoman did not start: ${dragoman.#error}`);
      }
      return dragoman.#line('ready for calls') !== undefined;
    });
    goesFirst(dragoman.#child);
    return dragoman;
  }

  private constructor(words: readonly string[], environment: Readonly<Record<string, string>>) {
    this.#child = spawn(process.execPath, [MAIN, ...words], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...environment },
    });
    endsWithUs(this.#child);
    createInterface({ input: this.#child.stdout }).on('line', (text) => this.#read(text));
    this.#child.stderr.setEncoding('utf8').on('data', (text) => {
      this.#error += text;
    });
  }

  get ended(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  /** What it wrote to standard error: why it did not start, or was killed. */
  get errors(): string {
    return this.#error;
  }

  /** What it said last, for who wonders how something came about. */
  get saidLast(): string {
    return this.lines
      .slice(-LAST_LINES)
      .map((line) => JSON.stringify(line))
      .join('\n');
  }

  /** Where it serves captions and the list of calls. */
  get httpUrl(): string {
    return `http://${this.#line('serving HTTP')?.address}`;
  }

  /** The calls that run just now. */
  async calls(): Promise<readonly RunningCall[]> {
    const response = await fetch(`${this.httpUrl}/api/v1/calls?state=running`);
    return CALLS.parse(await response.json()).calls;
  }

  /** Asks it over HTTP to do something; the status of its answer. */
  async post(path: string, body: unknown): Promise<number> {
    const headers = { 'content-type': 'application/json' };
    const asked = { method: 'POST', headers, body: JSON.stringify(body) };
    return (await fetch(`${this.httpUrl}${path}`, asked)).status;
  }

  /** Asks it over HTTP to remove something; the status of its answer. */
  async remove(path: string): Promise<number> {
    return (await fetch(`${this.httpUrl}${path}`, { method: 'DELETE' })).status;
  }

  /** The sum of a metric over the labels that `labels` matches, 0 when there is none. */
  async metric(name: string, labels = /(?:)/): Promise<number> {
    let sum = 0;
    for (const [found, value] of await this.samples(name)) {
      sum += labels.test(found) ? value : 0;
    }
    return sum;
  }

  /** What a metric counts, by its labels as they are written; empty without labels. */
  async samples(name: string): Promise<ReadonlyMap<string, number>> {
    const response = await fetch(`http://${this.#line('serving metrics')?.address}/metrics`);
    const samples = new Map<string, number>();
    for (const line of (await response.text()).split('\n')) {
      const [, found, labels = '', value] = /^(\w+)(\{[^}]*\})? (\S+)$/.exec(line) ?? [];
      if (found === name) {
        samples.set(labels, Number(value));
      }
    }
    return samples;
  }

  /** Asks it to end as an operator does; it drains first. */
  terminate(): void {
    this.#child.kill('SIGTERM');
  }

  /** Stops it, as a host that hangs does to all of it: it keeps its connections, and does nothing. */
  freeze(): void {
    this.#child.kill('SIGSTOP');
  }

  /** Kills it, which it cannot notice. */
  async kill(): Promise<void> {
    this.#killed = true;
    this.#child.kill('SIGKILL');
    await this.untilEnded(STOP_LIMIT_MS);
  }

  async untilEnded(limitMs: number): Promise<void> {
    if (!this.ended) {
      await within(() => `dragoman ends: ${this.#last()}`, limitMs, once(this.#child, 'exit'));
    }
  }

  /** Ends it at once, draining or not. Idempotent. */
  async close(): Promise<void> {
    if (!this.ended) {
      await this.kill();
    }
  }

  #read(text: string): void {
    let said: unknown;
    try {
      said = JSON.parse(text);
    } catch (error) {
      // Only who is killed leaves a line that is cut off.
      if (!this.#killed) {
        throw error;
      }
    }
    const line = LOG_LINE.safeParse(said).data;
    if (line !== undefined) {
      this.lines.push(line);
    }
  }

  /** What its main thread waits for in the kernel, and what it said, for who wonders why it does not end. */
  #last(): string {
    const waitsFor = readFileSync(`/proc/${this.#child.pid}/wchan`, 'utf8');
    return `it waits in ${waitsFor}, and has said last:\n${this.saidLast}`;
  }

  #line(message: string): DragomanLogLine | undefined {
    return this.lines.find((line) => line.msg === message);
  }
}
