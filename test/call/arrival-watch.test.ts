import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ArrivalWatch } from '../../src/call/arrival-watch.ts';

/** A watch that is asked each 20 ms, and given what comes. */
class Line {
  readonly watch = new ArrivalWatch();
  nowMs = 1_000;

  /** Frames come for `durationMs`, `packetMs` of them at a time. */
  frames(durationMs: number, packetMs = 20): this {
    for (const endMs = this.nowMs + durationMs; this.nowMs < endMs; ) {
      this.nowMs += packetMs;
      for (let ms = 0; ms < packetMs; ms += 20) {
        this.watch.frame(this.nowMs);
      }
      this.watch.held(this.nowMs + 7);
    }
    return this;
  }

  /** Nothing comes for `durationMs`; when, in it, the party was first held, in ms. */
  nothing(durationMs: number): number | undefined {
    let heldMs: number | undefined;
    for (let ms = 20; ms <= durationMs; ms += 20) {
      if (this.watch.held(this.nowMs + ms) && heldMs === undefined) {
        heldMs = ms;
      }
    }
    this.nowMs += durationMs;
    return heldMs;
  }
}

describe('ArrivalWatch', () => {
  it('holds who sends nothing for 400 ms after 10 s of frames, until the next frame', () => {
    for (const packetMs of [20, 60]) {
      const line = new Line().frames(10_100, packetMs);
      assert.equal(line.nothing(100), undefined);
      assert.equal(line.frames(100).nothing(60_000), 400);
      assert.equal(line.frames(20).watch.held(line.nowMs), false);
    }
  });

  it('holds nobody who has not sent anything', () => {
    assert.equal(new Line().nothing(60_000), undefined);
  });

  it('takes a phone that sends nothing in silence for one', () => {
    const line = new Line();
    for (let each = 0; each < 20; each += 1) {
      line.frames(8_000);
      assert.equal(line.nothing(900), undefined);
    }
    // It says much at a time, once, and hears the answer all the same.
    line.frames(30_000);
    assert.equal(line.nothing(20_000), undefined);
    line.frames(60_100);
    assert.equal(line.nothing(900), 400);
  });

  it('holds who is put on hold again and again', () => {
    const line = new Line();
    for (let each = 0; each < 9; each += 1) {
      assert.equal(line.frames(10_100).nothing(3_000), 400);
    }
  });

  it('holds nobody because this process stood still', () => {
    const line = new Line().frames(11_000);
    line.nowMs += 3_000;
    assert.equal(line.watch.held(line.nowMs), false);
    // What was sent meanwhile comes now, and breaks nothing.
    line.frames(100);
    line.nowMs += 3_000;
    line.watch.frame(line.nowMs);
    assert.equal(line.nothing(900), 400);
  });
});
