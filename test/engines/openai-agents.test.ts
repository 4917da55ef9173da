import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { codeOf } from '../../src/base/errors.ts';
import { Secret } from '../../src/base/secret.ts';
import type { AgentDescription } from '../../src/engines/agents/agent-description.ts';
import { OpenaiAgent } from '../../src/engines/agents/openai/openai-agent.ts';
import type { AgentEvent, AgentWish } from '../../src/engines/agents/voice-agent.ts';
import {
  OPENAI_AGENT_KEY,
  OPENAI_PROMPT,
  type OpenaiAgentsOptions,
  OpenaiAgentsStandIn,
} from '../stand-ins/openai-agents.ts';
import { eventually } from '../support/waiting.ts';
import { testSignal } from './events.ts';
import { failureOf } from './failure-of.ts';
import { patientClock } from './patient-clock.ts';

const RECEPTION: AgentDescription = {
  prompt: 'You answer for {{company}}.',
  tools: ['transfer', 'hang_up', 'keys'],
  transferTo: new Map([['sales', 'who wants to buy']]),
  settings: { audio: { input: { turn_detection: { type: 'semantic_vad', eagerness: 'high' } } } },
};
const WISH: AgentWish = { agent: 'reception', variables: { company: 'Acme' } };

const LIMIT_MS = 20_000;

async function begin(
  t: TestContext,
  options: OpenaiAgentsOptions = {},
  own: Partial<AgentDescription> = {},
  key = OPENAI_AGENT_KEY,
) {
  const server = await OpenaiAgentsStandIn.start(options);
  const agent = new OpenaiAgent({
    ...{ clock: patientClock, apiKey: new Secret(key), url: server.url },
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

/** So many ms at 24 kHz. */
function sound(lengthMs: number): Uint8Array {
  return new Uint8Array(new Int16Array(24 * lengthMs).fill(5).buffer);
}

describe('OpenaiAgent', () => {
  it('tells the whole of an agent that a file describes, with its variables, and waits to be spoken to', async (t) => {
    const { server, open } = await begin(t);
    const conversation = await open();
    assert.deepEqual([conversation.inputHz, conversation.outputHz], [24_000, 24_000]);
    const [session] = server.begun;
    assert.equal(session?.instructions, 'You answer for Acme.');
    assert.deepEqual(session?.audio.input.turn_detection, {
      ...{ type: 'semantic_vad', create_response: true, interrupt_response: true, eagerness: 'high' },
    });
    assert.equal(session?.audio.output.voice, 'marin');
    assert.deepEqual(
      session?.tools.map(({ name }) => name),
      ['transfer', 'hang_up', 'keys'],
    );
    await server.sessions.roundTrip();
    assert.deepEqual(server.told, []);
    await conversation.close();
    await conversation.close();
  });

  it('greets with the words of the file or the call, in the language that is wished', async (t) => {
    const { server, open } = await begin(t, {}, { greeting: 'Hello, {{company}}.', language: 'en' });
    await open();
    await open({ ...WISH, firstMessage: 'Hola.', language: 'es-MX' });
    await server.until(() => server.told.length === 2, testSignal());
    const said = server.told.map((event) => (event.type === 'response.create' ? event.response : undefined));
    assert.match(said[0]?.instructions ?? '', /: Hello, Acme\.$/);
    assert.match(said[1]?.instructions ?? '', /: Hola\.$/);
    assert.match(server.begun[0]?.instructions ?? '', /Speak English\.$/);
    assert.match(server.begun[1]?.instructions ?? '', /Speak Mexican Spanish\.$/);
  });

  const KEPT = { prompt: undefined, tools: [], transferTo: new Map(), settings: {} };

  it('takes a prompt that OpenAI keeps, with its variables, and leaves the rest as it is kept', async (t) => {
    const { server, open } = await begin(
      t,
      {},
      {
        ...KEPT,
        kept: { id: OPENAI_PROMPT.id, version: '2', variables: { company: '{{company}} Ltd' } },
      },
    );
    await open({ ...WISH, firstMessage: 'Hello.' });
    const format = { type: 'audio/pcm', rate: 24_000 };
    assert.deepEqual(server.begunKept, [
      {
        type: 'realtime',
        prompt: { id: OPENAI_PROMPT.id, version: '2', variables: { company: 'Acme Ltd' } },
        output_modalities: ['audio'],
        audio: { input: { format }, output: { format } },
      },
    ]);
    await server.until(() => server.told.length === 1, testSignal());
  });

  it('says in place of what is kept what the file has: instructions, voice, tools, settings', async (t) => {
    const { server, open } = await begin(
      t,
      {},
      {
        ...{ voice: 'cedar', language: 'es' },
        kept: { id: OPENAI_PROMPT.id, variables: { company: 'Acme' } },
      },
    );
    await open();
    const [session] = server.begunKept;
    assert.match(session?.instructions ?? '', /^You answer for Acme\.\n\nSpeak Spanish\.$/);
    assert.equal(session?.audio.output.voice, 'cedar');
    assert.equal(session?.tools?.length, 3);
    assert.deepEqual(session?.audio.input.turn_detection, { type: 'semantic_vad', eagerness: 'high' });
  });

  it('is refused a prompt that is not there, a version, a variable, and one that it is not given', async (t) => {
    for (const kept of [
      { id: 'pmpt_other', variables: { company: 'Acme' } },
      { id: OPENAI_PROMPT.id, version: '3', variables: { company: 'Acme' } },
      { id: OPENAI_PROMPT.id, variables: { company: 'Acme', city: 'Paris' } },
      { id: OPENAI_PROMPT.id, variables: {} },
    ]) {
      const { open } = await begin(t, {}, { ...KEPT, kept });
      const { code, message } = await failureOf(open());
      assert.equal(code, 'engine-refused');
      assert.match(message, /id, version and variables/);
    }
  });

  it('needs no file for a prompt that has no variables, and none to say that a language is not to be had', async (t) => {
    const { agent, open } = await begin(t);
    assert.equal(agent.refusal('pmpt_68a1'), undefined);
    assert.match(agent.refusal('other') ?? '', /pmpt_/);
    // The stand-in's prompt has one.
    assert.equal((await failureOf(open({ ...WISH, agent: OPENAI_PROMPT.id }))).code, 'engine-refused');
    const { message } = await failureOf(open({ ...WISH, agent: OPENAI_PROMPT.id, language: 'es' }));
    assert.match(message, /caller_language/);
  });

  it('gives what is said in its order, each item under an id of its own, and sends what it is given', async (t) => {
    const { server, events, open } = await begin(t);
    const conversation = await open();
    server.begin();
    server.speak(sound(20));
    server.speak(sound(40));
    server.hearsSomebody();
    server.transcribe('two tickets', 'Two tickets, then.');
    conversation.write(Int16Array.from([7, 8, 9]));
    await server.sessions.roundTrip();
    assert.deepEqual(
      events.map((event) => (event.type === 'audio' ? [event.id, event.pcm.length] : event)),
      [
        [1, 240],
        [1, 240],
        [2, 480],
        [2, 480],
        { type: 'interrupted', upToId: 2 },
        { type: 'said', who: 'person', text: 'two tickets' },
        { type: 'said', who: 'agent', text: 'Two tickets, then.' },
      ],
    );
    assert.deepEqual(server.heard, [Buffer.from(new Uint8Array(Int16Array.from([7, 8, 9]).buffer))]);
  });

  it('tells how far each item was heard that the person fell into, and never more than came', async (t) => {
    const { server, events, open } = await begin(t);
    const conversation = await open();
    server.begin();
    const items = [server.speak(sound(20)), server.speak(sound(40))];
    server.hearsSomebody();
    await server.sessions.roundTrip();
    conversation.cutOff(1, 12.7);
    conversation.cutOff(2, 999);
    conversation.cutOff(77, 5);
    await server.sessions.roundTrip();
    const cut = { type: 'conversation.item.truncate', content_index: 0 } as const;
    assert.deepEqual(server.told, [
      { ...cut, item_id: items[0], audio_end_ms: 12 },
      { ...cut, item_id: items[1], audio_end_ms: 40 },
    ]);
    assert.ok(events.every(({ type }) => type !== 'failed'));
  });

  it('goes on with what a tool has said, when the answer is over in which it was called', async (t) => {
    const { server, events, open } = await begin(t);
    const conversation = await open();
    server.begin();
    server.callFunction('1', 'keys', '{"keys":"5"}');
    await server.sessions.roundTrip();
    assert.deepEqual(events, [{ type: 'tool', call: { id: '1', name: 'keys', parameters: { keys: '5' } } }]);
    conversation.answer('1', 'done', false);
    await server.sessions.roundTrip();
    assert.deepEqual(
      server.told.map(({ type }) => type),
      ['conversation.item.create'],
    );
    server.end();
    await server.sessions.roundTrip();
    assert.deepEqual(
      server.told.map(({ type }) => type),
      ['conversation.item.create', 'response.create'],
    );
    server.end();
    server.callFunction('2', 'keys', '{"keys":"6"}');
    await server.sessions.roundTrip();
    conversation.answer('2', 'done', false);
    await server.sessions.roundTrip();
    assert.deepEqual(
      server.told.slice(2).map(({ type }) => type),
      ['conversation.item.create', 'response.create'],
    );
  });

  it('has nothing said after a call that is the last, and refuses by itself what cannot be meant', async (t) => {
    const { server, events, open } = await begin(t);
    const conversation = await open();
    server.callFunction('1', 'transfer', '{"to":"sales"}');
    server.callFunction('2', 'hang_up', '{', 'incomplete');
    await server.sessions.roundTrip();
    conversation.answer('1', 'done', false);
    await server.sessions.roundTrip();
    assert.deepEqual(
      [events.length, server.told.map(({ type }) => type)],
      [1, ['conversation.item.create']],
      'one that was cut off is no call',
    );
    server.callFunction('3', 'transfer', '[]');
    await server.sessions.roundTrip();
    assert.deepEqual(
      server.told
        .slice(1)
        .map((event) => ('item' in event ? event.item.output.split(':', 2).join() : event.type)),
      ['error, the arguments are no JSON object', 'response.create'],
    );
  });

  it('is of no use when it calls tool after tool and says nothing, and of use when it speaks between', async (t) => {
    const { server, events, open } = await begin(t);
    await open();
    const callTwenty = (round: number): void => {
      for (let call = 0; call < 20; call += 1) {
        server.callFunction(`${round} ${call}`, 'transfer', '[]');
      }
    };
    server.begin();
    callTwenty(1);
    server.speak(sound(20));
    callTwenty(2);
    await server.sessions.roundTrip();
    assert.deepEqual([...new Set(events.map(({ type }) => type))], ['audio']);
    assert.equal(server.told.length, 40, 'each was told why it is none');
    server.callFunction('last', 'transfer', '[]');
    const failed = await eventually('it fails', LIMIT_MS, () => events.find(({ type }) => type === 'failed'));
    assert.match(
      failed.type === 'failed' ? failed.error.message : '',
      /has called 20 tools and said nothing/,
    );
  });

  it('tells an end that the agent wanted from one that is a fault, and from what is none', async (t) => {
    for (const [end, expected] of [
      [(server: OpenaiAgentsStandIn) => server.sessions.end(1000), ['ended']],
      [
        (server: OpenaiAgentsStandIn) => server.complain('invalid_request_error', 'session_expired'),
        ['ended'],
      ],
      [(server: OpenaiAgentsStandIn) => server.end('failed', 'insufficient_quota'), ['engine-refused']],
      [(server: OpenaiAgentsStandIn) => server.end('failed', 'rate_limit_exceeded'), ['engine-overloaded']],
      [(server: OpenaiAgentsStandIn) => server.end('failed', 'unheard_of'), ['engine-bad-answer']],
      [(server: OpenaiAgentsStandIn) => server.complain('server_error'), ['engine-died']],
      [(server: OpenaiAgentsStandIn) => server.sessions.end('dropped'), ['engine-died']],
      [(server: OpenaiAgentsStandIn) => server.sessions.send('<html>'), ['engine-bad-answer']],
      [
        (server: OpenaiAgentsStandIn) => {
          server.complain('invalid_request_error', 'invalid_value');
          server.complain('invalid_request_error', 'invalid_value');
          server.speak(sound(20));
          server.complain('invalid_request_error', 'invalid_value');
        },
        ['audio', 'audio'],
      ],
      [
        (server: OpenaiAgentsStandIn) =>
          [1, 2, 3].forEach(() => {
            server.complain('invalid_request_error', 'invalid_value');
          }),
        ['engine-bad-answer'],
      ],
    ] as const) {
      const { server, events, open } = await begin(t);
      await open();
      await server.sessions.roundTrip();
      end(server);
      await server.sessions.roundTrip();
      assert.deepEqual(
        events.map((event) => (event.type === 'failed' ? codeOf(event.error) : event.type)),
        expected,
        String(end),
      );
    }
  });

  it('says what to do about what is refused, and never the key', async (t) => {
    const unknown = await failureOf((await begin(t)).open({ agent: 'porter', variables: {} }));
    assert.deepEqual(
      [unknown.code, /--agent-file porter=FILE/.test(unknown.message)],
      ['engine-refused', true],
    );
    const voice = await failureOf((await begin(t, {}, { voice: 'nobody' })).open());
    assert.deepEqual([voice.code, /settings, voice/.test(voice.message)], ['engine-refused', true]);
    const model = await failureOf((await begin(t, {}, { model: 'gpt-none' })).open());
    assert.deepEqual([model.code, /check the model/.test(model.message)], ['engine-refused', true]);
    const key = await failureOf((await begin(t, {}, {}, 'sk-another')).open());
    assert.deepEqual([key.code, /OPENAI_API_KEY/.test(key.message)], ['engine-refused', true]);
    for (const { message } of [unknown, voice, model, key]) {
      assert.doesNotMatch(message, /sk-/);
    }
  });

  it('finds out whether key and model are taken without a conversation', async (t) => {
    const { server, agent } = await begin(t);
    await agent.probe('reception', testSignal());
    assert.deepEqual(server.begun, []);
    const { agent: other } = await begin(t, {}, { model: 'gpt-none' });
    assert.equal((await failureOf(other.probe('reception', testSignal()))).code, 'engine-refused');
  });

  it('stops to wait for a session that does not begin when nobody waits for it any more', async (t) => {
    const { server, agent } = await begin(t, { mute: true });
    const stop = new AbortController();
    const opening = agent.open(WISH, stop.signal);
    await server.sessions.roundTrip();
    stop.abort(new Error('the caller has hung up'));
    await assert.rejects(opening, /the caller has hung up/);
    await server.until(() => server.sessions.open.size === 0, testSignal());
  });
});
