import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Secret } from '../../src/base/secret.ts';
import {
  ElevenlabsEngine,
  type ElevenlabsSettings,
} from '../../src/engines/tts/elevenlabs/elevenlabs-engine.ts';
import { FakeClock } from '../base/fake-clock.ts';
import { type DialogueStandInOptions, ElevenlabsDialogueStandIn } from '../stand-ins/elevenlabs-dialogue.ts';
import { testSignal, untilTimers } from './events.ts';
import { failureOf } from './failure-of.ts';
import { patientClock } from './patient-clock.ts';
import { allSamples, describeTtsContract } from './tts-contract.ts';

const request = { text: 'un secreto hablado', language: 'es', wantedRateHz: 16_000 };
const apiKey = new Secret('sk_test');
const model = 'eleven_v4_turbo';
const GEORGE = 'JBFqnCBsd6RMkjVDRZzb';

describe('elevenlabs by dialogue', () => {
  let standIn: ElevenlabsDialogueStandIn;
  before(async () => {
    standIn = await ElevenlabsDialogueStandIn.start();
  });
  after(() => standIn.close());

  describeTtsContract(
    'elevenlabs with a model of the fourth generation',
    () => new ElevenlabsEngine({ clock: patientClock, apiKey, model, url: standIn.url }),
  );
});

describe('ElevenlabsEngine by dialogue', () => {
  const closers: (() => Promise<void>)[] = [];
  after(() => Promise.all(closers.map((close) => close())));

  async function start(
    options: DialogueStandInOptions = {},
    settings: Partial<ElevenlabsSettings> = {},
  ): Promise<{ standIn: ElevenlabsDialogueStandIn; engine: ElevenlabsEngine }> {
    const standIn = await ElevenlabsDialogueStandIn.start(options);
    const engine = new ElevenlabsEngine({
      clock: patientClock,
      apiKey,
      model,
      url: standIn.url,
      ...settings,
    });
    closers.push(
      () => engine.close(),
      () => standIn.close(),
    );
    return { standIn, engine };
  }

  it('registers one voice, says one text and ends, at the rate of the leg', async () => {
    const { standIn, engine } = await start();
    const voice = { name: 'EXAVITQu4vr4xnSDxMaL', emotion: 'excited', speed: 1.1 };
    const speech = await engine.synthesize({ ...request, previousText: 'Hola.', voice }, testSignal());
    assert.equal(speech.rateHz, 16_000);
    await allSamples(speech);
    assert.deepEqual(standIn.asked[0], {
      model,
      outputFormat: 'pcm_16000',
      messages: [
        { voices: [voice.name] },
        { inputs: [{ text: `[excited] ${request.text}`, voice_id: voice.name }] },
        { close_socket: true },
      ],
    });
    assert.deepEqual(engine.traits, { emotion: true });
  });

  it('has the next line open when a text has been spoken, and uses it', async () => {
    const { standIn, engine } = await start();
    for (let text = 1; text <= 3; text += 1) {
      await allSamples(await engine.synthesize(request, testSignal()));
      await standIn.until(() => standIn.asked.at(-1)?.messages.length === 1, testSignal());
      assert.equal(standIn.asked.length, text + 1);
    }
    assert.deepEqual(standIn.asked.at(-1)?.messages, [{ voices: [GEORGE] }]);
  });

  it('keeps a line that nobody speaks on for 15 s, fewer than the provider does', async () => {
    const clock = new FakeClock();
    const { standIn, engine } = await start({ clock }, { clock });
    await allSamples(await engine.synthesize(request, testSignal()));
    await standIn.until(() => standIn.asked[1]?.messages.length === 1, testSignal());
    // The stand-in's and ours.
    await untilTimers(clock, 2);
    await clock.advance(14_999);
    assert.equal(standIn.sessions.open.size, 1);
    await clock.advance(1);
    await standIn.until(() => standIn.sessions.open.size === 0, testSignal());
    await allSamples(await engine.synthesize(request, testSignal()));
    assert.equal(standIn.asked[2]?.messages.length, 3);
  });

  it('opens another line in place of one that was lost while it waited', async () => {
    const { standIn, engine } = await start();
    await allSamples(await engine.synthesize(request, testSignal()));
    await standIn.until(() => standIn.asked.at(-1)?.messages.length === 1, testSignal());
    standIn.sessions.end('dropped');
    await standIn.until(() => standIn.sessions.open.size === 0, testSignal());
    await allSamples(await engine.synthesize(request, testSignal()));
    assert.equal(standIn.asked[2]?.messages.length, 3);
  });

  it('says why it is refused and what to do, without repeating key or text', async () => {
    const handshakes: readonly [DialogueStandInOptions, string, RegExp][] = [
      [{ apiKey: 'sk_other' }, 'engine-refused', /HTTP 401.*ELEVENLABS_API_KEY/],
      [{ concurrency: 0 }, 'engine-overloaded', /HTTP 429.*plan/],
    ];
    for (const [options, code, message] of handshakes) {
      const { engine } = await start(options);
      await fails(engine, code, message);
    }
    const words: readonly [string, string, RegExp][] = [
      ['quota_exceeded', 'engine-refused', /credit left.*message quota_exceeded.*elevenlabs\.io/],
      ['invalid_api_key', 'engine-refused', /message invalid_api_key.*ELEVENLABS_API_KEY/],
      ['too_many_concurrent_requests', 'engine-overloaded', /too_many_concurrent_requests.*plan/],
      ['internal_server_error', 'engine-bad-answer', /internal_server_error/],
      ['Unsupported secreto', 'engine-refused', /refuses the request \(message\)/],
    ];
    const { standIn, engine } = await start();
    for (const [word, code, message] of words) {
      standIn.spoilNext({ type: 'error', word });
      await fails(engine, code, message);
    }
    const failure = await failureOf(
      engine.synthesize({ ...request, voice: { name: 'nobody' } }, testSignal()),
    );
    assert.equal(failure.code, 'voice-refused');
    assert.match(failure.message, /"nobody".*--voice/);
  });

  it('names each failure of the connection', async () => {
    const { standIn, engine } = await start();
    standIn.spoilNext({ type: 'dropped', afterChunks: 0 }, { type: 'nonsense' });
    await fails(engine, 'engine-died', /connection/);
    await fails(engine, 'engine-bad-answer', /no message/);
    await standIn.close();
    await fails(engine, 'engine-start-failed', /ECONNREFUSED/);
  });

  it('gives all the sound that came before it broke off, then the failure', async () => {
    const { standIn, engine } = await start();
    for (const fault of [
      { type: 'dropped', afterChunks: 3 },
      { type: 'error', word: 'quota_exceeded', afterChunks: 3 },
    ] as const) {
      standIn.spoilNext(fault);
      const { pieces } = await engine.synthesize(request, testSignal());
      let samples = 0;
      const failure = await failureOf(
        (async () => {
          for await (const piece of pieces) {
            samples += piece.length;
          }
        })(),
      );
      assert.match(failure.code, /^engine-(?:died|refused)$/);
      // 3 chunks of 200 ms, without most of the silence of 40 ms.
      assert.ok(samples >= 8_900 && samples <= 9_600, `${samples}`);
    }
  });

  it('closes the line when it is aborted, for there is no other way to cancel', async () => {
    const { standIn, engine } = await start();
    standIn.spoilNext({ type: 'stall', afterChunks: 2 });
    const controller = new AbortController();
    const reason = new Error('hung up');
    const reading = allSamples(await engine.synthesize(request, controller.signal));
    controller.abort(reason);
    await assert.rejects(reading, reason);
    await standIn.until(() => standIn.sessions.open.size === 0, testSignal());
  });

  it('waits for no sound without a deadline', async () => {
    const clock = new FakeClock();
    const { standIn, engine } = await start({}, { clock });
    standIn.spoilNext({ type: 'stall', afterChunks: 0 });
    let failed = false;
    const failing = failureOf(engine.synthesize(request, testSignal())).then((failure) => {
      failed = true;
      return failure;
    });
    await standIn.until(() => standIn.asked[0]?.messages.length === 3, testSignal());
    while (!failed) {
      await clock.advance(500);
      assert.ok(clock.nowMs() < 30_000, 'it waits without end');
    }
    assert.equal((await failing).code, 'engine-timeout');
    await standIn.until(() => standIn.sessions.open.size === 0, testSignal());
  });

  async function fails(engine: ElevenlabsEngine, code: string, message: RegExp): Promise<void> {
    const failure = await failureOf(engine.synthesize(request, testSignal()).then(allSamples));
    assert.equal(failure.code, code, failure.message);
    assert.match(failure.message, message);
    assert.doesNotMatch(failure.everything, /sk_test|secreto/);
  }
});
