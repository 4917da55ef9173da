import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { constants, getPriority } from 'node:os';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { systemClock } from '../../src/base/clock.ts';
import { peakOf } from '../../src/media/dsp/sound.ts';
import { loadMediaModules } from '../../src/media/dsp/wasm.ts';
import { encodeWav, parseWav } from '../../src/protocol/wav.ts';
import { type Studied, studyRecording } from '../../src/voices/enrolment/study.ts';
import { studyRecordingApart } from '../../src/voices/enrolment/study-recording-apart.ts';
import { silence } from '../asterisk/audio.ts';
import { voiceLike } from '../media/voice-like.ts';
import { never } from '../support/waiting.ts';

const RATE_HZ = 8_000;
const modules = await loadMediaModules();

/** Sounds one after the other, on a line that hisses at about -66 dBFS. */
function line(...sounds: readonly Int16Array[]): Int16Array {
  const pcm = new Int16Array(sounds.reduce((sum, { length }) => sum + length, 0));
  let offset = 0;
  let seed = 1;
  for (const sound of sounds) {
    for (const sample of sound) {
      seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
      const hiss = (seed / 2_147_483_648 - 0.5) * 50;
      pcm[offset] = Math.max(-32_768, Math.min(32_767, Math.round(sample + hiss)));
      offset += 1;
    }
  }
  return pcm;
}

/** Sentences of 2 s with pauses of 0.4 s. */
function talk(seconds: number, peak = 0.3): Int16Array {
  const sentences = Math.round(seconds / 2.4);
  return line(
    ...Array.from({ length: sentences }, () => [
      voiceLike(2_000, RATE_HZ, peak),
      silence(400, RATE_HZ),
    ]).flat(),
  );
}

function loud(pcm: Int16Array): Int16Array {
  return pcm.map((sample) => Math.max(-32_768, Math.min(32_767, sample * 8)));
}

/** So many times as high, as another person may speak, and as fast. */
function faster(pcm: Int16Array, times: number): Int16Array {
  return pcm.filter((_, index) => index % times === 0);
}

function study(pcm: Int16Array, ...wantedMs: readonly number[]): Studied {
  return studyRecording({ rateHz: RATE_HZ, pcm }, wantedMs, modules);
}

describe('a recording', () => {
  it('is looked through for the stretch with the most speech, evenly loud and not cut off', () => {
    const pcm = line(
      loud(talk(12)),
      silence(4_000, RATE_HZ),
      talk(24),
      silence(4_000, RATE_HZ),
      talk(12, 0.02),
    );
    const studied = study(pcm, 20_000, 6_000);
    assert.ok(studied.type === 'fit');
    const [longest, shorter] = studied.stretches.map(({ wav, soundMs }) => ({ ...parseWav(wav), soundMs }));
    assert.ok(longest !== undefined && shorter !== undefined);
    assert.ok(longest.soundMs > 18_500 && longest.soundMs <= 20_000, String(longest.soundMs));
    assert.ok(shorter.soundMs > 5_000 && shorter.soundMs <= 6_000, String(shorter.soundMs));
    for (const { pcm: part } of [longest, shorter]) {
      const loudest = peakOf(part);
      assert.ok(loudest > 3_000 && loudest < 20_000, `${loudest} is of another part`);
    }
    assert.deepEqual(
      studied.pieces.map(({ length }) => length),
      [64_000, 64_000, 64_000],
    );
    assert.equal(studied.identity.length, 128_000);
    const { f0MedianHz = 0, levelDbfs = 0, syllablesPerSecond = 0 } = studied.style;
    assert.ok(f0MedianHz > 120 && f0MedianHz < 160, `it is spoken at 140 Hz, not ${f0MedianHz}`);
    assert.ok(levelDbfs < -10 && levelDbfs > -25 && syllablesPerSecond > 1, JSON.stringify(studied.style));
  });

  it('is taken whole where it is no longer than is wanted', () => {
    const studied = study(talk(12), 30_000);
    assert.ok(studied.type === 'fit');
    const [{ soundMs } = { soundMs: 0 }] = studied.stretches;
    assert.ok(soundMs > 10_500 && soundMs <= 12_000, String(soundMs));
  });

  it('is refused for what makes it of no use', () => {
    const noise = talk(12).map((sample, index) => sample + Math.round(1_200 * Math.sin(index * index)));
    const rows: readonly (readonly [string, Int16Array])[] = [
      ['too-little-speech', line(talk(5), silence(20_000, RATE_HZ))],
      ['too-little-speech', line(silence(20_000, RATE_HZ))],
      ['too-quiet', talk(12, 0.012)],
      ['too-noisy', noise],
      ['clipped', loud(talk(12))],
      ['several-people', line(talk(12), faster(talk(24), 2))],
    ];
    for (const [why, pcm] of rows) {
      assert.deepEqual(study(pcm, 20_000), { type: 'unfit', why }, why);
    }
  });
});

describe('a recording that is studied apart', () => {
  it('comes back as it would here', async () => {
    const pcm = talk(12);
    const wav = encodeWav({ rateHz: RATE_HZ, pcm });
    const apart = await studyRecordingApart(wav, [10_000], systemClock, never());
    const here = study(pcm, 10_000);
    assert.ok(apart.type === 'fit' && here.type === 'fit');
    assert.deepEqual(
      apart.stretches.map(({ soundMs }) => soundMs),
      here.stretches.map(({ soundMs }) => soundMs),
    );
    assert.deepEqual(Buffer.from(apart.stretches[0]?.wav ?? []), Buffer.from(here.stretches[0]?.wav ?? []));
    assert.deepEqual(apart.identity, here.identity);
  });

  it('is refused with a sentence when it is no WAV', async () => {
    await assert.rejects(studyRecordingApart(Buffer.from('no sound'), [10_000], systemClock, never()), {
      ...{
        code: 'wav-unreadable',
        message: 'this is not a WAV file; make one with: sox in.mp3 -b 16 -e signed out.wav',
      },
    });
  });

  it('is given up, process and all, when nobody wants it any more', async () => {
    const giving = new AbortController();
    const studying = studyRecordingApart(new Uint8Array(1_000_000), [10_000], systemClock, giving.signal);
    giving.abort(new Error('given up'));
    await assert.rejects(studying, { message: 'given up' });
  });

  it('takes back nothing of what a service is nicer by than others', async () => {
    const program = fileURLToPath(new URL('../../src/voices/enrolment/study-process.js', import.meta.url));
    const child = spawn('nice', ['-n', '12', process.execPath, program], {
      stdio: ['pipe', 'ignore', 'ignore', 'ipc'],
    });
    const priority = new Promise<number>((resolve, reject) => {
      child.once('message', () => resolve(getPriority(child.pid)));
      child.once('exit', () => reject(new Error('it ended')));
    });
    child.stdin?.end('no sound');
    const { PRIORITY_BELOW_NORMAL: least } = constants.priority;
    assert.equal(await priority, Math.max(least, Math.min(19, getPriority() + 12)));
  });
});
