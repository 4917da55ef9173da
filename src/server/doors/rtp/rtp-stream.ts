/**
 * The packets we send on one leg: sequence numbers and timestamps begin anywhere, as RFC 3550 asks, and go on by one
 * and by 20 ms. Frames that were never sent, because the process stood still, are left out of the time line, too. The
 * leg's media thread has coded what they carry.
 */

import { randomInt } from 'node:crypto';
import { FRAME_MS } from '../../../base/units.ts';
import { buildRtp } from '../../../protocol/rtp/packet.ts';
import { type RtpFormat, SENT_AS } from '../../../protocol/rtp/payloads.ts';

/** A frame's length on the clock of every format that Asterisk takes. */
const FRAME_TICKS = 160;
/** Frames that may be late together before they count as never sent. */
const MOST_LATE_FRAMES = 3;

export class RtpStream {
  readonly #payloadType: number;
  readonly #ssrc = randomInt(2 ** 32);
  readonly #firstTimestamp = randomInt(2 ** 32);
  #sequence = randomInt(2 ** 16);
  #firstMs: number | undefined;
  /** Frames since the first one, left out ones too. */
  #frames = 0;

  constructor(format: RtpFormat) {
    this.#payloadType = SENT_AS[format].payloadType;
  }

  /** The packet of one frame, whose payload is copied. The packet is the caller's. */
  packet(payload: Uint8Array, nowMs: number): Uint8Array {
    this.#firstMs ??= nowMs;
    const lateFrames = Math.floor((nowMs - this.#firstMs) / FRAME_MS) - this.#frames;
    const resumes = this.#frames === 0 || lateFrames > MOST_LATE_FRAMES;
    this.#frames += lateFrames > MOST_LATE_FRAMES ? lateFrames : 0;
    const header = {
      payloadType: this.#payloadType,
      marker: resumes,
      sequence: this.#sequence,
      timestamp: (this.#firstTimestamp + this.#frames * FRAME_TICKS) % 2 ** 32,
      ssrc: this.#ssrc,
    };
    this.#sequence = (this.#sequence + 1) % 2 ** 16;
    this.#frames += 1;
    return buildRtp(header, payload);
  }
}
