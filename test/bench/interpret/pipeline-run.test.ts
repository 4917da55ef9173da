import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { PROFILES } from './engine-profiles.ts';
import { type PipelineRun, runPipeline } from './pipeline-run.ts';
import { conversation, oneClauseTurns } from './timelines.ts';
import type { TurnFacts } from './turn-facts.ts';
import { scoreTurn } from './turn-score.ts';

const RUN: PipelineRun = {
  turns: conversation(6, 11),
  calls: 3,
  policy: 'turn',
  drafts: false,
  wholeTurns: false,
  profile: PROFILES.standard,
  stability: 'by-word',
  seed: 11,
  rateHz: 8_000,
  longer: false,
  targetWordMs: 360,
};

describe('turns through the pipeline', () => {
  let facts: readonly TurnFacts[];
  before(async () => {
    facts = await runPipeline(RUN);
  });

  it('are all heard, word for word', () => {
    assert.deepEqual(
      facts.map(({ turn }) => turn.id),
      RUN.turns.map(({ id }) => id),
    );
    for (const turn of facts) {
      assert.deepEqual(turn.troubles, []);
      const { lostWords, contradictedWords, spokenWords, words } = scoreTurn(turn, false);
      assert.deepEqual([lostWords, contradictedWords, spokenWords], [0, 0, words]);
    }
  });

  it('come out the same each time', async () => {
    assert.deepEqual(await runPipeline(RUN), facts);
  });

  it('are divided into parts that are the whole, of which ours is no more than the grids', () => {
    const scores = facts.map((turn) => scoreTurn(turn, false));
    for (const { parts, broken } of scores.flatMap(({ segments }) => segments)) {
      assert.equal(broken, false);
      assert.ok(parts !== undefined);
      assert.ok(parts.sttMs > 250 && parts.sttMs < 600, `recognition takes ${parts.sttMs} ms`);
      // 20 ms for the media's tick, 10 ms until the frame leaves.
      assert.ok(parts.ownMs >= 0 && parts.ownMs <= 40, `our own share is ${parts.ownMs} ms`);
    }
  });

  it('are spoken when all of a turn has been said, where that is waited for', async () => {
    const long = conversation(40, 11).filter(({ lengthMs }) => lengthMs > 14_000);
    assert.ok(long.length > 0);
    const run = { ...RUN, turns: long.slice(0, 1) };
    for (const { turn, utterances } of await runPipeline(run)) {
      // Our own endpointing cuts a turn at the first short pause after 12 s.
      assert.ok(utterances.length > 1, `${turn.lengthMs} ms are one utterance`);
    }
    for (const turn of await runPipeline({ ...run, calls: 1, wholeTurns: true })) {
      assert.deepEqual(turn.troubles, []);
      const { segments, afterSpeechMs, lostWords } = scoreTurn(turn, false);
      assert.equal(segments.length, 1);
      assert.equal(lostWords, 0);
      assert.ok(afterSpeechMs > 850, `the first sound comes ${afterSpeechMs} ms after the end of speech`);
    }
  });

  it('of one clause, waiting for the turn, are heard after hang-over, final, translation and synthesis', async () => {
    const turns = oneClauseTurns(5, 3);
    for (const turn of await runPipeline({ ...RUN, turns })) {
      const { afterSpeechMs } = scoreTurn(turn, false);
      // 600 ms, up to 60 ms of the detector's and 150 ms for the final; 150 ms; 190 ms; what varies left and right.
      assert.ok(
        afterSpeechMs > 850 && afterSpeechMs < 1_450,
        `the first sound comes ${afterSpeechMs} ms after`,
      );
    }
  });
});
