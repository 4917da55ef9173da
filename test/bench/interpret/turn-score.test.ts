import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { reductionOf, summarise } from './summary.ts';
import type { TurnFacts } from './turn-facts.ts';
import { scoreTurn } from './turn-score.ts';

const START_MS = 1_000;

/** Frames of 20 ms that are heard from `fromMs` to `toMs` of the turn. */
function frames(fromMs: number, toMs: number): readonly number[] {
  return Array.from({ length: (toMs - fromMs) / 20 }, (_, index) => START_MS + fromMs + index * 20);
}

/**
 * "We left, they stayed." in 1,200 ms, spoken as two segments: the first is certain at 800 and heard from 1,200 to
 * 1,800, the second is certain at 1,600 and heard as soon as the first is over.
 */
const FACTS: TurnFacts = {
  turn: {
    id: 3,
    clauses: 2,
    lengthMs: 1_200,
    words: ['We', 'left,', 'they', 'stayed.'].map((text, index) => ({
      text,
      startMs: index * 300,
      endMs: (index + 1) * 300,
    })),
  },
  startMs: START_MS,
  segments: [
    {
      utterance: 1,
      text: 'eWe eleft,',
      source: 'We left,',
      committedMs: START_MS + 800,
      sounds: [{ atMs: START_MS + 1_190, durationMs: 600 }],
      beganMs: START_MS + 1_190,
      endedMs: START_MS + 1_790,
    },
    {
      utterance: 1,
      text: 'ethey estayed.',
      source: 'they stayed.',
      committedMs: START_MS + 1_600,
      sounds: [{ atMs: START_MS + 1_700, durationMs: 600 }],
      beganMs: START_MS + 1_790,
      endedMs: START_MS + 2_290,
    },
  ],
  utterances: [{ versions: ['We', 'We loft', 'We left, they stayed.'], final: 'We left, they stayed.' }],
  heardMs: [...frames(1_200, 1_800), ...frames(1_800, 2_300)],
  known: [600, 700, 1_400, 1_500].map((ms) => ({ shownMs: START_MS + ms, settledMs: START_MS + ms })),
  mtCalls: [
    { text: 'We left,', askedMs: START_MS + 800, answeredMs: START_MS + 950 },
    { text: 'they', askedMs: START_MS + 1_100, answeredMs: undefined },
    { text: 'they stayed.', askedMs: START_MS + 1_400, answeredMs: START_MS + 1_500 },
  ],
  ttsCalls: [
    { text: 'eWe eleft,', askedMs: START_MS + 950, firstMs: START_MS + 1_190, durationMs: 600 },
    { text: 'ethey estayed.', askedMs: START_MS + 1_500, firstMs: START_MS + 1_650, durationMs: 600 },
  ],
  troubles: [],
};

describe('the score of a turn', () => {
  const score = scoreTurn(FACTS, false);

  it('takes each word to be heard when its share of the sound is', () => {
    // Two words in 600 ms from 1,200 on, two in 500 ms from 1,800 on: 1,200, 1,500, 1,800, 2,050; the first is not
    // before the end of the source, 1,200, and ends the sum of the lagging metrics.
    assert.equal(score.startOffsetMs, 1_200);
    assert.equal(score.laalMs, 1_200);
    assert.equal(score.yaalMs, undefined);
    // Steps of 300 ms: 1,200 - 0, 1,500 - 300, 1,800 - 600, 2,100 - 900.
    assert.equal(score.dalMs, 1_200);
    assert.equal(score.endOffsetMs, 2_300 - 1_200);
    assert.equal(score.afterSpeechMs, 0);
  });

  it('follows each word to its translation', () => {
    assert.deepEqual(score.earVoiceMs, [1_200, 1_200, 1_200, 1_150]);
  });

  it('pairs sound with what had been said when it was decided on', () => {
    // Source: 800 ms in 300, 300, 200, then 400 ms in 300, 100: ends 300, 600, 800, 1,100, 1,200.
    // Target: 600 ms in two tokens, ends 1,500, 1,800; 500 ms in two, ends 2,100, 2,300.
    assert.equal(score.atdMs, (1_200 + 1_200 + 1_300 + 1_200) / 4);
  });

  it('divides the way of each segment', () => {
    assert.deepEqual(
      score.segments.map(({ parts }) => parts),
      [
        // The last word ends at 600, is known at 700, certain at 800; translated at 950, sound at 1,190, heard at
        // 1,200.
        { sttMs: 100, declaredMs: 100, mtMs: 150, ttsMs: 240, queueMs: 0, ownMs: 10 },
        // 1,200, known at 1,500, certain at 1,600, translated before; sound at 1,650, the line free at 1,800.
        { sttMs: 300, declaredMs: 100, mtMs: 0, ttsMs: 50, queueMs: 150, ownMs: 0 },
      ],
    );
    assert.equal(score.segments[1]?.tempo, 600 / 500);
  });

  it('counts what was asked for in advance, and for nothing', () => {
    assert.deepEqual(score.speculation, {
      segments: 2,
      hits: 1,
      mtCalls: 3,
      ttsCharacters: 24,
      wastedTtsCharacters: 0,
    });
    // "loft" is taken back: one token of four.
    assert.equal(score.captionErasure, 1 / 4);
  });

  it('loses what was never heard, and contradicts what was not said', () => {
    const [first] = FACTS.segments;
    assert.ok(first !== undefined);
    const half = scoreTurn({ ...FACTS, segments: [{ ...first, text: 'eWe elaughed,' }] }, false);
    assert.equal(half.lostWords, 2);
    assert.equal(half.spokenWords, 2);
    assert.equal(half.contradictedWords, 1);
    const unheard = scoreTurn({ ...FACTS, segments: [{ ...first, beganMs: undefined }] }, false);
    assert.equal(unheard.unheardSegments, 1);
    assert.equal(unheard.startOffsetMs, Number.NaN);
    assert.equal(unheard.atdMs, Number.NaN);
  });

  it('is told which times make no sense', () => {
    const [first] = FACTS.segments;
    assert.ok(first !== undefined);
    const later = { ...first, committedMs: START_MS + 1_300 };
    const [segment] = scoreTurn({ ...FACTS, segments: [later] }, false).segments;
    assert.equal(segment?.broken, true);
    assert.equal(segment?.parts, undefined);
  });
});

describe('the summary', () => {
  it('is over turns, and over segments and words where these are what counts', () => {
    const summary = summarise([scoreTurn(FACTS, false), scoreTurn({ ...FACTS, segments: [] }, false)]);
    assert.equal(summary.turns, 2);
    assert.equal(summary.atdMs.count, 1);
    assert.equal(summary.atdMs.mean, 1_225);
    assert.equal(summary.segments, 2);
    assert.equal(summary.lostWords, 4);
    assert.equal(summary.ownAtOnceMs.max, 10);
  });

  it('compares turn by turn', () => {
    const { share, low, high } = reductionOf([1, 2, 3, Number.NaN], [4, 8, 12, 1]);
    assert.equal(share, 0.75);
    // Every turn is a quarter, so every draw is.
    assert.deepEqual([low, high], [0.75, 0.75]);
    const mixed = reductionOf([1, 1, 1, 3], [4, 4, 4, 4]);
    assert.equal(mixed.share, 1 - 6 / 16);
    assert.ok(mixed.low < mixed.share && mixed.high > mixed.share);
  });
});
