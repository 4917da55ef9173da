/**
 * `dragoman serve` as a process, with a console and with providers on this machine that hear and say what a script has:
 * whoever makes a sound on the telephone says "good morning sir" in English.
 */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { newCallUuids, StrictAsterisk } from '../asterisk/strict-asterisk.ts';
import { DeeplStandIn } from '../stand-ins/deepl.ts';
import { SpeechBursts } from '../stand-ins/speech-bursts.ts';
import { type ScriptedWord, VoskStandIn } from '../stand-ins/vosk.ts';
import { XttsStandIn } from '../stand-ins/xtts.ts';
import { endsWithUs } from '../support/processes.ts';
import { eventually } from '../support/waiting.ts';

const MAIN = fileURLToPath(new URL('../../src/cli/main.js', import.meta.url));
const KEY = 'stand-in-key';
const RECOGNISED_HZ = 16_000;
const WORDS = ['good', 'morning', 'sir'];
const WORD_MS = 350;
/** How long a server may take to be ready. */
const START_LIMIT_MS = 60_000;

/** What is said, and what it is in French. */
export const SAID = WORDS.join(' ');
export const RENDERED = 'bonjour monsieur';

export class ConsoleServer {
  /** Where the console is. */
  readonly url: string;
  readonly #port: number;
  readonly #child: ChildProcess;
  readonly #close: () => Promise<unknown>;

  private constructor(url: string, port: number, child: ChildProcess, close: () => Promise<unknown>) {
    this.url = url;
    this.#port = port;
    this.#child = child;
    this.#close = close;
  }

  /** Starts it, and waits until calls are interpreted. */
  static async open(): Promise<ConsoleServer> {
    const vosk = await VoskStandIn.open({ listen: hearing });
    const deepl = await DeeplStandIn.open({ apiKey: KEY, translate: () => RENDERED });
    const xtts = await XttsStandIn.start();
    const words = ['--pair', 'en:fr', '--listen', '127.0.0.1:0', '--http', '127.0.0.1:0', '--metrics', 'off'];
    const child = spawn(
      process.execPath,
      [MAIN, 'serve', ...words, '--stt', 'vosk', '--captions', '--announcement', 'off'],
      {
        env: { VOSK_URL: vosk.url, DEEPL_API_KEY: KEY, DEEPL_URL: deepl.url, XTTS_URL: xtts.url },
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    );
    endsWithUs(child);
    const lines: Readonly<Record<string, unknown>>[] = [];
    createInterface({ input: child.stdout }).on('line', (line) => lines.push(JSON.parse(line)));
    const said = (message: string) =>
      eventually(
        () => `the server says "${message}": ${JSON.stringify(lines)}`,
        START_LIMIT_MS,
        () => lines.find(({ msg }) => msg === message),
      );
    const [door = ''] = z.array(z.string()).parse((await said('listening')).addresses);
    const { address } = await said('serving HTTP');
    await said('ready for calls');
    return new ConsoleServer(`http://${address}/`, Number(door.split(':').at(-1)), child, () =>
      Promise.all([vosk.close(), deepl.close(), xtts.server.close()]),
    );
  }

  /** A call of two: the first speaks English, the second French. */
  async ring(): Promise<readonly [StrictAsterisk, StrictAsterisk]> {
    const [first, second] = newCallUuids();
    return [
      await StrictAsterisk.connect({ port: this.#port, uuid: first, rateHz: RECOGNISED_HZ }),
      await StrictAsterisk.connect({ port: this.#port, uuid: second, rateHz: RECOGNISED_HZ }),
    ];
  }

  async close(): Promise<void> {
    const ended = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await ended;
    await this.#close();
  }
}

/** A recogniser that hears the same words in each burst of sound. */
function hearing(): (pcm: Int16Array) => readonly ScriptedWord[] {
  const bursts = new SpeechBursts(RECOGNISED_HZ, 400);
  const words: ScriptedWord[] = [];
  let heardSamples = 0;
  return (pcm) => {
    for (const { type, atMs } of bursts.push(pcm.subarray(heardSamples))) {
      if (type === 'began') {
        words.push(
          ...WORDS.map((text, index) => ({
            text,
            startMs: atMs + index * WORD_MS,
            endMs: atMs + (index + 1) * WORD_MS,
          })),
        );
      }
    }
    heardSamples = pcm.length;
    return words;
  };
}
