/** A server that does nothing: the test sets what it would say of itself and fires the events of its calls. */

import { type Counted, CountSums } from '../../../src/base/counts.ts';
import type { CallEvent, UtteranceReport } from '../../../src/call/call-events.ts';
import type { Saying } from '../../../src/call/sayings.ts';
import { AddedParties } from '../../../src/call/seating/added-parties.ts';
import type { Promises } from '../../../src/call/seating/arranged-seating.ts';
import {
  type CallWish,
  type RegisteredCall,
  RegisteredCalls,
  shownIdOf,
} from '../../../src/call/seating/registered-calls.ts';
import type { DoorHealth } from '../../../src/server/doors/door.ts';
import type { ServerControl } from '../../../src/server/server-control.ts';
import type { CallView, PartyView, ServerState, ServerView } from '../../../src/server/server-view.ts';
import { FakeClock } from '../../base/fake-clock.ts';
import { PLAN } from '../../call/scripted-legs.ts';

/** What a book of agents says where there are those of one service. */
export function onlyElevenlabs(engine: string): string | undefined {
  return engine === 'elevenlabs' ? undefined : 'there are those of elevenlabs';
}

export class FakeServerView implements ServerView, ServerControl, Counted {
  /** What was done, and to whom. */
  readonly done: unknown[][] = [];
  /** What {@link state} returns. */
  current: ServerState = IDLE;
  /** What {@link totals} sums up. */
  counts: Counted['counts'] = {};
  doors: ServerView['doors'] = [];
  whispering: ServerView['whispering'];
  agents: ServerView['agents'];
  /** What {@link calls} returns. */
  running: readonly CallView[] = [];
  /** What {@link levels} returns, by call. */
  loud: ReadonlyMap<string, readonly number[]> = new Map();
  /** What {@link transferOf} returns, by UUID. */
  readonly transfers = new Map<string, string>();
  /** What {@link say} was given. */
  readonly said: Saying[] = [];
  saysThen: 'queued' | 'full' = 'queued';
  listensThen: () => Exclude<ReturnType<ServerControl['listen']>, 'not-there'> = () => 'full';
  recordsThen: ReturnType<ServerControl['setRecording']> = 'done';
  handsOverThen: ReturnType<ServerControl['handOver']> = 'done';
  /** What {@link registered} returns. */
  waitedFor: readonly RegisteredCall[] = [];
  /** Why nothing can be registered. */
  refuses: 'full' | 'draining' | undefined;
  /** Whether the nodes that serve together could not be told of a call. */
  apart = false;
  readonly promises: Promises = {
    promise: () => {},
    withdraw: () => {},
    identifyBy: () => {},
    followBy: () => {},
  };
  readonly #registered = new RegisteredCalls(this.promises, new FakeClock(), () => false);
  readonly #listeners = new Set<(callId: string, event: CallEvent) => void>();
  readonly #unattendedListeners = new Set<(call: RegisteredCall) => void>();

  /** How many watch at the moment. */
  get watchers(): number {
    return this.#listeners.size;
  }

  state(): ServerState {
    return this.current;
  }

  totals(): CountSums {
    return new CountSums().add(this);
  }

  async totalsSlowly(): Promise<CountSums> {
    return this.totals();
  }

  calls(): readonly CallView[] {
    return this.running;
  }

  call(callId: string): CallView | undefined {
    return this.running.find((call) => call.callId === callId);
  }

  transferOf(uuid: string): string | undefined {
    return this.transfers.get(uuid);
  }

  levels(callId: string): readonly number[] {
    return this.loud.get(callId) ?? [];
  }

  watch(listener: (callId: string, event: CallEvent) => void, signal: AbortSignal): void {
    this.#listeners.add(listener);
    signal.addEventListener('abort', () => this.#listeners.delete(listener), { once: true });
  }

  watchUnattended(listener: (call: RegisteredCall) => void, signal: AbortSignal): void {
    this.#unattendedListeners.add(listener);
    signal.addEventListener('abort', () => this.#unattendedListeners.delete(listener), { once: true });
  }

  /** Nobody has come to a registered call in time. */
  fireUnattended(call: RegisteredCall): void {
    for (const listener of this.#unattendedListeners) {
      listener(call);
    }
  }

  registered(): readonly RegisteredCall[] {
    return this.waitedFor;
  }

  register(wish: CallWish): ReturnType<ServerControl['register']> {
    this.done.push(['register', wish]);
    return this.apart ? 'apart' : (this.refuses ?? this.#registered.register(wish));
  }

  isRegistered(id: string): boolean {
    return this.#registered.has(id);
  }

  /** A registered call that nobody came to, or that has ended, is forgotten. */
  forget(id: string): void {
    this.#registered.withdraw(id);
  }

  addParty(...asked: Parameters<ServerControl['addParty']>): ReturnType<ServerControl['addParty']> {
    this.done.push(['addParty', asked]);
    const [callId, wish, ttlMs] = asked;
    const call = {
      id: callId,
      plan: PLAN,
      parties: new Map(),
      expected: [],
      expectsOthers: () => {},
      nobodyCame: () => {},
    };
    return this.refuses ?? new AddedParties(this.promises, new FakeClock()).add(call, wish, ttlMs);
  }

  withdraw(id: string): boolean {
    return (
      this.waitedFor.some((call) => call.id === id) && this.#do('withdraw', [id, undefined]) !== undefined
    );
  }

  hangUp(...asked: Parameters<ServerControl['hangUp']>): boolean {
    return this.#do('hangUp', asked);
  }

  handOver(callId: string): ReturnType<ServerControl['handOver']> {
    return this.#do('handOver', [callId, undefined]) ? this.handsOverThen : 'not-there';
  }

  hangUpParty(...asked: Parameters<ServerControl['hangUpParty']>): boolean {
    return this.#do('hangUpParty', asked);
  }

  changeCall(...asked: Parameters<ServerControl['changeCall']>): boolean {
    return this.#do('changeCall', asked);
  }

  say(
    ...[callId, party, saying, interrupt]: Parameters<ServerControl['say']>
  ): ReturnType<ServerControl['say']> {
    this.said.push(saying);
    return this.#do('sayToParty', [callId, party, interrupt]) ? this.saysThen : 'not-there';
  }

  setRecording(
    ...[callId, state]: Parameters<ServerControl['setRecording']>
  ): ReturnType<ServerControl['setRecording']> {
    return this.#do('record', [callId, state]) ? this.recordsThen : 'not-there';
  }

  listen(...[callId, party, wish]: Parameters<ServerControl['listen']>): ReturnType<ServerControl['listen']> {
    return this.#do('listenToParty', [callId, party, wish]) ? this.listensThen() : 'not-there';
  }

  /** What {@link takeVoice} gives. */
  takesThen: ReturnType<ServerControl['takeVoice']> = 'not-there';

  takeVoice(...asked: Parameters<ServerControl['takeVoice']>): ReturnType<ServerControl['takeVoice']> {
    return this.#do('takeVoiceOfParty', asked) ? this.takesThen : 'not-there';
  }

  soundKeys(...asked: Parameters<ServerControl['soundKeys']>): boolean {
    return this.#do('soundKeysToParty', asked);
  }

  hold(held: boolean): boolean {
    const changed = this.current.draining !== held;
    this.current = { ...this.current, draining: held };
    return changed;
  }

  changeParty(...asked: Parameters<ServerControl['changeParty']>): boolean {
    return this.#do('changeParty', asked);
  }

  /** Whether there is such a call, and such a party where one is meant. */
  #do(what: string, [callId, party, ...rest]: readonly [string, unknown, ...unknown[]]): boolean {
    this.done.push([what, callId, party, ...rest]);
    const call = this.call(callId);
    return call !== undefined && (!/Party/.test(what) || call.parties.some((each) => each.party === party));
  }

  fire(callId: string, event: CallEvent): void {
    for (const listener of [...this.#listeners]) {
      listener(callId, event);
    }
    if (event.type === 'ended') {
      this.running = this.running.filter((call) => call.callId !== callId);
    }
    if (event.type === 'ended') {
      this.running = this.running.filter((call) => call.callId !== callId);
    }
  }
}

/** How a door does that has been open for a second. */
export const WELL: DoorHealth = { state: 'HEALTHY', sinceMs: 0 };

/** A server that has just started. */
export const IDLE: ServerState = {
  draining: false,
  legsActive: 0,
  callsActive: 0,
  legsByState: new Map(),
  maxLegs: 200,
  mediaThreads: 2,
  mediaThreadsHung: 0,
  longestBacklogMs: 0,
  longestHeldMs: 0,
  highestTempo: 1,
  framesUnheard: 0,
  segmentsWaiting: 0,
  legsByDoor: new Map(),
  partiesByLanguage: new Map(),
  renderings: [],
  threads: [],
};

export function callOf(callId: string): CallView {
  return {
    callId,
    shownId: shownIdOf(callId),
    version: 1,
    recording: 'off',
    startedAt: new Date('2026-01-01T00:00:00.000Z'),
    plan: {
      kind: 'pair',
      mode: 'bidirectional',
      translating: true,
      policy: 'clause',
      original: 'duck',
      matchDelay: false,
    },
    parties: [partyView('a', 'caller', 'en'), partyView('b', 'callee', 'es')],
  };
}

function partyView(party: string, name: string, language: string): PartyView {
  return {
    ...{ party, name, language, state: 'TRANSLATING', speaking: false, backlogMs: 0 },
    ...{ hears: 'all', muted: false },
    ...{ voice: undefined, original: undefined },
  };
}

/** A call that was registered, and that nobody has come to. */
export function waitedFor(id: string): RegisteredCall {
  const wish = { kind: 'pair', parties: [], plan: {}, ttlMs: 1_000 } as const;
  return { id, callId: `registered-${id}`, wish, parties: [], expiresAt: new Date(0) };
}

export function joined(party: string): CallEvent {
  return { type: 'party-state', atMs: 0, party, name: party, language: 'en', state: 'TRANSLATING' };
}

export function spoken(
  utterance: number,
  piiText = `text ${utterance}`,
): Extract<CallEvent, { readonly type: 'spoken' }> {
  return { type: 'spoken', atMs: utterance, party: 'a', utterance, language: 'es', piiText };
}

export function heard(party: string, utterance: number, piiText: string, final = false): CallEvent {
  return { type: 'heard', atMs: utterance, party, utterance, final, piiText };
}

export function utteranceOf(outcome: UtteranceReport['outcome'], from = 'en', to = 'es'): CallEvent {
  return {
    type: 'utterance',
    atMs: 3_000,
    report: {
      party: 'a',
      utterance: 1,
      outcome,
      source: { language: from, piiText: 'hello', startMs: 0, endMs: 1_000 },
      target: { language: to, piiText: 'hola', startMs: 1_700, endMs: 2_500 },
      segments: 1,
      startOffsetMs: 1_700,
      stages: { endpointMs: 300, sttMs: 150, mtMs: 3, ttsMs: 120, endToEndMs: 573 },
    },
  };
}

export const ENDED: CallEvent = { type: 'ended', atMs: 9_000 };
