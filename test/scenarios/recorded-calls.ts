/** A server whose calls are recorded by a recorder in a process of its own, and how its files are read. */

import { mkdtemp, readdir, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { type Clock, systemClock } from '../../src/base/clock.ts';
import { silentLog } from '../../src/base/log.ts';
import { FRAME_MS } from '../../src/base/units.ts';
import { RecorderProcess } from '../../src/server/recording/recorder-process.ts';
import { Recordings } from '../../src/server/recording/recordings.ts';
import { sliceMs, toneDbfs } from '../asterisk/audio.ts';
import { removeFolder } from '../support/folders.ts';
import { eventually } from '../support/waiting.ts';
import { TestServer, type TestServerOptions } from './harness.ts';

/** How long anything of it is waited for. */
export const LIMIT_MS = 90_000;

/**
 * A server that keeps all of each call, as stereo and by track.
 * @param clock by which the recorder is watched.
 */
export async function openRecorded(
  t: TestContext,
  options: TestServerOptions = {},
  clock: Clock = systemClock,
) {
  const directory = await mkdtemp(join(tmpdir(), 'dragoman-recorded-'));
  const closed: (readonly string[])[] = [];
  const recorder = RecorderProcess.open(
    { workerUrl: new URL('../../workers/recorder.js', import.meta.url), key: undefined },
    clock,
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
    ...options,
    recorder: recordings,
    plan: { mode: 'passthrough', ...options.plan },
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

/** The folder of the one call below `directory`. */
export async function folderIn(directory: string): Promise<string> {
  const names = await readdir(directory, { recursive: true });
  return join(directory, names.find((name) => /Z-[0-9a-f]{16}$/.test(name)) ?? 'none');
}

/** Each channel of a WAV file. */
export async function channelsOf(path: string): Promise<readonly Int16Array[]> {
  const wav = await readFile(path);
  const count = wav.readUInt16LE(22);
  const all = new Int16Array(Uint8Array.from(wav.subarray(44)).buffer);
  return Array.from({ length: count }, (_, channel) =>
    all.filter((_sample, index) => index % count === channel),
  );
}

/** Where a tone begins in `line` at 8 kHz, in ms; a frame of it is enough. */
export function placeOf(line: Int16Array | undefined, toneHz: number): number {
  for (let atMs = 0; line !== undefined && atMs < line.length / 8; atMs += FRAME_MS) {
    if (toneDbfs(sliceMs(line, 8_000, atMs, atMs + FRAME_MS), toneHz, 8_000) > -20) {
      return atMs;
    }
  }
  return Number.NaN;
}
