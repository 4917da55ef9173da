/**
 * A part of what `npm run bench -- interpret --only non-speech` runs in full.
 */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { loadMediaModules } from '../../../src/media/dsp/wasm.ts';
import { runDoubleTalk, runEchoes, runSpeech, runTones } from '../non-speech-runs.ts';
import { spokenPieces } from '../spoken-pieces.ts';

const modules = await loadMediaModules();
const pieces = spokenPieces(modules, 2);

describe('a leg that listens', () => {
  it('takes none of 40 echoed utterances for its own', () => {
    assert.deepEqual(runEchoes(modules, pieces, 40).which, []);
  });

  it('hears 19 of 20 voices that begin while something is played, with echo and without', () => {
    for (const echoed of [true, false]) {
      const { wrong, which } = runDoubleTalk(modules, pieces, 20, echoed);
      assert.ok(wrong <= 1, which.join('; '));
    }
  });

  it('takes no key and no ringing or busy tone for an utterance', () => {
    assert.deepEqual(runTones(modules, [40, 100], [-10], 3_000).which, []);
  });

  it('hears what is spoken', () => {
    assert.deepEqual(runSpeech(modules, pieces).which, []);
  });
});
