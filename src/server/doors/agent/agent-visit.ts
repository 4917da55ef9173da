/**
 * One agent in one call, from its first word to its last. What it asks for is done once its last words were heard, in
 * the listeners' languages, too. When it fails, who is there is told, and then the call is over as if it had hung up: the
 * dialplan goes on.
 */

import type { Clock } from '../../../base/clock.ts';
import type { Log } from '../../../base/log.ts';
import type { Tally } from '../../../base/tally.ts';
import { type AnnouncementBook, announceAgentFailed } from '../../../call/announcing.ts';
import type { Call } from '../../../call/call.ts';
import { AGENT_FAILED, PEER_HANGUP } from '../../../call/leg-transport.ts';
import type { AgentSeat } from '../../../call/plan.ts';
import type { AgentConversation, AgentEvent, AgentToolCall } from '../../../engines/agents/voice-agent.ts';
import { LONGEST_SPEECH_MS } from './agent-speech.ts';
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
/** From the end of what callers are told to the end of the call, in ms: what was sent last is on its way. */
export const TOLD_MS = 300;

export interface AgentVisitDeps {
  readonly clock: Clock;
  readonly log: Log;
  /** Runs for as long as the agent is in its call. */
  readonly run: (work: () => Promise<void>) => void;
  /** Ends with the call. */
  readonly signal: AbortSignal;
  readonly transfer: (to: string) => void;
  readonly outcomes: Tally<AgentOutcome>;
  readonly announcements: AnnouncementBook;
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
      clock: deps.clock,
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
      const { announcements, clock, log, run, signal } = this.#deps;
      const { parties } = this.#call;
      log.warn({ error }, 'an agent has failed in the middle of a call, which is over with it');
      this.transport.hush();
      const tellingMs = announceAgentFailed(
        parties.values(),
        announcements,
        parties.get(this.#seat.party.id),
      );
      run(async () => {
        await clock.sleep(tellingMs + TOLD_MS, signal);
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
    // What it may have said by now, and no more: one that goes on for ever after its good-bye keeps nobody in the call.
    const latestMs = clock.nowMs() + LONGEST_SPEECH_MS + LAST_WORDS_LIMIT_MS;
    let lateMs = latestMs;
    while (clock.nowMs() < lateMs && !this.#isHeardOut()) {
      await clock.sleep(LOOK_MS, signal);
      if (lateMs === latestMs && this.transport.quietMs > 0) {
        lateMs = Math.min(latestMs, clock.nowMs() + LAST_WORDS_LIMIT_MS);
      }
    }
  }

  #isHeardOut(): boolean {
    const party = this.#call.parties.get(this.#seat.party.id);
    return this.transport.quietMs >= SETTLED_MS && party?.interpretation.isIdle !== false;
  }
}
