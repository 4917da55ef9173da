/**
 * One agent in one call, from its first word to its last. What it asks for is done once its last words were heard, in
 * the listeners' languages, too. When it fails, who is there hears a tone, and then the call is over as if it had hung up:
 * the dialplan goes on.
 */

import type { Clock } from '../../../base/clock.ts';
import type { Log } from '../../../base/log.ts';
import type { Tally } from '../../../base/tally.ts';
import { toneToAll } from '../../../call/announcing.ts';
import type { Call } from '../../../call/call.ts';
import { AGENT_FAILED, PEER_HANGUP } from '../../../call/leg-transport.ts';
import type { AgentSeat } from '../../../call/plan.ts';
import type { AgentConversation, AgentEvent, AgentToolCall } from '../../../engines/agents/voice-agent.ts';
import { deedOf } from './agent-tools.ts';
import { AgentTransport } from './agent-transport.ts';

/** What becomes of an agent that is to come to a call. */
export type AgentOutcome = 'not-opened' | 'ended' | 'failed' | 'hung-up' | 'transferred' | 'person-left';

/** How often it is looked whether the last words were heard, in ms. */
const LOOK_MS = 100;
/** Silence after which all was heard by who hears the agent as it is, and what is to be interpreted is known, in ms. */
const SETTLED_MS = 400;
/** How long the interpreter may take over the last words, in ms. */
const LAST_WORDS_LIMIT_MS = 20_000;
/** How long a tone takes to be heard, and understood to be the end of it, in ms. */
export const TONE_MS = 1_000;

export interface AgentVisitDeps {
  readonly clock: Clock;
  readonly log: Log;
  /** Runs for as long as the agent is in its call. */
  readonly run: (work: () => Promise<void>) => void;
  /** Ends with the call. */
  readonly signal: AbortSignal;
  readonly transfer: (to: string) => void;
  readonly outcomes: Tally<AgentOutcome>;
}

export class AgentVisit {
  readonly transport: AgentTransport;
  readonly #call: Call;
  readonly #seat: AgentSeat;
  readonly #conversation: AgentConversation;
  readonly #deps: AgentVisitDeps;
  /** What becomes of it; the first counts. */
  #outcome: AgentOutcome | undefined;

  constructor(call: Call, seat: AgentSeat, conversation: AgentConversation, deps: AgentVisitDeps) {
    this.#call = call;
    this.#seat = seat;
    this.#conversation = conversation;
    this.#deps = deps;
    const { id: callId, plan } = call;
    const { kind, languages } = plan;
    this.transport = new AgentTransport(conversation, {
      engine: seat.engine,
      place: { callId, party: seat.party, kind, languages },
      onEvent: (event) => this.#hear(event),
    });
  }

  /** Its call is over. */
  ended(): void {
    this.#settle('person-left');
  }

  #hear(event: Exclude<AgentEvent, { type: 'audio' | 'interrupted' }>): void {
    const { log } = this.#deps;
    switch (event.type) {
      case 'said':
        log.debug({ who: event.who, piiText: event.text }, 'an agent says, or has understood');
        break;
      case 'tool':
        this.#do(event.call);
        break;
      case 'ended':
        log.info({}, 'an agent has ended its conversation');
        this.#leave('ended', () => this.transport.leave(PEER_HANGUP));
        break;
      case 'failed':
        this.#fail(event.error);
        break;
    }
  }

  #do(call: AgentToolCall): void {
    const { log, transfer } = this.#deps;
    const deed = deedOf(call);
    log.info({ deed: deed.type }, 'an agent wants something done');
    this.#conversation.answer(call.id, deed.type === 'refused' ? deed.why : 'done', deed.type === 'refused');
    switch (deed.type) {
      case 'transfer':
        this.#leave('transferred', () => transfer(deed.to));
        break;
      case 'hang-up':
        this.#leave('hung-up', () => this.transport.leave(PEER_HANGUP));
        break;
      case 'keys':
        for (const party of this.#call.parties.keys()) {
          if (party !== this.#seat.party.id) {
            this.#call.soundKeys(party, deed.keys);
          }
        }
        break;
      case 'refused':
        break;
    }
  }

  #fail(error: Error): void {
    // One that breaks off while its last words are heard has ended.
    if (this.#settle('failed')) {
      const { clock, log, run, signal } = this.#deps;
      log.warn({ error }, 'an agent has failed in the middle of a call, which is over with it');
      toneToAll(this.#call.parties.values(), 'left', this.#call.parties.get(this.#seat.party.id));
      run(async () => {
        await clock.sleep(TONE_MS, signal);
        if (this.#call.plan.kind === 'pair') {
          this.#call.hangUp(AGENT_FAILED);
        } else {
          this.transport.leave(AGENT_FAILED);
        }
      });
    }
  }

  #leave(outcome: AgentOutcome, act: () => void): void {
    if (this.#settle(outcome)) {
      this.#deps.run(async () => {
        await this.#lastWords();
        act();
      });
    }
  }

  /** @returns whether nothing else was to become of it. */
  #settle(outcome: AgentOutcome): boolean {
    const isFirst = this.#outcome === undefined;
    if (isFirst) {
      this.#outcome = outcome;
      this.#deps.outcomes.add(outcome);
    }
    return isFirst;
  }

  /** Resolves when all that it has said was heard, or cannot be any more. */
  async #lastWords(): Promise<void> {
    const { clock, signal } = this.#deps;
    let lateMs = Number.POSITIVE_INFINITY;
    while (clock.nowMs() < lateMs && !this.#isHeardOut()) {
      await clock.sleep(LOOK_MS, signal);
      if (lateMs === Number.POSITIVE_INFINITY && this.transport.quietMs > 0) {
        lateMs = clock.nowMs() + LAST_WORDS_LIMIT_MS;
      }
    }
  }

  #isHeardOut(): boolean {
    const party = this.#call.parties.get(this.#seat.party.id);
    return this.transport.quietMs >= SETTLED_MS && party?.interpretation.isIdle !== false;
  }
}
