/**
 * What becomes of scripts/demo when it is ended in the middle. It is the real one with the real server and engines, in
 * a folder of its own whose `scripts/setup` finds everything there, so that nothing is built under the tests that run.
 */

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, cpSync, existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { BUILT, REPOSITORY, temporaryFolder } from '../systemd/repository.ts';

describe('scripts/demo', () => {
  it('says beforehand what is to come; Ctrl-C in a call ends all with status 130 and leaves nothing', async (test) => {
    const demo = startDemo(test);
    const text = await demo.said(/^speaking /m);
    const before = text.slice(0, text.indexOf('Server:'));
    assert.match(before, /about four minutes/);
    assert.match(before, /the bad English is the recogniser's/);
    for (const column of ['who', 'said', 'into', 'segments', 'start', 'endpoint', 'playout', 'end']) {
      assert.match(before, new RegExp(`\\b${column}\\b`));
    }
    demo.interrupt();
    assert.deepEqual(await demo.ended, [130, null]);
    assert.deepEqual(readdirSync(demo.temporary), []);
    await demo.allGone();
    assert.ok(!existsSync(join(demo.out, 'report.json')), 'the call went on to its end');
  });
});

function startDemo(test: TestContext) {
  const { path, remove } = temporaryFolder();
  test.after(remove);
  const temporary = join(path, 'temporary');
  const out = join(path, 'out');
  mkdirSync(temporary);
  mkdirSync(join(path, 'scripts'));
  cpSync(join(REPOSITORY, 'scripts/demo'), join(path, 'scripts/demo'));
  writeFileSync(join(path, 'scripts/setup'), '#!/bin/sh\n');
  chmodSync(join(path, 'scripts/setup'), 0o755);
  symlinkSync(BUILT, join(path, 'dist'));
  // A group of its own, as a terminal gives to what runs in front: a signal to the group is Ctrl-C.
  const child = spawn(join(path, 'scripts/demo'), [out], {
    env: { PATH: process.env.PATH, TMPDIR: temporary, LC_ALL: 'C.UTF-8' },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const { pid } = child;
  assert.ok(pid !== undefined);
  const signalGroup = (signal: NodeJS.Signals | 0): boolean => {
    try {
      return process.kill(-pid, signal);
    } catch {
      return false;
    }
  };
  test.after(() => signalGroup('SIGKILL'));
  let text = '';
  const listeners = new Set<() => void>();
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (piece: string) => {
      text += piece;
      for (const told of listeners) {
        told();
      }
    });
  }
  const ended = once(child, 'exit');
  return {
    temporary,
    out,
    ended,
    interrupt: () => signalGroup('SIGINT'),
    /** Resolves when nothing of the group lives: engines that were left by their server take a moment to notice. */
    allGone: async (): Promise<void> => {
      while (signalGroup(0)) {
        await new Promise((resolve) => setImmediate(resolve));
      }
    },
    /** Resolves to all that was said once `wanted` is in it. */
    said: async (wanted: RegExp): Promise<string> => {
      while (!wanted.test(text)) {
        const more = new Promise<void>((resolve) => {
          listeners.add(resolve);
        });
        await Promise.race([more, ended.then(() => assert.fail(`it ended too early:\n${text}`))]);
      }
      return text;
    },
  };
}
