import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { Secret } from '../../../src/base/secret.ts';
import { checkAgents } from '../../../src/cli/check/agent-checks.ts';
import type { CheckItem } from '../../../src/cli/check/check-item.ts';
import { agentEndings } from '../../../src/cli/named-agents.ts';
import { MODEL_DEFAULT } from '../../../src/engines/agents/openai/openai-agent-wire.ts';
import { patientClock } from '../../engines/patient-clock.ts';
import { AGENT_ID, AGENT_KEY, ElevenlabsAgentsStandIn } from '../../stand-ins/elevenlabs-agents.ts';
import { never } from '../../support/waiting.ts';

/** What is found of this agent, with this key. */
async function found(t: TestContext, agent: string, key?: string): Promise<CheckItem | undefined> {
  const server = await ElevenlabsAgentsStandIn.start();
  t.after(() => server.close());
  const providers = key === undefined ? {} : { elevenlabs: { apiKey: new Secret(key), url: server.url } };
  const agentsByDialled = new Map([['7000', { engine: 'elevenlabs', agent, language: undefined }]]);
  const items: CheckItem[] = [];
  for await (const item of checkAgents(
    { agentsByDialled, agent: undefined, agentFiles: new Map() },
    { clock: patientClock, providers },
  )(never())) {
    items.push(item);
  }
  assert.equal(items.length, 1);
  assert.deepEqual(server.begun, [], 'no conversation is begun');
  return items[0];
}

/** What is found of `--agent` with these keys, and with no file that describes one. */
async function foundOfOthers(agent: string, engine = 'openai'): Promise<CheckItem | undefined> {
  const apiKey = new Secret('key');
  const providers = { deepgram: { apiKey }, openaiRealtime: { apiKey } };
  const config = {
    agentsByDialled: new Map(),
    agent: { engine, agent, language: undefined },
    agentFiles: new Map(),
  };
  const items: CheckItem[] = [];
  for await (const item of checkAgents(config, { clock: patientClock, providers })(never())) {
    items.push(item);
  }
  return items[0];
}

describe('checkAgents', () => {
  it('says what to write for an agent that no file describes, and for a service that has none', async () => {
    const porter = await foundOfOthers('porter');
    assert.deepEqual([porter?.subject, porter?.outcome], ['--agent', 'fails']);
    assert.match(porter?.finding ?? '', /--agent-file porter=FILE/);
    assert.match((await foundOfOthers('porter', 'deepgram'))?.finding ?? '', /write the UUID/);
    assert.match((await foundOfOthers('hal', 'hal'))?.finding ?? '', /elevenlabs, deepgram, openai/);
  });

  it('says when OpenAI ends the model of an agent, and of no other, nor at an address of one’s own', () => {
    const endingsOf = (model: string | undefined, engine = 'openai', agentUrl?: string) => {
      const described = { prompt: 'x', model, tools: [], transferTo: new Map(), settings: {} };
      const named = [{ engine, agent: 'a', language: undefined, origin: '--agent' }];
      const openaiRealtime = { apiKey: new Secret('key'), ...(agentUrl === undefined ? {} : { agentUrl }) };
      return agentEndings(named, new Map([['a', described]]), { openaiRealtime }).map(
        ({ origin, sentence }) => `${origin}: ${sentence}`,
      );
    };
    const says = '--agent: OpenAI ends gpt-realtime on 20 January 2027: write model: gpt-realtime-2.1 into';
    assert.ok(endingsOf('gpt-realtime')[0]?.startsWith(says));
    assert.match(endingsOf('gpt-realtime-mini-2025-10-06')[0] ?? '', /gpt-realtime-2\.1-mini into/);
    assert.equal(endingsOf('gpt-realtime', 'openai', 'wss://api.openai.com/v1/realtime').length, 1);
    assert.deepEqual(
      [
        endingsOf(undefined),
        endingsOf(MODEL_DEFAULT),
        endingsOf('gpt-realtime-2.1-mini'),
        endingsOf('gpt-realtime', 'deepgram'),
        endingsOf('gpt-realtime', 'openai', 'ws://10.0.0.7:8000'),
      ],
      [[], [], [], [], []],
    );
  });

  it('says that there is such an agent', async (t) => {
    assert.equal((await found(t, AGENT_ID, AGENT_KEY))?.outcome, 'ok');
  });

  it('says what to do about an agent that is not there, and a key that is refused or missing', async (t) => {
    assert.match((await found(t, 'agent_none', AGENT_KEY))?.finding ?? '', /no agent "agent_none"/);
    assert.match((await found(t, AGENT_ID, 'sk_wrong'))?.finding ?? '', /set ELEVENLABS_API_KEY/);
    assert.match((await found(t, AGENT_ID))?.finding ?? '', /needs ELEVENLABS_API_KEY/);
  });
});
