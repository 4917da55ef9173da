/** What the recorder makes of sound, in this process: files, their places and parts, disks that are slow or full. */

import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { loadMediaModules } from '../../src/media/dsp/wasm.ts';
import type { Layout, RecorderOrder, Track } from '../../src/protocol/recording/recorder-orders.ts';
import type { RecorderReport } from '../../src/protocol/recording/recorder-reports.ts';
import { unseal } from '../../src/protocol/recording/sealed-file.ts';
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
  readonly keyHex?: string;
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

  it('is made whole by the next start where nobody finished it', async (t) => {
    const { directory, folder, sound, recorder } = await open(t);
    sound(0, 0, steady(100, 9));
    await recorder.close();
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
});
