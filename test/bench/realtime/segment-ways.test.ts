import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { translate } from '../interpret/pseudo-translation.ts';
import { soundsOf } from './heard-sounds.ts';
import type { CallFacts, PhoneFacts, SpokenFacts, SttFacts, VendorFacts } from './live-facts.ts';
import type { LiveTurn } from './live-turns.ts';
import { callStartMs, type SegmentWay, segmentWays, unspokenTurns } from './segment-ways.ts';

/** The call began at 1,000; the caller's frame n was written at 1,000 + 20 n. */
const START_MS = 1_000;
const SOURCE = 'we moved badaba.';

/** Begins with frame 100 and ends with frame 144, written at 3,880. */
const TURN: LiveTurn = {
  id: 0,
  startFrame: 100,
  words: [
    { text: 'we', startMs: 0, endMs: 300 },
    { text: 'moved', startMs: 300, endMs: 600 },
    { text: 'badaba.', startMs: 600, endMs: 900 },
  ],
  clauses: 1,
  lengthMs: 900,
};

/**
 * Audio in packets of 40 ms; the turn begins after 300 ms. The last frame of the turn arrives 30 ms after it was
 * written.
 */
const STT: SttFacts = {
  language: 'en',
  arrivedMs: Array.from({ length: 50 }, (_, index) => 2_710 + 40 * (index + 1)),
  endsMs: Array.from({ length: 50 }, (_, index) => 40 * (index + 1)),
  turns: [{ call: 0, turn: 0, fromMs: 300 }],
  answers: [
    { sentMs: 4_100, settled: false },
    { sentMs: 4_400, settled: true },
  ],
};

/**
 * Nothing was done ahead: decided at 4,402, asked for at 4,403, and so on; the frame was made at 4,760 and heard at
 * 4,770.
 */
const SEGMENT: SpokenFacts = {
  atMs: 3_760,
  source: SOURCE,
  text: translate(SOURCE),
  stages: { mtMs: 152, ttsMs: 194, queueMs: 12 },
};
const MT = { text: SOURCE, askedMs: 4_403, answeredMs: 4_553 };
const TTS = { text: translate(SOURCE), askedMs: 4_556, firstMs: 4_748 };

/** Says when the call began: its first sound was there at once. */
const ANCHOR: SpokenFacts = {
  atMs: 3_000,
  source: 'an anchor',
  text: 'une ancre',
  stages: { mtMs: 150, ttsMs: 190, queueMs: 0 },
};
const ANCHOR_TTS = { text: 'une ancre', askedMs: 3_810, firstMs: 4_000 };

const LISTENED = heard([4_770, 5_000]);
const PHONES: PhoneFacts = {
  writtenMs: Float64Array.from({ length: 400 }, (_, frame) => START_MS + 20 * frame),
  ...LISTENED,
  lost: [],
};

/** Frames heard each 20 ms from 4,010 on; those that begin inside one of `sounds` are loud. */
function heard(...sounds: readonly (readonly [number, number])[]): Pick<PhoneFacts, 'heardMs' | 'loud'> {
  const heardMs = Float64Array.from({ length: 100 }, (_, frame) => 4_010 + 20 * frame);
  const loud = Uint8Array.from(heardMs, (atMs) =>
    sounds.some(([from, to]) => atMs >= from && atMs < to) ? 1 : 0,
  );
  return { heardMs, loud };
}

interface Changes {
  readonly segment?: Partial<SpokenFacts>;
  readonly phones?: Partial<PhoneFacts>;
  readonly vendors?: Partial<VendorFacts>;
}

function wayOf({ segment, phones, vendors }: Changes = {}): SegmentWay {
  const call: CallFacts = {
    call: 0,
    turns: [TURN],
    phones: { ...PHONES, ...phones },
    spoken: [{ ...SEGMENT, ...segment }, ANCHOR],
  };
  const facts = { stt: [STT], mt: [MT], tts: [TTS], overlaps: 0, ...vendors };
  const [way] = segmentWays([call], { ...facts, tts: [...facts.tts, ANCHOR_TTS] });
  assert.ok(way !== undefined);
  return way;
}

function measured(changes?: Changes): Extract<SegmentWay, { type: 'measured' }> {
  const way = wayOf(changes);
  assert.equal(way.type, 'measured', JSON.stringify(way));
  return way.type === 'measured' ? way : assert.fail();
}

function near(actual: number | undefined, expected: number): void {
  assert.ok(Math.abs((actual ?? Number.NaN) - expected) < 0.01, `${actual} is not ${expected}`);
}

describe('the way of a segment', () => {
  it('divides what nobody worked on ahead into engines and our hops', () => {
    const { wholeMs, parts, hops, ahead, byTimer } = measured();
    near(wholeMs, 4_770 - 3_880);
    near(hops.ingressMs, 30);
    near(hops.toTranslationMs, 3);
    near(hops.toSpeechMs, 3);
    near(hops.toListenerMs, 22);
    near(parts.ownMs, 30 + 3 + 3 + 22);
    near(parts.sttMs, 4_400 - 3_910);
    near(parts.mtMs, 150);
    near(parts.ttsMs, 192);
    assert.deepEqual([ahead, byTimer], [false, false]);
  });

  it('has parts that are the whole', () => {
    const { wholeMs, parts } = measured();
    near(
      Object.values(parts).reduce((sum, part) => sum + part, 0),
      wholeMs,
    );
  });

  it('charges us from the deciding answer on when all was done ahead', () => {
    const way = measured({
      vendors: {
        mt: [{ ...MT, askedMs: 4_052, answeredMs: 4_202 }],
        tts: [{ ...TTS, askedMs: 4_205, firstMs: 4_395 }],
      },
      // Decided 2 ms after the answer; the first sound had been there for 6 ms.
      segment: { atMs: 3_410, stages: { mtMs: 0, ttsMs: 0, queueMs: 8 } },
      phones: heard([4_430, 4_700]),
    });
    assert.equal(way.ahead, true);
    near(way.parts.ownMs, 30 + (4_430 - 4_400));
    near(way.parts.mtMs + way.parts.ttsMs, 0);
    near(way.hops.toSpeechMs, 3);
  });

  it('takes what time alone decided for a declared wait', () => {
    const way = measured({
      vendors: {
        stt: [{ ...STT, answers: STT.answers.slice(0, 1) }],
        mt: [{ ...MT, askedMs: 4_403 }],
      },
    });
    assert.equal(way.byTimer, true);
    near(way.parts.declaredMs, 4_402 - 4_100);
    assert.equal(way.hops.toTranslationMs, undefined);
  });

  it('does not blame us for speech that waits to be certain', () => {
    const way = measured({ vendors: { mt: [{ ...MT, askedMs: 4_102, answeredMs: 4_252 }] } });
    assert.equal(way.hops.toSpeechMs, undefined);
  });

  it("tells how long a packet waited for the caller's next frame, and sound for a frame to be due", () => {
    const { packetMs, frameMs } = measured();
    // The packet from 1,160 to 1,200 ms ends with the last frame of the turn; sound is there at 4,748, a frame at
    // 4,750.
    near(packetMs, 0);
    near(frameMs, 2);
    const shifted = { ...STT, endsMs: STT.endsMs.map((endMs) => endMs + 20), turns: STT.turns };
    near(measured({ vendors: { stt: [shifted] } }).packetMs, 20);
  });

  it('takes the last work on the same text, not what was thrown away', () => {
    const way = measured({
      vendors: {
        mt: [{ ...MT, askedMs: 4_000, answeredMs: 4_150 }, MT],
        tts: [{ ...TTS, askedMs: 4_153, firstMs: 4_343 }, TTS],
      },
    });
    near(way.parts.mtMs, 150);
  });

  it('leaves out what waited for earlier speech', () => {
    const why = { type: 'left-out', why: 'queued' };
    assert.deepEqual(wayOf({ phones: heard([4_500, 5_000]) }), why);
    // The line became free after the first bytes were there, and a short pause parts the two.
    assert.deepEqual(wayOf({ phones: heard([4_030, 4_731], [4_790, 5_000]) }), why);
  });

  it('leaves out what cannot be found again', () => {
    assert.deepEqual(wayOf({ phones: heard() }), { type: 'left-out', why: 'unheard' });
    assert.deepEqual(wayOf({ segment: { source: 'we moved bedaba.' } }), {
      type: 'left-out',
      why: 'unknown-source',
    });
    assert.deepEqual(wayOf({ vendors: { stt: [] } }), { type: 'left-out', why: 'unknown-at-vendors' });
    const otherCall = { ...STT, turns: [{ call: 1, turn: 0, fromMs: 300 }] };
    assert.deepEqual(wayOf({ vendors: { stt: [otherCall] } }), {
      type: 'left-out',
      why: 'unknown-at-vendors',
    });
  });

  it('leaves out what a recogniser heard long after it was said: it was taken for another turn', () => {
    const late = { ...STT, arrivedMs: STT.arrivedMs.map((atMs) => atMs + 5_000) };
    assert.deepEqual(wayOf({ vendors: { stt: [late] } }), { type: 'left-out', why: 'unknown-at-vendors' });
  });

  it('calls a way broken when sound is at the recogniser before it was written', () => {
    const early = { ...STT, arrivedMs: STT.arrivedMs.map((atMs) => atMs - 40) };
    assert.deepEqual(wayOf({ vendors: { stt: [early] } }), { type: 'left-out', why: 'broken' });
  });
});

describe('the beginning of a call', () => {
  it('begins when it did, though a phrase was said twice and translated once', () => {
    const again: SpokenFacts = { ...SEGMENT, atMs: 9_000, stages: { mtMs: 0, ttsMs: 190, queueMs: 12 } };
    const tts = [ANCHOR_TTS, TTS, { ...TTS, askedMs: 9_700, firstMs: 9_890 }];
    const facts: VendorFacts = { stt: [], mt: [MT], tts, overlaps: 0 };
    near(callStartMs([ANCHOR, SEGMENT, again], facts), START_MS);
  });

  it('is the latest that the answers of the vendors demand', () => {
    const facts: VendorFacts = { stt: [], mt: [MT], tts: [TTS], overlaps: 0 };
    // The translation was sent at 4,553 and had come 2,554 + 1,000 ms into the call at most.
    near(callStartMs([SEGMENT], facts), START_MS);
    const quicker: SpokenFacts = { ...ANCHOR, atMs: 2_999.5 };
    near(callStartMs([SEGMENT, quicker], { ...facts, tts: [TTS, ANCHOR_TTS] }), START_MS + 0.5);
  });
});

describe('the sounds of a listener', () => {
  it('are parted by two frames without sound, and not by one', () => {
    const frames = (loud: readonly number[]) => ({
      heardMs: Float64Array.from(loud, (_, frame) => frame * 20),
      loud: Uint8Array.from(loud),
    });
    assert.equal(soundsOf(frames([0, 1, 1, 0, 1, 0])).length, 1);
    const two = soundsOf(frames([0, 1, 1, 0, 0, 1]));
    assert.deepEqual(
      two.map(({ fromMs, toMs }) => [fromMs, toMs]),
      [
        [20, 60],
        [100, 120],
      ],
    );
  });
});

describe('turns of which nothing was spoken', () => {
  it('are counted', () => {
    const call: CallFacts = {
      call: 0,
      turns: [TURN, { ...TURN, id: 1, words: [] }],
      phones: PHONES,
      spoken: [SEGMENT],
    };
    assert.equal(unspokenTurns([call]), 1);
    assert.equal(unspokenTurns([{ ...call, spoken: [] }]), 2);
  });
});
