import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { loadMediaModules } from '../../../src/media/dsp/wasm.ts';
import { EchoGate } from '../../../src/media/hear/echo-gate.ts';
import { concatPcm, loadLibrivoxClips, noise, silence } from '../../asterisk/audio.ts';
import { framesOf } from '../frames.ts';
import { toRate } from '../spoken-pieces.ts';
import { type EchoPath, echoOf, mixed } from '../telephone-path.ts';
import { voiceLike } from '../voice-like.ts';

const RATE_HZ = 8_000;
const SPEECH_HZ = 16_000;
const modules = await loadMediaModules();

function gateOf(test: TestContext): EchoGate {
  const gate = new EchoGate(modules);
  test.after(() => gate.close());
  return gate;
}

/** Which frames of `heard` are echo, all of them taken for voiced that are loud enough. */
function echoFrames(gate: EchoGate, heard: Int16Array, played: Int16Array): readonly (boolean | undefined)[] {
  const playedFrames = framesOf(played, RATE_HZ);
  return framesOf(toRate(modules, heard, RATE_HZ, SPEECH_HZ), SPEECH_HZ).map((frame, index) => {
    const voiced = frame.some((sample) => Math.abs(sample) > 300);
    const echo = gate.isEcho(frame, voiced);
    gate.played(playedFrames[index] ?? silence(20, RATE_HZ), RATE_HZ);
    return voiced ? echo : undefined;
  });
}

function shareOfEcho(frames: readonly (boolean | undefined)[]): number {
  const voiced = frames.filter((echo) => echo !== undefined);
  return voiced.filter((echo) => echo).length / voiced.length;
}

const said = loadLibrivoxClips().map(({ pcm }) => toRate(modules, pcm, SPEECH_HZ, RATE_HZ));
const [first, second] = said;
assert.ok(first !== undefined && second !== undefined);
const played = concatPcm(silence(400, RATE_HZ), first, silence(800, RATE_HZ));

describe('EchoGate', () => {
  const paths: readonly EchoPath[] = [
    { delayMs: 50, levelDb: -6, place: 'handset', seed: 1 },
    { delayMs: 300, levelDb: -15, place: 'handset', seed: 2 },
    { delayMs: 180, levelDb: -20, place: 'room', seed: 3 },
    { delayMs: 480, levelDb: -10, place: 'handset', seed: 4 },
  ];
  for (const path of paths) {
    it(`knows an echo ${path.delayMs} ms late, ${path.levelDb} dB, ${path.place}`, (t) => {
      const share = shareOfEcho(echoFrames(gateOf(t), echoOf(played, path), played));
      assert.ok(share > 0.95, `${share}`);
    });
  }

  it('knows a first echo from its fourth voiced frame on, mostly from its second', (t) => {
    const seeds = [5, 6, 7, 8, 9];
    const soon = seeds.filter((seed) => {
      const path = { delayMs: 120, levelDb: -12, place: 'handset', seed } as const;
      const voiced = echoFrames(gateOf(t), echoOf(played, path), played).filter((echo) => echo !== undefined);
      assert.deepEqual(new Set(voiced.slice(3, 12)), new Set([true]), `seed ${seed}`);
      return voiced.slice(1, 3).every((echo) => echo);
    });
    assert.ok(soon.length >= 3, `soon: ${soon}`);
  });

  it('takes a voice for none when nothing was played', (t) => {
    const frames = echoFrames(gateOf(t), first, silence(20, RATE_HZ));
    assert.equal(shareOfEcho(frames), 0);
  });

  it('takes a voice for none when comfort noise is played', (t) => {
    const frames = echoFrames(gateOf(t), first, noise(8_000, RATE_HZ, 0.005));
    assert.equal(shareOfEcho(frames), 0);
  });

  it('takes few frames of another voice for echo, with an echo under it or none', (t) => {
    const own = concatPcm(silence(600, RATE_HZ), second);
    const loud = mixed([own, own]);
    const alone = shareOfEcho(echoFrames(gateOf(t), own, played));
    assert.ok(alone < 0.15, `${alone}`);
    const path = { delayMs: 150, levelDb: -20, place: 'handset', seed: 6 } as const;
    const both = mixed([loud, echoOf(played, path)]).subarray(0, loud.length);
    const share = shareOfEcho(echoFrames(gateOf(t), both, played));
    assert.ok(share < 0.3, `${share}`);
  });

  it('follows an echo that moves, as after a transfer', (t) => {
    const gate = gateOf(t);
    const near = echoOf(played, { delayMs: 60, levelDb: -12, place: 'handset', seed: 7 });
    const far = echoOf(played, { delayMs: 260, levelDb: -12, place: 'handset', seed: 8 });
    echoFrames(gate, near.subarray(0, played.length), played);
    const frames = echoFrames(gate, far, played);
    assert.ok(shareOfEcho(frames) > 0.9, `${shareOfEcho(frames)}`);
  });

  it('knows the echo again when a frame got lost, and when three came late at once', (t) => {
    const gate = gateOf(t);
    const path = { delayMs: 120, levelDb: -12, place: 'handset', seed: 9 } as const;
    const heard = framesOf(toRate(modules, echoOf(played, path), RATE_HZ, SPEECH_HZ), SPEECH_HZ);
    const judged: boolean[] = [];
    let waiting: Int16Array[] = [];
    for (const [index, frame] of framesOf(played, RATE_HZ).entries()) {
      const arrived = heard[index];
      if (arrived !== undefined && index !== 100) {
        waiting.push(arrived);
      }
      // Frames 150 to 152 come with frame 153.
      if (index < 150 || index > 152) {
        for (const one of waiting) {
          const voiced = one.some((sample) => Math.abs(sample) > 300);
          const echo = gate.isEcho(one, voiced);
          if (voiced) {
            judged.push(echo);
          }
        }
        waiting = [];
      }
      gate.played(frame, RATE_HZ);
    }
    const missed = judged.filter((echo) => !echo).length;
    assert.ok(judged.length > 100 && missed <= 0.05 * judged.length, `${missed} of ${judged.length}`);
  });

  it('hears what is played at any rate', (t) => {
    for (const rateHz of [16_000, 24_000, 44_100, 48_000]) {
      const gate = gateOf(t);
      const wide = framesOf(toRate(modules, played, RATE_HZ, rateHz), rateHz);
      const heard = echoOf(played, { delayMs: 150, levelDb: -12, place: 'handset', seed: 10 });
      const frames = framesOf(toRate(modules, heard, RATE_HZ, SPEECH_HZ), SPEECH_HZ).map((frame, index) => {
        const voiced = frame.some((sample) => Math.abs(sample) > 300);
        const echo = gate.isEcho(frame, voiced);
        gate.played(wide[index] ?? silence(20, rateHz), rateHz);
        return voiced ? echo : undefined;
      });
      assert.ok(shareOfEcho(frames) > 0.95, `${rateHz} Hz: ${shareOfEcho(frames)}`);
    }
  });

  it('forgets an echo that is not heard again', (t) => {
    const gate = gateOf(t);
    const path = { delayMs: 150, levelDb: -6, place: 'handset', seed: 11 } as const;
    echoFrames(gate, echoOf(played, path).subarray(0, played.length), played);
    // The phone has a canceller now; what arrives is the leg's own, as soft as the echo was.
    const own = concatPcm(...said.slice(1, 4)).map((sample) => sample / 3);
    const frames = echoFrames(gate, own, concatPcm(first, first, first, first));
    const late = frames.slice(Math.floor(frames.length * 0.6));
    assert.ok(shareOfEcho(late) < 0.3, `${shareOfEcho(late)}`);
  });

  it('says nothing of frames without voice', (t) => {
    const gate = gateOf(t);
    gate.played(voiceLike(20, RATE_HZ), RATE_HZ);
    assert.equal(gate.isEcho(new Int16Array(320), false), false);
  });
});
