/** `dragoman call` against a real server and against what is none: the statuses that scripts rely on. */

import assert from 'node:assert/strict';
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer as createHttpServer } from 'node:http';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { after, before, describe, it, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { systemClock } from '../../src/base/clock.ts';
import { callCommand } from '../../src/cli/call-command.ts';
import { encodeWav } from '../../src/protocol/wav.ts';
import { silence, sine } from '../asterisk/audio.ts';
import { listen } from '../support/ports.ts';
import { eventually } from '../support/waiting.ts';

const MAIN = fileURLToPath(new URL('../../src/cli/main.js', import.meta.url));
const CALLS = z.object({ calls: z.array(z.object({ parties: z.array(z.unknown()) })) });
interface Ended {
  readonly status: number;
  readonly out: string;
  readonly err: string;
}

const CALL_LIMIT_MS = 60_000;

interface Serving {
  readonly child: ChildProcessWithoutNullStreams;
  /** Where calls and HTTP go, as `call` is told. */
  readonly flags: readonly string[];
  readonly http: string;
}

/** A server in passthrough, which needs no engines; it ends with the test. */
async function serve(test: TestContext, ...flags: readonly string[]): Promise<Serving> {
  const words = [
    '--pair',
    'en:es',
    '--mode',
    'passthrough',
    '--listen',
    '127.0.0.1:0',
    '--http',
    '127.0.0.1:0',
  ];
  const child = spawn(process.execPath, [MAIN, 'serve', ...words, '--metrics', 'off', ...flags], { env: {} });
  child.stderr.resume();
  test.after(() => child.kill('SIGKILL'));
  let http = '';
  for await (const line of createInterface({ input: child.stdout })) {
    const said: Readonly<Record<string, unknown>> = JSON.parse(line);
    if (said.msg === 'serving HTTP') {
      http = `http://${said.address}`;
    } else if (said.msg === 'ready for calls') {
      child.stdout.resume();
      return { child, http, flags: ['--server', String(said.addresses), '--http', http] };
    }
  }
  return assert.fail('the server has ended');
}

describe('the exit status of dragoman call', () => {
  let dir = '';
  let wav = '';
  before(async () => {
    dir = await mkdtemp(join(tmpdir(), 'dragoman-call-status-'));
    wav = join(dir, 'a.wav');
    await writeFile(wav, encodeWav({ rateHz: 8_000, pcm: sine(440, 600, 8_000) }));
  });
  after(() => rm(dir, { recursive: true }));

  /** A call in this process; what it ends with and writes. */
  function start(flags: readonly string[]): { readonly ended: Promise<Ended> } {
    let [status, out, err] = [0, '', ''];
    const setStatus = (told: number): void => {
      status = told;
    };
    const command = callCommand(setStatus, {
      clock: systemClock,
      stdout: {
        write: (written) => {
          out += written;
        },
      },
      stderr: {
        write: (written) => {
          err += written;
        },
      },
    });
    const usual = ['--a', wav, '--b', wav, '--rate', '8000'];
    const lingering = flags.includes('--linger-ms') ? [] : ['--linger-ms', '500'];
    const words = [...usual, ...lingering, ...flags];
    return { ended: command.parseAsync(words, { from: 'user' }).then(() => ({ status, out, err })) };
  }

  it('is 0 when everybody was heard, and tells a newcomer what each heard and what to write', async (test) => {
    const { flags } = await serve(test);
    // So much that some of it is heard, however late the server is that has just started.
    const long = join(dir, 'long.wav');
    await writeFile(long, encodeWav({ rateHz: 8_000, pcm: sine(440, 4_000, 8_000) }));
    const { status, out, err } = await start([...flags, '--a', long, '--b', long, '--linger-ms', '3000'])
      .ended;
    assert.equal(status, 0, err);
    for (const name of ['a', 'b']) {
      assert.match(
        out,
        new RegExp(
          `^${name} heard \\d\\.\\d s of voices, the first \\d\\.\\d s after it was spoken to$`,
          'm',
        ),
      );
    }
    assert.match(out, /^no utterances were reported: not shared by the server$/m);
    assert.match(err, /no captions: .* start it with --captions/);
    assert.match(err, /nothing was kept: name a folder with --out/);
    assert.deepEqual(await readdir(dir), ['a.wav', 'long.wav']);
  });

  it('is 3 when the server is killed in the call, or hangs', async (test) => {
    const [server, hanging] = await Promise.all([serve(test), serve(test)]);
    const long = join(dir, 'long.wav');
    await writeFile(long, encodeWav({ rateHz: 8_000, pcm: silence(10_000, 8_000) }));
    const other = start([...hanging.flags, '--a', long]);
    await untilCalling(hanging.http);
    hanging.child.kill('SIGSTOP');
    const call = start([...server.flags, '--out', join(dir, 'killed'), '--pause-ms', '8000', '--a', long]);
    await untilCalling(server.http);
    server.child.kill('SIGKILL');
    const { status, err } = await call.ended;
    assert.equal(status, 3, err);
    assert.match(err, /^dragoman: the connection of leg [ab] broke .*: the server has died/m);
    const stopped = await other.ended;
    assert.equal(stopped.status, 3, stopped.err);
    assert.match(
      stopped.err,
      /^dragoman: the server stopped sending to leg [ab] \(nothing came for 2 s\): it hangs/m,
    );
    assert.match(err, /^wrote leg-a\.heard\.wav, leg-b\.heard\.wav, report\.json and call\.svg to /m);
  });

  it('is 4 when the server ends the call, or refuses a leg', async (test) => {
    const server = await serve(test, '--drain-timeout', '0');
    const long = join(dir, 'long.wav');
    await writeFile(long, encodeWav({ rateHz: 8_000, pcm: silence(10_000, 8_000) }));
    const call = start([...server.flags, '--a', long]);
    await untilCalling(server.http);
    server.child.kill('SIGTERM');
    const ended = await call.ended;
    assert.equal(ended.status, 4, ended.err);
    assert.match(ended.err, /^dragoman: the server hung up leg [ab] .*; its log says why$/m);
    const { flags } = await serve(test, '--allow', '192.0.2.7');
    const refused = await start(flags).ended;
    assert.equal(refused.status, 4, refused.err);
    assert.match(refused.err, /^dragoman: the server refused leg [ab].*--allow/m);
  });

  it('is 5 when a web server answers, and when nothing does', async (test) => {
    const silent = createServer((socket) => socket.on('error', () => {}).resume());
    const web = createHttpServer((_, response) => response.end('hello'));
    test.after(() => {
      silent.close();
      web.close();
    });
    const calls = [web, silent].map(async (server) => {
      const address = `127.0.0.1:${await listen(server)}`;
      return start(['--server', address, '--http', `http://${address}`]).ended;
    });
    for (const { status, err } of await Promise.all(calls)) {
      assert.equal(status, 5, err);
      assert.match(
        err,
        /^dragoman: what answers at 127\.0\.0\.1:\d+ does not speak as dragoman does.*--server$/m,
      );
    }
  });

  it('is that of the process, and is told by the help', async () => {
    const run = async (...words: readonly string[]): Promise<readonly [unknown, string]> => {
      const child = spawn(process.execPath, [MAIN, 'call', ...words], { env: {} });
      const ended = once(child, 'exit');
      const [out] = await Promise.all([text(child.stdout), text(child.stderr)]);
      return [(await ended)[0], out];
    };
    const closed = createServer();
    const port = await listen(closed);
    await new Promise((resolve) => closed.close(resolve));
    const server = ['--server', `127.0.0.1:${port}`];
    const [unreached, usage, file, help] = await Promise.all([
      run(...server, '--a', wav),
      run('--server', 'nowhere', '--a', wav),
      run(...server, '--a', join(dir, 'missing.wav')),
      run('--help'),
    ]);
    assert.deepEqual([unreached[0], usage[0], file[0], help[0]], [3, 2, 1, 0]);
    assert.match(help[1], /Exit status:\n {2}0 [\s\S]*\n {2}7 [\s\S]*--monitor: 0 OK/);
  });

  async function untilCalling(http: string): Promise<void> {
    await eventually('two legs in a call', CALL_LIMIT_MS, async () => {
      const { calls } = CALLS.parse(await (await fetch(`${http}/api/v1/calls?state=running`)).json());
      return calls[0]?.parties.length === 2;
    });
  }
});
