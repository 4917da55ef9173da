/**
 * What every adapter that speaks WebSocket keeps to: no redirect followed with a key, no message without a limit, no
 * wait without a deadline.
 */

import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { setImmediate as turnOfLoop } from 'node:timers/promises';
import type { Clock } from '../../src/base/clock.ts';
import { systemClock } from '../../src/base/clock.ts';
import { AppError, codeOf } from '../../src/base/errors.ts';
import { Secret } from '../../src/base/secret.ts';
import { DeeplVoiceEngine } from '../../src/engines/s2s/deepl-voice/deepl-voice-engine.ts';
import { OpenaiRealtimeEngine } from '../../src/engines/s2s/openai-realtime/openai-realtime-engine.ts';
import type { SpeechTranslator } from '../../src/engines/s2s/speech-translator.ts';
import { DeepgramEngine } from '../../src/engines/stt/deepgram/deepgram-engine.ts';
import type { SttEngine, SttStream } from '../../src/engines/stt/stt-engine.ts';
import { VoskEngine } from '../../src/engines/stt/vosk/vosk-engine.ts';
import { MOST_MESSAGE_BYTES } from '../../src/engines/wire/web-socket.ts';
import { FakeClock } from '../base/fake-clock.ts';
import { startDeepgram } from '../stand-ins/deepgram.ts';
import { DeeplVoiceStandIn } from '../stand-ins/deepl-voice.ts';
import { OpenaiRealtimeStandIn } from '../stand-ins/openai-realtime.ts';
import { UnrulyServer } from '../stand-ins/unruly-server.ts';
import { VoskStandIn } from '../stand-ins/vosk.ts';
import { testSignal } from './events.ts';
import { failureOf } from './failure-of.ts';

const KEY = 'k3y-that-nobody-may-see';

/** What a stream that is open can do here. */
interface Opened {
  /** 100 ms of speech. */
  speak(): void;
}

interface Adapter {
  readonly name: string;
  /** Opens a stream at `127.0.0.1:port`; the engine is closed with the test. */
  open(test: TestContext, host: string, clock: Clock, onFailed: (error: Error) => void): Promise<Opened>;
  /** Starts the provider's stand-in, which sends `text` to a stream once it is open and has spoken. */
  says(test: TestContext, text: string): Promise<{ readonly host: string; readonly say: () => void }>;
}

const SPEECH_SAMPLES = 1_600;

async function openStt(
  test: TestContext,
  engine: SttEngine,
  onFailed: (error: Error) => void,
): Promise<Opened> {
  test.after(() => engine.close());
  const stream: SttStream = await engine.open(
    { language: 'en', onEvent: (event) => event.type === 'failed' && onFailed(event.error) },
    testSignal(),
  );
  stream.startUtterance(1);
  return { speak: () => stream.write(new Int16Array(SPEECH_SAMPLES)) };
}

async function openS2s(
  test: TestContext,
  engine: SpeechTranslator,
  onFailed: (error: Error) => void,
): Promise<Opened> {
  test.after(() => engine.close());
  const onEvent = (event: { readonly type: string; readonly error?: Error }): void => {
    if (event.error !== undefined) {
      onFailed(event.error);
    }
  };
  const stream = await engine.open({ from: 'en', to: 'es', wantedRateHz: 8_000, onEvent }, testSignal());
  return { speak: () => stream.write(new Int16Array(SPEECH_SAMPLES)) };
}

const apiKey = new Secret(KEY);

const ADAPTERS: readonly Adapter[] = [
  {
    name: 'deepgram',
    open: (test, host, clock, onFailed) =>
      openStt(test, new DeepgramEngine({ clock, apiKey, url: `ws://${host}` }), onFailed),
    says: async (test, text) => {
      const standIn = await startDeepgram({ apiKey: KEY, fault: { type: 'garbage', afterMs: 0, text } });
      test.after(() => standIn.close());
      return { host: new URL(standIn.url).host, say: () => {} };
    },
  },
  {
    name: 'vosk',
    open: (test, host, clock, onFailed) =>
      openStt(
        test,
        new VoskEngine({ clock, servers: new Map([['*', `ws://${host}/?token=${KEY}`]]) }),
        onFailed,
      ),
    says: async (test, message) => {
      const fault = { type: 'answers', afterMessages: 1, message } as const;
      const standIn = await VoskStandIn.open({ fault: () => fault });
      test.after(() => standIn.close());
      return { host: new URL(standIn.url).host, say: () => {} };
    },
  },
  {
    name: 'deepl-voice',
    open: (test, host, clock, onFailed) =>
      openS2s(test, new DeeplVoiceEngine({ clock, apiKey, url: `http://${host}` }), onFailed),
    says: async (test, text) => {
      const standIn = await DeeplVoiceStandIn.start({ clock: new FakeClock(), lines: [], apiKey: KEY });
      test.after(() => standIn.close());
      return { host: standIn.sessions.host, say: () => standIn.sessions.send(text) };
    },
  },
  {
    name: 'openai-realtime',
    open: (test, host, clock, onFailed) =>
      openS2s(
        test,
        new OpenaiRealtimeEngine({ clock, apiKey, url: `ws://${host}/v1/realtime/translations` }),
        onFailed,
      ),
    says: async (test, text) => {
      const standIn = await OpenaiRealtimeStandIn.start({ lines: [], apiKey: KEY });
      test.after(() => standIn.close());
      return { host: standIn.sessions.host, say: () => standIn.sessions.send(text) };
    },
  },
];

async function unruly(
  test: TestContext,
  ...how: Parameters<typeof UnrulyServer.listen>
): Promise<UnrulyServer> {
  const server = await UnrulyServer.listen(...how);
  test.after(() => server.close());
  return server;
}

/** What DeepL answers to a request for a session. */
function session(host: string): string {
  return JSON.stringify({ streaming_url: `ws://${host}/voice`, token: KEY });
}

const never = (error: Error): void => assert.fail(error);

for (const adapter of ADAPTERS) {
  describe(`the WebSocket of ${adapter.name}`, () => {
    for (const status of [301, 302, 303, 307, 308]) {
      it(`is not taken elsewhere by status ${status}`, async (test) => {
        const elsewhere = await unruly(test, { type: 'hang' });
        const location = `ws://${elsewhere.host}/?stolen`;
        const server = await unruly(test, { type: 'redirect', status, location }, session);
        const failure = await failureOf(adapter.open(test, server.host, systemClock, never));
        assert.match(failure.code, /^engine-/);
        assert.ok(!failure.everything.includes(KEY), 'the key is shown');
        assert.equal(server.handshakes, 1);
        assert.equal(elsewhere.requests.length, 0);
      });
    }

    it('gives up an opening that is never answered, at its deadline, and lets go of it', async (test) => {
      const clock = new FakeClock();
      const server = await unruly(test, { type: 'hang' }, session);
      const opening = failureOf(adapter.open(test, server.host, clock, never));
      await server.until(() => server.handshakes === 1, testSignal());
      await clock.advance(4_999);
      assert.equal(server.open, 1);
      await clock.advance(1);
      assert.equal((await opening).code, 'engine-timeout');
      await server.until(() => server.open === 0, testSignal());
      assert.equal(clock.pendingTimers, 0);
    });

    it('reads no more of a refusal than its beginning', async (test) => {
      const server = await unruly(test, { type: 'endless', status: 403 }, session);
      const failure = await failureOf(adapter.open(test, server.host, systemClock, never));
      assert.equal(failure.code, 'engine-refused');
      assert.ok(failure.message.length < 400);
      await server.until(() => server.open === 0, testSignal());
    });

    it(`fails over a message of more than ${MOST_MESSAGE_BYTES} bytes`, async (test) => {
      // As JSON it would be taken, or passed over.
      const pad = 'x'.repeat(MOST_MESSAGE_BYTES);
      const text = JSON.stringify({ type: 'more', partial: pad });
      const { host, say } = await adapter.says(test, text);
      const failures: string[] = [];
      const failed = new Promise<void>((resolve) => {
        adapter
          .open(test, host, systemClock, (error) => {
            failures.push(codeOf(error), error.message);
            resolve();
          })
          .then((opened) => {
            opened.speak();
            say();
          }, never);
      });
      await failed;
      assert.equal(failures[0], 'engine-bad-answer');
      assert.ok(!failures[1]?.includes('xxx'));
    });
  });
}

describe('the WebSocket of a peer that reads nothing', () => {
  it('holds what it may, lets the oldest go, counted, and is given up at its deadline', async (test) => {
    const clock = new FakeClock();
    const server = await unruly(test, { type: 'deaf' });
    const engine = new DeepgramEngine({ clock, apiKey, url: `ws://${server.host}` });
    test.after(() => engine.close());
    const failures: Error[] = [];
    const stream = await engine.open(
      { language: 'en', onEvent: (event) => event.type === 'failed' && failures.push(event.error) },
      testSignal(),
    );
    stream.startUtterance(1);
    // The kernels of both ends take some MB first, which is minutes of speech.
    for (let seconds = 0; seconds < 3_600 && stream.droppedMs === 0; seconds += 1) {
      for (let frame = 0; frame < 50; frame += 1) {
        stream.write(new Int16Array(320));
      }
      await turnOfLoop();
    }
    assert.ok(stream.droppedMs > 0, 'an hour of speech was held');
    assert.equal(failures.length, 0);
    await clock.advance(5_000);
    const [failure] = failures;
    assert.ok(failure instanceof AppError && failure.code === 'engine-timeout');
  });
});
