/** What is so on the running server at one moment, read from its legs and calls. */

import { MAIN_THREAD_ID, threadRanMs } from '../base/thread-usage.ts';
import type { Leg } from '../call/leg.ts';
import type { PartyState } from '../call/leg-states.ts';
import type { Switchboard } from '../call/switchboard.ts';
import type { MediaPool, ThreadTime } from '../media/thread/media-pool.ts';
import type { RenderedDirection, ServerState } from './server-view.ts';

export interface StateSources {
  readonly switchboard: Switchboard;
  readonly pool: MediaPool;
  /** The names of the ways in. */
  readonly doors: readonly string[];
  readonly maxLegs: number;
}

export function readState({ switchboard, pool, doors, maxLegs }: StateSources): ServerState {
  const { legs, calls, draining } = switchboard;
  const { legsByState, ...ofTheLegs } = ofLegs(legs, doors);
  const parties = [...calls.values()].flatMap((call) => [...call.parties.values()]);
  const detached = parties.filter(({ state }) => state === 'DETACHED').length;
  return {
    draining,
    legsByState: detached > 0 ? legsByState.set('DETACHED', detached) : legsByState,
    legsActive: legs.size,
    callsActive: calls.size,
    maxLegs,
    mediaThreads: pool.threads,
    mediaThreadsHung: pool.counts.mediaThreadsHung,
    ...ofTheLegs,
    ...ofCalls(switchboard),
    threads: [...mainThread(), ...pool.times()],
  };
}

function ofLegs(legs: Iterable<Leg>, doors: readonly string[]) {
  const legsByState = new Map<PartyState, number>();
  const legsByDoor = new Map(doors.map((door) => [door, 0]));
  let [longestBacklogMs, longestHeldMs, highestTempo, framesUnheard, segmentsWaiting] = [0, 0, 1, 0, 0];
  for (const { state, door, media } of legs) {
    legsByState.set(state, (legsByState.get(state) ?? 0) + 1);
    legsByDoor.set(door.name, (legsByDoor.get(door.name) ?? 0) + 1);
    longestBacklogMs = Math.max(longestBacklogMs, media.backlogMs);
    longestHeldMs = Math.max(longestHeldMs, media.heldMs);
    highestTempo = Math.max(highestTempo, media.tempo);
    framesUnheard += media.framesUnheard;
    segmentsWaiting += media.segmentsWaiting;
  }
  return {
    ...{ legsByState, legsByDoor, longestBacklogMs, longestHeldMs },
    ...{ highestTempo, framesUnheard, segmentsWaiting },
  };
}

function ofCalls({ calls }: Switchboard) {
  const partiesByLanguage = new Map<string, number>();
  const renderings = new Map<string, RenderedDirection>();
  for (const { parties } of calls.values()) {
    for (const { language: from, routes } of parties.values()) {
      partiesByLanguage.set(from, (partiesByLanguage.get(from) ?? 0) + 1);
      for (const to of routes.keys()) {
        const key = `${from} ${to}`;
        renderings.set(key, { from, to, count: (renderings.get(key)?.count ?? 0) + 1 });
      }
    }
  }
  return { partiesByLanguage, renderings: [...renderings.values()] };
}

function mainThread(): readonly ThreadTime[] {
  const ranMs = threadRanMs(MAIN_THREAD_ID);
  return ranMs === undefined ? [] : [{ name: 'main', ranMs }];
}
