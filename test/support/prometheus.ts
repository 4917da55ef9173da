/**
 * A Prometheus of its own and its tool, where this machine has them. Where it has not, tests are skipped and say so,
 * unless REQUIRE_PROMETHEUS=1 says that this is a failure.
 */

import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { ALERTS_FILE, PROMETHEUS_FILE } from '../docker/places.ts';
import { REPOSITORY } from '../systemd/repository.ts';
import { freePort } from './ports.ts';
import { endsWithUs } from './processes.ts';
import { eventually } from './waiting.ts';

/** Where `scripts/test` unpacks it on a machine that has none. */
const UNPACKED = join(REPOSITORY, '.cache/prometheus/usr/bin');
const LIMIT_MS = 60_000;

const ANSWER = z.object({
  status: z.enum(['success', 'error']),
  error: z.string().optional(),
  data: z
    .object({
      result: z.array(
        z.object({ metric: z.record(z.string(), z.string()), value: z.tuple([z.number(), z.string()]) }),
      ),
    })
    .optional(),
});

export interface Series {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** Why this machine has no Prometheus; undefined where it has. */
export function withoutPrometheus(): string | undefined {
  if (programOf('prometheus') !== undefined && programOf('promtool') !== undefined) {
    return undefined;
  }
  if (process.env.REQUIRE_PROMETHEUS === '1') {
    throw new Error('REQUIRE_PROMETHEUS=1, and there is none: apt-get install prometheus');
  }
  return 'needs Prometheus (Debian: prometheus)';
}

/** Runs the tool. @param input what it reads. */
export function promtool(
  words: readonly string[],
  input = '',
): { readonly status: number | null; readonly text: string } {
  const { status, stdout, stderr } = spawnSync(programOf('promtool') ?? 'promtool', words, {
    encoding: 'utf8',
    input,
    timeout: LIMIT_MS,
  });
  return { status, text: `${stdout}${stderr}` };
}

export class Prometheus {
  readonly #child: ChildProcess;
  readonly #folder: string;
  readonly #url: string;

  private constructor(child: ChildProcess, folder: string, port: number) {
    this.#child = child;
    this.#folder = folder;
    this.#url = `http://127.0.0.1:${port}`;
  }

  /** As `docker/prometheus` sets it up, but that it reads `target` each second. */
  static async open(target: string): Promise<Prometheus> {
    const folder = await mkdtemp(join(tmpdir(), 'dragoman-prometheus-'));
    const file = join(folder, 'prometheus.yml');
    const given = await readFile(PROMETHEUS_FILE, 'utf8');
    const own = given
      .replace('127.0.0.1:9090', target)
      .replace(/(scrape|evaluation)_interval: 5s/g, '$1_interval: 1s')
      .replace('- alerts.yml', `- ${ALERTS_FILE}`);
    await writeFile(file, own);
    const port = await freePort();
    const child = spawn(
      programOf('prometheus') ?? 'prometheus',
      [
        `--config.file=${file}`,
        `--storage.tsdb.path=${join(folder, 'data')}`,
        `--web.listen-address=127.0.0.1:${port}`,
        '--log.level=warn',
      ],
      { stdio: 'ignore' },
    );
    endsWithUs(child);
    const prometheus = new Prometheus(child, folder, port);
    await eventually('Prometheus has read something', LIMIT_MS, async () =>
      (await prometheus.ask('up == 1').catch(() => [])).some(({ value }) => value === 1),
    );
    return prometheus;
  }

  /** What a query returns now. @throws Error when it is no query. */
  async ask(query: string): Promise<readonly Series[]> {
    const response = await fetch(`${this.#url}/api/v1/query?query=${encodeURIComponent(query)}`);
    const { status, error, data } = ANSWER.parse(await response.json());
    if (status === 'error') {
      throw new Error(`${error}: ${query}`);
    }
    return (data?.result ?? []).map(({ metric, value: [, text] }) => ({
      labels: metric,
      value: Number(text),
    }));
  }

  async close(): Promise<void> {
    const ended = once(this.#child, 'exit');
    if (this.#child.kill()) {
      await ended;
    }
    await rm(this.#folder, { recursive: true, force: true });
  }
}

function programOf(name: 'prometheus' | 'promtool'): string | undefined {
  const unpacked = join(UNPACKED, name);
  return spawnSync('which', [name]).status === 0 ? name : existsSync(unpacked) ? unpacked : undefined;
}
