/** `dragoman serve` as a process: what an operator writes of recovery is what it goes by. */

import assert from 'node:assert/strict';
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { afterEach, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { newCallUuids, StrictAsterisk } from '../asterisk/strict-asterisk.ts';
import { startDeepgram } from '../stand-ins/deepgram.ts';
import { DeeplStandIn } from '../stand-ins/deepl.ts';
import { XttsStandIn } from '../stand-ins/xtts.ts';
import { eventually } from '../support/waiting.ts';

const MAIN = fileURLToPath(new URL('../../src/cli/main.js', import.meta.url));
const WORDS = ['serve', '--pair', 'en:fr', '--listen', '127.0.0.1:0', '--http', 'off', '--metrics', 'off'];
const KEY = 'stand-in-key';
const ENDS = 'asked to end: no new calls, waiting for those that run';

type Line = Readonly<Record<string, unknown>>;

const running = new Set<ChildProcessWithoutNullStreams>();
afterEach(() => {
  for (const child of running) {
    child.kill('SIGKILL');
  }
});

function serve(
  flags: readonly string[],
  nodeFlags: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
) {
  const child = spawn(process.execPath, [...nodeFlags, MAIN, ...WORDS, ...flags], { env });
  running.add(child);
  const lines: Line[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => lines.push(JSON.parse(line)));
  const ended = once(child, 'exit').finally(() => running.delete(child));
  const said = (message: string): Promise<Line> =>
    eventually(
      () => `"${message}": ${JSON.stringify(lines)}`,
      60_000,
      () => lines.find(({ msg }) => msg === message),
    );
  return { child, ended, said, lines };
}

describe('dragoman serve, when it does not work any more', () => {
  it('ends with the status that has it started anew, in order, once nobody is on a call', async () => {
    // Of 256 MB it uses a tenth: with so low a limit that is full.
    const flags = ['--mode', 'passthrough', '--recovery', 'heap=5,look=1,cool-down=1'];
    const { ended, said } = serve(flags, ['--max-old-space-size=256']);
    assert.equal((await said(ENDS)).fault, 'memory');
    assert.deepEqual(await ended, [75, null]);
    await said('stopped');
  });

  it('goes on for as long as somebody is', async () => {
    // Who comes after its cool-down is refused: that is long enough for a busy machine to connect.
    const flags = ['--mode', 'passthrough', '--recovery', 'heap=5,look=1,cool-down=30'];
    const { ended, said, lines } = serve(flags, ['--max-old-space-size=256']);
    const [uuid] = newCallUuids();
    const leg = await StrictAsterisk.connect({ port: await portOf(said), uuid });
    const isFull = () => lines.some(({ msg }) => String(msg).startsWith('the heap is nearly full'));
    await eventually('its heap is full', 60_000, isFull);
    // 2 s, and so another look at least.
    const { length } = leg.frames;
    await leg.until(({ frames }) => frames.length >= length + 100, 60_000);
    assert.ok(!lines.some(({ msg }) => msg === ENDS), JSON.stringify(lines));
    leg.hangUp();
    assert.equal((await said(ENDS)).fault, 'memory');
    assert.deepEqual(await ended, [75, null]);
  });
});

describe('dragoman serve, where systemd watches', () => {
  it('is watched before its doors open, however long they take', async () => {
    const { said, lines } = serve(['--mode', 'passthrough'], [], { WATCHDOG_USEC: '30000000' });
    await said('listening');
    const watched = lines.find(({ msg }) => /^this process is watched/.test(String(msg)));
    assert.equal(watched?.systemd, true);
    assert.ok(lines.indexOf(watched) < lines.findIndex(({ msg }) => msg === 'listening'));
  });
});

describe('dragoman serve, when an engine fails', () => {
  it('benches it after as many failures, and for as long, as --health says', async (t) => {
    const deepgram = await startDeepgram({ apiKey: KEY });
    const deepl = await DeeplStandIn.open({ apiKey: KEY });
    const xtts = await XttsStandIn.start();
    t.after(() => Promise.all([deepl.close(), xtts.server.close()]));
    const { said } = serve(['--health', 'failures=1,bench=9'], [], {
      DEEPGRAM_API_KEY: KEY,
      DEEPGRAM_URL: deepgram.url,
      DEEPL_API_KEY: KEY,
      DEEPL_URL: deepl.url,
      XTTS_URL: xtts.url,
    });
    await said('ready for calls');
    const port = await portOf(said);
    const tried = deepgram.connections.length;
    const legs = await Promise.all(newCallUuids().map((uuid) => StrictAsterisk.connect({ port, uuid })));
    await eventually('both are recognised', 90_000, () => deepgram.connections.length >= tried + 2);
    await deepgram.close();
    const { component, engine, triedInMs } = await said('an engine is benched: others are asked first');
    assert.deepEqual([component, engine], ['stt', 'deepgram']);
    // What is left of the 9 s when the line is written; without --health it is 1 s.
    const leftMs = z.number().parse(triedInMs);
    assert.ok(leftMs > 2_000 && leftMs <= 9_000, `tried in ${leftMs} ms`);
    await Promise.all(legs.map((leg) => leg.hangUp()));
  });
});

async function portOf(said: (message: string) => Promise<Line>): Promise<number> {
  const [door] = z.array(z.string()).parse((await said('listening')).addresses);
  return Number(door?.split(':').at(-1));
}
