import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer as createHttpServer, type ServerResponse } from 'node:http';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { z } from 'zod';
import { systemClock } from '../../../src/base/clock.ts';
import type { CallEvent } from '../../../src/call/call-events.ts';
import { callCommand } from '../../../src/cli/call/call-command.ts';
import { AudioSocketDecoder } from '../../../src/protocol/audiosocket/decoder.ts';
import { encodeAudio, encodeHangup } from '../../../src/protocol/audiosocket/encoder.ts';
import { formatUuid } from '../../../src/protocol/audiosocket/kinds.ts';
import { encodeWav, parseWav } from '../../../src/protocol/wav.ts';
import { findSoundMs, sine, sliceMs, toneDbfs } from '../../asterisk/audio.ts';

const SPAN = z.object({ startMs: z.number(), endMs: z.number() });

/** Gives each leg what the other one says, and hangs up the one that is left. */
class EchoServer {
  readonly uuids: string[] = [];
  readonly legs: Socket[] = [];
  hangsUp = true;
  readonly server: Server = createServer((socket) => {
    const own = this.legs.push(socket) - 1;
    const decoder = new AudioSocketDecoder({
      uuid: (bytes) => this.uuids.push(formatUuid(bytes)),
      audio: (pcm, rateHz) => this.legs[1 - own]?.write(encodeAudio(pcm, rateHz)),
      hangup() {},
      dtmf() {},
      error() {},
    });
    socket.on('data', (chunk) => decoder.push(chunk));
    socket.on('error', () => {});
    socket.on('close', () => {
      if (this.hangsUp) {
        this.legs[1 - own]?.end(encodeHangup());
      }
    });
  });
}

const EVENTS: readonly CallEvent[] = [
  { type: 'leg-state', atMs: 0, leg: 0, state: 'RINGING', language: 'en' },
  { type: 'heard', atMs: 300, leg: 0, utterance: 1, final: true, piiText: 'hello' },
  {
    type: 'spoken',
    atMs: 400,
    leg: 0,
    utterance: 1,
    piiText: 'hola',
    piiSource: 'hello',
    stages: { mtMs: 20, ttsMs: 20, queueMs: 10 },
  },
  {
    type: 'utterance',
    atMs: 600,
    report: {
      leg: 0,
      utterance: 1,
      outcome: 'spoken',
      source: { language: 'en', piiText: 'hello', startMs: 0, endMs: 200 },
      target: { language: 'es', piiText: 'hola', startMs: 400, endMs: 600 },
      segments: 1,
      startOffsetMs: 400,
      stages: { endpointMs: 100, sttMs: 50, mtMs: 20, ttsMs: 20, playoutMs: 10, endToEndMs: 200 },
    },
  },
  { type: 'ended', atMs: 700 },
];

async function listen(server: {
  listen(port: number, host: string, then: () => void): unknown;
  address(): unknown;
}): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const isBound = address !== null && typeof address === 'object' && 'port' in address;
  return isBound && typeof address.port === 'number' ? address.port : 0;
}

/** A port on which nothing listens. */
async function closedPort(): Promise<number> {
  const server = createServer();
  const port = await listen(server);
  await new Promise((resolve) => server.close(resolve));
  return port;
}

describe('dragoman call', () => {
  let dir = '';
  let echo: EchoServer;
  let port = 0;
  let httpPort = 0;
  let answer: (path: string, response: ServerResponse) => void;
  const http = createHttpServer((request, response) => answer(request.url ?? '', response));
  let printed = { out: '', err: '' };

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'dragoman-call-'));
    echo = new EchoServer();
    port = await listen(echo.server);
    httpPort = await listen(http);
    printed = { out: '', err: '' };
    await writeFile(join(dir, 'a.wav'), encodeWav({ rateHz: 16_000, pcm: sine(440, 200, 16_000) }));
    await writeFile(join(dir, 'b.wav'), encodeWav({ rateHz: 44_100, pcm: sine(1_000, 200, 44_100) }));
  });

  afterEach(async () => {
    echo.server.close();
    for (const leg of echo.legs) {
      leg.destroy();
    }
    http.closeAllConnections();
    await new Promise((resolve) => http.close(resolve));
    await rm(dir, { recursive: true });
  });

  async function call(...options: readonly string[]): Promise<void> {
    const command = callCommand({
      clock: systemClock,
      stdout: {
        write: (text) => {
          printed.out += text;
        },
      },
      stderr: {
        write: (text) => {
          printed.err += text;
        },
      },
    });
    const fixed = ['--server', `127.0.0.1:${port}`, '--http', `http://127.0.0.1:${httpPort}`];
    const paths = ['--a', join(dir, 'a.wav'), '--out', join(dir, 'out')];
    await command.parseAsync([...fixed, ...paths, '--linger-ms', '300', ...options], { from: 'user' });
  }

  async function readReport(): Promise<Record<string, unknown>> {
    return JSON.parse(await readFile(join(dir, 'out', 'report.json'), 'utf8'));
  }

  it('makes a call, follows its captions and keeps what each leg heard', async () => {
    let asked = 0;
    answer = (path, response) => {
      asked += 1;
      if (asked === 1) {
        response.writeHead(404, { 'content-type': 'application/json' }).end('{"error":"no such call"}');
        return;
      }
      assert.equal(path, `/calls/${echo.uuids[0]?.slice(0, 35)}/events`);
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.end(EVENTS.map((event) => `event: call\ndata: ${JSON.stringify(event)}\n\n`).join(''));
    };
    await call('--b', join(dir, 'b.wav'));
    const [uuidA = '', uuidB = ''] = echo.uuids;
    assert.deepEqual([uuidA.at(-1), uuidB.at(-1), uuidB.slice(0, 35)], ['0', '1', uuidA.slice(0, 35)]);

    for (const [leg, toneHz] of [
      ['a', 1_000],
      ['b', 440],
    ] as const) {
      const { rateHz, pcm } = parseWav(await readFile(join(dir, 'out', `leg-${leg}.heard.wav`)));
      assert.equal(rateHz, 16_000);
      const startMs = findSoundMs(pcm, rateHz) ?? -1;
      assert.ok(startMs >= 0, 'heard something');
      assert.ok(toneDbfs(sliceMs(pcm, rateHz, startMs + 20, startMs + 120), toneHz, rateHz) > -12);
    }

    const { utterances, notes, callId, captions, rateHz, legs } = await readReport();
    assert.deepEqual([notes, callId, captions, rateHz], [[], uuidA.slice(0, 35), undefined, 16_000]);
    assert.ok(Array.isArray(utterances) && utterances.length === 1);
    assert.equal(utterances[0].source.text, 'hello');
    assert.deepEqual(
      [utterances[0].segments, utterances[0].startOffsetMs],
      [[{ source: 'hello', target: 'hola', startMs: 400 }], 400],
    );
    for (const leg of ['a', 'b']) {
      const { sounds } = z.record(z.string(), z.object({ sounds: z.array(SPAN) })).parse(legs)[leg] ?? {};
      assert.equal(sounds?.length, 1);
      const { startMs = 0, endMs = 0 } = sounds?.[0] ?? {};
      assert.ok(endMs - startMs >= 180 && endMs - startMs <= 260, `${startMs} to ${endMs} ms`);
    }
    assert.match(await readFile(join(dir, 'out', 'call.svg'), 'utf8'), /^<svg [\s\S]*hola[\s\S]*<\/svg>\n$/);
    assert.match(printed.err, /0\.3 s {2}a says {3}hello\n/);
    assert.match(printed.err, /0\.4 s {2}b hears {2}hola\n/);
    assert.match(printed.out, /hello .* 200\np50: start 400 ms, end 200 ms\n$/);
  });

  it('stays on the line, however quiet, until what was heard has its report', async () => {
    answer = (_, response) => {
      const send = (event: CallEvent): unknown => response.write(`data: ${JSON.stringify(event)}\n\n`);
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      EVENTS.slice(0, 2).forEach(send);
      systemClock.at(systemClock.nowMs() + 1_000, () => {
        EVENTS.slice(2, 4).forEach(send);
      });
    };
    await call();
    const { utterances, durationMs } = await readReport();
    assert.ok(Array.isArray(utterances) && utterances.length === 1);
    assert.ok(Number(durationMs) >= 1_000);
  });

  it('goes on without captions when the server does not share them, and says so once', async () => {
    answer = (_, response) =>
      response.writeHead(403).end('{"error":"captions are off; start with --captions"}');
    await call();
    const report = await readReport();
    assert.deepEqual([report.utterances, report.captions], [[], 'not shared by the server']);
    assert.equal(printed.err.split('captions are off; start with --captions').length, 2);
  });

  it('goes on without captions when there is no HTTP side', async () => {
    await call('--http', `http://127.0.0.1:${await closedPort()}`);
    assert.match(printed.err, /no captions: cannot reach http:\S+\/calls\/\S+ \(ECONNREFUSED\).*--http/);
    assert.equal((await readReport()).captions, 'the HTTP side of the server could not be reached');
  });

  it('says so when the server leaves the other party on the line', async () => {
    answer = (_, response) => response.writeHead(403).end('{}');
    echo.hangsUp = false;
    await call();
    const { notes } = await readReport();
    assert.ok(Array.isArray(notes));
    assert.match(String(notes.at(-1)), /did not hang up leg b within 1000 ms/);
  });

  it('says so when the server ends the call early', async () => {
    answer = (_, response) => response.writeHead(404).end('{}');
    echo.server.on('connection', (socket) => socket.end(encodeHangup()));
    await call();
    assert.match(printed.err, /leg a was ended early: the server hung up/);
  });

  it('refuses with what to do about it', async () => {
    await writeFile(join(dir, 'text.wav'), 'this is text');
    const cases: readonly (readonly [string[], string, RegExp])[] = [
      [
        ['--server', `127.0.0.1:${await closedPort()}`],
        'server-unreachable',
        /127\.0\.0\.1:\d+ .*ECONNREFUSED.*start it/,
      ],
      [['--server', 'nowhere'], 'bad-option', /--server nowhere .*host:port/],
      [['--server-b', '[::1]:0'], 'bad-option', /--server-b/],
      [['--rate', '11025'], 'bad-option', /--rate 11025 .*8000, 12000/],
      [['--http', 'localhost'], 'bad-option', /--http localhost/],
      [['--linger-ms', 'long'], 'bad-option', /--linger-ms long/],
      [['--a', join(dir, 'missing.wav')], 'file-unreadable', /missing\.wav/],
      [['--a', join(dir, 'text.wav')], 'wav-unreadable', /text\.wav.*not a WAV file/],
      [['--out', join(dir, 'a.wav', 'out')], 'file-unwritable', /another folder with --out/],
    ];
    for (const [options, code, message] of cases) {
      await assert.rejects(call(...options), { name: 'AppError', code, message }, options.join(' '));
    }
  });
});
