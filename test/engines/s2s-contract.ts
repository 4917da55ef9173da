/**
 * What every fused translator keeps to, for English to Spanish. Time is a `FakeClock` that the stand-in shares: it
 * moves in steps, and at each all that was sent arrives before the next.
 */

import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { codeOf } from '../../src/base/errors.ts';
import { Secret } from '../../src/base/secret.ts';
import type {
  SpeechTranslator,
  SpeechTranslatorEvent,
  SpeechTranslatorStream,
} from '../../src/engines/s2s/speech-translator.ts';
import { FakeClock } from '../base/fake-clock.ts';
import type { ProviderSessions } from '../stand-ins/provider-sessions.ts';
import { testSignal } from './events.ts';

export const KEY = 'a-key-that-is-secret';

/** What the stand-ins' scripts say; both engines translate the first two bursts so. */
export const SCRIPT = [
  { source: 'good morning to you', target: 'buenos días a usted' },
  { source: 'where is the station', target: 'dónde está la estación' },
] as const;

/** A provider in whose place a test stands. */
export interface S2sProvider {
  readonly url: string;
  readonly sessions: ProviderSessions;
  /** Makes it take audio and say nothing. */
  deafen(): void;
  close(): Promise<void>;
}

export interface S2sSubject<Provider extends S2sProvider> {
  readonly start: (clock: FakeClock) => Promise<Provider>;
  readonly engine: (settings: {
    readonly clock: FakeClock;
    readonly url: string;
    readonly apiKey: Secret;
  }) => SpeechTranslator;
}

/** An engine, its provider and what a stream said, on one clock. */
export class S2sRig<Provider extends S2sProvider> {
  readonly clock = new FakeClock();
  readonly events: SpeechTranslatorEvent[] = [];
  readonly provider: Provider;
  readonly engine: SpeechTranslator;

  private constructor(provider: Provider, clock: FakeClock, engine: SpeechTranslator) {
    this.provider = provider;
    this.clock = clock;
    this.engine = engine;
  }

  static async start<Provider extends S2sProvider>(
    test: TestContext,
    { start, engine }: S2sSubject<Provider>,
    key = KEY,
  ): Promise<S2sRig<Provider>> {
    const clock = new FakeClock();
    const provider = await start(clock);
    const rig = new S2sRig(provider, clock, engine({ clock, url: provider.url, apiKey: new Secret(key) }));
    test.after(async () => {
      // The provider first: it must not keep the engine from closing.
      await provider.close();
      await rig.engine.close();
    });
    return rig;
  }

  open(signal = testSignal()): Promise<SpeechTranslatorStream> {
    return this.engine.open(
      { from: 'en', to: 'es', wantedRateHz: 8_000, onEvent: (event) => this.events.push(event) },
      signal,
    );
  }

  /** Moves time on; what is sent at each step arrives before the next. */
  async pass(ms: number): Promise<void> {
    for (let passedMs = 0; passedMs < ms; passedMs += 100) {
      await this.clock.advance(Math.min(100, ms - passedMs));
      await this.provider.sessions.roundTrip();
    }
  }

  /** A second of speech in real time, and its end. */
  async speak(stream: SpeechTranslatorStream, lengthMs = 1_000): Promise<void> {
    for (let atMs = 0; atMs < lengthMs; atMs += 100) {
      for (let i = 0; i < 5; i += 1) {
        stream.write(speech(20));
      }
      await this.pass(100);
    }
    stream.endOfSpeech();
  }

  /** Everything of one kind of text that came, as it reads. */
  text(type: 'source' | 'target'): string {
    return this.events
      .map((event) => (event.type === type && (event.type !== 'source' || event.concluded) ? event.text : ''))
      .join('');
  }

  count(type: SpeechTranslatorEvent['type']): number {
    return this.events.filter((event) => event.type === type).length;
  }

  /** The code of the failure there was. */
  failure(): string {
    const failures = this.events.filter((event) => event.type === 'failed');
    assert.equal(failures.length, 1, `${failures.length} failures`);
    assert.equal(this.events.at(-1), failures[0], 'events after the failure');
    const [failure] = failures;
    assert.ok(failure?.type === 'failed');
    assertDiscreet(failure.error);
    return codeOf(failure.error);
  }
}

/** A loud square wave at 16 kHz. */
export function speech(lengthMs: number): Int16Array {
  return Int16Array.from({ length: lengthMs * 16 }, (_, i) => (i % 32 < 16 ? 6_000 : -6_000));
}

/** Neither a key nor anything that was said is in what an operator gets to read. */
export function assertDiscreet(error: unknown): void {
  for (let each: unknown = error; each instanceof Error; each = each.cause) {
    for (const secret of [KEY, 'stand-in-key', ...SCRIPT.flatMap(({ source, target }) => [source, target])]) {
      assert.ok(!`${each.message} ${each.stack}`.includes(secret), `"${secret}" is in: ${each.message}`);
    }
  }
}

/** Rejects with `code` and nothing secret. */
export async function rejectsWith(opening: Promise<unknown>, code: string): Promise<void> {
  await assert.rejects(opening, (error) => {
    assertDiscreet(error);
    assert.equal(codeOf(error), code);
    return true;
  });
}

export function describeS2sContract<Provider extends S2sProvider>(
  name: string,
  subject: S2sSubject<Provider>,
): void {
  describe(`${name} as a fused translator`, () => {
    it('supports English to Spanish, with regions, and says why it does not support others', async (t) => {
      const { engine } = await S2sRig.start(t, subject);
      assert.deepEqual(await engine.supports('en', 'es'), { supported: true });
      assert.deepEqual(await engine.supports('es-MX', 'en-GB'), { supported: true });
      for (const [from, to] of [
        ['en', 'qq'],
        ['qq', 'en'],
      ] as const) {
        const support = await engine.supports(from, to);
        assert.equal(support.supported, false);
        assert.match(support.supported ? '' : support.reason, /qq/);
      }
      await rejectsWith(
        engine.open({ from: 'en', to: 'qq', wantedRateHz: 8_000, onEvent: () => {} }, testSignal()),
        'language-unsupported',
      );
    });

    it('translates what is said, then says that it has caught up', async (t) => {
      const rig = await S2sRig.start(t, subject);
      const stream = await rig.open();
      await rig.speak(stream);
      await rig.pass(9_000);
      assert.equal(rig.text('source'), SCRIPT[0].source);
      assert.equal(rig.text('target'), SCRIPT[0].target);
      assert.equal(rig.count('audio') > 0, rig.engine.speaks);
      assert.equal(rig.count('caught-up'), 1);
      assert.equal(rig.events.at(-1)?.type, 'caught-up');
      assert.equal(stream.droppedMs, 0);
    });

    it('translates one utterance after another on one stream', async (t) => {
      const rig = await S2sRig.start(t, subject);
      const stream = await rig.open();
      await rig.speak(stream);
      await rig.pass(9_000);
      await rig.speak(stream);
      await rig.pass(9_000);
      assert.equal(rig.text('target'), SCRIPT[0].target + SCRIPT[1].target);
      assert.equal(rig.count('caught-up'), 2);
    });

    it('catches up with every end of speech, also when speech goes on soon', async (t) => {
      const rig = await S2sRig.start(t, subject);
      const stream = await rig.open();
      await rig.speak(stream);
      await rig.pass(700);
      await rig.speak(stream);
      await rig.pass(12_000);
      assert.equal(rig.text('target'), SCRIPT[0].target + SCRIPT[1].target);
      assert.equal(rig.count('caught-up'), 2);
    });

    it('catches up with silence, and with nothing at all', async (t) => {
      const rig = await S2sRig.start(t, subject);
      const stream = await rig.open();
      stream.write(new Int16Array(8_000));
      stream.endOfSpeech();
      await rig.pass(9_000);
      stream.endOfSpeech();
      await rig.pass(9_000);
      assert.deepEqual(
        rig.events.map(({ type }) => type),
        ['caught-up', 'caught-up'],
      );
    });

    it('keeps an idle connection, and translates after two minutes', async (t) => {
      const rig = await S2sRig.start(t, subject);
      const stream = await rig.open();
      await rig.pass(120_000);
      assert.deepEqual(rig.events, []);
      await rig.speak(stream);
      await rig.pass(9_000);
      assert.equal(rig.text('target'), SCRIPT[0].target);
    });

    it('drops the oldest of what cannot be sent in time, and counts it', async (t) => {
      const rig = await S2sRig.start(t, subject);
      const stream = await rig.open();
      stream.write(speech(9_000));
      assert.ok(stream.droppedMs > 3_500 && stream.droppedMs <= 4_000, `${stream.droppedMs} ms`);
      stream.endOfSpeech();
      await rig.pass(12_000);
      assert.equal(rig.text('target'), SCRIPT[0].target);
    });

    it('says nothing after close, which can be called twice', async (t) => {
      const rig = await S2sRig.start(t, subject);
      const stream = await rig.open();
      await rig.speak(stream);
      const seen = rig.events.length;
      await Promise.all([stream.close(), stream.close()]);
      stream.write(speech(20));
      stream.endOfSpeech();
      await rig.pass(9_000);
      assert.equal(rig.events.length, seen);
      assert.equal(rig.provider.sessions.open.size, 0);
    });

    it('leaves no timer behind', async (t) => {
      const rig = await S2sRig.start(t, subject);
      const stream = await rig.open();
      await rig.speak(stream);
      await stream.close();
      await rig.pass(100);
      assert.equal(rig.clock.pendingTimers, 0);
    });

    it('fails once when the connection is lost', async (t) => {
      for (const code of ['dropped', 1000, 1006, 1011, 4000] as const) {
        const rig = await S2sRig.start(t, subject);
        const stream = await rig.open();
        stream.write(speech(200));
        await rig.pass(200);
        rig.provider.sessions.end(code === 1006 ? 'dropped' : code);
        await rig.pass(500);
        assert.equal(rig.failure(), 'engine-died');
        stream.write(speech(200));
        stream.endOfSpeech();
        await rig.pass(500);
        await stream.close();
        assert.equal(rig.failure(), 'engine-died');
      }
    });

    it('tells a refused key and an overload from other ends', async (t) => {
      for (const [code, meaning] of [
        [3000, 'engine-refused'],
        [1013, 'engine-overloaded'],
      ] as const) {
        const rig = await S2sRig.start(t, subject);
        await rig.open();
        rig.provider.sessions.end(code);
        await rig.pass(500);
        assert.equal(rig.failure(), meaning);
      }
    });

    it('notices a connection that is dead without a word', async (t) => {
      const rig = await S2sRig.start(t, subject);
      await rig.open();
      await rig.pass(100);
      rig.provider.sessions.freeze();
      await rig.pass(6_500);
      assert.equal(rig.failure(), 'engine-timeout');
    });

    it('notices a provider that takes speech and never answers', async (t) => {
      const rig = await S2sRig.start(t, subject);
      rig.provider.deafen();
      const stream = await rig.open();
      await rig.speak(stream, 9_500);
      assert.deepEqual(rig.events, []);
      await rig.speak(stream, 1_000);
      await rig.pass(100);
      assert.equal(rig.failure(), 'engine-timeout');
    });

    it('notices one that never answers though nobody speaks for long', async (t) => {
      const rig = await S2sRig.start(t, subject);
      rig.provider.deafen();
      const stream = await rig.open();
      for (let utterance = 0; utterance < 4; utterance += 1) {
        await rig.speak(stream, 2_000);
        await rig.pass(6_000);
      }
      assert.equal(rig.count('failed'), 0);
      await rig.speak(stream, 2_000);
      await rig.pass(6_000);
      assert.equal(rig.failure(), 'engine-timeout');
    });

    it('does not count the coughs of who listens for what is said after them', async (t) => {
      const rig = await S2sRig.start(t, subject);
      rig.provider.deafen();
      const stream = await rig.open();
      for (let cough = 0; cough < 12; cough += 1) {
        await rig.speak(stream, 900);
        await rig.pass(15_000);
      }
      assert.deepEqual([rig.count('caught-up'), rig.count('failed')], [12, 0]);
      await rig.speak(stream, 9_500);
      assert.equal(rig.count('failed'), 0);
    });

    it('takes long speech, which is answered now and then, for what it is', async (t) => {
      const rig = await S2sRig.start(t, subject);
      const stream = await rig.open();
      await rig.speak(stream, 6_000);
      await rig.pass(9_000);
      await rig.speak(stream, 6_000);
      await rig.pass(9_000);
      assert.equal(rig.count('failed'), 0);
      assert.equal(rig.text('target'), SCRIPT[0].target + SCRIPT[1].target);
    });

    it('fails when the provider sends what it should not', async (t) => {
      for (const garbage of ['not json', '7', '[]', '"text"']) {
        const rig = await S2sRig.start(t, subject);
        await rig.open();
        rig.provider.sessions.send(garbage);
        await rig.pass(100);
        assert.equal(rig.failure(), 'engine-bad-answer', garbage);
      }
    });

    it('fails when the provider sends binary data', async (t) => {
      const rig = await S2sRig.start(t, subject);
      await rig.open();
      for (const socket of rig.provider.sessions.open) {
        socket.send(Buffer.from('{}'));
      }
      await rig.pass(100);
      assert.equal(rig.failure(), 'engine-bad-answer');
    });

    it('says that the provider refuses a wrong key', async (t) => {
      const rig = await S2sRig.start(t, subject, 'another-key');
      await rejectsWith(rig.open(), 'engine-refused');
    });

    it('does not repeat a key that cannot be sent', async (t) => {
      for (const key of ['', `${KEY}\n`, `${KEY} x`, `${KEY}é`]) {
        const rig = await S2sRig.start(t, subject, key);
        await rejectsWith(rig.open(), 'engine-refused');
      }
    });

    it('says that a provider that is not there cannot be reached', async (t) => {
      const rig = await S2sRig.start(t, subject);
      await rig.provider.close();
      await rejectsWith(rig.open(), 'engine-start-failed');
    });

    it('does not open for a signal that has aborted', async (t) => {
      const rig = await S2sRig.start(t, subject);
      const reason = new Error('hung up');
      await assert.rejects(rig.open(AbortSignal.abort(reason)), reason);
    });

    it('ends its streams when it closes, and refuses to open after', async (t) => {
      const rig = await S2sRig.start(t, subject);
      await rig.open();
      await rig.engine.close();
      await rig.engine.close();
      await rig.provider.sessions.roundTrip();
      assert.equal(rig.provider.sessions.open.size, 0);
      assert.deepEqual(rig.events, []);
      await rejectsWith(rig.open(), 'closed');
    });
  });
}
