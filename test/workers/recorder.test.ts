/** What the recorder makes of sound, in this process: files, their places and parts, disks that are slow or full. */

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rename, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { loadMediaModules } from '../../src/media/dsp/wasm.ts';
import type { Layout, RecorderOrder, Track } from '../../src/protocol/recording/recorder-orders.ts';
import type { RecorderReport } from '../../src/protocol/recording/recorder-reports.ts';
import { unseal } from '../../src/protocol/recording/sealed-file.ts';
import type { LookAtDisk } from '../../workers/recording/disk-space.ts';
import { newFile, type OpenDisk } from '../../workers/recording/part-file.ts';
import { Recorder } from '../../workers/recording/recorder.ts';
import { mendAll } from '../../workers/recording/unfinished.ts';
import { FakeClock } from '../base/fake-clock.ts';
import { removeFolder } from '../support/folders.ts';
import { eventually } from '../support/waiting.ts';

const LIMIT_MS = 30_000;
const KEY_HEX = '0f'.repeat(32);
const modules = await loadMediaModules();

interface Opening {
  readonly layout?: Layout;
  readonly openDisk?: OpenDisk;
  readonly mostPartBytes?: number;
  readonly mostPendingBytes?: number;
  readonly keyHex?: string;
  readonly lookAtDisk?: LookAtDisk;
}

/** A recorder with one call. */
async function open(t: TestContext, { layout = 'stereo', keyHex, ...rest }: Opening = {}) {
  const directory = await mkdtemp(join(tmpdir(), 'dragoman-sound-'));
  const folder = join(directory, '2026/11/28/call');
  const clock = new FakeClock();
  const reports: RecorderReport[] = [];
  const recorder = new Recorder({ clock, modules, report: (report) => reports.push(report), ...rest });
  t.after(() => removeFolder(directory));
  const order = (given: RecorderOrder): void => recorder.take({ type: 'order', order: given });
  if (keyHex !== undefined) {
    order({ type: 'seal', keyHex });
  }
  order({ type: 'open', call: 1, directory, folder, layout });
  const sound = (
    party: number,
    frame: number,
    pcm: Int16Array,
    { track = 'voice', rateHz = 8_000 }: { track?: Track; rateHz?: number } = {},
  ): void => {
    recorder.take({ type: 'sound', call: 1, pieces: [{ party, track, rateHz, frame, pcm }] });
  };
  const dropped = (): number =>
    reports.reduce((sum, each) => sum + (each.type === 'written' ? each.framesDropped : 0), 0);
  const finish = async (): Promise<readonly string[]> => {
    order({ type: 'close', call: 1, command: [] });
    const closed = await eventually('the call is closed', LIMIT_MS, () =>
      reports.find((each) => each.type === 'closed'),
    );
    await recorder.close();
    return closed.type === 'closed' ? closed.files : [];
  };
  return { directory, folder, clock, reports, recorder, order, sound, dropped, finish };
}

/** Another recorder, which is told at its start to mend what there is, and what command is to follow. */
function mending(directory: string, command: readonly string[]) {
  const reports: RecorderReport[] = [];
  const clock = new FakeClock();
  const recorder = new Recorder({ clock, modules, report: (report) => reports.push(report) });
  recorder.take({ type: 'order', order: { type: 'mend', request: 1, directory, command } });
  return { recorder, reports };
}

/** `frames` of 20 ms at 8 kHz, all of one value. */
function steady(frames: number, value: number, frameSamples = 160): Int16Array {
  return new Int16Array(frames * frameSamples).fill(value);
}

/** Samples of each channel of a WAV. */
function channelsOf(wav: Buffer): { readonly rateHz: number; readonly channels: readonly Int16Array[] } {
  const count = wav.readUInt16LE(22);
  assert.equal(wav.readUInt32LE(4), wav.length - 8, 'the length of the file');
  assert.equal(wav.readUInt32LE(40), wav.length - 44, 'the length of the samples');
  const all = new Int16Array(Uint8Array.from(wav.subarray(44)).buffer);
  const channels = Array.from({ length: count }, (_, channel) =>
    all.filter((_sample, index) => index % count === channel),
  );
  return { rateHz: wav.readUInt32LE(24), channels };
}

/** What is said in each frame of a channel, by its middle sample. */
function framesOf(channel: Int16Array | undefined, frameSamples = 160): readonly number[] {
  const frames = (channel?.length ?? 0) / frameSamples;
  return Array.from({ length: frames }, (_, frame) => channel?.[(frame + 0.5) * frameSamples] ?? 0);
}

describe('what the recorder writes', () => {
  it('is the caller left and the other right, each at its place', async (t) => {
    const { folder, sound, finish } = await open(t);
    sound(0, 2, steady(2, 100));
    sound(1, 3, steady(3, 200));
    sound(0, 8, steady(1, 300));
    assert.deepEqual(await finish(), ['stereo.wav']);
    const { rateHz, channels } = channelsOf(await readFile(join(folder, 'stereo.wav')));
    assert.equal(rateHz, 8_000);
    assert.deepEqual(framesOf(channels[0]), [0, 0, 100, 100, 0, 0, 0, 0, 300]);
    assert.deepEqual(framesOf(channels[1]), [0, 0, 0, 200, 200, 200, 0, 0, 0]);
    assert.deepEqual(JSON.parse(await readFile(join(folder, 'recording.json'), 'utf8')), {
      version: 1,
      files: [
        {
          channels: [
            { party: 1, track: 'voice' },
            { party: 2, track: 'voice' },
          ],
          parts: [{ name: 'stereo.wav', fromMs: 0, rateHz: 8_000 }],
        },
      ],
    });
  });

  it('is a file for each party and track, if that is asked for, and of a third party anyway', async (t) => {
    const { sound, finish } = await open(t, { layout: 'both' });
    sound(0, 0, steady(1, 1));
    sound(1, 0, steady(1, 2), { track: 'heard' });
    sound(2, 0, steady(1, 3), { track: 'told' });
    assert.deepEqual([...(await finish())].sort(), [
      'heard.wav',
      'party-1.voice.wav',
      'party-2.heard.wav',
      'party-3.told.wav',
      'stereo.wav',
    ]);
  });

  it('goes on in another part at a higher rate, and lower ones are converted', async (t) => {
    const { folder, sound, finish } = await open(t);
    sound(0, 0, steady(50, 1_000));
    sound(1, 50, steady(50, 2_000, 320), { rateHz: 16_000 });
    sound(0, 50, steady(50, 1_000));
    assert.deepEqual(await finish(), ['stereo.wav', 'stereo.2.wav']);
    const { rateHz, channels } = channelsOf(await readFile(join(folder, 'stereo.2.wav')));
    assert.equal(rateHz, 16_000);
    assert.equal(channels[0]?.length, 50 * 320);
    assert.ok(Math.abs((framesOf(channels[0], 320)[25] ?? 0) - 1_000) < 20);
    assert.equal(framesOf(channels[1], 320)[25], 2_000);
  });

  it('begins another part where one has grown too long', async (t) => {
    // 44 bytes, and 100 frames of two channels.
    const { folder, clock, sound, finish } = await open(t, { mostPartBytes: 44 + 100 * 640 });
    for (let frame = 0; frame < 150; frame += 25) {
      sound(0, frame, steady(25, frame + 1));
      await clock.advance(500);
    }
    assert.deepEqual(await finish(), ['stereo.wav', 'stereo.2.wav']);
    const first = framesOf(channelsOf(await readFile(join(folder, 'stereo.wav'))).channels[0]);
    const second = framesOf(channelsOf(await readFile(join(folder, 'stereo.2.wav'))).channels[0]);
    assert.equal(first.length + second.length, 150);
    const index = JSON.parse(await readFile(join(folder, 'recording.json'), 'utf8'));
    assert.equal(index.files[0].parts[1].fromMs, first.length * 20);
  });

  it('has lengths that lack a second at most, whenever it is cut off', async (t) => {
    const { folder, clock, sound, recorder } = await open(t);
    for (let frame = 0; frame < 500; frame += 25) {
      sound(0, frame, steady(25, 9));
      await clock.advance(500);
    }
    const path = join(folder, 'stereo.wav');
    // 10 s came; what is not older than 300 ms waits, and so may half a second of the next look.
    const wav = await eventually('9 s are there', LIMIT_MS, async () => {
      const bytes = existsSync(path) ? await readFile(path) : Buffer.alloc(44);
      return bytes.readUInt32LE(40) >= 8.7 * 32_000 && bytes;
    });
    assert.ok(wav.length >= wav.readUInt32LE(40) + 44);
    await recorder.close();
  });

  it('keeps the files of a call that goes on when all before a day in the future are removed', async (t) => {
    const { directory, folder, clock, order, sound, finish, reports } = await open(t);
    const over = join(directory, '2026/11/28/over');
    await mkdir(over, { recursive: true });
    await writeFile(join(over, 'stereo.wav'), '12345');
    sound(0, 0, steady(50, 1_000));
    await clock.advance(1_000);
    await eventually(
      'it is on the disk',
      LIMIT_MS,
      () => existsSync(join(folder, 'stereo.wav')) || undefined,
    );
    order({ type: 'purge', request: 7, directory, day: '2027-01-01' });
    await eventually('it is answered', LIMIT_MS, () => reports.find(({ type }) => type === 'done'));
    assert.ok(!existsSync(over));
    assert.deepEqual(await finish(), ['stereo.wav']);
    assert.ok(existsSync(join(folder, 'stereo.wav')));
  });

  it('is removed with its day though another folder cannot be, and not while another recorder writes it', async (t) => {
    const { directory, folder, order, reports, recorder } = await open(t);
    const day = join(directory, '2026/11/28');
    await mkdir(join(day, 'z-last'), { recursive: true });
    // Node says ENOTDIR of a file where a folder should be, as a disk that is at fault says something of its own.
    await writeFile(join(day, 'a-first'), '');
    await mkdir(join(day, 'theirs'));
    await mkdir(join(directory, '.unfinished'), { recursive: true });
    const ticks = (await readFile(`/proc/${process.ppid}/stat`, 'utf8')).replace(/^.*\) /, '').split(' ')[19];
    await writeFile(join(directory, '.unfinished', `${process.ppid}.${ticks}-theirs`), join(day, 'theirs'));
    await writeFile(join(directory, '.unfinished', '4194305.1-z-last'), join(day, 'z-last'));
    order({ type: 'purge', request: 7, directory, day: '2026-11-29' });
    const report = await eventually('it is answered', LIMIT_MS, () =>
      reports.find(({ type }) => type === 'failed'),
    );
    assert.equal(report.type === 'failed' && report.code, 'ENOTDIR');
    assert.deepEqual((await readdir(day)).sort(), ['a-first', 'theirs']);
    await recorder.close();
    assert.ok(!existsSync(folder));
  });

  it('leaves nothing when it is removed before it is finished, nor what the command makes of it', async (t) => {
    const { directory, folder, order, sound, reports, recorder } = await open(t, { layout: 'both' });
    sound(0, 0, steady(500, 9));
    // Makes a file beside each, and another when it has been told to go on for long.
    const command = ['sh', '-c', 'touch "$0.begun"; sleep 60; touch "$0.ended"'];
    order({ type: 'close', call: 1, command });
    const hold = (call: number, name: string): void => {
      order({ type: 'open', call, directory, folder: join(directory, '2026/11/28', name), layout: 'stereo' });
      recorder.take({
        ...{ type: 'sound', call },
        pieces: [{ party: 0, track: 'voice', rateHz: 8_000, frame: 0, pcm: steady(50, 9) }],
      });
      order({ type: 'close', call, command: ['touch', '{}.after'] });
    };
    hold(2, 'other');
    await eventually('the command runs', LIMIT_MS, () => {
      const names = existsSync(folder) ? readdirSync(folder) : [];
      return names.some((name) => name.endsWith('.begun')) || undefined;
    });
    const removed = (request: number) =>
      eventually('it is answered', LIMIT_MS, () =>
        reports.find((each) => each.type === 'done' && each.request === request),
      );
    // Of one whose files are being finished nobody waits for the commands of others.
    hold(3, 'third');
    order({ type: 'remove', request: 6, folder: join(directory, '2026/11/28/third') });
    await removed(6);
    assert.ok(existsSync(folder));
    order({ type: 'remove', request: 7, folder });
    await removed(7);
    assert.ok(!existsSync(folder));
    await recorder.close();
    assert.deepEqual(await readdir(join(directory, '2026/11/28')), ['other']);
    assert.deepEqual((await readdir(join(directory, '2026/11/28/other'))).sort(), [
      ...['recording.json', 'stereo.wav', 'stereo.wav.after'],
    ]);
    assert.deepEqual(await readdir(join(directory, '.unfinished')), []);
  });

  it('says that the command has failed, and runs it for the other files', async (t) => {
    const { folder, order, sound, reports, recorder } = await open(t, { layout: 'both' });
    sound(0, 0, steady(50, 9));
    order({
      type: 'close',
      call: 1,
      command: ['sh', '-c', 'case $0 in *stereo.wav) exit 1;; esac; touch "$0.done"'],
    });
    await recorder.close();
    assert.deepEqual(
      reports.flatMap((each) => (each.type === 'trouble' ? [[each.what, each.code, each.path]] : [])),
      [['--recording-command has failed: files stay as they are', 'exit-1', folder]],
    );
    assert.deepEqual((await readdir(folder)).sort(), [
      ...['party-1.voice.wav', 'party-1.voice.wav.done', 'recording.json', 'stereo.wav'],
    ]);
  });

  it('has the command run by the next recorder where this one ends before it came to it', async (t) => {
    const { directory, folder, order, sound, reports, recorder, clock } = await open(t, { layout: 'both' });
    const marks = join(directory, '.to-run');
    sound(0, 0, steady(50, 9));
    // Of two files it is run to its end for the first, and does not end for the second.
    const command = [
      'sh',
      '-c',
      'touch "$0.begun"; test -e "$(dirname "$0")/one" && sleep 600; touch "$0.done" "$(dirname "$0")/one"',
    ];
    order({ type: 'close', call: 1, command });
    await eventually('it is run for the second', LIMIT_MS, () => {
      const names = existsSync(folder) ? readdirSync(folder) : [];
      return names.filter((name) => name.endsWith('.begun')).length === 2 || undefined;
    });
    const closing = recorder.close();
    await clock.advance(3_000);
    await closing;
    assert.deepEqual(
      reports.filter(({ type }) => type === 'to-run'),
      [{ type: 'to-run', files: 1, ending: true }],
    );
    assert.deepEqual(await readdir(join(directory, '.unfinished')), []);
    const [mark = ''] = await readdir(marks);
    // As if this process had ended.
    await rename(join(marks, mark), join(marks, mark.replace(/^\d+\.\d+/, '4194305.1')));
    const next = mending(directory, ['touch', '{}.after']);
    await eventually('nothing is left to run', LIMIT_MS, async () => (await readdir(marks)).length === 0);
    const names = await readdir(folder);
    const done = names.filter((name) => name.endsWith('.done')).map((name) => name.replace('.done', ''));
    const after = names.filter((name) => name.endsWith('.after')).map((name) => name.replace('.after', ''));
    assert.deepEqual([...done, ...after].sort(), ['party-1.voice.wav', 'stereo.wav']);
    assert.equal(done.length, 1);
    assert.deepEqual(
      next.reports.filter(({ type }) => type === 'to-run'),
      [{ type: 'to-run', files: 1, ending: false }],
    );
    await next.recorder.close();
  });

  it('has the command run, too, where its server or its recorder was killed', async (t) => {
    const { directory, folder, sound, recorder } = await open(t);
    sound(0, 0, steady(50, 9));
    // Its server did not end the call.
    await recorder.close();
    const next = mending(directory, ['touch', '{}.after']);
    const after = join(folder, 'stereo.wav.after');
    await eventually('the command has run', LIMIT_MS, () => existsSync(after));
    await next.recorder.close();
    await rm(after);
    await writeFile(join(directory, '.unfinished', '4194305.1-call'), folder);
    const third = mending(directory, ['touch', '{}.after']);
    await eventually('the command has run', LIMIT_MS, () => existsSync(after));
    await third.recorder.close();
    assert.deepEqual(await readdir(join(directory, '.to-run')), []);
  });

  it('has no command run for what is gone, nor where there is none any more, and nothing is left of it', async (t) => {
    const { directory, folder, sound, finish } = await open(t);
    sound(0, 0, steady(50, 9));
    await finish();
    const marks = join(directory, '.to-run');
    await mkdir(marks);
    const left = (name: string) =>
      writeFile(join(marks, '4194305.1-call'), JSON.stringify({ folder, names: [name] }));
    const mended = async (command: readonly string[]) => {
      const next = mending(directory, command);
      await eventually('nothing is left to run', LIMIT_MS, async () => (await readdir(marks)).length === 0);
      await next.recorder.close();
    };
    await left('stereo.wav');
    await mended([]);
    await left('gone.wav');
    await mended(['touch', '{}.after']);
    assert.deepEqual((await readdir(folder)).sort(), ['recording.json', 'stereo.wav']);
    await writeFile(join(marks, '4194305.1-call'), '{"folder":');
    await mended(['touch', '{}.after']);
  });

  it('is not made anew by what is finished after it was removed', async (t) => {
    const { folder, order, sound, reports, recorder } = await open(t);
    sound(0, 0, steady(500, 9));
    order({ type: 'close', call: 1, command: [] });
    order({ type: 'remove', request: 7, folder });
    await eventually('it is answered', LIMIT_MS, () =>
      reports.find((each) => each.type === 'done' && each.request === 7),
    );
    await recorder.close();
    assert.ok(!existsSync(folder));
  });

  it('is whole where its server was killed, which the next one hears once', async (t) => {
    const { directory, order, sound, recorder } = await open(t);
    const marks = join(directory, '.unfinished');
    sound(0, 0, steady(100, 9));
    const silent = join(directory, '2026/11/28/silent');
    order({ type: 'open', call: 2, directory, folder: silent, layout: 'stereo' });
    await recorder.close();
    assert.deepEqual(await readdir(marks), []);
    assert.deepEqual(await mendAll(directory), { count: 0, bytes: 0, names: ['call'] });
    assert.deepEqual(await mendAll(directory), { count: 0, bytes: 0, names: [] });
  });

  it('is made whole by the next start where nobody finished it', async (t) => {
    const { directory, folder, sound, finish } = await open(t);
    sound(0, 0, steady(100, 9));
    await finish();
    const path = join(folder, 'stereo.wav');
    // As a recorder leaves it that was killed in the midst of a frame: its mark is there, its lengths are old.
    await truncate(path, 44 + 30 * 640 + 7);
    await mkdir(join(directory, '.unfinished'), { recursive: true });
    await writeFile(join(directory, '.unfinished', '4194305-call'), folder);
    assert.equal((await mendAll(directory)).count, 1);
    const bytes = await readFile(path);
    assert.equal(bytes.readUInt32LE(40), 30 * 640 + 4);
    assert.deepEqual(await readdir(join(directory, '.unfinished')), []);
  });

  it('is made whole where the recorder before had the number of this one, as in a container, and whatever else cannot be', async (t) => {
    const { directory, folder, sound, finish, clock } = await open(t);
    sound(0, 0, steady(100, 9));
    await clock.advance(500);
    const marks = join(directory, '.unfinished');
    const [running = ''] = await eventually('it is marked', LIMIT_MS, async () => {
      const names = existsSync(marks) ? await readdir(marks) : [];
      return names.length === 1 ? names : undefined;
    });
    // One that lies in no folder, and one of a recorder of this number that began in another second.
    await writeFile(join(marks, '4194305.1-0-broken'), join(directory, 'a-file', 'below'));
    await writeFile(join(directory, 'a-file'), '');
    await writeFile(join(marks, `${process.pid}.1-call`), folder);
    const { failed = '', names } = await mendAll(directory);
    assert.match(failed, /ENOTDIR/);
    assert.deepEqual(names, [], 'the one that could be is of a call that goes on');
    assert.deepEqual((await readdir(marks)).sort(), ['4194305.1-0-broken', running].sort());
    await finish();
    assert.deepEqual(await readdir(marks), ['4194305.1-0-broken']);
  });

  it('can be opened by its key alone, silence at its places', async (t) => {
    const { folder, sound, finish } = await open(t, { keyHex: KEY_HEX });
    sound(0, 5, steady(1, 100));
    sound(0, 200, steady(1, 300));
    assert.deepEqual(await finish(), ['stereo.wav.sealed']);
    const { plain, end } = unseal(
      await readFile(join(folder, 'stereo.wav.sealed')),
      Buffer.from(KEY_HEX, 'hex'),
    );
    assert.equal(end, 'whole');
    const left = new Int16Array(Uint8Array.from(plain.subarray(44)).buffer).filter((_, i) => i % 2 === 0);
    const frames = framesOf(left);
    assert.deepEqual([frames.length, frames[5], frames[100], frames[200]], [201, 100, 0, 300]);
  });

  it('is refused while the disk holds up as much as there may be in memory, which is told at once', async (t) => {
    const { directory, order, reports, recorder } = await open(t, { mostPendingBytes: 1_000 });
    const answerTo = (request: number) =>
      eventually(`${request} is answered`, LIMIT_MS, () =>
        reports.find((each) => (each.type === 'done' || each.type === 'failed') && each.request === request),
      );
    // Who writes into it waits until somebody reads.
    const still = join(directory, 'transcript.json');
    await promisify(execFile)('mkfifo', [`${still}.new`]);
    order({ type: 'text', request: 1, path: still, text: 'x'.repeat(2_000), sealed: false });
    const lines = join(directory, 'lines');
    order({ type: 'append', request: 2, path: lines, line: 'too many' });
    const refused = await answerTo(2);
    assert.deepEqual([refused.type, 'code' in refused && refused.code], ['failed', 'EBUSY']);
    // What only reads or removes takes no room.
    order({ type: 'list', request: 3, directory });
    assert.equal((await answerTo(3)).type, 'done');
    await readFile(`${still}.new`);
    await answerTo(1);
    order({ type: 'append', request: 4, path: lines, line: 'enough room' });
    assert.equal((await answerTo(4)).type, 'done');
    assert.equal(await readFile(lines, 'utf8'), 'enough room\n');
    await recorder.close();
  });

  it('is no text in the clear that is to be sealed, where no key has come', async (t) => {
    const { directory, order, reports, recorder } = await open(t);
    const path = join(directory, 'transcript.json.sealed');
    order({ type: 'text', request: 7, path, text: 'said', sealed: true });
    const report = await eventually('it is refused', LIMIT_MS, () =>
      reports.find((each) => each.type === 'failed' && each.request === 7),
    );
    assert.match(report.type === 'failed' ? report.message : '', /no key has come/);
    assert.ok(!existsSync(path));
    await recorder.close();
  });

  it('holds nothing of a party that has refused, nor of what others heard of it', async (t) => {
    const { folder, order, sound, finish } = await open(t, { layout: 'both' });
    sound(0, 0, steady(10, 1));
    sound(1, 0, steady(10, 2));
    sound(1, 0, steady(10, 3), { track: 'heard' });
    order({ type: 'forget', call: 1, party: 0 });
    sound(0, 10, steady(10, 4));
    sound(1, 10, steady(10, 5), { track: 'heard' });
    sound(1, 10, steady(10, 6));
    const files = await finish();
    assert.deepEqual([...files].sort(), ['party-2.voice.wav', 'stereo.without-1.wav']);
    assert.deepEqual((await readdir(folder)).sort(), [...files, 'recording.json'].sort());
    const { channels } = channelsOf(await readFile(join(folder, 'stereo.without-1.wav')));
    assert.deepEqual(
      channels.map((channel) => [...new Set(framesOf(channel))]),
      [[0], [0, 6]],
    );
  });

  it('holds nothing of a party that refuses when it is over, nor what was made of its files', async (t) => {
    const { directory, folder, order, sound, reports, finish } = await open(t, { layout: 'both' });
    sound(0, 0, steady(10, 1));
    sound(1, 0, steady(10, 2));
    await finish();
    await writeFile(join(folder, 'stereo.opus'), 'the same, compressed');
    const next = new Recorder({ clock: new FakeClock(), modules, report: (each) => reports.push(each) });
    for (const given of [
      { type: 'open', call: 2, directory, folder, layout: 'both' },
      { type: 'forget', call: 2, party: 0 },
      { type: 'close', call: 2, command: [] },
    ] as const) {
      next.take({ type: 'order', order: given });
    }
    order({ type: 'close', call: 1, command: [] });
    await next.close();
    const closed = reports.findLast((each) => each.type === 'closed');
    assert.deepEqual(closed?.type === 'closed' && closed.files, ['party-2.voice.wav']);
    assert.deepEqual((await readdir(folder)).sort(), ['party-2.voice.wav', 'recording.json']);
    const index = await readFile(join(folder, 'recording.json'), 'utf8');
    assert.ok(!index.includes('stereo') && !index.includes('party-1'), index);
  });

  it('holds nothing of a party that refuses when it is over, though another did so while it was written', async (t) => {
    const { directory, folder, order, sound, finish } = await open(t);
    sound(0, 0, steady(10, 1));
    sound(1, 0, steady(10, 2));
    order({ type: 'forget', call: 1, party: 0 });
    sound(1, 10, steady(10, 3));
    assert.deepEqual(await finish(), ['stereo.without-1.wav']);
    const next = new Recorder({ clock: new FakeClock(), modules, report: () => {} });
    for (const given of [
      { type: 'open', call: 2, directory, folder, layout: 'stereo' },
      { type: 'forget', call: 2, party: 1 },
      { type: 'close', call: 2, command: [] },
    ] as const) {
      next.take({ type: 'order', order: given });
    }
    await next.close();
    assert.deepEqual(await readdir(folder), []);
  });

  it('is what two have said, from its beginning on, though a third does not want to be kept', async (t) => {
    for (const layout of ['stereo', 'both'] as const) {
      const { folder, clock, order, reports, sound, finish } = await open(t, { layout });
      for (const party of [0, 1, 2]) {
        sound(party, 0, steady(10, party + 1));
        sound(party, 0, steady(10, 9), { track: 'heard' });
      }
      await clock.advance(500);
      await clock.advance(500);
      await eventually('they are on the disk', LIMIT_MS, async () => {
        const names = existsSync(folder) ? await readdir(folder) : [];
        return names.includes('stereo.wav') && names.includes('party-3.voice.wav');
      });
      await writeFile(join(folder, 'stereo.opus'), 'the same, compressed');
      order({ type: 'forget', call: 1, party: 2 });
      for (const party of [0, 1, 2]) {
        sound(party, 100, steady(10, party + 4));
      }
      const voices = layout === 'both' ? ['party-1.voice.wav', 'party-2.voice.wav'] : [];
      assert.deepEqual([...(await finish())].sort(), [...voices, 'stereo.wav']);
      assert.deepEqual((await readdir(folder)).sort(), [
        ...voices,
        ...['recording.json', 'stereo.opus', 'stereo.wav'],
      ]);
      const { channels } = channelsOf(await readFile(join(folder, 'stereo.wav')));
      assert.deepEqual(
        channels.map((channel) => [...new Set(framesOf(channel))]),
        [
          [1, 0, 4],
          [2, 0, 5],
        ],
      );
      assert.deepEqual(
        reports.filter(({ type }) => type === 'trouble'),
        [],
      );
    }
  });

  it('is told of as finished when all its parts are, those before the last too', async (t) => {
    let lastIsClosed = (): void => {};
    const last = new Promise<void>((resolve) => {
      lastIsClosed = resolve;
    });
    const done: string[] = [];
    const openDisk: OpenDisk = async (path) => {
      const file = await newFile(path);
      const isLast = path.endsWith('.2.wav');
      return {
        write: file.write.bind(file),
        datasync: async () => {
          if (!isLast) {
            await last;
            await sleep(100);
          }
          await file.datasync();
        },
        stat: file.stat.bind(file),
        close: async () => {
          await file.close();
          done.push(path.slice(path.lastIndexOf('/') + 1));
          if (isLast) {
            lastIsClosed();
          }
        },
      };
    };
    const { sound, finish } = await open(t, { openDisk });
    sound(0, 0, steady(50, 1));
    sound(0, 50, steady(50, 2, 320), { rateHz: 16_000 });
    await finish();
    assert.deepEqual(done, ['stereo.2.wav', 'stereo.wav']);
  });

  it('goes on in other files when somebody removes those that are written, which is told', async (t) => {
    const { folder, clock, recorder, reports, sound, finish } = await open(t);
    recorder.take({ type: 'notes', call: 1, text: '{"n":0}\n' });
    sound(0, 0, steady(50, 1));
    await clock.advance(500);
    await clock.advance(500);
    const [wav, notes] = ['stereo.wav', 'engines.jsonl'].map((name) => join(folder, name));
    await eventually('they are there, with all that came', LIMIT_MS, async () => {
      assert.ok(wav !== undefined && notes !== undefined);
      const isThere = existsSync(wav) && existsSync(notes) && (await readFile(notes, 'utf8')) !== '';
      const header = isThere ? (await readFile(wav)).subarray(0, 44) : Buffer.alloc(0);
      // 50 frames of 160 samples of two channels.
      return header.length === 44 && header.readUInt32LE(40) === 50 * 640;
    });
    // Its index may come in between.
    await rm(folder, { recursive: true, maxRetries: 20, retryDelay: 20 });
    recorder.take({ type: 'notes', call: 1, text: '{"n":1}\n' });
    sound(0, 50, steady(50, 2));
    await clock.advance(500);
    await clock.advance(500);
    await eventually('it is told', LIMIT_MS, () =>
      reports.some((each) => each.type === 'trouble' && each.code === 'ENOENT' && each.path.endsWith('.wav')),
    );
    sound(0, 100, steady(50, 3));
    assert.deepEqual(await finish(), ['stereo.2.wav']);
    assert.deepEqual((await readdir(folder)).sort(), ['recording.json', 'stereo.2.wav']);
    const index = JSON.parse(await readFile(join(folder, 'recording.json'), 'utf8'));
    assert.deepEqual(index.files[0].parts, [{ name: 'stereo.2.wav', fromMs: 2_000, rateHz: 8_000 }]);
    assert.equal(index.notes, undefined);
    const left = framesOf(channelsOf(await readFile(join(folder, 'stereo.2.wav'))).channels[0]);
    assert.deepEqual([left.length, left[10]], [50, 3]);
  });

  it('is told of as finished though what is in the folder cannot be written down', async (t) => {
    const { folder, reports, sound, finish } = await open(t);
    await mkdir(join(folder, 'recording.json.new'), { recursive: true });
    sound(0, 0, steady(10, 1));
    assert.deepEqual(await finish(), ['stereo.wav']);
    assert.ok(reports.some((each) => each.type === 'trouble' && each.path === folder));
  });

  it('loses the oldest on a disk that stands still, counted, and goes on when that does', async (t) => {
    let goOn = (): void => {};
    const still = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    const openDisk: OpenDisk = async (path) => {
      await still;
      return newFile(path);
    };
    const { folder, clock, sound, dropped, finish } = await open(t, { openDisk });
    for (let frame = 0; frame < 1_000; frame += 25) {
      sound(0, frame, steady(25, 7));
      await clock.advance(500);
    }
    // 20 s came; 5 s wait, half a second is with the disk.
    assert.ok(dropped() >= 600 && dropped() <= 750, `${dropped()} frames are dropped`);
    goOn();
    await finish();
    const left = framesOf(channelsOf(await readFile(join(folder, 'stereo.wav'))).channels[0]);
    assert.equal(left.length, 1_000);
    assert.equal(left.filter((value) => value === 0).length, dropped());
    assert.equal(left[900], 7);
  });

  it('has gaps where a disk was full, which is told', async (t) => {
    let full = false;
    let tries = 0;
    const openDisk: OpenDisk = async (path) => {
      const file = await newFile(path);
      return {
        write: (async (bytes: Buffer, from: number, length: number, at: number) => {
          // The lengths are at the beginning, and lie in blocks that a full disk has.
          tries += at >= 44 ? 1 : 0;
          if (full && at >= 44) {
            throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
          }
          return file.write(bytes, from, length, at);
        }) as typeof file.write,
        datasync: () => file.datasync(),
        stat: file.stat.bind(file),
        close: () => file.close(),
      };
    };
    const { folder, clock, reports, sound, dropped, finish } = await open(t, { openDisk });
    for (let second = 0; second < 12; second += 1) {
      full = second >= 4 && second < 8;
      sound(0, second * 25, steady(25, 7));
      await clock.advance(500);
      await eventually('the disk was given what had come', LIMIT_MS, () => tries === second + 1);
    }
    await finish();
    const left = framesOf(channelsOf(await readFile(join(folder, 'stereo.wav'))).channels[0]);
    assert.equal(dropped(), 100);
    assert.equal(left.filter((value) => value === 0).length, 100);
    const troubles = reports.flatMap((each) => (each.type === 'trouble' ? [each.code] : []));
    assert.deepEqual(troubles, ['ENOSPC', 'ENOSPC', 'ENOSPC', 'ENOSPC']);
  });

  it('is nothing where nobody said anything', async (t) => {
    const { folder, finish } = await open(t);
    assert.deepEqual(await finish(), []);
    assert.ok(!existsSync(folder));
  });

  it('keeps the notes of a call beside its sound, and says so', async (t) => {
    const { folder, clock, recorder, sound, finish } = await open(t);
    sound(0, 0, steady(10, 1));
    recorder.take({ type: 'notes', call: 1, text: '{"n":0}\n' });
    await clock.advance(500);
    recorder.take({ type: 'notes', call: 1, text: '{"n":1}\n{"n":2}\n' });
    // The command for files of sound is not run for notes.
    assert.deepEqual(await finish(), ['stereo.wav']);
    assert.equal(await readFile(join(folder, 'engines.jsonl'), 'utf8'), '{"n":0}\n{"n":1}\n{"n":2}\n');
    const index = JSON.parse(await readFile(join(folder, 'recording.json'), 'utf8'));
    assert.deepEqual(index.notes, ['engines.jsonl']);
  });

  it('seals notes as it does sound', async (t) => {
    const { folder, recorder, finish } = await open(t, { keyHex: KEY_HEX });
    recorder.take({ type: 'notes', call: 1, text: '{"n":0}\n' });
    await finish();
    const { plain, end } = unseal(
      await readFile(join(folder, 'engines.jsonl.sealed')),
      Buffer.from(KEY_HEX, 'hex'),
    );
    assert.deepEqual([plain.toString(), end], ['{"n":0}\n', 'whole']);
  });

  it('removes the notes of a call of which somebody does not want to be kept, and takes none', async (t) => {
    const { folder, clock, recorder, order, sound, finish } = await open(t);
    sound(0, 0, steady(10, 1));
    recorder.take({ type: 'notes', call: 1, text: '{"n":0}\n' });
    await clock.advance(1_000);
    await eventually('notes are there', LIMIT_MS, () => existsSync(join(folder, 'engines.jsonl')));
    order({ type: 'forget', call: 1, party: 0 });
    recorder.take({ type: 'notes', call: 1, text: '{"n":1}\n' });
    sound(1, 10, steady(10, 2));
    await finish();
    assert.deepEqual((await readdir(folder)).sort(), ['recording.json', 'stereo.without-1.wav']);
    const index = JSON.parse(await readFile(join(folder, 'recording.json'), 'utf8'));
    assert.equal(index.notes, undefined);
  });

  it('counts notes that a full disk does not take, and goes on with the sound', async (t) => {
    const openDisk: OpenDisk = async (path) => {
      if (path.endsWith('.jsonl')) {
        throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
      }
      return newFile(path);
    };
    const { folder, recorder, reports, sound, finish } = await open(t, { openDisk });
    recorder.take({ type: 'notes', call: 1, text: '{"n":0}\n' });
    sound(0, 0, steady(10, 1));
    assert.deepEqual(await finish(), ['stereo.wav']);
    assert.ok(!existsSync(join(folder, 'engines.jsonl')));
    const lost = reports.reduce((sum, each) => sum + (each.type === 'written' ? each.notesDropped : 0), 0);
    assert.equal(lost, 1);
  });

  it('leaves no file open, nor an empty one, where a full disk takes names and no sealed notes', async (t) => {
    let openNow = 0;
    const openDisk: OpenDisk = async (path) => {
      const file = await newFile(path);
      openNow += 1;
      return {
        write: async () => {
          throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
        },
        datasync: () => file.datasync(),
        stat: file.stat.bind(file),
        close: async () => {
          openNow -= 1;
          await file.close();
        },
      };
    };
    const { folder, clock, recorder, reports, sound, finish } = await open(t, { openDisk, keyHex: KEY_HEX });
    const lost = (): number =>
      reports.reduce((sum, each) => sum + (each.type === 'written' ? each.notesDropped : 0), 0);
    for (let n = 0; n < 3; n += 1) {
      recorder.take({ type: 'notes', call: 1, text: `{"n":${n}}\n` });
      sound(0, n * 25, steady(25, 1));
      await eventually('they are lost', LIMIT_MS, async () => {
        await clock.advance(500);
        return lost() === n + 1;
      });
    }
    assert.deepEqual(await finish(), []);
    assert.deepEqual([openNow, await readdir(folder)], [0, []]);
  });

  it('is one call in the index however many recorders wrote it, and from the first moment on', async (t) => {
    const first = await open(t);
    first.sound(0, 0, steady(50, 1));
    first.recorder.take({ type: 'notes', call: 1, text: '{"n":0}\n' });
    const path = join(first.folder, 'recording.json');
    await eventually('the index is there while the call goes on', LIMIT_MS, async () => {
      await first.clock.advance(500);
      const text = existsSync(path) ? await readFile(path, 'utf8') : '';
      return text.includes('stereo.wav') && text.includes('engines.jsonl');
    });
    // It is killed; the next one is told of the call again.
    const reports: RecorderReport[] = [];
    const next = new Recorder({ clock: first.clock, modules, report: (report) => reports.push(report) });
    next.take({
      type: 'order',
      order: { type: 'open', call: 1, directory: first.directory, folder: first.folder, layout: 'stereo' },
    });
    next.take({
      type: 'sound',
      call: 1,
      pieces: [{ party: 0, track: 'voice', rateHz: 8_000, frame: 60, pcm: steady(50, 2) }],
    });
    next.take({ type: 'notes', call: 1, text: '{"n":1}\n' });
    next.take({ type: 'order', order: { type: 'close', call: 1, command: [] } });
    const closed = await eventually('the call is closed', LIMIT_MS, () =>
      reports.find((each) => each.type === 'closed'),
    );
    assert.deepEqual(closed.type === 'closed' && closed.files, ['stereo.wav', 'stereo.2.wav']);
    const index = JSON.parse(await readFile(path, 'utf8'));
    assert.deepEqual(
      index.files.map((file: { parts: { name: string }[] }) => file.parts.map(({ name }) => name)),
      [['stereo.wav', 'stereo.2.wav']],
    );
    assert.deepEqual(index.notes, ['engines.jsonl', 'engines.2.jsonl']);
    await next.close();
  });

  it('keeps nothing while the disk lacks the room that is to be left, and goes on when it has it', async (t) => {
    let freeBytes = 1_000;
    const lookAtDisk: LookAtDisk = async () => ({ freeBytes, allBytes: 10_000 });
    for (const keyHex of [undefined, KEY_HEX]) {
      freeBytes = 1_000;
      const { directory, folder, clock, reports, order, sound, dropped, finish } = await open(t, {
        lookAtDisk,
        ...(keyHex === undefined ? {} : { keyHex }),
      });
      order({ type: 'space', directory, least: { type: 'percent', percent: 5 } });
      const told = () => reports.flatMap((each) => (each.type === 'space' ? [each.full] : []));
      sound(0, 0, steady(50, 1));
      freeBytes = 499;
      await clock.advance(5_000);
      sound(0, 300, steady(50, 2));
      // A little more than the least is not enough, or it would come and go.
      freeBytes = 549;
      await clock.advance(5_000);
      sound(0, 550, steady(50, 3));
      assert.deepEqual([told(), dropped()], [[true], 50]);
      freeBytes = 551;
      await clock.advance(5_000);
      assert.deepEqual([told(), dropped()], [[true, false], 100]);
      sound(0, 800, steady(50, 4));
      const files = await finish();
      if (keyHex === undefined) {
        const left = framesOf(channelsOf(await readFile(join(folder, 'stereo.wav'))).channels[0]);
        assert.deepEqual([left[10], left[310], left[560], left[810]], [1, 0, 0, 4]);
      } else {
        // Half an hour of sealed silence would fill the disk again.
        assert.deepEqual(files, ['stereo.wav.sealed', 'stereo.2.wav.sealed']);
      }
    }
  });
});
