/** A service that is killed at the very moment at which it says that a call has ended. */

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { CALL_DETAIL } from '../../src/call/detail/call-detail.ts';
import { newCallUuids, StrictAsterisk } from '../asterisk/strict-asterisk.ts';
import { removeFolder } from '../support/folders.ts';
import { endsWithUs } from '../support/processes.ts';
import { eventually } from '../support/waiting.ts';

const MAIN = fileURLToPath(new URL('../../src/cli/main.js', import.meta.url));
const LIMIT_MS = 60_000;

describe('the record of a call', { timeout: 120_000 }, () => {
  it('is kept though the process is killed as soon as it has said that the call has ended', async (t) => {
    const directory = await mkdtemp(join(tmpdir(), 'dragoman-killed-'));
    const child = spawn(
      process.execPath,
      [
        ...[MAIN, 'serve', '--pair', 'en:es', '--mode', 'passthrough', '--listen', '127.0.0.1:0'],
        ...['--http', 'off', '--metrics', 'off', '--records', directory],
      ],
      { env: {}, stdio: ['ignore', 'pipe', 'inherit'] },
    );
    endsWithUs(child);
    t.after(() => removeFolder(directory));
    const killed = once(child, 'exit');
    let port: number | undefined;
    createInterface({ input: child.stdout }).on('line', (text) => {
      const { msg, addresses } = JSON.parse(text);
      if (msg === 'listening') {
        port = Number(String(addresses[0]).split(':').pop());
      } else if (msg === 'a call has ended') {
        child.kill('SIGKILL');
      }
    });
    const listening = await eventually('it listens', LIMIT_MS, () => port);
    const legs = await Promise.all(
      newCallUuids().map((uuid) => StrictAsterisk.connect({ port: listening, uuid })),
    );
    await Promise.all(legs.map((leg) => leg.until(({ frames }) => frames.length > 10)));
    legs[0]?.hangUp();
    const [, signal] = await killed;
    assert.equal(signal, 'SIGKILL');
    // The recorder is a process of its own, and writes what it was given.
    const line = await eventually('the record is on the disk', LIMIT_MS, async () => {
      const [name] = await readdir(directory);
      const text = name === undefined ? '' : await readFile(join(directory, name), 'utf8');
      return text.endsWith('\n') && text;
    });
    const detail = CALL_DETAIL.parse(JSON.parse(line));
    assert.deepEqual([detail.mode, detail.parties.length, detail.end.by], ['passthrough', 2, 'a']);
  });
});
