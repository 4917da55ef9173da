/**
 * What a voice profile costs to be had: looked up among 10,000 in SQLite, as a call does it, and made of five minutes of
 * sound.
 */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../../src/base/clock.ts';
import { silentLog } from '../../../src/base/log.ts';
import type { MediaModules } from '../../../src/media/dsp/wasm.ts';
import { encodeWav } from '../../../src/protocol/wav.ts';
import { studyRecordingApart } from '../../../src/voices/enrolment/study-recording-apart.ts';
import { storedOf } from '../../../src/voices/profile.ts';
import { SqliteStore } from '../../../src/voices/store/sqlite-store.ts';
import { VoiceLibrary } from '../../../src/voices/voice-library.ts';
import { voiceLike } from '../../media/voice-like.ts';
import { never } from '../../support/waiting.ts';
import { someProfile } from '../../voices/some-profile.ts';
import { spreadOf } from '../percentiles.ts';
import type { VoiceRow } from './voice-row.ts';

const PROFILES = 10_000;
const LOOK_UPS = 3_000;
/** Written at once. */
const BATCH = 100;
const RATE_HZ = 24_000;
const RECORDED_MS = 300_000;

export async function profileRows(_modules: MediaModules): Promise<readonly VoiceRow[]> {
  return [...(await lookUpRows()), ...(await studyRows())];
}

async function lookUpRows(): Promise<readonly VoiceRow[]> {
  const folder = mkdtempSync(join(tmpdir(), 'dragoman-bench-voices-'));
  const store = new SqliteStore({ path: join(folder, 'voices.db'), clock: systemClock });
  try {
    for (let begun = 0; begun < PROFILES; begun += BATCH) {
      const batch = Array.from({ length: BATCH }, (_, index) => `s${begun + index}`);
      await Promise.all(
        batch.map((speaker) => store.write(storedOf(someProfile({ speaker })), undefined, [], never())),
      );
    }
    const library = new VoiceLibrary({ store, clock: systemClock, log: silentLog });
    const tookMs: number[] = [];
    for (let asked = 0; asked < LOOK_UPS; asked += 1) {
      // Another one each time, so that few are in memory: 7,919 is a prime.
      const voice = `@s${(asked * 7_919) % PROFILES}`;
      const startMs = systemClock.nowMs();
      await library.prepare(voice);
      tookMs.push(systemClock.nowMs() - startMs);
    }
    const outcomes = new Map(library.counts.voiceLookUps.entries());
    const inMemory: number[] = [];
    for (let asked = 0; asked < LOOK_UPS; asked += 1) {
      const startMs = systemClock.nowMs();
      library.spoken(`@s${((LOOK_UPS - 1) * 7_919) % PROFILES}`, 'es', undefined);
      inMemory.push(systemClock.nowMs() - startMs);
    }
    await library.close();
    const { p50, p99 } = spreadOf(tookMs);
    return [
      { what: `look-up among ${PROFILES} profiles, p50 ms`, value: p50, digits: 2 },
      { what: 'the same, p99 ms', value: p99, target: '< 10', digits: 2, holds: p99 < 10 },
      { what: 'of them late, failed or missing', value: LOOK_UPS - (outcomes.get('read') ?? 0), digits: 0 },
      { what: 'from memory, p99 us', value: spreadOf(inMemory).p99 * 1_000, digits: 0 },
    ];
  } finally {
    await store.close();
    rmSync(folder, { recursive: true });
  }
}

async function studyRows(): Promise<readonly VoiceRow[]> {
  const wav = encodeWav({ rateHz: RATE_HZ, pcm: recording() });
  const startMs = systemClock.nowMs();
  const { type } = await studyRecordingApart(wav, [90_000, 20_000], systemClock, never());
  const tookS = (systemClock.nowMs() - startMs) / 1_000;
  const holds = type === 'fit' && tookS < 300;
  return [{ what: '5 minutes of sound studied, s', value: tookS, target: '< 300', digits: 1, holds }];
}

/** Sentences with pauses between them. */
function recording(): Int16Array {
  const sentence = voiceLike(2_000, RATE_HZ);
  const everySamples = (2_400 * RATE_HZ) / 1_000;
  const pcm = new Int16Array((RECORDED_MS * RATE_HZ) / 1_000);
  for (let offset = 0; offset + sentence.length <= pcm.length; offset += everySamples) {
    pcm.set(sentence, offset);
  }
  return pcm;
}
