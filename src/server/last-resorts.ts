/**
 * The last of the four tiers of recovery, for when engines are well and people are not interpreted all the same: a
 * party's whole pipeline is started anew, and when that has been in vain, or the process cannot work any more, the
 * process asks to be. Each has a cool-down, so that neither goes on and on. A process ends only when nobody is on a
 * call, since calls that are not interpreted are heard; but for one whose media threads do not live, where nobody is. One
 * whose memory is nearly full sees to it that nobody is: it would end by itself, with all calls.
 */

import type { Clock, Timer } from '../base/clock.ts';
import type { Counted } from '../base/counts.ts';
import type { Log } from '../base/log.ts';
import { Tally } from '../base/tally.ts';
import type { CallEvent } from '../call/call-events.ts';
import type { PartyReset } from '../call/pipeline-reset.ts';
import type { InterpretingView } from './interpreting/interpreting-view.ts';
import type { ServerView } from './server-view.ts';

/** When a pipeline is started anew, and when the process is. */
export interface LastResortLimits {
  /** A party of whom so many utterances in a row failed, engines being well, is started anew. */
  readonly failedInARow: number;
  /** Pipelines that were started anew in vain within five minutes. */
  readonly resetsInVain: number;
  /** Media threads that hung within a minute, of several legs: one leg is given up after two. */
  readonly threadsHung: number;
  /** A process that uses this share of the heap it may have, 0 to 1, at three looks in a row, will soon end by itself. */
  readonly heapShare: number;
  /** How often the process looks at itself, in ms. */
  readonly lookMs: number;
  /** From one reset of a party's pipeline to the next, and for how long a process lives at least, in ms. */
  readonly coolDownMs: number;
}

export const LAST_RESORT_LIMITS: LastResortLimits = {
  failedInARow: 3,
  resetsInVain: 2,
  threadsHung: 5,
  heapShare: 0.9,
  lookMs: 5_000,
  coolDownMs: 60_000,
};

/** For how long what was in vain, and what hung, is remembered, in ms. */
const REMEMBERED_MS = 300_000;
const HUNG_WITHIN_MS = 60_000;
const FULL_LOOKS = 3;
/** It takes calls again when it uses no more than this share of what it may use. */
const ROOM_AGAIN = 0.8;

/** Why the process is to be started anew. */
export type ProcessFault = 'pipelines' | 'media-threads' | 'memory';

export interface LastResortsDeps {
  readonly clock: Clock;
  readonly log: Log;
  /** The share of the heap it may have that the process uses, 0 to 1. */
  readonly heapShare: () => number;
  /** Default {@link LAST_RESORT_LIMITS}. */
  readonly limits?: LastResortLimits;
}

/** What is looked after. */
export interface ResettableServer extends ServerView {
  resetParty(callId: string, party: string, coolDownMs: number): PartyReset;
  /** See {@link Switchboard.hold}. */
  hold(held: boolean, why: 'memory'): boolean;
  /** See {@link Switchboard.handOver}. */
  handOver(callId: string): unknown;
}

/** How a party does. */
interface PartyRecord {
  failedInARow: number;
  /** Whether it was started anew and has had no utterance interpreted since. */
  resetUnproven: boolean;
}

export class LastResorts implements Counted {
  /** By component, tier and success, as other steps of recovery are. */
  readonly counts = { recoverySteps: new Tally<string>() };
  /** Resolves when the process is to be started anew, with why. */
  readonly wanted: Promise<ProcessFault>;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #heapShare: () => number;
  readonly #limits: LastResortLimits;
  readonly #startedMs: number;
  /** By call, and in it by party. */
  readonly #parties = new Map<string, Map<string, PartyRecord>>();
  /** When pipelines were found to have been started anew in vain. */
  #inVainMs: readonly number[] = [];
  /** How many media threads had hung, and when that was seen. */
  #hung: readonly { readonly atMs: number; readonly count: number }[] = [];
  #fullLooks = 0;
  /** Whether no new calls are taken for want of memory. */
  #emptying = false;
  #timer: Timer | undefined;
  #want = (_fault: ProcessFault): void => {};

  constructor({ clock, log, heapShare, limits = LAST_RESORT_LIMITS }: LastResortsDeps) {
    this.#clock = clock;
    this.#log = log;
    this.#heapShare = heapShare;
    this.#limits = limits;
    this.#startedMs = clock.nowMs();
    this.wanted = new Promise((resolve) => {
      this.#want = resolve;
    });
  }

  /** Looks after a server until `signal` aborts. */
  watch(server: ResettableServer, interpreting: InterpretingView, signal: AbortSignal): void {
    server.watch((callId, event) => this.#hear(server, interpreting, callId, event), signal);
    signal.addEventListener('abort', () => this.#timer?.cancel(), { once: true });
    this.#lookAgain(server);
  }

  #hear(server: ResettableServer, interpreting: InterpretingView, callId: string, event: CallEvent): void {
    switch (event.type) {
      case 'ended':
        this.#parties.delete(callId);
        break;
      case 'uninterpreted':
        this.#failed(server, interpreting, callId, event.party);
        break;
      case 'utterance': {
        const { outcome, party } = event.report;
        if (outcome === 'failed') {
          this.#failed(server, interpreting, callId, party);
        } else if (outcome === 'spoken') {
          this.#did(callId, party);
        }
        break;
      }
    }
  }

  #did(callId: string, party: string): void {
    const record = this.#parties.get(callId)?.get(party);
    if (record?.resetUnproven === true) {
      this.#took('pipeline', true);
    }
    this.#parties.get(callId)?.delete(party);
  }

  #failed(server: ResettableServer, interpreting: InterpretingView, callId: string, party: string): void {
    // What an engine does wrong has remedies of its own.
    if (!areWell(interpreting)) {
      this.#parties.get(callId)?.delete(party);
      return;
    }
    const parties = this.#parties.get(callId) ?? new Map<string, PartyRecord>();
    const record = parties.get(party) ?? { failedInARow: 0, resetUnproven: false };
    this.#parties.set(callId, parties.set(party, record));
    record.failedInARow += 1;
    if (record.failedInARow < this.#limits.failedInARow) {
      return;
    }
    record.failedInARow = 0;
    if (record.resetUnproven) {
      record.resetUnproven = false;
      this.#took('pipeline', false);
      const nowMs = this.#clock.nowMs();
      this.#inVainMs = [...this.#inVainMs.filter((atMs) => nowMs - atMs < REMEMBERED_MS), nowMs];
    }
    record.resetUnproven = server.resetParty(callId, party, this.#limits.coolDownMs) === 'reset';
  }

  #lookAgain(server: ResettableServer): void {
    this.#timer = this.#clock.at(this.#clock.nowMs() + this.#limits.lookMs, () => {
      if (!this.#look(server)) {
        this.#lookAgain(server);
      }
    });
  }

  /** @returns whether the process is to be started anew now. */
  #look(server: ResettableServer): boolean {
    const { legsActive, mediaThreadsHung } = server.state();
    this.#hasRoomAgain(server);
    const fault = this.#faultOf(mediaThreadsHung);
    const idle = legsActive === 0;
    const cool = this.#clock.nowMs() - this.#startedMs >= this.#limits.coolDownMs;
    if (cool && fault === 'memory') {
      this.#empty(server);
    }
    if (fault === undefined || !cool || (!idle && fault !== 'media-threads')) {
      return false;
    }
    this.#took('process', true);
    this.#log.error({ fault }, 'the process is to be started anew: what it does does not help any more');
    this.#want(fault);
    return true;
  }

  /** New calls are refused, or go to other nodes, and so do those that run, once there is a node that has them. */
  #empty(server: ResettableServer): void {
    for (const { callId } of server.calls()) {
      server.handOver(callId);
    }
    if (this.#emptying) {
      return;
    }
    this.#emptying = true;
    server.hold(true, 'memory');
    this.#log.error(
      {},
      'the heap is nearly full: no new calls are taken until it has room or, when the last call has ended, the process is ' +
        'started anew; raise it with NODE_OPTIONS=--max-old-space-size=…, in MB, or lower --max-legs',
    );
  }

  #hasRoomAgain(server: ResettableServer): void {
    if (this.#emptying && this.#heapShare() <= this.#limits.heapShare * ROOM_AGAIN) {
      this.#emptying = false;
      server.hold(false, 'memory');
      this.#log.info({}, 'the heap has room again: new calls are taken');
    }
  }

  /** @param count how many media threads have hung since the start. */
  #faultOf(count: number): ProcessFault | undefined {
    const nowMs = this.#clock.nowMs();
    this.#hung = [...this.#hung.filter(({ atMs }) => nowMs - atMs <= HUNG_WITHIN_MS), { atMs: nowMs, count }];
    const { threadsHung, resetsInVain, heapShare } = this.#limits;
    this.#fullLooks = this.#heapShare() >= heapShare ? this.#fullLooks + 1 : 0;
    if (count - (this.#hung[0]?.count ?? count) >= threadsHung) {
      return 'media-threads';
    }
    if (this.#fullLooks >= FULL_LOOKS || this.#emptying) {
      return 'memory';
    }
    const inVain = this.#inVainMs.filter((atMs) => nowMs - atMs < REMEMBERED_MS).length;
    return inVain >= resetsInVain ? 'pipelines' : undefined;
  }

  #took(component: 'pipeline' | 'process', success: boolean): void {
    this.counts.recoverySteps.add(`${component} reset ${success}`);
  }
}

/** Whether nothing is known to be wrong with any engine, and all that is to be interpreted can be. */
function areWell(interpreting: InterpretingView): boolean {
  return (
    interpreting.directions().every(({ state }) => state === 'served') &&
    interpreting
      .health()
      .every(({ state, bench }) => bench === undefined && (state === 'HEALTHY' || state === 'DEGRADED'))
  );
}
