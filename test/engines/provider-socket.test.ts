/** What came before anybody listened: told in its order, and nothing of it after the end. */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { describe, it, type TestContext } from 'node:test';
import { setImmediate as turnOfLoop } from 'node:timers/promises';
import { type WebSocket, WebSocketServer } from 'ws';
import { z } from 'zod';
import { systemClock } from '../../src/base/clock.ts';
import { AppError, codeOf } from '../../src/base/errors.ts';
import { type AgentDialect, SocketConversation } from '../../src/engines/agents/socket-conversation.ts';
import { ProviderSocket } from '../../src/engines/wire/web-socket.ts';
import { testSignal } from './events.ts';

/** A socket to a provider that has said all of `messages`, and for which nobody has listened yet. */
async function openSocket(
  test: TestContext,
  messages: readonly (string | Uint8Array)[],
  { ends = false } = {},
): Promise<ProviderSocket> {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  await once(server, 'listening');
  const { port } = z.object({ port: z.number() }).parse(server.address());
  const said = once(server, 'connection').then(async ([peer]: readonly WebSocket[]) => {
    for (const message of messages) {
      peer?.send(message);
    }
    if (ends) {
      peer?.close(1011);
      return;
    }
    // Its answer comes when all before it was read.
    peer?.ping();
    await once(peer ?? assert.fail(), 'pong');
  });
  const socket = await ProviderSocket.open(
    { name: 'acme', url: `ws://127.0.0.1:${port}`, headers: {}, clock: systemClock, hints: {} },
    testSignal(),
  );
  test.after(async () => {
    await socket.close();
    server.close();
  });
  await (ends ? socket.ended : said);
  return socket;
}

/** Listens for text alone. @returns what is heard, an end by its code. */
function heardBy(socket: ProviderSocket, onText: (text: string) => void = () => {}): readonly string[] {
  const heard: string[] = [];
  socket.listen({
    onText: (text) => {
      heard.push(text);
      onText(text);
    },
    onLost: (error) => heard.push(codeOf(error)),
  });
  return heard;
}

describe('the socket to a provider', () => {
  it('tells all that came before anybody listened, and then its end', async (test) => {
    const socket = await openSocket(test, ['one', 'two'], { ends: true });
    assert.deepEqual(heardBy(socket), ['one', 'two', 'engine-died']);
    assert.deepEqual(heardBy(socket), ['engine-died'], 'who listens next hears of it, too');
  });

  it('tells its end once, and nothing after it, when what came before is none of its messages', async (test) => {
    const socket = await openSocket(test, ['one', new Uint8Array(3), 'two']);
    assert.deepEqual(heardBy(socket), ['one', 'engine-bad-answer']);
  });

  it('tells its end once when a listener gives up over what came before', async (test) => {
    const socket = await openSocket(test, ['one', 'two']);
    const heard = heardBy(socket, () => socket.fail(new AppError('engine-bad-answer', 'it says one')));
    assert.deepEqual(heard, ['one', 'engine-bad-answer']);
  });
});

/** Each message is what the agent says, but for `bad`, which is none. */
const DIALECT: AgentDialect = {
  inputHz: 16_000,
  outputHz: 16_000,
  encode: () => '',
  receive: (message, { event }) => {
    if (message === 'bad') {
      throw new AppError('engine-bad-answer', 'it is none');
    }
    event({ type: 'said', who: 'agent', text: String(message) });
  },
  answered: () => [],
  cutOff: () => [],
};

describe('a conversation with an agent', () => {
  for (const [what, early, told] of [
    ['is closed over', ['one', 'close', 'two'], ['one', 'close']],
    ['fails over', ['one', 'bad', 'two'], ['one', 'engine-bad-answer']],
  ] as const) {
    it(`tells nothing more of what came before anybody listened when it ${what} that`, async (test) => {
      const socket = await openSocket(test, []);
      const conversation = new SocketConversation('acme', socket, DIALECT, early);
      const heard: string[] = [];
      conversation.listen((event) => {
        heard.push(event.type === 'said' ? event.text : event.type === 'failed' ? codeOf(event.error) : '');
        if (heard.at(-1) === 'close') {
          void conversation.close();
        }
      });
      await turnOfLoop();
      assert.deepEqual(heard, told);
    });
  }
});
