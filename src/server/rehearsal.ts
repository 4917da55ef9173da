/**
 * A rehearsal before the first call. V8 translates what has run often enough, so a process that has taken no leg in
 * yet takes longer for each of its first ones, and many who come at once right after a restart would wait for one
 * another. Nor is it enough that they have come: code that was translated before the first voice passed through is
 * given up at that moment, by hundreds of legs at once. So legs come in by a door of their own on loopback, are seated
 * in pairs, speak, fall behind, catch up, are silent and go, among themselves: nothing of it is counted, logged or heard
 * by anybody else.
 */

import type { Clock } from '../base/clock.ts';
import { silentLog } from '../base/log.ts';
import { SlicedWork } from '../base/sliced-work.ts';
import type { CallPlan } from '../call/plan.ts';
import { ArrangedSeating } from '../call/seating/arranged-seating.ts';
import { SuffixSeating } from '../call/seating/suffix-seating.ts';
import { Switchboard } from '../call/switchboard.ts';
import { EMPTY_GLOSSARY } from '../interpret/exactness/glossary.ts';
import type { FanOut } from '../media/play/fan-out.ts';
import type { MediaThreads } from '../media/thread/media-threads.ts';
import { audioSocketDoor } from './doors/audiosocket/audiosocket-door.ts';
import { RehearsedCallers } from './rehearsed-callers.ts';

/** What the rehearsal may take before it is given up, in ms; it is a help, and nothing waits for it longer. */
const LIMIT_MS = 2_000;

export interface ArrivalsDeps {
  readonly pool: MediaThreads;
  readonly fanOut: FanOut;
  readonly clock: Clock;
}

/**
 * Takes `legs` in at once, an even number, and sends them away; resolves when they have gone, or after some seconds.
 */
export async function rehearseArrivals(legs: number, { pool, fanOut, clock }: ArrivalsDeps): Promise<void> {
  const log = silentLog;
  const seating = new ArrangedSeating(PLAN, new SuffixSeating(PLAN));
  const switchboard = new Switchboard(
    { uuidTimeoutMs: LIMIT_MS, waitLimitMs: LIMIT_MS, maxLegs: legs },
    {
      ...{ pool, fanOut, clock, log },
      seating,
      interpreters: () => undefined,
      announcements: () => undefined,
    },
  );
  const failed = (error: unknown): void => {
    throw error;
  };
  const work = new SlicedWork(clock, failed, switchboard.catchUp);
  const { languages } = PLAN;
  const open = audioSocketDoor({
    ...{
      host: '127.0.0.1',
      port: 0,
      languages,
      allow: undefined,
      maxLegs: legs,
      rejoinMs: 0,
      uuidTimeoutMs: LIMIT_MS,
    },
  });
  const door = await open({ switchboard, promises: seating, listening: () => [], clock, log, work });
  const callers = new RehearsedCallers(clock, door.address.port, legs);
  try {
    await callers.speak(LIMIT_MS);
  } finally {
    callers.hangUp();
    await switchboard.drain(LIMIT_MS);
    await door.close();
    await switchboard.close();
  }
}

const PLAN: CallPlan = {
  kind: 'pair',
  languages: ['en', 'es'],
  mode: 'passthrough',
  translating: true,
  policy: 'turn',
  original: 'full',
  matchDelay: false,
  drafts: false,
  codeSwitching: false,
  voices: new Map(),
  glossary: () => EMPTY_GLOSSARY,
  announce: false,
  joinTones: false,
  maxParties: 2,
  limitMs: undefined,
};
