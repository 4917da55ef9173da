import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { AgentSpeech } from '../../../../src/server/doors/agent/agent-speech.ts';
import { deedOf } from '../../../../src/server/doors/agent/agent-tools.ts';

/** 20 ms at 8 kHz. */
const FRAME = 160;

function pulled(speech: AgentSpeech): readonly [boolean, number, number] {
  const frame = new Int16Array(FRAME).fill(-1);
  const spoken = speech.pull(frame);
  return [spoken, frame[0] ?? 0, frame[FRAME - 1] ?? 0];
}

describe('what an agent has said', () => {
  it('is played in the order in which it came, in whole frames', () => {
    const speech = new AgentSpeech(8_000);
    speech.add(1, new Int16Array(FRAME + 10).fill(1));
    speech.add(2, new Int16Array(FRAME - 10).fill(2));
    assert.equal(speech.waitingMs, 40);
    assert.deepEqual(pulled(speech), [true, 1, 1]);
    assert.deepEqual(pulled(speech), [true, 1, 2]);
    assert.deepEqual(pulled(speech), [false, 0, 0]);
    assert.equal(speech.waitingMs, 0);
  });

  it('ends in silence where it fills no frame', () => {
    const speech = new AgentSpeech(8_000);
    speech.add(1, new Int16Array(10).fill(1));
    assert.deepEqual(pulled(speech), [true, 1, 0]);
  });

  it('is forgotten from where the person fell into it, with what of it comes late', () => {
    const speech = new AgentSpeech(8_000);
    speech.add(1, new Int16Array(FRAME).fill(1));
    speech.add(2, new Int16Array(10 * FRAME).fill(2));
    speech.add(3, new Int16Array(FRAME).fill(3));
    assert.deepEqual(pulled(speech), [true, 1, 1]);
    assert.deepEqual(pulled(speech), [true, 2, 2]);
    speech.interrupt(2);
    speech.add(2, new Int16Array(FRAME).fill(2));
    assert.equal(speech.waitingMs, 20);
    assert.deepEqual(pulled(speech), [true, 3, 3]);
    assert.equal(speech.counts.agentInterruptions, 1);
  });

  it('loses its beginning when it is longer than two minutes, and counts that', () => {
    const speech = new AgentSpeech(8_000);
    speech.add(1, new Int16Array(8_000).fill(1));
    for (let second = 0; second < 120; second += 1) {
      speech.add(2, new Int16Array(8_000).fill(2));
    }
    assert.equal(speech.waitingMs, 120_000);
    assert.equal(speech.counts.agentSpeechDroppedMs, 1_000);
    assert.deepEqual(pulled(speech), [true, 2, 2]);
  });
});

describe('what an agent wants done', () => {
  for (const [name, parameters, deed] of [
    ['transfer', { to: 'sales' }, { type: 'transfer', to: 'sales' }],
    ['Transfer', { to: '+34600123' }, { type: 'transfer', to: '+34600123' }],
    ['hang_up', {}, { type: 'hang-up' }],
    ['hang-up', { reason: 'done' }, { type: 'hang-up' }],
    ['keys', { keys: '12#' }, { type: 'keys', keys: '12#' }],
  ] as const) {
    it(`is understood: ${name} ${JSON.stringify(parameters)}`, () => {
      assert.deepEqual(deedOf({ id: '1', name, parameters }), deed);
    });
  }

  for (const [name, parameters] of [
    ['transfer', {}],
    ['transfer', { to: 7 }],
    ['transfer', { to: 'sales,1)&System(reboot' }],
    ['transfer', { to: '$(reboot)' }],
    ['transfer', { to: 'x'.repeat(41) }],
    ['keys', { keys: '12x' }],
    ['keys', { keys: '1'.repeat(17) }],
    ['reboot', {}],
  ] as const) {
    it(`is refused, and the agent told why: ${name} ${JSON.stringify(parameters).slice(0, 40)}`, () => {
      const deed = deedOf({ id: '1', name, parameters });
      assert.ok(deed.type === 'refused' && deed.why.length > 10);
    });
  }
});
