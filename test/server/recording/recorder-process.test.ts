/** The recorder as a process of its own, which writes, is stopped, is killed, and is started again. */

import assert from 'node:assert/strict';
import { ChildProcess, execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import {
  appendFile,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  symlink,
  truncate,
  writeFile,
} from 'node:fs/promises';
import { getPriority, tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { promisify } from 'node:util';
import { type Clock, systemClock } from '../../../src/base/clock.ts';
import { silentLog } from '../../../src/base/log.ts';
import { Secret } from '../../../src/base/secret.ts';
import { unseal } from '../../../src/protocol/recording/sealed-file.ts';
import { RecorderProcess } from '../../../src/server/recording/recorder-process.ts';
import { FakeClock } from '../../base/fake-clock.ts';
import { removeFolder } from '../../support/folders.ts';
import { untilItRuns } from '../../support/recorders.ts';
import { eventually } from '../../support/waiting.ts';

const WORKER = new URL('../../../workers/recorder.js', import.meta.url);
const LIMIT_MS = 30_000;
const KEY_HEX = '5c'.repeat(32);

async function open(t: TestContext, { key, clock = systemClock }: { key?: Secret; clock?: Clock } = {}) {
  const directory = await mkdtemp(join(tmpdir(), 'dragoman-recorder-'));
  const recorder = RecorderProcess.open({ workerUrl: WORKER, key }, clock, silentLog);
  t.after(async () => {
    await recorder.close();
    await removeFolder(directory);
  });
  await untilItRuns(recorder, directory);
  return { directory, recorder };
}

describe('the recorder process', () => {
  it('writes texts into a folder of a call, and the newest is what is there', async (t) => {
    const { directory, recorder } = await open(t);
    const folder = join(directory, '2026/11/28/call');
    assert.equal(await recorder.writeText(folder, 'captions.en.vtt', 'first'), 'captions.en.vtt');
    await recorder.writeText(folder, 'captions.en.vtt', 'second');
    assert.equal(await readFile(join(folder, 'captions.en.vtt'), 'utf8'), 'second');
  });

  it('seals them where there is a key', async (t) => {
    const { directory, recorder } = await open(t, { key: new Secret(KEY_HEX) });
    const name = await recorder.writeText(directory, 'captions.json', 'a secret');
    assert.equal(name, 'captions.json.sealed');
    const { plain, end } = unseal(await readFile(join(directory, name)), Buffer.from(KEY_HEX, 'hex'));
    assert.deepEqual([plain.toString(), end], ['a secret', 'whole']);
  });

  it('opens what it has sealed, and says what to do where there is another key, none, or half a file', async (t) => {
    const { directory, recorder } = await open(t, { key: new Secret(KEY_HEX) });
    await recorder.writeText(directory, 'transcript.json', 'a secret');
    assert.equal(await recorder.readText(directory, 'transcript.json'), 'a secret');
    assert.equal(await recorder.readText(directory, 'summary.json'), undefined);
    const refused = async (message: RegExp, key?: Secret): Promise<void> => {
      const { recorder: other } = await open(t, key === undefined ? {} : { key });
      await assert.rejects(other.readText(directory, 'transcript.json'), {
        code: 'file-unreadable',
        message,
      });
    };
    await refused(/is encrypted: start the server with the key .*--record-key-file/);
    await refused(/does not open with this key: .*--record-key-file/, new Secret('00'.repeat(32)));
    await truncate(join(directory, 'transcript.json.sealed'), 40);
    await refused(/is damaged/, new Secret(KEY_HEX));
  });

  it('is nicer than a service that is nice by itself, which may take nothing of that back', async () => {
    const module = new URL('../../../src/server/recording/recorder-process.js', import.meta.url);
    const clock = new URL('../../../src/base/clock.js', import.meta.url);
    const log = new URL('../../../src/base/log.js', import.meta.url);
    const program = `
      import { getPriority } from 'node:os';
      const { RecorderProcess } = await import('${module}');
      const { systemClock } = await import('${clock}');
      const { silentLog } = await import('${log}');
      const recorder = RecorderProcess.open({ workerUrl: new URL('${WORKER}'), key: undefined }, systemClock, silentLog);
      process.stdout.write(String(getPriority(recorder.processId)));
      await recorder.close();`;
    const service = ['-n', '7', process.execPath, '--input-type=module', '-e', program];
    const { stdout } = await promisify(execFile)('nice', service);
    assert.equal(Number(stdout), Math.min(19, getPriority() + 7 + 5));
  });

  it('adds lines in their order, after a line that a crash has cut', async (t) => {
    const { directory, recorder } = await open(t);
    const path = join(directory, 'calls-2026-11-28.jsonl');
    await writeFile(path, '{"cut":');
    await Promise.all(['{"n":1}', '{"n":2}', '{"n":3}'].map((line) => recorder.appendLine(path, line)));
    assert.equal(await readFile(path, 'utf8'), '{"cut":\n{"n":1}\n{"n":2}\n{"n":3}\n');
  });

  it('says what it cannot do', async (t) => {
    const { directory, recorder } = await open(t);
    await writeFile(join(directory, 'file'), '');
    await assert.rejects(recorder.appendLine(join(directory, 'file', 'below'), 'x'), {
      code: 'file-unwritable',
      message: /EEXIST|ENOTDIR/,
    });
    assert.equal(recorder.counts.recorderFailures, 1);
  });

  it('gives up what only reads when nobody answers in time, and still writes what is to be written', async (t) => {
    const clock = new FakeClock();
    const { directory, recorder } = await open(t, { clock });
    const path = join(directory, 'lines');
    await recorder.appendLine(path, 'before');
    const { processId = 0 } = recorder;
    process.kill(processId, 'SIGSTOP');
    const refused = assert.rejects(recorder.read(path, 0, 10), {
      code: 'file-slow',
      message: /stands still/,
    });
    const written = recorder.appendLine(path, 'after');
    await clock.advance(10_000);
    await refused;
    // The one that is left looks whether the recorder runs.
    assert.equal(clock.pendingTimers, 1, 'what writes is waited for');
    process.kill(processId, 'SIGCONT');
    await written;
    assert.equal((await recorder.read(path, 0, 100)).toString(), 'before\nafter\n');
    assert.equal(clock.pendingTimers, 1);
  });

  it('removes a call, and days that are over', async (t) => {
    const { directory, recorder } = await open(t);
    const old = join(directory, '2026/10/30/old');
    const young = join(directory, '2026/11/01/young');
    for (const folder of [old, young]) {
      await mkdir(folder, { recursive: true });
      await writeFile(join(folder, 'stereo.wav'), '12345');
      await appendFile(join(folder, 'captions.en.vtt'), 'text');
    }
    assert.deepEqual(await recorder.ask({ type: 'purge', directory, day: '2026-11-01' }), {
      count: 1,
      bytes: 9,
    });
    assert.ok(!existsSync(join(directory, '2026/10')), 'folders that are empty are removed');
    assert.deepEqual(await recorder.remove(young), { count: 1, bytes: 9 });
    assert.deepEqual(await recorder.remove(young), { count: 0, bytes: 0 });
    assert.ok(!existsSync(join(directory, '2026')));
  });

  it('removes what somebody else has taken the half of', async (t) => {
    const { directory, recorder } = await open(t);
    const folder = join(directory, '2026/11/28/call');
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, 'stereo.wav'), 'sound');
    // It is listed, and is not there when it is looked at.
    await symlink(join(folder, 'gone'), join(folder, 'told.wav'));
    const { count } = await recorder.ask({ type: 'purge', directory, day: '2026-11-29' });
    assert.equal(count, 1);
    assert.ok(!existsSync(join(directory, '2026')));
  });

  it('says since when it has answered nothing, which any answer moves on', async (t) => {
    const clock = new FakeClock();
    const { directory, recorder } = await open(t, { clock });
    assert.equal(recorder.owedSinceMs, undefined);
    const askedMs = clock.nowMs();
    // Who writes into it waits until somebody reads.
    const still = join(directory, 'still.json.new');
    await promisify(execFile)('mkfifo', [still]);
    // Such a file has no disk that it could be on in the end.
    const held = assert.rejects(recorder.writeText(directory, 'still.json', 'held'), {
      code: 'file-unwritable',
    });
    clock.freeze(2_000);
    const owedMs = [recorder.owedSinceMs];
    await recorder.appendLine(join(directory, 'lines'), 'goes on');
    owedMs.push(recorder.owedSinceMs);
    await readFile(still);
    await held;
    assert.deepEqual([...owedMs, recorder.owedSinceMs], [askedMs, askedMs + 2_000, undefined]);
  });

  it('owes an answer 5 s later when it is started again', async (t) => {
    const clock = new FakeClock();
    const { directory, recorder } = await open(t, { clock });
    const { processId } = recorder;
    assert.ok(processId !== undefined);
    process.kill(processId, 'SIGSTOP');
    const line = recorder.appendLine(join(directory, 'lines'), 'after');
    const owed = recorder.owedSinceMs;
    process.kill(processId, 'SIGKILL');
    await eventually('it is gone', LIMIT_MS, () => recorder.counts.recorderRestarts === 1);
    assert.deepEqual([owed, recorder.owedSinceMs], [clock.nowMs(), clock.nowMs() + 5_000]);
    await clock.advance(1_000);
    await line;
  });

  it('does again what a recorder that was killed did not report', async (t) => {
    const { directory, recorder } = await open(t);
    const path = join(directory, 'lines');
    await recorder.appendLine(path, 'before');
    const { processId } = recorder;
    assert.ok(processId !== undefined);
    process.kill(processId, 'SIGSTOP');
    const line = recorder.appendLine(path, 'after');
    process.kill(processId, 'SIGKILL');
    await line;
    assert.equal(await readFile(path, 'utf8'), 'before\nafter\n');
    assert.equal(recorder.counts.recorderRestarts, 1);
  });

  it('finishes a call, and forgets who refused, though both were said while there was no recorder', async (t) => {
    const { directory, recorder } = await open(t);
    const folder = join(directory, '2026/11/28/call');
    const closed: (readonly string[])[] = [];
    recorder.onClosed((_call, files) => closed.push(files));
    recorder.order({ type: 'open', call: 1, directory, folder, layout: 'both' });
    const pcm = new Int16Array(8_000).fill(9);
    recorder.sound(1, [
      { party: 0, track: 'voice', rateHz: 8_000, frame: 0, pcm },
      { party: 1, track: 'voice', rateHz: 8_000, frame: 0, pcm },
    ]);
    const path = join(folder, 'recording.json');
    await eventually('both are on the disk, and told of there', LIMIT_MS, async () => {
      const text = existsSync(path) ? await readFile(path, 'utf8') : '';
      return ['stereo.wav', 'party-1.voice.wav', 'party-2.voice.wav'].every((name) => text.includes(name));
    });
    const { processId = 0 } = recorder;
    process.kill(processId, 'SIGKILL');
    await eventually('it is gone', LIMIT_MS, () => recorder.counts.recorderRestarts === 1);
    recorder.order({ type: 'forget', call: 1, party: 0 });
    recorder.order({ type: 'close', call: 1, command: [] });
    await eventually('the next one has finished it', LIMIT_MS, () => closed.length > 0);
    assert.deepEqual(closed, [['party-2.voice.wav']]);
    assert.deepEqual((await readdir(folder)).sort(), ['party-2.voice.wav', 'recording.json']);
  });

  it('stands still without holding up anybody, and what it loses is counted', async (t) => {
    const { directory, recorder } = await open(t);
    const path = join(directory, 'lines');
    await recorder.appendLine(path, 'before');
    const { processId } = recorder;
    assert.ok(processId !== undefined);
    process.kill(processId, 'SIGSTOP');
    // 20 s of one call: of what the pipe does not take 5 s wait, the rest is dropped.
    for (let frame = 0; frame < 1_000; frame += 5) {
      recorder.sound(1, [
        { party: 0, track: 'voice', rateHz: 16_000, frame, pcm: new Int16Array(1_600).fill(1) },
      ]);
    }
    const { recordingFramesDropped } = recorder.counts;
    assert.ok(recordingFramesDropped > 200, `only ${recordingFramesDropped} frames are dropped`);
    process.kill(processId, 'SIGCONT');
    await recorder.appendLine(path, 'after');
    assert.equal(await readFile(path, 'utf8'), 'before\nafter\n');
  });

  it('is given no more than some megabytes of texts to keep in mind while it stands still', async (t) => {
    const { directory, recorder } = await open(t);
    const path = join(directory, 'lines');
    await recorder.appendLine(path, 'before');
    const { processId } = recorder;
    assert.ok(processId !== undefined);
    process.kill(processId, 'SIGSTOP');
    // 70 MB of transcripts.
    const outcomes = Array.from({ length: 7 }, (_, call) =>
      recorder.writeText(directory, `${call}.json`, 'x'.repeat(10_000_000)).catch((error: unknown) => {
        assert.match(String(error), /does not keep up/);
        return /it is given up/.test(String(error)) ? 'given up' : 'refused';
      }),
    );
    process.kill(processId, 'SIGCONT');
    const [first, ...others] = await Promise.all(outcomes);
    const last = others.pop();
    assert.equal(first, 'given up');
    assert.deepEqual(others, ['1.json', '2.json', '3.json', '4.json', '5.json']);
    // The recorder was given the first one, too, and takes 60 MB as long as its disk has none of them.
    assert.ok(last === '6.json' || last === 'refused', last);
  });

  it('is killed and started again when it stands still, and not when this process did', async (t) => {
    const clock = new FakeClock();
    const { directory, recorder } = await open(t, { clock });
    const path = join(directory, 'lines');
    await recorder.appendLine(path, 'before');
    const { processId: first = 0 } = recorder;
    clock.freeze(3_600_000);
    await clock.advance(1_000);
    assert.equal(recorder.counts.recorderRestarts, 0, 'who was asleep has heard nothing');
    process.kill(first, 'SIGSTOP');
    const written = recorder.appendLine(path, 'after');
    // What it had said before may still come.
    await eventually('it is killed', LIMIT_MS, async () => {
      await clock.advance(1_000);
      return recorder.counts.recorderRestarts === 1;
    });
    await clock.advance(5_000);
    await written;
    assert.notEqual(recorder.processId, first);
    assert.match(await readFile(path, 'utf8'), /^before\n(after\n)+$/);
  });

  it('is left to itself in the end where not even a signal ends it', async (t) => {
    const clock = new FakeClock();
    const { directory, recorder } = await open(t, { clock });
    await recorder.appendLine(join(directory, 'lines'), 'before');
    const { processId = 0 } = recorder;
    process.kill(processId, 'SIGSTOP');
    // As one that waits for a disk in the kernel.
    const signals: unknown[] = [];
    const kill = t.mock.method(ChildProcess.prototype, 'kill', (signal: unknown) => signals.push(signal) > 0);
    const line = assert.rejects(recorder.appendLine(join(directory, 'lines'), 'after'), { code: 'closed' });
    let closed = false;
    const closing = recorder.close().then(() => {
      closed = true;
    });
    try {
      await clock.advance(6_999);
      assert.deepEqual([signals, closed], [['SIGKILL'], false]);
      await clock.advance(1);
      assert.equal(closed, true);
      assert.equal(clock.pendingTimers, 0);
    } finally {
      kill.mock.restore();
      process.kill(processId, 'SIGKILL');
    }
    await closing;
    await line;
  });

  it('says that there is no room, and that there is again, and counts it', async (t) => {
    const directory = await mkdtemp(join(tmpdir(), 'dragoman-recorder-'));
    const told: boolean[] = [];
    // More than any disk has.
    const space = { directory, least: { type: 'bytes', bytes: 2 ** 60 } } as const;
    const recorder = RecorderProcess.open(
      { workerUrl: WORKER, key: undefined, space },
      systemClock,
      silentLog,
    );
    recorder.onSpace((full) => told.push(full));
    t.after(async () => {
      await recorder.close();
      await removeFolder(directory);
    });
    await eventually('it is told', LIMIT_MS, () => recorder.full);
    assert.deepEqual([told, recorder.counts.recordingsFull], [[true], 1]);
    const folder = join(directory, 'call');
    recorder.order({ type: 'open', call: 1, directory, folder, layout: 'stereo' });
    recorder.sound(1, [{ party: 0, track: 'voice', rateHz: 8_000, frame: 0, pcm: new Int16Array(1_600) }]);
    await eventually('sound is dropped', LIMIT_MS, () => recorder.counts.recordingFramesDropped === 10);
    // Records and transcripts are small, and are still written.
    await recorder.writeText(folder, 'captions.en.vtt', 'text');
    assert.ok(!existsSync(join(folder, 'stereo.wav')));
  });
});
