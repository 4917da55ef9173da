/** `dragoman interpret` against the HTTP server it asks, in front of a door that the test plays. */

import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import { silentLog } from '../../src/base/log.ts';
import type { WhisperAnswer, Whispering, WhisperWish } from '../../src/server/doors/whispering.ts';
import { HttpServer } from '../../src/server/http/http-server.ts';
import { FakeClock } from '../base/fake-clock.ts';
import { FakeInterpretingView } from '../server/http/fake-interpreting-view.ts';
import { FakeServerView } from '../server/http/fake-server-view.ts';
import { freePort } from '../support/ports.ts';
import { runWords } from './run-words.ts';

const servers: HttpServer[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

class PlayedDoor implements Whispering {
  readonly asked: (WhisperWish | string)[] = [];
  answer: WhisperAnswer = { type: 'done' };

  async begin(wish: WhisperWish): Promise<WhisperAnswer> {
    this.asked.push(wish);
    return this.answer;
  }

  async end(channel: string): Promise<WhisperAnswer> {
    this.asked.push(channel);
    return this.answer;
  }
}

/** A service, with a door that can or without. */
async function start(door?: PlayedDoor) {
  const [view, interpreting, clock] = [new FakeServerView(), new FakeInterpretingView(), new FakeClock()];
  view.whispering = door;
  const server = await HttpServer.open(
    { host: '127.0.0.1', port: 0, captions: false, version: '1.2.3', startedAtMs: 0 },
    {
      ...{ view, interpreting, clock, log: silentLog, health: () => 'HEALTHY' as const },
      utterances: { utterances: 0, failures: 0 },
    },
  );
  servers.push(server);
  const { port } = server.address;
  const interpret = (...words: readonly string[]) =>
    runWords(['interpret', ...words, '--http', `127.0.0.1:${port}`]);
  const post = async (path: string, body: string, headers: Readonly<Record<string, string>> = {}) => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body,
    });
    return response.status;
  };
  return { interpret, post, port };
}

describe('dragoman interpret', () => {
  it('has the call of a channel interpreted, and the interpreter taken off', async () => {
    const door = new PlayedDoor();
    const { interpret } = await start(door);
    const on = await interpret('PJSIP/alice-00000001', '--pair', 'en:es');
    assert.deepEqual(on, { status: 0, out: 'the call is being interpreted\n', error: '' });
    const off = await interpret('PJSIP/alice-00000001', '--off');
    assert.deepEqual(off, { status: 0, out: 'the call is interpreted no longer\n', error: '' });
    const softer = await interpret('PJSIP/alice-00000001', '--pair', 'en:es', '--original', 'duck');
    assert.equal(softer.status, 0);
    const channel = 'PJSIP/alice-00000001';
    const wish = { channel, from: 'en', to: 'es' };
    assert.deepEqual(door.asked, [{ ...wish, original: 'full' }, channel, { ...wish, original: 'duck' }]);
  });

  it('says why it cannot be, as the door or the service does', async () => {
    const door = new PlayedDoor();
    door.answer = { type: 'refused', reason: 'no-call', explanation: 'it rings' };
    const { interpret } = await start(door);
    assert.deepEqual(await interpret('1.0', '--pair', 'en:es'), {
      ...{ status: 1, out: '', error: 'dragoman: it rings\n' },
    });
    const without = await (await start()).interpret('1.0', '--pair', 'en:es');
    assert.equal(without.status, 1);
    assert.match(without.error, /start it with --ari/);
    const nobody = await runWords(['interpret', '1.0', '--off', '--http', `127.0.0.1:${await freePort()}`]);
    assert.equal(nobody.status, 1);
    assert.match(nobody.error, /is it running, with this address in --http\?/);
  });

  it('wants a channel, and either a pair or --off', async () => {
    const door = new PlayedDoor();
    const { interpret } = await start(door);
    for (const words of [['1.0'], ['1.0', '--pair', 'en:es', '--off'], ['1.0', '--pair', 'en'], ['--off']]) {
      assert.equal((await interpret(...words)).status, 2, words.join(' '));
    }
    const many = await interpret('1.0', 'en:es');
    assert.match(many.error, /Expected 1 argument/);
    assert.deepEqual(door.asked, []);
  });
});

describe('POST /whispers', () => {
  it('refuses what it cannot read, and what is too long', async () => {
    const door = new PlayedDoor();
    const { post } = await start(door);
    for (const body of ['{"channel":"1.0"}', '{"channel":"","from":"en","to":"es"}', '[]', 'null']) {
      assert.equal(await post('/api/v1/whispers', body), 400, body);
    }
    assert.equal(await post('/api/v1/whispers', '{"channel":'), 400);
    assert.equal(await post('/api/v1/whispers/end', JSON.stringify({ channel: 'x'.repeat(70_000) })), 413);
    assert.deepEqual(door.asked, []);
  });

  it('is not for pages of other sites', async () => {
    const door = new PlayedDoor();
    const { post } = await start(door);
    const body = '{"channel":"1.0"}';
    assert.equal(await post('/api/v1/whispers/end', body, { origin: 'http://evil.example' }), 403);
    assert.deepEqual(door.asked, []);
    assert.equal(await post('/api/v1/whispers/end', body), 200);
  });

  it('tells by its status whether it is worth asking again', async () => {
    const door = new PlayedDoor();
    const { post } = await start(door);
    const statuses: number[] = [];
    for (const reason of [
      'bad-language',
      'not-interpreted',
      'already-interpreted',
      'busy',
      'failed',
    ] as const) {
      door.answer = { type: 'refused', reason, explanation: 'so' };
      statuses.push(await post('/api/v1/whispers/end', '{"channel":"1.0"}'));
    }
    assert.deepEqual(statuses, [400, 404, 409, 503, 502]);
  });
});
