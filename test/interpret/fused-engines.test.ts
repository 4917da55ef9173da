import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { Secret } from '../../src/base/secret.ts';
import { DeeplVoiceEngine } from '../../src/engines/s2s/deepl-voice/deepl-voice-engine.ts';
import { OpenaiRealtimeEngine } from '../../src/engines/s2s/openai-realtime/openai-realtime-engine.ts';
import type { SpeechTranslator } from '../../src/engines/s2s/speech-translator.ts';
import { Conversation } from '../../src/interpret/conversation.ts';
import { EMPTY_GLOSSARY } from '../../src/interpret/exactness/glossary.ts';
import { SpeechRenderings } from '../../src/interpret/fused/speech-renderings.ts';
import type { FusedRendering, RenderingEvent } from '../../src/interpret/rendering/rendering.ts';
import { FakeClock } from '../base/fake-clock.ts';
import { speech } from '../engines/s2s-contract.ts';
import { DeeplVoiceStandIn } from '../stand-ins/deepl-voice.ts';
import { OpenaiRealtimeStandIn } from '../stand-ins/openai-realtime.ts';
import type { ProviderSessions } from '../stand-ins/provider-sessions.ts';
import { never } from '../support/waiting.ts';
import { ScriptedTts } from './scripted-engines.ts';

const apiKey = new Secret('stand-in-key');

/** A rendering over a real adapter, on a clock that its provider shares. */
class Rig {
  readonly #events: readonly RenderingEvent[];
  readonly #clock: FakeClock;
  readonly #sessions: ProviderSessions;
  readonly #rendering: FusedRendering;

  private constructor(
    clock: FakeClock,
    sessions: ProviderSessions,
    rendering: FusedRendering,
    events: readonly RenderingEvent[],
  ) {
    this.#events = events;
    this.#clock = clock;
    this.#sessions = sessions;
    this.#rendering = rendering;
  }

  static async open(
    test: TestContext,
    clock: FakeClock,
    provider: { readonly sessions: ProviderSessions; close(): Promise<void> },
    translator: SpeechTranslator,
  ): Promise<Rig> {
    const tts = new ScriptedTts();
    const events: RenderingEvent[] = [];
    const rendering = await new SpeechRenderings({ translator, tts }, clock).open(
      {
        from: 'en',
        to: 'es',
        wantedRateHz: 8_000,
        voice: () => undefined,
        glossary: EMPTY_GLOSSARY,
        drafts: false,
        lines: new Conversation().of('speaker'),
        told: () => {},
        speak: () => ({ add: () => {}, end: () => {} }),
        onEvent: (event) => events.push(event),
      },
      never(),
    );
    test.after(async () => {
      await provider.close();
      await rendering.close();
      await translator.close();
    });
    return new Rig(clock, provider.sessions, rendering, events);
  }

  async pass(ms: number): Promise<void> {
    for (let passedMs = 0; passedMs < ms; passedMs += 100) {
      await this.#clock.advance(100);
      await this.#sessions.roundTrip();
    }
  }

  /** An utterance of a second, and half a second of hang-over. */
  async utter(utterance: number): Promise<void> {
    this.#rendering.take({ type: 'started', utterance, startMs: this.#clock.nowMs(), overlapping: false });
    for (let atMs = 0; atMs < 1_500; atMs += 100) {
      const pcm = atMs < 1_000 ? speech(100) : new Int16Array(1_600);
      this.#rendering.take({ type: 'audio', pcm });
      await this.pass(100);
    }
    const decidedMs = this.#clock.nowMs();
    this.#rendering.take({ type: 'ended', endMs: decidedMs - 500, decidedMs, echoShare: 0 });
  }

  get reports(): readonly string[] {
    return this.#events.flatMap((event) =>
      event.type === 'utterance-ended'
        ? [`${event.utterance} ${event.outcome}: ${event.source.text} = ${event.target.text}`]
        : [],
    );
  }
}

describe('SpeechRendering', () => {
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
