import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { INTERRUPTED_GAIN, InterruptionPolicy } from '../../../src/media/play/interruption-policy.ts';

const LOUD = 8_000;
const SOFT = 300;

/** `ms` of the listener saying something this loud while a segment plays or waits. */
function during(policy: InterruptionPolicy, ms: number, peak: number, playing = true, waiting = false): void {
  for (let atMs = 0; atMs < ms; atMs += 20) {
    if (policy.listening) {
      policy.heard(peak);
    }
    policy.next(playing, waiting);
  }
}

/** A policy under which a translation plays and a listener has just been found to speak, since 60 ms. */
function begun(): InterruptionPolicy {
  const policy = new InterruptionPolicy();
  policy.next(true, false);
  policy.started(60);
  return policy;
}

describe('InterruptionPolicy', () => {
  it('calls speech of 500 ms over a translation an interruption, and holds the next segment', () => {
    const policy = begun();
    during(policy, 420, LOUD);
    assert.deepEqual([policy.interrupted, policy.holds], [false, false]);
    during(policy, 20, LOUD);
    assert.deepEqual([policy.interrupted, policy.holds], [true, true]);
  });

  it('lets an acknowledgement pass, though its utterance goes on until it is known to be over', () => {
    const policy = begun();
    during(policy, 400, LOUD);
    during(policy, 600, SOFT);
    assert.equal(policy.interrupted, false);
    policy.ended();
    assert.equal(policy.interrupted, false);
  });

  it('counts gaps of up to 200 ms as part of the speech, and longer ones not', () => {
    const short = begun();
    during(short, 200, LOUD);
    during(short, 200, SOFT);
    during(short, 40, LOUD);
    assert.equal(short.interrupted, true, '60 + 200 + 200 + 40 ms');
    const long = begun();
    during(long, 200, LOUD);
    during(long, 220, SOFT);
    during(long, 200, LOUD);
    assert.equal(long.interrupted, false, '60 + 200 + 200 ms');
  });

  it('does not count what the listener said before there was a translation to hear', () => {
    const policy = new InterruptionPolicy();
    policy.started(60);
    during(policy, 5_000, LOUD, false);
    assert.equal(policy.interrupted, false);
    // From the second frame on it knows that a segment plays.
    during(policy, 500, LOUD);
    assert.equal(policy.interrupted, false);
    during(policy, 20, LOUD);
    assert.equal(policy.interrupted, true);
  });

  it('holds segments for 2.5 s in one utterance, and no more in it', () => {
    const policy = begun();
    during(policy, 500, LOUD);
    during(policy, 2_480, LOUD, false, true);
    assert.equal(policy.holds, true);
    during(policy, 20, LOUD, false, true);
    assert.deepEqual([policy.holds, policy.interrupted], [false, true], 'they go on, softly');
    during(policy, 1_000, LOUD);
    during(policy, 1_000, LOUD, false, true);
    assert.equal(policy.holds, false);
  });

  it('does not count time in which nothing waits', () => {
    const policy = begun();
    during(policy, 500, LOUD);
    during(policy, 10_000, LOUD, false, false);
    assert.equal(policy.holds, true);
  });

  it('is over when the listener has stopped, and begins anew', () => {
    const policy = begun();
    during(policy, 2_000, LOUD);
    policy.ended();
    assert.deepEqual([policy.interrupted, policy.holds, policy.listening], [false, false, false]);
    policy.started(60);
    during(policy, 200, LOUD);
    assert.equal(policy.interrupted, false);
  });

  it('takes noise that is 20 dB softer than the listener for no voice', () => {
    const policy = begun();
    during(policy, 100, LOUD);
    during(policy, 600, LOUD / 10 - 300);
    assert.equal(policy.interrupted, false);
  });

  it('makes a translation 6 dB softer', () => {
    assert.ok(Math.abs(20 * Math.log10(INTERRUPTED_GAIN) + 6) < 1e-9);
  });
});
