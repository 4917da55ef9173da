/**
 * The whole leg: a message of 8 kHz decoded into its ring, its media tick, and the frame it hears encoded for the
 * wire. What is left out is what only threads and sockets have: wakes, reads and writes.
 */

import { FRAME_MS, frameBytes } from '../../src/base/units.ts';
import { bytesOf } from '../../src/media/dsp/sound.ts';
import type { MediaModules } from '../../src/media/dsp/wasm.ts';
import { FrameRingReader, FrameRingWriter } from '../../src/media/ring/frame-ring.ts';
import { allocateLegMemory, type LegMemory } from '../../src/media/ring/leg-memory.ts';
import { VoiceLevel } from '../../src/media/ring/voice-level.ts';
import { LegTask } from '../../src/media/thread/leg-task.ts';
import { type HearMode, NO_ORDERS, type Orders } from '../../src/media/thread/orders.ts';
import { AudioSocketDecoder } from '../../src/protocol/audiosocket/decoder.ts';
import { encodeAudio } from '../../src/protocol/audiosocket/encoder.ts';
import type { Case } from './measure.ts';
import { voiceFrames, voiceSamples } from './voice-samples.ts';

const RATE_HZ = 8_000;
/** Two seconds, so that pauses and syllables are both in it. */
const FRAMES = 100;
const SPEECH_RATE_HZ = 24_000;
const SILENT = Buffer.alloc(frameBytes(RATE_HZ));

type Hears = 'nothing' | 'partner' | 'speech' | 'both' | 'noise';

export function legCases(modules: MediaModules): readonly Case[] {
  const voice = voiceFrames(RATE_HZ, FRAMES);
  const silence = voice.map(() => Buffer.alloc(frameBytes(RATE_HZ)));
  return [
    legCase(modules, 'whole leg, 8,000 Hz, idle: silence in, silence out', silence, 'nothing'),
    legCase(modules, 'whole leg, 8,000 Hz, passthrough: voice in, voice out', voice, 'partner'),
    legCase(modules, 'whole leg, 8,000 Hz, translating: voice in, 24,000 Hz speech out', voice, 'speech'),
    legCase(
      modules,
      'whole leg, 8,000 Hz, underlay: voice in and beneath 24,000 Hz speech out',
      voice,
      'both',
    ),
    legCase(modules, 'whole leg, 8,000 Hz, partner off: voice in, comfort noise out', voice, 'noise'),
    ...[1, 2, 3, 6, 12, 32].map((voices) => voicesCase(modules, voices)),
  ];
}

/** What is heard, and how the partner's voice is heard with it; undefined: not at all. */
const HOW: Readonly<Record<Hears, HearMode | undefined>> = {
  nothing: undefined,
  partner: 'through',
  speech: undefined,
  both: 'duck',
  noise: 'off',
};

function legCase(modules: MediaModules, name: string, payloads: readonly Buffer[], hears: Hears): Case {
  const memory = allocateLegMemory();
  const partner = new Telephone(allocateLegMemory());
  const telephone = new Telephone(memory);
  const how = HOW[hears];
  const orders: Orders = {
    ...NO_ORDERS,
    voices: how === undefined ? [] : [{ id: 'partner', ring: partner.memory.inbound, how }],
    // In a call that nobody interprets nobody listens either.
    attending: hears !== 'partner',
  };
  const media = new LegTask(modules, { memory, firstMs: 0, rateHz: RATE_HZ, orders }, () => {});
  const outbound = new FrameRingReader(memory.outbound);
  const speech = voiceSamples(SPEECH_RATE_HZ, FRAMES);
  const messages = payloads.map((pcm) => encodeAudio(pcm, RATE_HZ));
  let deadlineMs = 0;
  let segment = 0;
  return {
    name,
    framesPerOp: FRAMES,
    run: (times) => {
      for (let i = 0; i < times; i += 1) {
        if (hears === 'speech' || hears === 'both') {
          segment += 1;
          media.handle({ type: 'segment-open', segment, rateHz: SPEECH_RATE_HZ, turn: undefined });
          media.handle({ type: 'segment-audio', segment, pcm: speech });
          media.handle({ type: 'segment-end', segment });
        }
        for (const [index, message] of messages.entries()) {
          deadlineMs += FRAME_MS;
          telephone.say(message, deadlineMs);
          if (how !== undefined) {
            partner.write(payloads[index], deadlineMs);
          }
          media.tick(deadlineMs, deadlineMs);
          send(outbound);
        }
      }
    },
    close: () => media.close(),
  };
}

/** Listeners to the same voices, so that writing these is a small part of what each of them costs. */
const LISTENERS = 16;
/** Each party is loudest once in this time, in frames, so that places change hands about three times a second. */
const ROUND_FRAMES = 500;

/** What a listener of a conference costs by the number of voices, all of which speak. */
function voicesCase(modules: MediaModules, voices: number): Case {
  const payloads = voiceFrames(RATE_HZ, FRAMES);
  const speakers = Array.from({ length: voices }, () => {
    const ring = allocateLegMemory().inbound;
    return { ring, writer: new FrameRingWriter(ring), level: new VoiceLevel(ring) };
  });
  const orders: Orders = {
    ...NO_ORDERS,
    voices: speakers.map(({ ring }, index) => ({ id: `${index}`, ring, how: 'through' })),
  };
  const listeners = Array.from({ length: LISTENERS }, () => {
    const memory = allocateLegMemory();
    return {
      media: new LegTask(modules, { memory, firstMs: 0, rateHz: RATE_HZ, orders }, () => {}),
      outbound: new FrameRingReader(memory.outbound),
    };
  });
  let tick = 0;
  return {
    name: `listener of ${voices} ${voices === 1 ? 'voice' : 'voices'}, 8,000 Hz`,
    framesPerOp: FRAMES * LISTENERS,
    run: (times) => {
      for (let i = 0; i < times * FRAMES; i += 1) {
        tick += 1;
        for (const [index, { writer, level }] of speakers.entries()) {
          writer.write(payloads[(tick + index * 7) % FRAMES] ?? SILENT, RATE_HZ, tick * FRAME_MS);
          level.heard((20 * ((tick + (index * ROUND_FRAMES) / voices) % ROUND_FRAMES)) ** 2);
          level.publish();
        }
        for (const { media, outbound } of listeners) {
          media.tick(tick * FRAME_MS, tick * FRAME_MS);
          outbound.read();
          outbound.publish();
        }
      }
    },
    close: () => {
      for (const { media } of listeners) {
        media.close();
      }
    },
  };
}

/** What the main thread does with a leg's bytes. */
class Telephone {
  readonly memory: LegMemory;
  readonly #writer: FrameRingWriter;
  readonly #decoder: AudioSocketDecoder;
  #nowMs = 0;

  constructor(memory: LegMemory) {
    this.memory = memory;
    this.#writer = new FrameRingWriter(memory.inbound);
    this.#decoder = new AudioSocketDecoder({
      audio: (pcm, rateHz) => this.#writer.write(pcm, rateHz, this.#nowMs),
      uuid: () => {},
      dtmf: () => {},
      hangup: () => {},
      error: () => {},
    });
  }

  say(message: Buffer, nowMs: number): void {
    this.#nowMs = nowMs;
    this.#decoder.push(message);
  }

  /** Puts a frame into the ring as if it had been decoded, at no cost of decoding. */
  write(pcm: Uint8Array | undefined, nowMs: number): void {
    if (pcm !== undefined) {
      this.#writer.write(pcm, RATE_HZ, nowMs);
    }
  }
}

/** What the pacer does at a leg's deadline. */
function send(outbound: FrameRingReader): void {
  const frame = outbound.read();
  outbound.publish();
  if (frame === undefined) {
    throw new RangeError('the leg made no frame');
  }
  encodeAudio(bytesOf(frame), outbound.rateHz);
}
