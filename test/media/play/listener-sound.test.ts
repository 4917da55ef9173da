import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { peakOf } from '../../../src/media/dsp/sound.ts';
import { loadMediaModules } from '../../../src/media/dsp/wasm.ts';
import { CEILING } from '../../../src/media/play/limiter.ts';
import { FrameRingReader, FrameRingWriter } from '../../../src/media/ring/frame-ring.ts';
import {
  allocateLegMemory,
  type MediaCounter,
  MediaCounters,
  type MediaGauge,
  MediaGauges,
} from '../../../src/media/ring/leg-memory.ts';
import { LegTask } from '../../../src/media/thread/leg-task.ts';
import type { MediaEvent } from '../../../src/media/thread/media-messages.ts';
import { type HearMode, NO_ORDERS, type Orders } from '../../../src/media/thread/orders.ts';
import {
  concatPcm,
  levelDbfs,
  loadLibrivoxClips,
  noise,
  silence,
  sine,
  sliceMs,
  toneDbfs,
} from '../../asterisk/audio.ts';
import { framesOf, greatestStep, inPieces } from '../frames.ts';

const RATE_HZ = 8_000;
const modules = await loadMediaModules();

/** The partner's voice is a tone of 500 Hz, -9 dBFS; the translation one of 1,250 Hz. Both fit 20 ms evenly. */
const VOICE_HZ = 500;
const SPOKEN_HZ = 1_250;
const VOICE_DBFS = -9;

interface Said {
  /** What the partner says. */
  readonly partner?: Int16Array;
  /** What the leg itself says. */
  readonly own?: Int16Array;
}

/** A leg on its media thread that hears a partner in a way. */
class Listening {
  readonly events: MediaEvent[] = [];
  readonly media: LegTask;
  #orders: Orders = { ...NO_ORDERS, attending: true };
  readonly #memory = allocateLegMemory();
  readonly #partner = allocateLegMemory().inbound;
  readonly #partnerSays = new FrameRingWriter(this.#partner);
  readonly #inbound = new FrameRingWriter(this.#memory.inbound);
  readonly #outbound = new FrameRingReader(this.#memory.outbound, 0);
  #nowMs = 100_000;
  #segment = 0;

  constructor(test: TestContext, how: HearMode) {
    const task = { memory: this.#memory, firstMs: 0, rateHz: RATE_HZ, orders: this.#orders };
    this.media = new LegTask(modules, task, (event) => this.events.push(event));
    this.how(how);
    test.after(() => this.media.close());
  }

  order(changes: Partial<Orders>): void {
    this.#orders = { ...this.#orders, ...changes };
    this.media.handle({ type: 'orders', orders: this.#orders });
  }

  /** Hears the partner in a way from now on. */
  how(how: HearMode): void {
    this.order({ voices: [{ id: 'partner', ring: this.#partner, how }] });
  }

  /** What is heard in `ms`; a partner or leg that says nothing sends silence. */
  hear(ms: number, { partner, own }: Said = {}): Int16Array {
    const quiet = silence(ms, RATE_HZ);
    const partnerFrames = framesOf(concatPcm(partner ?? quiet, quiet), RATE_HZ);
    const ownFrames = framesOf(concatPcm(own ?? quiet, quiet), RATE_HZ);
    const heard: Int16Array[] = [];
    for (let index = 0; index < ms / 20; index += 1) {
      this.#nowMs += 20;
      this.#partnerSays.writeSamples(partnerFrames[index] ?? new Int16Array(160), RATE_HZ, this.#nowMs);
      this.#inbound.writeSamples(ownFrames[index] ?? new Int16Array(160), RATE_HZ, this.#nowMs);
      this.media.tick(this.#nowMs, this.#nowMs);
      heard.push(this.#outbound.read()?.slice() ?? new Int16Array(0));
      this.#outbound.publish();
    }
    return concatPcm(...heard);
  }

  /** Announces a whole segment. */
  speak(pcm: Int16Array): void {
    this.media.handle({ type: 'segment-open', segment: this.#segment, rateHz: RATE_HZ, turn: undefined });
    this.media.handle({ type: 'segment-audio', segment: this.#segment, pcm });
    this.media.handle({ type: 'segment-end', segment: this.#segment });
    this.#segment += 1;
  }

  count(counter: MediaCounter): number {
    return new MediaCounters(this.#memory.counters).get(counter);
  }

  gauge(gauge: MediaGauge): number {
    return new MediaGauges(this.#memory.gauges).get(gauge);
  }
}

function voice(ms: number, peak = 0.5): Int16Array {
  return sine(VOICE_HZ, ms, RATE_HZ, peak);
}

function translation(ms: number, peak = 0.3): Int16Array {
  return sine(SPOKEN_HZ, ms, RATE_HZ, peak);
}

/** The level of the partner's voice in each 20 ms. */
function voiceLevels(pcm: Int16Array): readonly number[] {
  return framesOf(pcm, RATE_HZ).map((frame) => toneDbfs(frame, VOICE_HZ, RATE_HZ));
}

describe('the voice under a translation', () => {
  it('is at its own level while nothing is translated', (t) => {
    const listening = new Listening(t, 'duck');
    const heard = listening.hear(1_000, { partner: voice(1_000) });
    assert.ok(Math.abs(levelDbfs(sliceMs(heard, RATE_HZ, 400, 1_000)) - VOICE_DBFS) < 0.2);
    assert.deepEqual(sliceMs(heard, RATE_HZ, 700, 1_000), sliceMs(voice(1_000), RATE_HZ, 700, 1_000));
  });

  it('falls by 16.5 dB within 60 ms, stays for 200 ms after it, and is back within 250 to 400 ms', (t) => {
    const listening = new Listening(t, 'duck');
    const said = voice(3_000);
    listening.hear(500, { partner: said });
    listening.speak(translation(280));
    const levels = voiceLevels(listening.hear(1_500, { partner: said }));
    for (const [frame, level] of levels.entries()) {
      if (frame >= 3 && frame < 14 + 10) {
        assert.ok(
          Math.abs(level - (VOICE_DBFS - 16.5)) <= 1,
          `${level} dBFS ${frame * 20} ms after its begin`,
        );
      }
    }
    const backAfterMs = levels.findIndex((level, frame) => frame > 24 && level > VOICE_DBFS - 0.5) * 20 - 480;
    assert.ok(backAfterMs >= 230 && backAfterMs <= 400, `${backAfterMs} ms`);
  });

  it('makes no step when it falls and rises, nor does the translation', (t) => {
    const listening = new Listening(t, 'duck');
    const said = voice(3_000);
    listening.hear(500, { partner: said });
    listening.speak(translation(600));
    const heard = listening.hear(1_500, { partner: said });
    const natural = greatestStep(voice(100)) + greatestStep(translation(100));
    assert.ok(greatestStep(heard) <= natural, `${greatestStep(heard)} of ${natural}`);
    // Where only one of them changes, its own slope is the limit.
    const rising = sliceMs(heard, RATE_HZ, 700, 1_500);
    assert.ok(greatestStep(rising) <= greatestStep(voice(100)) * 1.02);
  });

  it('is as loud as ever in full, and the sum stays below -3 dBFS', (t) => {
    const listening = new Listening(t, 'full');
    const said = voice(2_000, 0.99);
    listening.hear(500, { partner: said });
    listening.speak(translation(600, 0.99));
    const heard = listening.hear(1_000, { partner: said });
    assert.ok(peakOf(heard) <= CEILING);
    const levels = voiceLevels(sliceMs(heard, RATE_HZ, 100, 500));
    // Two tones at full scale share what one had: 6 dB less each, and 3 dB below full scale.
    assert.ok(
      levels.every((level) => level > -3 - 9.5),
      `${levels}`,
    );
    assert.ok(greatestStep(heard) <= greatestStep(voice(100, 0.99)) + greatestStep(translation(100, 0.99)));
  });

  it('is not heard at all when it is off', (t) => {
    const listening = new Listening(t, 'off');
    const heard = listening.hear(2_000, { partner: voice(2_000) });
    assert.ok(levelDbfs(heard) < -49);
    listening.speak(translation(600));
    const both = listening.hear(600, { partner: voice(600) });
    assert.ok(toneDbfs(both, SPOKEN_HZ, RATE_HZ) > -15);
    assert.ok(toneDbfs(both, VOICE_HZ, RATE_HZ) < -55);
  });

  it('is heard as it is, with ramps, when that is asked for, and no longer when it is not', (t) => {
    for (const how of ['off', 'duck'] as const) {
      const listening = new Listening(t, how);
      const said = voice(4_000);
      listening.speak(translation(2_000, 0.15));
      listening.hear(500, { partner: said });
      listening.how('as-is');
      const asIs = listening.hear(500, { partner: said });
      assert.ok(Math.abs((voiceLevels(asIs)[4] ?? 0) - VOICE_DBFS) < 0.5, how);
      listening.how(how);
      const after = listening.hear(500, { partner: said });
      assert.ok((voiceLevels(after)[4] ?? 0) < VOICE_DBFS - 15, how);
      const natural = greatestStep(voice(100)) + greatestStep(translation(100));
      assert.ok(greatestStep(concatPcm(asIs, after)) <= natural, how);
    }
  });

  it('goes on without a gap when the way it is heard changes', (t) => {
    const listening = new Listening(t, 'through');
    listening.hear(500, { partner: voice(500) });
    listening.how('duck');
    const heard = listening.hear(500, { partner: voice(500) });
    assert.deepEqual(heard, voice(500));
  });
});

describe('the noise of a line', () => {
  const line = (ms: number, seed = 1): Int16Array => noise(ms, RATE_HZ, 0.003, seed);

  it("is heard in place of a voice that is off: as loud as the partner's own, within 2 dB", (t) => {
    const listening = new Listening(t, 'off');
    const heard = listening.hear(4_000, { partner: line(4_000) });
    const level = levelDbfs(sliceMs(heard, RATE_HZ, 3_000, 4_000));
    assert.ok(Math.abs(level - levelDbfs(line(4_000))) <= 2, `${level} for ${levelDbfs(line(4_000))}`);
  });

  it('is -65 dBFS for a partner whose line has none, and -50 for one whose line roars', (t) => {
    for (const [partner, dbfs] of [
      [silence(4_000, RATE_HZ), -65],
      [noise(4_000, RATE_HZ, 0.1), -50],
    ] as const) {
      const heard = new Listening(t, 'off').hear(4_000, { partner });
      const level = levelDbfs(sliceMs(heard, RATE_HZ, 3_000, 4_000));
      assert.ok(Math.abs(level - dbfs) < 1, `${level} for ${dbfs}`);
    }
  });

  it('leaves no 20 ms of digital silence in any mode but through, translation or not', (t) => {
    for (const how of ['off', 'duck', 'full'] as const) {
      const listening = new Listening(t, how);
      listening.hear(200);
      listening.speak(concatPcm(translation(200), silence(140, RATE_HZ), translation(200)));
      const frames = framesOf(listening.hear(2_000), RATE_HZ);
      assert.ok(
        frames.every((frame) => peakOf(frame) > 0),
        how,
      );
    }
  });

  it('is not added to a line that is heard, for that has its own', (t) => {
    const listening = new Listening(t, 'full');
    const heard = listening.hear(3_000, { partner: line(3_000) });
    assert.deepEqual(sliceMs(heard, RATE_HZ, 1_000, 3_000), sliceMs(line(3_000), RATE_HZ, 1_000, 3_000));
  });

  it('is not added to a voice that nobody translates, nor where there is no partner', (t) => {
    const through = new Listening(t, 'through').hear(2_000);
    assert.deepEqual(through, silence(2_000, RATE_HZ));
    const listening = new Listening(t, 'off');
    listening.hear(1_000);
    listening.order({ voices: [] });
    assert.deepEqual(listening.hear(1_000), silence(1_000, RATE_HZ));
  });

  it('comes and goes softly', (t) => {
    const listening = new Listening(t, 'off');
    const heard = listening.hear(3_000, { partner: noise(3_000, RATE_HZ, 0.1) });
    listening.how('through');
    const gone = listening.hear(600, { partner: silence(600, RATE_HZ) });
    const levels = [...inPieces(sliceMs(heard, RATE_HZ, 0, 200), 160), ...inPieces(gone, 160)].map(levelDbfs);
    assert.ok((levels[0] ?? 0) < -66, `${levels[0]}`);
    assert.equal(levels.at(-1), Number.NEGATIVE_INFINITY);
    assert.ok(peakOf(sliceMs(gone, RATE_HZ, 140, 600)) < 60);
  });
});

describe('a leg that hears only what is spoken to it', () => {
  it('hears that, and no cue, tone or key', (t) => {
    const listening = new Listening(t, 'through');
    listening.order({ voices: [], turns: [1], onlySpoken: true });
    listening.media.handle({ type: 'tone', tone: 'uninterpreted' });
    listening.media.handle({ type: 'key', key: '5' });
    assert.deepEqual(listening.hear(2_000), silence(2_000, RATE_HZ));
    listening.speak(translation(600));
    assert.ok(toneDbfs(listening.hear(600), SPOKEN_HZ, RATE_HZ) > -15);
    listening.order({ onlySpoken: false });
    listening.media.handle({ type: 'tone', tone: 'uninterpreted' });
    assert.ok(levelDbfs(listening.hear(200)) > -40, 'a tone is not heard at all');
  });
});

describe('the cue that a translation is on its way', () => {
  /** When the cue begins, in ms: each first 20 ms above -40 dBFS after 100 ms without. */
  function cuesMs(heard: Int16Array): readonly number[] {
    const loud = framesOf(heard, RATE_HZ).map((frame) => levelDbfs(frame) > -40);
    return loud.flatMap((now, index) =>
      now && !loud.slice(Math.max(0, index - 5), index).includes(true) ? [index * 20] : [],
    );
  }

  it('sounds after 1.5 s of nothing, and again each 3 s, soft and short', (t) => {
    const listening = new Listening(t, 'off');
    listening.hear(2_000);
    listening.order({ turns: [1] });
    const heard = listening.hear(8_000, { partner: voice(8_000) });
    assert.deepEqual(cuesMs(heard), [1_500, 4_500, 7_500]);
    assert.equal(listening.count('cues'), 3);
    const level = levelDbfs(sliceMs(heard, RATE_HZ, 1_510, 1_710));
    assert.ok(Math.abs(level + 29) < 2, `${level}`);
    assert.ok(levelDbfs(sliceMs(heard, RATE_HZ, 1_750, 4_400)) < -49);
  });

  it('does not sound while the voice is heard at its full level, but when that falls silent', (t) => {
    const listening = new Listening(t, 'duck');
    listening.order({ turns: [1] });
    listening.hear(4_000, { partner: voice(4_000) });
    assert.equal(listening.count('cues'), 0);
    assert.deepEqual(cuesMs(listening.hear(2_000)), [1_500]);
  });

  it('does not sound while a translation is heard, nor when none is expected', (t) => {
    const listening = new Listening(t, 'off');
    listening.order({ turns: [1] });
    listening.speak(translation(3_000));
    listening.hear(3_000);
    listening.order({ turns: [] });
    listening.hear(4_000);
    assert.equal(listening.count('cues'), 0);
  });
});

describe('a listener who speaks', () => {
  const [clip] = loadLibrivoxClips();
  /** Speech that begins at once, at 8 kHz: the mean of each two samples at 16 kHz. */
  const own = (ms: number): Int16Array => {
    const pcm = clip?.pcm ?? new Int16Array(0);
    const first = pcm.findIndex((sample) => Math.abs(sample) > 1_000);
    return silence(ms, RATE_HZ).map(
      (_, i) => ((pcm[first + 2 * i] ?? 0) + (pcm[first + 2 * i + 1] ?? 0)) / 2,
    );
  };
  /** The level of the translation in each 20 ms. */
  const spokenLevels = (pcm: Int16Array): readonly number[] =>
    framesOf(pcm, RATE_HZ).map((frame) => toneDbfs(frame, SPOKEN_HZ, RATE_HZ));

  it('hears the translation go on as it is under an acknowledgement', (t) => {
    const listening = new Listening(t, 'off');
    listening.hear(400);
    listening.speak(translation(3_000));
    const levels = spokenLevels(listening.hear(3_000, { own: concatPcm(silence(400, RATE_HZ), own(400)) }));
    const full = levelDbfs(translation(100));
    assert.ok(levels.slice(1, -1).every((level) => Math.abs(level - full) < 0.5));
    assert.equal(listening.count('interruptions'), 0);
  });

  it('hears it 6 dB softer from 500 ms of an interruption on, at most 250 ms later, without a click', (t) => {
    const listening = new Listening(t, 'off');
    listening.hear(400);
    listening.speak(translation(3_000));
    const heard = listening.hear(2_600, { own: concatPcm(silence(400, RATE_HZ), own(2_200)) });
    const full = levelDbfs(translation(100));
    const softAtMs = spokenLevels(heard).findIndex((level) => Math.abs(level - (full - 6)) < 0.5) * 20;
    assert.ok(softAtMs >= 400 + 480 && softAtMs <= 400 + 750, `${softAtMs} ms`);
    assert.ok(greatestStep(heard) <= greatestStep(translation(100)) * 1.05);
    assert.equal(listening.count('interruptions'), 1);
    // The segment plays to its end.
    assert.ok(
      spokenLevels(heard)
        .slice(1)
        .every((level) => level > full - 7),
    );
  });

  it('does not hear the next segment before they stop, and then at its full level', (t) => {
    const listening = new Listening(t, 'off');
    listening.hear(400);
    listening.speak(translation(1_200));
    listening.speak(translation(1_000));
    const heard = listening.hear(5_000, { own: own(2_000) });
    const levels = spokenLevels(heard);
    const { silentMs, againMs } = pauseIn(levels);
    assert.ok(silentMs >= 950 && silentMs <= 1_260, `the first plays to its end, ${silentMs} ms`);
    assert.ok(againMs >= 2_500 && againMs <= 2_900, `it goes on ${againMs} ms after the beginning`);
    assert.ok(Math.abs((levels[againMs / 20 + 20] ?? 0) - levelDbfs(translation(100))) < 0.5);
    assert.deepEqual(
      listening.events.flatMap((event) => (event.type === 'segment-ended' ? [event.end] : [])),
      ['played', 'played'],
    );
  });

  it('hears it 2.5 s later, softly, if they do not stop', (t) => {
    const listening = new Listening(t, 'off');
    listening.hear(400);
    listening.speak(translation(1_200));
    listening.speak(translation(1_000));
    const levels = spokenLevels(listening.hear(5_000, { own: own(5_000) }));
    const { silentMs, againMs } = pauseIn(levels);
    assert.ok(againMs - silentMs >= 2_440 && againMs - silentMs <= 2_560, `${againMs - silentMs} ms`);
    assert.ok(Math.abs((levels[againMs / 20 + 10] ?? 0) - (levelDbfs(translation(100)) - 6)) < 0.5);
  });

  /** When the translation falls silent and when it goes on, in ms. */
  function pauseIn(levels: readonly number[]): { readonly silentMs: number; readonly againMs: number } {
    const silent = levels.findIndex((level, frame) => frame > 5 && level < -45);
    return {
      silentMs: silent * 20,
      againMs: levels.findIndex((level, frame) => frame > silent && level > -45) * 20,
    };
  }
});

describe('what the main thread can read', () => {
  it('is how much speech waits and how fast it plays', (t) => {
    const listening = new Listening(t, 'off');
    assert.deepEqual([listening.gauge('backlogMs'), listening.gauge('tempoPercent')], [0, 100]);
    listening.speak(translation(2_000));
    listening.speak(translation(2_000));
    listening.hear(20);
    assert.equal(listening.gauge('backlogMs'), 3_980);
    listening.hear(600);
    assert.ok(listening.gauge('tempoPercent') > 120, `${listening.gauge('tempoPercent')}`);
    listening.hear(5_000);
    assert.deepEqual([listening.gauge('backlogMs'), listening.gauge('tempoPercent')], [0, 100]);
  });
});
