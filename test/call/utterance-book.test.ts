import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { interpretingCounts } from '../../src/call/call-counts.ts';
import type { CallEvent, UtteranceReport } from '../../src/call/call-events.ts';
import { partyOf } from '../../src/call/plan.ts';
import { UtteranceBook } from '../../src/call/utterance-book.ts';
import type { SpokenSegment, UtteranceEnded } from '../../src/interpret/rendering/rendering.ts';
import { FAKE_START_MS, FakeClock } from '../base/fake-clock.ts';

/** A book of a party's utterances in a call that began at 1,000 ms, now. */
class Rig {
  readonly clock = new FakeClock();
  readonly counts = interpretingCounts();
  readonly events: CallEvent[] = [];
  readonly book = new UtteranceBook({
    from: partyOf('a', 'en'),
    to: 'es',
    clock: this.clock,
    counts: this.counts,
    callStartMs: FAKE_START_MS,
    emit: (event) => this.events.push(event),
  });

  get reports(): readonly UtteranceReport[] {
    return this.events.flatMap((event) => (event.type === 'utterance' ? [event.report] : []));
  }
}

/** What a rendering says when a segment of an utterance begins. */
function segment(utterance: number, text: string): SpokenSegment {
  return { utterance, text, source: undefined, rateHz: 8_000, timing: undefined };
}

/** What a rendering says of an utterance from 1,500 to 3,000 ms of the clock. */
function ended(utterance: number, change: Partial<UtteranceEnded> = {}): UtteranceEnded {
  return {
    type: 'utterance-ended',
    utterance,
    outcome: 'spoken',
    source: { language: 'en', text: 'good morning to you' },
    target: { language: 'es', text: 'buenos días' },
    timing: {
      speechStartMs: 1_500,
      speechEndMs: 3_000,
      endpointMs: 3_612.34,
      sttFinalMs: 3_700.55,
      mtDoneMs: 3_851.27,
      ttsFirstMs: 4_000.81,
    },
    failure: undefined,
    ...change,
  };
}

describe('UtteranceBook', () => {
  it('reports an utterance once it was heard, in ms of the call, its stages adding up', () => {
    const { book, reports, events, ...rig } = new Rig();
    const sink = book.segment(segment(1, 'buenos días'));
    sink.started(4_020.4);
    book.close(ended(1));
    assert.equal(events.length, 1, 'not before it was heard to its end');
    sink.ended(5_000, 'played');
    const [report] = events.flatMap((event) => (event.type === 'utterance' ? [event.report] : []));
    assert.deepEqual(report, {
      party: 'a',
      utterance: 1,
      outcome: 'spoken',
      source: { language: 'en', piiText: 'good morning to you', startMs: 500, endMs: 2_000 },
      target: { language: 'es', piiText: 'buenos días', startMs: 3_020, endMs: 4_000 },
      segments: 1,
      startOffsetMs: 2_520.4,
      stages: {
        endpointMs: 612.3,
        sttMs: 88.2,
        mtMs: 150.7,
        ttsMs: 149.5,
        playoutMs: 19.6,
        endToEndMs: 1_020.4,
      },
    });
    const { endToEndMs = 0, ...parts } = report?.stages ?? {};
    const sumMs = Object.values(parts).reduce((sum, ms) => sum + ms, 0);
    assert.ok(Math.abs(sumMs - endToEndMs) <= 1, `${sumMs} and ${endToEndMs}`);
    assert.deepEqual(reports, []);
    assert.equal(rig.counts.utterances.get('spoken'), 1);
    assert.equal(rig.counts.wordsTranslated, 4);
  });

  it('says when a segment begins to be heard, once, though its thread dies and it begins anew', () => {
    const { book, events } = new Rig();
    const sink = book.segment(segment(1, 'buenos días'));
    sink.started(4_000);
    sink.started(4_500);
    assert.deepEqual(events, [
      { type: 'spoken', atMs: 3_000, party: 'a', language: 'es', utterance: 1, piiText: 'buenos días' },
    ]);
  });

  it('waits for the last of several segments, and reports from the first to the last', () => {
    const rig = new Rig();
    const sinks = ['one', 'two'].map((text) => rig.book.segment(segment(1, text)));
    rig.book.close(ended(1));
    sinks[0]?.started(4_000);
    sinks[0]?.ended(4_500, 'played');
    assert.equal(rig.reports.length, 0);
    sinks[1]?.started(4_500);
    sinks[1]?.ended(5_500, 'played');
    assert.deepEqual([rig.reports[0]?.target.startMs, rig.reports[0]?.target.endMs], [3_000, 4_500]);
  });

  it('waits for the interpreter when everything was heard before it is done', () => {
    const rig = new Rig();
    const sink = rig.book.segment(segment(1, 'one'));
    sink.started(4_000);
    sink.ended(4_500, 'played');
    assert.deepEqual(rig.reports, []);
    rig.book.close(ended(1));
    assert.equal(rig.reports.length, 1);
  });

  it('reports what was dropped or flushed before it was heard as not played, without times', () => {
    for (const end of ['dropped', 'flushed'] as const) {
      const rig = new Rig();
      const sink = rig.book.segment(segment(1, 'one'));
      rig.book.close(ended(1));
      sink.ended(5_000, end);
      const [report] = rig.reports;
      assert.equal(report?.outcome, 'not-played');
      assert.deepEqual(report?.target, { language: 'es', piiText: 'buenos días' });
      assert.equal(report?.stages.endToEndMs, undefined);
      assert.equal(rig.counts.wordsTranslated, 0);
    }
  });

  it('reports at once what is not spoken, with the stages that happened', () => {
    const rig = new Rig();
    const { speechStartMs, speechEndMs, endpointMs } = ended(0).timing;
    rig.book.close(ended(1, { outcome: 'failed', timing: { speechStartMs, speechEndMs, endpointMs } }));
    rig.book.close(ended(2, { outcome: 'nothing-said' }));
    assert.deepEqual(
      rig.reports.map(({ utterance, outcome }) => [utterance, outcome]),
      [
        [1, 'failed'],
        [2, 'nothing-said'],
      ],
    );
    assert.deepEqual(rig.reports[0]?.stages, { endpointMs: 612.3 });
    assert.deepEqual(
      [...rig.counts.utterances.entries()],
      [
        ['failed', 1],
        ['nothing-said', 1],
      ],
    );
  });

  it('gives the stages of the last segment, which was certain before the end-point and translated ahead', () => {
    const rig = new Rig();
    const [one, two] = [rig.book.segment(segment(1, 'one')), rig.book.segment(segment(1, 'two'))];
    one?.started(2_400);
    one?.ended(3_050, 'played');
    const { timing } = ended(1);
    rig.book.close(
      ended(1, { timing: { ...timing, sttFinalMs: 3_350, mtDoneMs: 3_300, ttsFirstMs: 3_500 } }),
    );
    two?.started(3_520);
    two?.ended(4_000, 'played');
    const [report] = rig.reports;
    assert.equal(report?.segments, 2);
    assert.equal(report?.startOffsetMs, 900);
    assert.deepEqual(report?.stages, {
      endpointMs: 350,
      sttMs: 0,
      mtMs: 0,
      ttsMs: 150,
      playoutMs: 20,
      endToEndMs: 520,
    });
  });

  it('divides nothing when the last segment was heard before the speaker had ended', () => {
    const rig = new Rig();
    const sink = rig.book.segment(segment(1, 'one'));
    sink.started(2_900);
    sink.ended(3_900, 'played');
    rig.book.close(ended(1));
    assert.deepEqual(rig.reports[0]?.stages, { endToEndMs: -100 });
  });

  it('tells with a segment what it translates, and where the time since it was certain went', () => {
    const rig = new Rig();
    const timing = { cutMs: 3_000, translatedMs: 2_900, firstSoundMs: 3_190 };
    rig.book.segment({ ...segment(1, 'uno'), source: 'one', timing }).started(3_210);
    assert.deepEqual(rig.events, [
      {
        type: 'spoken',
        atMs: 2_210,
        party: 'a',
        language: 'es',
        utterance: 1,
        piiText: 'uno',
        piiSource: 'one',
        stages: { mtMs: 0, ttsMs: 190, queueMs: 20 },
      },
    ]);
  });

  it('forgets what is still said of an utterance that was reported', () => {
    const rig = new Rig();
    rig.book.close(ended(3, { outcome: 'nothing-said' }));
    const late = rig.book.segment(segment(3, 'late'));
    late.started(4_000);
    assert.equal(rig.book.open, 1);
    late.ended(4_500, 'played');
    assert.equal(rig.book.open, 0);
    assert.equal(rig.reports.length, 1);
  });

  it('expects nothing more of an utterance whose interpreter is gone once what it said was heard', () => {
    const rig = new Rig();
    const [said, other] = [rig.book.segment(segment(1, 'said')), rig.book.segment(segment(2, 'other'))];
    other.ended(4_000, 'played');
    rig.book.giveUp(1);
    rig.book.giveUp(2);
    rig.book.giveUp(3);
    assert.equal(rig.book.open, 1);
    said.started(4_000);
    said.ended(4_100, 'played');
    assert.deepEqual([rig.book.open, rig.reports], [0, []]);
  });

  it('keeps utterances apart', () => {
    const rig = new Rig();
    const [one, two] = [rig.book.segment(segment(1, 'one')), rig.book.segment(segment(2, 'two'))];
    rig.book.close(ended(2));
    rig.book.close(ended(1));
    one.started(4_000);
    one.ended(4_100, 'played');
    assert.deepEqual(
      rig.reports.map(({ utterance }) => utterance),
      [1],
    );
    two.started(4_100);
    two.ended(4_200, 'played');
    assert.deepEqual(
      rig.reports.map(({ utterance }) => utterance),
      [1, 2],
    );
  });
});
