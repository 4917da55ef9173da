/** Calls that are recorded, over real sockets, by a recorder in a process of its own. */

import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { systemClock } from '../../src/base/clock.ts';
import { silentLog } from '../../src/base/log.ts';
import { FRAME_MS } from '../../src/base/units.ts';
import type { CallPlan } from '../../src/call/plan.ts';
import { RecorderProcess } from '../../src/server/recording/recorder-process.ts';
import { Recordings } from '../../src/server/recording/recordings.ts';
import { sine, sliceMs, toneDbfs } from '../asterisk/audio.ts';
import { removeFolder } from '../support/folders.ts';
import { eventually } from '../support/waiting.ts';
import { endOf, TestServer } from './harness.ts';

const LIMIT_MS = 30_000;
/** What each says. */
const A_HZ = 1_000;
const B_HZ = 1_750;
const LATER_HZ = 2_400;

/** A server that keeps all of each call, as stereo and by track. */
async function open(t: TestContext, { plan = {} }: { readonly plan?: Partial<CallPlan> } = {}) {
  const directory = await mkdtemp(join(tmpdir(), 'dragoman-recorded-'));
  const closed: (readonly string[])[] = [];
  const recorder = new RecorderProcess(
    { workerUrl: new URL('../../workers/recorder.js', import.meta.url), key: undefined },
    systemClock,
    silentLog,
  );
  recorder.onClosed((_call, files) => closed.push(files));
  const recordings = new Recordings(
    { directory, layout: 'both', beepMs: undefined, announces: false, keepMs: undefined, command: [] },
    recorder,
    systemClock,
    silentLog,
  );
  const server = await TestServer.openFor(t, {
    recorder: recordings,
    plan: { mode: 'passthrough', ...plan },
  });
  t.after(async () => {
    await server.close();
    recordings.close();
    await recorder.close();
    await removeFolder(directory);
  });
  /** The folder of the one call, when its files are finished. */
  const folder = async (): Promise<string> => {
    await eventually('the call is closed', LIMIT_MS, () => closed.length > 0);
    return folderIn(directory);
  };
  return { directory, recorder, recordings, server, closed, folder };
}

async function folderIn(directory: string): Promise<string> {
  const names = await readdir(directory, { recursive: true });
  return join(directory, names.find((name) => /Z-[0-9a-f]{16}$/.test(name)) ?? 'none');
}

async function channelsOf(path: string): Promise<readonly Int16Array[]> {
  const wav = await readFile(path);
  const count = wav.readUInt16LE(22);
  const all = new Int16Array(Uint8Array.from(wav.subarray(44)).buffer);
  return Array.from({ length: count }, (_, channel) =>
    all.filter((_sample, index) => index % count === channel),
  );
}

/** Where a tone begins in `line` at 8 kHz, in ms; a frame of it is enough. */
function placeOf(line: Int16Array | undefined, toneHz: number): number {
  for (let atMs = 0; line !== undefined && atMs < line.length / 8; atMs += FRAME_MS) {
    if (toneDbfs(sliceMs(line, 8_000, atMs, atMs + FRAME_MS), toneHz, 8_000) > -20) {
      return atMs;
    }
  }
  return Number.NaN;
}

describe('a call that is recorded', () => {
  it('is kept with the caller left and the other right, and what each heard lines up with what was said', async (t) => {
    const { server, folder } = await open(t);
    const [a, b] = await server.ringBoth();
    await b.until((leg) => leg.frames.length > 20);
    a.speak(sine(A_HZ, 600, 8_000));
    await b.until((leg) => leg.frames.length > 120);
    b.speak(sine(B_HZ, 600, 8_000));
    await a.until((leg) => leg.frames.length > 220);
    a.hangUp();
    await endOf(b);
    const path = await folder();
    const [left, right] = await channelsOf(join(path, 'stereo.wav'));
    const [heardByA, heardByB] = await channelsOf(join(path, 'heard.wav'));
    const [saidMs, heardMs] = [placeOf(left, A_HZ), placeOf(heardByB, A_HZ)];
    // To within a frame only where the machine does not stand still: the test of places is told its time.
    assert.ok(Math.abs(heardMs - saidMs) < 500, `said at ${saidMs}, heard at ${heardMs} ms`);
    assert.ok(Math.abs(placeOf(heardByA, B_HZ) - placeOf(right, B_HZ)) < 500);
    assert.ok(placeOf(right, B_HZ) > saidMs + 600, 'b spoke after a');
    assert.deepEqual([placeOf(left, B_HZ), placeOf(right, A_HZ)], [Number.NaN, Number.NaN]);
    const names = (await readdir(path)).sort();
    assert.deepEqual(names, [
      'heard.wav',
      'party-1.heard.wav',
      'party-1.voice.wav',
      'party-2.heard.wav',
      'party-2.voice.wav',
      'recording.json',
      'stereo.wav',
    ]);
  });

  it('goes on when the recorder stands still, and the recording when that goes on', async (t) => {
    const { recorder, server, folder } = await open(t);
    const [a, b] = await server.ringBoth();
    await b.until((leg) => leg.frames.length > 20);
    const { processId } = recorder;
    assert.ok(processId !== undefined);
    process.kill(processId, 'SIGSTOP');
    a.speak(sine(A_HZ, 9_000, 8_000));
    await b.until((leg) => leg.frames.length > 500);
    process.kill(processId, 'SIGCONT');
    const { counts } = recorder;
    assert.ok(counts.recordingFramesDropped > 0, '10 s came, and 5 s may wait');
    await b.until((leg) => leg.frames.length > 560);
    a.hangUp();
    await endOf(b);
    const [left] = await channelsOf(join(await folder(), 'stereo.wav'));
    const voiced = Array.from({ length: Math.floor((left?.length ?? 0) / 160) }, (_, frame) =>
      left === undefined ? 0 : toneDbfs(left.subarray(frame * 160, (frame + 1) * 160), A_HZ, 8_000),
    ).filter((dbfs) => dbfs > -20).length;
    assert.ok(voiced > 200 && voiced < 450, `${voiced} frames of 450 are kept`);
  });

  it('holds nothing of what was said while it was paused', async (t) => {
    const { server, folder } = await open(t);
    const [a, b] = await server.ringBoth();
    await b.until((leg) => leg.frames.length > 20);
    const { callId } = server.events[0] ?? { callId: '' };
    a.speak(sine(A_HZ, 300, 8_000));
    await b.until((leg) => leg.frames.length > 60);
    assert.equal(server.server.setRecording(callId, 'paused'), 'done');
    a.speak(sine(B_HZ, 300, 8_000));
    await b.until((leg) => leg.frames.length > 110);
    server.server.setRecording(callId, 'on');
    a.speak(sine(LATER_HZ, 300, 8_000));
    await b.until((leg) => leg.frames.length > 150);
    server.server.setRecording(callId, 'off');
    assert.equal(server.server.setRecording(callId, 'on'), 'not-recorded');
    const path = await folder();
    const [left] = await channelsOf(join(path, 'stereo.wav'));
    const [, heardByB] = await channelsOf(join(path, 'heard.wav'));
    for (const line of [left, heardByB]) {
      assert.ok(placeOf(line, LATER_HZ) > placeOf(line, A_HZ) + 800, 'what was not kept is silence');
      assert.ok(Number.isNaN(placeOf(line, B_HZ)));
    }
    const states = server.events.flatMap(({ event }) => (event.type === 'recording' ? [event.state] : []));
    assert.deepEqual(states, ['paused', 'on', 'off']);
    a.hangUp();
    await endOf(b);
  });

  it('has nothing of a party on the disk that has refused, by its keys', async (t) => {
    const { server, folder } = await open(t, { plan: { keys: new Map([['*0', 'no-record']]) } });
    const [a, b] = await server.ringBoth();
    await b.until((leg) => leg.frames.length > 20);
    a.speak(sine(A_HZ, 300, 8_000));
    await b.until((leg) => leg.frames.length > 80);
    a.sendDtmf('*');
    a.sendDtmf('0');
    await server.until('the key is acted on', () =>
      server.lines.some(({ message }) => message === 'a party does not want to be recorded'),
    );
    a.speak(sine(A_HZ, 300, 8_000));
    b.speak(sine(B_HZ, 300, 8_000));
    await b.until((leg) => leg.frames.length > 200);
    a.hangUp();
    await endOf(b);
    const path = await folder();
    const sounds = (await readdir(path)).filter((name) => name.endsWith('.wav'));
    assert.ok(sounds.length > 0, 'the other is kept');
    for (const name of sounds) {
      for (const channel of await channelsOf(join(path, name))) {
        assert.ok(Number.isNaN(placeOf(channel, A_HZ)), `${name} holds who refused`);
      }
    }
    assert.ok(placeOf((await channelsOf(join(path, 'party-2.voice.wav')))[0], B_HZ) > 0);
  });

  it('is kept on by the next recorder when one is killed, and what that left is made whole', async (t) => {
    const { directory, recorder, server, folder } = await open(t);
    const [a, b] = await server.ringBoth();
    await b.until((leg) => leg.frames.length > 20);
    a.speak(sine(A_HZ, 2_000, 8_000));
    await b.until((leg) => leg.frames.length > 120);
    const { processId } = recorder;
    assert.ok(processId !== undefined);
    process.kill(processId, 'SIGKILL');
    await eventually('another recorder is there', LIMIT_MS, () => recorder.counts.recorderRestarts === 1);
    const marks = join(directory, '.unfinished');
    await eventually('what it left is made whole', LIMIT_MS, async () =>
      (await readdir(marks)).every((name) => !name.startsWith(`${processId}-`)),
    );
    a.speak(sine(B_HZ, 600, 8_000));
    await b.until((leg) => leg.frames.length > 260);
    a.hangUp();
    await endOf(b);
    const path = await folder();
    const [before] = await channelsOf(join(path, 'stereo.wav'));
    const begunMs = placeOf(before, A_HZ);
    assert.ok((before?.length ?? 0) / 8 - begunMs > 900, 'a second at most of the 2 s is lost');
    const parts = (await readdir(path)).filter((name) => name.startsWith('stereo.'));
    assert.deepEqual(parts.sort(), ['stereo.2.wav', 'stereo.wav']);
    const [after] = await channelsOf(join(path, 'stereo.2.wav'));
    assert.ok(placeOf(after, B_HZ) > 0);
  });
});
