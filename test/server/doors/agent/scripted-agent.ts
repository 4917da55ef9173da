/** An agent that says what a test has it say, and calls of one person with it on the fake clock. */

import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { CountSums } from '../../../../src/base/counts.ts';
import { SlicedWork } from '../../../../src/base/sliced-work.ts';
import type { AnnouncementBook } from '../../../../src/call/announcing.ts';
import { ArrangedSeating } from '../../../../src/call/seating/arranged-seating.ts';
import { SuffixSeating } from '../../../../src/call/seating/suffix-seating.ts';
import type {
  AgentConversation,
  AgentEvent,
  AgentWish,
  VoiceAgent,
} from '../../../../src/engines/agents/voice-agent.ts';
import { agentDoor } from '../../../../src/server/doors/agent/agent-door.ts';
import { ScriptedExchange, type ScriptedLeg } from '../../../call/scripted-legs.ts';
import { throwOn } from '../audiosocket/socket-pairs.ts';

export const AGENT_HZ = 16_000;

export class ScriptedAgent implements VoiceAgent, AgentConversation {
  readonly name = 'elevenlabs';
  readonly inputHz = AGENT_HZ;
  readonly outputHz = AGENT_HZ;
  readonly droppedMs = 0;
  readonly wishes: AgentWish[] = [];
  /** What it was given, frame by frame. */
  readonly heard: Int16Array[] = [];
  readonly answered: (readonly [id: string, isError: boolean])[] = [];
  /** How far was heard what the person fell into. */
  readonly cutOffs: (readonly [id: number, heardMs: number])[] = [];
  /** Conversations that were ended by us. */
  closed = 0;
  /** What opening throws. */
  openError: Error | undefined;
  #onEvent: ((event: AgentEvent) => void) | undefined;

  async open(wish: AgentWish): Promise<AgentConversation> {
    this.wishes.push(wish);
    if (this.openError !== undefined) {
      throw this.openError;
    }
    return this;
  }

  refusal(): undefined {
    return undefined;
  }

  async probe(): Promise<void> {}

  listen(onEvent: (event: AgentEvent) => void): void {
    this.#onEvent = onEvent;
  }

  write(pcm: Int16Array): void {
    this.heard.push(pcm.slice());
  }

  answer(id: string, _result: string, isError: boolean): void {
    this.answered.push([id, isError]);
  }

  cutOff(id: number, heardMs: number): void {
    this.cutOffs.push([id, heardMs]);
  }

  async close(): Promise<void> {
    this.closed += 1;
  }

  does(event: AgentEvent): void {
    assert.ok(this.#onEvent !== undefined, 'nobody listens to the agent');
    this.#onEvent(event);
  }
}

/** A person who speaks Spanish has dialled an agent that speaks English, which is interpreted. */
export async function dialledAgent(
  test: TestContext,
  agent = new ScriptedAgent(),
  maxLegs = 10,
  announcements?: AnnouncementBook,
) {
  const seatings: ArrangedSeating[] = [];
  const exchange = new ScriptedExchange(test, {
    switchboard: { maxLegs },
    plan: { announce: false, languages: ['es', 'en'] },
    seating: (plan) => {
      const agents = {
        byDialled: new Map([['7000', { engine: 'elevenlabs', agent: 'agent_1', language: 'en' }]]),
      };
      const seating = new ArrangedSeating(plan, new SuffixSeating(plan), undefined, undefined, agents);
      seatings.push(seating);
      return seating;
    },
  });
  const [promises] = seatings;
  assert.ok(promises !== undefined);
  const { switchboard, clock, log } = exchange;
  const door = await agentDoor({
    agents: new Map([['elevenlabs', agent]]),
    ...(announcements === undefined ? {} : { announcements }),
  })({
    ...{ switchboard, promises, clock, log, listening: () => [] },
    work: new SlicedWork(clock, throwOn),
  });
  test.after(async () => {
    const closed = door.close();
    await clock.advance(100);
    await closed;
  });
  promises.promise('caller', { dialled: '7000' });
  const caller: ScriptedLeg = await exchange.arrive('caller');
  await exchange.run(200);
  const outcomes = () => Object.fromEntries(new CountSums().add(door).tally('agentConversations'));
  return { exchange, agent, caller, outcomes };
}
