/** The recording of one call: who is tapped when, what everyone is told, and who is left out. */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Leg } from '../../src/call/leg.ts';
import { CallRecording } from '../../src/call/recording/call-recording.ts';
import type { Recorder, RecordingStart, RecordingState } from '../../src/call/recording/recorder.ts';
import { LegTap } from '../../src/media/record/leg-tap.ts';
import { FrameRingWriter } from '../../src/media/ring/frame-ring.ts';
import { allocateLegMemory } from '../../src/media/ring/leg-memory.ts';
import type { SoundPiece } from '../../src/protocol/recording/recorder-orders.ts';
import { FakeClock } from '../base/fake-clock.ts';

/** As much of a leg as is recorded: what it says, and what it is told to do. */
function legOf(clock: FakeClock) {
  const memory = allocateLegMemory();
  const voice = new FrameRingWriter(memory.inbound);
  const done: unknown[] = [];
  const media = {
    tap: (startMs: number, tracks: ConstructorParameters<typeof LegTap>[2]) =>
      new LegTap(memory, startMs, tracks),
    order: ({ recorded }: { recorded?: boolean }) => done.push(`recorded ${recorded}`),
    playTone: (tone: string) => done.push(`tone ${tone}`),
  };
  const says = (value: number): void =>
    voice.writeSamples(new Int16Array(160).fill(value), 8_000, clock.nowMs());
  // What else a leg does is nothing to a recording.
  return { leg: { media } as unknown as Leg, says, done };
}

function open({ beepMs, start = 'at-once' }: { beepMs?: number; start?: RecordingStart } = {}) {
  const clock = new FakeClock();
  const done: unknown[] = [];
  const states: RecordingState[] = [];
  let take = (): readonly SoundPiece[] => [];
  const recorder: Recorder = {
    beepMs,
    announces: true,
    open: (_call, taken) => {
      take = taken;
      done.push('open');
      return {
        forget: (party) => done.push(`forget ${party}`),
        lost: (frames) => done.push(`lost ${frames}`),
        close: () => done.push('close'),
      };
    },
  };
  const recording = new CallRecording({
    ...{ recorder, clock, what: 'all', start, startMs: clock.nowMs() },
    call: { shownId: '5f0c', startedAt: new Date(0) },
    announce: (_leg, party) => done.push(`told ${party}`),
    changed: (state) => states.push(state),
  });
  const kept = () => take().map(({ party, track, pcm }) => [party, track, pcm[0]]);
  return { clock, recording, done, states, kept };
}

describe('the recording of a call', () => {
  it('takes what each says as its number, to the last frame of a leg that ends', () => {
    const { clock, recording, done, kept } = open();
    const [a, b] = [legOf(clock), legOf(clock)];
    recording.attach('b', b.leg);
    recording.attach('a', a.leg);
    a.says(1);
    b.says(2);
    recording.detach('a');
    recording.detach('b');
    assert.deepEqual(kept(), [
      [0, 'voice', 1],
      [1, 'voice', 2],
    ]);
    assert.deepEqual(done, ['open', 'told b', 'told a']);
    assert.deepEqual(a.done, ['recorded true']);
  });

  it('waits to be asked for where it begins on demand, and keeps nothing of before', () => {
    const { clock, recording, done, states, kept } = open({ start: 'on-demand' });
    const a = legOf(clock);
    recording.attach('a', a.leg);
    a.says(1);
    assert.deepEqual([recording.state, done], ['paused', []]);
    assert.ok(recording.set('on'));
    a.says(2);
    recording.close();
    assert.deepEqual(kept(), [[0, 'voice', 2]]);
    assert.deepEqual(states, ['on']);
    assert.deepEqual(done, ['open', 'told a', 'close']);
    assert.ok(!recording.set('on'), 'what has ended does not begin again');
  });

  it('beeps while it is on, and not while it is paused', async () => {
    const { clock, recording } = open({ beepMs: 15_000 });
    const a = legOf(clock);
    recording.attach('a', a.leg);
    await clock.advance(31_000);
    recording.set('paused');
    await clock.advance(60_000);
    assert.deepEqual(
      a.done.filter((each) => each === 'tone recorded'),
      ['tone recorded', 'tone recorded'],
    );
    recording.close();
  });

  it('keeps nothing of who refuses, nor of what the others hear, and has what is kept removed', () => {
    const { clock, recording, done, kept } = open();
    const [a, b] = [legOf(clock), legOf(clock)];
    recording.attach('a', a.leg);
    recording.attach('b', b.leg);
    a.says(1);
    recording.refuse('a');
    a.says(2);
    b.says(3);
    recording.attach('a', a.leg);
    recording.detach('b');
    recording.close();
    assert.deepEqual(kept(), [[1, 'voice', 3]]);
    assert.ok(done.includes('forget 0'));
  });
});
