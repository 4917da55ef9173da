import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { NoiseFloor } from '../../../src/media/hear/noise-floor.ts';

function after(...energies: readonly number[]): NoiseFloor {
  const floor = new NoiseFloor();
  for (const energy of energies) {
    floor.push(energy);
  }
  return floor;
}

const repeated = (energy: number, frames: number): readonly number[] => new Array(frames).fill(energy);

describe('NoiseFloor', () => {
  it('knows nothing before two frames', () => {
    assert.equal(after().energy, Number.POSITIVE_INFINITY);
    assert.equal(after(10).energy, Number.POSITIVE_INFINITY);
    assert.equal(after(10, 12).energy, 12);
  });

  it('is that of the quietest two frames in a row', () => {
    assert.equal(after(90, 70, 20, 30, 80, 5, 60).energy, 30);
  });

  it('takes one frame that a gap cut short for no floor', () => {
    assert.equal(after(...repeated(50, 10), 0, ...repeated(50, 10)).energy, 50);
  });

  it('falls at once, and rises when the quiet is 1.6 to 2 s ago', () => {
    const floor = after(...repeated(100, 50), 10, 10);
    assert.equal(floor.energy, 10);
    for (let frame = 0; frame < 80; frame += 1) {
      floor.push(100);
    }
    assert.equal(floor.energy, 10);
    for (let frame = 0; frame < 20; frame += 1) {
      floor.push(100);
    }
    assert.equal(floor.energy, 100);
  });
});
