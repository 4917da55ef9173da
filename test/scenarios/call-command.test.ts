import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer as createHttpServer, type ServerResponse } from 'node:http';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { z } from 'zod';
import { systemClock } from '../../src/base/clock.ts';
import type { CallEvent } from '../../src/call/call-events.ts';
import { callCommand } from '../../src/cli/call-command.ts';
import { AudioSocketDecoder } from '../../src/protocol/audiosocket/decoder.ts';
import { encodeAudio, encodeHangup } from '../../src/protocol/audiosocket/encoder.ts';
import { formatUuid } from '../../src/protocol/audiosocket/kinds.ts';
import { encodeWav, parseWav } from '../../src/protocol/wav.ts';
import { sine, sliceMs, toneDbfs } from '../asterisk/audio.ts';

/** For a call in which something has to be heard: all of it is one process, which may stand still for seconds. */
const PATIENT = ['--linger-ms', '3000'];

const SPAN = z.object({ startMs: z.number(), endMs: z.number() });
const PARTY = z.object({
  name: z.string(),
  language: z.string().optional(),
  uuid: z.string(),
  heardWav: z.string(),
  spokenWavs: z.array(z.string()).optional(),
  sounds: z.array(SPAN),
});

/** Gives each leg what the others say, and hangs up those that are left when one is gone. */
class EchoServer {
  readonly uuids: string[] = [];
  readonly legs: Socket[] = [];
  hangsUp = true;
  /** Whether only silence is passed on. */
  muffled = false;
  readonly server: Server = createServer((socket) => {
    this.legs.push(socket);
    const others = (): readonly Socket[] => this.legs.filter((leg) => leg !== socket);
    const decoder = new AudioSocketDecoder({
      uuid: (bytes) => this.uuids.push(formatUuid(bytes)),
      audio: (pcm, rateHz) => {
        for (const other of others()) {
          other.write(encodeAudio(this.muffled ? new Uint8Array(pcm.length) : pcm, rateHz));
        }
      },
      hangup() {},
      dtmf() {},
      error() {},
    });
    socket.on('data', (chunk) => decoder.push(chunk));
    socket.on('error', () => {});
    socket.on('close', () => {
      if (this.hangsUp) {
        for (const other of others()) {
          other.end(encodeHangup());
        }
      }
    });
  });
}

const EVENTS: readonly CallEvent[] = [
  { type: 'party-state', atMs: 0, party: 'a', name: 'caller', state: 'RINGING', language: 'en' },
  { type: 'party-state', atMs: 1, party: 'b', name: 'callee', state: 'RINGING', language: 'es' },
  { type: 'heard', atMs: 300, party: 'a', utterance: 1, final: true, piiText: 'hello' },
  {
    type: 'spoken',
    atMs: 400,
    party: 'a',
    utterance: 1,
    language: 'es',
    piiText: 'hola',
    piiSource: 'hello',
    stages: { mtMs: 20, ttsMs: 20, queueMs: 10 },
  },
  {
    type: 'utterance',
    atMs: 600,
    report: {
      party: 'a',
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

/** Of the loudest 10 ms: a machine that is busy tears holes into a tone. */
function loudestDbfs(pcm: Int16Array, rateHz: number, toneHz: number): number {
  let loudest = Number.NEGATIVE_INFINITY;
  for (let atMs = 0; atMs * rateHz < pcm.length * 1_000; atMs += 10) {
    loudest = Math.max(loudest, toneDbfs(sliceMs(pcm, rateHz, atMs, atMs + 10), toneHz, rateHz));
  }
  return loudest;
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
    await writeFile(join(dir, 'a.wav'), encodeWav({ rateHz: 16_000, pcm: sine(440, 700, 16_000) }));
    await writeFile(join(dir, 'b.wav'), encodeWav({ rateHz: 44_100, pcm: sine(1_000, 700, 44_100) }));
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

  /** Resolves with the exit status. */
  async function call(...options: readonly string[]): Promise<number> {
    let status = 0;
    const setStatus = (told: number): void => {
      status = told;
    };
    const command = callCommand(setStatus, {
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
    const usual: readonly (readonly [flag: string, value: string])[] = [
      ['--server', `127.0.0.1:${port}`],
      ['--http', `http://127.0.0.1:${httpPort}`],
      ...(options.includes('--party') ? [] : [['--a', join(dir, 'a.wav')] as const]),
      ['--out', join(dir, 'out')],
      ['--linger-ms', '300'],
    ];
    const words = usual.flatMap(([flag, value]) => (options.includes(flag) ? [] : [flag, value]));
    await command.parseAsync([...words, ...options], { from: 'user' });
    return status;
  }

  async function readReport(): Promise<Record<string, unknown>> {
    return JSON.parse(await readFile(join(dir, 'out', 'report.json'), 'utf8'));
  }

  it('makes a call, follows its captions and keeps what each leg heard', async () => {
    let asked = 0;
    answer = (path, response) => {
      asked += 1;
      if (asked === 1) {
        response.writeHead(404, { 'content-type': 'application/json' }).end('{"detail":"no such call"}');
        return;
      }
      assert.equal(path.split('?')[0], `/api/v1/calls/${echo.uuids[0]?.slice(0, 35)}/events`);
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.end(EVENTS.map((event) => `event: call\ndata: ${JSON.stringify(event)}\n\n`).join(''));
    };
    await call('--b', join(dir, 'b.wav'), ...PATIENT);
    const [uuidA = '', uuidB = ''] = echo.uuids;
    assert.deepEqual([uuidA.at(-1), uuidB.at(-1), uuidB.slice(0, 35)], ['0', '1', uuidA.slice(0, 35)]);

    for (const [leg, toneHz] of [
      ['a', 1_000],
      ['b', 440],
    ] as const) {
      const { rateHz, pcm } = parseWav(await readFile(join(dir, 'out', `leg-${leg}.heard.wav`)));
      assert.equal(rateHz, 16_000);
      const loudest = loudestDbfs(pcm, rateHz, toneHz);
      assert.ok(loudest > -12, `${toneHz} Hz has ${loudest} dBFS`);
    }

    const { utterances, notes, callId, captions, rateHz, parties } = await readReport();
    assert.deepEqual([notes, callId, captions, rateHz], [[], uuidA.slice(0, 35), undefined, 16_000]);
    assert.ok(Array.isArray(utterances) && utterances.length === 1);
    assert.equal(utterances[0].source.text, 'hello');
    assert.deepEqual(
      [utterances[0].segments, utterances[0].startOffsetMs],
      [[{ source: 'hello', target: 'hola', startMs: 400 }], 400],
    );
    const reported = z.array(PARTY).parse(parties);
    assert.deepEqual(
      reported.map(({ name, language, uuid }) => [name, language, uuid]),
      [
        ['a', 'en', uuidA],
        ['b', 'es', uuidB],
      ],
    );
    for (const { sounds } of reported) {
      const [first, last] = [sounds[0]?.startMs ?? 0, sounds.at(-1)?.endMs ?? 0];
      assert.ok(last - first >= 680, `${first} to ${last} ms`);
    }
    assert.match(await readFile(join(dir, 'out', 'call.svg'), 'utf8'), /^<svg [\s\S]*hola[\s\S]*<\/svg>\n$/);
    assert.match(printed.err, /0\.3 s {2}a says {3}hello\n/);
    assert.match(printed.err, /0\.4 s {2}b hears {2}hola\n/);
    assert.match(
      printed.out,
      /hello .* 200\np50: start 400 ms, end 200 ms\na heard \d\.\d s of voices.*\nb heard .*; 1 segment was translated for it\n$/,
    );
  });

  it('plays any number of parties in a room, and says who was heard by whom in which language', async () => {
    echo.hangsUp = false;
    const asked: string[] = [];
    answer = (path, response) => {
      asked.push(path);
      const [a = '', b = '', c = ''] = echo.uuids.map((uuid) => uuid.replaceAll('-', '').slice(24));
      const join = { type: 'party-state', atMs: 0, state: 'TRANSLATING' } as const;
      const said = { outcome: 'spoken', segments: 1, stages: {}, utterance: 1 } as const;
      const source = { language: 'en', piiText: 'hello', startMs: 0, endMs: 200 };
      const events: readonly CallEvent[] = [
        { ...join, party: a, name: a, language: 'en' },
        { ...join, party: b, name: b, language: 'es' },
        { ...join, party: c, name: c, language: 'es' },
        { type: 'heard', atMs: 300, party: a, utterance: 1, final: true, piiText: 'hello' },
        { type: 'spoken', atMs: 400, party: a, utterance: 1, language: 'es', piiText: 'hola' },
        {
          type: 'utterance',
          atMs: 600,
          report: {
            ...said,
            party: a,
            source,
            target: { language: 'es', piiText: 'hola', startMs: 400, endMs: 600 },
          },
        },
        { type: 'ended', atMs: 700 },
      ];
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.end(events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join(''));
    };
    await call(
      ...['--room', 'board 7', '--party', `en=${join(dir, 'a.wav')}`],
      ...['--party', `es=${join(dir, 'b.wav')}`, '--party', 'es', ...PATIENT],
    );
    assert.deepEqual(
      asked.map((path) => path.split('?')[0]),
      ['/api/v1/calls/3a80f10e54332e1dd2da/events'],
    );
    assert.equal(echo.uuids.length, 3);
    const report = await readReport();
    assert.deepEqual(
      z
        .array(PARTY)
        .parse(report.parties)
        .map(({ name, language, heardWav, spokenWavs }) => [name, language, heardWav, spokenWavs?.length]),
      [
        ['a', 'en', 'leg-a.heard.wav', 1],
        ['b', 'es', 'leg-b.heard.wav', 1],
        ['c', 'es', 'leg-c.heard.wav', undefined],
      ],
    );
    assert.ok(Array.isArray(report.utterances) && report.utterances.length === 1);
    assert.deepEqual([report.utterances[0].party, report.utterances[0].segments.length], ['a', 1]);
    // The third hears both that speak: frame by frame in turn, as nobody mixes them here.
    const { rateHz, pcm } = parseWav(await readFile(join(dir, 'out', 'leg-c.heard.wav')));
    for (const toneHz of [440, 1_000]) {
      const loudest = loudestDbfs(pcm, rateHz, toneHz);
      assert.ok(loudest > -12, `${toneHz} Hz has ${loudest} dBFS`);
    }
    assert.match(printed.err, /0\.4 s {2}b, c hear hola\n/);
    const svg = await readFile(join(dir, 'out', 'call.svg'), 'utf8');
    assert.match(svg, />b, c hear</);
    assert.deepEqual(report.notes, []);
  });

  it('stays on the line, however quiet, until what was heard has its report', async () => {
    answer = (_, response) => {
      const send = (event: CallEvent): unknown => response.write(`data: ${JSON.stringify(event)}\n\n`);
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      EVENTS.slice(0, 3).forEach(send);
      // Later than it would hang up for the silence alone.
      systemClock.at(systemClock.nowMs() + 6_000, () => {
        EVENTS.slice(3, 5).forEach(send);
      });
    };
    await call(...PATIENT);
    const { utterances, durationMs } = await readReport();
    assert.ok(Array.isArray(utterances) && utterances.length === 1);
    assert.ok(Number(durationMs) >= 6_000);
  });

  it('goes on without captions when the server does not share them, and says so once', async () => {
    answer = (_, response) =>
      response.writeHead(403).end('{"detail":"captions are off; start with --captions"}');
    await call();
    const report = await readReport();
    assert.deepEqual([report.utterances, report.captions], [[], 'not shared by the server']);
    assert.equal(printed.err.split('captions are off; start with --captions').length, 2);
  });

  it('goes on without captions when there is no HTTP side', async () => {
    await call('--http', `http://127.0.0.1:${await closedPort()}`);
    assert.match(printed.err, /captions: 127\.0\.0\.1:\d+ cannot be reached \(ECONNREFUSED\).*--http/);
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

  it('ends with 0 when the captions say what was expected, and with 7, saying what, when they do not', async () => {
    answer = (_, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.end(EVENTS.map((event) => `data: ${JSON.stringify(event)}\n\n`).join(''));
    };
    const both = ['--b', join(dir, 'b.wav'), ...PATIENT];
    assert.equal(await call(...both, '--expect', 'b="¡HOLA!"', '--expect', 'a=hello', '--expect', 'hola'), 0);
    assert.equal(await call(...both, '--expect', 'a=hola', '--expect', 'hol', '--expect', 'hola'), 7);
    assert.match(printed.err, /^dragoman: the captions do not say a="hola", nor "hol"$/m);
    const { outcome } = await readReport();
    assert.equal(z.object({ type: z.string() }).parse(outcome).type, 'unexpected');
  });

  it('says that it cannot tell what was expected when there are no captions', async () => {
    answer = (_, response) => response.writeHead(403).end('{}');
    assert.equal(await call('--b', join(dir, 'b.wav'), '--expect', 'hola', ...PATIENT), 7);
    assert.match(printed.err, /"hola" cannot be told without captions: not shared by the server/);
  });

  it('ends with 6 when a party was spoken to and heard no voice', async () => {
    answer = (_, response) => response.writeHead(403).end('{}');
    echo.muffled = true;
    assert.equal(await call(...PATIENT), 6);
    assert.match(
      printed.out,
      /^a heard no voice, and nobody spoke to it\nb heard no voice, though it was spoken to$/m,
    );
  });

  it('writes one line for monitoring, with its metrics and its own statuses', async () => {
    answer = (_, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.end(EVENTS.map((event) => `data: ${JSON.stringify(event)}\n\n`).join(''));
    };
    const both = ['--b', join(dir, 'b.wav'), '--monitor', ...PATIENT];
    assert.equal(await call(...both), 0);
    assert.match(
      printed.out,
      /^OK - a heard \d\.\d s of voices, [^|\n]*\|duration=\d+\.\d\ds a_heard=\d\.\d\ds a_first=\d\.\d\ds b_heard=\S+ b_first=\S+ utterances=1 spoken=1 start_p50=0\.40s end_to_end_p50=0\.20s\n$/,
    );
    assert.equal(printed.err, '');
    printed.out = '';
    assert.equal(await call(...both, '--expect', 'adiós'), 2);
    assert.match(printed.out, /^CRITICAL - the captions do not say "adiós"\|duration=/);
    printed.out = '';
    echo.hangsUp = false;
    assert.equal(await call(...both), 1);
    assert.match(printed.out, /^WARNING - a heard .*did not hang up leg b within 1000 ms .*\|/);
    printed.out = '';
    assert.equal(await call('--monitor', '--json'), 3);
    assert.match(printed.out, /^UNKNOWN - --json and --monitor .*\n$/);
    printed.out = '';
    assert.equal(await call('--monitor', '--server', `127.0.0.1:${await closedPort()}`), 2);
    assert.match(printed.out, /^CRITICAL - cannot reach .*ECONNREFUSED.*\n$/);
  });

  it('writes the report as JSON, and keeps nothing without a folder', async () => {
    answer = (_, response) => response.writeHead(403).end('{}');
    await call('--b', join(dir, 'b.wav'), '--json');
    assert.deepEqual(JSON.parse(printed.out), await readReport());
  });

  it('ends with 3 and says why when the server cannot be reached', async () => {
    assert.equal(await call('--server', `127.0.0.1:${await closedPort()}`, '--json'), 3);
    assert.match(printed.err, /^dragoman: cannot reach .*127\.0\.0\.1:\d+ .*ECONNREFUSED.*start it/);
    assert.equal(JSON.parse(printed.out).outcome.type, 'unreached');
  });

  it('refuses with what to do about it', async () => {
    await writeFile(join(dir, 'text.wav'), 'this is text');
    const cases: readonly (readonly [string[], string, RegExp])[] = [
      [['--server', 'nowhere'], 'bad-option', /--server nowhere .*host:port/],
      [['--server', `127.0.0.1:${port},[::1]:0`], 'bad-option', /--server/],
      [['--rate', '11025'], 'bad-option', /--rate 11025 .*8000, 12000/],
      [['--http', 'localhost'], 'bad-option', /--http localhost/],
      [['--linger-ms', 'long'], 'bad-option', /--linger-ms long/],
      [['--rate', '8000', '--rate', '16000'], 'bad-option', /--rate is written twice/],
      [['--expect', 'c=hola'], 'bad-option', /no party c .* a, b/],
      [['--expect', 'b="¡!"'], 'bad-option', /has no words/],
      [['--party', 'en', '--party', 'tlh=x.wav', '--room', 'x'], 'bad-option', /--party tlh/],
      [['--a', join(dir, 'missing.wav')], 'file-unreadable', /missing\.wav/],
      [['--a', join(dir, 'text.wav')], 'wav-unreadable', /text\.wav.*not a WAV file/],
      [['--out', join(dir, 'a.wav', 'out')], 'file-unwritable', /another folder with --out/],
    ];
    for (const [options, code, message] of cases) {
      await assert.rejects(call(...options), { name: 'AppError', code, message }, options.join(' '));
    }
  });
});
