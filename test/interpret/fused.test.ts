import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { AppError } from '../../src/base/errors.ts';
import type {
  SpeechTranslator,
  SpeechTranslatorEvent,
  SpeechTranslatorOptions,
  SpeechTranslatorStream,
} from '../../src/engines/s2s/speech-translator.ts';
import { SUPPORTED, type Support } from '../../src/engines/support.ts';
import { SpeechPieces } from '../../src/engines/tts/speech-pieces.ts';
import { namedVoice } from '../../src/engines/tts/spoken-voice.ts';
import { Conversation } from '../../src/interpret/conversation.ts';
import { EMPTY_GLOSSARY } from '../../src/interpret/exactness/glossary.ts';
import { SpeechRenderings } from '../../src/interpret/fused/speech-renderings.ts';
import type { FusedRendering, RenderingOptions } from '../../src/interpret/rendering/rendering.ts';
import { FakeClock } from '../base/fake-clock.ts';
import { never } from '../support/waiting.ts';
import { RenderedLanguage } from './rendered-language.ts';
import { ScriptedTts } from './scripted-engines.ts';

/** Says what a test tells it and notes what it was told. */
class ScriptedTranslator implements SpeechTranslator {
  readonly name = 'scripted-translator';
  readonly speaks: boolean;
  readonly calls: string[] = [];
  openError: Error | undefined;
  #options: SpeechTranslatorOptions | undefined;

  constructor(speaks: boolean) {
    this.speaks = speaks;
  }

  async supports(): Promise<Support> {
    return SUPPORTED;
  }

  async open(options: SpeechTranslatorOptions): Promise<SpeechTranslatorStream> {
    if (this.openError !== undefined) {
      throw this.openError;
    }
    this.#options = options;
    this.calls.push(`open ${options.from} to ${options.to} for ${options.wantedRateHz}`);
    return {
      write: (pcm) => this.calls.push(`write ${pcm.length}`),
      endOfSpeech: () => this.calls.push('end'),
      droppedMs: 0,
      close: async () => {
        this.calls.push('close');
      },
    };
  }

  says(...events: readonly SpeechTranslatorEvent[]): void {
    for (const event of events) {
      this.#options?.onEvent(event);
    }
  }

  async close(): Promise<void> {}
}

const CAUGHT_UP: SpeechTranslatorEvent = { type: 'caught-up' };

function source(text: string, concluded = true): SpeechTranslatorEvent {
  return { type: 'source', text, concluded };
}

function target(text: string): SpeechTranslatorEvent {
  return { type: 'target', text };
}

/** Sound of `samples` samples at 24 kHz. */
function sound(samples: number, rateHz = 24_000): SpeechTranslatorEvent {
  return { type: 'audio', pcm: new Int16Array(samples), rateHz };
}

function options(more: Partial<RenderingOptions> = {}): RenderingOptions {
  return {
    from: 'en',
    to: 'es',
    wantedRateHz: 8_000,
    voice: () => undefined,
    glossary: EMPTY_GLOSSARY,
    drafts: true,
    lines: new Conversation().of('speaker'),
    told: () => {},
    speak: () => ({ add: () => {}, end: () => {} }),
    onEvent: () => {},
    ...more,
  };
}

/** A fused rendering over a scripted translator, on a clock that stands. */
class Rig extends RenderedLanguage {
  readonly clock = new FakeClock();
  readonly tts = new ScriptedTts();
  readonly translator: ScriptedTranslator;
  /** The conversation as the speaker knows it. */
  readonly lines = new Conversation().of('speaker');
  /** What listeners were told. */
  readonly told: string[] = [];
  #rendering: FusedRendering | undefined;

  private constructor(speaks: boolean) {
    super();
    this.translator = new ScriptedTranslator(speaks);
  }

  static async open(test: TestContext, speaks: boolean, voice?: string): Promise<Rig> {
    const rig = new Rig(speaks);
    const { translator, tts, clock, lines } = rig;
    rig.#rendering = await new SpeechRenderings(speaks ? { translator } : { translator, tts }, clock).open(
      options({
        voice: () => namedVoice(voice),
        lines,
        told: (text) => rig.told.push(text),
        speak: (segment) => rig.speak(segment),
        onEvent: (event) => rig.keep(event),
      }),
      never(),
    );
    test.after(() => rig.rendering.close());
    return rig;
  }

  get rendering(): FusedRendering {
    assert.ok(this.#rendering !== undefined);
    return this.#rendering;
  }

  start(utterance: number, startMs = this.clock.nowMs()): void {
    this.rendering.take({ type: 'started', utterance, startMs, overlapping: false });
  }

  write(samples: number): void {
    this.rendering.take({ type: 'audio', pcm: new Int16Array(samples) });
  }

  end(endMs = this.clock.nowMs(), decidedMs = this.clock.nowMs()): void {
    this.rendering.take({ type: 'ended', endMs, decidedMs, echoShare: 0 });
  }

  /** An utterance that lasts a second, its end noticed at once. */
  async utter(utterance: number): Promise<void> {
    this.start(utterance);
    await this.clock.advance(1_000);
    this.end();
  }

  /** All that came out, in short. */
  override get story(): readonly string[] {
    return this.events.map((event) => {
      switch (event.type) {
        case 'heard':
          return `${event.utterance} heard "${event.text}"${event.final ? ' for good' : ''}`;
        case 'segment-started':
          return `${event.utterance} begins ${event.segment} "${event.text}"`;
        case 'segment-audio':
          return `${event.segment} sounds ${event.pcm.length}`;
        case 'segment-ended':
          return `${event.segment} over`;
        case 'utterance-ended':
          return `${event.utterance} ${event.outcome} "${event.target.text}"`;
        default:
          return event.type;
      }
    });
  }
}

describe('SpeechRenderings', () => {
  it('trusts telephone speech', () => {
    const factory = new SpeechRenderings({ translator: new ScriptedTranslator(true) }, new FakeClock());
    assert.equal(factory.lowestWireRateHz, 8_000);
  });

  it('refuses a translator that only writes when nothing speaks for it', () => {
    assert.throws(
      () => new SpeechRenderings({ translator: new ScriptedTranslator(false) }, new FakeClock()),
      {
        code: 'bad-option',
        message: /scripted-translator.*synthesis engine/,
      },
    );
  });

  it('fails to open as the translator does', async () => {
    const translator = new ScriptedTranslator(true);
    translator.openError = new AppError('engine-refused', 'no');
    await assert.rejects(
      new SpeechRenderings({ translator }, new FakeClock()).open(options(), never()),
      translator.openError,
    );
  });
});

for (const speaks of [true, false]) {
  describe(`SpeechRendering over a translator that ${speaks ? 'speaks' : 'only writes'}`, () => {
    it('passes the audio of utterances on, and their ends', async (t) => {
      const rig = await Rig.open(t, speaks);
      rig.write(1);
      rig.start(1, 1_000);
      rig.write(320);
      rig.rendering.take({ type: 'paused', silenceStartMs: 1_020, echoShare: 0 });
      rig.rendering.take({ type: 'resumed' });
      rig.write(160);
      rig.rendering.take({ type: 'was-none' });
      rig.end(1_030);
      rig.end(1_030);
      rig.write(2);
      assert.deepEqual(rig.translator.calls, ['open en to es for 8000', 'write 320', 'write 160', 'end']);
    });

    it('shows what is heard as captions, the tail included, and the last one for good', async (t) => {
      const rig = await Rig.open(t, speaks);
      await rig.utter(1);
      rig.translator.says(
        source('good', false),
        source('Good morning'),
        source(' to', false),
        source(' you.'),
        CAUGHT_UP,
      );
      assert.deepEqual(rig.story, [
        '1 heard "good"',
        '1 heard "Good morning"',
        '1 heard "Good morning to"',
        '1 heard "Good morning you."',
        '1 heard "Good morning you." for good',
        '1 nothing-said ""',
      ]);
      assert.deepEqual(rig.report(1).source, { language: 'en', text: 'Good morning you.' });
      assert.deepEqual(rig.lines.context(9), ['Good morning you.']);
    });

    it('reports an utterance to which nothing is said', async (t) => {
      const rig = await Rig.open(t, speaks);
      rig.start(1, 1_000);
      await rig.clock.advance(2_000);
      rig.end(2_400, 2_980);
      rig.translator.says(CAUGHT_UP);
      assert.deepEqual(rig.events, [
        {
          type: 'utterance-ended',
          utterance: 1,
          outcome: 'nothing-said',
          source: { language: 'en', text: '' },
          target: { language: 'es', text: '' },
          timing: { speechStartMs: 1_000, speechEndMs: 2_400, endpointMs: 2_980 },
          failure: undefined,
        },
      ]);
    });

    it('does not end an utterance that goes on because the translator has caught up', async (t) => {
      const rig = await Rig.open(t, speaks);
      rig.start(1, 1_000);
      rig.translator.says(CAUGHT_UP);
      assert.deepEqual(rig.events, []);
    });

    it('ends an utterance when the next one begins without it', async (t) => {
      const rig = await Rig.open(t, speaks);
      rig.start(1, 1_000);
      rig.start(2, 1_000);
      rig.end(1_000);
      rig.translator.says(CAUGHT_UP, CAUGHT_UP);
      assert.deepEqual(rig.story, ['1 nothing-said ""', '2 nothing-said ""']);
      assert.equal(rig.translator.calls.filter((call) => call === 'end').length, 2);
    });

    it('is lost when the translator is: what is open is reported as failed, once', async (t) => {
      const rig = await Rig.open(t, speaks);
      await rig.utter(1);
      rig.translator.says(CAUGHT_UP);
      await rig.utter(2);
      rig.start(3);
      const error = new AppError('engine-died', 'gone');
      rig.translator.says({ type: 'failed', error }, { type: 'failed', error }, target('late'), CAUGHT_UP);
      assert.deepEqual(rig.story, ['1 nothing-said ""', '2 failed ""', '3 failed ""', 'failed']);
      assert.equal(rig.failureOf(2), 'stt engine-died');
    });

    it('ignores what comes before anybody has spoken', async (t) => {
      const rig = await Rig.open(t, speaks);
      rig.translator.says(source('noise'), target('ruido'), sound(10), CAUGHT_UP);
      await rig.clock.advance(1_000);
      assert.deepEqual(rig.events, []);
    });

    it('says nothing after close, and leaves no timer', async (t) => {
      const rig = await Rig.open(t, speaks);
      await rig.utter(1);
      rig.translator.says(target('hola'), sound(10));
      await rig.clock.settle();
      const seen = rig.story;
      await Promise.all([rig.rendering.close(), rig.rendering.close()]);
      rig.translator.says(source('hello'), target('adiós'), sound(10), CAUGHT_UP);
      rig.start(2);
      await rig.clock.advance(10_000);
      // A segment that was still sounding ends; nothing else comes.
      assert.deepEqual(rig.story, speaks ? [...seen, '0 over'] : seen);
      assert.equal(rig.clock.pendingTimers, 0);
      assert.equal(rig.translator.calls.at(-1), 'close');
    });
  });
}

describe('SpeechRendering over a translator that speaks', () => {
  it('passes a burst of sound on as a segment as it comes, and ends it when all has come', async (t) => {
    const rig = await Rig.open(t, true);
    await rig.utter(1);
    rig.translator.says(target('Buenos'), sound(4_800));
    await rig.clock.advance(200);
    rig.translator.says(target(' días'), sound(4_800));
    assert.deepEqual(rig.story, ['1 begins 0 "Buenos"', '0 sounds 4800', '0 sounds 4800']);
    rig.translator.says(CAUGHT_UP);
    assert.deepEqual(rig.story.slice(3), ['0 over', '1 spoken "Buenos días"']);
    assert.equal(rig.report(1).timing.ttsFirstMs, 2_000);
    assert.deepEqual(rig.told, ['Buenos días']);
  });

  it('ends a burst after 600 ms without sound, and begins another with what was said since', async (t) => {
    const rig = await Rig.open(t, true);
    await rig.utter(1);
    rig.translator.says(sound(10), target('uno'));
    await rig.clock.advance(500);
    rig.translator.says(sound(20));
    await rig.clock.advance(599);
    assert.equal(rig.story.includes('0 over'), false);
    await rig.clock.advance(1);
    rig.translator.says(target(' dos'), sound(30));
    rig.translator.says(CAUGHT_UP);
    assert.deepEqual(rig.story, [
      '1 begins 0 ""',
      '0 sounds 10',
      '0 sounds 20',
      '0 over',
      '1 begins 1 "uno dos"',
      '1 sounds 30',
      '1 over',
      '1 spoken "uno dos"',
    ]);
  });

  it('says in no report what was written and never spoken', async (t) => {
    const rig = await Rig.open(t, true);
    await rig.utter(1);
    rig.translator.says(target('uno'), CAUGHT_UP);
    assert.deepEqual(rig.story, ['1 nothing-said ""']);
    assert.deepEqual(rig.told, []);
  });

  it('begins another segment when the rate changes', async (t) => {
    const rig = await Rig.open(t, true);
    await rig.utter(1);
    rig.translator.says(sound(10), sound(20, 16_000), CAUGHT_UP);
    const rates = rig.events.flatMap((event) => (event.type === 'segment-started' ? [event.rateHz] : []));
    assert.deepEqual(rates, [24_000, 16_000]);
  });

  it('gives what comes to the earliest utterance that it has not caught up with', async (t) => {
    const rig = await Rig.open(t, true);
    await rig.utter(1);
    rig.start(2);
    rig.translator.says(target('uno'), sound(10), CAUGHT_UP, target('dos'), sound(20));
    rig.end();
    rig.translator.says(CAUGHT_UP);
    assert.deepEqual(rig.story, [
      '1 begins 0 "uno"',
      '0 sounds 10',
      '0 over',
      '1 spoken "uno"',
      '2 begins 1 "dos"',
      '1 sounds 20',
      '1 over',
      '2 spoken "dos"',
    ]);
  });

  it('lets sound that comes after all had seemed to be given be heard, under the last utterance', async (t) => {
    const rig = await Rig.open(t, true);
    await rig.utter(1);
    rig.translator.says(CAUGHT_UP, sound(10));
    await rig.clock.advance(1_000);
    assert.deepEqual(rig.story, ['1 nothing-said ""', '1 begins 0 ""', '0 sounds 10', '0 over']);
  });

  it('begins another segment with the next utterance, though the sound goes on', async (t) => {
    const rig = await Rig.open(t, true);
    await rig.utter(1);
    rig.translator.says(CAUGHT_UP, sound(10));
    rig.start(2);
    rig.translator.says(sound(20));
    assert.deepEqual(rig.story.slice(1), [
      '1 begins 0 ""',
      '0 sounds 10',
      '0 over',
      '2 begins 1 ""',
      '1 sounds 20',
    ]);
  });

  it('reports what was spoken before it was lost, its sound ended', async (t) => {
    const rig = await Rig.open(t, true);
    await rig.utter(1);
    rig.translator.says(target('uno'), sound(10), { type: 'failed', error: new Error('gone') });
    assert.deepEqual(rig.story.slice(2), ['0 over', '1 spoken "uno"', 'failed']);
    assert.equal(rig.failureOf(1), 'stt gone');
  });
});

describe('SpeechRendering over a translator that only writes', () => {
  it('speaks each piece in order, and reports the utterance with its times', async (t) => {
    const rig = await Rig.open(t, false, 'pilar');
    rig.tts.atOnce = false;
    await rig.utter(1);
    await rig.clock.advance(300);
    rig.translator.says(target('Buenos días'), target(' a usted.'), CAUGHT_UP);
    await rig.clock.advance(100);
    for (const [i, samples] of [70, 80].entries()) {
      const pieces = new SpeechPieces();
      pieces.push(new Int16Array(samples));
      pieces.complete();
      rig.tts.asked[i]?.answer({ rateHz: 16_000, pieces });
      await rig.clock.settle();
    }
    const common = { language: 'es', wantedRateHz: 8_000, voice: { name: 'pilar' } };
    assert.deepEqual(
      rig.tts.asked.map(({ request }) => request),
      [
        { ...common, text: 'Buenos días' },
        { ...common, text: 'a usted.', previousText: 'Buenos días' },
      ],
    );
    assert.deepEqual(rig.story, [
      '1 begins 0 "Buenos días"',
      '0 sounds 70',
      '0 over',
      '1 begins 1 "a usted."',
      '1 sounds 80',
      '1 over',
      '1 spoken "Buenos días a usted."',
    ]);
    assert.deepEqual(rig.report(1).timing, {
      speechStartMs: 1_000,
      speechEndMs: 2_000,
      endpointMs: 2_000,
      sttFinalMs: 2_300,
      mtDoneMs: 2_300,
      ttsFirstMs: 2_400,
    });
    assert.deepEqual(rig.told, ['Buenos días', 'a usted.']);
  });

  it('passes the first bytes on at once, before there are more', async (t) => {
    const rig = await Rig.open(t, false);
    rig.tts.atOnce = false;
    await rig.utter(1);
    rig.translator.says(target('uno'));
    await rig.clock.settle();
    const pieces = new SpeechPieces();
    pieces.push(new Int16Array(10));
    rig.tts.asked[0]?.answer({ rateHz: 8_000, pieces });
    await rig.clock.settle();
    assert.deepEqual(rig.story, ['1 begins 0 "uno"', '0 sounds 10']);
  });

  it('speaks what was said during speech that goes on', async (t) => {
    const rig = await Rig.open(t, false);
    rig.start(1, 1_000);
    rig.translator.says(target('uno'));
    await rig.clock.settle();
    assert.equal(rig.story[0], '1 begins 0 "uno"');
  });

  it('gives a translation that comes late to the earliest utterance it has not caught up with', async (t) => {
    const rig = await Rig.open(t, false);
    await rig.utter(1);
    rig.start(2);
    rig.translator.says(target('uno'), CAUGHT_UP, target('dos'));
    await rig.clock.settle();
    assert.deepEqual(
      rig.story.filter((line) => /begins|spoken/.test(line)),
      ['1 begins 0 "uno"', '1 spoken "uno"', '2 begins 1 "dos"'],
    );
  });

  it('does not speak white space', async (t) => {
    const rig = await Rig.open(t, false);
    await rig.utter(1);
    rig.translator.says(target(' \n'), CAUGHT_UP);
    await rig.clock.settle();
    assert.deepEqual(rig.tts.asked, []);
    assert.deepEqual(rig.story, ['1 nothing-said ""']);
  });

  it('tries synthesis once more, then gives the piece up and speaks the next', async (t) => {
    const rig = await Rig.open(t, false);
    rig.tts.atOnce = false;
    await rig.utter(1);
    rig.translator.says(target('uno'));
    await rig.clock.settle();
    rig.tts.asked[0]?.fail(new AppError('engine-died', 'first'));
    await rig.clock.settle();
    rig.tts.asked[1]?.fail(new AppError('engine-died', 'second'));
    await rig.clock.settle();
    rig.tts.atOnce = true;
    rig.translator.says(target(' dos'), CAUGHT_UP);
    await rig.clock.settle();
    assert.deepEqual(
      rig.tts.asked.map(({ request }) => request.text),
      ['uno', 'uno', 'dos'],
    );
    assert.equal(rig.story.at(-1), '1 spoken "dos"');
    assert.equal(rig.failureOf(1), 'tts engine-died');
  });

  it('reports an utterance as failed when nothing of it could be spoken', async (t) => {
    const rig = await Rig.open(t, false);
    rig.tts.atOnce = false;
    await rig.utter(1);
    rig.translator.says(target('uno'), CAUGHT_UP);
    await rig.clock.settle();
    rig.tts.asked[0]?.fail(new AppError('engine-refused', 'no'));
    await rig.clock.settle();
    assert.deepEqual(rig.story, ['1 failed ""']);
    assert.equal(rig.failureOf(1), 'tts engine-refused');
  });

  it('gives synthesis that does not answer up after its time, twice', async (t) => {
    const rig = await Rig.open(t, false);
    rig.tts.atOnce = false;
    await rig.utter(1);
    rig.translator.says(target('uno'), CAUGHT_UP);
    await rig.clock.advance(8_000);
    assert.equal(rig.failureOf(1), 'tts engine-timeout');
  });

  it('ends a segment whose synthesis fails in the middle', async (t) => {
    const rig = await Rig.open(t, false);
    rig.tts.atOnce = false;
    await rig.utter(1);
    rig.translator.says(target('uno'), CAUGHT_UP);
    await rig.clock.settle();
    const pieces = new SpeechPieces();
    pieces.push(new Int16Array(10));
    rig.tts.asked[0]?.answer({ rateHz: 8_000, pieces });
    await rig.clock.settle();
    pieces.fail(new AppError('engine-died', 'gone'));
    await rig.clock.settle();
    assert.deepEqual(rig.story, ['1 begins 0 "uno"', '0 sounds 10', '0 over', '1 spoken "uno"']);
    assert.equal(rig.failureOf(1), 'tts engine-died');
  });

  it('prepares the next piece while one sounds, and no more than that', async (t) => {
    const rig = await Rig.open(t, false);
    rig.tts.atOnce = false;
    await rig.utter(1);
    rig.translator.says(target('uno'), target(' dos'), target(' tres'));
    await rig.clock.settle();
    assert.deepEqual(
      rig.tts.asked.map(({ request }) => request.text),
      ['uno', 'dos'],
    );
  });

  it('gives the oldest up when too many pieces wait, and reports it', async (t) => {
    const rig = await Rig.open(t, false);
    rig.tts.atOnce = false;
    await rig.utter(1);
    rig.translator.says(target('uno'), CAUGHT_UP);
    await rig.clock.settle();
    rig.tts.atOnce = true;
    await rig.utter(2);
    for (let i = 0; i < 17; i += 1) {
      rig.translator.says(target(` ${i}`));
    }
    rig.translator.says(CAUGHT_UP);
    const pieces = new SpeechPieces();
    pieces.push(new Int16Array(10));
    pieces.complete();
    rig.tts.asked[0]?.answer({ rateHz: 8_000, pieces });
    await rig.clock.settle();
    await rig.clock.settle();
    assert.equal(rig.failureOf(2), 'tts engine-overloaded');
    assert.equal(rig.report(2).outcome, 'spoken');
    assert.equal(rig.report(1).outcome, 'spoken');
    assert.doesNotMatch(rig.report(2).target.text, /^0/);
    assert.match(rig.report(2).target.text, /^1 2 3 .* 16$/);
  });

  it('stops synthesis when it closes', async (t) => {
    const rig = await Rig.open(t, false);
    rig.tts.atOnce = false;
    await rig.utter(1);
    rig.translator.says(target('uno'), target(' dos'));
    await rig.clock.settle();
    await rig.rendering.close();
    assert.deepEqual(
      rig.tts.asked.map(({ signal }) => signal.aborted),
      [true, true],
    );
  });
});
