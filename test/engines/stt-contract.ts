/**
 * What every recognition engine keeps to, for English speech at 16 kHz.
 */

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { SttEngine, SttStream } from '../../src/engines/stt/stt-engine.ts';
import { EventLog, testSignal } from './events.ts';
import { CLIPS, readClip } from './librivox.ts';

/** Writes `pcm` in frames, copied, as a leg does, all at once. */
export function speak(stream: SttStream, utterance: number, pcm: Int16Array): void {
  stream.startUtterance(utterance);
  for (let i = 0; i < pcm.length; i += 320) {
    stream.write(pcm.slice(i, i + 320));
  }
  stream.endUtterance();
}

/** Speech and what a recogniser is sure to hear in it. */
export interface SttSample {
  readonly pcm: Int16Array;
  readonly expects: RegExp;
}

/** Two samples that say different things. */
export interface SttSamples {
  readonly himself: SttSample;
  readonly youngMan: SttSample;
}

/** The samples of an engine that really recognises. */
function recordedSamples(): SttSamples {
  return {
    himself: { pcm: readClip(CLIPS.himself), expects: /\bhe might even have been made\b/ },
    youngMan: { pcm: readClip(CLIPS.youngMan), expects: /\byoung man\b/ },
  };
}

/** @param samples what is said and must be heard; default two clips of {@link CLIPS}. */
export function describeSttContract(
  name: string,
  create: () => SttEngine,
  samples: SttSamples = recordedSamples(),
): void {
  describe(`${name} as a recognition engine`, () => {
    let engine: SttEngine;
    before(() => {
      engine = create();
    });
    after(() => engine.close());

    async function open(): Promise<{ log: EventLog; stream: SttStream }> {
      const log = new EventLog();
      return { log, stream: await engine.open({ language: 'en', onEvent: log.onEvent }, testSignal()) };
    }

    it('supports English, and says why it does not support a language no one speaks', async () => {
      assert.deepEqual(await engine.supports('en'), { supported: true });
      const support = await engine.supports('qq');
      assert.equal(support.supported, false);
      assert.match(support.supported ? '' : support.reason, /qq/);
    });

    it('answers an utterance with partials and exactly one final, and recognises it', async () => {
      const { log, stream } = await open();
      speak(stream, 7, samples.himself.pcm);
      const final = await log.until('final');
      assert.equal(final.utterance, 7);
      assert.match(final.text, samples.himself.expects);
      assert.ok(log.events.some((event) => event.type === 'partial' && event.text !== ''));
      assert.equal(log.events.at(-1), final);
      assert.equal(log.events.filter((event) => event.type === 'final').length, 1);
      assert.equal(stream.droppedMs, 0);
      await stream.close();
    });

    it('times words from the first sample of their utterance', async () => {
      const { log, stream } = await open();
      const { pcm } = samples.himself;
      speak(stream, 1, pcm);
      speak(stream, 2, pcm);
      const lengthMs = pcm.length / 16;
      for (const utterance of [1, 2]) {
        const { words, text } = await log.until('final', utterance);
        assert.equal(words.map((word) => word.text).join(' '), text);
        let beforeMs = 0;
        for (const word of words) {
          assert.ok(word.startMs >= beforeMs && word.endMs > word.startMs && word.endMs <= lengthMs);
          beforeMs = word.startMs;
        }
        assert.ok(words.length > 0 && (words[0]?.startMs ?? lengthMs) < 500);
      }
      await stream.close();
    });

    it('answers an utterance in which nothing is said, or nothing at all, with an empty final', async () => {
      const { log, stream } = await open();
      speak(stream, 1, new Int16Array(8_000));
      speak(stream, 2, new Int16Array(0));
      assert.equal((await log.until('final', 1)).text, '');
      assert.equal((await log.until('final', 2)).text, '');
      await stream.close();
    });

    it('keeps two legs apart', async () => {
      const one = await open();
      const two = await open();
      speak(one.stream, 1, samples.himself.pcm);
      speak(two.stream, 1, samples.youngMan.pcm);
      assert.match((await one.log.until('final')).text, samples.himself.expects);
      assert.match((await two.log.until('final')).text, samples.youngMan.expects);
      await Promise.all([one.stream.close(), two.stream.close()]);
    });

    it('refuses to start an utterance in an utterance', async () => {
      const { stream } = await open();
      stream.startUtterance(1);
      assert.throws(() => stream.startUtterance(2), { code: 'illegal-transition' });
      await stream.close();
    });

    it('says nothing after close, which can be called twice', async () => {
      const { log, stream } = await open();
      stream.startUtterance(1);
      stream.write(samples.himself.pcm.slice());
      stream.endUtterance();
      const seen = log.events.length;
      await Promise.all([stream.close(), stream.close()]);
      assert.equal(log.events.length, seen);
      stream.startUtterance(2);
      stream.write(new Int16Array(320));
      stream.endUtterance();
    });

    it('does not open for a signal that has aborted', async () => {
      const reason = new Error('hung up');
      await assert.rejects(
        engine.open({ language: 'en', onEvent: () => {} }, AbortSignal.abort(reason)),
        reason,
      );
    });

    it('refuses to open after close', async () => {
      const closed = create();
      await closed.close();
      await closed.close();
      await assert.rejects(closed.open({ language: 'en', onEvent: () => {} }, testSignal()), {
        code: 'closed',
      });
    });
  });
}
