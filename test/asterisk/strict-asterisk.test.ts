import assert from 'node:assert/strict';
import { createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { systemClock } from '../../src/base/clock.ts';
import { AudioSocketDecoder } from '../../src/protocol/audiosocket/decoder.ts';
import { encodeAudio, encodeHangup } from '../../src/protocol/audiosocket/encoder.ts';
import { formatUuid, KIND_ERROR } from '../../src/protocol/audiosocket/kinds.ts';
import { never } from '../support/waiting.ts';
import { findSoundMs, sine } from './audio.ts';
import { newCallUuids, StrictAsterisk, type StrictAsteriskOptions } from './strict-asterisk.ts';

const FRAME = encodeAudio(new Uint8Array(320), 8_000);

/** A server that does with each connection what the test says, and keeps what was sent to it. */
class ScriptedServer {
  readonly uuids: string[] = [];
  readonly payloads: Uint8Array[] = [];
  readonly digits: string[] = [];
  readonly errors: string[] = [];
  ended = false;
  closed = 0;
  onConnection: (socket: Socket) => void = () => {};
  readonly #server: Server = createServer((socket) => this.#accept(socket));
  readonly #sockets = new Set<Socket>();

  async listen(): Promise<number> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    const address = this.#server.address();
    return address !== null && typeof address === 'object' ? address.port : 0;
  }

  close(): void {
    this.#server.close();
    for (const socket of this.#sockets) {
      socket.destroy();
    }
  }

  #accept(socket: Socket): void {
    socket.setNoDelay(true);
    this.#sockets.add(socket);
    const decoder = new AudioSocketDecoder({
      uuid: (bytes) => this.uuids.push(formatUuid(bytes)),
      dtmf: (digit) => this.digits.push(digit),
      audio: (pcm) => this.payloads.push(Uint8Array.from(pcm)),
      hangup() {},
      error() {},
    });
    socket.on('data', (chunk) => decoder.push(chunk));
    socket.on('end', () => {
      this.ended = true;
    });
    socket.on('close', () => {
      this.closed += 1;
    });
    socket.on('error', (error) => this.errors.push('code' in error ? String(error.code) : error.message));
    this.onConnection(socket);
  }
}

describe('StrictAsterisk', () => {
  let server: ScriptedServer;
  let port = 0;

  beforeEach(async () => {
    server = new ScriptedServer();
    port = await server.listen();
  });

  afterEach(() => server.close());

  function connect(options: Omit<StrictAsteriskOptions, 'port'> = {}): Promise<StrictAsterisk> {
    return StrictAsterisk.connect({ port, ...options });
  }

  it('sends its UUID, then what it says in packets of the asked length, then silence', async () => {
    const pcm = sine(440, 60, 16_000);
    const leg = await connect({ rateHz: 16_000, packetMs: 30, pcm });
    await leg.until(() => server.payloads.length >= 4);
    leg.hangUp();
    assert.deepEqual(server.uuids, [leg.uuid]);
    const sent = Buffer.concat(server.payloads);
    assert.equal(server.payloads[0]?.length, 960);
    assert.deepEqual(sent.subarray(0, pcm.byteLength), Buffer.from(pcm.buffer));
    assert.ok(sent.subarray(pcm.byteLength).every((byte) => byte === 0));
    assert.equal(leg.saidAll, true);
    await leg.closed;
    assert.equal(server.ended, true);
  });

  it('keeps what it hears on a line of time', async () => {
    let accepted: Socket | undefined;
    server.onConnection = (socket) => {
      accepted = socket;
    };
    const leg = await connect();
    await leg.until(() => accepted !== undefined && leg.nowMs() >= 300);
    accepted?.write(encodeAudio(new Uint8Array(sine(440, 20, 8_000).buffer), 8_000));
    await leg.until(() => leg.frames.length === 1);
    leg.hangUp();
    const arrivedMs = leg.frames[0]?.atMs ?? 0;
    assert.ok(arrivedMs >= 300, `${arrivedMs}`);
    const soundMs = findSoundMs(leg.heard(), 8_000) ?? 0;
    assert.ok(Math.abs(soundMs - arrivedMs) <= 10, `${soundMs} against ${arrivedMs}`);
    assert.deepEqual(leg.ratesHeard, [8_000]);
  });

  it('ends by the server when it is hung up on, and closes', async () => {
    server.onConnection = (socket) => socket.write(Buffer.concat([FRAME, encodeHangup()]));
    const leg = await connect();
    assert.equal((await leg.ended).by, 'server-hangup');
    assert.equal(leg.frames.length, 1);
    await leg.closed;
    assert.equal(server.ended, true);
  });

  it('ends by the server when the connection is closed or reset', async () => {
    server.onConnection = (socket) => socket.end();
    const closed = await connect();
    assert.equal((await closed.ended).by, 'server-close');
    server.onConnection = (socket) => {
      socket.once('data', () => socket.resetAndDestroy());
    };
    const reset = await connect();
    const { by, detail } = await reset.ended;
    assert.equal(by, 'server-close');
    assert.equal(detail, 'ECONNRESET');
  });

  it('ends by itself with FIN or RST', async () => {
    const finished = await connect();
    finished.hangUp();
    assert.equal((await finished.ended).by, 'self');
    await finished.closed;
    assert.deepEqual(server.errors, []);
    const reset = await connect();
    await reset.until(() => server.uuids.length === 2);
    reset.reset();
    await reset.until(() => server.closed === 2);
    // Node sends a FIN before the RST; a server that reads it first has closed before it hears of the RST.
    assert.ok(server.errors.every((code) => code === 'ECONNRESET'));
    assert.deepEqual([(await reset.ended).by, (await reset.ended).detail], ['self', 'reset']);
  });

  it('ends by the rule when a payload does not follow its header', async () => {
    server.onConnection = (socket) => socket.write(FRAME.subarray(0, 3));
    const leg = await connect();
    const ending = await leg.ended;
    assert.deepEqual([ending.by, ending.detail], ['rule', 'late-payload']);
    assert.equal(leg.frames.length, 0);
  });

  it('ends by the rule on a message kind that Asterisk does not take', async () => {
    server.onConnection = (socket) => socket.write(Buffer.from([KIND_ERROR, 0, 0]));
    const leg = await connect();
    assert.equal((await leg.ended).detail, 'unknown-kind');
  });

  it('ends by the rule when the server does not read', async () => {
    server.onConnection = (socket) => socket.pause();
    const leg = await connect({ rateHz: 192_000, whenQuiet: 'nothing' });
    leg.sendRaw(Buffer.alloc(64 * 1_024 * 1_024));
    leg.speak(new Int16Array(3_840));
    assert.equal((await leg.ended).detail, 'short-write');
  });

  it('in the application, ends after 2,000 ms in which neither side sent anything', async () => {
    const leg = await connect({ mode: 'application', whenQuiet: 'nothing' });
    const ending = await leg.ended;
    assert.equal(ending.detail, 'no-activity');
    assert.ok(ending.atMs >= 2_000);
    await assert.rejects(connect({ mode: 'application', rateHz: 16_000 }), RangeError);
  });

  it('in the header loop, says nothing until the server has', async () => {
    let accepted: Socket | undefined;
    server.onConnection = (socket) => {
      accepted = socket;
    };
    const leg = await connect({ waitsForServer: true, pcm: sine(440, 100, 8_000) });
    await leg.until(() => server.uuids.length === 1);
    await systemClock.sleep(100, never());
    assert.equal(server.payloads.length, 0);
    accepted?.write(FRAME);
    await leg.until(() => server.payloads.length > 0);
    leg.hangUp();
  });

  it('presses keys and sends raw bytes', async () => {
    const leg = await connect({ whenQuiet: 'nothing' });
    leg.sendDtmf('7');
    leg.sendRaw(Buffer.from([0x03, 0, 1, 0x23]));
    await leg.until(() => server.digits.length === 2);
    leg.hangUp();
    assert.deepEqual(server.digits, ['7', '#']);
  });

  it('says what it saw when a wait is in vain', async () => {
    const leg = await connect();
    await assert.rejects(
      leg.until(() => false, 30),
      /not within 30 ms.*0 frames, violations: none, still up/,
    );
    leg.hangUp();
  });
});

describe('newCallUuids', () => {
  it('gives two UUIDs that differ in the last digit only', () => {
    const [a, b] = newCallUuids();
    assert.match(a, /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{11}0$/);
    assert.equal(b, `${a.slice(0, 35)}1`);
  });
});
