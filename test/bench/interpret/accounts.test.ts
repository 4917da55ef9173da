import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { backlogSlope, queuedAt } from './backlog.ts';
import { partsOf } from './overhead.ts';
import { addSpeculation, speculationOf } from './speculation.ts';

const SEQUENTIAL = {
  sourceEndMs: 1_000,
  recognisedMs: 1_350,
  committedMs: 1_400,
  mtAskedMs: 1_402,
  mtAnsweredMs: 1_552,
  ttsAskedMs: 1_553,
  ttsFirstMs: 1_743,
  lineFreeMs: Number.NEGATIVE_INFINITY,
  heardMs: 1_760,
};

describe('the way of a segment', () => {
  it('is divided among those who took the time, and the rest is ours', () => {
    assert.deepEqual(partsOf(SEQUENTIAL), {
      sttMs: 350,
      declaredMs: 50,
      mtMs: 150,
      ttsMs: 190,
      queueMs: 0,
      // 2 before translation, 1 before synthesis, 17 before the frame.
      ownMs: 20,
    });
  });

  it('charges nobody for what ran ahead of the decision', () => {
    const ahead = {
      ...SEQUENTIAL,
      mtAskedMs: 1_100,
      mtAnsweredMs: 1_250,
      ttsAskedMs: 1_250,
      ttsFirstMs: 1_440,
    };
    assert.deepEqual(partsOf({ ...ahead, heardMs: 1_450 }), {
      sttMs: 350,
      declaredMs: 50,
      mtMs: 0,
      ttsMs: 40,
      queueMs: 0,
      ownMs: 10,
    });
  });

  it('charges the queue for speech that was in the way, not for what was over before', () => {
    // 1,000 after the first bytes, and 1 before synthesis was asked for, when it could not have been heard either.
    assert.equal(partsOf({ ...SEQUENTIAL, lineFreeMs: 2_743, heardMs: 2_750 }).queueMs, 1_001);
    assert.equal(partsOf({ ...SEQUENTIAL, lineFreeMs: 1_500 }).queueMs, 0);
  });

  it('charges the queue, not us, for synthesis that is put off while earlier speech is heard', () => {
    const late = { ...SEQUENTIAL, ttsAskedMs: 2_000, ttsFirstMs: 2_190, lineFreeMs: 2_500, heardMs: 2_510 };
    assert.deepEqual(partsOf(late), {
      sttMs: 350,
      declaredMs: 50,
      mtMs: 150,
      ttsMs: 190,
      // 448 before synthesis was asked for, 310 after its first bytes.
      queueMs: 448 + 310,
      ownMs: 2 + 10,
    });
    // Asked for when the line was free already: from then on it is ours.
    const tooLate = { ...late, lineFreeMs: 1_900, heardMs: 2_200 };
    assert.equal(partsOf(tooLate).queueMs, 348);
    assert.equal(partsOf(tooLate).ownMs, 2 + 100 + 10);
  });

  it('refuses times of which the parts are not the whole', () => {
    assert.throws(() => partsOf({ ...SEQUENTIAL, heardMs: 1_700 }), /whole/);
    assert.throws(() => partsOf({ ...SEQUENTIAL, mtAnsweredMs: Number.NaN }), /whole/);
  });
});

describe('the backlog', () => {
  it('has the slope of the line through what was waited', () => {
    const at = (seconds: number, waitedMs: number) => ({ atMs: seconds * 1_000, waitedMs });
    assert.equal(backlogSlope([at(0, 0), at(10, 500), at(20, 1_000)]), 0.05);
    // Means 10 s and 500 ms: (-10 * -0.5 + 0 * 0.5 + 10 * 0) / (100 + 0 + 100).
    assert.equal(backlogSlope([at(0, 0), at(10, 1_000), at(20, 500)]), 0.025);
    assert.equal(backlogSlope([at(5, 300)]), 0);
    assert.equal(backlogSlope([]), 0);
  });

  it('is what has arrived and has not begun to be heard', () => {
    const sounds = [
      { arrivedMs: 0, heardMs: 100, durationMs: 2_000 },
      { arrivedMs: 500, heardMs: 2_100, durationMs: 1_000 },
      { arrivedMs: 900, heardMs: 3_100, durationMs: 700 },
    ];
    assert.equal(queuedAt(sounds, 1_000), 1_700);
    assert.equal(queuedAt(sounds, 2_100), 700);
  });
});

describe('speculation', () => {
  it('hits when a segment had been asked for before it was decided on', () => {
    const calls = [
      { text: 'we found', askedMs: 100 },
      { text: 'we found it', askedMs: 200 },
      { text: 'and left', askedMs: 500 },
    ];
    const committed = [
      { text: 'we found it', committedMs: 300 },
      { text: 'and left', committedMs: 500 },
    ];
    const speech = [
      { text: 'abcd', played: true },
      { text: 'ab', played: false },
    ];
    assert.deepEqual(speculationOf(calls, committed, speech), {
      segments: 2,
      hits: 1,
      mtCalls: 3,
      ttsCharacters: 6,
      wastedTtsCharacters: 2,
    });
  });

  it('uses a call once, though two segments may read the same', () => {
    const twice = [
      { text: 'yes', committedMs: 300 },
      { text: 'yes', committedMs: 900 },
    ];
    assert.equal(speculationOf([{ text: 'yes', askedMs: 100 }], twice, []).hits, 1);
  });

  it('adds up over turns', () => {
    const one = speculationOf([{ text: 'a', askedMs: 0 }], [{ text: 'a', committedMs: 1 }], []);
    assert.deepEqual(addSpeculation([one, one]), { ...one, segments: 2, hits: 2, mtCalls: 2 });
  });
});
