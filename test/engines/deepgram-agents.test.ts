import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import type { Clock } from '../../src/base/clock.ts';
import { codeOf } from '../../src/base/errors.ts';
import { Secret } from '../../src/base/secret.ts';
import type { AgentDescription } from '../../src/engines/agents/agent-description.ts';
import { DeepgramAgent } from '../../src/engines/agents/deepgram/deepgram-agent.ts';
import type { AgentEvent, AgentWish } from '../../src/engines/agents/voice-agent.ts';
import { FakeClock } from '../base/fake-clock.ts';
import {
  DEEPGRAM_AGENT_ID,
  DEEPGRAM_AGENT_KEY,
  type DeepgramAgentsOptions,
  DeepgramAgentsStandIn,
} from '../stand-ins/deepgram-agents.ts';
import { testSignal } from './events.ts';
import { failureOf } from './failure-of.ts';
import { patientClock } from './patient-clock.ts';

const RECEPTION: AgentDescription = {
  prompt: 'You answer for {{ company }}.',
  greeting: 'Hello, {{company}}.',
  language: 'en',
  voice: 'aura-2-luna-en',
  tools: ['transfer', 'hang_up'],
  transferTo: new Map([['sales', 'who wants to buy']]),
  settings: { think: { provider: { temperature: 0.2 } } },
};
const WISH: AgentWish = { agent: 'reception', variables: { company: 'Acme' } };
const KEPT: AgentWish = { agent: DEEPGRAM_AGENT_ID, variables: {} };

async function begin(
  t: TestContext,
  options: DeepgramAgentsOptions = {},
  key = DEEPGRAM_AGENT_KEY,
  clock: Clock = patientClock,
  own: Partial<AgentDescription> = {},
) {
  const server = await DeepgramAgentsStandIn.start(options);
  const agent = new DeepgramAgent({
    ...{ clock, apiKey: new Secret(key), url: server.url },
    descriptions: new Map([['reception', { ...RECEPTION, ...own }]]),
  });
  t.after(() => server.close());
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

describe('DeepgramAgent', () => {
  it('tells the whole of an agent that a file describes, with its variables', async (t) => {
    const { server, open } = await begin(t);
    const conversation = await open();
    assert.deepEqual([conversation.inputHz, conversation.outputHz], [16_000, 16_000]);
    const agent = server.begun[0]?.agent;
    assert.ok(typeof agent === 'object');
    const { functions = [], ...think } = agent.think;
    assert.deepEqual(
      { ...agent, think },
      {
        greeting: 'Hello, Acme.',
        listen: { provider: { type: 'deepgram', model: 'nova-3', language: 'en' } },
        think: {
          provider: { type: 'open_ai', model: 'gpt-4o-mini', temperature: 0.2 },
          prompt: 'You answer for Acme.',
        },
        speak: { provider: { type: 'deepgram', model: 'aura-2-luna-en' } },
      },
    );
    assert.deepEqual(
      functions.map(({ name, defer_until_eot: waits }) => [name, waits]),
      [
        ['transfer', true],
        ['hang_up', true],
      ],
    );
    await conversation.close();
    await conversation.close();
  });

  it('says what the call wishes in place of the greeting and the language of the file', async (t) => {
    const { server, open } = await begin(t);
    await open({ ...WISH, firstMessage: 'Hola, {{company}}.', language: 'es' });
    const agent = server.begun[0]?.agent;
    assert.ok(typeof agent === 'object');
    assert.deepEqual([agent.greeting, agent.listen.provider.language], ['Hola, Acme.', 'es']);
  });

  for (const [language, listen, voice] of [
    [undefined, undefined, 'aura-2-thalia-en'],
    ['en-GB', 'en-GB', 'aura-2-thalia-en'],
    ['es-MX', 'es', 'aura-2-celeste-es'],
    ['de-AT', 'de', 'aura-2-viktoria-de'],
    ['ja', 'ja', 'aura-2-izanami-ja'],
  ] as const) {
    it(`hears and speaks ${language ?? 'English where no language is said'} by Deepgram’s names`, async (t) => {
      const own = { language, voice: undefined };
      const { server, open } = await begin(t, {}, DEEPGRAM_AGENT_KEY, patientClock, own);
      await open();
      const agent = server.begun[0]?.agent;
      assert.ok(typeof agent === 'object');
      assert.deepEqual([agent.listen.provider.language, agent.speak.provider.model], [listen, voice]);
    });
  }

  it('says which language it does not hear or has no voice for, in a call and in a file, and begins nothing', async (t) => {
    for (const [language, own, told] of [
      ['yo', {}, /do not hear yo: .*settings\.listen/],
      [
        'pt-BR',
        { voice: undefined },
        /no voice for pt-BR, only for de, en, es, fr, it, ja, nl: .*settings\.speak/,
      ],
      ['fil', { voice: undefined }, /no voice for fil/],
    ] as const) {
      const { server, agent, open } = await begin(t, {}, DEEPGRAM_AGENT_KEY, patientClock, own);
      const { code, message } = await failureOf(open({ ...WISH, language }));
      assert.equal(code, 'language-unsupported');
      assert.match(message, told);
      assert.equal(agent.refusal('reception'), undefined);
      const written = await begin(t, {}, DEEPGRAM_AGENT_KEY, patientClock, { ...own, language });
      assert.match(written.agent.refusal('reception') ?? '', told);
      assert.deepEqual(server.begun, []);
    }
  });

  it('leaves a language to whom the file says listens and speaks', async (t) => {
    const { server, open } = await begin(t, {}, DEEPGRAM_AGENT_KEY, patientClock, {
      language: 'fil',
      voice: undefined,
      settings: { speak: { provider: { type: 'eleven_labs', model: 'eleven_flash_v2_5' } } },
    });
    await open();
    const agent = server.begun[0]?.agent;
    assert.ok(typeof agent === 'object');
    assert.deepEqual([agent.listen.provider.language, agent.speak.provider.type], ['tl', 'eleven_labs']);
  });

  it('says of the conversation what is not of the agent', async (t) => {
    const { server, open } = await begin(t, {}, DEEPGRAM_AGENT_KEY, patientClock, {
      settings: { mip_opt_out: true, tags: ['acme'] },
    });
    await open();
    const [begun] = server.begun;
    assert.deepEqual([begun?.mip_opt_out, begun?.tags], [true, ['acme']]);
  });

  it('refuses a file with the id of one that Deepgram keeps', async (t) => {
    const { open } = await begin(t, {}, DEEPGRAM_AGENT_KEY, patientClock, {
      kept: { id: DEEPGRAM_AGENT_ID, variables: {} },
    });
    const { code, message } = await failureOf(open());
    assert.deepEqual([code, /deepgram:UUID/.test(message)], ['engine-refused', true]);
  });

  it('names an agent that Deepgram keeps, and can change nothing of it', async (t) => {
    const { server, open } = await begin(t);
    await open(KEPT);
    assert.equal(server.begun[0]?.agent, DEEPGRAM_AGENT_ID);
    const { code, message } = await failureOf(open({ ...KEPT, firstMessage: 'Hola.' }));
    assert.deepEqual([code, /--agent-file/.test(message)], ['engine-refused', true]);
  });

  it('gives what is said in its order, whatever the pieces of sound, and sends what it is given', async (t) => {
    const { server, events, open } = await begin(t);
    const conversation = await open();
    server.speak(pcmBytes([1, -2, 3]), 3);
    server.hearsSomebody();
    server.speak(pcmBytes([4]));
    server.transcribe('two tickets', 'Two tickets, then.');
    conversation.write(Int16Array.from([7, 8, 9]));
    await server.sessions.roundTrip();
    assert.deepEqual(events, [
      { type: 'audio', id: 1, pcm: Int16Array.from([1]) },
      { type: 'audio', id: 1, pcm: Int16Array.from([-2, 3]) },
      { type: 'interrupted', upToId: 1 },
      { type: 'audio', id: 2, pcm: Int16Array.from([4]) },
      { type: 'said', who: 'person', text: 'two tickets' },
      { type: 'said', who: 'agent', text: 'Two tickets, then.' },
    ]);
    assert.deepEqual(server.heard, [Buffer.from(pcmBytes([7, 8, 9]))]);
  });

  it('hands on what the agent wants done, and refuses by itself what cannot be meant', async (t) => {
    const { server, events, open } = await begin(t);
    const conversation = await open();
    server.callFunction('1', 'transfer', '{"to":"sales"}');
    server.callFunction('2', 'hang_up', '');
    server.callFunction('3', 'transfer', '{"to":"sal');
    server.callFunction('4', 'transfer', '{"to":"abroad"}');
    server.callFunction('5', 'weather', '{}', false);
    await server.sessions.roundTrip();
    assert.deepEqual(events, [
      { type: 'tool', call: { id: '1', name: 'transfer', parameters: { to: 'sales' } } },
      { type: 'tool', call: { id: '2', name: 'hang_up', parameters: {} } },
    ]);
    conversation.answer('1', 'done', false);
    await server.sessions.roundTrip();
    assert.deepEqual(
      server.answered.map(({ id, name, content }) => [id, name, content.split(':', 1)[0]]),
      [
        ['3', 'transfer', 'the arguments are no JSON object'],
        ['4', 'transfer', 'there is no such place'],
        ['1', 'transfer', 'done'],
      ],
    );
  });

  it('tells an end that the agent wanted from one that is a fault', async (t) => {
    for (const [end, expected] of [
      [(server: DeepgramAgentsStandIn) => server.sessions.end(1000), ['ended']],
      [(server: DeepgramAgentsStandIn) => server.fail('CLIENT_MESSAGE_TIMEOUT'), ['engine-timeout']],
      [(server: DeepgramAgentsStandIn) => server.fail('FAILED_TO_THINK'), ['engine-died']],
      [(server: DeepgramAgentsStandIn) => server.sessions.end(1011), ['engine-died']],
      [(server: DeepgramAgentsStandIn) => server.sessions.end('dropped'), ['engine-died']],
      [(server: DeepgramAgentsStandIn) => server.sessions.send('<html>'), ['engine-bad-answer']],
      [(server: DeepgramAgentsStandIn) => server.say({ type: 'Warning', code: 'PROMPT_TOO_LONG' }), []],
    ] as const) {
      const { server, events, open } = await begin(t);
      await open();
      await server.sessions.roundTrip();
      end(server);
      await server.sessions.roundTrip();
      if (expected.length > 0) {
        await server.until(() => server.sessions.open.size === 0, testSignal());
        await server.sessions.roundTrip();
      }
      assert.deepEqual(
        events.map((event) => (event.type === 'failed' ? codeOf(event.error) : event.type)),
        expected,
        String(end),
      );
    }
  });

  it('says what to do about what is refused, and never the key', async (t) => {
    const { open, agent } = await begin(t);
    const missing = await failureOf(open({ agent: 'reception', variables: {} }));
    assert.deepEqual([missing.code, /\{\{company\}\}/.test(missing.message)], ['engine-refused', true]);
    const unknown = await failureOf(open({ agent: 'porter', variables: {} }));
    assert.deepEqual(
      [unknown.code, /--agent-file porter=FILE/.test(unknown.message)],
      ['engine-refused', true],
    );
    assert.equal(agent.refusal('reception'), undefined);
    assert.equal(agent.refusal(DEEPGRAM_AGENT_ID), undefined);
    const elsewhere = { agent: '00000000-0000-4000-8000-000000000000', variables: {} };
    const settings = await failureOf(open(elsewhere));
    assert.deepEqual([settings.code, /agent's file/.test(settings.message)], ['engine-refused', true]);
    const strange = await begin(t, {}, 'dg_another');
    const key = await failureOf(strange.open());
    assert.deepEqual([key.code, /DEEPGRAM_API_KEY/.test(key.message)], ['engine-refused', true]);
    for (const { message } of [missing, unknown, settings, key]) {
      assert.doesNotMatch(message, /dg_/);
    }
  });

  it('finds out whether the key is taken without a conversation', async (t) => {
    const { server, agent } = await begin(t);
    await agent.probe('reception', testSignal());
    assert.equal((await failureOf(agent.probe('porter', testSignal()))).code, 'engine-refused');
    assert.deepEqual(server.begun, []);
  });

  it('gives up on an agent that does not begin', async (t) => {
    const clock = new FakeClock();
    const { server, agent } = await begin(t, { mute: true }, DEEPGRAM_AGENT_KEY, clock);
    const failure = failureOf(agent.open(WISH, testSignal()));
    await server.until(() => server.begun.length === 1, testSignal());
    await clock.advance(5_000);
    assert.equal((await failure).code, 'engine-timeout');
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
});
