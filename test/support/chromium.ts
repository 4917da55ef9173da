/**
 * A headless Chromium whose microphone plays a file, driven over its own debugging port. Where there is none, tests are
 * skipped and say so, unless REQUIRE_CHROMIUM=1 says that this is a failure.
 */

import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WebSocket } from 'ws';
import { endsWithUs } from './processes.ts';
import { eventually, within } from './waiting.ts';

const LIMIT_MS = 60_000;
const PROGRAMS = ['chromium', 'chromium-browser', 'google-chrome'];

/** Why a test is skipped. */
export const NEEDS_CHROMIUM = 'needs Chromium (Debian: chromium)';

/** The path of the Chromium that this machine has. @throws Error when there must be one and is not. */
export function chromiumProgram(): string | undefined {
  for (const name of PROGRAMS) {
    const { status, stdout } = spawnSync('which', [name], { encoding: 'utf8' });
    if (status === 0) {
      return stdout.trim();
    }
  }
  if (process.env.REQUIRE_CHROMIUM === '1') {
    throw new Error('REQUIRE_CHROMIUM=1, and there is no Chromium: apt-get install chromium');
  }
  return undefined;
}

export class Chromium {
  readonly #child: ChildProcess;
  readonly #folder: string;
  readonly #socket: WebSocket;
  readonly #answers = new Map<number, (message: Answer) => void>();
  #orders = 0;

  private constructor(child: ChildProcess, folder: string, socket: WebSocket) {
    this.#child = child;
    this.#folder = folder;
    this.#socket = socket;
    socket.on('message', (data) => {
      const message: Answer = JSON.parse(String(data));
      this.#answers.get(message.id ?? -1)?.(message);
    });
  }

  /** One that runs, or why this machine has none. @param microphone a WAV file that is played again and again. */
  static async open(microphone: string): Promise<Chromium | string> {
    const program = chromiumProgram();
    if (program === undefined) {
      return NEEDS_CHROMIUM;
    }
    const folder = await mkdtemp(join(tmpdir(), 'dragoman-chromium-'));
    const child = spawn(
      program,
      [
        ...['--headless=new', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--no-first-run'],
        ...['--remote-debugging-port=0', `--user-data-dir=${folder}`, '--mute-audio'],
        ...['--autoplay-policy=no-user-gesture-required', '--use-fake-ui-for-media-stream'],
        ...['--use-fake-device-for-media-stream', `--use-file-for-fake-audio-capture=${microphone}`],
        'about:blank',
      ],
      { stdio: 'ignore' },
    );
    endsWithUs(child);
    try {
      const lines = await eventually('Chromium says where it listens', LIMIT_MS, async () => {
        const text = await readFile(join(folder, 'DevToolsActivePort'), 'utf8').catch(() => '');
        const found = text.trim().split('\n');
        return found.length === 2 && found;
      });
      const socket = new WebSocket(`ws://127.0.0.1:${lines[0]}${lines[1]}`);
      await within('Chromium takes orders', LIMIT_MS, once(socket, 'open'));
      return new Chromium(child, folder, socket);
    } catch (error) {
      child.kill('SIGKILL');
      throw error;
    }
  }

  /** A new tab that shows `url`. */
  async tab(url: string): Promise<Tab> {
    const { targetId } = await this.order('Target.createTarget', { url });
    const { sessionId } = await this.order('Target.attachToTarget', { targetId, flatten: true });
    return new Tab(this, String(sessionId));
  }

  /** @throws Error with what Chromium says against it. */
  async order(method: string, params: object, sessionId?: string): Promise<Fields> {
    this.#orders += 1;
    const id = this.#orders;
    const answered = new Promise<Answer>((resolve) => this.#answers.set(id, resolve));
    this.#socket.send(JSON.stringify({ id, method, params, sessionId }));
    const { result, error } = await within(`Chromium does ${method}`, LIMIT_MS, answered);
    this.#answers.delete(id);
    if (result === undefined) {
      throw new Error(`${method}: ${JSON.stringify(error)}`);
    }
    return result;
  }

  async close(): Promise<void> {
    const ended = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await ended;
    this.#socket.terminate();
    await rm(this.#folder, { recursive: true, force: true, maxRetries: 10 });
  }
}

/** Whatever is connected with a loudspeaker is with a stream for a recorder, too. */
const KEEP_SOUND = `{
  const { connect } = AudioNode.prototype;
  AudioNode.prototype.connect = function (target, ...rest) {
    if (target instanceof AudioDestinationNode) {
      window.keptSound = this.context.createMediaStreamDestination();
      connect.call(this, window.keptSound);
    }
    return connect.call(this, target, ...rest);
  };
}`;

/** An expression of the page. */
function recording(durationMs: number): string {
  return `(async () => {
    const recorder = new MediaRecorder(window.keptSound.stream);
    const pieces = [];
    recorder.ondataavailable = ({ data }) => pieces.push(data);
    const over = new Promise((resolve) => recorder.addEventListener('stop', resolve));
    recorder.start();
    setTimeout(() => recorder.stop(), ${durationMs});
    await over;
    const whole = await new Blob(pieces).arrayBuffer();
    const sound = await new OfflineAudioContext(1, 1, 16_000).decodeAudioData(whole);
    const pcm = Int16Array.from(sound.getChannelData(0), (each) => 32_767 * Math.max(-1, Math.min(1, each)));
    let text = '';
    for (const byte of new Uint8Array(pcm.buffer)) {
      text += String.fromCharCode(byte);
    }
    return btoa(text);
  })()`;
}

export class Tab {
  readonly #chromium: Chromium;
  readonly #sessionId: string;

  constructor(chromium: Chromium, sessionId: string) {
    this.#chromium = chromium;
    this.#sessionId = sessionId;
  }

  /** What an expression is in the page, as JSON. */
  async read(expression: string): Promise<unknown> {
    const params = { expression, returnByValue: true, awaitPromise: true, userGesture: true };
    const answer = await this.order('Runtime.evaluate', params);
    const { result, exceptionDetails } = answer as { result: Fields; exceptionDetails?: unknown };
    if (exceptionDetails !== undefined) {
      throw new Error(`${expression}: ${JSON.stringify(exceptionDetails)}`);
    }
    return result.value;
  }

  /** Resolves when an expression is true in the page. */
  async until(expression: string): Promise<void> {
    let last: unknown;
    await eventually(
      () => `in the page ${expression}: ${last}`,
      LIMIT_MS,
      async () => {
        // A page that is still being loaded has nothing to ask.
        last = await this.read(`Boolean(${expression})`).catch((error: unknown) => error);
        return last === true;
      },
    );
  }

  /** Keeps what the page will play from now on, beside playing it. To be asked before it makes any sound. */
  async keepSound(): Promise<void> {
    await this.read(KEEP_SOUND);
  }

  /** What the page plays in the next so many ms, as a recorder of its own browser has it: 16 bit at 16 kHz. */
  async record(durationMs: number): Promise<Int16Array> {
    const base64 = String(await this.read(recording(durationMs)));
    return new Int16Array(Uint8Array.from(Buffer.from(base64, 'base64')).buffer);
  }

  order(method: string, params: object): Promise<Fields> {
    return this.#chromium.order(method, params, this.#sessionId);
  }
}

type Fields = Readonly<Record<string, unknown>>;

interface Answer {
  readonly id?: number;
  readonly result?: Fields;
  readonly error?: unknown;
}
