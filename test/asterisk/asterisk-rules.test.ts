import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { encodeAudio, encodeHangup } from '../../src/protocol/audiosocket/encoder.ts';
import { AUDIO_KINDS } from '../../src/protocol/audiosocket/kinds.ts';
import { AsteriskRules, type Rule } from './asterisk-rules.ts';

const FRAME = encodeAudio(new Uint8Array(320).fill(7), 8_000);

function rulesBroken(rules: AsteriskRules): readonly Rule[] {
  return rules.violations.map((violation) => violation.rule);
}

describe('AsteriskRules', () => {
  it('takes hang-up and audio of every rate, many in a chunk', () => {
    const rules = new AsteriskRules();
    const frames = AUDIO_KINDS.map(({ rateHz }) => encodeAudio(new Uint8Array(rateHz / 25), rateHz));
    rules.receive(Buffer.concat([...frames, encodeHangup(), FRAME]), 3);
    assert.deepEqual(
      rules.frames.map((frame) => frame.rateHz),
      AUDIO_KINDS.map(({ rateHz }) => rateHz),
    );
    assert.equal(rules.state, 'hung-up');
    assert.deepEqual(rules.violations, []);
  });

  it('reads samples as little-endian, from any offset', () => {
    const rules = new AsteriskRules();
    rules.receive(Buffer.from('100002ff7f10000200801000020100', 'hex'), 0);
    assert.deepEqual(
      rules.frames.map((frame) => [...frame.pcm]),
      [[32_767], [-32_768], [1]],
    );
  });

  for (const kind of [0x01, 0x02, 0x03, 0x0f, 0x19, 0xff]) {
    it(`fails on kind 0x${kind.toString(16)} and plays nothing after it`, () => {
      const rules = new AsteriskRules();
      rules.receive(Buffer.concat([Buffer.from([kind, 0, 1, 0x31]), FRAME]), 0);
      assert.deepEqual(rulesBroken(rules), ['unknown-kind']);
      assert.equal(rules.state, 'failed');
      assert.equal(rules.frames.length, 0);
    });
  }

  it('fails on empty audio', () => {
    const rules = new AsteriskRules();
    rules.receive(Buffer.from([0x10, 0, 0]), 0);
    assert.deepEqual(rulesBroken(rules), ['empty-audio']);
  });

  it('notes half a sample and goes on', () => {
    const rules = new AsteriskRules();
    rules.receive(Buffer.from([0x10, 0, 3, 1, 2, 3]), 0);
    rules.receive(FRAME, 20);
    assert.deepEqual(rulesBroken(rules), ['odd-audio']);
    assert.equal(rules.frames.length, 2);
  });

  it('forgives a payload in two arrivals within 5 ms, and counts it', () => {
    const rules = new AsteriskRules();
    rules.receive(FRAME.subarray(0, 100), 10);
    assert.equal(rules.deadlineMs, 15);
    rules.receive(FRAME.subarray(100), 15);
    assert.deepEqual(rules.violations, []);
    assert.deepEqual([rules.frames.length, rules.splitMessages], [1, 1]);
    assert.equal(rules.frames[0]?.atMs, 15);
  });

  it('does not count as split what one read of our own cut', () => {
    const rules = new AsteriskRules();
    rules.receive(FRAME.subarray(0, 2), 10);
    rules.receive(FRAME.subarray(2), 10);
    assert.deepEqual([rules.frames.length, rules.splitMessages], [1, 0]);
  });

  it('gives each further piece of a payload its own poll', () => {
    const rules = new AsteriskRules();
    for (let piece = 0; piece < 19; piece += 1) {
      rules.receive(FRAME.subarray(piece * 17, (piece + 1) * 17), piece * 4);
    }
    assert.deepEqual(rules.violations, []);
    assert.equal(rules.frames.length, 1);
  });

  it('fails when the rest of a payload is late, whether time is judged or the rest comes', () => {
    for (const later of ['judged', 'comes'] as const) {
      const rules = new AsteriskRules();
      rules.receive(FRAME.subarray(0, 3), 10);
      if (later === 'judged') {
        rules.judge(15.1);
      } else {
        rules.receive(FRAME.subarray(3), 15.1);
      }
      assert.deepEqual(rulesBroken(rules), ['late-payload']);
      assert.equal(rules.frames.length, 0);
    }
  });

  it('leaves a standstill that is forgiven out of the wait for a payload, and of that one only', () => {
    const rules = new AsteriskRules();
    rules.receive(FRAME.subarray(0, 3), 10);
    rules.forgive(30);
    rules.judge(45);
    rules.receive(FRAME.subarray(3), 45);
    assert.deepEqual([rulesBroken(rules), rules.splitMessages], [[], 1]);
    rules.receive(FRAME.subarray(0, 3), 50);
    rules.judge(55.1);
    assert.deepEqual(rulesBroken(rules), ['late-payload']);
  });

  it('takes another limit for the payload', () => {
    const rules = new AsteriskRules({ payloadLimitMs: 50 });
    rules.receive(FRAME.subarray(0, 3), 0);
    rules.receive(FRAME.subarray(3), 50);
    assert.deepEqual(rules.violations, []);
  });

  it('fails when a header comes in two arrivals', () => {
    const rules = new AsteriskRules();
    rules.receive(FRAME.subarray(0, 1), 10);
    rules.receive(FRAME.subarray(1), 10.5);
    assert.deepEqual(rulesBroken(rules), ['split-header']);
  });

  it('fails when the connection ends inside a message, not between two', () => {
    const cut = new AsteriskRules();
    cut.receive(FRAME.subarray(0, 5), 0);
    cut.endOfStream(1);
    assert.deepEqual(rulesBroken(cut), ['cut-message']);
    const whole = new AsteriskRules();
    whole.receive(FRAME, 0);
    whole.endOfStream(1);
    assert.deepEqual(whole.violations, []);
  });

  it('fails when a write of its own is not taken at once', () => {
    const rules = new AsteriskRules();
    rules.write(0, 20);
    assert.equal(rules.state, 'listening');
    rules.write(323, 40);
    assert.deepEqual(rulesBroken(rules), ['short-write']);
  });

  it('fails after 2,000 ms of nothing in the application, counting both channel and socket', () => {
    const rules = new AsteriskRules({ quietLimitMs: 2_000 });
    rules.receive(FRAME, 500);
    rules.judge(2_499);
    rules.channelActive(2_400);
    assert.equal(rules.deadlineMs, 4_400);
    rules.judge(4_399);
    assert.equal(rules.state, 'listening');
    rules.judge(4_400);
    assert.deepEqual(rulesBroken(rules), ['no-activity']);
  });

  it('has no limit on quiet in the channel driver', () => {
    const rules = new AsteriskRules();
    rules.judge(1e6);
    assert.equal(rules.state, 'listening');
    assert.equal(rules.deadlineMs, undefined);
  });
});
