/**
 * Packets that arrive when they like, put back into the order and the time in which they were sent: pure, time is told.
 * Each is held for as long as late ones need, 20 to 200 ms, and no longer: in a silence the wait is made what the last
 * five seconds ask for; in sound it grows when a packet is missing and shrinks, a packet at a time, when it is far too
 * long. So a sender's clock may also be wrong. Nothing sent is no loss: sequence numbers tell a silence from a gap.
 */

import { FRAME_MS } from '../../base/units.ts';
import { sequenceDistance, timestampDistance } from '../../protocol/rtp/wrapping.ts';

export interface JitterPacket {
  /** 16 bits, counted up by one for each packet. */
  readonly sequence: number;
  /** 32 bits, in samples of `clockHz`. */
  readonly timestamp: number;
  /** Whose stream it is. */
  readonly ssrc: number;
  readonly payloadType: number;
  readonly payload: Uint8Array;
  readonly clockHz: number;
  readonly durationMs: number;
}

/** What is to sound next. */
export type JitterPiece =
  /** A packet; one that is `skipped` is decoded and not heard: the wait is made shorter. */
  | { readonly type: 'packet'; readonly packet: JitterPacket; readonly skipped: boolean }
  /** Something is not there, or time is to be won: it is to be made up for. `next` is what sounds right after it. */
  | { readonly type: 'missing'; readonly durationMs: number; readonly next: JitterPacket | undefined };

/** The shortest wait, in ms: a packet is there when the one after it comes. */
const LEAST_DELAY_MS = 20;
/** The longest wait, in ms. What comes later is lost. */
const MOST_DELAY_MS = 200;
/** By how much more than the latest need packets are held, in ms. */
const MARGIN_MS = 5;
/** How many packets the wait is made for: 5 s of them. */
const REMEMBERED_PACKETS = 250;
/** Which share of them is to be in time. */
const IN_TIME = 0.98;
/** Packets between two looks at them; the first ones of a stream are each looked at. */
const LOOK_PACKETS = 16;
/** A gap is made up for so long, in ms; then it is silence. */
const MADE_UP_MS = 60;
/** A wait that is too short by less, in ms, stays as it is when a packet is missing. */
const LEAST_GROWTH_MS = 10;
/** A wait that is too long by this much, in ms, is shortened in the midst of sound, at most so often, in ms. */
const FAR_TOO_LONG_MS = 40;
const SHORTENED_EVERY_MS = 200;
/** More than this ms of sound in the buffer, and a packet, or so many packets: the oldest goes. */
const MOST_HELD_MS = 240;
const MOST_HELD = 64;
/** A time that is off by more, in ms, is that of another stream. */
const JUMP_MS = 2_000;
/** So many newer packets in a row that come too late: their times are not those of the stream before. */
const MOST_LATE_IN_A_ROW = 5;
/** Sequence numbers that are further apart have been counted anew. */
const MOST_LOST = 100;
/** Sequence numbers that are remembered, to know one that comes again: 256 of them. */
const SEEN_MASK = 0xff;
/** Times are worked out from timestamps, and may be off by less than a sample. */
const ROUNDING_MS = 0.1;

interface Held {
  readonly packet: JitterPacket;
  /** When it was sent, in ms of the sender's time. */
  readonly sentMs: number;
}

export class JitterBuffer {
  readonly counts = {
    /** Packets that were not there when they were due, by their sequence numbers. */
    rtpLost: 0,
    /** Packets that came when their time was over; they are among the lost. */
    rtpLate: 0,
    rtpDuplicates: 0,
    /** Pieces of 20 ms or less that were made up for what was missing. */
    rtpMadeUp: 0,
    /** Packets given up because too much came at once, or because another stream began. */
    rtpDropped: 0,
    /** Times that another stream began: another source, or other times. */
    rtpStreams: 0,
  };
  /** Whether what was heard last is quiet enough for a packet more or less to be missed by nobody. */
  quiet = true;
  /** By the time they were sent. */
  readonly #held: Held[] = [];
  #ssrc: number | undefined;
  /** The last packet of a source that is not the stream's, which is believed when the next one comes. */
  #stranger: JitterPacket | undefined;
  #clockHz = 0;
  /** The newest packet's. */
  #newestTimestamp = 0;
  #newestMs = 0;
  #newestSequence = 0;
  readonly #seen = new Int32Array(SEEN_MASK + 1).fill(-1);
  /** The sequence number that was heard last. */
  #heardSequence: number | undefined;
  /** The sender's time up to which everything was heard. */
  #heardToMs = Number.NEGATIVE_INFINITY;
  /** Whether something is going on: no stream, and no silence in it. */
  #running = false;
  /** What is due at a time of the sender's is due so much later here. */
  #offsetMs = 0;
  /** The offset that would be right. */
  #wantedMs = 0;
  /** The offset of packets that were not held up. */
  #quickestMs = 0;
  /** How long the last packets were under way, on our clock less the sender's. */
  readonly #transitsMs = new Float64Array(REMEMBERED_PACKETS);
  readonly #sorted = new Float64Array(REMEMBERED_PACKETS);
  #packets = 0;
  /** Made up since a packet was heard, in ms. */
  #madeUpMs = 0;
  /** That of it for which the sender's time did not go on. */
  #wonMs = 0;
  #lateInARow = 0;
  #shortenedMs = Number.NEGATIVE_INFINITY;

  /** How long a packet that was not held up waits, in ms. */
  get delayMs(): number {
    return this.#running ? Math.max(0, this.#offsetMs - this.#quickestMs) : 0;
  }

  /** Takes a packet that arrives at `nowMs`; keeps its payload until it has sounded. */
  put(packet: JitterPacket, nowMs: number): void {
    if (this.#ssrc !== packet.ssrc || this.#clockHz !== packet.clockHz) {
      if (this.#ssrc !== undefined && !this.#isBelieved(packet)) {
        this.#stranger = packet;
        this.counts.rtpDropped += 1;
        return;
      }
      this.#begin(packet);
    }
    this.#stranger = undefined;
    let sentMs = this.#sentMs(packet);
    if (this.#packets > 0 && Math.abs(nowMs - sentMs - this.#quickestMs) > JUMP_MS) {
      this.#begin(packet);
      sentMs = 0;
    }
    if (this.#seen[packet.sequence & SEEN_MASK] === packet.sequence) {
      this.counts.rtpDuplicates += 1;
      return;
    }
    if (sentMs + packet.durationMs <= this.#heardToMs + ROUNDING_MS) {
      this.counts.rtpLate += 1;
      this.#lateInARow += sequenceDistance(this.#newestSequence, packet.sequence) > 0 ? 1 : 0;
      if (this.#lateInARow < MOST_LATE_IN_A_ROW) {
        this.#remember(packet, sentMs, nowMs);
        return;
      }
      this.#begin(packet);
      sentMs = 0;
    }
    this.#lateInARow = 0;
    this.#remember(packet, sentMs, nowMs);
    this.#hold({ packet, sentMs });
    if (!this.#running) {
      this.#running = true;
      this.#heardToMs = sentMs;
      this.#offsetMs = Math.max(this.#wantedMs, nowMs - sentMs);
    }
    this.#limit(packet.durationMs, nowMs);
  }

  /** The next piece that is due by `nowMs`; undefined: none is. Ask until there is none. */
  take(nowMs: number): JitterPiece | undefined {
    while (this.#running && nowMs + ROUNDING_MS >= this.#heardToMs + this.#offsetMs) {
      const [next] = this.#held;
      if (next === undefined) {
        return this.#makeTime();
      }
      const gapMs = next.sentMs - this.#heardToMs;
      if (gapMs + next.packet.durationMs <= ROUNDING_MS) {
        // Another has said the same before.
        this.#held.shift();
        this.counts.rtpDuplicates += 1;
      } else if (gapMs <= ROUNDING_MS) {
        return this.#hear(next, nowMs);
      } else if (this.#wonMs > 0) {
        // What seemed late was not sent, or is lost: it was made up for already.
        const doneMs = Math.min(gapMs, this.#wonMs);
        this.#wonMs -= doneMs;
        this.#heardToMs += doneMs;
        this.#offsetMs -= doneMs;
      } else if (this.#isSilence(next.packet) || this.#madeUpMs >= MADE_UP_MS) {
        this.#heardToMs = next.sentMs;
        this.#offsetMs = this.#wantedMs;
      } else {
        return this.#makeUpFor(gapMs, next.packet);
      }
    }
    return undefined;
  }

  /** Another source is believed when a second packet follows its first: one alone may be anything. */
  #isBelieved(packet: JitterPacket): boolean {
    return (
      this.#stranger !== undefined &&
      this.#stranger.ssrc === packet.ssrc &&
      this.#stranger.clockHz === packet.clockHz &&
      sequenceDistance(this.#stranger.sequence, packet.sequence) === 1
    );
  }

  /** A stream begins with this packet, whose sender's time is 0. */
  #begin(packet: JitterPacket): void {
    this.counts.rtpStreams += 1;
    this.counts.rtpDropped += this.#held.length;
    this.#held.length = 0;
    this.#ssrc = packet.ssrc;
    this.#clockHz = packet.clockHz;
    this.#newestTimestamp = packet.timestamp;
    this.#newestMs = 0;
    this.#newestSequence = packet.sequence;
    this.#seen.fill(-1);
    this.#heardSequence = undefined;
    this.#heardToMs = Number.NEGATIVE_INFINITY;
    this.#running = false;
    this.#packets = 0;
    this.#madeUpMs = 0;
    this.#wonMs = 0;
    this.#lateInARow = 0;
  }

  #sentMs({ timestamp }: JitterPacket): number {
    return this.#newestMs + (timestampDistance(this.#newestTimestamp, timestamp) * 1_000) / this.#clockHz;
  }

  #remember(packet: JitterPacket, sentMs: number, nowMs: number): void {
    this.#seen[packet.sequence & SEEN_MASK] = packet.sequence;
    if (sentMs > this.#newestMs) {
      this.#newestMs = sentMs;
      this.#newestTimestamp = packet.timestamp;
    }
    if (sequenceDistance(this.#newestSequence, packet.sequence) > 0) {
      this.#newestSequence = packet.sequence;
    }
    this.#transitsMs[this.#packets % REMEMBERED_PACKETS] = nowMs - sentMs;
    this.#packets += 1;
    if (this.#packets <= 2 * LOOK_PACKETS || this.#packets % LOOK_PACKETS === 0) {
      this.#look();
    }
  }

  /** Works out how long packets must wait for nearly all to be in time. */
  #look(): void {
    const known = Math.min(this.#packets, REMEMBERED_PACKETS);
    const sorted = this.#sorted.subarray(0, known);
    sorted.set(this.#transitsMs.subarray(0, known));
    sorted.sort();
    this.#quickestMs = sorted[Math.floor(known * (1 - IN_TIME))] ?? 0;
    const slowestMs = sorted[Math.ceil(known * IN_TIME) - 1] ?? 0;
    const delayMs = slowestMs + MARGIN_MS - this.#quickestMs;
    this.#wantedMs = this.#quickestMs + Math.min(MOST_DELAY_MS, Math.max(LEAST_DELAY_MS, delayMs));
  }

  #hold(held: Held): void {
    let place = this.#held.length;
    while (place > 0 && (this.#held[place - 1]?.sentMs ?? 0) > held.sentMs) {
      place -= 1;
    }
    this.#held.splice(place, 0, held);
  }

  /** What came all at once after a stall is heard from its end: nobody waits for what is past. */
  #limit(durationMs: number, nowMs: number): void {
    if (this.#heldMs <= MOST_HELD_MS + durationMs && this.#held.length <= MOST_HELD) {
      return;
    }
    // Down to less than that, or the next packet would be too much again.
    const keptMs = MOST_HELD_MS / 2 + durationMs;
    while (this.#heldMs > keptMs || this.#held.length > MOST_HELD) {
      const first = this.#held.shift();
      if (first === undefined) {
        break;
      }
      this.counts.rtpDropped += 1;
      this.#heardSequence = first.packet.sequence;
      this.#heardToMs = Math.max(this.#heardToMs, first.sentMs + first.packet.durationMs);
    }
    this.#wonMs = 0;
    // A frame later, so that the rest of what comes at once is here when it is heard on.
    this.#offsetMs = nowMs - this.#heardToMs + FRAME_MS;
  }

  /** From the beginning of the first packet held to that of the newest, in ms. */
  get #heldMs(): number {
    const [first] = this.#held;
    return first === undefined ? 0 : this.#newestMs - first.sentMs;
  }

  /** Nothing is there: it may be late, lost, or never sent. */
  #makeTime(): JitterPiece | undefined {
    if (this.#madeUpMs >= MADE_UP_MS) {
      this.#running = false;
      this.#madeUpMs = 0;
      this.#wonMs = 0;
      return undefined;
    }
    this.#offsetMs += FRAME_MS;
    this.#wonMs += FRAME_MS;
    return this.#makeUp(FRAME_MS);
  }

  /** Something is not there, and what follows it is. Where the wait is too short, it may only be late. */
  #makeUpFor(gapMs: number, next: JitterPacket): JitterPiece {
    if (this.#wantedMs - this.#offsetMs >= LEAST_GROWTH_MS) {
      this.#offsetMs += FRAME_MS;
      return this.#makeUp(FRAME_MS);
    }
    const durationMs = Math.min(gapMs, FRAME_MS);
    this.#heardToMs += durationMs;
    return this.#makeUp(durationMs, gapMs - durationMs <= ROUNDING_MS ? next : undefined);
  }

  #makeUp(durationMs: number, next?: JitterPacket): JitterPiece {
    this.#madeUpMs += durationMs;
    this.counts.rtpMadeUp += 1;
    return { type: 'missing', durationMs, next };
  }

  #hear(next: Held, nowMs: number): JitterPiece {
    const { packet, sentMs } = next;
    const tooLongMs = this.#offsetMs - this.#wantedMs;
    if (tooLongMs <= -FRAME_MS && this.quiet && this.#madeUpMs === 0) {
      this.#offsetMs += FRAME_MS;
      return { type: 'missing', durationMs: FRAME_MS, next: packet };
    }
    this.#held.shift();
    this.#countLost(packet);
    this.#heardSequence = packet.sequence;
    this.#heardToMs = sentMs + packet.durationMs;
    this.#madeUpMs = 0;
    this.#wonMs = 0;
    const far = tooLongMs >= packet.durationMs + FAR_TOO_LONG_MS;
    const skipped =
      tooLongMs >= packet.durationMs &&
      (this.quiet || (far && nowMs - this.#shortenedMs >= SHORTENED_EVERY_MS));
    if (skipped) {
      this.#shortenedMs = nowMs;
      this.#offsetMs -= packet.durationMs;
    }
    return { type: 'packet', packet, skipped };
  }

  #countLost({ sequence }: JitterPacket): void {
    const steps = this.#heardSequence === undefined ? 1 : sequenceDistance(this.#heardSequence, sequence);
    if (steps > 1 && steps <= MOST_LOST) {
      this.counts.rtpLost += steps - 1;
    }
  }

  /** Whether nothing was sent between what was heard and this packet. */
  #isSilence({ sequence }: JitterPacket): boolean {
    const steps = this.#heardSequence === undefined ? 1 : sequenceDistance(this.#heardSequence, sequence);
    return steps <= 1 || steps > MOST_LOST;
  }
}
