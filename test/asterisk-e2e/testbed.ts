/**
 * A real Asterisk for one test file, by `scripts/asterisk`: it runs the samples of `dialplan/` as an operator would
 * include them. It ends with the test file, however that ends. A machine that cannot have one (no root, no Debian,
 * no network) skips the file, unless REQUIRE_ASTERISK=1 says that this is a failure.
 */

import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { systemClock } from '../../src/base/clock.ts';
import { eventually } from '../support/waiting.ts';
import { Fullness } from './fullness.ts';

/** What `scripts/asterisk` says about a machine that cannot have an Asterisk. */
const STATUS_UNABLE = 77;
/** Building it takes a minute on a fast network. */
const UP_LIMIT_MS = 600_000;
const COMMAND_LIMIT_MS = 60_000;
/** The dialplan holds a party for 10 s at most after its call; the rest is for a busy machine. */
const ENDS_LIMIT_MS = 60_000;

/**
 * Phones write what they hear while they hear it, and stand still when a disk is busy with other work: in memory, where
 * there is such a folder, nobody waits.
 */
const PHONES_FOLDER = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();

export interface TestbedOptions {
  /** Where dragoman listens, or will. */
  readonly dragoman: string;
  /** Variables of [globals]. */
  readonly globals?: Readonly<Record<string, string>>;
  /** Phones beside alice and bob, as NAME[/NUMBER][@CONTEXT][=CODECS]. */
  readonly morePhones?: readonly string[];
  /** Where dragoman listens for WebSockets, or will. */
  readonly websocket?: string;
  /** More of a dialplan. */
  readonly include?: string;
  /** The password of ARI's user; default no ARI. */
  readonly ariPassword?: string;
  /** Whether Asterisk connects to `websocket` for each call by ARI; default dragoman connects to Asterisk. */
  readonly ariByCall?: boolean;
}

/** A line of Asterisk's log that is a warning or an error. */
export interface Complaint {
  readonly line: string;
  /** The source file it comes from, such as `app_audiosocket.c`. */
  readonly source: string;
}

/** What Asterisk says of a leg whose connection has ended: it finds out as it writes, or as it reads for the other side. */
export const LEG_GONE = [
  /res_audiosocket\.c: Failed to write data to AudioSocket because: (Broken pipe|Connection reset by peer)/,
  /(app|chan)_audiosocket\.c: Failed to receive frame from AudioSocket server/,
  /(app|chan)_audiosocket\.c: Failed to forward frame from channel '\S+' to AudioSocket server/,
];

/** What it says when dragoman does not answer CURL() within the limit of that. */
export const CURL_TIMED_OUT = /func_curl\.c: .*(timed out|Timeout)/;

/**
 * What it says while the machine is full, which is no one's fault: that it did not get to play in time, or to answer in
 * time, so that whom it kept waiting has gone. dragoman closes the connection of a leg that it hung up after 1 s.
 */
const LATE = [
  ...LEG_GONE,
  CURL_TIMED_OUT,
  /channel\.c: Exceptionally long (voice )?queue length/,
  /res_http_websocket\.c: (Web socket closed abruptly|Error reading from web socket: Connection reset by peer)/,
  /ari_websockets\.c: WebSocket read error/,
];
/** A line comes so long after, or before, a time at which the machine was full that has to do with it, in ms. */
const LATE_AFTER_MS = 5_000;
const LATE_BEFORE_MS = 1_000;

let instances = 0;

export class Testbed {
  readonly name: string;
  /** Where Asterisk speaks SIP, as host:port. */
  readonly sip: string;
  /** Where it serves ARI, if it does. */
  readonly ari: string;
  /** A folder for what phones say and hear; removed at the end. */
  readonly folder: string;
  /** When the machine was full, since this Asterisk began. */
  readonly fullness = new Fullness();
  readonly #logFile: string;

  /** The Asterisk, or why this machine cannot have one. @throws Error when it should run and does not. */
  static async open(options: TestbedOptions): Promise<Testbed | string> {
    instances += 1;
    const name = `test-${process.pid}-${instances}`;
    const words = ['up', '--name', name, '--dragoman', options.dragoman, '--while', String(process.pid)];
    for (const [variable, value] of Object.entries(options.globals ?? {})) {
      words.push('--set', `${variable}=${value}`);
    }
    if (options.morePhones !== undefined) {
      words.push('--more-phones', options.morePhones.join(','));
    }
    if (options.websocket !== undefined) {
      words.push('--websocket', options.websocket);
    }
    if (options.include !== undefined) {
      words.push('--include', options.include);
    }
    if (options.ariPassword !== undefined) {
      words.push(options.ariByCall === true ? '--ari-by-call' : '--ari', options.ariPassword);
    }
    const { status, output, error } = await runScript(words, UP_LIMIT_MS);
    if (status === STATUS_UNABLE && process.env.REQUIRE_ASTERISK !== '1') {
      return `needs a real Asterisk, which this machine cannot have: ${error.trim().split('\n').at(-1)}`;
    }
    if (status !== 0) {
      throw new Error(`scripts/asterisk up ended with ${status}: ${error}`);
    }
    const settings = new Map(
      output.split('\n').map((line) => {
        const [variable = '', ...value] = line.split('=');
        return [variable, value.join('=')];
      }),
    );
    return new Testbed(name, settings, await mkdtemp(join(PHONES_FOLDER, 'dragoman-phones-')));
  }

  private constructor(name: string, settings: ReadonlyMap<string, string>, folder: string) {
    this.name = name;
    this.sip = settings.get('SIP') ?? '';
    this.ari = settings.get('ARI') ?? '';
    this.#logFile = settings.get('LOG') ?? '';
    this.folder = folder;
  }

  /** The folder of its configuration, from here. */
  get etc(): string {
    return join(dirname(dirname(this.#logFile)), 'etc');
  }

  /** The same folder as Asterisk sees it, which has a root of its own. */
  get seenEtc(): string {
    return `/srv/dragoman/${this.name}/etc`;
  }

  /** Its program as an operator names it, to be followed by -rx and a command. */
  get command(): string {
    const root = this.etc.slice(0, -this.seenEtc.length);
    return `chroot ${root} /usr/sbin/asterisk -C ${this.seenEtc}/asterisk.conf`;
  }

  /** What Asterisk's command line answers; asked without `scripts/asterisk`, which costs twice as much. */
  async cli(command: string): Promise<string> {
    const [program = '', ...words] = this.command.split(' ');
    const { status, output, error } = await run(program, [...words, '-rx', command], COMMAND_LIMIT_MS);
    if (status !== 0) {
      throw new Error(`Asterisk's "${command}" failed: ${error}`);
    }
    return output;
  }

  /** Restarts it as an operator does, or kills it and starts it again. Resolves when it takes calls. */
  async restart(how: 'now' | 'killed'): Promise<void> {
    if (how === 'killed') {
      const { status, error } = await runScript(['again', '--name', this.name], COMMAND_LIMIT_MS);
      if (status !== 0) {
        throw new Error(`scripts/asterisk again ended with ${status}: ${error}`);
      }
      return;
    }
    const before = await this.#startedAt();
    await this.cli('core restart now');
    await eventually('Asterisk has restarted', COMMAND_LIMIT_MS, async () => {
      const now = await this.#startedAt().catch(() => before);
      return now !== before;
    });
    await this.cli('core waitfullybooted');
  }

  async #startedAt(): Promise<string> {
    const shown = await this.cli('core show settings');
    return /Startup time:\s*(.*)/.exec(shown)?.[1] ?? '';
  }

  /** The names of the channels that exist just now. */
  async channels(): Promise<readonly string[]> {
    const lines = (await this.cli('core show channels concise')).trim().split('\n');
    return lines.map((line) => line.split('!')[0] ?? '').filter((name) => name.includes('/'));
  }

  /** A variable of the channel of `user`'s phone. @throws Error when there is no such channel or variable. */
  async variable(user: string, variable: string): Promise<string> {
    const channel = (await this.channels()).find((name) => name.startsWith(`PJSIP/${user}-`));
    const shown = channel === undefined ? '' : await this.cli(`core show channel ${channel}`);
    const value = new RegExp(`^${variable}=(.*)$`, 'm').exec(shown)?.[1];
    if (value === undefined) {
      throw new Error(`the channel of ${user} has no variable ${variable}: ${shown}`);
    }
    return value;
  }

  /** Asterisk's whole log so far. */
  log(): Promise<string> {
    return readFile(this.#logFile, 'utf8');
  }

  /** The recordings that the dialplan made, by file name. One that is still being made may be cut off anywhere. */
  async recordings(): Promise<ReadonlyMap<string, Buffer>> {
    const folder = join(dirname(dirname(this.#logFile)), 'spool/monitor');
    const names = existsSync(folder) ? await readdir(folder) : [];
    const files = await Promise.all(
      names.map(async (name) => [name, await readFile(join(folder, name))] as const),
    );
    return new Map(files);
  }

  /** Its warnings and errors but for those that match one of `calledFor`, and what it said of a full machine. */
  async complaints(calledFor: readonly RegExp[] = []): Promise<readonly Complaint[]> {
    const complaints: Complaint[] = [];
    for (const line of (await this.log()).split('\n')) {
      const source = /\] (?:WARNING|ERROR)\[[^\]]*\](?:\[[^\]]*\])? ([\w./-]+):/.exec(line)?.[1];
      const isSaid = (pattern: RegExp): boolean => pattern.test(line);
      if (source !== undefined && !calledFor.some(isSaid) && !(LATE.some(isSaid) && this.#wasFullAt(line))) {
        complaints.push({ line, source });
      }
    }
    return complaints;
  }

  /** Whether the machine was full about the time of a line of the log. */
  #wasFullAt(line: string): boolean {
    const [, written = ''] = /^\[([^\]]+)\]/.exec(line) ?? [];
    const atMs = Date.parse(written) - systemClock.wallTime().getTime() + systemClock.nowMs();
    return this.fullness.fullMs(atMs - LATE_AFTER_MS, atMs + LATE_BEFORE_MS) > 0;
  }

  /**
   * Stops it and removes its files.
   * @param emptied whether all channels must have gone by themselves.
   * @throws Error when channels are left that do not end by themselves.
   */
  async close({ emptied = true } = {}): Promise<void> {
    try {
      if (emptied) {
        await this.#untilNoChannel();
      }
    } finally {
      this.fullness.close();
      await runScript(['down', '--name', this.name], COMMAND_LIMIT_MS);
      await rm(this.folder, { recursive: true, force: true });
    }
  }

  /** @throws Error that says what the channels do which are left. */
  async #untilNoChannel(): Promise<void> {
    try {
      await eventually('no channel is left', ENDS_LIMIT_MS, async () => (await this.channels()).length === 0);
    } catch (error) {
      const left = await Promise.all(
        (await this.channels()).map((channel) => this.cli(`core show channel ${channel}`)),
      );
      throw new Error(`channels are left after ${ENDS_LIMIT_MS} ms:\n${left.join('\n')}`, { cause: error });
    }
  }
}

/** The folder of the project, found from this file or from where the tests were started. */
export function findRepository(): string {
  for (const start of [import.meta.dirname, process.cwd()]) {
    for (let folder = start; folder !== dirname(folder); folder = dirname(folder)) {
      if (existsSync(join(folder, 'scripts/asterisk'))) {
        return folder;
      }
    }
  }
  throw new Error('scripts/asterisk is not above this file nor above the current folder');
}

interface ScriptEnd {
  readonly status: number | null;
  readonly output: string;
  readonly error: string;
}

function runScript(words: readonly string[], limitMs: number): Promise<ScriptEnd> {
  return run(join(findRepository(), 'scripts/asterisk'), words, limitMs);
}

function run(program: string, words: readonly string[], limitMs: number): Promise<ScriptEnd> {
  const child = spawn(program, words, {
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: limitMs,
  });
  let output = '';
  let error = '';
  child.stdout.setEncoding('utf8').on('data', (text) => {
    output += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text) => {
    error += text;
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (status) => resolve({ status, output, error }));
  });
}
