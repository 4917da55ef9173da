/** Calls that a machine answers: a caller over AudioSocket or a WebSocket, an agent over its provider's own wire. */

import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { WebSocket } from 'ws';
import { systemClock } from '../../src/base/clock.ts';
import { Secret } from '../../src/base/secret.ts';
import { partyOf } from '../../src/call/plan.ts';
import { ElevenlabsAgent } from '../../src/engines/agents/elevenlabs/elevenlabs-agent.ts';
import { agentDoor } from '../../src/server/doors/agent/agent-door.ts';
import { gatewayPart } from '../../src/server/doors/websocket/gateway-part.ts';
import { webSocketDoor } from '../../src/server/doors/websocket/websocket-door.ts';
import { concatPcm, sine, soundOf, toneDbfs } from '../asterisk/audio.ts';
import type { StrictAsterisk } from '../asterisk/strict-asterisk.ts';
import { AGENT_ID, AGENT_KEY, ElevenlabsAgentsStandIn } from '../stand-ins/elevenlabs-agents.ts';
import { eventually, within } from '../support/waiting.ts';
import { endOf, TestServer } from './harness.ts';

const LIMIT_MS = 90_000;
const CALLER_HZ = 1_000;
const AGENT_HZ = 1_750;
/** So much that a machine that stands still hears far less of it before the agent's end than all. */
const SAID_MS = 10_000;
/** The agent's own rate. */
const RATE_HZ = 16_000;
/**
 * What is told when the agent has failed: so long that a machine which stands still does not take it all away. The tone
 * where nothing is told is for the tests of the door. This one has whole periods in a frame, as the agent's has, so that
 * neither is heard in the other.
 */
const FAILED_HZ = 650;
const FAILED = { pcm: sine(FAILED_HZ, 6_000, RATE_HZ, 0.1), rateHz: RATE_HZ };

async function open(t: TestContext, key = AGENT_KEY) {
  const provider = await ElevenlabsAgentsStandIn.start();
  const agent = new ElevenlabsAgent({
    ...{ clock: systemClock, apiKey: new Secret(key), url: provider.url },
    descriptions: new Map(),
  });
  const server = await TestServer.openFor(t, {
    otherDoors: [
      agentDoor({ agents: new Map([['elevenlabs', agent]]), announcements: () => FAILED }),
      webSocketDoor({
        ...{ host: '127.0.0.1', port: 0, names: [], token: undefined, uuidTimeoutMs: 5_000 },
        parts: [gatewayPart({ extensions: new Map(), languages: ['en'], rejoinMs: 0 })],
      }),
    ],
    agents: {
      byDialled: new Map([['7000', { engine: 'elevenlabs', agent: AGENT_ID, language: undefined }]]),
    },
  });
  t.after(() => provider.close());
  /** A caller who comes with the UUID of a registered call whose other party is the agent. */
  const ring = async (): Promise<StrictAsterisk> => {
    const made = server.server.register({
      kind: 'pair',
      parties: [
        partyOf('caller', 'en'),
        {
          ...partyOf('agent', 'en'),
          agent: { engine: 'elevenlabs', wish: { agent: AGENT_ID, variables: {} } },
        },
      ],
      plan: {},
      ttlMs: 60_000,
    });
    assert.ok(typeof made === 'object');
    assert.equal(made.parties.length, 1, 'only people come by a UUID');
    return server.ring({ uuid: made.parties[0]?.uuid ?? '' });
  };
  const answered = (): Promise<unknown> =>
    eventually('the agent hears somebody', LIMIT_MS, () => provider.heard.length > 0);
  return { provider, server, ring, answered };
}

function say(provider: ElevenlabsAgentsStandIn, lengthMs: number): number {
  return provider.speak(new Uint8Array(sine(AGENT_HZ, lengthMs, RATE_HZ).buffer));
}

/** How much of a tone a leg has heard, in ms. */
function heardMs(leg: StrictAsterisk, toneHz: number): number {
  return 20 * leg.frames.filter(({ pcm }) => toneDbfs(pcm, toneHz, 8_000) > -20).length;
}

function saidTo(provider: ElevenlabsAgentsStandIn): Int16Array {
  const bytes = Buffer.concat(provider.heard);
  return soundOf(new Int16Array(Uint8Array.from(bytes).buffer));
}

describe('a call that an agent answers', () => {
  it('carries what the caller says to the agent, and its burst as speech, and ends after its last words', async (t) => {
    const { provider, server, ring, answered } = await open(t);
    const caller = await ring();
    await answered();
    caller.speak(sine(CALLER_HZ, 600, 8_000));
    await eventually('the agent hears the caller', LIMIT_MS, () => {
      const said = saidTo(provider);
      // Wherever it begins: a machine that stands still leaves pieces of it out.
      const pieces = Array.from({ length: said.length / 1_600 }, (_, index) => said.subarray(1_600 * index));
      return pieces.some((piece) => toneDbfs(piece.subarray(0, 1_600), CALLER_HZ, RATE_HZ) > -30);
    });
    // Two seconds at once, and the agent is gone before a tenth of them was heard.
    say(provider, 2_000);
    provider.sessions.end(1000);
    await endOf(caller);
    const heard = heardMs(caller, AGENT_HZ);
    // A machine that stands still takes some of it away; whatever is left is far more than was heard before its end.
    assert.ok(heard >= 800 && heard <= 2_060, `${heard} ms of 2,000 were heard`);
    assert.deepEqual(caller.violations, []);
    assert.equal(server.tally('agentConversations', 'ended'), 1);
  });

  it('stops the agent when the caller falls into its words', async (t) => {
    const { provider, server, ring, answered } = await open(t);
    const caller = await ring();
    await answered();
    const id = say(provider, 20_000);
    await caller.until((leg) => heardMs(leg, AGENT_HZ) > 200, LIMIT_MS);
    provider.interrupt(id);
    await eventually('the interruption is heard', LIMIT_MS, () => server.count('agentInterruptions') === 1);
    const from = caller.frames.length;
    await caller.until((leg) => leg.frames.length > from + 60, LIMIT_MS);
    const after = concatPcm(...caller.frames.slice(from + 50).map(({ pcm }) => pcm));
    assert.equal(soundOf(after).length, 0, 'nothing is heard a second later');
    caller.hangUp();
    await endOf(caller);
    await provider.until(() => provider.sessions.open.size === 0, AbortSignal.timeout(LIMIT_MS));
  });

  it('hangs up, presses keys and transfers when the agent has it done, after its last words', async (t) => {
    const { provider, server, ring, answered } = await open(t);
    const caller = await ring();
    await answered();
    provider.callTool('1', 'keys', { keys: '5' });
    provider.callTool('2', 'dance');
    // The tone of 5 is 770 and 1,336 Hz.
    await caller.until((leg) => leg.frames.some(({ pcm }) => toneDbfs(pcm, 1_336, 8_000) > -30), LIMIT_MS);
    // Most of it may be lost where the machine stands still.
    say(provider, 3_000);
    provider.callTool('3', 'transfer', { to: 'sales' });
    await endOf(caller);
    assert.deepEqual(
      provider.answered.map(({ tool_call_id: id, is_error: isError }) => [id, isError]),
      [
        ['1', false],
        ['2', true],
        ['3', false],
      ],
    );
    assert.ok(heardMs(caller, AGENT_HZ) >= 400, `${heardMs(caller, AGENT_HZ)} ms`);
    assert.equal(server.tally('agentConversations', 'transferred'), 1);
    await server.until('both legs are gone', () => server.tally('legsEnded', 'transferred') === 2);
    const shown = JSON.stringify(server.lines.filter(({ level }) => level !== 'debug'));
    assert.doesNotMatch(shown, /sales/, 'where somebody goes is personal');
  });

  for (const [what, fail] of [
    ['breaks off', (provider: ElevenlabsAgentsStandIn) => provider.sessions.end('dropped')],
    ['has a fault', (provider: ElevenlabsAgentsStandIn) => provider.fail(1011, 'llm_error')],
  ] as const) {
    it(`tells the caller and lets the dialplan go on when the agent ${what}`, async (t) => {
      const { provider, server, ring, answered } = await open(t);
      const caller = await ring();
      await answered();
      say(provider, SAID_MS);
      await caller.until((leg) => heardMs(leg, AGENT_HZ) > 200, LIMIT_MS);
      const from = caller.frames.length;
      const saidMs = heardMs(caller, AGENT_HZ);
      fail(provider);
      await endOf(caller);
      assert.ok(
        heardMs(caller, AGENT_HZ) - saidMs < SAID_MS / 2,
        'what it was about to say is not heard any more',
      );
      const told = caller.frames
        .slice(from)
        .filter(({ pcm }) => toneDbfs(pcm, FAILED_HZ, 8_000) > -30).length;
      assert.ok(told >= 50, `${told} frames of 300 that tell it`);
      assert.equal(server.tally('agentConversations', 'failed'), 1);
      await server.until('both legs are gone', () => server.tally('legsEnded', 'agent-failed') === 2);
    });
  }

  it('ends for the caller when no conversation can be had, and the log says what to do', async (t) => {
    const { server, ring } = await open(t, 'sk_wrong');
    const caller = await ring();
    await endOf(caller);
    assert.equal(server.tally('agentConversations', 'not-opened'), 1);
    const [line] = server.lines.filter(({ message }) => message.startsWith('no conversation with an agent'));
    assert.match(String(line?.fields.error), /set ELEVENLABS_API_KEY/);
    assert.doesNotMatch(JSON.stringify(server.lines), /sk_wrong/);
  });

  it('is had by who dials a number that an agent answers', async (t) => {
    const { provider, server, answered } = await open(t);
    const socket = new WebSocket(`ws://127.0.0.1:${server.port(1)}/translate/7000?rate=16000`);
    t.after(() => socket.terminate());
    const heard: Buffer[] = [];
    socket.on('message', (data, isBinary) => {
      if (isBinary && Buffer.isBuffer(data)) {
        heard.push(data);
      }
    });
    const closed = new Promise((resolve) => socket.once('close', resolve));
    await eventually('the caller is in', LIMIT_MS, () => socket.readyState === WebSocket.OPEN);
    // What is sent first settles how it is answered.
    socket.send(Buffer.alloc(640));
    await answered();
    assert.deepEqual(provider.begun[0]?.dynamic_variables, { caller_language: 'en' });
    // Most of it may be lost where the machine stands still.
    say(provider, 3_000);
    provider.callTool('1', 'hang_up');
    await within('the call is over', LIMIT_MS, closed);
    const frames = heard.map((bytes) => new Int16Array(Uint8Array.from(bytes).buffer));
    const spoken = frames.filter((pcm) => toneDbfs(pcm, AGENT_HZ, RATE_HZ) > -20).length;
    assert.ok(spoken >= 12, `${spoken} frames of 150`);
    assert.equal(server.tally('agentConversations', 'hung-up'), 1);
  });
});
