import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { codeOf } from '../../src/base/errors.ts';
import { parseLanguage } from '../../src/base/language.ts';
import { Secret } from '../../src/base/secret.ts';
import type { AgentDescription } from '../../src/engines/agents/agent-description.ts';
import { ElevenlabsAgent } from '../../src/engines/agents/elevenlabs/elevenlabs-agent.ts';
import {
  AGENT_LANGUAGES,
  agentLanguage,
} from '../../src/engines/agents/elevenlabs/elevenlabs-agent-languages.ts';
import type { AgentEvent, AgentWish } from '../../src/engines/agents/voice-agent.ts';
import { encodeG711 } from '../../src/protocol/g711.ts';
import {
  AGENT_ID,
  AGENT_KEY,
  type AgentsStandInOptions,
  ElevenlabsAgentsStandIn,
} from '../stand-ins/elevenlabs-agents.ts';
import { eventually } from '../support/waiting.ts';
import { testSignal } from './events.ts';
import { failureOf } from './failure-of.ts';
import { patientClock } from './patient-clock.ts';

const WISH: AgentWish = { agent: AGENT_ID, variables: { customer: '17' } };

/** An agent of the account, and what is to be otherwise of it. */
const SALES: AgentDescription = {
  kept: { id: AGENT_ID, version: 'agtvrsn_3', branch: 'agtbrch_9', environment: 'staging', variables: {} },
  tools: [],
  transferTo: new Map(),
  settings: {},
};

const LIMIT_MS = 20_000;

async function begin(
  t: TestContext,
  options: AgentsStandInOptions = {},
  key = AGENT_KEY,
  own: Partial<AgentDescription> = {},
) {
  const server = await ElevenlabsAgentsStandIn.start(options);
  const agent = new ElevenlabsAgent({
    ...{ clock: patientClock, apiKey: new Secret(key), url: server.url },
    descriptions: new Map([['sales', { ...SALES, ...own }]]),
  });
  t.after(async () => {
    await agent.close();
    await server.close();
  });
  const events: AgentEvent[] = [];
  const open = async (wish = WISH) => {
    const conversation = await agent.open(wish, testSignal());
    conversation.listen((event) => events.push(event));
    return conversation;
  };
  return { server, agent, events, open };
}

function pcmBytes(samples: readonly number[]): Uint8Array {
  return new Uint8Array(Int16Array.from(samples).buffer);
}

describe('ElevenlabsAgent', () => {
  it('begins with the variables and overrides nothing that is not asked for', async (t) => {
    const { server, open } = await begin(t);
    const conversation = await open();
    assert.deepEqual(server.begun, [
      { type: 'conversation_initiation_client_data', dynamic_variables: { customer: '17' } },
    ]);
    assert.deepEqual([conversation.inputHz, conversation.outputHz], [16_000, 16_000]);
    await conversation.close();
    await conversation.close();
  });

  it('overrides what is asked for where the agent allows it', async (t) => {
    const { server, open } = await begin(t, { overrides: true });
    await open({ ...WISH, firstMessage: 'Hola.', language: 'es-MX' });
    assert.deepEqual(server.begun[0]?.conversation_config_override, {
      agent: { first_message: 'Hola.', language: 'es' },
    });
  });

  it('is told a language by the name that its agents have for it, or says that they have none', async (t) => {
    const { server, agent, open } = await begin(t, { overrides: true }, AGENT_KEY, {
      kept: { id: AGENT_ID, variables: {} },
      language: 'yue',
    });
    for (const language of ['nb-NO', 'nn', 'fil', 'pt-BR', 'pt-PT', 'de-AT', 'zh-TW']) {
      await open({ ...WISH, language });
    }
    assert.deepEqual(
      server.begun.map(({ conversation_config_override: own }) => own),
      ['no', 'no', 'tl', 'pt-br', 'pt', 'de', 'zh'].map((language) => ({ agent: { language } })),
    );
    for (const language of ['yue', 'zh-HK', 'yo']) {
      const { code, message } = await failureOf(open({ ...WISH, language }));
      assert.deepEqual([code, message.includes(`do not speak ${language}:`)], ['language-unsupported', true]);
    }
    assert.match(agent.refusal('sales') ?? '', /do not speak yue/);
    const lost = [...AGENT_LANGUAGES].filter((code) => agentLanguage(parseLanguage(code)) !== code);
    assert.deepEqual(lost, []);
  });

  it('begins with one that a file names: which state of it, and what is to be otherwise', async (t) => {
    const { server, open } = await begin(t, { overrides: true }, AGENT_KEY, {
      ...{ prompt: 'Sell to {{customer}}.', greeting: 'Hello.', language: 'en-GB', voice: 'v_17' },
      kept: {
        id: AGENT_ID,
        environment: 'staging',
        branch: 'b_9',
        version: 'v_3',
        variables: { no: 'N{{customer}}' },
      },
      settings: { user_id: 'dragoman', conversation_config_override: { tts: { speed: 1.1 } } },
    });
    await open({ ...WISH, agent: 'sales', firstMessage: 'Hola.' });
    assert.deepEqual(server.asked, [
      { agent_id: AGENT_ID, branch_id: 'b_9', version_id: 'v_3', environment: 'staging' },
    ]);
    assert.deepEqual(server.begun, [
      {
        type: 'conversation_initiation_client_data',
        user_id: 'dragoman',
        conversation_config_override: {
          agent: { prompt: { prompt: 'Sell to {{customer}}.' }, first_message: 'Hola.', language: 'en' },
          tts: { voice_id: 'v_17', speed: 1.1 },
        },
        dynamic_variables: { no: 'N17', customer: '17' },
      },
    ]);
  });

  for (const [what, own, told] of [
    ['not which agent it is', { kept: undefined, prompt: 'x' }, /id: agent_/],
    ["tools, which are the agent's own", { tools: ['hang_up'] }, /take them out of sales's file/],
    ["a model, which is the agent's own", { model: 'gpt' }, /take them out of sales's file/],
    [
      'a variable that the call does not give',
      { kept: { id: AGENT_ID, variables: { a: '{{b}}' } } },
      /\{\{b\}\}/,
    ],
  ] as const) {
    it(`refuses a file that has ${what}, before it asks anybody`, async (t) => {
      const { server, open } = await begin(t, {}, AGENT_KEY, own);
      const { code, message } = await failureOf(open({ ...WISH, agent: 'sales' }));
      assert.equal(code, 'engine-refused');
      assert.match(message, told);
      assert.deepEqual(server.asked, []);
    });
  }

  it('gives what is said in the order of its events, and sends what it is given', async (t) => {
    const { server, events, open } = await begin(t);
    const conversation = await open();
    const id = server.speak(pcmBytes([1, -2, 3]));
    server.interrupt(id);
    server.transcribe('two tickets', 'Two tickets, then.');
    server.callTool('call_1', 'transfer', { to: 'sales' });
    conversation.write(Int16Array.from([7, 8, 9]));
    await server.sessions.roundTrip();
    assert.deepEqual(events, [
      { type: 'audio', id, pcm: Int16Array.from([1, -2, 3]) },
      { type: 'interrupted', upToId: id },
      { type: 'said', who: 'person', text: 'two tickets' },
      { type: 'said', who: 'agent', text: 'Two tickets, then.' },
      { type: 'tool', call: { id: 'call_1', name: 'transfer', parameters: { to: 'sales' } } },
    ]);
    assert.deepEqual(server.heard, [Buffer.from(pcmBytes([7, 8, 9]))]);
    conversation.answer('call_1', 'done', false);
    server.callTool('call_2', 'hang_up');
    await server.sessions.roundTrip();
    assert.deepEqual(server.answered, [
      { type: 'client_tool_result', tool_call_id: 'call_1', result: 'done', is_error: false },
    ]);
    assert.deepEqual(events.at(-1), {
      type: 'tool',
      call: { id: 'call_2', name: 'hang_up', parameters: {} },
    });
  });

  it('is of no use when it calls tool after tool and says nothing', async (t) => {
    const { server, events, open } = await begin(t);
    await open();
    for (let call = 0; call < 21; call += 1) {
      server.callTool(`call_${call}`, 'weather');
    }
    await eventually('it fails', LIMIT_MS, () => events.some(({ type }) => type === 'failed'));
    assert.deepEqual([events.length, events.filter(({ type }) => type === 'tool').length], [21, 20]);
  });

  it('answers pings with their ids', async (t) => {
    const { server, open } = await begin(t);
    await open();
    server.ping(3);
    server.ping(4);
    await server.sessions.roundTrip();
    assert.deepEqual(server.answered, [
      { type: 'pong', event_id: 3 },
      { type: 'pong', event_id: 4 },
    ]);
  });

  it('speaks and hears in the formats that the agent says', async (t) => {
    const { server, events, open } = await begin(t, { outputFormat: 'ulaw_8000', inputFormat: 'pcm_24000' });
    const conversation = await open();
    assert.deepEqual([conversation.inputHz, conversation.outputHz], [24_000, 8_000]);
    server.speak(encodeG711(Int16Array.from([0, 8_000]), 'mu-law'));
    await server.sessions.roundTrip();
    const [event] = events;
    assert.ok(event?.type === 'audio');
    assert.equal(event.pcm.length, 2);
    assert.ok(Math.abs((event.pcm[1] ?? 0) - 8_000) < 300, String(event.pcm[1]));
  });

  it('refuses an agent whose format no leg can carry, and says which ones can', async (t) => {
    const { server, open } = await begin(t, { outputFormat: 'pcm_22050' });
    const { code, message } = await failureOf(open());
    assert.equal(code, 'engine-refused');
    assert.match(message, /pcm_16000/);
    await server.until(() => server.sessions.open.size === 0, testSignal());
  });

  it('tells an end that the agent wanted from one that is a fault', async (t) => {
    for (const [end, expected] of [
      [(server: ElevenlabsAgentsStandIn) => server.sessions.end(1000), ['ended']],
      [(server: ElevenlabsAgentsStandIn) => server.fail(1000, 'max_duration_exceeded'), ['ended']],
      [(server: ElevenlabsAgentsStandIn) => server.sessions.end(1011), ['engine-died']],
      [(server: ElevenlabsAgentsStandIn) => server.sessions.end(1008), ['engine-refused']],
      [(server: ElevenlabsAgentsStandIn) => server.sessions.end('dropped'), ['engine-died']],
      [(server: ElevenlabsAgentsStandIn) => server.fail(1011, 'llm_timeout'), ['engine-timeout']],
      [(server: ElevenlabsAgentsStandIn) => server.sessions.send('<html>'), ['engine-bad-answer']],
    ] as const) {
      const { server, events, open } = await begin(t);
      await open();
      await server.sessions.roundTrip();
      end(server);
      await server.until(() => server.sessions.open.size === 0, testSignal());
      await server.sessions.roundTrip();
      assert.deepEqual(
        events.map((event) => (event.type === 'failed' ? codeOf(event.error) : event.type)),
        expected,
        String(end),
      );
    }
  });

  it('says what to do about what the agent does not allow or know, and never the key', async (t) => {
    const forbidden = await begin(t);
    const override = await failureOf(forbidden.open({ ...WISH, language: 'es' }));
    assert.deepEqual([override.code, /Security tab/.test(override.message)], ['engine-refused', true]);
    const needing = await begin(t, { needs: ['caller'] });
    const missing = await failureOf(needing.open());
    assert.deepEqual([missing.code, /variable/.test(missing.message)], ['engine-refused', true]);
    const strange = await begin(t, {}, 'sk_another');
    const key = await failureOf(strange.open());
    assert.deepEqual([key.code, /ELEVENLABS_API_KEY/.test(key.message)], ['engine-refused', true]);
    for (const { message } of [override, missing, key]) {
      assert.doesNotMatch(message, /sk_/);
    }
  });

  it('finds out whether there is an agent without a conversation', async (t) => {
    const { server, agent } = await begin(t);
    await agent.probe(AGENT_ID, testSignal());
    const { code, message } = await failureOf(agent.probe('agent_none', testSignal()));
    assert.deepEqual([code, /no agent "agent_none"/.test(message)], ['engine-refused', true]);
    assert.deepEqual(server.begun, []);
  });

  it('stops to wait for an agent that does not begin when nobody waits for it any more', async (t) => {
    const { server, agent } = await begin(t, { mute: true });
    const stop = new AbortController();
    const opening = agent.open(WISH, stop.signal);
    await server.until(() => server.begun.length === 1, testSignal());
    stop.abort(new Error('the caller has hung up'));
    await assert.rejects(opening, /the caller has hung up/);
    await server.until(() => server.sessions.open.size === 0, testSignal());
  });

  it('keeps nothing for an agent that takes nothing, and counts it', async (t) => {
    const { server, open } = await begin(t);
    const conversation = await open();
    server.sessions.freeze();
    // 20 s of sound is far more than the kernel takes of it.
    for (let i = 0; i < 40_000 && conversation.droppedMs === 0; i += 1) {
      conversation.write(new Int16Array(320));
    }
    assert.ok(conversation.droppedMs > 0);
  });
});
