import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { WebSocket } from 'ws';
import { systemClock } from '../../../../src/base/clock.ts';
import { silentLog } from '../../../../src/base/log.ts';
import { Secret } from '../../../../src/base/secret.ts';
import type { CallEvent } from '../../../../src/call/call-events.ts';
import type { LegTransport } from '../../../../src/call/leg-transport.ts';
import type { CallListener } from '../../../../src/call/switchboard.ts';
import { encodeWav } from '../../../../src/protocol/wav.ts';
import { gatewayPart } from '../../../../src/server/doors/websocket/gateway-part.ts';
import { tryPart } from '../../../../src/server/doors/websocket/try-part.ts';
import { webSocketDoor } from '../../../../src/server/doors/websocket/websocket-door.ts';
import { WebSocketListener } from '../../../../src/server/doors/websocket/websocket-listener.ts';
import { concatPcm, silence, sine } from '../../../asterisk/audio.ts';
import { TestServer } from '../../../scenarios/harness.ts';
import { eventually } from '../../../support/waiting.ts';
import { Chromium } from './chromium.ts';
import { GatewayCaller } from './gateway-caller.ts';

const TOKEN = 'a-token-of-some-length';
const languages = ['en', 'es'];
const SAID: CallEvent = {
  type: 'heard',
  atMs: 1,
  party: 'ab',
  utterance: 0,
  final: true,
  piiText: 'good morning',
};
const SPOKEN: CallEvent = {
  type: 'spoken',
  atMs: 2,
  party: 'ab',
  utterance: 0,
  language: 'es',
  piiText: 'buenos días',
};

describe('the page by which browsers talk', () => {
  it('is told what is said in its room and in no other, where captions are shared', async (test) => {
    for (const captions of [true, false]) {
      const told = await toldOf(test, captions, (listener) => {
        listener('room-b', SAID);
        listener('room-a', SAID);
        listener('room-a', SPOKEN);
        listener('room-a', {
          type: 'party-state',
          atMs: 3,
          party: 'ab',
          name: 'ab',
          language: 'en',
          state: 'CONNECTED',
        });
      });
      const captionsTold = [
        { type: 'caption', said: true, party: 'ab', utterance: 0, final: true, text: 'good morning' },
        { type: 'caption', said: false, party: 'ab', utterance: 0, language: 'es', text: 'buenos días' },
      ];
      assert.deepEqual(told, [...(captions ? captionsTold : []), { type: 'parties', parties: [] }]);
    }
  });

  it('lets a browser with a microphone talk with whoever is in the room', {
    timeout: 180_000,
  }, async (test) => {
    const folder = await mkdtemp(join(tmpdir(), 'dragoman-try-'));
    test.after(() => rm(folder, { recursive: true }));
    const microphone = join(folder, 'microphone.wav');
    const beeps = concatPcm(
      ...Array.from({ length: 8 }, () => [sine(700, 300, 48_000), silence(300, 48_000)]).flat(),
    );
    await writeFile(microphone, encodeWav({ rateHz: 48_000, pcm: beeps }));
    const chromium = await Chromium.open(microphone);
    if (typeof chromium === 'string') {
      test.skip(chromium);
      return;
    }
    test.after(() => chromium.close());
    const extensions = new Map([['6001', { language: 'es', room: 'lobby' }]]);
    const parts = [
      tryPart({ languages, captions: true, rejoinMs: 10_000 }),
      gatewayPart({ extensions, languages, rejoinMs: 0 }),
    ];
    const address = { host: '127.0.0.1', port: 0, names: [], token: new Secret(TOKEN) };
    const server = await TestServer.openFor(test, {
      doors: [],
      otherDoors: [webSocketDoor({ ...address, parts })],
      extensions,
    });
    const gateway = await GatewayCaller.connect(`ws://127.0.0.1:${server.port()}/translate/6001?rate=16000`, {
      rateHz: 16_000,
      socket: { headers: { authorization: `Bearer ${TOKEN}` } },
    });
    test.after(() => gateway.end());

    const stranger = await chromium.tab(`http://127.0.0.1:${server.port()}/try?language=en#token=another`);
    await stranger.until("document.getElementById('language')?.options.length === 2");
    await stranger.read("document.getElementById('door').requestSubmit()");
    await stranger.until("/token/.test(document.getElementById('notice').textContent)");

    const page = await chromium.tab(`http://127.0.0.1:${server.port()}/try?language=en#token=${TOKEN}`);
    await page.until("document.getElementById('language')?.options.length === 2");
    await page.read("document.getElementById('door').requestSubmit()");
    await page.until("document.querySelectorAll('#parties li').length === 2");
    await gateway.hears(700);
    gateway.say(500);
    await page.until("document.getElementById('hears').value > 0.5");

    // Muted, the page says nothing any more; the key does what the button does.
    await page.read("document.dispatchEvent(new KeyboardEvent('keydown', { key: 'm' }))");
    await page.until("document.getElementById('says').value === 0");
    await page.read("document.getElementById('leave').click()");
    await server.until('the page has hung up', () => server.tally('legsEnded', 'peer-hangup') === 1);
    await page.until("!document.getElementById('door').hidden");
  });
});

/** What a page in the room `a` is told while `happens`. */
async function toldOf(
  test: TestContext,
  captions: boolean,
  happens: (listener: CallListener) => void,
): Promise<readonly unknown[]> {
  const listeners: CallListener[] = [];
  const transports: LegTransport[] = [];
  const switchboard = {
    full: false,
    calls: new Map(),
    accept: (transport: LegTransport) => {
      transports.push(transport);
      transport.attach({ arrived() {}, frame() {}, spokenToOnlyAt() {}, key() {}, closed() {} });
    },
    watch: (listener: CallListener) => listeners.push(listener),
  };
  const { sockets } = tryPart({ languages, captions, rejoinMs: 0 })({ switchboard, clock: systemClock });
  const address = { host: '127.0.0.1', port: 0, names: [], token: undefined };
  const door = await WebSocketListener.open(address, systemClock, silentLog);
  test.after(() => door.close());
  for (const path of sockets) {
    door.serve(path);
  }
  const told: { type: string }[] = [];
  const socket = new WebSocket(`ws://127.0.0.1:${door.address.port}/try/socket?room=a&language=en`);
  test.after(() => socket.terminate());
  socket.on('message', (data) => told.push(JSON.parse(String(data))));
  await eventually('the session starts', 20_000, () => told.length > 0);
  for (const listener of listeners) {
    happens(listener);
  }
  await eventually('who is there is told', 20_000, () => told.at(-1)?.type === 'parties');
  return told.slice(1);
}
