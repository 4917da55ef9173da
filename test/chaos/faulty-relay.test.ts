import assert from 'node:assert/strict';
import { connect, createServer, type Socket } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import { listen } from '../support/ports.ts';
import { eventually } from '../support/waiting.ts';
import { FaultyRelay } from './faulty-relay.ts';

const LIMIT_MS = 20_000;

/** A vendor that says back what it is told, behind a relay. */
async function openRelay(t: TestContext): Promise<FaultyRelay> {
  const vendor = createServer((socket) => {
    socket.on('error', () => {});
    socket.pipe(socket);
  });
  const relay = await FaultyRelay.open(await listen(vendor));
  t.after(async () => {
    await relay.close();
    vendor.close();
  });
  return relay;
}

class Client {
  readonly socket: Socket;
  heard = Buffer.alloc(0);
  /** How it ended. */
  ended: string | undefined;

  constructor({ port }: FaultyRelay) {
    this.socket = connect({ port, host: '127.0.0.1' });
    this.socket.on('data', (bytes) => {
      this.heard = Buffer.concat([this.heard, bytes]);
    });
    this.socket.on('error', (error) => {
      this.ended = 'code' in error ? String(error.code) : error.message;
    });
    this.socket.on('close', () => {
      this.ended ??= 'closed';
    });
  }

  static async ask(relay: FaultyRelay, text: string): Promise<Client> {
    const client = new Client(relay);
    client.socket.write(text);
    await eventually('it is connected, or refused', LIMIT_MS, () => !client.socket.connecting);
    return client;
  }

  hears(text: string): Promise<true> {
    return eventually(
      () => `"${text}" is heard; it was "${this.heard}"`,
      LIMIT_MS,
      () => this.heard.toString() === text,
    );
  }

  ends(): Promise<string> {
    return eventually('it ends', LIMIT_MS, () => this.ended);
  }
}

describe('a relay that can be broken', () => {
  it('passes things on both ways while it is well', async (t) => {
    const client = await Client.ask(await openRelay(t), 'hello');
    await client.hears('hello');
    client.socket.end('!');
    await client.hears('hello!');
    assert.equal(await client.ends(), 'closed');
  });

  it('refuses, cuts what there was, and is back at the same port', async (t) => {
    const relay = await openRelay(t);
    const before = await Client.ask(relay, 'hello');
    await before.hears('hello');
    await relay.set({ type: 'refused' });
    await before.ends();
    assert.equal(await (await Client.ask(relay, 'again')).ends(), 'ECONNREFUSED');
    await relay.set(undefined);
    await (await Client.ask(relay, 'again')).hears('again');
  });

  it('holds everything back while it stalls, and nothing is lost', async (t) => {
    const relay = await openRelay(t);
    const before = await Client.ask(relay, 'one');
    await before.hears('one');
    await relay.set({ type: 'stalled' });
    before.socket.write(' two');
    const during = await Client.ask(relay, 'three');
    const cut = await Client.ask(relay, 'never');
    cut.socket.destroy();
    assert.deepEqual([before.heard.toString(), during.heard.length], ['one', 0]);
    await relay.set(undefined);
    await before.hears('one two');
    await during.hears('three');
  });

  it('cuts once', async (t) => {
    const relay = await openRelay(t);
    const before = await Client.ask(relay, 'one');
    await before.hears('one');
    await relay.set({ type: 'cut' });
    await before.ends();
    await (await Client.ask(relay, 'two')).hears('two');
  });

  it('ends in the middle of answers', async (t) => {
    const relay = await openRelay(t);
    await relay.set({ type: 'truncated', afterBytes: 3 });
    const client = await Client.ask(relay, 'hello');
    await client.hears('hel');
    assert.equal(await client.ends(), 'closed');
  });

  it('answers slowly, and whole', async (t) => {
    const relay = await openRelay(t);
    await relay.set({ type: 'slow', bytesPerSecond: 40 });
    const client = await Client.ask(relay, '123456');
    await client.hears('1234');
    await client.hears('123456');
  });

  it('answers with other bytes, the same with the same seed', async (t) => {
    const relay = await openRelay(t);
    const text = 'the quick brown fox'.repeat(20);
    const answers: string[] = [];
    for (let time = 0; time < 2; time += 1) {
      await relay.set({ type: 'garbled', oneIn: 10, seed: 4 });
      const client = await Client.ask(relay, text);
      await eventually('all of it came', LIMIT_MS, () => client.heard.length === text.length);
      answers.push(client.heard.toString('latin1'));
    }
    assert.notEqual(answers[0], text);
    assert.equal(answers[0], answers[1]);
  });

  it('comes and goes', async (t) => {
    const relay = await openRelay(t);
    await relay.set({ type: 'flapping', everyMs: 50 });
    for (const wanted of ['ECONNREFUSED', 'again', 'ECONNREFUSED']) {
      await eventually(`it is ${wanted}`, LIMIT_MS, async () => {
        const client = await Client.ask(relay, 'again');
        await eventually(
          'it is answered, or refused',
          LIMIT_MS,
          () => client.heard.length > 0 || client.ended !== undefined,
        );
        client.socket.destroy();
        return wanted === (client.heard.length > 0 ? client.heard.toString() : client.ended);
      });
    }
  });
});
