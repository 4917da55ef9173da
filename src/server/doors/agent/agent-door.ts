/**
 * The agents' door: nobody comes in by it. It watches for calls whose plan has a party that is a machine, opens a
 * conversation for each once a person is there, and makes a leg of it. The person hears the waiting tone until then; when
 * no conversation can be had it is told so and hung up, and the dialplan goes on.
 */

import { AppError } from '../../../base/errors.ts';
import { Scope } from '../../../base/scope.ts';
import { Tally } from '../../../base/tally.ts';
import { type AnnouncementBook, announceAgentFailed } from '../../../call/announcing.ts';
import type { CallEvent } from '../../../call/call-events.ts';
import { AGENT_FAILED } from '../../../call/leg-transport.ts';
import type { AgentSeat } from '../../../call/plan.ts';
import type { VoiceAgent } from '../../../engines/agents/voice-agent.ts';
import type { AgentBook } from '../agent-book.ts';
import type { Door, DoorDeps, DoorOpener } from '../door.ts';
import { type AgentOutcome, AgentVisit, TOLD_MS } from './agent-visit.ts';

export interface AgentDoorOptions {
  /** By the name of the engine; the door closes them. */
  readonly agents: ReadonlyMap<string, VoiceAgent>;
  /** What callers are told of an agent that fails; default a tone. */
  readonly announcements?: AnnouncementBook;
}

export function agentDoor(options: AgentDoorOptions): DoorOpener {
  return async (deps) => new AgentDoor(options, deps);
}

/** A call that an agent was fetched for. */
interface Visited {
  readonly scope: Scope;
  /** Ids of the parties that were fetched. */
  readonly fetched: Set<string>;
  readonly visits: Set<AgentVisit>;
}

class AgentDoor implements Door, AgentBook {
  readonly name = 'agents';
  readonly counts = { agentConversations: new Tally<AgentOutcome>() };
  readonly #options: AgentDoorOptions;
  readonly #deps: DoorDeps;
  readonly #scope: Scope;
  readonly #watching = new AbortController();
  readonly #visited = new Map<string, Visited>();

  constructor(options: AgentDoorOptions, deps: DoorDeps) {
    this.#options = options;
    this.#deps = deps;
    this.#scope = new Scope((error) => deps.log.error({ error }, 'an agent failed inside'));
    deps.switchboard.watch((callId, event) => this.#happened(callId, event), this.#watching.signal);
  }

  get #announcements(): AnnouncementBook {
    return this.#options.announcements ?? (() => undefined);
  }

  get agents(): AgentBook {
    return this;
  }

  async close(): Promise<void> {
    this.#watching.abort();
    await this.#scope.close();
    await Promise.all([...this.#options.agents.values()].map((agent) => agent.close()));
  }

  refusal(engine: string, agent: string): string | undefined {
    const service = this.#options.agents.get(engine);
    return service === undefined
      ? `no agents of "${engine}" can be had here: there are those of ${[...this.#options.agents.keys()].join(', ')}`
      : service.refusal(agent);
  }

  /** An agent is to come to a call that runs. */
  invite(callId: string, seat: AgentSeat): void {
    const visited = this.#visited.get(callId) ?? {
      scope: this.#scope.child(),
      fetched: new Set<string>(),
      visits: new Set<AgentVisit>(),
    };
    this.#visited.set(callId, visited);
    if (!visited.fetched.has(seat.party.id)) {
      visited.fetched.add(seat.party.id);
      visited.scope.run((signal) => this.#fetch(callId, seat, visited, signal));
    }
  }

  #happened(callId: string, event: CallEvent): void {
    if (event.type === 'ended') {
      const visited = this.#visited.get(callId);
      for (const visit of visited?.visits ?? []) {
        visit.ended();
      }
      this.#visited.delete(callId);
      this.#scope.run(async () => visited?.scope.close());
    } else if (event.type === 'party-state' && event.state !== 'DISCONNECTED') {
      const { plan } = this.#deps.switchboard.calls.get(callId) ?? {};
      for (const seat of plan?.agents ?? []) {
        if (seat.party.id !== event.party) {
          this.invite(callId, seat);
        }
      }
    }
  }

  async #fetch(callId: string, seat: AgentSeat, visited: Visited, signal: AbortSignal): Promise<void> {
    const { switchboard, clock } = this.#deps;
    const { engine, party, wish } = seat;
    const log = this.#deps.log.child({ call: callId, party: party.id, engine });
    const call = switchboard.calls.get(callId);
    const agent = this.#options.agents.get(engine);
    if (call === undefined || agent === undefined) {
      return;
    }
    try {
      if (switchboard.full) {
        throw new AppError(
          'engine-overloaded',
          'an agent is a leg, too, and --max-legs lets no more in: raise it',
        );
      }
      const conversation = await agent.open(wish, signal);
      if (signal.aborted) {
        await conversation.close();
        return;
      }
      const visit = new AgentVisit(call, seat, conversation, {
        ...{ clock, log, signal, outcomes: this.counts.agentConversations },
        run: (work) => visited.scope.run(work),
        transfer: (to) => switchboard.transfer(callId, to),
        announcements: this.#announcements,
      });
      visited.visits.add(visit);
      log.info({ inputHz: conversation.inputHz, outputHz: conversation.outputHz }, 'an agent answers a call');
      switchboard.accept(visit.transport, { name: this.name, languages: [party.language], rejoinMs: 0 });
    } catch (error) {
      signal.throwIfAborted();
      this.counts.agentConversations.add('not-opened');
      log.warn({ error }, 'no conversation with an agent can be had; who called it is hung up');
      const tellingMs = announceAgentFailed(call.parties.values(), this.#announcements);
      await clock.sleep(tellingMs + TOLD_MS, signal);
      if (call.parties.size === 1) {
        call.hangUp(AGENT_FAILED);
      }
    }
  }
}
