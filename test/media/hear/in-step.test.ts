import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { InStep } from '../../../src/media/hear/in-step.ts';

/** Plays (`p`) and hears (`h`) frames; returns where what is in step moved, as `at: frames`. */
function run(step: InStep, pattern: string): readonly string[] {
  const moves: string[] = [];
  for (const [at, kind] of [...pattern].entries()) {
    if (kind === 'p') {
      step.played();
    } else {
      const moved = step.heard();
      if (moved !== 0) {
        moves.push(`${at}: ${moved}`);
      }
    }
  }
  return moves;
}

describe('InStep', () => {
  it('stays in step with frames that come one for one', () => {
    const step = new InStep();
    assert.deepEqual(run(step, 'ph'.repeat(500)), []);
    assert.equal(step.behindFrames, 0);
  });

  it('lets frames that are late catch up', () => {
    const step = new InStep();
    assert.deepEqual(run(step, `${'ph'.repeat(20)}pppp`), []);
    assert.equal(step.behindFrames, 4);
    assert.deepEqual(run(step, `hhhh${'ph'.repeat(200)}`), []);
    assert.equal(step.behindFrames, 0);
  });

  it('makes up for a lost frame within 2 s', () => {
    const step = new InStep();
    run(step, `${'ph'.repeat(20)}p`);
    const moves = run(step, 'ph'.repeat(100));
    assert.deepEqual(
      moves.map((move) => move.split(': ')[1]),
      ['1'],
    );
    assert.equal(step.behindFrames, 0);
  });

  it('never hears what is not played yet, and is never more than 200 ms behind', () => {
    const step = new InStep();
    assert.deepEqual(run(step, 'phhh'), ['2: -1', '3: -1']);
    assert.deepEqual(run(step, `${'p'.repeat(12)}h`), ['12: 11']);
    assert.equal(step.behindFrames, 0);
  });

  it('is in step with the newest frame after a pause', () => {
    const step = new InStep();
    run(step, 'p'.repeat(100));
    step.resume();
    assert.deepEqual(run(step, 'h'), []);
    assert.equal(step.behindFrames, 0);
  });
});
