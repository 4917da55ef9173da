import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { WebSocket } from 'ws';
import { systemClock } from '../../../../src/base/clock.ts';
import { silentLog } from '../../../../src/base/log.ts';
import type { CallEvent } from '../../../../src/call/call-events.ts';
import type { LegTransport } from '../../../../src/call/leg-transport.ts';
import type { CallListener } from '../../../../src/call/switchboard.ts';
import { tryPart } from '../../../../src/server/doors/websocket/try-part.ts';
import { WebSocketListener } from '../../../../src/server/doors/websocket/websocket-listener.ts';
import { eventually } from '../../../support/waiting.ts';

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
      transport.attach({ arrived() {}, frame() {}, packet() {}, spokenToOnlyAt() {}, key() {}, closed() {} });
    },
    watch: (listener: CallListener) => listeners.push(listener),
  };
  const { sockets } = tryPart({ languages, captions, rejoinMs: 0 })({ switchboard, clock: systemClock });
  const address = { host: '127.0.0.1', port: 0, names: [], token: undefined, uuidTimeoutMs: 5_000 };
  const door = await WebSocketListener.open(address, systemClock, silentLog);
  for (const path of sockets) {
    door.serve(path);
  }
  const told: { type: string; party?: string }[] = [];
  const socket = new WebSocket(`ws://127.0.0.1:${door.address.port}/try/socket?room=a&language=en`);
  test.after(() => {
    socket.terminate();
    return door.close();
  });
  socket.on('message', (data) => told.push(JSON.parse(String(data))));
  await eventually('the session starts', 20_000, () => told.length > 0);
  for (const listener of listeners) {
    happens(listener);
  }
  await eventually('who is there is told', 20_000, () => told.at(-1)?.type === 'parties');
  const [started, ...rest] = told;
  assert.match(String(started?.party), /^[0-9a-f]{8}$/, 'the page knows which of the parties it is');
  return rest;
}
