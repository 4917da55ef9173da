import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { AppError } from '../../../../src/base/errors.ts';
import { levelDbfs, sine, toneDbfs } from '../../../asterisk/audio.ts';
import { hears } from '../../../call/heard-tones.ts';
import { voiceLike } from '../../../media/voice-like.ts';
import { AGENT_HZ, dialledAgent, ScriptedAgent } from './scripted-agent.ts';

/** The lower note of the tone of somebody who has left. */
const LEFT_HZ = 554;
const END = { type: 'ended' } as const;

describe('an agent in a call that is interpreted', () => {
  it('hears what its party does, a frame each 20 ms at its own rate, and is told who it is for', async (t) => {
    const { exchange, agent, caller } = await dialledAgent(t);
    assert.deepEqual(agent.wishes, [{ agent: 'agent_1', variables: { caller_language: 'es' } }]);
    assert.deepEqual(exchange.statesOf('b').at(-1), 'TRANSLATING');
    const from = agent.heard.length;
    // Nothing interprets Spanish here, so it is heard as it is.
    caller.speak(sine(440, 400, 8_000));
    await exchange.run(1_000);
    const heard = agent.heard.slice(from);
    assert.equal(heard.length, 50);
    assert.ok(heard.every((pcm) => pcm.length === AGENT_HZ / 50));
    const loud = heard.filter((pcm) => levelDbfs(pcm) > -30).length;
    assert.ok(loud >= 18 && loud <= 23, `${loud} frames`);
  });

  it('has what was in its last words spoken to their end before it is gone', async (t) => {
    const { exchange, agent, caller, outcomes } = await dialledAgent(t);
    agent.does({ type: 'audio', id: 1, pcm: voiceLike(1_000, AGENT_HZ) });
    agent.does(END);
    await exchange.run(5_000);
    const { interpreters } = exchange;
    assert.ok(interpreters.last.calls.includes('end'), 'all of it was heard');
    assert.equal(caller.ending, undefined, 'it is not interpreted yet');
    caller.heard();
    interpreters.last.speaks(1, sine(440, 800, 8_000));
    await exchange.run(700);
    assert.equal(caller.ending, undefined, 'it is being spoken');
    interpreters.last.ends(1);
    await exchange.run(1_000);
    assert.equal(caller.ending, 'hung-up');
    assert.ok(levelDbfs(caller.heard()) > -20, 'the caller has heard it');
    assert.deepEqual(outcomes(), { ended: 1 });
    assert.equal(exchange.switchboard.legs.size, 0);
  });

  it('is not on hold when it pauses after a long answer', async (t) => {
    const { exchange, agent } = await dialledAgent(t);
    agent.does({ type: 'audio', id: 1, pcm: voiceLike(12_000, AGENT_HZ) });
    await exchange.run(20_000);
    assert.ok(!exchange.statesOf('b').includes('SUSPENDED'), String(exchange.statesOf('b')));
  });

  it('is gone all the same when the interpreter does not come to an end', async (t) => {
    const { exchange, agent, caller } = await dialledAgent(t);
    agent.does({ type: 'audio', id: 1, pcm: voiceLike(1_000, AGENT_HZ) });
    agent.does(END);
    await exchange.run(20_000);
    assert.equal(caller.ending, undefined);
    await exchange.run(2_000);
    assert.equal(caller.ending, 'hung-up');
  });

  it('keeps nobody in the call that it has ended when it goes on to talk all the same', async (t) => {
    const { exchange, agent, caller, outcomes } = await dialledAgent(t);
    agent.does({ type: 'tool', call: { id: '1', name: 'hang_up', parameters: {} } });
    let minutes = 0;
    for (; minutes < 4 && caller.ending === undefined; minutes += 1) {
      agent.does({ type: 'audio', id: minutes, pcm: sine(440, 61_000, AGENT_HZ) });
      await exchange.run(60_000);
    }
    assert.deepEqual([caller.ending, minutes, outcomes()], ['hung-up', 3, { 'hung-up': 1 }]);
  });

  it('counts what came first: a connection that breaks off after the end is an end', async (t) => {
    const { exchange, agent, caller, outcomes } = await dialledAgent(t);
    agent.does({ type: 'tool', call: { id: '1', name: 'hang_up', parameters: {} } });
    agent.does({ type: 'failed', error: new AppError('engine-died', 'gone') });
    await exchange.run(1_000);
    assert.equal(caller.ending, 'hung-up');
    assert.deepEqual([outcomes(), agent.answered], [{ 'hung-up': 1 }, [['1', false]]]);
  });

  it('has its conversation ended when the person hangs up', async (t) => {
    const { exchange, agent, caller, outcomes } = await dialledAgent(t);
    caller.end('peer-closed');
    await exchange.run(100);
    assert.ok(agent.closed > 0);
    assert.deepEqual(outcomes(), { 'person-left': 1 });
    assert.deepEqual([exchange.switchboard.legs.size, exchange.switchboard.calls.size], [0, 0]);
  });

  it('is not fetched again when the person comes and goes on hold', async (t) => {
    const { exchange, agent, caller } = await dialledAgent(t);
    await exchange.run(11_000);
    caller.onHold = true;
    await exchange.run(1_000);
    caller.onHold = false;
    await exchange.run(1_000);
    assert.ok(exchange.statesOf('a').includes('SUSPENDED'));
    assert.equal(agent.wishes.length, 1);
  });

  it('is told by a tone that it cannot be had, and then the dialplan goes on', async (t) => {
    const agent = new ScriptedAgent();
    agent.openError = new AppError('engine-refused', 'set the key');
    const { exchange, caller, outcomes } = await dialledAgent(t, agent);
    await exchange.run(600);
    assert.equal(caller.ending, undefined);
    assert.ok(hears(caller.heard(), LEFT_HZ));
    await exchange.run(600);
    assert.equal(caller.ending, 'hung-up');
    assert.equal(exchange.tally('legsEnded', 'agent-failed'), 1);
    assert.deepEqual(outcomes(), { 'not-opened': 1 });
  });

  for (const [when, begin] of [
    [
      'cannot be had',
      (agent: ScriptedAgent) => (agent.openError = new AppError('engine-refused', 'set the key')),
    ],
    ['fails in the middle of a call', () => undefined],
  ] as const) {
    it(`is told in the caller's language that the agent ${when}, to the end, and then the dialplan goes on`, async (t) => {
      const agent = new ScriptedAgent();
      begin(agent);
      const told: string[] = [];
      const sentence = { rateHz: 8_000, pcm: sine(660, 1_600, 8_000) };
      const { exchange, caller } = await dialledAgent(t, agent, 10, (language, fact) => {
        told.push(`${language} ${fact}`);
        return sentence;
      });
      if (agent.openError === undefined) {
        agent.does({ type: 'audio', id: 1, pcm: sine(440, 10_000, AGENT_HZ) });
        await exchange.run(500);
        caller.heard();
        agent.does({ type: 'failed', error: new AppError('engine-died', 'gone') });
      }
      await exchange.run(1_500);
      assert.equal(caller.ending, undefined, 'it is being told');
      await exchange.run(500);
      assert.equal(caller.ending, 'hung-up');
      assert.deepEqual(told, ['es agent-failed']);
      const heard = caller.heard();
      const spokenMs = [...Array(Math.floor(heard.length / 160)).keys()].filter(
        (frame) => toneDbfs(heard.subarray(160 * frame, 160 * (frame + 1)), 660, 8_000) > -20,
      ).length;
      assert.ok(20 * spokenMs >= 1_500, `${20 * spokenMs} ms`);
      assert.equal(exchange.tally('legsEnded', 'agent-failed'), agent.openError === undefined ? 2 : 1);
    });
  }

  it('takes no more legs than there may be, and costs nothing then', async (t) => {
    const { exchange, agent, outcomes } = await dialledAgent(t, new ScriptedAgent(), 1);
    assert.deepEqual([agent.wishes, outcomes()], [[], { 'not-opened': 1 }]);
    assert.match(JSON.stringify(exchange.log.lines.map(({ error }) => String(error))), /--max-legs/);
  });
});
