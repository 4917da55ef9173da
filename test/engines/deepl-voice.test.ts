import assert from 'node:assert/strict';
import { once } from 'node:events';
import { describe, it, type TestContext } from 'node:test';
import { WebSocket } from 'ws';
import {
  DeeplVoiceEngine,
  type DeeplVoiceSettings,
} from '../../src/engines/s2s/deepl-voice/deepl-voice-engine.ts';
import { decodeSession } from '../../src/engines/s2s/deepl-voice/deepl-voice-wire.ts';
import { FakeClock } from '../base/fake-clock.ts';
import { type DeeplVoiceFault, DeeplVoiceStandIn } from '../stand-ins/deepl-voice.ts';
import { testSignal } from './events.ts';
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

/** Each translation is concluded in two pieces, the second with its own space. */
const LINES = SCRIPT.map(({ source, target }) => {
  const cut = target.indexOf(' ', target.indexOf(' ') + 1);
  return { source, target: [target.slice(0, cut), target.slice(cut)] };
});

interface Provider extends S2sProvider {
  readonly standIn: DeeplVoiceStandIn;
}

function subject(settings: Partial<DeeplVoiceSettings> = {}): S2sSubject<Provider> {
  return {
    start: async (clock) => {
      const standIn = await DeeplVoiceStandIn.start({ clock, lines: LINES, apiKey: KEY });
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
    engine: (given) => new DeeplVoiceEngine({ ...given, ...settings }),
  };
}

async function faulty(t: TestContext, fault: DeeplVoiceFault): Promise<S2sRig<Provider>> {
  const rig = await S2sRig.start(t, subject());
  rig.provider.standIn.fault = fault;
  return rig;
}

describeS2sContract('DeepL Voice', subject());

describe('DeeplVoiceEngine', () => {
  it('asks for a session with the languages, formality and glossary it was given', async (t) => {
    const rig = await S2sRig.start(t, subject({ formality: 'formal', glossaryId: 'def3a26b' }));
    const options = { from: 'no', to: 'pt-BR', wantedRateHz: 8_000, onEvent: () => {} };
    await rig.engine.open(options, testSignal());
    assert.deepEqual(rig.provider.standIn.requests, [
      {
        source_media_content_type: 'audio/pcm;encoding=s16le;rate=16000',
        source_language: 'nb',
        source_language_mode: 'fixed',
        target_languages: ['pt-BR'],
        message_format: 'json',
        formality: 'formal',
        glossary_id: 'def3a26b',
      },
    ]);
  });

  it('shows what is tentative as the tail of what is concluded, and never speaks it', async (t) => {
    const rig = await S2sRig.start(t, subject());
    const stream = await rig.open();
    await rig.speak(stream);
    await rig.pass(3_000);
    assert.deepEqual(rig.events, [
      { type: 'source', text: 'good morni', concluded: false },
      { type: 'source', text: 'good morning to you', concluded: true },
      { type: 'target', text: 'buenos días' },
      { type: 'target', text: ' a usted' },
      { type: 'caught-up' },
    ]);
  });

  it('takes back a tail that comes to nothing', async (t) => {
    const rig = await S2sRig.start(t, subject());
    await rig.open();
    const update = (tentative: unknown): void =>
      rig.provider.sessions.send(JSON.stringify({ source_transcript_update: { concluded: [], tentative } }));
    update([{ language: 'en', text: 'uh', start_time: 0, end_time: 100 }]);
    update([]);
    update([]);
    await rig.pass(100);
    assert.deepEqual(rig.events, [
      { type: 'source', text: 'uh', concluded: false },
      { type: 'source', text: '', concluded: false },
    ]);
  });

  it('lets the provider hear the silence it concludes by in less time than it lasts', async (t) => {
    const rig = await S2sRig.start(t, subject());
    const stream = await rig.open();
    await rig.speak(stream);
    // 500 ms of silence conclude, which at 60 ms for 100 ms are heard within 300 to 360 ms.
    await rig.pass(500);
    assert.equal(rig.text('target'), SCRIPT[0].target);
  });

  it('has caught up 300 ms after all was translated, and rests', async (t) => {
    const rig = await S2sRig.start(t, subject());
    const stream = await rig.open();
    await rig.speak(stream);
    await rig.pass(1_000);
    assert.equal(rig.count('caught-up'), 1);
    const heardMs = rig.provider.standIn.heardMs[0] ?? 0;
    await rig.pass(5_000);
    assert.ok((rig.provider.standIn.heardMs[0] ?? 0) - heardMs <= 100, 'silence goes on');
  });

  it('does not wait longer than two seconds for a translation that does not come', async (t) => {
    const rig = await faulty(t, { type: 'untranslated' });
    const stream = await rig.open();
    await rig.speak(stream);
    await rig.pass(4_500);
    assert.equal(rig.count('caught-up'), 1);
    assert.equal(rig.text('target'), '');
  });

  it('knows by its place in the stream that a translation belongs to later speech', async (t) => {
    const rig = await S2sRig.start(t, subject());
    rig.provider.deafen();
    const stream = await rig.open();
    await rig.speak(stream);
    const target = (text: string, start_time: number): void =>
      rig.provider.sessions.send(
        JSON.stringify({
          target_transcript_update: {
            language: 'es',
            concluded: [{ text, start_time, end_time: start_time + 500 }],
            tentative: [],
          },
        }),
      );
    await rig.pass(200);
    stream.write(speech(100));
    target('uno', 300);
    target('dos', 1_200);
    await rig.pass(100);
    assert.deepEqual(
      rig.events.map((event) => (event.type === 'target' ? event.text : event.type)),
      ['uno', 'caught-up', 'dos'],
    );
  });

  it('gives audio no faster than twice real time, also after a stall', async (t) => {
    const rig = await S2sRig.start(t, subject());
    const stream = await rig.open();
    await rig.pass(1_000);
    stream.write(speech(5_000));
    await rig.pass(3_500);
    assert.equal(rig.count('failed'), 0);
    assert.ok((rig.provider.standIn.heardMs[0] ?? 0) >= 5_000);
  });

  it('says when the provider refuses, is full, or cannot serve', async (t) => {
    for (const [status, code] of [
      [400, 'engine-refused'],
      [403, 'engine-refused'],
      [404, 'engine-refused'],
      [456, 'engine-refused'],
      [429, 'engine-overloaded'],
      [500, 'engine-bad-answer'],
      [503, 'engine-overloaded'],
    ] as const) {
      const rig = await faulty(t, { type: 'status', status });
      await rejectsWith(rig.open(), code);
    }
  });

  it('refuses a session that cannot be streamed to', async (t) => {
    for (const body of ['', '{}', '{"streaming_url":"nowhere","token":"x"}', '{"token":7}']) {
      await rejectsWith((await faulty(t, { type: 'answer', body })).open(), 'engine-bad-answer');
    }
  });

  it('streams to an address with TLS only, unless the API itself is without', () => {
    const body = JSON.stringify({ streaming_url: 'ws://elsewhere/connect', token: 'once+only' });
    assert.throws(() => decodeSession(body, true), { code: 'engine-bad-answer' });
    assert.equal(decodeSession(body, false), 'ws://elsewhere/connect?token=once%2Bonly');
  });

  it('does not open with a token that was used', async (t) => {
    await rejectsWith((await faulty(t, { type: 'used-token' })).open(), 'engine-refused');
  });

  it('gives up on a provider that does not answer', async (t) => {
    for (const [type, questions] of [
      ['stall', 1],
      ['no-upgrade', 2],
    ] as const) {
      const rig = await faulty(t, { type });
      const opening = rejectsWith(rig.open(), 'engine-timeout');
      for (let i = 0; i < questions; i += 1) {
        await rig.provider.standIn.asked();
      }
      await rig.clock.advance(5_000);
      await opening;
    }
  });

  it('stops opening when told to', async (t) => {
    for (const type of ['stall', 'no-upgrade'] as const) {
      const rig = await faulty(t, { type });
      const caller = new AbortController();
      const reason = new Error('hung up');
      const opening = assert.rejects(rig.open(caller.signal), reason);
      await rig.provider.standIn.asked();
      caller.abort(reason);
      await opening;
    }
  });

  it('fails by what the error of the session says, without what was said', async (t) => {
    for (const [errorCode, code] of [
      [400, 'engine-refused'],
      [456, 'engine-refused'],
      [429, 'engine-overloaded'],
      [500, 'engine-died'],
    ] as const) {
      const rig = await S2sRig.start(t, subject());
      await rig.open();
      rig.provider.standIn.sendError(errorCode, 4000403);
      await rig.pass(100);
      assert.equal(rig.failure(), code);
    }
  });

  it('says goodbye', async (t) => {
    const rig = await S2sRig.start(t, subject());
    const stream = await rig.open();
    await stream.close();
    assert.deepEqual(rig.provider.standIn.farewells, ['end_of_source_media']);
  });
});

describe('DeeplVoiceStandIn', () => {
  async function connect(
    t: TestContext,
  ): Promise<{ clock: FakeClock; standIn: DeeplVoiceStandIn; socket: WebSocket; said: string[] }> {
    const clock = new FakeClock();
    const standIn = await DeeplVoiceStandIn.start({ clock, lines: LINES, apiKey: KEY });
    t.after(() => standIn.close());
    const response = await fetch(`${standIn.url}/v3/voice/realtime`, {
      method: 'POST',
      headers: { authorization: `DeepL-Auth-Key ${KEY}` },
      body: JSON.stringify({
        source_media_content_type: 'audio/pcm;encoding=s16le;rate=16000',
        source_language: 'en',
        source_language_mode: 'fixed',
        target_languages: ['es'],
        message_format: 'json',
      }),
    });
    const socket = new WebSocket(decodeSession(await response.text(), false));
    const said: string[] = [];
    socket.on('message', (data) => said.push(String(data)));
    await new Promise((resolve) => socket.once('open', resolve));
    return { clock, standIn, socket, said };
  }

  it('refuses audio that is faster than twice real time', async (t) => {
    const { socket, said } = await connect(t);
    const data = Buffer.alloc(3_200).toString('base64');
    for (let i = 0; i < 11; i += 1) {
      socket.send(JSON.stringify({ source_media_chunk: { data } }));
    }
    await once(socket, 'close');
    assert.match(said.join(), /"error_code":429/);
  });

  it('ends a session after 30 s without data', async (t) => {
    const { clock, standIn, socket, said } = await connect(t);
    await clock.advance(29_999);
    await standIn.sessions.roundTrip();
    assert.deepEqual(said, []);
    await clock.advance(1);
    await once(socket, 'close');
    assert.match(said.join(), /"error_code":408/);
  });
});
