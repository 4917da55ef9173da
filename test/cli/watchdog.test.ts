/** Processes that stand still, for real, and what watches them. */

import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { systemClock } from '../../src/base/clock.ts';
import { Watchdog } from '../../src/cli/watchdog.ts';
import { FakeClock } from '../base/fake-clock.ts';
import { KeptLog } from '../call/scripted-legs.ts';
import { removeFolder } from '../support/folders.ts';
import { withoutFiles } from '../support/no-more-files.ts';
import { endsWithUs } from '../support/processes.ts';
import { eventually, pass, within } from '../support/waiting.ts';

const PROCESS = fileURLToPath(new URL('./watched-process.js', import.meta.url));
const LIMIT_MS = 90_000;
const BUSY_LIMIT_MS = 1_500;

interface Watched {
  readonly child: ChildProcess;
  readonly said: () => string;
}

async function watched(
  t: TestContext,
  words: readonly string[],
  environment: NodeJS.ProcessEnv = {},
): Promise<Watched> {
  const child = spawn(process.execPath, [PROCESS, ...words], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { PATH: process.env.PATH, ...environment },
  });
  endsWithUs(child);
  t.after(() => child.kill('SIGKILL'));
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (text) => {
    said += text;
  });
  await eventually('it has begun', LIMIT_MS, () => said !== '');
  return { child, said: () => said };
}

function gone({ child }: Watched): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

/** The watcher of a process: its only child. */
async function watcherOf({ child: { pid } }: Watched): Promise<number> {
  let found = '';
  await eventually('it is watched', LIMIT_MS, async () => {
    found = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8');
    return found.trim() !== '';
  });
  return Number(found.trim().split(' ')[0]);
}

describe('the watchdog', () => {
  it('kills a process that is stopped', async (t) => {
    const stopped = await watched(t, ['500']);
    await watcherOf(stopped);
    stopped.child.kill('SIGSTOP');
    await within('it is killed', LIMIT_MS, once(stopped.child, 'exit'));
    assert.equal(stopped.child.signalCode, 'SIGKILL');
  });

  it('leaves one alone that runs, however long', async (t) => {
    const running = await watched(t, ['3000']);
    await watcherOf(running);
    await pass(4_500);
    assert.equal(gone(running), false);
  });

  it('leaves one alone whose watcher was stopped, as all are when a machine stands still', async (t) => {
    const running = await watched(t, ['3000']);
    const watcher = await watcherOf(running);
    process.kill(watcher, 'SIGSTOP');
    await pass(4_500);
    process.kill(watcher, 'SIGCONT');
    await pass(1_000);
    assert.equal(gone(running), false);
  });

  it('waits longer for one that is busy than for one that does nothing, and not for ever', async (t) => {
    const busy = await watched(t, [String(BUSY_LIMIT_MS), 'busy']);
    await within('it is killed', LIMIT_MS, once(busy.child, 'close'));
    assert.equal(busy.child.signalCode, 'SIGKILL');
    const stillMs = Number(busy.said().trim().split('\n').at(-1));
    assert.ok(stillMs > 2 * BUSY_LIMIT_MS, `it was killed after ${stillMs} ms`);
  });

  it('ends with its process, and ends no process that is closed', async (t) => {
    const closing = await watched(t, ['3000']);
    const watcher = await watcherOf(closing);
    closing.child.stdin?.end();
    await within('it ends', LIMIT_MS, once(closing.child, 'exit'));
    assert.equal(closing.child.exitCode, 0);
    await eventually('the watcher ends', LIMIT_MS, () => !existsSync(`/proc/${watcher}`));
  });

  it('is not there where nobody is to be told', async (t) => {
    const alone = await watched(t, []);
    assert.equal(alone.said(), 'alone\n');
  });

  it('tells systemd that it lives, for as long as it does, and does not kill it itself', async (t) => {
    const { socket, lines } = await systemdStandIn(t);
    const fed = await watched(t, [], { WATCHDOG_USEC: '1000000', NOTIFY_SOCKET: socket });
    await eventually('it is fed', LIMIT_MS, async () => (await lines()).length >= 3);
    assert.deepEqual([...new Set(await lines())], ['WATCHDOG=1']);
    fed.child.kill('SIGSTOP');
    // What was under way comes still, late where processors are wanted by many. While it runs there is one each 0.5 s.
    let told = -1;
    let sinceMs = 0;
    await eventually('it is fed no more', LIMIT_MS, async () => {
      const { length } = await lines();
      sinceMs = length === told ? sinceMs : systemClock.nowMs();
      told = length;
      return systemClock.nowMs() - sinceMs > 5_000;
    });
    assert.equal(gone(fed), false);
  });

  it('tells systemd so at once, however seldom it wants to hear of it', async (t) => {
    const { socket, lines } = await systemdStandIn(t);
    // Each half hour.
    await watched(t, [], { WATCHDOG_USEC: '3600000000', NOTIFY_SOCKET: socket });
    await eventually('it is fed', LIMIT_MS, async () => (await lines()).length === 1);
  });

  it('says that it watches when it does, and what it needs sparsely while it cannot', async (t) => {
    const folder = await mkdtemp(join(tmpdir(), 'dragoman-watchdog-'));
    t.after(() => removeFolder(folder));
    const clock = new FakeClock();
    const log = new KeptLog();
    // A folder without a bash, until there is one. It is this process that is watched, and is not to be killed.
    const environment = { PATH: folder, WATCHDOG_USEC: '3600000000' };
    const watchdog = Watchdog.start({ limitMs: undefined, environment }, clock, log);
    t.after(() => watchdog?.close());
    for (const [index, againMs] of [5_000, 10_000, 20_000, 40_000].entries()) {
      await eventually('it cannot', LIMIT_MS, () => log.lines.length > index);
      assert.deepEqual(
        log.lines.slice(index).map((line) => [line.level, line.againMs]),
        [['warn', againMs]],
      );
      await clock.advance(againMs - 1);
      if (index === 3) {
        await symlink('/bin/bash', join(folder, 'bash'));
      }
      await clock.advance(1);
    }
    await eventually('it does', LIMIT_MS, () => log.lines.length === 5);
    assert.match(log.lines[4]?.message ?? '', /^this process is watched/);
  });

  it('tries again where the machine had no more files', async (t) => {
    const clock = new FakeClock();
    const log = new KeptLog();
    const haveFiles = withoutFiles();
    t.after(haveFiles);
    const environment = { PATH: process.env.PATH, WATCHDOG_USEC: '3600000000' };
    const watchdog = Watchdog.start({ limitMs: undefined, environment }, clock, log);
    t.after(() => watchdog?.close());
    await eventually('it cannot', LIMIT_MS, () => log.lines.length > 0);
    haveFiles();
    await clock.advance(5_000);
    await eventually('it does', LIMIT_MS, () => log.lines.length === 2);
    assert.match(log.lines[1]?.message ?? '', /^this process is watched/);
  });
});

/** A socket of systemd's, and what it was told there. */
async function systemdStandIn(t: TestContext) {
  const folder = await mkdtemp(join(tmpdir(), 'dragoman-watchdog-'));
  t.after(() => removeFolder(folder));
  const socket = join(folder, 'notify');
  const heard = join(folder, 'heard');
  await writeFile(heard, '');
  // Node has no such sockets; Perl is part of every Debian.
  const systemd = spawn('perl', ['-MIO::Socket::UNIX', '-e', STAND_IN, socket, heard], {
    stdio: 'inherit',
  });
  endsWithUs(systemd);
  t.after(() => systemd.kill('SIGKILL'));
  await eventually('the stand-in of systemd listens', LIMIT_MS, () => existsSync(socket));
  const lines = async () => (await readFile(heard, 'utf8')).split('\n').filter((line) => line !== '');
  return { socket, lines };
}

/** systemd's end: writes what it is told into a file, a line each, but for the barriers that systemd-notify adds. */
const STAND_IN = `
my ($path, $file) = @ARGV;
my $socket = IO::Socket::UNIX->new(Type => SOCK_DGRAM, Local => $path) or die $!;
while (1) {
  $socket->recv(my $text, 4096);
  open(my $out, '>>', $file); print $out "$text\\n" unless $text =~ /BARRIER/; close($out);
}`;
