/** What the server does with calls that are recorded: a folder each, in turns, and for how long they are kept. */

import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { systemClock } from '../../../src/base/clock.ts';
import { silentLog } from '../../../src/base/log.ts';
import type { OpenRecording } from '../../../src/call/recording/recorder.ts';
import type { SoundPiece } from '../../../src/protocol/recording/recorder-orders.ts';
import { RecorderProcess } from '../../../src/server/recording/recorder-process.ts';
import { Recordings, type RecordingsOptions } from '../../../src/server/recording/recordings.ts';
import { FakeClock } from '../../base/fake-clock.ts';
import { KeptLog } from '../../call/scripted-legs.ts';
import { removeFolder } from '../../support/folders.ts';
import { untilItRuns } from '../../support/recorders.ts';
import { eventually } from '../../support/waiting.ts';

const LIMIT_MS = 30_000;
const DAY_MS = 86_400_000;

async function open(t: TestContext, options: Partial<RecordingsOptions> = {}) {
  const directory = await mkdtemp(join(tmpdir(), 'dragoman-recordings-'));
  const recorder = RecorderProcess.open(
    { workerUrl: new URL('../../../workers/recorder.js', import.meta.url), key: undefined },
    systemClock,
    silentLog,
  );
  await untilItRuns(recorder, directory);
  const closed: (readonly string[])[] = [];
  recorder.onClosed((_call, files) => closed.push(files));
  const clock = new FakeClock();
  const log = new KeptLog();
  const kept = { beepMs: undefined, announces: true, keepMs: undefined, command: [] };
  const recordings = new Recordings(
    { directory, layout: 'stereo', ...kept, ...options },
    recorder,
    clock,
    log,
  );
  t.after(async () => {
    recordings.close();
    await recorder.close();
    await removeFolder(directory);
  });
  /** Records a call in which something is said for 100 ms. */
  const record = async (shownId: string): Promise<OpenRecording> => {
    const pcm = new Int16Array(800).fill(5);
    const said: SoundPiece[] = [{ party: 0, track: 'voice', rateHz: 8_000, frame: 0, pcm }];
    const before = closed.length;
    const noted = ['{"n":0}\n'];
    const open = recordings.open(
      { shownId, startedAt: clock.wallTime() },
      () => said.splice(0),
      () => (options.engines === true ? noted.splice(0).join('') : ''),
      () => {},
    );
    await clock.advance(100);
    assert.equal(said.length, 0, 'what was said is taken');
    open.close();
    open.close();
    await eventually('its files are finished', LIMIT_MS, () => closed.length > before);
    return open;
  };
  return { directory, recorder, recordings, clock, log, record };
}

describe('the recordings of a server', () => {
  it('have a folder a day and call, and are counted', async (t) => {
    const { directory, recordings, record } = await open(t);
    await record('aaaa');
    const folder = join(directory, '2026/01/01/20260101T000000Z-aaaa');
    assert.deepEqual((await readdir(folder)).sort(), ['recording.json', 'stereo.wav']);
    const counts = { recordings: 1, recordingsEnded: 1 };
    assert.deepEqual(recordings.counts, { ...counts, recordingFramesDropped: 0, recordingNotesDropped: 0 });
    assert.deepEqual(recordings.health, { state: 'HEALTHY', active: 0, framesDropped: 0 });
  });

  it('are removed by day when they have been kept for long enough', async (t) => {
    const { directory, clock, record } = await open(t, { keepMs: 2 * DAY_MS });
    const [old, young] = ['2025/12/29', '2025/12/30'].map((day) => join(directory, day, 'call'));
    assert.ok(old !== undefined && young !== undefined);
    for (const folder of [old, young]) {
      await mkdir(folder, { recursive: true });
      await writeFile(join(folder, 'stereo.wav'), 'sound');
    }
    await record('bbbb');
    await clock.advance(60_000);
    await eventually('the old one is gone', LIMIT_MS, () => !existsSync(old));
    assert.ok(existsSync(young), 'two days are two days');
    await clock.advance(DAY_MS);
    await eventually('the other is, a day later', LIMIT_MS, () => !existsSync(young));
    assert.ok(existsSync(join(directory, '2026/01/01')));
  });

  it('are told of where a server was killed while they were made', async (t) => {
    const { directory, clock, log } = await open(t);
    const folder = join(directory, '2026/01/01/20260101T000000Z-ffff');
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, 'stereo.wav.sealed'), 'sound');
    await mkdir(join(directory, '.unfinished'));
    await writeFile(join(directory, '.unfinished', '4194305.1-20260101T000000Z-ffff'), folder);
    await clock.advance(60_000);
    const line = await eventually('the log says so', LIMIT_MS, () =>
      log.lines.find(({ message }) => message.startsWith('a server was killed while calls were recorded')),
    );
    assert.deepEqual([line.level, line.calls, line.folders], ['warn', 1, ['20260101T000000Z-ffff']]);
  });

  it('are not removed by a wall clock that has run away', async (t) => {
    const { clock, recorder, log } = await open(t, { keepMs: 2 * DAY_MS });
    const asked = t.mock.method(recorder, 'ask');
    const set = t.mock.method(clock, 'wallTime', () => new Date('2027-01-01T00:00:00.000Z'));
    await clock.advance(60_000);
    const purges = () => asked.mock.calls.filter(({ arguments: [{ type }] }) => type === 'purge').length;
    await eventually('it is doubted', LIMIT_MS, () =>
      log.lines.some(({ message }) => message.startsWith('the wall clock is ahead')),
    );
    assert.equal(purges(), 0);
    set.mock.restore();
    await clock.advance(3_600_000);
    await eventually('what is old goes', LIMIT_MS, () => purges() === 1);
  });

  it('hold nothing of who refuses after its call was kept', async (t) => {
    const { directory, record } = await open(t);
    const kept = await record('eeee');
    const folder = join(directory, '2026/01/01/20260101T000000Z-eeee');
    assert.ok(existsSync(join(folder, 'stereo.wav')));
    kept.forget(0);
    await eventually('it is removed', LIMIT_MS, async () => (await readdir(folder)).length === 0);
  });

  it('have a command run for each file, without a shell', async (t) => {
    const { directory, record } = await open(t, { command: ['cp', '{}', '{.}.$(id).copy'] });
    await record('cccc');
    const folder = join(directory, '2026/01/01/20260101T000000Z-cccc');
    const copy = join(folder, 'stereo.$(id).copy');
    await eventually('the command has run', LIMIT_MS, () => existsSync(copy));
    await eventually('it is whole', LIMIT_MS, async () => {
      const [one, other] = await Promise.all([readFile(copy), readFile(join(folder, 'stereo.wav'))]);
      return one.equals(other);
    });
  });

  it('say that something is wrong where nothing can be written', async (t) => {
    const { directory, recorder, recordings, record } = await open(t);
    await writeFile(join(directory, '2026'), 'a file, where the folder of a year should be');
    const done = record('dddd');
    await eventually('it is told', LIMIT_MS, () => recordings.health.state === 'DEGRADED');
    assert.ok(recorder.counts.recorderFailures > 0);
    await done;
    await eventually('what is lost is counted', LIMIT_MS, () => recordings.health.framesDropped === 5);
  });
});
