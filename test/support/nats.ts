/**
 * A NATS of its own, where this machine has one. Where it has not, tests are skipped and say so, unless REQUIRE_NATS=1 says
 * that this is a failure.
 */

import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { REPOSITORY } from '../systemd/repository.ts';
import { removeFolder } from './folders.ts';
import { freePort } from './ports.ts';
import { endsWithUs, goesFirst } from './processes.ts';
import { eventually } from './waiting.ts';

/** Where `scripts/test` unpacks one on a machine that has none; where Debian has it. */
const PLACES = [join(REPOSITORY, '.cache/nats/usr/sbin/nats-server'), '/usr/sbin/nats-server'];
const LIMIT_MS = 30_000;

/** Why this machine has no NATS; undefined where it has. */
export function withoutNats(): string | undefined {
  if (program() !== undefined) {
    return undefined;
  }
  if (process.env.REQUIRE_NATS === '1') {
    throw new Error('REQUIRE_NATS=1, and there is none: apt-get install nats-server');
  }
  return 'needs NATS (Debian: nats-server)';
}

export interface NatsOptions {
  /** Lines of its configuration. Default none. */
  readonly config?: (folder: string) => readonly string[];
  /** Whether it keeps anything (JetStream). Default no. */
  readonly jetStream?: boolean;
}

export class Nats {
  readonly port: number;
  /** Files of its configuration may be put here before it starts. */
  readonly folder: string;
  readonly #options: NatsOptions;
  #child: ChildProcess | undefined;

  private constructor(folder: string, port: number, options: NatsOptions) {
    this.folder = folder;
    this.port = port;
    this.#options = options;
  }

  /** One that runs. @param prepare puts files into its folder. */
  static async open(options: NatsOptions = {}, prepare?: (folder: string) => void): Promise<Nats> {
    const folder = await mkdtemp(join(tmpdir(), 'dragoman-nats-'));
    prepare?.(folder);
    const nats = new Nats(folder, await freePort(), options);
    await nats.start();
    return nats;
  }

  /** `127.0.0.1:4222`. */
  get address(): string {
    return `127.0.0.1:${this.port}`;
  }

  async start(): Promise<void> {
    const config = join(this.folder, 'nats.conf');
    const { config: lines, jetStream } = this.#options;
    await writeFile(
      config,
      [
        `listen: ${this.address}`,
        ...(jetStream === true ? [`jetstream { store_dir: "${join(this.folder, 'store')}" }`] : []),
        ...(lines?.(this.folder) ?? []),
      ].join('\n'),
    );
    const child = spawn(program() ?? '', ['-c', config], { stdio: 'ignore' });
    endsWithUs(child);
    // A broker that stands still keeps nodes from giving calls away.
    goesFirst(child);
    this.#child = child;
    await eventually('NATS takes connections', LIMIT_MS, () => takesConnections(this.port));
  }

  /** As a broker that is killed. */
  async kill(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (child !== undefined) {
      const ended = once(child, 'exit');
      if (child.kill('SIGKILL')) {
        await ended;
      }
    }
  }

  /** Lets it stand still, and go on. */
  stand(still: boolean): void {
    this.#child?.kill(still ? 'SIGSTOP' : 'SIGCONT');
  }

  async close(): Promise<void> {
    await this.kill();
    await removeFolder(this.folder);
  }
}

function takesConnections(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection(port, '127.0.0.1');
    socket.once('data', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
    socket.once('close', () => resolve(false));
  });
}

function program(): string | undefined {
  return PLACES.find((path) => existsSync(path) && spawnSync(path, ['--version']).status === 0);
}

/** A certificate for 127.0.0.1, signed by itself, and its key, as `cert.pem` and `key.pem` of a folder. */
export function makeCertificate(folder: string): void {
  const { status, stderr } = spawnSync(
    'openssl',
    [
      ...[
        'req',
        '-x509',
        '-newkey',
        'ec',
        '-pkeyopt',
        'ec_paramgen_curve:prime256v1',
        '-nodes',
        '-days',
        '2',
      ],
      ...['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1'],
      ...['-keyout', join(folder, 'key.pem'), '-out', join(folder, 'cert.pem')],
    ],
    { encoding: 'utf8' },
  );
  if (status !== 0) {
    throw new Error(`openssl made no certificate: ${stderr}`);
  }
}
