/** `dragoman serve` as a process of its own, without engines: how it starts, answers and ends. */

import assert from 'node:assert/strict';
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { afterEach, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../../src/cli/main.js', import.meta.url));

const running = new Set<ChildProcessWithoutNullStreams>();
afterEach(() => {
  for (const child of running) {
    child.kill('SIGKILL');
  }
});

/** Starts `serve` in passthrough, which needs no engines. */
function serve(...flags: readonly string[]) {
  const words = ['serve', '--pair', 'en:es', '--mode', 'passthrough', '--listen', '127.0.0.1:0', ...flags];
  const child = spawn(process.execPath, [MAIN, ...words], { env: {} });
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
    const health = await fetch(`http://${lines.get('serving HTTP')?.address}/health`);
    assert.equal(health.status, 200);
    const metrics = await fetch(`http://${lines.get('serving metrics')?.address}/metrics`);
    assert.match(await metrics.text(), /^dragoman_legs_limit 200$/m);
    server.child.kill('SIGTERM');
    assert.equal(await server.ended, 0);
    assert.equal(server.errorText(), '');
  });

  it('does not start, and leaves nothing running, when an address is taken', async () => {
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
    const address = taken.address();
    assert.ok(typeof address === 'object' && address !== null);
    const server = serve('--http', 'off', '--metrics', `127.0.0.1:${address.port}`);
    server.child.stdout.resume();
    assert.equal(await server.ended, 1);
    assert.match(server.errorText(), /^dragoman: the metrics address 127\.0\.0\.1 port \d+ is taken/);
    await new Promise((resolve) => taken.close(resolve));
  });
});
