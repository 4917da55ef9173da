import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { RUNG_BELLS, RungBells } from '../../../src/media/ring/rung-bells.ts';

describe('RungBells', () => {
  it('has the other thread told once, until it looks', () => {
    const { writer, taken } = bells();
    assert.deepEqual([writer.add(3), writer.add(5), writer.add(3)], [RUNG_BELLS, undefined, undefined]);
    assert.deepEqual(taken(), [3, 5, 3]);
    assert.equal(writer.add(7), RUNG_BELLS);
    assert.deepEqual(taken(), [7]);
    assert.deepEqual(taken(), []);
  });

  it('tells again of a bell that is rung while the others are looked at', () => {
    const { writer, reader, taken } = bells();
    writer.add(1);
    const told: (number | undefined)[] = [];
    reader.take(() => void told.push(writer.add(2)));
    assert.deepEqual(told, [RUNG_BELLS]);
    assert.deepEqual(taken(), [2]);
  });

  it('has a bell for which there is no place posted by itself, and loses none', () => {
    const { writer, taken } = bells();
    const posted = Array.from({ length: 1_025 }, (_, leg) => writer.add(leg));
    assert.equal(posted.at(-1), 1_024);
    assert.equal(posted.filter((message) => message !== undefined).length, 2);
    assert.deepEqual(
      taken(),
      Array.from({ length: 1_024 }, (_, leg) => leg),
    );
    assert.equal(writer.add(9), RUNG_BELLS);
    assert.deepEqual(taken(), [9]);
  });
});

/** Both sides of one queue, and what the reader finds when it looks. */
function bells(): { writer: RungBells; reader: RungBells; taken: () => readonly number[] } {
  const writer = new RungBells();
  const reader = new RungBells(writer.memory);
  const taken = (): readonly number[] => {
    const legs: number[] = [];
    reader.take((leg) => void legs.push(leg));
    return legs;
  };
  return { writer, reader, taken };
}
