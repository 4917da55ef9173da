/**
 * The rules by which Asterisk ends a leg, as a pure state machine: bytes and times in, frames and violations out.
 * It has its own reading of the wire, so that a fault of our decoder cannot hide one of our encoder. Sources:
 * "What Asterisk punishes" in audiosocket.md, and res_audiosocket.c. All times are ms on one scale, given
 * by the caller; two arrivals with the same time count as one that our own read happened to cut.
 */

import { HEADER_BYTES, KIND_HANGUP, rateOfKind } from '../../src/protocol/audiosocket/kinds.ts';

export type Rule =
  | 'unknown-kind' // only 0x00 and 0x10 to 0x18 may be sent to Asterisk
  | 'empty-audio' // a zero-length payload
  | 'odd-audio' // half a sample: Asterisk plays noise but goes on
  | 'late-payload' // the payload was not there within one poll after the header
  | 'split-header' // a header in two arrivals: Asterisk reads the second part over the first
  | 'cut-message' // the connection ended inside a message
  | 'short-write' // what Asterisk sends was not taken at once
  | 'no-activity'; // nothing on channel and socket for too long

export interface Violation {
  readonly rule: Rule;
  readonly atMs: number;
  /** Whether Asterisk ends the leg for it. */
  readonly fatal: boolean;
  readonly detail: string;
}

/** One audio message, as it would be played. */
export interface HeardFrame {
  /** When its last byte arrived. */
  readonly atMs: number;
  readonly rateHz: number;
  readonly pcm: Int16Array;
  /** Whether its bytes came at more than one time. */
  readonly split: boolean;
}

export interface AsteriskRulesOptions {
  /** How long to wait for more of a payload, in ms. Default 5, Asterisk's poll. */
  readonly payloadLimitMs?: number;
  /** How long nothing may happen, in ms: 2,000 in the application, undefined (no limit) in the channel driver. */
  readonly quietLimitMs?: number | undefined;
}

const PAYLOAD_POLL_MS = 5;

export class AsteriskRules {
  readonly frames: HeardFrame[] = [];
  readonly violations: Violation[] = [];
  /** Messages whose bytes came at more than one time, even when that was quick enough. */
  splitMessages = 0;
  readonly #payloadLimitMs: number;
  readonly #quietLimitMs: number | undefined;
  #state: 'listening' | 'hung-up' | 'failed' = 'listening';
  /** The beginning of a message whose rest has not come. */
  #begun = new Uint8Array(0);
  #begunAtMs = 0;
  #begunIsSplit = false;
  /** How much of the wait for the rest does not count. */
  #forgivenMs = 0;
  #activeAtMs = 0;

  constructor(options: AsteriskRulesOptions = {}) {
    this.#payloadLimitMs = options.payloadLimitMs ?? PAYLOAD_POLL_MS;
    this.#quietLimitMs = options.quietLimitMs;
  }

  /** `hung-up` after the server's 0x00, `failed` after a fatal violation; nothing counts after either. */
  get state(): 'listening' | 'hung-up' | 'failed' {
    return this.#state;
  }

  /** What of a message has come without its rest. */
  get waitingFor(): 'nothing' | 'header' | 'payload' {
    if (this.#state !== 'listening' || this.#begun.length === 0) {
      return 'nothing';
    }
    return this.#begun.length < HEADER_BYTES ? 'header' : 'payload';
  }

  /** When {@link judge} has to be asked next if nothing else happens; undefined when time alone breaks no rule. */
  get deadlineMs(): number | undefined {
    if (this.#state !== 'listening') {
      return undefined;
    }
    const quiet = this.#quietLimitMs === undefined ? undefined : this.#activeAtMs + this.#quietLimitMs;
    return this.waitingFor === 'payload' ? this.#begunAtMs + this.#forgivenMs + this.#payloadLimitMs : quiet;
  }

  /** Bytes from the server. Copies what it keeps. */
  receive(chunk: Uint8Array, atMs: number): void {
    this.#judgeWait(atMs);
    if (this.#state !== 'listening') {
      return;
    }
    this.#activeAtMs = atMs;
    let bytes = chunk;
    if (this.#begun.length > 0) {
      this.#begunIsSplit ||= atMs > this.#begunAtMs;
      bytes = new Uint8Array(this.#begun.length + chunk.length);
      bytes.set(this.#begun);
      bytes.set(chunk, this.#begun.length);
    }
    const used = this.#readMessages(bytes, atMs);
    this.#begun = bytes.slice(used);
    this.#begunAtMs = atMs;
    this.#forgivenMs = 0;
    if (used > 0) {
      this.#begunIsSplit = false;
    }
  }

  /** The channel gave Asterisk a frame to send: that too is activity. */
  channelActive(atMs: number): void {
    this.#activeAtMs = Math.max(this.#activeAtMs, atMs);
  }

  /** Asterisk is about to write; `unsentBytes` is what the socket has not taken of earlier writes. */
  write(unsentBytes: number, atMs: number): void {
    if (unsentBytes > 0) {
      this.#violate('short-write', atMs, true, `${unsentBytes} bytes of earlier frames were not taken`);
    }
  }

  /** The server closed the connection. */
  endOfStream(atMs: number): void {
    if (this.waitingFor !== 'nothing') {
      this.#violate(
        'cut-message',
        atMs,
        true,
        `the connection ended ${this.#begun.length} bytes into a message`,
      );
    }
  }

  /** Leaves `standstillMs` out of the wait for the rest of a payload: the server had no time to send it in. */
  forgive(standstillMs: number): void {
    this.#forgivenMs += standstillMs;
  }

  /** Judges what time alone breaks, at `atMs`, when nothing has arrived up to then. */
  judge(atMs: number): void {
    this.#judgeWait(atMs);
    const quietMs = atMs - this.#activeAtMs;
    if (this.#quietLimitMs !== undefined && quietMs >= this.#quietLimitMs) {
      this.#violate(
        'no-activity',
        atMs,
        true,
        `reached timeout after ${this.#quietLimitMs} ms of no activity`,
      );
    }
  }

  #judgeWait(atMs: number): void {
    const waitedMs = atMs - this.#begunAtMs;
    if (this.waitingFor === 'header' && waitedMs > 0) {
      this.#violate(
        'split-header',
        atMs,
        true,
        `a header was ${this.#begun.length} bytes long for ${waitedMs} ms`,
      );
    } else if (this.waitingFor === 'payload' && waitedMs - this.#forgivenMs > this.#payloadLimitMs) {
      const missing = HEADER_BYTES + announcedBytes(this.#begun, 0) - this.#begun.length;
      this.#violate(
        'late-payload',
        atMs,
        true,
        `${missing} bytes of a payload had not come after ${waitedMs} ms`,
      );
    }
  }

  /** Reads the whole messages in `bytes`; returns how many bytes they took. */
  #readMessages(bytes: Uint8Array, atMs: number): number {
    let offset = 0;
    while (this.#state === 'listening' && bytes.length - offset >= HEADER_BYTES) {
      const kind = bytes[offset] ?? 0;
      if (kind === KIND_HANGUP) {
        this.#state = 'hung-up';
        return bytes.length;
      }
      const rateHz = rateOfKind(kind);
      const payloadBytes = announcedBytes(bytes, offset);
      if (rateHz === undefined) {
        this.#violate('unknown-kind', atMs, true, `kind 0x${kind.toString(16).padStart(2, '0')}`);
      } else if (payloadBytes === 0) {
        this.#violate('empty-audio', atMs, true, 'an audio message without a payload');
      } else if (bytes.length - offset < HEADER_BYTES + payloadBytes) {
        return offset;
      } else {
        const start = offset + HEADER_BYTES;
        offset = start + payloadBytes;
        this.#play(bytes.subarray(start, offset), rateHz, atMs);
      }
    }
    return offset;
  }

  #play(payload: Uint8Array, rateHz: number, atMs: number): void {
    if (payload.length % 2 !== 0) {
      this.#violate('odd-audio', atMs, false, `an audio payload of ${payload.length} bytes`);
    }
    if (this.#begunIsSplit) {
      this.splitMessages += 1;
    }
    this.frames.push({ atMs, rateHz, pcm: samplesOf(payload), split: this.#begunIsSplit });
    this.#begunIsSplit = false;
  }

  #violate(rule: Rule, atMs: number, fatal: boolean, detail: string): void {
    if (this.#state === 'listening') {
      this.violations.push({ rule, atMs, fatal, detail });
      this.#state = fatal ? 'failed' : 'listening';
    }
  }
}

function announcedBytes(bytes: Uint8Array, offset: number): number {
  return ((bytes[offset + 1] ?? 0) << 8) | (bytes[offset + 2] ?? 0);
}

/** A copy of little-endian bytes as samples; a last odd byte is left out. */
function samplesOf(payload: Uint8Array): Int16Array {
  const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
  const pcm = new Int16Array(Math.floor(payload.length / 2));
  for (let i = 0; i < pcm.length; i += 1) {
    pcm[i] = view.getInt16(i * 2, true);
  }
  return pcm;
}
