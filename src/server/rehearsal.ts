/**
 * A rehearsal before the first call. V8 translates what has run often enough, so a process that has taken no leg in
 * yet takes longer for each of its first ones, and many who come at once right after a restart would wait for one
 * another. So legs come in by a door of their own on loopback, are seated in pairs, hear each other and go, among
 * themselves: nothing of it is counted, logged or heard by anybody else.
 */

import { connect, type Socket } from 'node:net';
import type { Clock } from '../base/clock.ts';
import { silentLog } from '../base/log.ts';
import { SlicedWork } from '../base/sliced-work.ts';
import { frameBytes } from '../base/units.ts';
import type { CallPlan } from '../call/plan.ts';
import { ArrangedSeating } from '../call/seating/arranged-seating.ts';
import { SuffixSeating } from '../call/seating/suffix-seating.ts';
import { Switchboard } from '../call/switchboard.ts';
import { EMPTY_GLOSSARY } from '../interpret/exactness/glossary.ts';
import type { FanOut } from '../media/play/fan-out.ts';
import type { MediaThreads } from '../media/thread/media-threads.ts';
import { encodeUuid } from '../protocol/audiosocket/asterisk-encoder.ts';
import { encodeAudio } from '../protocol/audiosocket/encoder.ts';
import { HEADER_BYTES, UUID_BYTES } from '../protocol/audiosocket/kinds.ts';
import { audioSocketDoor } from './doors/audiosocket/audiosocket-door.ts';

/** How long they stay: until each has heard so much, in bytes; by then their voices have begun to pass through. */
const ENOUGH_BYTES = 6 * (HEADER_BYTES + frameBytes(8_000));
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
  const over = new AbortController();
  try {
    const callers = Array.from({ length: legs }, (_, leg) => call(door.address.port, leg));
    await Promise.race([
      Promise.all(callers.map((caller) => heardEnough(caller))),
      clock.sleep(LIMIT_MS, over.signal).catch(() => {}),
    ]);
    for (const caller of callers) {
      caller.destroy();
    }
    await switchboard.drain(LIMIT_MS);
  } finally {
    over.abort();
    await door.close();
    await switchboard.close();
  }
}

/** Connects, says who it is, the pair's first and second party by turns, and one frame. */
function call(port: number, leg: number): Socket {
  const uuid = new Uint8Array(UUID_BYTES);
  uuid[0] = leg >> 1;
  uuid[UUID_BYTES - 1] = leg & 1;
  const caller = connect({ host: '127.0.0.1', port, noDelay: true });
  caller.write(Buffer.concat([encodeUuid(uuid), encodeAudio(new Uint8Array(frameBytes(8_000)), 8_000)]));
  return caller;
}

/** Resolves when the caller has heard enough, or its connection has failed, which is the other legs' business only. */
function heardEnough(caller: Socket): Promise<void> {
  return new Promise((resolve) => {
    let bytes = 0;
    caller.on('data', (chunk: Uint8Array) => {
      bytes += chunk.length;
      if (bytes >= ENOUGH_BYTES) {
        resolve();
      }
    });
    caller.on('error', () => resolve());
    caller.on('close', () => resolve());
  });
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
