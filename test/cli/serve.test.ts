/** `dragoman serve` as a process of its own, without engines: how it starts, answers and ends. */

import assert from 'node:assert/strict';
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readlinkSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { afterEach, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { silentLog } from '../../src/base/log.ts';
import { HttpServer } from '../../src/server/http/http-server.ts';
import { FakeClock } from '../base/fake-clock.ts';
import { FakeInterpretingView } from '../server/http/fake-interpreting-view.ts';
import { FakeServerView } from '../server/http/fake-server-view.ts';
import { SilentServer } from '../stand-ins/silent-server.ts';
import { eventually } from '../support/waiting.ts';

const MAIN = fileURLToPath(new URL('../../src/cli/main.js', import.meta.url));

const running = new Set<ChildProcessWithoutNullStreams>();
afterEach(() => {
  for (const child of running) {
    child.kill('SIGKILL');
  }
});

/** Starts `serve` in passthrough, which needs no engines. */
function serve(...flags: readonly string[]) {
  return start(['--mode', 'passthrough', ...flags]);
}

function start(flags: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const words = ['serve', '--pair', 'en:es', '--listen', '127.0.0.1:0', ...flags];
  const child = spawn(process.execPath, [MAIN, ...words], { env });
  running.add(child);
  const ended = once(child, 'exit').then(([status]) => {
    running.delete(child);
    return status;
  });
  let error = '';
  child.stderr.setEncoding('utf8').on('data', (text) => {
    error += text;
  });
  return { child, ended, errorText: () => error };
}

/** Sockets that a process has open. */
function sockets(pid: number): number {
  const folder = `/proc/${pid}/fd`;
  return readdirSync(folder).filter((name) => linkOf(`${folder}/${name}`).startsWith('socket:')).length;
}

/** What a link points to; nothing when it is gone. */
function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}

/** The lines of the log by message, up to the one that says `last`. */
async function linesUntil(
  { child }: { readonly child: ChildProcessWithoutNullStreams },
  last: string,
): Promise<ReadonlyMap<string, Readonly<Record<string, unknown>>>> {
  const lines = new Map<string, Readonly<Record<string, unknown>>>();
  for await (const text of createInterface({ input: child.stdout })) {
    const line: Readonly<Record<string, unknown>> = JSON.parse(text);
    lines.set(String(line.msg), line);
    if (line.msg === last) {
      return lines;
    }
  }
  return assert.fail(`the log ends without "${last}"`);
}

describe('dragoman serve', () => {
  it('serves health and metrics, and ends with status 0 at SIGTERM', async () => {
    const server = serve('--http', '127.0.0.1:0', '--metrics', '127.0.0.1:0');
    const lines = await linesUntil(server, 'ready for calls');
    const ready = await fetch(`http://${lines.get('serving HTTP')?.address}/ready`);
    assert.equal(ready.status, 200);
    const metrics = await fetch(`http://${lines.get('serving metrics')?.address}/metrics`);
    assert.match(await metrics.text(), /^dragoman_legs_limit 200$/m);
    server.child.kill('SIGTERM');
    assert.equal(await server.ended, 0);
    assert.equal(server.errorText(), '');
  });

  it('tells at the start, as warnings, which settings are perhaps not what was meant', async () => {
    const server = serve('--http', 'off', '--metrics', 'off', '--voice', 'es=x');
    const lines = await linesUntil(server, 'ready for calls');
    const warned = lines.get('a setting is perhaps not what was meant');
    assert.deepEqual([warned?.level, warned?.setting], ['warn', '--voice']);
    assert.match(String(warned?.sentence), /--mode passthrough: leave one of the two out/);
    server.child.kill('SIGTERM');
    assert.equal(await server.ended, 0);
  });

  it('opens its doors before its engines answer, and ends at a signal while they are waited for', async () => {
    const silent = await SilentServer.open();
    const [ws, http] = [`ws://${silent.address}`, `http://${silent.address}`];
    const words = ['--stt', 'deepgram,vosk', '--mt', 'deepl,libretranslate', '--tts', 'xtts'];
    const server = start(['--http', '127.0.0.1:0', '--metrics', '127.0.0.1:0', ...words], {
      ...{ DEEPGRAM_API_KEY: 'key', DEEPGRAM_URL: ws, VOSK_URL: ws },
      ...{ DEEPL_API_KEY: 'key', DEEPL_URL: http, LIBRETRANSLATE_URL: http, XTTS_URL: http },
    });
    const lines = await linesUntil(server, 'serving metrics');
    assert.ok(lines.has('listening'));
    const address = `http://${lines.get('serving HTTP')?.address}`;
    const health = await fetch(`${address}/health`);
    const { interpreting }: { readonly interpreting?: unknown } = JSON.parse(await health.text());
    assert.deepEqual([health.status, interpreting], [200, 'starting']);
    assert.equal((await fetch(`${address}/ready`)).status, 503);
    await eventually('the engines are asked', 20_000, () => silent.connections >= 5);
    const rest = text(server.child.stdout);
    server.child.kill('SIGTERM');
    assert.equal(await server.ended, 0);
    // It ends before the engines' time is over.
    assert.doesNotMatch(await rest, /ready for calls/);
    assert.match(await rest, /"msg":"stopped"/);
    await silent.close();
  });

  it('opens no inspector at SIGUSR1, and at SIGHUP ends in order, to be started again', async () => {
    const server = serve('--http', 'off', '--metrics', 'off');
    await linesUntil(server, 'ready for calls');
    server.child.kill('SIGUSR1');
    await linesUntil(server, 'no inspector is opened: it would show keys and what is said');
    const rest = text(server.child.stdout);
    server.child.kill('SIGHUP');
    assert.equal(await server.ended, 129);
    assert.match(await rest, /"msg":"stopped"/);
    assert.equal(server.errorText(), '');
  });

  it('ends within its limit though nobody reads its log, and says what was lost', async () => {
    // Nobody reads the pipe, which is full before the server writes its first line.
    const shell = `(head -c 65536 /dev/zero; echo $BASHPID >&3; exec "$@") | sleep 60`;
    const words = ['serve', '--pair', 'en:es', '--listen', '127.0.0.1:0', '--mode', 'passthrough'];
    const child = spawn(
      'bash',
      ['-c', shell, 'bash', process.execPath, MAIN, ...words, '--http', '127.0.0.1:0', '--metrics', 'off'],
      { stdio: ['ignore', 'ignore', 'pipe', 'pipe'], detached: true },
    );
    const [, , errors, pids] = child.stdio;
    assert.ok(errors instanceof Readable && pids instanceof Readable);
    const pid = Number(await once(pids, 'data'));
    const said = text(errors);
    // Two that it was given, its door and HTTP.
    await eventually('it has opened', 60_000, () => sockets(pid) >= 4);
    process.kill(pid, 'SIGTERM');
    await eventually('it is gone', 60_000, () => !existsSync(`/proc/${pid}`));
    process.kill(-(child.pid ?? 0), 'SIGKILL');
    assert.match(await said, /^dragoman: nobody reads the log: \d+ lines of it are lost\n$/);
  });

  it('does not start, and leaves nothing running, when an address is taken; it says so if by a dragoman', async () => {
    const clock = new FakeClock();
    const service = await HttpServer.open(
      { host: '127.0.0.1', port: 0, captions: false, version: '1.2.3', startedAtMs: clock.nowMs() },
      {
        ...{ view: new FakeServerView(), interpreting: new FakeInterpretingView(), clock },
        ...{ log: silentLog, health: () => 'HEALTHY', utterances: { utterances: 0, failures: 0 } },
      },
    );
    const server = serve('--http', `127.0.0.1:${service.address.port}`, '--metrics', 'off');
    server.child.stdout.resume();
    assert.equal(await server.ended, 1);
    assert.match(
      server.errorText(),
      /^dragoman: --http 127\.0\.0\.1:\d+ is in use by .* give another --http, or off\. A dragoman 1\.2\.3 runs here already: /,
    );
    await service.close();
  });
});
