/** Calls that are recorded, over real sockets, by a recorder in a process of its own. */

import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { systemClock } from '../../src/base/clock.ts';
import { concatPcm, sine, toneDbfs } from '../asterisk/audio.ts';
import type { StrictAsterisk } from '../asterisk/strict-asterisk.ts';
import { FakeClock } from '../base/fake-clock.ts';
import { eventually } from '../support/waiting.ts';
import { endOf } from './harness.ts';
import { channelsOf, folderIn, LIMIT_MS, openRecorded, placeOf } from './recorded-calls.ts';

/**
 * What is placed by time here is placed on a machine that may stand still: what is asserted is that nothing is heard
 * before it was said, and that a stretch is the same. To within a frame it is asserted where time is told: test/media/record, test/workers.
 */

/** Of two channels at 8 kHz. */
const SECOND_BYTES = 32_000;
/** By how much a frame may have come later than the one it is heard in was due, on a machine that stands still, in ms. */
const LATE_MS = 2_000;
/** Of all tracks together: half a second. */
const MANY_FRAMES = 100;
/** What each says. */
const A_HZ = 1_000;
const B_HZ = 1_750;
const LATER_HZ = 2_400;

describe('a call that is recorded', () => {
  it('is kept with the caller left and the other right, and what each heard lines up with what was said', async (t) => {
    const { server, folder } = await openRecorded(t);
    const [a, b] = await server.ringBoth();
    await b.until((leg) => leg.frames.length > 20);
    a.speak(sine(A_HZ, 2_000, 8_000));
    await b.until((leg) => tonesIn(leg, A_HZ) > 10);
    b.speak(sine(B_HZ, 2_000, 8_000));
    await a.until((leg) => tonesIn(leg, B_HZ) > 10);
    a.hangUp();
    await endOf(b);
    const path = await folder();
    const [left, right] = await channelsOf(join(path, 'stereo.wav'));
    const [heardByA, heardByB] = await channelsOf(join(path, 'heard.wav'));
    const [saidMs, heardMs] = [placeOf(left, A_HZ), placeOf(heardByB, A_HZ)];
    const places = `said at ${saidMs}, heard at ${heardMs} ms`;
    assert.ok(heardMs >= saidMs - LATE_MS, places);
    assert.ok(placeOf(heardByA, B_HZ) >= placeOf(right, B_HZ) - LATE_MS);
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
    // By a clock that stands still nobody gives the recorder up, however slowly frames come.
    const { recorder, server, folder } = await openRecorded(t, {}, new FakeClock());
    const [a, b] = await server.ringBoth();
    await b.until((leg) => leg.frames.length > 20);
    const { processId } = recorder;
    assert.ok(processId !== undefined);
    process.kill(processId, 'SIGSTOP');
    try {
      a.speak(sine(A_HZ, 9_000, 8_000));
      // 5 s may wait.
      await server.until(
        'sound is dropped',
        () => recorder.counts.recordingFramesDropped > MANY_FRAMES,
        LIMIT_MS,
      );
    } finally {
      process.kill(processId, 'SIGCONT');
    }
    const heard = b.frames.length;
    await b.until((leg) => leg.frames.length > heard + 60);
    a.hangUp();
    await endOf(b);
    const [left] = await channelsOf(join(await folder(), 'stereo.wav'));
    const voiced = Array.from({ length: Math.floor((left?.length ?? 0) / 160) }, (_, frame) =>
      left === undefined ? 0 : toneDbfs(left.subarray(frame * 160, (frame + 1) * 160), A_HZ, 8_000),
    ).filter((dbfs) => dbfs > -20).length;
    assert.ok(voiced > 0 && voiced < 450, `${voiced} frames of 450 are kept`);
  });

  it('holds nothing of what was said while it was paused', async (t) => {
    const { server, folder } = await openRecorded(t);
    const [a, b] = await server.ringBoth();
    await b.until((leg) => leg.frames.length > 20);
    const { callId } = server.events[0] ?? { callId: '' };
    const said = async (toneHz: number): Promise<void> => {
      a.speak(sine(toneHz, 600, 8_000));
      await b.until((leg) => tonesIn(leg, toneHz) > 0);
      const heard = b.frames.length;
      // The rest of it, and of what is on its way.
      await b.until((leg) => leg.frames.length > heard + 40 && tonesIn(leg, toneHz, 20) === 0);
    };
    await said(A_HZ);
    assert.equal(server.server.setRecording(callId, 'paused'), 'done');
    await said(B_HZ);
    server.server.setRecording(callId, 'on');
    await said(LATER_HZ);
    server.server.setRecording(callId, 'off');
    assert.equal(server.server.setRecording(callId, 'on'), 'not-recorded');
    const path = await folder();
    const [left] = await channelsOf(join(path, 'stereo.wav'));
    const [, heardByB] = await channelsOf(join(path, 'heard.wav'));
    for (const line of [left, heardByB]) {
      assert.ok(placeOf(line, LATER_HZ) > placeOf(line, A_HZ) + 600, 'what was not kept is silence');
      assert.ok(Number.isNaN(placeOf(line, B_HZ)));
    }
    const states = server.events.flatMap(({ event }) => (event.type === 'recording' ? [event.state] : []));
    assert.deepEqual(states, ['paused', 'on', 'off']);
    a.hangUp();
    await endOf(b);
  });

  it('has nothing of a party on the disk that has refused, by its keys', async (t) => {
    const { server, folder } = await openRecorded(t, { plan: { keys: new Map([['*0', 'no-record']]) } });
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
    const { directory, recorder, server, folder } = await openRecorded(t);
    const [a, b] = await server.ringBoth();
    await b.until((leg) => leg.frames.length > 20);
    a.speak(sine(A_HZ, 2_000, 8_000));
    const written = await eventually('a second of it is on the disk', LIMIT_MS, async () => {
      const bytes = await readFile(join(await folderIn(directory), 'stereo.wav')).catch(() =>
        Buffer.alloc(0),
      );
      return bytes.length > 44 + 2 * SECOND_BYTES ? bytes.length : undefined;
    });
    const { processId } = recorder;
    assert.ok(processId !== undefined);
    process.kill(processId, 'SIGKILL');
    await eventually('another recorder is there', LIMIT_MS, () => recorder.counts.recorderRestarts === 1);
    const marks = join(directory, '.unfinished');
    await eventually('what it left is made whole', LIMIT_MS, async () =>
      (await readdir(marks)).every((name) => !name.startsWith(`${processId}.`)),
    );
    a.speak(sine(B_HZ, 2_000, 8_000));
    await b.until((leg) => tonesIn(leg, B_HZ) > 10);
    a.hangUp();
    await endOf(b);
    const path = await folder();
    const bytes = await readFile(join(path, 'stereo.wav'));
    assert.ok(bytes.length >= written, 'what was on the disk is there');
    assert.equal(bytes.readUInt32LE(40), bytes.length - 44, 'and it says how long it is');
    const [before] = await channelsOf(join(path, 'stereo.wav'));
    assert.ok(placeOf(before, A_HZ) > 0);
    const parts = (await readdir(path)).filter((name) => name.startsWith('stereo.'));
    assert.deepEqual(parts.sort(), ['stereo.2.wav', 'stereo.wav']);
    const [after] = await channelsOf(join(path, 'stereo.2.wav'));
    assert.ok(placeOf(after, B_HZ) > 0);
  });

  it('is heard by who listens meanwhile as it is kept, while it is paused, too', async (t) => {
    const { server, folder } = await openRecorded(t);
    const [a, b] = await server.ringBoth();
    await b.until((leg) => leg.frames.length > 20);
    const { callId } = server.events[0] ?? { callId: '' };
    const sound = server.server.listen(callId, 'a', { what: 'both', by: 'ana', tone: false });
    assert.ok(typeof sound === 'object');
    const pieces: Int16Array[] = [];
    const taking = setInterval(() => pieces.push(sound.take(systemClock.nowMs())), 100);
    t.after(() => clearInterval(taking));
    a.speak(sine(A_HZ, 2_000, 8_000));
    await b.until((leg) => tonesIn(leg, A_HZ) > 10);
    b.speak(sine(B_HZ, 2_000, 8_000));
    await a.until((leg) => tonesIn(leg, B_HZ) > 10);
    assert.equal(server.server.setRecording(callId, 'paused'), 'done');
    a.speak(sine(LATER_HZ, 2_000, 8_000));
    await b.until((leg) => tonesIn(leg, LATER_HZ) > 0);
    await eventually('it is listened to', LIMIT_MS, () => placeOf(channelOf(pieces, 0), LATER_HZ) > 0);
    a.hangUp();
    await endOf(b);
    const [said, told] = [channelOf(pieces, 0), channelOf(pieces, 1)];
    const path = await folder();
    const [voice] = await channelsOf(join(path, 'party-1.voice.wav'));
    const [heard] = await channelsOf(join(path, 'party-1.heard.wav'));
    for (const [listened, kept, toneHz] of [
      [said, voice, A_HZ],
      [told, heard, B_HZ],
    ] as const) {
      const [one, other] = [tonesOf(listened, toneHz), tonesOf(kept, toneHz)];
      assert.ok(
        one.length > 5 && other.length > 5,
        `${one.length} and ${other.length} frames of ${toneHz} Hz`,
      );
      // A tone of whole periods in a frame: each is the same, but where a machine that stood still joined two pieces.
      const same = framesInBoth(one, other);
      assert.ok(
        same >= Math.min(one.length, other.length) / 2,
        `sample for sample only ${same} of ${one.length} and ${other.length} frames`,
      );
    }
    assert.ok(placeOf(said, LATER_HZ) > placeOf(said, A_HZ), 'what is not kept is heard');
    assert.ok(Number.isNaN(placeOf(voice, LATER_HZ)));
  });
});

/** How many of the frames that a leg has heard, or of the last `most`, hold a tone. */
function tonesIn({ frames }: StrictAsterisk, toneHz: number, most = frames.length): number {
  return frames.slice(frames.length - most).filter(({ pcm }) => toneDbfs(pcm, toneHz, 8_000) > -20).length;
}

/** The frames of a line that hold a tone. */
function tonesOf(line: Int16Array | undefined, toneHz: number): readonly Int16Array[] {
  return Array.from({ length: Math.floor((line?.length ?? 0) / 160) }, (_, frame) =>
    (line ?? new Int16Array(0)).slice(frame * 160, (frame + 1) * 160),
  ).filter((pcm) => toneDbfs(pcm, toneHz, 8_000) > -20);
}

/** How many frames of the shorter list occur in the other, sample for sample. */
function framesInBoth(one: readonly Int16Array[], other: readonly Int16Array[]): number {
  const [shorter, longer] = one.length < other.length ? [one, other] : [other, one];
  const found = new Set(longer.map((pcm) => pcm.join()));
  return shorter.filter((pcm) => found.has(pcm.join())).length;
}

/** One of the two channels of what was listened to. */
function channelOf(pieces: readonly Int16Array[], channel: number): Int16Array {
  return concatPcm(...pieces).filter((_sample, index) => index % 2 === channel);
}
