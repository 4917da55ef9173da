/**
 * A stand-in for one AudioSocket leg of a real Asterisk, over real TCP, that ends the leg for whatever Asterisk
 * would end it for and keeps what happened as facts: `violations`, `frames`, `ended`. Nothing is thrown in the
 * middle of a call; a test asserts on the facts. Times are ms since the connection was made.
 */

import { randomBytes } from 'node:crypto';
import { systemClock } from '../../src/base/clock.ts';
import { HeardRecording } from '../../src/client/heard-recording.ts';
import { PacedCaller } from '../../src/client/paced-caller.ts';
import { encodeDtmf } from '../../src/protocol/audiosocket/asterisk-encoder.ts';
import { formatUuid, parseUuid } from '../../src/protocol/audiosocket/kinds.ts';
import { never } from '../support/waiting.ts';
import { AsteriskRules, type HeardFrame, type Violation } from './asterisk-rules.ts';
import { type Burst, findBursts, findGaps, type Gap } from './frame-times.ts';
import { PhoneVoice } from './phone-voice.ts';
import { RuleWatch } from './rule-watch.ts';

export interface StrictAsteriskOptions {
  readonly port: number;
  /** Default 127.0.0.1. */
  readonly host?: string;
  /** The text of any 16 bytes. Default: random, with a last digit of 0, so leg 0 of a call in the suffix scheme. */
  readonly uuid?: string;
  /** Default true. False: sends no UUID and no audio, a bare TCP client for {@link StrictAsterisk.sendRaw}. */
  readonly sendsUuid?: boolean;
  /** `application` is always 8 kHz and ends after 2,000 ms without activity. Default `channel-driver`. */
  readonly mode?: 'application' | 'channel-driver';
  /** An AudioSocket rate. Default 8,000. */
  readonly rateHz?: number;
  /** What one message of ours holds. Default 20. */
  readonly packetMs?: 10 | 20 | 30 | 40 | 60;
  /** What the caller says first, at `rateHz`; more with {@link StrictAsterisk.speak}. */
  readonly pcm?: Int16Array;
  /** What the phone sends while nothing is said. Default `silence`; `nothing` is a phone with silence suppression. */
  readonly whenQuiet?: 'silence' | 'nothing';
  /**
   * Whether it sits in Asterisk's header loop: it writes no audio until the server has sent a message. Default false.
   */
  readonly waitsForServer?: boolean;
  /** Asterisk's poll for the rest of a payload, in ms. Default 5. */
  readonly payloadLimitMs?: number;
}

/** How a leg ended, as Asterisk sees it. */
export interface Ending {
  /** `server-hangup`: kind 0x00; `server-close`: FIN or RST; `self`: the caller; `rule`: a fatal violation. */
  readonly by: 'server-hangup' | 'server-close' | 'self' | 'rule';
  readonly atMs: number;
  /** The rule, or the system's code such as ECONNRESET; empty when there is nothing to add. */
  readonly detail: string;
}

const QUIET_LIMIT_MS = 2_000;
/** How long a leg that has ended waits for the server to close its side, before it lets go of the socket. */
const CLOSE_LIMIT_MS = 3_000;
const UNTIL_POLL_MS = 5;
/** The most that a fact is waited for: what happens at once on an idle machine, on a very busy one too. */
const UNTIL_LIMIT_MS = 60_000;

export class StrictAsterisk {
  readonly uuid: string;
  readonly rateHz: number;
  /** Resolves, never rejects, when the leg is over for Asterisk. */
  readonly ended: Promise<Ending>;
  /** Resolves, never rejects, when the socket is gone on both sides. */
  readonly closed: Promise<void>;
  readonly #caller: PacedCaller;
  readonly #rules: AsteriskRules;
  readonly #watch: RuleWatch;
  readonly #voice: PhoneVoice;
  readonly #resolveEnded: (ending: Ending) => void;
  #ending: Ending | undefined;
  #waitsForServer: boolean;

  private constructor(caller: PacedCaller, options: StrictAsteriskOptions) {
    this.#caller = caller;
    this.closed = caller.closed;
    this.uuid = options.uuid ?? newCallUuids()[0];
    this.rateHz = options.rateHz ?? 8_000;
    const packetSamples = (this.rateHz * (options.packetMs ?? 20)) / 1_000;
    this.#voice = new PhoneVoice(packetSamples, options.whenQuiet ?? 'silence');
    this.#waitsForServer = options.waitsForServer ?? false;
    this.#rules = new AsteriskRules({
      ...(options.payloadLimitMs === undefined ? {} : { payloadLimitMs: options.payloadLimitMs }),
      // The header loop has no limit: there Asterisk waits for ever.
      quietLimitMs: options.mode === 'application' && !this.#waitsForServer ? QUIET_LIMIT_MS : undefined,
    });
    this.#watch = new RuleWatch(this.#rules, caller.connectedAtMs, (atMs) => this.#endIfFailed(atMs));
    let resolveEnded: (ending: Ending) => void = () => {};
    this.ended = new Promise((resolve) => {
      resolveEnded = resolve;
    });
    this.#resolveEnded = resolveEnded;
    caller.start({
      packet: () => this.#packet(),
      received: (chunk) => this.#receive(chunk),
      lost: (code) => this.#serverClosed(code),
    });
    if (options.pcm !== undefined) {
      this.speak(options.pcm);
    }
  }

  /**
   * Connects, sends the UUID and begins to speak.
   * @throws the system's error when the server does not accept; RangeError for options Asterisk does not have.
   */
  static async connect(options: StrictAsteriskOptions): Promise<StrictAsterisk> {
    if (options.mode === 'application' && (options.rateHz ?? 8_000) !== 8_000) {
      throw new RangeError('the dialplan application speaks 8,000 Hz only');
    }
    const { port, host = '127.0.0.1', rateHz = 8_000, packetMs = 20 } = options;
    const caller = await PacedCaller.connect({ host, port, rateHz, packetMs }, systemClock);
    const leg = new StrictAsterisk(caller, options);
    if (options.sendsUuid ?? true) {
      caller.identify(parseUuid(leg.uuid) ?? new Uint8Array(0));
      if (!leg.#waitsForServer) {
        caller.speak();
      }
    }
    return leg;
  }

  /** Ms since the connection was made. */
  nowMs(): number {
    return systemClock.nowMs() - this.#caller.connectedAtMs;
  }

  /** Every audio message so far, in order of arrival. */
  get frames(): readonly HeardFrame[] {
    return this.#rules.frames;
  }

  get violations(): readonly Violation[] {
    return this.#rules.violations;
  }

  /** Messages that arrived in more than one piece, even if Asterisk would have forgiven it. */
  get splitMessages(): number {
    return this.#rules.splitMessages;
  }

  /** How the leg ended, or undefined while it lives. */
  get ending(): Ending | undefined {
    return this.#ending;
  }

  /** Whether everything that was to be said has been sent. */
  get saidAll(): boolean {
    return this.#voice.saidAll;
  }

  /** The rates heard, in Hz, in the order in which they first appeared. */
  get ratesHeard(): readonly number[] {
    return [...new Set(this.frames.map((frame) => frame.rateHz))];
  }

  /** What was heard, at {@link rateHz}, on a line of time: index / rate is about the time since connecting. */
  heard(): Int16Array {
    const recording = new HeardRecording(this.rateHz);
    for (const frame of this.frames) {
      recording.add(frame.atMs, frame.pcm, frame.rateHz);
    }
    return recording.toPcm();
  }

  gaps(overMs: number): readonly Gap[] {
    return findGaps(this.frames, overMs);
  }

  bursts(moreThan: number, withinMs = 1): readonly Burst[] {
    return findBursts(this.frames, moreThan, withinMs);
  }

  /** Says `pcm`, at {@link rateHz}, after what it is saying already. Keeps the buffer. */
  speak(pcm: Int16Array): void {
    this.#voice.add(pcm);
  }

  /** Presses a key of the phone: 0 to 9, *, #, A to D. */
  sendDtmf(digit: string): void {
    this.sendRaw(encodeDtmf(digit));
  }

  /** Writes bytes as they are, for tests of what Asterisk would never send. */
  sendRaw(bytes: Uint8Array): void {
    this.#caller.write(bytes);
  }

  /** The caller hangs up: the connection is closed with a FIN. */
  hangUp(): void {
    this.#finish({ by: 'self', atMs: this.nowMs(), detail: '' });
  }

  /** Asterisk dies: the connection is closed with an RST. */
  reset(): void {
    this.#finish({ by: 'self', atMs: this.nowMs(), detail: 'reset' }, 'rst');
  }

  /**
   * Waits until `predicate` is true of this leg; asks every 5 ms.
   * @throws Error that says what the leg has seen, after `limitMs`.
   */
  async until(predicate: (leg: StrictAsterisk) => boolean, limitMs = UNTIL_LIMIT_MS): Promise<void> {
    const signal = never();
    const deadlineMs = this.nowMs() + limitMs;
    while (!predicate(this)) {
      if (this.nowMs() >= deadlineMs) {
        throw new Error(`not within ${limitMs} ms: ${predicate.toString()}; ${this.describe()}`);
      }
      await systemClock.sleep(UNTIL_POLL_MS, signal);
    }
  }

  /** What happened so far in one line, for the messages of failed tests. */
  describe(): string {
    const broken = this.violations.map((violation) => `${violation.rule} (${violation.detail})`).join(', ');
    const end =
      this.#ending === undefined ? 'still up' : `ended by ${this.#ending.by} ${this.#ending.detail}`;
    return `leg ${this.uuid}: ${this.frames.length} frames, violations: ${broken || 'none'}, ${end}`;
  }

  /** The packet that is due; undefined, too, when Asterisk would end the leg instead of writing it. */
  #packet(): Int16Array | undefined {
    const pcm = this.#voice.next();
    if (pcm === undefined) {
      return undefined;
    }
    const atMs = this.nowMs();
    this.#rules.channelActive(atMs);
    this.#rules.write(this.#caller.unsentBytes, atMs);
    return this.#endIfFailed(atMs) ? undefined : pcm;
  }

  #receive(chunk: Uint8Array): void {
    if (this.#ending !== undefined) {
      return;
    }
    const atMs = this.#watch.receive(chunk);
    if (this.#endIfFailed(atMs)) {
      return;
    }
    if (this.#rules.state === 'hung-up') {
      this.#finish({ by: 'server-hangup', atMs, detail: '' });
    } else if (this.#waitsForServer && this.frames.length > 0) {
      this.#waitsForServer = false;
      this.#caller.speak();
    }
  }

  #endIfFailed(atMs: number): boolean {
    if (this.#rules.state === 'failed') {
      this.#finish({ by: 'rule', atMs, detail: this.violations.at(-1)?.rule ?? '' });
    }
    return this.#ending !== undefined;
  }

  #serverClosed(detail: string): void {
    if (this.#ending === undefined) {
      const atMs = this.nowMs();
      this.#rules.endOfStream(atMs);
      if (!this.#endIfFailed(atMs)) {
        this.#finish({ by: 'server-close', atMs, detail });
      }
    }
  }

  #finish(ending: Ending, how: 'fin' | 'rst' = 'fin'): void {
    if (this.#ending !== undefined) {
      return;
    }
    this.#ending = ending;
    this.#watch.stop();
    this.#caller.end(how);
    const letGo = systemClock.at(systemClock.nowMs() + CLOSE_LIMIT_MS, () => this.#caller.end('gone'));
    void this.closed.then(() => letGo.cancel());
    this.#resolveEnded(ending);
  }
}

/** The UUIDs of the two legs of a new call, in the suffix scheme: equal but for the last hex digit, 0 and 1. */
export function newCallUuids(): readonly [string, string] {
  const call = formatUuid(randomBytes(16)).slice(0, -1);
  return [`${call}0`, `${call}1`];
}
