/** Answers that are given evenly, and in turns by address. */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { AnswerTurns } from '../../../src/server/http/answer-turns.ts';
import { FakeClock } from '../../base/fake-clock.ts';

const A_SECOND = 100;
/** What is answered at once after a quiet time. */
const AT_ONCE = 25;

function opened() {
  const clock = new FakeClock();
  const turns = new AnswerTurns(A_SECOND, clock);
  const answered: string[] = [];
  const cutOff: string[] = [];
  const gone = new Set<string>();
  const ask = (name: string, address: string, times = 1) => {
    for (let time = 0; time < times; time += 1) {
      turns.enter(
        {
          isGone: () => gone.has(name),
          answer: () => answered.push(name),
          cutOff: () => cutOff.push(name),
        },
        address,
      );
    }
  };
  return { clock, turns, answered, cutOff, gone, ask };
}

describe('turns of answers', () => {
  it('are given at once to some, and evenly to who comes after them', async () => {
    const { clock, answered, ask } = opened();
    ask('a', 'there', 200);
    assert.equal(answered.length, AT_ONCE);
    for (let time = 1; time <= 100; time += 1) {
      await clock.advance(10);
      assert.equal(answered.length, AT_ONCE + time);
    }
  });

  it('are given at once again after a quiet time, and no more of them', async () => {
    const { clock, answered, ask } = opened();
    ask('a', 'there', 60);
    await clock.advance(60_000);
    assert.equal(answered.length, 60);
    ask('a', 'there', 60);
    assert.equal(answered.length, 60 + AT_ONCE);
  });

  it('go around by address: who floods waits for itself', async () => {
    const { clock, answered, ask } = opened();
    ask('flood', 'there', 400);
    ask('health', 'elsewhere');
    ask('page', 'at home', 2);
    answered.length = 0;
    await clock.advance(50);
    assert.deepEqual(answered, ['flood', 'health', 'page', 'flood', 'page']);
  });

  it('of a queue that is full are lost by the newest of the address that has most in it', async () => {
    const { clock, answered, cutOff, ask } = opened();
    ask('flood', 'there', 5_000);
    assert.deepEqual([answered.length, cutOff.length], [AT_ONCE, 5_000 - AT_ONCE - 500]);
    cutOff.length = 0;
    ask('health', 'elsewhere');
    assert.deepEqual(cutOff, ['flood']);
    await clock.advance(20);
    assert.ok(answered.includes('health'));
    await clock.advance(6_000);
    ask('later', 'there');
    assert.equal(answered.at(-1), 'later');
  });

  it('are not spent on who has gone', async () => {
    const { clock, answered, cutOff, gone, ask } = opened();
    ask('first', 'there', AT_ONCE);
    ask('gone', 'there', 100);
    ask('here', 'there');
    gone.add('gone');
    await clock.advance(10);
    assert.equal(answered.at(-1), 'here');
    assert.equal(cutOff.length, 100);
    assert.equal(clock.pendingTimers, 0);
  });

  it('can be taken by who does not wait, unless somebody does', async () => {
    const { clock, turns, ask } = opened();
    const taken = Array.from({ length: 30 }, () => turns.takeNow());
    assert.equal(taken.filter(Boolean).length, AT_ONCE);
    ask('a', 'there');
    await clock.advance(9);
    assert.equal(turns.takeNow(), false);
    await clock.advance(21);
    assert.deepEqual([turns.takeNow(), turns.takeNow(), turns.takeNow()], [true, true, false]);
  });

  it('end with the server: who waits is cut off, and who comes later', () => {
    const { clock, turns, cutOff, ask } = opened();
    ask('a', 'there', 30);
    turns.close();
    turns.close();
    assert.equal(cutOff.length, 30 - AT_ONCE);
    ask('late', 'there');
    assert.equal(cutOff.at(-1), 'late');
    assert.equal(clock.pendingTimers, 0);
  });
});
