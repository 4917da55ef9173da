import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { Secret } from '../../src/base/secret.ts';
import { DeeplVoiceEngine } from '../../src/engines/s2s/deepl-voice/deepl-voice-engine.ts';
import { OpenaiRealtimeEngine } from '../../src/engines/s2s/openai-realtime/openai-realtime-engine.ts';
import type { SpeechTranslator } from '../../src/engines/s2s/speech-translator.ts';
import { FusedFactory } from '../../src/interpret/fused/fused-interpreter.ts';
import type { Interpreter, InterpreterEvent } from '../../src/interpret/interpreter.ts';
import { FakeClock } from '../base/fake-clock.ts';
import { speech } from '../engines/s2s-contract.ts';
import { DeeplVoiceStandIn } from '../stand-ins/deepl-voice.ts';
import { OpenaiRealtimeStandIn } from '../stand-ins/openai-realtime.ts';
import type { ProviderSessions } from '../stand-ins/provider-sessions.ts';
import { ScriptedTts } from './scripted-engines.ts';

const apiKey = new Secret('stand-in-key');

/** An interpreter over a real adapter, on a clock that its provider shares. */
class Rig {
  readonly #events: readonly InterpreterEvent[];
  readonly #clock: FakeClock;
  readonly #sessions: ProviderSessions;
  readonly #interpreter: Interpreter;

  private constructor(
    clock: FakeClock,
    sessions: ProviderSessions,
    interpreter: Interpreter,
    events: readonly InterpreterEvent[],
  ) {
    this.#events = events;
    this.#clock = clock;
    this.#sessions = sessions;
    this.#interpreter = interpreter;
  }

  static async open(
    test: TestContext,
    clock: FakeClock,
    provider: { readonly sessions: ProviderSessions; close(): Promise<void> },
    translator: SpeechTranslator,
  ): Promise<Rig> {
    const tts = new ScriptedTts();
    const events: InterpreterEvent[] = [];
    const interpreter = await new FusedFactory({ translator, tts }, clock).open(
      { from: 'en', to: 'es', listenerRateHz: 8_000, onEvent: (event) => events.push(event) },
      new AbortController().signal,
    );
    test.after(async () => {
      await provider.close();
      await interpreter.close();
      await translator.close();
    });
    return new Rig(clock, provider.sessions, interpreter, events);
  }

  async pass(ms: number): Promise<void> {
    for (let passedMs = 0; passedMs < ms; passedMs += 100) {
      await this.#clock.advance(100);
      await this.#sessions.roundTrip();
    }
  }

  /** An utterance of a second, and half a second of hang-over. */
  async utter(utterance: number): Promise<void> {
    this.#interpreter.startUtterance(utterance, this.#clock.nowMs(), false);
    for (let atMs = 0; atMs < 1_500; atMs += 100) {
      this.#interpreter.write(atMs < 1_000 ? speech(100) : new Int16Array(1_600));
      await this.pass(100);
    }
    this.#interpreter.endUtterance(this.#clock.nowMs() - 500);
  }

  get reports(): readonly string[] {
    return this.#events.flatMap((event) =>
      event.type === 'utterance-ended'
        ? [`${event.utterance} ${event.outcome}: ${event.source.text} = ${event.target.text}`]
        : [],
    );
  }
}

describe('FusedInterpreter', () => {
  it('interprets through DeepL Voice, one utterance soon after another', async (t) => {
    const clock = new FakeClock();
    const lines = [
      { source: 'good morning', target: ['buenos', ' días'] },
      { source: 'how are you', target: ['cómo', ' está'] },
    ];
    const standIn = await DeeplVoiceStandIn.start({ clock, lines });
    const rig = await Rig.open(t, clock, standIn, new DeeplVoiceEngine({ clock, apiKey, url: standIn.url }));
    await rig.utter(1);
    await rig.pass(300);
    await rig.utter(2);
    await rig.pass(4_000);
    assert.deepEqual(rig.reports, [
      '1 spoken: good morning = buenos días',
      '2 spoken: how are you = cómo está',
    ]);
  });

  it('interprets through OpenAI Realtime', async (t) => {
    const clock = new FakeClock();
    const lines = [
      { source: 'good morning', target: 'buenos días', soundMs: 800 },
      { source: 'how are you', target: 'cómo está', soundMs: 800 },
    ];
    const standIn = await OpenaiRealtimeStandIn.start({ lines, silentFrames: true });
    const rig = await Rig.open(
      t,
      clock,
      standIn,
      new OpenaiRealtimeEngine({ clock, apiKey, url: standIn.url }),
    );
    await rig.utter(1);
    await rig.pass(5_000);
    await rig.utter(2);
    await rig.pass(5_000);
    assert.deepEqual(rig.reports, [
      '1 spoken: good morning = buenos días',
      '2 spoken: how are you = cómo está',
    ]);
  });
});
