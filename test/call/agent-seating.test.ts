import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type AnsweringAgents, agentByDialled } from '../../src/call/seating/agent-seating.ts';
import { ArrangedSeating } from '../../src/call/seating/arranged-seating.ts';
import { SuffixSeating } from '../../src/call/seating/suffix-seating.ts';
import { PLAN } from './scripted-legs.ts';

const AGENTS: AnsweringAgents = {
  byDialled: new Map([
    ['7000', { engine: 'elevenlabs', agent: 'agent_1', language: 'en' }],
    ['34600123', { engine: 'elevenlabs', agent: 'agent_2', language: undefined }],
  ]),
};
const UUID = 'c0ffee00-0000-4000-8000-000000000001';
const EXTENSIONS = new Map([
  ['7000', { language: 'fr', room: undefined }],
  ['8888', { language: 'fr', room: undefined }],
]);

function seat(
  facts: { readonly uuid?: string; readonly extension?: string; readonly dialled?: string },
  agents = AGENTS,
) {
  const seating = new ArrangedSeating(PLAN, new SuffixSeating(PLAN), EXTENSIONS, undefined, agents);
  const door = { name: 'a door', languages: ['es', 'en'], rejoinMs: 0 };
  return seating.seat({ facts, door });
}

describe('who meets nobody else', () => {
  const others = { engine: 'openai', agent: 'reception', language: 'en' };

  it('has a call with the agent of everybody else, but for those whom another one answers', async () => {
    for (const [facts, expected] of [
      [{ uuid: UUID }, 'reception'],
      [{ uuid: UUID, extension: '9999' }, 'reception'],
      [{ uuid: UUID, dialled: '7001' }, 'reception'],
      [{ uuid: UUID, dialled: '7000' }, 'agent_1'],
      [{ uuid: UUID, extension: '8888' }, undefined],
    ] as const) {
      const seated = await seat(facts, { ...AGENTS, others });
      assert.ok(seated.type === 'seat');
      assert.equal(seated.plan.agents?.[0]?.wish.agent, expected, JSON.stringify(facts));
    }
  });
});

describe('who dials a number that an agent answers', () => {
  it('has a call of their own with it, in which the two are interpreted where they speak differently', async () => {
    const seated = await seat({ uuid: UUID, dialled: '7000' });
    assert.ok(seated.type === 'seat');
    const { callId, party, plan } = seated;
    assert.deepEqual([callId, party.id, party.language], [`agent-${UUID}`, 'a', 'es']);
    assert.deepEqual([plan.kind, plan.languages], ['pair', ['es', 'en']]);
    const [agent, ...more] = plan.agents ?? [];
    assert.deepEqual([agent?.party.id, agent?.party.language, more], ['b', 'en', []]);
    assert.deepEqual(agent?.wish, { agent: 'agent_1', variables: { caller_language: 'es' } });
  });

  it('hears an agent without a language of its own in theirs, however the number is written', async () => {
    const seated = await seat({ uuid: UUID, dialled: '+34 600-123' });
    assert.ok(seated.type === 'seat');
    assert.deepEqual(seated.plan.languages, ['es']);
    assert.equal(seated.plan.agents?.[0]?.party.language, 'es');
    assert.equal(agentByDialled(AGENTS, '0034600123')?.agent, 'agent_2');
  });

  it('speaks what the extension says', async () => {
    const seated = await seat({ uuid: UUID, extension: '7000' });
    assert.ok(seated.type === 'seat');
    assert.deepEqual([seated.party.language, seated.plan.languages], ['fr', ['fr', 'en']]);
  });

  it('is nobody else: other numbers and extensions are seated as ever', async () => {
    for (const facts of [
      { uuid: UUID, dialled: '7001' },
      { uuid: UUID, extension: '8888' },
    ]) {
      const seated = await seat(facts);
      assert.ok(seated.type === 'seat');
      assert.equal(seated.plan.agents, undefined);
    }
    assert.equal((await seat({ dialled: '7000' })).type, 'refused', 'nobody without a UUID can come again');
  });
});
