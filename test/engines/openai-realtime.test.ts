import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { LongPauses } from '../../src/engines/s2s/openai-realtime/long-pauses.ts';
import {
  OpenaiRealtimeEngine,
  type OpenaiRealtimeSettings,
} from '../../src/engines/s2s/openai-realtime/openai-realtime-engine.ts';
import {
  type OpenaiRealtimeFault,
  OpenaiRealtimeStandIn,
  type OpenaiRealtimeStandInOptions,
} from '../stand-ins/openai-realtime.ts';
import {
  describeS2sContract,
  KEY,
  rejectsWith,
  type S2sProvider,
  S2sRig,
  type S2sSubject,
  SCRIPT,
  speech,
} from './s2s-contract.ts';

const LINES = SCRIPT.map((line) => ({ ...line, soundMs: 1_200 }));

interface Provider extends S2sProvider {
  readonly standIn: OpenaiRealtimeStandIn;
}

interface Given {
  readonly settings?: Partial<OpenaiRealtimeSettings>;
  readonly standIn?: Partial<OpenaiRealtimeStandInOptions>;
}

function subject(given: Given = {}): S2sSubject<Provider> {
  return {
    start: async () => {
      const standIn = await OpenaiRealtimeStandIn.start({ lines: LINES, apiKey: KEY, ...given.standIn });
      return {
        standIn,
        url: standIn.url,
        sessions: standIn.sessions,
        deafen: () => {
          standIn.fault = { type: 'deaf' };
        },
        close: () => standIn.close(),
      };
    },
    engine: (settings) => new OpenaiRealtimeEngine({ ...settings, ...given.settings }),
  };
}

async function faulty(t: TestContext, fault: OpenaiRealtimeFault): Promise<S2sRig<Provider>> {
  const rig = await S2sRig.start(t, subject());
  rig.provider.standIn.fault = fault;
  return rig;
}

function soundMs(rig: S2sRig<Provider>): number {
  return rig.events.reduce(
    (sum, event) => sum + (event.type === 'audio' ? (event.pcm.length * 1_000) / event.rateHz : 0),
    0,
  );
}

describeS2sContract('OpenAI Realtime', subject());

describe('OpenaiRealtimeEngine', () => {
  it('sets a session up with the model and the language', async (t) => {
    const rig = await S2sRig.start(t, subject({ settings: { model: 'another-model' } }));
    await rig.open();
    assert.deepEqual(rig.provider.standIn.setUp, ['another-model es']);
  });

  it('gives audio at 24 kHz as loud and as long as it was at 16 kHz', async (t) => {
    const rig = await S2sRig.start(t, subject());
    const stream = await rig.open();
    await rig.speak(stream, 2_000);
    await rig.pass(100);
    const { heardMs, peak } = rig.provider.standIn;
    assert.ok(heardMs >= 2_000 && heardMs <= 2_200, `${heardMs} ms`);
    assert.ok(peak > 5_000 && peak < 9_000, `${peak}`);
  });

  it('passes sound on as it comes, and text with its spaces', async (t) => {
    const rig = await S2sRig.start(t, subject());
    const stream = await rig.open();
    await rig.speak(stream, 1_400);
    const during = soundMs(rig);
    assert.ok(during >= 200, 'no sound while the speaker speaks');
    await rig.pass(9_000);
    assert.equal(soundMs(rig), 1_200);
    const target = rig.events.flatMap((event) => (event.type === 'target' ? [event.text] : []));
    assert.deepEqual(target, ['buenos', ' días', ' a', ' usted']);
  });

  it('feeds silence for as long as an answer is owed, so that all of it comes', async (t) => {
    const rig = await S2sRig.start(t, subject({ standIn: { lagMs: 4_000 } }));
    const stream = await rig.open();
    await rig.speak(stream);
    await rig.pass(9_000);
    assert.equal(rig.text('target'), SCRIPT[0].target);
    assert.equal(soundMs(rig), 1_200);
    assert.equal(rig.count('caught-up'), 1);
    assert.equal(rig.events.at(-1)?.type, 'caught-up');
  });

  it('stops feeding silence some time after it has caught up', async (t) => {
    const rig = await S2sRig.start(t, subject());
    const stream = await rig.open();
    await rig.speak(stream);
    await rig.pass(7_000);
    const { heardMs } = rig.provider.standIn;
    await rig.pass(9_000);
    assert.ok(rig.provider.standIn.heardMs - heardMs <= 200, 'silence goes on');
  });

  it('has caught up six seconds after speech to which nothing is said', async (t) => {
    const rig = await S2sRig.start(t, subject({ standIn: { lines: [] } }));
    const stream = await rig.open();
    await rig.speak(stream);
    await rig.pass(5_900);
    assert.deepEqual(rig.events, []);
    await rig.pass(200);
    assert.deepEqual(rig.events, [{ type: 'caught-up' }]);
  });

  it('catches up with speech that is in the listener language already', async (t) => {
    const lines = [{ source: 'hola', target: '', soundMs: 0 }];
    const rig = await S2sRig.start(t, subject({ standIn: { lines } }));
    const stream = await rig.open();
    await rig.speak(stream);
    await rig.pass(9_000);
    assert.equal(rig.text('source'), 'hola');
    assert.equal(rig.count('audio'), 0);
    assert.equal(rig.count('caught-up'), 1);
  });

  it('catches up, and passes no silence on, when every moment without speech is given as silence', async (t) => {
    const rig = await S2sRig.start(t, subject({ standIn: { silentFrames: true } }));
    const stream = await rig.open();
    await rig.speak(stream);
    await rig.pass(9_000);
    assert.equal(soundMs(rig), 1_200);
    assert.equal(rig.count('caught-up'), 1);
  });

  it('survives errors that leave the session open, but not three in a row', async (t) => {
    const rig = await S2sRig.start(t, subject());
    const stream = await rig.open();
    const twoErrors = (): void => {
      rig.provider.standIn.sendError('invalid_request_error', 'invalid_event');
      rig.provider.standIn.sendError('invalid_request_error', 'invalid_event');
    };
    twoErrors();
    await rig.speak(stream);
    await rig.pass(9_000);
    assert.equal(rig.text('target'), SCRIPT[0].target);
    twoErrors();
    await rig.pass(100);
    assert.equal(rig.count('failed'), 0);
    twoErrors();
    await rig.pass(100);
    assert.equal(rig.failure(), 'engine-bad-answer');
  });

  it('fails by what an error says, without what was said', async (t) => {
    for (const [kind, name, code] of [
      ['invalid_request_error', 'invalid_api_key', 'engine-refused'],
      ['insufficient_quota', 'insufficient_quota', 'engine-refused'],
      ['rate_limit_error', 'rate_limit_exceeded', 'engine-overloaded'],
      ['invalid_request_error', 'session_expired', 'engine-died'],
      ['server_error', 'Something "good morning to you" broke', 'engine-died'],
    ] as const) {
      const rig = await S2sRig.start(t, subject());
      await rig.open();
      rig.provider.standIn.sendError(kind, name);
      await rig.pass(100);
      assert.equal(rig.failure(), code, name);
    }
  });

  it('fails when the session is closed', async (t) => {
    const rig = await S2sRig.start(t, subject());
    await rig.open();
    rig.provider.standIn.send('session.closed', {});
    await rig.pass(100);
    assert.equal(rig.failure(), 'engine-died');
  });

  it('fails on sound it cannot play, and ignores events it does not know', async (t) => {
    const rig = await S2sRig.start(t, subject());
    await rig.open();
    rig.provider.standIn.send('session.something_new', { delta: 7 });
    await rig.pass(100);
    assert.deepEqual(rig.events, []);
    rig.provider.standIn.send('session.output_audio.delta', { delta: 'AAAA', channels: 2 });
    await rig.pass(100);
    assert.equal(rig.failure(), 'engine-bad-answer');
  });

  it('says when the provider refuses, is full, or cannot serve', async (t) => {
    for (const [status, code] of [
      [401, 'engine-refused'],
      [404, 'engine-refused'],
      [429, 'engine-overloaded'],
      [503, 'engine-overloaded'],
    ] as const) {
      await rejectsWith((await faulty(t, { type: 'status', status })).open(), code);
    }
    for (const [kind, name, code] of [
      ['invalid_request_error', 'model_not_found', 'engine-refused'],
      ['invalid_request_error', 'invalid_value', 'engine-refused'],
      ['rate_limit_error', 'rate_limit_exceeded', 'engine-overloaded'],
      ['server_error', 'server_error', 'engine-died'],
    ] as const) {
      await rejectsWith((await faulty(t, { type: 'refused', kind, code: name })).open(), code);
    }
  });

  it('gives up on a provider that does not answer', async (t) => {
    for (const [type, questions] of [
      ['no-upgrade', 1],
      ['no-session', 2],
    ] as const) {
      const rig = await faulty(t, { type });
      const opening = rejectsWith(rig.open(), 'engine-timeout');
      for (let i = 0; i < questions; i += 1) {
        await rig.provider.standIn.asked();
      }
      await rig.clock.advance(5_000);
      await opening;
      await rig.provider.sessions.roundTrip();
      assert.equal(rig.provider.sessions.open.size, 0);
    }
  });

  it('says goodbye', async (t) => {
    const rig = await S2sRig.start(t, subject());
    const stream = await rig.open();
    await stream.close();
    assert.deepEqual(rig.provider.standIn.farewells, ['session.close']);
  });
});

describe('LongPauses', () => {
  const loud = speech(200);
  const quiet = new Int16Array(3_200);

  it('lets a pause inside speech through once speech goes on', () => {
    const pauses = new LongPauses();
    assert.deepEqual(pauses.push(loud, 16_000), [loud]);
    assert.deepEqual(pauses.push(quiet, 16_000), []);
    assert.deepEqual(pauses.push(quiet, 16_000), []);
    assert.deepEqual(pauses.push(loud, 16_000), [quiet, quiet, loud]);
  });

  it('drops silence before speech, and all of a pause of more than 400 ms', () => {
    const pauses = new LongPauses();
    assert.deepEqual(pauses.push(quiet, 16_000), []);
    assert.deepEqual(pauses.push(loud, 16_000), [loud]);
    for (let i = 0; i < 3; i += 1) {
      assert.deepEqual(pauses.push(quiet, 16_000), []);
    }
    assert.deepEqual(pauses.push(loud, 16_000), [loud]);
  });
});
