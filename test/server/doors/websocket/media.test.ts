import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { silentLog } from '../../../../src/base/log.ts';
import type { LegTransport, LegTransportSink } from '../../../../src/call/leg-transport.ts';
import type { ArrivalFacts } from '../../../../src/call/seating/seating.ts';
import { mediaPart } from '../../../../src/server/doors/websocket/media-part.ts';
import { MediaTransport } from '../../../../src/server/doors/websocket/media-transport.ts';
import { WebSocketListener } from '../../../../src/server/doors/websocket/websocket-listener.ts';
import { sine } from '../../../asterisk/audio.ts';
import { FakeClock } from '../../../base/fake-clock.ts';
import { eventually } from '../../../support/waiting.ts';
import { type StrictChannelOptions, StrictChanWebSocket } from './strict-chan-websocket.ts';

const LIMIT_MS = 20_000;
const HZ = 16_000;
const SILENCE = new Uint8Array(640);
const VOICE = new Uint8Array(sine(400, 20, HZ, 0.3).buffer);

/** One channel and our side of it, on a clock that stands still. */
class Rig {
  readonly clock = new FakeClock();
  readonly facts: ArrivalFacts[] = [];
  readonly keys: string[] = [];
  readonly heard: { bytes: number; rateHz: number }[] = [];
  readonly ended: string[] = [];
  transport: MediaTransport | undefined;
  channel: StrictChanWebSocket | undefined;

  static async openFor(test: TestContext, options: StrictChannelOptions = {}): Promise<Rig> {
    const rig = new Rig();
    const address = { host: '127.0.0.1', port: 0, names: [], token: undefined, uuidTimeoutMs: 5_000 };
    const listener = await WebSocketListener.open(address, rig.clock, silentLog);
    test.after(() => {
      rig.channel?.end();
      return listener.close();
    });
    const sink: LegTransportSink = {
      arrived: (facts) => rig.facts.push(facts),
      frame: (pcm, rateHz) => rig.heard.push({ bytes: pcm.length, rateHz }),
      packet: () => {},
      spokenToOnlyAt: () => {},
      key: (key) => rig.keys.push(key),
      closed: (reason) => rig.ended.push(reason),
    };
    listener.serve({
      path: '/media',
      protocol: 'media',
      turned: () => undefined,
      accept: (socket) => {
        const factsOf = (variables: ReadonlyMap<string, string>): ArrivalFacts => ({
          uuid: variables.get('DRAGOMAN_LEG') ?? '',
        });
        rig.transport = new MediaTransport(socket, { clock: rig.clock, factsOf });
        rig.transport.attach(sink);
      },
    });
    rig.channel = await StrictChanWebSocket.connect(`ws://127.0.0.1:${listener.address.port}/media`, options);
    return rig;
  }

  /** Both sides of a channel that has begun. */
  async begun(): Promise<readonly [MediaTransport, StrictChanWebSocket]> {
    await eventually('the leg arrives', LIMIT_MS, () => this.facts.length > 0);
    assert.ok(this.transport && this.channel);
    return [this.transport, this.channel];
  }

  /** Lets a second pass, in which Asterisk is asked. */
  async second(channel: StrictChanWebSocket): Promise<void> {
    const asked = channel.commands.length;
    await this.clock.advance(1_000);
    await channel.until('Asterisk is asked', () => channel.commands.length === asked + 1);
  }
}

describe('a channel of chan_websocket', () => {
  it('is known by its variables, inherited ones too, and is heard', async (test) => {
    const rig = await Rig.openFor(test, { variables: { __DRAGOMAN_LEG: 'it' } });
    const [transport, channel] = await rig.begun();
    assert.deepEqual(rig.facts, [{ uuid: 'it' }]);
    // A packet of 10 ms and one of 30.
    channel.say(VOICE.subarray(0, 320));
    channel.say(new Uint8Array(960));
    channel.tell({ event: 'DTMF_END', digit: '5' });
    await eventually('the key is heard', LIMIT_MS, () => rig.keys.length > 0);
    assert.deepEqual(rig.heard, [
      { bytes: 640, rateHz: HZ },
      { bytes: 640, rateHz: HZ },
    ]);
    transport.send(new Uint8Array(320), 8_000);
    transport.send(VOICE, HZ);
    await channel.untilQueued(2);
    channel.tick();
    channel.tick();
    assert.deepEqual(channel.played, [Buffer.from(SILENCE), Buffer.from(VOICE)]);
    transport.hangUp('partner-left');
    await eventually('the leg ends', LIMIT_MS, () => rig.ended.length > 0);
    assert.deepEqual(channel.commands, ['HANGUP']);
    assert.deepEqual(channel.complaints, []);
  });

  it('gets no silence while more than one frame waits, and its voices whole', async (test) => {
    const rig = await Rig.openFor(test);
    const [transport, channel] = await rig.begun();
    for (const frame of [SILENCE, SILENCE, SILENCE, VOICE]) {
      transport.send(frame, HZ);
    }
    await channel.untilQueued(4);
    await rig.second(channel);
    // The answer comes back over the same socket as this key.
    channel.tell({ event: 'DTMF_END', digit: '1' });
    await eventually('the answer is here', LIMIT_MS, () => rig.keys.length > 0);
    for (const frame of [VOICE, SILENCE, SILENCE, VOICE, SILENCE, SILENCE]) {
      transport.send(frame, HZ);
    }
    await channel.untilQueued(7);
    assert.equal(transport.counts.framesLeftOut, 3);
    for (let i = 0; i < 6; i += 1) {
      channel.tick();
    }
    assert.equal(channel.queuedFrames, 1);
    channel.tick();
    const voices = channel.played.filter((frame) => frame?.equals(Buffer.from(VOICE)));
    assert.equal(voices.length, 3);
  });

  it('loses voices, too, when a stall has left it six frames late', async (test) => {
    const rig = await Rig.openFor(test);
    const [transport, channel] = await rig.begun();
    for (let i = 0; i < 9; i += 1) {
      transport.send(VOICE, HZ);
    }
    await channel.untilQueued(9);
    await rig.second(channel);
    channel.tell({ event: 'DTMF_END', digit: '1' });
    await eventually('the answer is here', LIMIT_MS, () => rig.keys.length > 0);
    for (let i = 0; i < 5; i += 1) {
      transport.send(VOICE, HZ);
    }
    // 8 are late: three are left out, with which 5 are.
    assert.equal(transport.counts.framesLeftOut, 3);
  });

  it('is sent nothing while it says that it takes nothing, and is not asked when it keeps nothing', async (test) => {
    const rig = await Rig.openFor(test, { unbuffered: true });
    const [transport, channel] = await rig.begun();
    channel.tell({ event: 'MEDIA_XOFF' });
    channel.tell({ event: 'DTMF_END', digit: '1' });
    await eventually('it is told', LIMIT_MS, () => rig.keys.length > 0);
    transport.send(VOICE, HZ);
    assert.equal(transport.counts.socketDropped, 1);
    channel.tell({ event: 'MEDIA_XON' });
    channel.tell({ event: 'DTMF_END', digit: '2' });
    await eventually('it is told', LIMIT_MS, () => rig.keys.length > 1);
    transport.send(VOICE, HZ);
    await channel.untilQueued(1);
    await rig.clock.advance(3_000);
    assert.deepEqual(channel.commands, []);
  });

  it('is seated by its extension, its room or its UUID, with the voice of its own', async (test) => {
    const leg = '11111111-2222-4333-8444-555555550000';
    const one = await factsOf(test, {
      __DRAGOMAN_LEG: leg,
      DRAGOMAN_EXTENSION: '7777',
      DRAGOMAN_VOICE: 'anna',
    });
    assert.deepEqual(one, { uuid: leg, extension: '7777', voice: 'anna' });
    assert.deepEqual(await factsOf(test, { DRAGOMAN_LEG: leg }), { uuid: leg });
    assert.deepEqual(await factsOf(test, {}), {});
    const { place } = await factsOf(test, {
      DRAGOMAN_LEG: leg,
      DRAGOMAN_ROOM: 'sales',
      DRAGOMAN_LANG: 'fr',
      DRAGOMAN_VOICE: 'anna',
    });
    assert.deepEqual(
      [place?.callId, place?.party.language, place?.party.voice, place?.languages],
      ['room-sales', 'fr', 'anna', ['en', 'fr']],
    );
  });

  it('is ended with a sentence for the dialplan when it sends what is not understood', async (test) => {
    const rig = await Rig.openFor(test, { format: 'ulaw' });
    await eventually('the leg ends', LIMIT_MS, () => rig.ended.length > 0);
    assert.deepEqual(rig.ended, ['wire-bad-message']);
    assert.equal(rig.facts.length, 0);
  });
});

describe('what a channel says of itself', () => {
  it('names a room and a language that there are, or ends the channel with what to write', async (test) => {
    const room = { DRAGOMAN_ROOM: 'sales', DRAGOMAN_LANG: 'de' };
    await assert.rejects(factsOf(test, room), /DRAGOMAN_LANG .* \(en, fr\)/);
    await assert.rejects(factsOf(test, { ...room, DRAGOMAN_LANG: 'no language' }), /DRAGOMAN_LANG/);
    await assert.rejects(
      factsOf(test, { ...room, DRAGOMAN_LANG: 'en', DRAGOMAN_ROOM: 'a\u001b[2J' }),
      /DRAGOMAN_ROOM/,
    );
    await assert.rejects(
      factsOf(test, { DRAGOMAN_LANG: 'en', DRAGOMAN_ROOM: 'a'.repeat(41) }),
      /DRAGOMAN_ROOM/,
    );
  });

  it('has a voice with a name, and not whatever is sent', async (test) => {
    for (const DRAGOMAN_VOICE of ['a'.repeat(201), 'anna\u001b[2J']) {
      await assert.rejects(factsOf(test, { DRAGOMAN_EXTENSION: '7777', DRAGOMAN_VOICE }), /DRAGOMAN_VOICE/);
    }
  });
});

/** What `/media` makes of a channel's variables. @throws what ends it. */
async function factsOf(
  test: TestContext,
  variables: Readonly<Record<string, string>>,
): Promise<ArrivalFacts> {
  const facts: ArrivalFacts[] = [];
  let ended: Error | undefined;
  const clock = new FakeClock();
  const switchboard = {
    full: false,
    calls: new Map(),
    watch: () => {},
    accept: (transport: LegTransport) =>
      transport.attach({
        arrived: (said) => facts.push(said),
        frame() {},
        packet() {},
        spokenToOnlyAt() {},
        key() {},
        closed: (_reason, error) => {
          ended = error;
        },
      }),
  };
  const { sockets } = mediaPart({ languages: ['en', 'fr'], inRooms: ['en', 'fr'], rejoinMs: 0 })({
    switchboard,
    clock,
  });
  const address = { host: '127.0.0.1', port: 0, names: [], token: undefined, uuidTimeoutMs: 5_000 };
  const listener = await WebSocketListener.open(address, clock, silentLog);
  for (const path of sockets) {
    listener.serve(path);
  }
  const url = `ws://127.0.0.1:${listener.address.port}/media`;
  const channel = await StrictChanWebSocket.connect(url, { variables });
  test.after(() => {
    channel.end();
    return listener.close();
  });
  return eventually('the leg arrives', LIMIT_MS, () => {
    if (ended !== undefined) {
      throw ended;
    }
    return facts[0];
  });
}
