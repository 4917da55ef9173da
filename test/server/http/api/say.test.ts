/** Texts and recordings that a party is told over the API, in front of a server that the test plays. */

import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import { z } from 'zod';
import type { MtEngine } from '../../../../src/engines/mt/mt-engine.ts';
import { SUPPORTED } from '../../../../src/engines/support.ts';
import type { TtsEngine, TtsRequest } from '../../../../src/engines/tts/tts-engine.ts';
import { encodeWav } from '../../../../src/protocol/wav.ts';
import { PROBLEM } from '../../../../src/server/http/problem.ts';
import { sine } from '../../../asterisk/audio.ts';
import { callOf } from '../fake-server-view.ts';
import { answer, closeHttp, startHttp as start } from '../start-http.ts';

afterEach(closeHttp);

const PATH = '/api/v1/calls/c-1/parties/b';
const QUEUED = z.object({ saying: z.string() });
const { signal } = new AbortController();

/** Speaks a sound as long as its text, and keeps what it was asked. */
class PlayedTts implements TtsEngine {
  readonly name = 'played';
  readonly asked: TtsRequest[] = [];
  readonly supports = async () => SUPPORTED;
  readonly close = async () => {};

  async synthesize(request: TtsRequest) {
    this.asked.push(request);
    async function* pieces() {
      yield new Int16Array(request.text.length);
    }
    return { rateHz: 16_000, pieces: pieces() };
  }
}

const MT: MtEngine = {
  name: 'played',
  supports: async () => SUPPORTED,
  translate: async ({ text, from, to }) => `${from}-${to}: ${text}`,
  close: async () => {},
};

async function started() {
  const { view, interpreting, url } = await start();
  view.running = [callOf('c-1')];
  const tts = new PlayedTts();
  interpreting.voices.set('es', { tts, voice: 'nova' });
  interpreting.translators.set('en:es', MT);
  const say = (body: unknown, path = `${PATH}/say`) =>
    answer(url(path), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  const play = (body: Uint8Array<ArrayBuffer>, type = 'audio/wav', query = '') =>
    answer(url(`${PATH}/play${query}`), { method: 'POST', headers: { 'content-type': type }, body });
  /** The sound of the latest that was said, in samples. */
  const sound = async () => {
    const opened = await view.said.at(-1)?.open(8_000, signal);
    let samples = 0;
    for await (const piece of opened?.pieces ?? []) {
      samples += piece.length;
    }
    return { samples, rateHz: opened?.rateHz };
  };
  return { view, tts, say, play, sound };
}

describe('POST …/say', () => {
  it("speaks a text in the party's language, with its voice, at the rate it is spoken to", async () => {
    const { view, tts, say, sound } = await started();
    const { status, body } = await say({ text: 'un momento' });
    assert.deepEqual([status, view.said[0]?.id], [202, QUEUED.parse(body).saying]);
    assert.deepEqual(view.done, [['sayToParty', 'c-1', 'b', false]]);
    assert.deepEqual(await sound(), { samples: 10, rateHz: 16_000 });
    assert.deepEqual(tts.asked, [
      { text: 'un momento', language: 'es', wantedRateHz: 8_000, voice: { name: 'nova' } },
    ]);
  });

  it('translates a text that is in another language, with another voice, and interrupts if it is to', async () => {
    const { view, tts, say, sound } = await started();
    await say({ text: 'one moment', language: 'en', voice: 'luna', interrupt: true });
    await sound();
    assert.deepEqual(
      tts.asked.map(({ text, voice }) => [text, voice?.name]),
      [['en-es: one moment', 'luna']],
    );
    assert.deepEqual(view.done, [['sayToParty', 'c-1', 'b', true]]);
  });

  it('refuses what cannot be said, and says why', async () => {
    const { view, say } = await started();
    const codes: unknown[] = [];
    for (const [body, path] of [
      [{ text: '' }, undefined],
      [{ text: 'x'.repeat(1_001) }, undefined],
      [{ text: 'hallo', language: 'de' }, undefined],
      [{ text: 'hello' }, '/api/v1/calls/c-1/parties/a/say'],
      [{ text: 'hello' }, '/api/v1/calls/c-1/parties/z/say'],
      [{ text: 'hello' }, '/api/v1/calls/c-2/parties/b/say'],
    ] as const) {
      codes.push(PROBLEM.parse((await say(body, path)).body).code);
    }
    assert.deepEqual(codes, [
      ...['bad-request', 'bad-request', 'language-not-served', 'language-not-served'],
      ...['no-such-party', 'no-such-call'],
    ]);
    assert.deepEqual(view.said, []);
    view.saysThen = 'full';
    const { status, body } = await say({ text: 'un momento' });
    assert.deepEqual([status, PROBLEM.parse(body).code], [503, 'too-much-to-say']);
  });
});

describe('POST …/keys', () => {
  it('has one party hear the tones of keys, up to 16 that telephones have', async () => {
    const { view, url } = await start();
    view.running = [callOf('c-1')];
    const press = async (keys: string, path = PATH) => {
      const headers = { 'content-type': 'application/json' };
      const asked = { method: 'POST', headers, body: JSON.stringify({ keys }) };
      return (await fetch(url(`${path}/keys`), asked)).status;
    };
    assert.equal(await press('12#*0AD'), 204);
    assert.deepEqual(view.done, [['soundKeysToParty', 'c-1', 'b', '12#*0AD']]);
    for (const keys of ['', '1 2', 'x', '1'.repeat(17), 'a']) {
      assert.equal(await press(keys), 400, keys);
    }
    assert.deepEqual([await press('1', '/api/v1/calls/c-1/parties/z'), view.done.length], [404, 2]);
  });
});

describe('POST …/play', () => {
  const wav = (ms: number) => new Uint8Array(encodeWav({ rateHz: 8_000, pcm: sine(440, ms, 8_000) }));

  it('plays a recording as it is', async () => {
    const { view, play, sound } = await started();
    const { status, body } = await play(wav(500), 'audio/wav', '?interrupt=true');
    assert.deepEqual([status, view.said[0]?.id], [202, QUEUED.parse(body).saying]);
    assert.deepEqual(view.done, [['sayToParty', 'c-1', 'b', true]]);
    assert.deepEqual(await sound(), { samples: 4_000, rateHz: 8_000 });
  });

  it('refuses what is no recording, and one that is too long', async () => {
    const { view, play } = await started();
    const codes: unknown[] = [];
    for (const [body, type] of [
      [new Uint8Array(100), 'audio/wav'],
      [wav(60_020), 'audio/wav'],
      [wav(0), 'audio/wav'],
      [new TextEncoder().encode('{}'), 'application/json'],
    ] as const) {
      const { status, body: problem } = await play(body, type);
      codes.push(`${status} ${PROBLEM.parse(problem).code}`);
    }
    assert.deepEqual(codes, ['400 no-wav', '400 bad-length', '400 bad-length', '415 no-wav']);
    assert.equal((await play(new Uint8Array(6_000_000))).status, 413);
    assert.equal((await play(new Uint8Array(10), 'video/mp4')).status, 415);
    assert.deepEqual(view.said, []);
  });
});
