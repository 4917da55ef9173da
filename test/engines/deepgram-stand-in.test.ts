import assert from 'node:assert/strict';
import { once } from 'node:events';
import { describe, it, type TestContext } from 'node:test';
import { WebSocket } from 'ws';
import { type DeepgramStandIn, type DeepgramStandInOptions, startDeepgram } from '../stand-ins/deepgram.ts';
import { spoken } from '../stand-ins/deepgram-ear.ts';
import { silence, tone } from '../stand-ins/deepgram-sounds.ts';

const V1 = '/v1/listen?model=nova-3&encoding=linear16&sample_rate=16000';

async function start(test: TestContext, options: DeepgramStandInOptions = {}): Promise<DeepgramStandIn> {
  const server = await startDeepgram(options);
  test.after(() => server.close());
  return server;
}

/** A client that has connected, and what it was told. */
async function connect(server: DeepgramStandIn, path: string, key = 'stand-in-key') {
  const socket = new WebSocket(server.url + path, { headers: { Authorization: `Token ${key}` } });
  const messages: unknown[] = [];
  socket.on('message', (data) => messages.push(JSON.parse(String(data))));
  const closed = once(socket, 'close').then(([code, reason]) => `${code} ${reason}`);
  await once(socket, 'open');
  return { socket, messages, closed };
}

/** The status of a refused handshake. */
async function status(url: string, headers: Record<string, string>, protocols: string[] = []) {
  const socket = new WebSocket(url, protocols, { headers });
  socket.on('error', () => {});
  return Promise.race([
    once(socket, 'unexpected-response').then(([, response]) => {
      socket.terminate();
      return response.statusCode;
    }),
    once(socket, 'open').then(() => {
      socket.terminate();
      return 101;
    }),
  ]);
}

function bytesOf(pcm: Int16Array): Uint8Array {
  return new Uint8Array(pcm.buffer);
}

describe('the stand-in for Deepgram', () => {
  it('lets the key in by header and as a subprotocol', async (test) => {
    const server = await start(test);
    const url = server.url + V1;
    assert.equal(await status(url, { Authorization: 'Token stand-in-key' }), 101);
    assert.equal(await status(url, {}, ['token', 'stand-in-key']), 101);
    assert.equal(await status(url, { Authorization: 'Token x' }), 401);
    assert.equal(await status(url, {}), 401);
  });

  it('refuses queries that the service would, and some more', async (test) => {
    const server = await start(test);
    const flux = '/v2/listen?model=flux-general-en&encoding=linear16&sample_rate=16000';
    for (const path of [
      '/v1/listen?model=nova-3',
      '/v1/listen?model=nova-7&encoding=linear16&sample_rate=16000',
      `${V1}&keywords=x`,
      `${V1}&utterance_end_ms=1000`,
      `${V1}&utterance_end_ms=500&interim_results=true`,
      `${V1}&interim_result=true`,
      `${V1}&model=nova-3`,
      `${flux}&language=en`,
      `${flux}&language_hint=en`,
      `${flux}&eager_eot_threshold=0.8&eot_threshold=0.7`,
      `${flux}&eot_timeout_ms=100`,
    ]) {
      assert.equal(await status(server.url + path, { Authorization: 'Token stand-in-key' }), 400, path);
    }
    assert.equal(await status(`${server.url}/v3/listen`, {}), 404);
  });

  it('ends a connection for an empty message and for half a sample', async (test) => {
    const server = await start(test);
    for (const bytes of [new Uint8Array(0), new Uint8Array(3)]) {
      const { socket, closed } = await connect(server, V1);
      socket.send(bytes);
      assert.equal(await closed, '1008 DATA-0000');
    }
  });

  it('ends a connection without sound, though it is sent KeepAlives', async (test) => {
    const server = await start(test, { idleLimitMs: 100 });
    const { socket, closed } = await connect(server, V1);
    socket.send('{"type":"KeepAlive"}');
    assert.equal(await closed, '1011 NET-0001');
  });

  it('ends a stream that is closed with what it has, and Metadata', async (test) => {
    const server = await start(test, { script: { type: 'bursts', choose: () => spoken('bye') } });
    const { socket, closed, messages } = await connect(server, V1);
    socket.send(bytesOf(tone(300, 400)));
    socket.send('{"type":"CloseStream"}');
    assert.equal(await closed, '1000 ');
    assert.match(JSON.stringify(messages), /"is_final":true.*"transcript":"bye".*"type":"Metadata"/);
  });

  it('tells of speech, its end and the end of an utterance', async (test) => {
    const server = await start(test, { script: { type: 'bursts', choose: () => spoken('well') } });
    const { socket, messages, closed } = await connect(
      server,
      `${V1}&interim_results=true&endpointing=300&utterance_end_ms=1000&vad_events=true`,
    );
    for (const sound of [silence(200), tone(300, 300), silence(400), silence(400), silence(400)]) {
      socket.send(bytesOf(sound));
    }
    socket.send('{"type":"CloseStream"}');
    await closed;
    const told = JSON.stringify(messages);
    assert.match(told, /SpeechStarted.*"speech_final":true.*"transcript":"well".*UtteranceEnd/);
    assert.equal(told.match(/UtteranceEnd/g)?.length, 1);
  });

  it('knows no KeepAlive for Flux, and closes Flux without a code', async (test) => {
    const server = await start(test);
    const path = '/v2/listen?model=flux-general-en&encoding=linear16&sample_rate=16000';
    const first = await connect(server, path);
    first.socket.send('{"type":"KeepAlive"}');
    assert.equal(await first.closed, '1011 UNPARSABLE_CLIENT_MESSAGE');
    const second = await connect(server, path);
    second.socket.send('{"type":"CloseStream"}');
    assert.equal(await second.closed, '1005 ');
  });
});
