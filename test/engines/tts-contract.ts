/**
 * What every synthesis engine keeps to, for Spanish. `create` is called when the tests run, so a stand-in that an
 * enclosing suite starts before them is there.
 */

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { TtsEngine, TtsSpeech } from '../../src/engines/tts/tts-engine.ts';
import { testSignal } from './events.ts';

const SENTENCE = 'Quiero reservar una habitación para dos noches, por favor.';

export async function allSamples(speech: TtsSpeech): Promise<readonly number[]> {
  const samples: number[] = [];
  for await (const piece of speech.pieces) {
    assert.ok(piece.length > 0);
    samples.push(...piece);
  }
  return samples;
}

export function describeTtsContract(name: string, create: () => TtsEngine | Promise<TtsEngine>): void {
  describe(`${name} as a synthesis engine`, () => {
    let engine: TtsEngine;
    before(async () => {
      engine = await create();
    });
    after(() => engine.close());

    function synthesize(text: string, signal = testSignal()): Promise<TtsSpeech> {
      return engine.synthesize({ text, language: 'es', wantedRateHz: 8_000 }, signal);
    }

    it('supports Spanish, with a region too, and says why it does not support a language no one speaks', async () => {
      assert.deepEqual(await engine.supports('es'), { supported: true });
      assert.deepEqual(await engine.supports('es-MX'), { supported: true });
      const support = await engine.supports('qq');
      assert.equal(support.supported, false);
      assert.match(support.supported ? '' : support.reason, /qq/);
    });

    it('speaks a sentence at a plausible length and level, beginning at once', async () => {
      const speech = await synthesize(SENTENCE);
      const samples = await allSamples(speech);
      const lengthMs = (samples.length * 1_000) / speech.rateHz;
      assert.ok(lengthMs > 1_500 && lengthMs < 8_000, `${lengthMs} ms`);
      assert.ok(Math.max(...samples.map(Math.abs)) > 3_000);
      const firstSound = samples.findIndex((sample) => Math.abs(sample) > 100);
      assert.ok((firstSound * 1_000) / speech.rateHz <= 20);
    });

    it('leaves out what it does not take of how a voice is to speak, and a rendering that is not its own', async () => {
      const { speed, pitchSt, gainDb } = engine.traits ?? {};
      for (const { least, most } of [pitchSt, gainDb, speed].filter((range) => range !== undefined)) {
        assert.ok(least < most && most > 0, 'a range has what a voice is by itself in its middle');
      }
      const manner = { speed: 1.1, pitchSt: 1, gainDb: -1, emotion: 'excited' };
      const renderings = [{ engine: 'somebody else', ref: 'nobody' }];
      for (const voice of [{ ...manner, renderings }, {}]) {
        const request = { text: SENTENCE, language: 'es', wantedRateHz: 8_000, voice };
        assert.ok((await allSamples(await engine.synthesize(request, testSignal()))).length > 8_000);
      }
    });

    it('gives pieces that share no memory', async () => {
      const speech = await synthesize(SENTENCE);
      const buffers = new Set<ArrayBufferLike>();
      let count = 0;
      for await (const piece of speech.pieces) {
        buffers.add(piece.buffer);
        count += 1;
      }
      assert.equal(buffers.size, count);
    });

    it('speaks many segments at once, each whole', async () => {
      const lengths = await Promise.all(
        Array.from({ length: 20 }, async () => (await allSamples(await synthesize(SENTENCE))).length),
      );
      assert.equal(new Set(lengths).size, 1);
    });

    it('speaks text without a word as little or nothing', async () => {
      for (const text of ['', ' ', '.', '[[x]]', '<b>', '-v en']) {
        await allSamples(await synthesize(text));
      }
    });

    it('stops when it is aborted in the middle of a segment', async () => {
      const controller = new AbortController();
      const reason = new Error('barge-in');
      const speech = await synthesize(`${SENTENCE} `.repeat(200), controller.signal);
      await assert.rejects(async () => {
        for await (const _ of speech.pieces) {
          controller.abort(reason);
        }
      }, reason);
    });

    it('does not begin for a signal that has aborted', async () => {
      const reason = new Error('hung up');
      await assert.rejects(synthesize(SENTENCE, AbortSignal.abort(reason)), reason);
    });

    it('refuses to speak after close', async () => {
      const closed = await create();
      await closed.close();
      await closed.close();
      await assert.rejects(
        closed.synthesize({ text: SENTENCE, language: 'es', wantedRateHz: 8_000 }, testSignal()),
        { code: 'closed' },
      );
    });
  });
}
