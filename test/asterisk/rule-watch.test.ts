import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { encodeAudio } from '../../src/protocol/audiosocket/encoder.ts';
import { AsteriskRules } from './asterisk-rules.ts';
import { RuleWatch } from './rule-watch.ts';

const FRAME = encodeAudio(new Uint8Array(320), 8_000);

describe('RuleWatch', () => {
  let watch: RuleWatch | undefined;
  afterEach(() => watch?.stop());

  /** A watch whose time stands still until it is moved. */
  function watched() {
    const rules = new AsteriskRules();
    const time = { now: 0 };
    let failures = 0;
    watch = new RuleWatch(rules, 0, () => (failures += 1), { nowMs: () => time.now });
    return { rules, watch, time, failures: () => failures };
  }

  it('counts a payload that comes a turn after its header as split', async () => {
    const { rules, watch, time } = watched();
    watch.receive(FRAME.subarray(0, 3));
    time.now += 1;
    await turn();
    await turn();
    watch.receive(FRAME.subarray(3));
    assert.deepEqual([rules.frames.length, rules.violations, rules.splitMessages], [1, [], 1]);
  });

  it('forgives a payload that lay in the socket while this process was busy', async () => {
    const { rules, watch, time } = watched();
    watch.receive(FRAME.subarray(0, 3));
    await turn();
    await turn();
    time.now += 20;
    watch.receive(FRAME.subarray(3));
    assert.deepEqual([rules.frames.length, rules.violations], [1, []]);
  });

  it('forgives the time in which the machine ran something else', async () => {
    const { rules, watch, time } = watched();
    watch.receive(FRAME.subarray(0, 3));
    // Nothing of this process runs for 20 ms, as when another has the core.
    time.now += 20;
    await turn();
    await turn();
    watch.receive(FRAME.subarray(3));
    assert.deepEqual([rules.frames.length, rules.violations], [1, []]);
  });

  it('tells of a payload that does not come', async () => {
    const { watch, time, failures } = watched();
    watch.receive(FRAME.subarray(0, 3));
    await turn();
    assert.equal(failures(), 0);
    for (let count = 0; count < 4; count += 1) {
      time.now += 1;
      await turn();
    }
    assert.equal(failures(), 0);
    for (let count = 0; count < 3; count += 1) {
      time.now += 1;
      await turn();
    }
    assert.equal(failures(), 1);
  });
});
