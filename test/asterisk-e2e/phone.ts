/**
 * A SIP phone (baresip) that says a recording into a call and keeps what it hears. What it heard can be read only
 * when the phone is closed: until then the recording's header is not complete.
 */

import assert from 'node:assert/strict';
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { z } from 'zod';
import { systemClock } from '../../src/base/clock.ts';
import { encodeWav, parseWav, type Wav } from '../../src/protocol/wav.ts';
import { freeNeighbours, freePort } from '../support/ports.ts';
import { endsWithUs, goesFirst } from '../support/processes.ts';
import { eventually, within } from '../support/waiting.ts';
import { encodeNetstring, NetstringParser } from './netstring.ts';
import { findRepository, type Testbed } from './testbed.ts';

export type PhoneCodec = 'g722' | 'pcma' | 'pcmu';

export interface PhoneOptions {
  readonly user: string;
  /** Default `g722`. */
  readonly codec?: PhoneCodec;
  /** Said as soon as a call is established; default nothing but silence. */
  readonly say?: Wav;
  /** Whether it answers by itself, as by default, or only rings. */
  readonly answers?: boolean;
  /** Default that of dialplan/pjsip.conf. */
  readonly password?: string;
  /** The port of Asterisk where it comes by TLS, with SRTP or not at all; default neither. */
  readonly tlsPort?: number;
}

export type PhoneEventType =
  | 'CALL_INCOMING'
  | 'CALL_RINGING'
  | 'CALL_ESTABLISHED'
  | 'CALL_CLOSED'
  | 'REGISTER_OK';

interface PhoneEvent {
  readonly type: string;
  /** Such as the reason of a CALL_CLOSED. */
  readonly param: string;
  /** When it came, in ms of the clock. */
  readonly atMs: number;
}

const EVENT = z.object({ event: z.literal(true), type: z.string(), param: z.string().optional() });
const RESPONSE = z.object({
  response: z.literal(true),
  ok: z.boolean(),
  data: z.string(),
  token: z.string(),
});

type PhoneResponse = z.infer<typeof RESPONSE>;

/** What baresip says when all its modules are loaded. */
const READY = 'baresip is ready.';
const START_LIMIT_MS = 60_000;
const ORDER_LIMIT_MS = 90_000;
const EVENT_LIMIT_MS = 90_000;
const CLOSE_LIMIT_MS = 60_000;
/** The file of what a phone says, in its folder. */
const WORDS = 'words.wav';

let phones = 0;

export class Phone {
  /** Asterisk's address, in that of a number. */
  readonly #sip: string;
  readonly #folder: string;
  readonly #child: ChildProcessByStdio<null, Readable, Readable>;
  readonly #events: PhoneEvent[] = [];
  readonly #responses: PhoneResponse[] = [];
  #orders = 0;
  #socket: Socket | undefined;
  #output = '';

  /** A phone that is registered. */
  static async open(testbed: Testbed, options: PhoneOptions): Promise<Phone> {
    const phone = await Phone.#start(testbed, options);
    try {
      await eventually(`${options.user} is registered`, START_LIMIT_MS, () =>
        /\b200 OK\b/.test(phone.#output),
      );
    } catch (error) {
      await phone.#end();
      throw new Error(`the phone of ${options.user} does not work: ${phone.#output}`, { cause: error });
    }
    return phone;
  }

  /** The status with which a phone that would register is refused. */
  static async refused(testbed: Testbed, options: PhoneOptions): Promise<string> {
    const phone = await Phone.#start(testbed, options);
    try {
      return await eventually(
        () => `${options.user} is refused; it said: ${phone.#output.slice(-400)}`,
        START_LIMIT_MS,
        () => {
          assert.doesNotMatch(phone.#output, /\b200 OK\b/);
          return /^.*reg:.* (\d{3}) .*$/m.exec(phone.#output)?.[1];
        },
      );
    } finally {
      await phone.#end();
    }
  }

  /** A phone that is about to register. */
  static async #start(testbed: Testbed, options: PhoneOptions): Promise<Phone> {
    phones += 1;
    const folder = join(testbed.folder, `${options.user}-${phones}`);
    await mkdir(folder);
    const words = ['phone', options.user, '--name', testbed.name, '--dir', folder];
    const sipPort = await freeNeighbours(2);
    const controlPort = await freePort();
    words.push('--sip-port', String(sipPort), '--ctrl-port', String(controlPort));
    words.push('--codec', options.codec ?? 'g722');
    words.push('--answer-mode', options.answers === false ? 'manual' : 'auto');
    if (options.say !== undefined) {
      const file = join(folder, WORDS);
      await writeFile(file, encodeWav(options.say));
      words.push('--say', file);
    }
    if (options.password !== undefined) {
      words.push('--password', options.password);
    }
    if (options.tlsPort !== undefined) {
      words.push('--tls', String(options.tlsPort));
    }
    const phone = new Phone(testbed, folder, words, options.tlsPort);
    try {
      await phone.#connect(controlPort);
      goesFirst(phone.#child);
    } catch (error) {
      await phone.#end();
      throw new Error(`the phone of ${options.user} does not work: ${phone.#output}`, { cause: error });
    }
    return phone;
  }

  private constructor(
    testbed: Testbed,
    folder: string,
    words: readonly string[],
    tlsPort: number | undefined,
  ) {
    const [host = ''] = testbed.sip.split(':');
    this.#sip = tlsPort === undefined ? testbed.sip : `${host}:${tlsPort};transport=tls`;
    this.#folder = folder;
    this.#child = spawn(join(findRepository(), 'scripts/asterisk'), words, {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const keep = (text: string): void => {
      this.#output += text;
    };
    this.#child.stdout.setEncoding('utf8').on('data', keep);
    this.#child.stderr.setEncoding('utf8').on('data', keep);
    endsWithUs(this.#child);
  }

  /** Calls a number: resolves when the phone has begun to; {@link until} tells what becomes of it. */
  dial(number: string): Promise<void> {
    return this.#tell('dial', `sip:${number}@${this.#sip}`);
  }

  /** Ends the call, or refuses the one that rings. */
  hangUp(): Promise<void> {
    return this.#tell('hangup');
  }

  /** Sends who it speaks with to a number, and is out of the call. */
  transfer(number: string): Promise<void> {
    return this.#tell('transfer', `sip:${number}@${this.#sip}`);
  }

  /** Puts who it speaks with on hold: it sends no sound. */
  hold(): Promise<void> {
    return this.#tell('hold');
  }

  /** Takes who it speaks with off hold. */
  resume(): Promise<void> {
    return this.#tell('resume');
  }

  /** Presses keys, as RTP events. */
  press(keys: string): Promise<void> {
    return this.#tell('sndcode', keys);
  }

  /** Stops it where it is: it is still in its call and sends nothing at all, until it is thawed. */
  freeze(): void {
    this.#child.kill('SIGSTOP');
  }

  thaw(): void {
    this.#child.kill('SIGCONT');
  }

  /** The length in ms of the packets it sends, as Asterisk asked for it. */
  get packetMs(): number {
    const asked = /peer changed ptime_tx \d+m?s? -> (\d+)/.exec(this.#output)?.[1];
    return asked === undefined ? 20 : Number(asked);
  }

  /** How often something has happened so far. */
  count(type: PhoneEventType): number {
    return this.#events.filter((event) => event.type === type).length;
  }

  /** The `nth` (from 1) event of a type, when it comes. @throws Error after `limitMs`. */
  until(type: PhoneEventType, limitMs = EVENT_LIMIT_MS, nth = 1): Promise<PhoneEvent> {
    return eventually(
      () => `${type} of a phone; it said: ${this.#output.slice(-400)}`,
      limitMs,
      () => this.#events.filter((event) => event.type === type)[nth - 1],
    );
  }

  /** Ends the phone and tells what it heard in its last call. */
  async close(): Promise<Wav> {
    await this.#end();
    const folder = join(this.#folder, 'heard');
    const files = (await readdir(folder)).filter((name) => name.endsWith('-dec.wav')).sort();
    const last = files.at(-1);
    return last === undefined
      ? { rateHz: 8_000, pcm: new Int16Array(0) }
      : parseWav(await readFile(join(folder, last)));
  }

  /** Ends the phone, whatever state it is in. Idempotent. */
  async #end(): Promise<void> {
    this.#socket?.destroy();
    if (!this.#ended) {
      const ended = once(this.#child, 'exit');
      // A frozen one would not hear of it.
      this.thaw();
      this.#child.kill('SIGTERM');
      await within('the phone ends', CLOSE_LIMIT_MS, ended).catch(() => this.#child.kill('SIGKILL'));
    }
    // It is in memory, which a container may have little of.
    await rm(join(this.#folder, WORDS), { force: true });
  }

  async #connect(port: number): Promise<void> {
    const parser = new NetstringParser((text) => this.#read(text));
    // It loads its modules first. A connection before somebody listens may be one with itself, which answers nothing:
    // both ends of it have the port that the phone then cannot have.
    await eventually('the phone is ready', START_LIMIT_MS, () => {
      assert.ok(!this.#ended, 'the phone has ended');
      return this.#output.includes(READY);
    });
    this.#socket = connect(port, '127.0.0.1');
    await once(this.#socket, 'connect');
    this.#socket.on('data', (chunk) => parser.push(chunk));
    this.#socket.on('error', () => this.#socket?.destroy());
  }

  /** Resolves when the phone has done it. @throws Error when it does not, or is not there any more. */
  async #tell(command: string, params = ''): Promise<void> {
    this.#orders += 1;
    const token = String(this.#orders);
    assert.equal(this.#socket?.writable, true, `the phone is gone; it said: ${this.#output.slice(-400)}`);
    this.#socket.write(encodeNetstring(JSON.stringify({ command, params, token })));
    const response = await eventually(
      () => `the phone does "${command} ${params}"; it said: ${this.#output.slice(-400)}`,
      ORDER_LIMIT_MS,
      () => this.#responses.find((one) => one.token === token),
    );
    assert.ok(response.ok, `the phone refused "${command} ${params}": ${response.data}`);
  }

  #read(text: string): void {
    const message: unknown = JSON.parse(text);
    const event = EVENT.safeParse(message).data;
    if (event !== undefined) {
      this.#events.push({ type: event.type, param: event.param ?? '', atMs: systemClock.nowMs() });
    }
    const response = RESPONSE.safeParse(message).data;
    if (response !== undefined) {
      this.#responses.push(response);
    }
  }

  get #ended(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }
}
