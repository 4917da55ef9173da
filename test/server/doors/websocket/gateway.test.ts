import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { gatewayPart } from '../../../../src/server/doors/websocket/gateway-part.ts';
import { webSocketDoor } from '../../../../src/server/doors/websocket/websocket-door.ts';
import { TestServer } from '../../../scenarios/harness.ts';
import { GatewayCaller, type GatewayCallerOptions } from './gateway-caller.ts';

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
      otherDoors: [webSocketDoor({ host: '127.0.0.1', port: 0, names: [], token: undefined, parts: [part] })],
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
