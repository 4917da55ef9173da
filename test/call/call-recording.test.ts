/** The recording of one call: who is tapped when, what everyone is told, and who is left out. */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Leg } from '../../src/call/leg.ts';
import { type CallPlan, partyOf } from '../../src/call/plan.ts';
import { CALL_NOTE, type CallNote } from '../../src/call/recording/call-notes.ts';
import { CallRecording } from '../../src/call/recording/call-recording.ts';
import type { Recorder, RecordingStart, RecordingState } from '../../src/call/recording/recorder.ts';
import { EMPTY_GLOSSARY } from '../../src/interpret/exactness/glossary.ts';
import { LegTap, type OnArrival } from '../../src/media/record/leg-tap.ts';
import { FrameRingWriter } from '../../src/media/ring/frame-ring.ts';
import { allocateLegMemory } from '../../src/media/ring/leg-memory.ts';
import type { SoundPiece } from '../../src/protocol/recording/recorder-orders.ts';
import { FakeClock } from '../base/fake-clock.ts';
import { ScriptedExchange } from './scripted-legs.ts';

const EN_FR: CallPlan = {
  kind: 'pair',
  languages: ['en', 'fr'],
  mode: 'bidirectional',
  translating: true,
  policy: 'clause',
  original: 'duck',
  matchDelay: false,
  drafts: true,
  codeSwitching: false,
  voices: new Map(),
  glossary: () => EMPTY_GLOSSARY,
  announce: true,
  joinTones: false,
  maxParties: 2,
  limitMs: undefined,
};

/** As much of a leg as is recorded: what it says, and what it is told to do. */
function legOf(clock: FakeClock) {
  const memory = allocateLegMemory();
  const voice = new FrameRingWriter(memory.inbound);
  const done: unknown[] = [];
  const media = {
    tap: (startMs: number, tracks: ConstructorParameters<typeof LegTap>[2], arrived: OnArrival) =>
      new LegTap(memory, startMs, tracks, arrived),
    keepHeard: () => {
      done.push('heard is kept');
      return () => done.push('heard is kept no more');
    },
    playTone: (tone: string) => done.push(`tone ${tone}`),
  };
  const says = (value: number): void =>
    voice.writeSamples(new Int16Array(160).fill(value), 8_000, clock.nowMs());
  // What else a leg does is nothing to a recording.
  return { leg: { media, acceptedMs: clock.nowMs() } as unknown as Leg, says, done };
}

interface Opening {
  readonly beepMs?: number;
  readonly start?: RecordingStart;
  readonly notes?: boolean;
}

function open({ beepMs, start = 'at-once', notes = false }: Opening = {}) {
  const clock = new FakeClock();
  const done: unknown[] = [];
  const states: RecordingState[] = [];
  let take = (): readonly SoundPiece[] => [];
  let noted = (): string => '';
  const recorder: Recorder = {
    beepMs,
    announces: true,
    keepsNotes: notes,
    open: (_call, taken, takeNotes) => {
      noted = takeNotes;
      take = taken;
      done.push('open');
      return {
        forget: (party) => done.push(`forget ${party}`),
        lost: (frames) => done.push(`lost ${frames}`),
        notesLost: (lost) => done.push(`notes lost ${lost}`),
        close: () => done.push('close'),
      };
    },
  };
  const recording = new CallRecording({
    ...{ recorder, clock, what: 'all', start, startMs: clock.nowMs() },
    call: { shownId: '5f0c', startedAt: new Date(0) },
    plan: EN_FR,
    announce: (party) => done.push(`told ${party}`),
    changed: (state) => states.push(state),
    full: (is) => done.push(`full ${is}`),
    leftOut: (party) => done.push(`left out ${party}`),
  });
  const kept = () => take().map(({ party, track, pcm }) => [party, track, pcm[0]]);
  /** What was noted since, without the numbers. */
  const notesSince = (): readonly CallNote[] =>
    noted()
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => CALL_NOTE.parse(JSON.parse(line)));
  return { clock, recording, done, states, kept, notesSince };
}

describe('the recording of a call', () => {
  it('takes what each says as its number, to the last frame of a leg that ends', () => {
    const { clock, recording, done, kept } = open();
    const [a, b] = [legOf(clock), legOf(clock)];
    recording.attach(partyOf('b', 'en'), b.leg);
    recording.attach(partyOf('a', 'en'), a.leg);
    a.says(1);
    b.says(2);
    recording.detach('a');
    recording.detach('b');
    assert.deepEqual(kept(), [
      [0, 'voice', 1],
      [1, 'voice', 2],
    ]);
    assert.deepEqual(done, ['open', 'told b', 'told a']);
    assert.deepEqual(a.done, ['heard is kept']);
  });

  it('takes nothing of a party beyond the 256 that can be told apart, whose sound would be in the file of another', () => {
    const { clock, recording, done, kept } = open();
    const { leg, says } = legOf(clock);
    for (let party = 0; party < 256; party += 1) {
      recording.attach(partyOf(`p${party}`, 'en'), leg);
      recording.detach(`p${party}`);
    }
    recording.attach(partyOf('late', 'en'), leg);
    says(1);
    recording.detach('late');
    assert.deepEqual([kept(), done.at(-1)], [[], 'left out late']);
    recording.refuse('late');
    recording.attach(partyOf('p255', 'en'), leg);
    says(2);
    recording.detach('p255');
    assert.deepEqual(kept(), [[255, 'voice', 2]]);
  });

  it('waits to be asked for where it begins on demand, and keeps nothing of before', () => {
    const { clock, recording, done, states, kept } = open({ start: 'on-demand' });
    const a = legOf(clock);
    recording.attach(partyOf('a', 'en'), a.leg);
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
    recording.attach(partyOf('a', 'en'), a.leg);
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
    recording.attach(partyOf('a', 'en'), a.leg);
    recording.attach(partyOf('b', 'en'), b.leg);
    a.says(1);
    recording.refuse('a');
    a.says(2);
    b.says(3);
    recording.attach(partyOf('a', 'en'), a.leg);
    recording.detach('b');
    recording.close();
    assert.deepEqual(kept(), [[1, 'voice', 3]]);
    assert.ok(done.includes('forget 0'));
  });

  it('has what is kept removed of who refuses when it was ended already', () => {
    const { clock, recording, done } = open();
    const a = legOf(clock);
    recording.attach(partyOf('a', 'en'), a.leg);
    recording.set('off');
    recording.refuse('a');
    assert.deepEqual(done.slice(-2), ['close', 'forget 0']);
  });

  it('is noted beside the sound: legs, when each frame came, what engines answered and what the call told', async () => {
    const { clock, recording, kept, notesSince } = open({ notes: true });
    const a = legOf(clock);
    recording.attach(partyOf('a', 'en'), a.leg);
    for (const lateMs of [20, 21.5, 18.5]) {
      await clock.advance(lateMs);
      a.says(7);
    }
    recording.answersOf('a')?.({ type: 'mark', atMs: clock.nowMs(), utterance: 1, mark: 'began' });
    recording.hear({ type: 'heard', atMs: 60, party: 'a', utterance: 1, final: false, piiText: 'hel' });
    recording.hear({ type: 'heard', atMs: 70, party: 'a', utterance: 1, final: true, piiText: 'hello' });
    kept();
    recording.detach('a');
    const notes = notesSince();
    assert.deepEqual(
      notes.map(({ n }) => n),
      notes.map((_, index) => index),
    );
    assert.deepEqual(
      notes.map(({ type }) => type),
      ['call', 'leg', 'mark', 'event', 'voice', 'left'],
    );
    const voice = notes.find((note) => note.type === 'voice');
    assert.deepEqual([voice?.party, voice?.frame, voice?.late], ['a', 1, [0, 1_500, 0]]);
  });

  it('is not noted while it is paused, and never again once somebody has refused', () => {
    const { clock, recording, notesSince } = open({ notes: true });
    const [a, b] = [legOf(clock), legOf(clock)];
    recording.attach(partyOf('a', 'en'), a.leg);
    recording.attach(partyOf('b', 'fr'), b.leg);
    const answered = recording.answersOf('a');
    const mark = (utterance: number): void =>
      answered?.({ type: 'mark', atMs: clock.nowMs(), utterance, mark: 'began' });
    recording.set('paused');
    mark(1);
    recording.set('on');
    mark(2);
    const marks = notesSince().flatMap((note) => (note.type === 'mark' ? [note.utterance] : []));
    assert.deepEqual(marks, [2]);
    recording.refuse('b');
    mark(3);
    assert.deepEqual(notesSince(), []);
  });

  it('drops notes that nobody fetches, counted, and their numbers with them', () => {
    const { recording, done, notesSince } = open({ notes: true });
    const told = recording.answersOf('a');
    const speech = {
      type: 'answered',
      sound: { rateHz: 8_000, pieces: [], muLaw: new Uint8Array(900_000) },
    } as const;
    for (let request = 0; request < 5; request += 1) {
      told?.({ type: 'speech', to: 'fr', text: 'x', askedMs: 0, tookMs: 0, answer: speech });
    }
    assert.equal(notesSince().length, 1 + 3);
    assert.ok(done.includes('notes lost 2'));
    told?.({ type: 'mark', atMs: 0, utterance: 1, mark: 'began' });
    assert.deepEqual(
      notesSince().map(({ n }) => n),
      [6],
    );
  });
});

describe('a call that is recorded', () => {
  it('goes on when the disk is full, and says so then and when it has room again', async (t) => {
    const told: ((is: boolean) => void)[] = [];
    const recorder: Recorder = {
      ...{ beepMs: undefined, announces: false, keepsNotes: false },
      open: (_call, _take, _notes, full) => {
        told.push(full);
        return { forget: () => {}, lost: () => {}, notesLost: () => {}, close: () => {} };
      },
    };
    const exchange = new ScriptedExchange(t, { recorder, plan: { record: 'all' } });
    const [a, b] = await exchange.call();
    await exchange.run(100);
    const [full] = told;
    assert.ok(full !== undefined && told.length === 1);
    full(true);
    await exchange.run(100);
    full(false);
    const events = exchange.events.flatMap((event) => (event.type === 'recording-full' ? [event.full] : []));
    assert.deepEqual(events, [true, false]);
    const lines = exchange.logged('the disk has no room for the recording of a call, or has again');
    assert.deepEqual(
      lines.map(({ level, call, full: is }) => [level, call, is]),
      [
        ['warn', 'call', true],
        ['warn', 'call', false],
      ],
    );
    assert.equal(exchange.switchboard.calls.get('call')?.recording, 'on');
    assert.deepEqual([a.ending, b.ending], [undefined, undefined]);
  });
});
