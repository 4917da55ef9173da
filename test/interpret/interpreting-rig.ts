/**
 * A hearing and the renderings of it, over scripted engines, on a clock that stands. The party speaks English and is
 * rendered into Spanish, and into what a test asks for besides.
 */

import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { namedVoice } from '../../src/engines/tts/spoken-voice.ts';
import { Conversation, type SpeakerLines } from '../../src/interpret/conversation.ts';
import { EMPTY_GLOSSARY, type Glossary } from '../../src/interpret/exactness/glossary.ts';
import type { Hearing } from '../../src/interpret/hearing/hearing.ts';
import { SttHearings } from '../../src/interpret/hearing/stt-hearings.ts';
import type { PolicyName } from '../../src/interpret/policy/cut-policy.ts';
import type { Rendering, RenderingOptions } from '../../src/interpret/rendering/rendering.ts';
import { TextRenderings } from '../../src/interpret/rendering/text-renderings.ts';
import { FakeClock } from '../base/fake-clock.ts';
import { never } from '../support/waiting.ts';
import { type KeptEvent, RenderedLanguage } from './rendered-language.ts';
import { ScriptedMt, ScriptedStt, ScriptedTts } from './scripted-engines.ts';

export interface RigOptions {
  /** Default `turn`. */
  readonly policy?: PolicyName;
  /** Default false. */
  readonly drafts?: boolean;
  readonly alsoLanguages?: readonly string[];
  readonly glossary?: Glossary;
  readonly voice?: string;
  readonly hasRoom?: boolean;
  /** Which word of a segment was stressed; the engine can stress then. */
  readonly stressed?: RenderingOptions['stressed'];
}

/** A rendering with its engines. */
export class Rendered extends RenderedLanguage {
  readonly mt = new ScriptedMt();
  readonly tts = new ScriptedTts();
  #rendering: Rendering | undefined;

  get rendering(): Rendering {
    assert.ok(this.#rendering !== undefined);
    return this.#rendering;
  }

  open(rig: Rig, to: string): this {
    const { drafts = false, glossary = EMPTY_GLOSSARY, voice, hasRoom = true, stressed } = rig.options;
    this.tts.hasRoom = hasRoom;
    this.tts.traits = stressed === undefined ? {} : { stress: true };
    this.#rendering = new TextRenderings({ mt: this.mt, tts: this.tts }, rig.clock).open(
      {
        from: 'en',
        to,
        wantedRateHz: 8_000,
        voice: () => namedVoice(voice),
        stressed,
        glossary,
        drafts,
        lines: rig.lines,
        told: (text) => rig.told.push(text),
        speak: (segment) => this.speak(segment),
        onEvent: (event) => this.keep(event),
      },
      rig.hearing,
    );
    return this;
  }
}

/** What the hearing and the Spanish rendering say is kept in one list, in order. */
export class Rig extends Rendered {
  readonly clock = new FakeClock();
  readonly stt = new ScriptedStt();
  readonly options: RigOptions;
  /** The conversation as the speaker knows it. */
  readonly lines: SpeakerLines = new Conversation().of('speaker');
  /** What listeners were told. */
  readonly told: string[] = [];
  readonly #others: Rendered[] = [];
  #hearing: Hearing | undefined;

  private constructor(options: RigOptions) {
    super();
    this.options = options;
  }

  static async open(test: TestContext, options: RigOptions = {}): Promise<Rig> {
    const { policy = 'turn', alsoLanguages = [], glossary = EMPTY_GLOSSARY } = options;
    const rig = new Rig(options);
    rig.#hearing = await new SttHearings(rig.stt, rig.clock).open(
      {
        from: 'en',
        alsoLanguages,
        policy,
        terms: [...glossary.terms.keys()],
        lines: rig.lines,
        onEvent: (event) => rig.keep(event),
      },
      never(),
    );
    rig.open(rig, 'es');
    test.after(() => rig.close());
    return rig;
  }

  get hearing(): Hearing {
    assert.ok(this.#hearing !== undefined);
    return this.#hearing;
  }

  /** Somebody begins to listen in `to`. */
  render(to: string): Rendered {
    const rendered = new Rendered().open(this, to);
    this.#others.push(rendered);
    return rendered;
  }

  async close(): Promise<void> {
    const renderings = [this, ...this.#others].map(({ rendering }) => rendering.close());
    await Promise.all([this.hearing.close(), ...renderings]);
  }

  start(utterance: number, startMs: number, overlapping = false): void {
    this.hearing.take({ type: 'started', utterance, startMs, overlapping });
  }

  write(samples: number): void {
    this.hearing.take({ type: 'audio', pcm: new Int16Array(samples) });
  }

  pause(silenceStartMs: number, echoShare = 0): void {
    this.hearing.take({ type: 'paused', silenceStartMs, echoShare });
  }

  end(endMs: number, decidedMs = this.clock.nowMs(), echoShare = 0): void {
    this.hearing.take({ type: 'ended', endMs, decidedMs, echoShare });
  }

  /** An utterance that lasts `lengthMs`, its end noticed at once; its final text comes at once, too. */
  async utter(utterance: number, text: string, lengthMs = 1_000): Promise<void> {
    this.start(utterance, this.clock.nowMs());
    await this.clock.advance(lengthMs);
    this.end(this.clock.nowMs());
    this.stt.hears('final', utterance, text);
    await this.clock.settle();
  }

  /** The stream of recognition fails, and each one that is opened in its place. */
  async recognitionFails(error: Error): Promise<void> {
    for (const pauseMs of [0, 200, 400]) {
      this.stt.fails(error);
      await this.clock.advance(pauseMs);
    }
    this.stt.fails(error);
  }

  /** Types of what came out. */
  get types(): readonly KeptEvent['type'][] {
    return this.events.map(({ type }) => type);
  }
}
