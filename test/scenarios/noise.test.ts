import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { after, before, describe, it } from 'node:test';
import { WebSocket } from 'ws';
import { systemClock, type Timer } from '../../src/base/clock.ts';
import type { RtpPacket } from '../../src/protocol/rtp/packet.ts';
import { buildRtp } from '../../src/protocol/rtp/packet.ts';
import { openRtpLegs, type RtpLegs } from '../../src/server/doors/rtp/rtp-legs.ts';
import { gatewayPart } from '../../src/server/doors/websocket/gateway-part.ts';
import { mediaPart } from '../../src/server/doors/websocket/media-part.ts';
import { webSocketDoor } from '../../src/server/doors/websocket/websocket-door.ts';
import { newCallUuids } from '../asterisk/strict-asterisk.ts';
import { PHONE_SSRC, StrictRtpLeg } from '../asterisk/strict-rtp-leg.ts';
import {
  legOfMarker,
  MARKER_SAMPLES,
  NO_MARKER,
  numberOfMarker,
  readMarker,
  writeMarker,
} from '../bench/frame-marker.ts';
import { GatewayCaller } from '../server/doors/websocket/gateway-caller.ts';
import { within } from '../support/waiting.ts';
import { Garbler } from './garbled-messages.ts';
import { TestServer } from './harness.ts';

const HOST = '127.0.0.1';
const LIMIT_MS = 20_000;
const FRAME_SAMPLES = 160;
/** What the live voice over RTP is marked with; strangers are marked with what is none of them. */
const SPEAKER = 1;
const STRANGER = 666;
const TALKS = 60;
const extensions = new Map([
  ['7777', { language: 'en', room: undefined }],
  ['8888', { language: 'es', room: undefined }],
]);

const GATEWAY_MESSAGES: readonly [Record<string, unknown>, ...Record<string, unknown>[]] = [
  {
    type: 'session_start',
    extension: '7777',
    language: 'en',
    sampleRate: 8_000,
    endian: 'little',
    encoding: 'base64',
  },
  {
    type: 'audio',
    extension: '7777',
    timestamp: 20,
    sequence: 1,
    data: Buffer.alloc(320).toString('base64'),
  },
  { type: 'audio', data: [0, 1, 2, 3] },
  { type: 'dtmf', digit: '5' },
  { type: 'session_end' },
];
const MEDIA_MESSAGES: typeof GATEWAY_MESSAGES = [
  {
    event: 'MEDIA_START',
    format: 'slin16',
    channel_variables: { DRAGOMAN_EXTENSION: '8888' },
    unbuffered: true,
  },
  { event: 'DTMF_END', digit: '5' },
  { event: 'STATUS', queue_length: 3 },
  { event: 'MEDIA_XOFF' },
];

/** A frame of a voice that says which it is. */
function marked(leg: number, frame: number): Int16Array {
  const bytes = new Uint8Array(2 * FRAME_SAMPLES);
  writeMarker(bytes, 0, leg, frame);
  return new Int16Array(bytes.buffer);
}

/** Which frames of which voice packets of 8 kHz linear bear, in order. */
function marksOf(packets: readonly RtpPacket[]): readonly { readonly leg: number; readonly frame: number }[] {
  return packets.flatMap(({ payload }) => {
    const mark =
      payload.length < 2 * MARKER_SAMPLES ? NO_MARKER : readMarker(Buffer.from(payload).swap16(), 0);
    return mark === NO_MARKER ? [] : [{ leg: legOfMarker(mark), frame: numberOfMarker(mark) }];
  });
}

/** Steps between what is counted that are no step of one. */
function gapsIn(numbers: readonly number[], modulus = Number.MAX_SAFE_INTEGER): readonly number[] {
  return numbers.slice(1).filter((number, index) => number !== ((numbers[index] ?? 0) + 1) % modulus);
}

describe('noise beside calls that run', () => {
  let server: TestServer;
  let rtp: RtpLegs;
  let speaker: StrictRtpLeg;
  let listener: StrictRtpLeg;
  let gateway: GatewayCaller;
  const sequences: number[] = [];
  const opened: { close(): void }[] = [];
  let speaking: Timer | undefined;
  let said = 0;

  before(async () => {
    const languages = ['en', 'es'];
    const parts = [
      gatewayPart({ extensions, languages, rejoinMs: 0 }),
      mediaPart({ languages, inRooms: languages, rejoinMs: 0 }),
    ];
    server = await TestServer.open({
      doors: [],
      plan: { mode: 'passthrough' },
      otherDoors: [
        webSocketDoor({ host: HOST, port: 0, names: [], token: undefined, uuidTimeoutMs: 5_000, parts }),
        async (deps) => {
          rtp = await openRtpLegs(
            { host: HOST, port: 0, languages, rejoinMs: 0, supervised: () => true },
            deps,
          );
          return { name: 'rtp', counts: {}, parts: [rtp], close: () => rtp.close() };
        },
      ],
      extensions,
    });
    const uuids = newCallUuids();
    [speaker, listener] = await Promise.all([
      StrictRtpLeg.open(rtp.address, 'slin'),
      StrictRtpLeg.open(rtp.address, 'slin'),
    ]);
    opened.push(speaker, listener);
    for (const [index, { remote }] of [speaker, listener].entries()) {
      rtp.open({ uuid: uuids[index] ?? '', remote, format: 'slin', facts: {} });
    }
    speak();
    const url = `ws://${HOST}:${server.port()}/translate`;
    gateway = await GatewayCaller.connect(`${url}/7777`, { rateHz: 8_000, form: 'base64' });
    const other = await GatewayCaller.connect(`${url}/8888`, { rateHz: 8_000 });
    opened.push({ close: () => gateway.end() }, { close: () => other.end() });
    gateway.socket.on('message', () => {
      const sequence = gateway.lastSound?.sequence;
      if (typeof sequence === 'number' && sequence !== sequences.at(-1)) {
        sequences.push(sequence);
      }
    });
    gateway.say(700);
    other.say(500);
    await gateway.hears(500);
    await server.until('the voice over RTP is heard', () => marksOf(listener.packets).length > 5);
  });
  after(async () => {
    speaking?.cancel();
    for (const each of opened) {
      each.close();
    }
    await server.close();
  });

  /** A frame each 20 ms, numbered. */
  function speak(): void {
    const startMs = systemClock.nowMs();
    const next = (): void => {
      speaker.say(marked(SPEAKER, said));
      said += 1;
      speaking = systemClock.at(startMs + said * 20, next);
    };
    next();
  }

  /** What was said over RTP is heard from now on, and nothing else was ever. */
  async function stillHeard(): Promise<void> {
    const from = said;
    await server.until('the voice goes on', () => (marksOf(listener.packets).at(-1)?.frame ?? 0) > from + 25);
    await gateway.hears(500);
    const marks = marksOf(listener.packets);
    assert.ok(marks.every(({ leg }) => leg === SPEAKER));
    const frames = marks.map(({ frame }) => frame);
    assert.deepEqual(
      [...new Set(frames)].sort((one, another) => one - another),
      frames,
      'in order, and none twice',
    );
    assert.deepEqual(
      gapsIn(
        listener.packets.map(({ sequence }) => sequence),
        65_536,
      ),
      [],
      'no packet is missing',
    );
    assert.deepEqual(gapsIn(sequences), [], 'no message is missing');
    assert.deepEqual(listener.dropped, []);
    assert.deepEqual(
      server.lines.filter(({ level }) => level === 'error'),
      [],
    );
  }

  it('on the port of RTP is dropped and counted, wherever it comes from', async () => {
    const garbler = new Garbler(7);
    const stranger = createSocket('udp4');
    opened.push(stranger);
    // One speaks as if it were a phone, one as if it were the phone that is heard.
    const valid = (sequence: number, ssrc: number): Uint8Array =>
      buildRtp(
        { payloadType: 10, marker: false, sequence, timestamp: sequence * 160, ssrc },
        Buffer.from(marked(STRANGER, sequence).buffer).swap16(),
      );
    let strange = 0;
    for (let round = 0; round < 40; round += 1) {
      for (let each = 0; each < 20; each += 1) {
        const next = valid(20 * round + each, 1);
        const packets = [
          next,
          valid(garbler.below(65_536), PHONE_SSRC),
          garbler.bytes(next),
          garbler.noise(1_400),
        ];
        for (const packet of packets) {
          stranger.send(packet, rtp.address.port, HOST);
          strange += 1;
        }
        // Of its own address only what is no packet at all: what is one might be a phone's next stream.
        speaker.send(Uint8Array.of(garbler.below(128), ...garbler.noise(64)));
        listener.send(
          Uint8Array.of(0x80, 200 + garbler.below(6), ...garbler.noise(300), ...new Uint8Array(12)),
        );
      }
      await server.until(
        'the round is counted',
        () => server.tally('rtpRefused', 'unknown-source') >= strange,
      );
    }
    await server.until(
      'all is counted',
      () =>
        server.tally('rtpRefused', 'rtcp') === 800 &&
        server.tally('rtpRefused', 'not-version-2') + server.tally('rtpRefused', 'too-short') === 800,
    );
    assert.equal(server.tally('rtpRefused', 'unknown-source'), strange);
    const told = server.lines.filter(({ message }) =>
      message.startsWith('a packet for legs over RTP was dropped'),
    );
    const reasons = told.map(({ fields }) => fields.reason);
    assert.deepEqual(
      reasons.sort(),
      ['not-version-2', 'rtcp', 'too-short', 'unknown-source'],
      'each is told once',
    );
    assert.equal(server.server.state().legsActive, 4);
    await stillHeard();
  });

  for (const [path, messages] of [
    ['/translate', GATEWAY_MESSAGES],
    ['/media', MEDIA_MESSAGES],
  ] as const) {
    it(`on ${path} ends its own connection and no other`, async () => {
      const garbler = new Garbler(11);
      for (let talk = 0; talk < TALKS; talk += 1) {
        const socket = new WebSocket(
          `ws://${HOST}:${server.port()}${path}`,
          path === '/media' ? ['media'] : [],
        );
        socket.on('error', () => {});
        await within('a stranger is let in', LIMIT_MS, once(socket, 'open'));
        for (let each = garbler.below(12); each >= 0 && socket.readyState === WebSocket.OPEN; each -= 1) {
          if (garbler.below(4) === 0) {
            socket.send(garbler.noise(2_000));
          } else {
            socket.send(garbler.text(garbler.pick(messages)));
          }
        }
        const gone = once(socket, 'close');
        socket.close();
        await within('a stranger is gone', LIMIT_MS, gone);
      }
      await server.until('the strangers are gone', () => server.server.state().legsActive === 4);
      const bad = server.tally('legsEnded', 'wire-bad-message');
      assert.ok(bad > 0, 'garbled messages are what they end by');
      await stillHeard();
    });
  }
});
