import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { systemClock } from '../../src/base/clock.ts';
import { AsteriskLeg } from '../../src/client/asterisk-leg.ts';
import { gatewayPart } from '../../src/server/doors/websocket/gateway-part.ts';
import { mediaPart } from '../../src/server/doors/websocket/media-part.ts';
import { webSocketDoor } from '../../src/server/doors/websocket/websocket-door.ts';
import { sine } from '../asterisk/audio.ts';
import { GatewayCaller, type GatewayCallerOptions } from '../server/doors/websocket/gateway-caller.ts';
import { StrictChanWebSocket } from '../server/doors/websocket/strict-chan-websocket.ts';
import { eventually, never, within } from '../support/waiting.ts';
import { TestServer } from './harness.ts';

const RATE_HZ = 16_000;
const LIMIT_MS = 90_000;
const extensions = new Map([
  ['7777', { language: 'en', room: undefined }],
  ['8888', { language: 'es', room: undefined }],
]);

describe('parties by WebSocket', () => {
  let server: TestServer;
  const callers: GatewayCaller[] = [];

  before(async () => {
    const part = gatewayPart({ extensions, languages: ['en', 'es'], rejoinMs: 30_000 });
    server = await TestServer.open({
      doors: [],
      otherDoors: [
        webSocketDoor({
          host: '127.0.0.1',
          port: 0,
          names: [],
          token: undefined,
          uuidTimeoutMs: 5_000,
          parts: [part],
        }),
      ],
      extensions,
    });
  });
  after(() => {
    for (const caller of callers) {
      caller.end();
    }
    return server.close();
  });

  async function call(path: string, options: GatewayCallerOptions): Promise<GatewayCaller> {
    const caller = await GatewayCaller.connect(`ws://127.0.0.1:${server.port()}${path}`, options);
    callers.push(caller);
    return caller;
  }

  it('hear each other, in binary messages of any length and in messages of text', async () => {
    const english = await call('/translate/7777?rate=16000', { rateHz: 16_000, messageBytes: 333 });
    const spanish = await call('/translate', { rateHz: 8_000, form: 'base64', bigEndian: true });
    spanish.tell({ type: 'session_start', extension: '8888', language: 'es-MX', endian: 'big' });
    const started = await spanish.toldOf('session_started');
    assert.deepEqual([started.extension, started.sampleRate], ['8888', 8_000]);
    english.say(700);
    spanish.say(500);
    await Promise.all([english.hears(500), spanish.hears(700)]);
    const { lastSound } = spanish;
    assert.deepEqual([lastSound?.targetExtension, lastSound?.sampleRate], ['8888', 8_000]);
    spanish.tell({ type: 'session_end' });
    assert.equal(await spanish.untilClosed(), 1000);
    // Who says so is not waited for.
    const { reason } = await english.toldOf('session_end');
    assert.equal(reason, 'partner-left');
    assert.equal(await english.untilClosed(), 1000);
  });

  it('go on where they were when a connection is lost and another comes with their session', async () => {
    const english = await call('/translate/7777', { rateHz: 8_000 });
    const { session } = await english.toldOf('session_started');
    const spanish = await call('/translate/8888', { rateHz: 8_000, form: 'bytes' });
    spanish.say(500);
    await english.hears(500);
    english.socket.terminate();
    await server.until('the loss is noticed', () => server.tally('legsEnded', 'peer-closed') === 1);
    const again = await call(`/translate/7777?session=${session}`, { rateHz: 8_000 });
    await again.hears(500);
    again.say(700);
    await spanish.hears(700);
    assert.equal(server.tally('rejoins', 'came-back'), 1);
    assert.equal(spanish.closed, undefined);
    again.socket.close(1000);
    await spanish.untilClosed();
  });

  it('are told why they cannot come in', async () => {
    const lost = await call('/translate/9999', { rateHz: 8_000 });
    assert.equal((await lost.toldOf('error')).code, 'unknown-extension');
    assert.equal(await lost.untilClosed(), 1000);
    const wrong = await call('/translate', { rateHz: 8_000 });
    wrong.tell({ type: 'session_start', extension: '8888', language: 'de' });
    assert.match(String((await wrong.toldOf('error')).message), /another language .* es/);
    assert.equal(await wrong.untilClosed(), 1008);
    const early = await call('/translate', { rateHz: 8_000 });
    early.say(500);
    assert.equal((await early.toldOf('error')).code, 'wire-no-uuid');
    const garbled = await call('/translate/7777', { rateHz: 8_000 });
    garbled.tell({ type: 'heartbeat' });
    assert.equal((await garbled.toldOf('error')).code, 'unknown-type');
    garbled.socket.send('{');
    assert.equal(await garbled.untilClosed(), 1008);
    assert.ok(server.tally('legsEnded', 'wire-bad-message') >= 2);
    const shown = JSON.stringify(server.lines.filter(({ level }) => level !== 'debug'));
    assert.doesNotMatch(shown.replaceAll(/"[a-zA-Z]*Pii":"[^"]*"/g, ''), /9999/);
  });
});

describe('a server that ends', () => {
  it('hangs up its parties by WebSocket before it goes', async (test) => {
    const part = gatewayPart({ extensions, languages: ['en', 'es'], rejoinMs: 30_000 });
    const server = await TestServer.openFor(test, {
      doors: [],
      otherDoors: [
        webSocketDoor({
          host: '127.0.0.1',
          port: 0,
          names: [],
          token: undefined,
          uuidTimeoutMs: 5_000,
          parts: [part],
        }),
      ],
      extensions,
    });
    const url = `ws://127.0.0.1:${server.port()}/translate/7777`;
    const caller = await GatewayCaller.connect(url, { rateHz: 8_000 });
    await caller.toldOf('session_started');
    await server.close();
    assert.equal((await caller.toldOf('session_end')).reason, 'server-closing');
    assert.equal(await caller.untilClosed(), 1000);
  });
});

describe('legs of ours by WebSocket', () => {
  it('speaks to a server, hears from it, and is told when the other has hung up', async (test) => {
    const languages = ['en', 'es'];
    const extensions = new Map([
      ['7777', { language: 'en', room: undefined }],
      ['8888', { language: 'es', room: undefined }],
    ]);
    const parts = [gatewayPart({ extensions, languages, rejoinMs: 0 })];
    const server = await TestServer.openFor(test, {
      doors: [],
      otherDoors: [
        webSocketDoor({
          host: '127.0.0.1',
          port: 0,
          names: [],
          token: undefined,
          uuidTimeoutMs: 5_000,
          parts,
        }),
      ],
      extensions,
    });
    const legOf = (extension: string, uuid: string, speech: Int16Array): Promise<AsteriskLeg> => {
      const url = `ws://127.0.0.1:${server.port()}/translate/${extension}`;
      const options = { host: '127.0.0.1', port: server.port(), url, uuid, rateHz: RATE_HZ, speech };
      return AsteriskLeg.open(options, systemClock, never());
    };
    const uuid = '11111111-2222-4333-8444-55555555000';
    const a = await legOf('7777', `${uuid}0`, sine(700, 60_000, RATE_HZ));
    const b = await legOf('8888', `${uuid}1`, new Int16Array(0));
    test.after(() => b.hangUp());
    a.speak();
    await eventually('the tone is heard', LIMIT_MS, () => b.lastSoundAtMs > b.connectedAtMs && b.answered);
    assert.deepEqual(
      server.server.calls().map(({ callId }) => callId),
      [`${uuid}0`],
    );
    a.hangUp();
    assert.equal((await within('the other is hung up', LIMIT_MS, b.ended)).by, 'server-hangup');
  });
});

describe('channels of chan_websocket and gateways', () => {
  it('meet by extension and by room', async (test) => {
    const languages = ['en', 'es'];
    const part = mediaPart({ languages, inRooms: languages, rejoinMs: 0 });
    const server = await TestServer.openFor(test, {
      doors: [],
      otherDoors: [
        webSocketDoor({
          host: '127.0.0.1',
          port: 0,
          names: [],
          token: undefined,
          uuidTimeoutMs: 5_000,
          parts: [part],
        }),
      ],
      extensions: new Map([
        ['7777', { language: 'en', room: undefined }],
        ['8888', { language: 'es', room: undefined }],
      ]),
    });
    const connect = async (variables: Record<string, string>): Promise<void> => {
      const channel = await StrictChanWebSocket.connect(`ws://127.0.0.1:${server.port()}/media`, {
        variables,
      });
      test.after(() => channel.end());
    };
    await connect({ DRAGOMAN_EXTENSION: '7777' });
    await connect({ __DRAGOMAN_EXTENSION: '8888', __DRAGOMAN_VOICE: 'anna' });
    await connect({ DRAGOMAN_ROOM: 'sales', DRAGOMAN_LANG: 'es' });
    await connect({ DRAGOMAN_ROOM: 'sales', DRAGOMAN_LANG: 'en' });
    await server.until('both calls have two parties', () => {
      const sizes = server.server.calls().map(({ parties }) => parties.length);
      return sizes.length === 2 && sizes.every((size) => size === 2);
    });
    const room = server.server.calls().find(({ callId }) => callId === 'room-sales');
    assert.deepEqual(room?.parties.map(({ language }) => language).sort(), ['en', 'es']);
    await connect({});
    await server.until('who has no name is refused', () => server.tally('legsEnded', 'no-uuid') === 1);
  });
});
