/**
 * The whole leg: a message of 8 kHz decoded into its ring, its media tick, and the frame it hears encoded for the
 * wire. What is left out is what only threads and sockets have: wakes, reads and writes.
 */

import { FRAME_MS, frameBytes } from '../../src/base/units.ts';
import { FrameRingReader, FrameRingWriter } from '../../src/media/frame-ring.ts';
import { LegMedia } from '../../src/media/leg-media.ts';
import { allocateLegMemory, type LegMemory } from '../../src/media/leg-memory.ts';
import { bytesOf } from '../../src/media/sound.ts';
import type { MediaModules } from '../../src/media/wasm.ts';
import { AudioSocketDecoder } from '../../src/protocol/audiosocket/decoder.ts';
import { encodeAudio } from '../../src/protocol/audiosocket/encoder.ts';
import type { Case } from './measure.ts';
import { voiceFrames, voiceSamples } from './voice-samples.ts';

const RATE_HZ = 8_000;
/** Two seconds, so that pauses and syllables are both in it. */
const FRAMES = 100;
const SPEECH_RATE_HZ = 24_000;

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
  ];
}

/** What is heard, and how the partner's voice is heard with it. */
const HOW = {
  nothing: undefined,
  partner: 'through',
  speech: undefined,
  both: 'duck',
  noise: 'off',
} as const;

function legCase(
  modules: MediaModules,
  name: string,
  payloads: readonly Buffer[],
  hears: keyof typeof HOW,
): Case {
  const memory = allocateLegMemory();
  const partner = new Telephone(allocateLegMemory());
  const telephone = new Telephone(memory);
  const media = new LegMedia(modules, { memory, phaseMs: 0, rateHz: RATE_HZ }, () => {});
  const outbound = new FrameRingReader(memory.outbound);
  const speech = voiceSamples(SPEECH_RATE_HZ, FRAMES);
  const messages = payloads.map((pcm) => encodeAudio(pcm, RATE_HZ));
  const how = HOW[hears];
  if (how !== undefined) {
    media.handle({ type: 'hear', partner: partner.memory.inbound, how });
  }
  // In a call that nobody interprets nobody listens either.
  media.handle({ type: 'attend', on: hears !== 'partner' });
  let deadlineMs = 0;
  let segment = 0;
  return {
    name,
    framesPerOp: FRAMES,
    run: (times) => {
      for (let i = 0; i < times; i += 1) {
        if (hears === 'speech' || hears === 'both') {
          segment += 1;
          media.handle({ type: 'segment-open', segment, rateHz: SPEECH_RATE_HZ });
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
