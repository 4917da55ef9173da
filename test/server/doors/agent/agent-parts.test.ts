import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { partyOf } from '../../../../src/call/plan.ts';
import { AgentSpeech } from '../../../../src/server/doors/agent/agent-speech.ts';
import { deedOf } from '../../../../src/server/doors/agent/agent-tools.ts';
import { AgentTransport } from '../../../../src/server/doors/agent/agent-transport.ts';
import { FakeClock } from '../../../base/fake-clock.ts';
import { ScriptedAgent } from './scripted-agent.ts';

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
    assert.deepEqual(speech.interrupt(2), [{ id: 2, heardMs: 20 }]);
    speech.add(2, new Int16Array(FRAME).fill(2));
    assert.equal(speech.waitingMs, 20);
    assert.deepEqual(pulled(speech), [true, 3, 3]);
    assert.equal(speech.counts.agentInterruptions, 1);
  });

  it('was heard as far as it was played, each stretch by itself, and what was played whole is not cut off', () => {
    const speech = new AgentSpeech(8_000);
    speech.add(1, new Int16Array(FRAME));
    speech.add(2, new Int16Array(FRAME));
    speech.add(2, new Int16Array(2 * FRAME));
    speech.add(3, new Int16Array(FRAME));
    for (let frame = 0; frame < 3; frame += 1) {
      pulled(speech);
    }
    assert.deepEqual(speech.interrupt(3), [
      { id: 2, heardMs: 40 },
      { id: 3, heardMs: 0 },
    ]);
    assert.deepEqual(speech.interrupt(4), [], 'nobody has fallen into silence');
    assert.equal(speech.counts.agentInterruptions, 1);
    speech.add(5, new Int16Array(FRAME));
    speech.end();
    assert.deepEqual([pulled(speech)[0], speech.counts.agentInterruptions], [false, 1]);
  });

  it('is nothing where nothing was said, however often', () => {
    const speech = new AgentSpeech(8_000);
    for (let piece = 0; piece < 3; piece += 1) {
      speech.add(1, new Int16Array(0));
    }
    assert.deepEqual(speech.interrupt(1), [], 'nobody has fallen into it');
    assert.equal(speech.counts.agentInterruptions, 0);
  });

  it('loses its beginning when it is longer than two minutes, and counts that', () => {
    const speech = new AgentSpeech(8_000);
    speech.add(1, new Int16Array(8_000).fill(1));
    for (let second = 0; second < 120; second += 1) {
      speech.add(2, new Int16Array(8_000).fill(2));
    }
    assert.equal(speech.waitingMs, 120_000);
    assert.equal(speech.counts.agentSpeechDropped, 1);
    assert.deepEqual(pulled(speech), [true, 2, 2]);
  });
});

describe('the leg of an agent', () => {
  it('is silent for a second after each answer and then sends nothing, so that the next begins at once', async () => {
    const agent = new ScriptedAgent();
    const clock = new FakeClock();
    const transport = new AgentTransport(agent, {
      clock,
      engine: 'elevenlabs',
      place: { callId: 'c', party: partyOf('b', 'en'), kind: 'pair', languages: ['en'] },
      onEvent: () => {},
    });
    const frames: number[] = [];
    transport.attach({
      ...{ arrived: () => {}, packet: () => {}, spokenToOnlyAt: () => {}, key: () => {}, closed: () => {} },
      frame: (bytes) => frames.push(new Int16Array(Uint8Array.from(bytes).buffer)[0] ?? 0),
    });
    const looks = (count: number): void => {
      for (let look = 0; look < count; look += 1) {
        transport.look(clock.nowMs());
      }
    };
    const say = (samples: number): void =>
      agent.does({ type: 'audio', id: 1, pcm: new Int16Array(samples).fill(7) });
    looks(60);
    assert.equal(frames.length, 50, 'a second of silence at first');
    assert.equal(transport.quietMs, 1_200);
    say(100);
    assert.equal(frames.length, 50, 'less than a frame may be less than a word');
    say(860);
    assert.deepEqual(frames.splice(0).slice(50), [7], 'at once');
    say(320);
    looks(3);
    assert.deepEqual(frames.splice(0), [7, 7, 7], 'and then with each tick');
    looks(60);
    assert.deepEqual(frames.splice(0), Array(50).fill(0));
    // The next tick is too near for the second: a recorder would take the two for frames that had been held up.
    await clock.advance(11);
    say(960);
    assert.deepEqual(frames, [7], 'at once all the same');
    await clock.advance(9);
    looks(1);
    assert.deepEqual(frames, [7]);
    await clock.advance(1);
    assert.deepEqual(frames, [7, 7], '10 ms after the first, before any listener needs it');
    await clock.advance(19);
    looks(1);
    assert.deepEqual(frames, [7, 7, 7], 'and then with each tick');
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
