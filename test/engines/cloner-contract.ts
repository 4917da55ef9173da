/**
 * What every engine that makes voices of recordings keeps to, each at a stand-in that speaks its wire. `start` is called
 * anew for each test.
 */

import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import type { SpokenVoice } from '../../src/engines/tts/spoken-voice.ts';
import type { TtsEngine } from '../../src/engines/tts/tts-engine.ts';
import type { ClonedVoice, CloneRequest, VoiceCloner } from '../../src/engines/tts/voice-cloner.ts';
import { encodeWav } from '../../src/protocol/wav.ts';
import type { SpeechFault } from '../stand-ins/speech-server.ts';
import { testSignal } from './events.ts';
import { failureOf } from './failure-of.ts';
import { allSamples } from './tts-contract.ts';

/** An engine at its provider. */
export interface ClonerSubject {
  readonly engine: TtsEngine;
  /** Makes each request of the cloner that is answered with JSON go wrong from now on. */
  readonly spoilAll: (fault: SpeechFault) => void;
  /** The voices that the provider keeps of those it was given; undefined: it keeps none, ever. */
  readonly kept?: () => number;
  /** Whether the latest speech was in the voice of this recording. */
  readonly spokeAs: (wav: Uint8Array) => boolean;
  readonly close: () => Promise<void>;
}

/** A recording of so long, which is nobody else's. */
export function recording(lengthMs = 10_000): Uint8Array {
  const pcm = Int16Array.from(
    { length: 16 * lengthMs },
    (_, i) => 8_000 * Math.sin(i / (7 + lengthMs / 9_000)),
  );
  return encodeWav({ rateHz: 16_000, pcm });
}

export const CLONE_REQUEST: CloneRequest = {
  name: 'caller-17',
  wav: recording(),
  language: 'es-MX',
  transcript: 'un secreto hablado',
  consent: { by: 'Ana Secreta', how: 'form 12', recording: recording(3_000) },
};

const FAULTS: readonly (readonly [SpeechFault, RegExp])[] = [
  // Of a server that is well otherwise the recording may be at fault.
  [{ type: 'status', status: 500, body: 'un secreto hablado' }, /^(?:engine-bad-answer|voice-refused)$/],
  [{ type: 'status', status: 429, body: '{}' }, /^engine-overloaded$/],
  [{ type: 'status', status: 422, body: '{"detail":[{"input":"un secreto hablado"}]}' }, /^engine-refused$/],
  [{ type: 'reset' }, /^engine-died$/],
  [{ type: 'empty' }, /^engine-bad-answer$/],
  [{ type: 'broken', afterChunks: 0 }, /^engine-bad-answer$/],
  [{ type: 'garbled', afterChunks: 0 }, /^engine-bad-answer$/],
];

export function describeClonerContract(name: string, start: () => Promise<ClonerSubject>): void {
  describe(`${name} as an engine that makes voices`, () => {
    it('goes by the name of its engine, and says how much of a recording it wants', async (test) => {
      const { cloner, engine } = await open(test);
      assert.equal(cloner.name, engine.name);
      assert.ok(cloner.limits.leastMs <= cloner.limits.bestMs);
      assert.ok(CLONE_REQUEST.wav.length <= cloner.limits.mostBytes);
    });

    it('makes a voice of each recording, and the engine speaks with it', async (test) => {
      const { cloner, engine, spokeAs } = await open(test);
      const other = { ...CLONE_REQUEST, name: 'caller-18', wav: recording(11_000) };
      const voices = [
        { wav: CLONE_REQUEST.wav, voice: await cloner.clone(CLONE_REQUEST, testSignal()) },
        { wav: other.wav, voice: await cloner.clone(other, testSignal()) },
      ];
      assert.notEqual(voices[0]?.voice.ref, voices[1]?.voice.ref);
      for (const { wav, voice } of voices) {
        assert.ok((await speak(engine, voice)) > 0);
        assert.ok(spokeAs(wav));
      }
    });

    it('deletes a voice, and one that is gone', async (test) => {
      const { cloner, kept } = await open(test);
      const { ref } = await cloner.clone(CLONE_REQUEST, testSignal());
      assert.equal((await cloner.has(ref, testSignal())) ?? true, true);
      assert.equal(kept?.() ?? 1, 1);
      if (!cloner.limits.deletes) {
        const failure = await failureOf(cloner.delete(ref, testSignal()));
        assert.equal(failure.code, 'engine-refused');
        assert.match(failure.message, new RegExp(ref));
      } else {
        await cloner.delete(ref, testSignal());
        assert.equal((await cloner.has(ref, testSignal())) ?? false, false);
        assert.equal(kept?.() ?? 0, 0);
        await cloner.delete(ref, testSignal());
      }
      await cloner.delete('never-was', testSignal());
    });

    it('speaks with a deleted voice no more', async (test) => {
      const { cloner, engine } = await open(test);
      const voice = await cloner.clone(CLONE_REQUEST, testSignal());
      if (!cloner.limits.deletes) {
        return;
      }
      await speak(engine, voice);
      await cloner.delete(voice.ref, testSignal());
      // What was kept of it is gone with it.
      const load = (): Promise<Uint8Array> => Promise.reject(new Error('it was deleted here, too'));
      const rendering = {
        engine: engine.name,
        ref: voice.ref,
        ...(voice.kept === undefined ? {} : { load }),
      };
      const failure = await failureOf(sayWith(engine, { renderings: [rendering] }));
      // Not the engine's fault, so that it speaks with another voice.
      assert.match(failure.code, /^(?:voice|engine)-refused$/);
    });

    it('names each failure, without what was said or who said it', async (test) => {
      const { cloner, spoilAll, kept } = await open(test);
      for (const [fault, code] of FAULTS) {
        spoilAll(fault);
        const failure = await failureOf(cloner.clone(CLONE_REQUEST, testSignal()));
        assert.match(failure.code, code, JSON.stringify(fault));
        assert.doesNotMatch(failure.everything, /secret|sk_test/i);
      }
      assert.ok((kept?.() ?? 0) <= FAULTS.length);
    });

    it('stops waiting when it is told to', async (test) => {
      const { cloner, spoilAll } = await open(test);
      spoilAll({ type: 'silence' });
      const controller = new AbortController();
      const reason = new Error('hung up');
      const waiting = failureOf(cloner.clone(CLONE_REQUEST, controller.signal));
      setImmediate(() => controller.abort(reason));
      assert.equal((await waiting).message, 'hung up');
      for (const ask of asks(cloner)) {
        assert.equal((await failureOf(ask(AbortSignal.abort(reason)))).message, 'hung up');
      }
    });

    it('does nothing more after its engine has closed', async (test) => {
      const { cloner, engine } = await open(test);
      await engine.close();
      assert.equal((await failureOf(cloner.clone(CLONE_REQUEST, testSignal()))).code, 'closed');
    });

    async function open(test: TestContext): Promise<ClonerSubject & { readonly cloner: VoiceCloner }> {
      const subject = await start();
      test.after(() => subject.close());
      const { cloner } = subject.engine;
      assert.ok(cloner);
      return { ...subject, cloner };
    }
  });
}

function asks(cloner: VoiceCloner): readonly ((signal: AbortSignal) => Promise<unknown>)[] {
  return [
    (signal) => cloner.clone(CLONE_REQUEST, signal),
    (signal) => cloner.delete('x', signal),
    (signal) => cloner.has('x', signal),
    (signal) => cloner.room(signal),
  ];
}

/** How many samples it says with a voice that was made. */
async function speak(engine: TtsEngine, { ref, kept }: ClonedVoice): Promise<number> {
  const load = kept === undefined ? {} : { load: async () => kept };
  return (await sayWith(engine, { renderings: [{ engine: engine.name, ref, ...load }] })).length;
}

async function sayWith(engine: TtsEngine, voice: SpokenVoice): Promise<readonly number[]> {
  const request = { text: 'buenos días', language: 'es', wantedRateHz: 8_000, voice };
  return await allSamples(await engine.synthesize(request, testSignal()));
}
