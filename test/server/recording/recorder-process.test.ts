/** The recorder as a process of its own, which writes, is stopped, is killed, and is started again. */

import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { appendFile, mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { systemClock } from '../../../src/base/clock.ts';
import { silentLog } from '../../../src/base/log.ts';
import { Secret } from '../../../src/base/secret.ts';
import { unseal } from '../../../src/protocol/recording/sealed-file.ts';
import { RecorderProcess } from '../../../src/server/recording/recorder-process.ts';
import { removeFolder } from '../../support/folders.ts';

const WORKER = new URL('../../../workers/recorder.js', import.meta.url);
const KEY_HEX = '5c'.repeat(32);

async function open(t: TestContext, { key }: { key?: Secret } = {}) {
  const directory = await mkdtemp(join(tmpdir(), 'dragoman-recorder-'));
  const recorder = new RecorderProcess({ workerUrl: WORKER, key }, systemClock, silentLog);
  t.after(async () => {
    await recorder.close();
    await removeFolder(directory);
  });
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

  it('removes some of a call, all of it, and days that are over', async (t) => {
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
    assert.deepEqual(await recorder.remove(young, ['.wav']), { count: 1, bytes: 5 });
    assert.ok(existsSync(join(young, 'captions.en.vtt')));
    await recorder.remove(young);
    assert.ok(!existsSync(join(directory, '2026')));
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
});
