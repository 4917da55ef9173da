/**
 * The wire of a leg over RTP on its media thread: makes frames of its packets, which the main thread has only passed
 * on as they came, and payloads of the frames it hears. Jitter buffer, concealment and codecs are here because they are
 * most of what such a leg costs, G.722 above all, and the main thread has one core for all legs.
 */

import { parseRtp } from '../../protocol/rtp/packet.ts';
import { PayloadEncoder, type RtpFormat } from '../../protocol/rtp/payloads.ts';
import { RtpSound } from '../hear/rtp-sound.ts';
import { FrameRingReader, FrameRingWriter } from '../ring/frame-ring.ts';
import { type LegMemory, MediaCounters, MediaGauges } from '../ring/leg-memory.ts';

/** What the jitter buffer counts for everybody to see. */
const TOLD = ['rtpLost', 'rtpLate', 'rtpDuplicates', 'rtpMadeUp', 'rtpDropped', 'rtpStreams'] as const;

export class RtpLine {
  readonly #packets: FrameRingReader;
  readonly #sound: RtpSound;
  readonly #encoder: PayloadEncoder;
  readonly #counters: MediaCounters;
  readonly #gauges: MediaGauges;
  /** How much of each count was told, in the order of {@link TOLD}. */
  readonly #told = new Int32Array(TOLD.length);
  #overrun = 0;
  #arrivedMs = 0;

  /**
   * Writes to the leg's inbound ring, as the only one. What the thread before this one held back is lost.
   * @param resumed whether there was one: then the packets that it had read are not read again.
   */
  constructor(memory: LegMemory, format: RtpFormat, resumed: boolean) {
    const { packets, inbound, counters, gauges } = memory;
    this.#packets = resumed ? FrameRingReader.resumed(packets) : new FrameRingReader(packets, 0);
    this.#encoder = new PayloadEncoder(format);
    this.#counters = new MediaCounters(counters);
    this.#gauges = new MediaGauges(gauges);
    const frames = new FrameRingWriter(inbound);
    this.#sound = new RtpSound((pcm, rateHz) => frames.write(pcm, rateHz, this.#arrivedMs));
  }

  /** Takes the packets that have come, and writes the frames that are due by `nowMs`. Call it each 20 ms at least. */
  hear(nowMs: number): void {
    const before = this.#packets.position;
    while (this.#packets.read() !== undefined) {
      const packet = parseRtp(this.#packets.bytes);
      if (typeof packet !== 'string') {
        this.#arrivedMs = this.#packets.atMs;
        this.#sound.put(packet, this.#arrivedMs);
      }
    }
    if (this.#packets.position > before) {
      this.#packets.publish();
    }
    this.#arrivedMs = nowMs;
    this.#sound.play(nowMs);
    this.#tell();
  }

  /** The payload of a frame that the leg is to hear; it belongs to the caller. */
  encode(pcm: Int16Array): Uint8Array {
    return this.#encoder.encode(pcm);
  }

  #tell(): void {
    const { counts } = this.#sound;
    for (let index = 0; index < TOLD.length; index += 1) {
      const name = TOLD[index];
      const count = name === undefined ? 0 : counts[name];
      if (name !== undefined && count !== this.#told[index]) {
        this.#counters.add(name, count - (this.#told[index] ?? 0));
        this.#told[index] = count;
      }
    }
    this.#counters.add('rtpDropped', this.#packets.lost - this.#overrun);
    this.#overrun = this.#packets.lost;
    this.#gauges.set('heldMs', this.#sound.delayMs);
  }
}
