/**
 * A leg over RTP: what the main thread does with a packet and with a frame that leaves, and what the leg's media thread
 * does with both. What is left out is what only sockets have.
 */

import { silentLog } from '../../src/base/log.ts';
import { FRAME_MS } from '../../src/base/units.ts';
import { FrameRingReader, FrameRingWriter } from '../../src/media/ring/frame-ring.ts';
import { allocateLegMemory } from '../../src/media/ring/leg-memory.ts';
import { RtpLine } from '../../src/media/thread/rtp-line.ts';
import { buildRtp } from '../../src/protocol/rtp/packet.ts';
import { PayloadEncoder, type RtpFormat, SENT_AS } from '../../src/protocol/rtp/payloads.ts';
import { RtpTransport } from '../../src/server/doors/rtp/rtp-transport.ts';
import { FakeClock } from '../base/fake-clock.ts';
import type { Case } from './measure.ts';
import { voiceSamples } from './voice-samples.ts';

const FRAMES = 100;

export function rtpCases(): readonly Case[] {
  return [
    receiveCase(),
    sendCase(),
    ...(['ulaw', 'slin', 'g722'] as const).flatMap((format) => [hearCase(format), codeCase(format)]),
  ];
}

/** Frames of a voice at the rate of `format`. */
function voiceOf(format: RtpFormat): readonly Int16Array[] {
  const { rateHz } = SENT_AS[format];
  const pcm = voiceSamples(rateHz, FRAMES);
  const samples = pcm.length / FRAMES;
  return Array.from({ length: FRAMES }, (_, frame) => pcm.slice(frame * samples, (frame + 1) * samples));
}

/** Packets of a voice, one after the other for ever. */
class Packets {
  readonly #packets: readonly Uint8Array[];
  #next = 0;

  constructor(format: RtpFormat) {
    const encoder = new PayloadEncoder(format);
    const header = {
      payloadType: SENT_AS[format].payloadType,
      marker: false,
      sequence: 0,
      timestamp: 0,
      ssrc: 1,
    };
    this.#packets = voiceOf(format).map((pcm) => buildRtp(header, encoder.encode(pcm)));
  }

  next(): Uint8Array {
    const packet = this.#packets[this.#next % FRAMES] ?? new Uint8Array(0);
    const view = new DataView(packet.buffer);
    view.setUint16(2, this.#next % 2 ** 16);
    view.setUint32(4, (this.#next * 160) % 2 ** 32);
    this.#next += 1;
    return packet;
  }
}

function transport(): RtpTransport {
  return new RtpTransport({
    ...{ remote: 'bench', address: '', format: 'g722', facts: { uuid: '' }, clock: new FakeClock() },
    ...{ log: silentLog, supervised: () => true, send: () => true, over: () => {} },
  });
}

function receiveCase(): Case {
  const leg = transport();
  const writer = new FrameRingWriter(allocateLegMemory().packets);
  const nothing = (): void => {};
  leg.attach({
    ...{ arrived: nothing, frame: nothing, spokenToOnlyAt: nothing, key: nothing, closed: nothing },
    packet: (bytes) => writer.write(bytes, 0, 0),
  });
  const packets = new Packets('g722');
  return {
    name: 'RTP, main thread: packet of G.722 into the ring',
    framesPerOp: 1,
    run: (times) => {
      for (let i = 0; i < times; i += 1) {
        leg.received(packets.next());
      }
    },
  };
}

function sendCase(): Case {
  const leg = transport();
  const payload = new Uint8Array(160);
  return {
    name: 'RTP, main thread: payload of G.722 into a packet',
    framesPerOp: 1,
    run: (times) => {
      for (let i = 0; i < times; i += 1) {
        leg.send(payload);
      }
    },
  };
}

/** Out of the ring, sorted, decoded, into the ring that all hear. */
function hearCase(format: RtpFormat): Case {
  const memory = allocateLegMemory();
  const writer = new FrameRingWriter(memory.packets);
  const frames = new FrameRingReader(memory.inbound);
  const line = new RtpLine(memory, format, false);
  const packets = new Packets(format);
  let nowMs = 0;
  return {
    name: `RTP, media thread: packet of ${format} to a frame`,
    framesPerOp: FRAMES,
    run: (times) => {
      frames.skipAll();
      for (let i = 0; i < times * FRAMES; i += 1) {
        nowMs += FRAME_MS;
        writer.write(packets.next(), 0, nowMs);
        line.hear(nowMs);
      }
      if (frames.skipAll() < times * FRAMES - 1) {
        throw new RangeError('the leg lost frames');
      }
    },
  };
}

function codeCase(format: RtpFormat): Case {
  const line = new RtpLine(allocateLegMemory(), format, false);
  const voice = voiceOf(format);
  return {
    name: `RTP, media thread: frame to a payload of ${format}`,
    framesPerOp: FRAMES,
    run: (times) => {
      for (let i = 0; i < times; i += 1) {
        for (const pcm of voice) {
          line.encode(pcm);
        }
      }
    },
  };
}
