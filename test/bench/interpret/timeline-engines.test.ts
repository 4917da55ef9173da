import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { SPEECH_FRAME_SAMPLES } from '../../../src/base/units.ts';
import type { SttEvent, SttStream } from '../../../src/engines/stt/stt-engine.ts';
import { FakeClock } from '../../base/fake-clock.ts';
import { PROFILES, type Stability } from './engine-profiles.ts';
import { TimelineMt } from './timeline-mt.ts';
import { TimelineStt } from './timeline-stt.ts';
import { TimelineTts } from './timeline-tts.ts';
import type { TimedWord, Turn } from './timelines.ts';

const profile = PROFILES.standard;
const signal = new AbortController().signal;

/** Words of 300 ms, one after the other; after the first `before` of them a pause. */
function turnOf(texts: readonly string[], before = texts.length, pauseMs = 0, wrong?: number): Turn {
  const words = texts.map((text, index): TimedWord => {
    const startMs = index * 300 + (index >= before ? pauseMs : 0);
    const misheard = index === wrong ? { misheardAs: 'wrong' } : {};
    return { text, startMs, endMs: startMs + 300, ...misheard };
  });
  return { id: 0, words, clauses: 1, lengthMs: words.at(-1)?.endMs ?? 0 };
}

class Listener {
  readonly clock = new FakeClock();
  readonly heard: { readonly atMs: number; readonly event: SttEvent }[] = [];
  readonly stt: TimelineStt;
  readonly startMs: number;
  #stream: SttStream | undefined;

  constructor(turn: Turn, stability: Stability = 'by-word') {
    this.stt = new TimelineStt({ clock: this.clock, profile, stability, seed: 1 });
    this.startMs = this.clock.nowMs();
    this.stt.play(turn, this.startMs);
  }

  /** Ms since the turn began. */
  get atMs(): number {
    return this.clock.nowMs() - this.startMs;
  }

  async open(): Promise<SttStream> {
    this.#stream = await this.stt.open({
      language: 'en',
      onEvent: (event) => this.heard.push({ atMs: this.atMs, event }),
    });
    return this.#stream;
  }

  /** Writes what is said until `untilMs`, frame by frame. */
  async speak(untilMs: number): Promise<void> {
    while (this.atMs < untilMs) {
      await this.clock.advance(20);
      this.#stream?.write(new Int16Array(SPEECH_FRAME_SAMPLES));
    }
  }

  texts(type: 'partial' | 'stable' | 'final'): readonly string[] {
    return this.heard.flatMap(({ event }) => (event.type === type ? [event.text] : []));
  }

  /** When a word first was in an event of a type. */
  firstMs(type: 'partial' | 'stable' | 'final', word: string): number {
    const found = this.heard.find(({ event }) => event.type === type && event.text.split(' ').includes(word));
    return found?.atMs ?? Number.NaN;
  }
}

describe('recognition of a timeline', () => {
  it('shows a word a partial after its end, and lets it stay 200 ms later', async () => {
    const listener = new Listener(turnOf(['one', 'two', 'three', 'four.']));
    const stream = await listener.open();
    stream.startUtterance(1);
    await listener.speak(2_400);
    for (const [index, word] of ['one', 'two', 'three', 'four.'].entries()) {
      const endMs = (index + 1) * 300;
      const shownMs = listener.firstMs('partial', word) - endMs;
      const stableMs = listener.firstMs('stable', word) - endMs;
      assert.ok(shownMs >= 105 && shownMs <= 395, `${word} is shown after ${shownMs} ms`);
      assert.ok(stableMs >= 400 && stableMs <= 520, `${word} is stable after ${stableMs} ms`);
    }
    assert.deepEqual(
      listener.stt.known.map(({ shownMs }) => (shownMs ?? 0) - listener.startMs),
      ['one', 'two', 'three', 'four.'].map((word) => listener.firstMs('partial', word)),
    );
  });

  it('is wrong about a word once, and never in what it calls stable', async () => {
    const listener = new Listener(turnOf(['one', 'two', 'three'], 3, 0, 1));
    const stream = await listener.open();
    stream.startUtterance(1);
    await listener.speak(2_000);
    assert.equal(listener.texts('partial').filter((text) => text.includes('wrong')).length, 1);
    assert.equal(listener.texts('partial').at(-1), 'one two three');
    assert.ok(listener.texts('stable').every((text) => 'one two three'.startsWith(text)));
  });

  it('gives words to the utterance in whose audio they lie', async () => {
    const listener = new Listener(turnOf(['one', 'two', 'three', 'four'], 2, 800));
    const stream = await listener.open();
    stream.startUtterance(1);
    await listener.speak(1_200);
    stream.endUtterance();
    await listener.speak(1_300);
    stream.startUtterance(2);
    await listener.speak(2_600);
    stream.endUtterance();
    await listener.clock.advance(1_000);
    assert.deepEqual(listener.texts('final'), ['one two', 'three four']);
    const numbers = listener.heard.flatMap(({ event }) => (event.type === 'final' ? [event.utterance] : []));
    assert.deepEqual(numbers, [1, 2]);
  });

  it('answers the end 350 ms after the last word, but not sooner than 150 ms after it is asked', async () => {
    for (const [askedMs, leastMs, mostMs] of [
      [620, 915, 985],
      [1_200, 1_350, 1_350],
    ] as const) {
      const listener = new Listener(turnOf(['one', 'two']));
      const stream = await listener.open();
      stream.startUtterance(1);
      await listener.speak(askedMs);
      stream.endUtterance();
      await listener.clock.advance(1_000);
      const finalMs = listener.firstMs('final', 'two');
      assert.ok(finalMs >= leastMs && finalMs <= mostMs, `the final comes at ${finalMs} ms`);
    }
  });

  it('settles what was said when it is asked to', async () => {
    const listener = new Listener(turnOf(['one', 'two', 'three'], 2, 2_000), 'by-chunk');
    const stream = await listener.open();
    stream.startUtterance(1);
    await listener.speak(820);
    stream.flush();
    await listener.speak(1_040);
    assert.deepEqual(listener.texts('stable'), ['one two']);
  });

  it('makes chunks of pauses, and of three seconds without one', async () => {
    const many = Array.from({ length: 14 }, (_, index) => `w${index}`);
    const listener = new Listener(turnOf(many, 2, 400), 'by-chunk');
    const stream = await listener.open();
    stream.startUtterance(1);
    await listener.speak(4_900);
    const [first, second] = listener.heard.filter(({ event }) => event.type === 'stable');
    assert.ok(first?.event.type === 'stable' && second?.event.type === 'stable');
    assert.equal(first.event.text, 'w0 w1');
    assert.ok(first.atMs >= 950 && first.atMs <= 1_250, `the pause is noticed at ${first.atMs} ms`);
    assert.ok(second.atMs >= 4_000 && second.atMs <= 4_300, `three seconds are up at ${second.atMs} ms`);
  });

  it('never says that a word stays when it revises', async () => {
    const listener = new Listener(turnOf(['one', 'two']), 'none');
    const stream = await listener.open();
    stream.startUtterance(1);
    await listener.speak(1_000);
    stream.flush();
    await listener.speak(1_600);
    assert.deepEqual(listener.texts('stable'), []);
  });

  it('says nothing once it is closed', async () => {
    const listener = new Listener(turnOf(['one', 'two']));
    const stream = await listener.open();
    stream.startUtterance(1);
    await listener.speak(500);
    await stream.close();
    assert.equal(listener.clock.pendingTimers, 0);
  });
});

describe('translation on a timeline', () => {
  it('takes its time, the same for the same text, and longer for a longer one', async () => {
    const clock = new FakeClock();
    const mt = new TimelineMt(clock, profile, 1, false);
    const ask = async (text: string): Promise<number> => {
      const startMs = clock.nowMs();
      let answeredMs = Number.NaN;
      const answer = mt.translate({ text, from: 'en', to: 'fr', context: [] }, signal).then(() => {
        answeredMs = clock.nowMs();
      });
      await clock.advance(1_000);
      await answer;
      return answeredMs - startMs;
    };
    const text = 'we need a small room tomorrow';
    const tookMs = await ask(text);
    assert.ok(tookMs > 90 && tookMs < 250, `it takes ${tookMs} ms`);
    assert.ok(Math.abs((await ask(text)) - tookMs) < 1e-6);
    assert.equal(mt.calls.length, 2);
    mt.forget();
    assert.equal(mt.calls.length, 0);
  });
});

describe('synthesis on a timeline', () => {
  it('begins in its time and is made three times as fast as it is heard', async () => {
    const clock = new FakeClock();
    const tts = new TimelineTts(clock, profile, 1, 360);
    const request = { text: 'ewe eneed ea eroom.', language: 'fr', wantedRateHz: 8_000 };
    const speech = tts.synthesize(request, signal);
    await clock.advance(600);
    let samples = 0;
    let lastMs = clock.nowMs();
    const read = (async () => {
      for await (const piece of (await speech).pieces) {
        samples += piece.length;
        lastMs = clock.nowMs();
      }
    })();
    await clock.advance(2_000);
    await read;
    // Four words of 360 ms, 1,440 ms.
    assert.equal(samples, (1_440 * 16_000) / 1_000);
    const [call] = tts.calls;
    assert.ok(call?.firstMs !== undefined);
    assert.ok(call.firstMs - call.askedMs > 130 && call.firstMs - call.askedMs < 270);
    assert.ok(Math.abs(lastMs - call.firstMs - 1_400 * 0.3) < 1, `it is made in ${lastMs - call.firstMs} ms`);
  });

  it('stops when nobody wants it any more', async () => {
    const clock = new FakeClock();
    const stop = new AbortController();
    const tts = new TimelineTts(clock, profile, 1, 360);
    const request = { text: 'eone etwo ethree', language: 'fr', wantedRateHz: 8_000 };
    const speech = tts.synthesize(request, stop.signal);
    await clock.advance(400);
    await speech;
    stop.abort(new Error('not wanted'));
    assert.equal(clock.pendingTimers, 0);
  });
});
