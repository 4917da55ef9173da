import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { codeOf } from '../../src/base/errors.ts';
import { Secret } from '../../src/base/secret.ts';
import { emotionWord, type HeardExpression } from '../../src/engines/emotion/emotion-words.ts';
import { HumeReader } from '../../src/engines/emotion/hume/hume-reader.ts';
import { HUME_KEY, HumeStandIn } from '../stand-ins/hume.ts';
import { testSignal } from './events.ts';
import { patientClock } from './patient-clock.ts';

/** Sound marked 1 is angry, sound marked 2 like anything else. */
function hear(pcm: Int16Array): readonly HeardExpression[] {
  return [
    { name: 'contemplation', probability: 0.4 },
    { name: pcm[0] === 1 ? 'anger' : 'neutral', probability: 0.71 },
  ];
}

async function begin(t: TestContext, key = HUME_KEY, status?: number) {
  const server = await HumeStandIn.open(hear, status);
  t.after(() => server.close());
  const heard: (string | undefined)[] = [];
  const lost: Error[] = [];
  const reader = new HumeReader({ clock: patientClock, apiKey: new Secret(key), url: server.url });
  const open = () =>
    reader.open({ heard: (word) => heard.push(word), lost: (error) => lost.push(error) }, testSignal());
  return { server, heard, lost, open };
}

/** Speech of some seconds, in the frames of a leg. */
function frames(seconds: number, mark: number): readonly Int16Array[] {
  return Array.from({ length: seconds * 50 }, () => new Int16Array(320).fill(mark));
}

describe('HumeReader', () => {
  it('sends what is said in pieces of 100 ms and tells the word for what is heard', async (t) => {
    const { server, heard, open } = await begin(t);
    const stream = await open();
    for (const frame of [...frames(3, 1), ...frames(3, 2)]) {
      stream.write(frame);
    }
    await server.sessions.roundTrip();
    await server.sessions.roundTrip();
    assert.deepEqual(heard, ['angry', undefined]);
    assert.deepEqual([...new Set(server.frames)], [1_600]);
    assert.equal(server.frames.length, 60);
    await stream.close();
    await stream.close();
  });

  it('goes on after a piece that was not measured, and after what it does not know', async (t) => {
    const { server, heard, lost, open } = await begin(t);
    const stream = await open();
    server.sessions.send('{"type":"error","code":"rate_limited"}');
    server.sessions.send('{"type":"utterance.start","id":1}');
    for (const frame of frames(3, 1)) {
      stream.write(frame);
    }
    await server.sessions.roundTrip();
    await server.sessions.roundTrip();
    assert.deepEqual([heard, lost], [['angry'], []]);
    await stream.close();
  });

  for (const [what, text] of [
    ['a fault of its own', '{"type":"error","code":"internal_error"}'],
    ['what is no JSON', 'nonsense'],
  ] as const) {
    it(`is lost with ${what}`, async (t) => {
      const { server, lost, open } = await begin(t);
      await open();
      server.sessions.send(text);
      await server.sessions.roundTrip();
      assert.deepEqual(lost.map(codeOf), ['engine-bad-answer']);
    });
  }

  it('is lost when the connection breaks', async (t) => {
    const { server, lost, open } = await begin(t);
    await open();
    await server.sessions.roundTrip();
    server.sessions.end('dropped');
    await server.sessions.roundTrip();
    assert.deepEqual(lost.map(codeOf), ['engine-died']);
  });

  it('says what to do about a wrong key, and never the key', async (t) => {
    const { open } = await begin(t, 'another-key-0123456789');
    await assert.rejects(open, (error: Error) => {
      assert.equal(codeOf(error), 'engine-refused');
      assert.match(error.message, /HUME_API_KEY/);
      assert.doesNotMatch(error.message, /another-key/);
      return true;
    });
  });

  it('says that access has to be asked for', async (t) => {
    const { open } = await begin(t, HUME_KEY, 404);
    await assert.rejects(open, /limited release/);
  });
});

describe('the word for what is heard', () => {
  it('is that of the likeliest, if engines know one for it and it is likely at all', () => {
    const joy = { name: 'joy', probability: 0.6 };
    assert.equal(emotionWord([{ name: 'anger', probability: 0.55 }, joy]), 'happy');
    assert.equal(emotionWord([joy, { name: 'neutral', probability: 0.7 }]), undefined);
    assert.equal(emotionWord([{ name: 'joy', probability: 0.4 }]), undefined);
    assert.equal(emotionWord([]), undefined);
  });
});
