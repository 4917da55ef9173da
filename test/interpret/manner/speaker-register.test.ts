import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { SpeakerRegister } from '../../../src/interpret/manner/speaker-register.ts';
import { pitchedUntil } from './measured.ts';

/** Says so many pieces of half a second at these heights in turn; returns what was told, by piece. */
function say(register: SpeakerRegister, pieces: number, heights: readonly number[], heardMs = 400) {
  return Array.from({ length: pieces }, (_, index) =>
    register.measured(pitchedUntil(500 * (index + 1), heights[index % heights.length] ?? 0, heardMs)),
  );
}

describe('the register of a speaker', () => {
  it('is known after 1.2 s of pitch, told once, and followed from then on', () => {
    const register = new SpeakerRegister();
    assert.deepEqual(say(register, 2, [110]), [undefined, undefined]);
    assert.equal(register.hz, undefined);
    assert.deepEqual(say(register, 3, [110]), ['known', undefined, undefined]);
    assert.equal(register.hz, 110);
    say(register, 20, [120]);
    assert.equal(register.hz, 120);
  });

  it('is never known of a voice without a pitch', () => {
    const register = new SpeakerRegister();
    assert.ok(say(register, 40, [0], 0).every((news) => news === undefined));
  });

  it('is the median: one piece that slipped an octave changes nothing', () => {
    const register = new SpeakerRegister();
    say(register, 8, [110, 110, 220, 110]);
    assert.equal(register.hz, 110);
  });

  it("is another's when somebody else has spoken for three seconds", () => {
    const register = new SpeakerRegister();
    say(register, 20, [110]);
    const told = say(register, 10, [210]);
    assert.deepEqual([told.indexOf('another'), told.filter((news) => news === 'another').length], [5, 1]);
    assert.equal(register.hz, 210);
    assert.deepEqual(say(register, 10, [105]).indexOf('another'), 5, 'and back');
  });

  it("is not another's because of an excited sentence, a rising question or a semitone less than five", () => {
    for (const heights of [[150, 110], [110, 130, 160, 180, 130, 110], [145]] as const) {
      const register = new SpeakerRegister();
      say(register, 20, [110]);
      assert.ok(
        say(register, 40, heights).every((news) => news === undefined),
        `${heights}`,
      );
    }
  });

  it('is forgotten when somebody may come back as somebody else', () => {
    const register = new SpeakerRegister();
    say(register, 20, [110]);
    register.forget();
    assert.equal(register.hz, undefined);
    assert.deepEqual(say(register, 3, [210]), [undefined, undefined, 'known']);
  });
});
