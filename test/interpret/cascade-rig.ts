/**
 * A cascade over scripted engines, on a clock that stands.
 */

import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { AppError } from '../../src/base/errors.ts';
import type { CascadePolicies } from '../../src/interpret/cascade/cascade.ts';
import { CascadeFactory } from '../../src/interpret/cascade/cascade-factory.ts';
import { Conversation, type ConversationSide } from '../../src/interpret/conversation.ts';
import type { Interpreter, InterpreterEvent } from '../../src/interpret/interpreter.ts';
import { FakeClock } from '../base/fake-clock.ts';
import { ScriptedMt, ScriptedStt, ScriptedTts } from './scripted-engines.ts';

type Ended = Extract<InterpreterEvent, { type: 'utterance-ended' }>;

export interface RigOptions extends CascadePolicies {
  readonly voice?: string;
  readonly hasRoom?: boolean;
}

export class Rig {
  readonly clock = new FakeClock();
  readonly stt = new ScriptedStt();
  readonly mt = new ScriptedMt();
  readonly tts = new ScriptedTts();
  /** All but what is only noted. */
  readonly events: InterpreterEvent[] = [];
  readonly noted: string[] = [];
  /** The other direction: what it says is heard by the speaker. */
  readonly other: ConversationSide;
  readonly #side: ConversationSide;
  #interpreter: Interpreter | undefined;

  private constructor() {
    const conversation = new Conversation();
    this.#side = conversation.side(0, 1);
    this.other = conversation.side(1, 0);
  }

  static async open(
    test: TestContext,
    { voice, hasRoom = true, ...policies }: RigOptions = {},
  ): Promise<Rig> {
    const rig = new Rig();
    rig.tts.hasRoom = hasRoom;
    const engines = { stt: rig.stt, mt: rig.mt, tts: rig.tts, ...(voice === undefined ? {} : { voice }) };
    rig.#interpreter = await new CascadeFactory(engines, rig.clock, {
      policy: 'turn',
      drafts: false,
      ...policies,
    }).open(
      {
        from: 'en',
        to: 'es',
        listenerRateHz: 8_000,
        conversation: rig.#side,
        onEvent: (event) => rig.#keep(event),
      },
      new AbortController().signal,
    );
    test.after(() => rig.interpreter.close());
    return rig;
  }

  #keep(event: InterpreterEvent): void {
    if (event.type === 'noted') {
      this.noted.push(event.what);
    } else {
      this.events.push(event);
    }
  }

  get interpreter(): Interpreter {
    assert.ok(this.#interpreter !== undefined);
    return this.#interpreter;
  }

  /** An utterance that lasts `lengthMs`, its end noticed at once; its final text comes at once, too. */
  async utter(utterance: number, text: string, lengthMs = 1_000): Promise<void> {
    this.interpreter.startUtterance(utterance, this.clock.nowMs(), false);
    await this.clock.advance(lengthMs);
    this.interpreter.endUtterance(this.clock.nowMs());
    this.stt.hears('final', utterance, text);
    await this.clock.settle();
  }

  /** What came out, in short, sound and captions left out. */
  get story(): readonly string[] {
    return this.events.flatMap((event) => {
      switch (event.type) {
        case 'segment-started':
          return [`${event.utterance} says ${event.text}`];
        case 'utterance-ended':
          return [`${event.utterance} ${event.outcome}`];
        case 'failed':
          return ['failed'];
        default:
          return [];
      }
    });
  }

  report(utterance: number): Ended {
    const ended = this.events.find(
      (event): event is Ended => event.type === 'utterance-ended' && event.utterance === utterance,
    );
    assert.ok(ended !== undefined, `utterance ${utterance} was not reported: ${this.story}`);
    return ended;
  }

  failureOf(utterance: number): string {
    const { failure } = this.report(utterance);
    assert.ok(failure?.error instanceof Error);
    return `${failure.stage} ${failure.error instanceof AppError ? failure.error.code : failure.error.message}`;
  }
}
