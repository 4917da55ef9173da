/**
 * Whether the voice profiles of speakers can be read, how long that takes, and which of them speak for nobody: without
 * consent, or after it, or with a voice of an engine that is not set up here. It makes no file, since that would be root's
 * and not the service's.
 */

import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Clock } from '../../base/clock.ts';
import { messageOf } from '../../base/errors.ts';
import { silentLog } from '../../base/log.ts';
import { percentile } from '../../base/percentile.ts';
import type { VoiceProfile } from '../../voices/profile.ts';
import { whyNotUsed } from '../../voices/spoken-profile.ts';
import { LEG_LIMIT_MS, type ListedProfile, type VoiceLibrary } from '../../voices/voice-library.ts';
import type { ServeConfig } from '../config/serve-config.ts';
import { openLibrary } from '../open-voices.ts';
import { type Check, type CheckItem, fails, ok, warning } from './check-item.ts';

/** Profiles that are read at a time. */
const PAGE = 500;
/** Look-ups that are timed. */
const TIMED = 20;

/** Says nothing where no profiles are kept. */
export function checkProfiles(
  config: Pick<ServeConfig, 'voicesDb' | 'voicesDbUrl' | 'tts'>,
  clock: Clock,
): Check {
  return async function* (signal) {
    const { voicesDb: path } = config;
    const subject = path === undefined ? '--voices-db-url-file' : '--voices-db';
    if (path !== undefined && !existsSync(path)) {
      const folder = dirname(path);
      yield existsSync(folder)
        ? ok(subject, `${path} is made when the service starts`)
        : fails(
            subject,
            `there is no folder ${folder}: make it, as the service's user, or name a file in another`,
          );
      return;
    }
    const library = openLibrary(config, clock, silentLog);
    if (library === undefined) {
      return;
    }
    try {
      const listed = await allOf(library, signal);
      yield await lookUpItem(subject, listed, library, clock, signal);
      yield* unusedItems(subject, listed, config.tts, clock.wallTime());
    } catch (error) {
      signal.throwIfAborted();
      yield fails(subject, `${messageOf(error)}; neutral voices speak for everybody`);
    } finally {
      await library.close();
    }
  };
}

async function allOf(library: VoiceLibrary, signal: AbortSignal): Promise<readonly ListedProfile[]> {
  const all: ListedProfile[] = [];
  for (let page: readonly ListedProfile[] | undefined; page === undefined || page.length === PAGE; ) {
    page = await library.list(all.at(-1)?.speaker ?? '', PAGE, signal);
    all.push(...page);
  }
  return all;
}

async function lookUpItem(
  subject: string,
  listed: readonly ListedProfile[],
  library: VoiceLibrary,
  clock: Clock,
  signal: AbortSignal,
): Promise<CheckItem> {
  const known = listed.flatMap(({ profile }) => profile ?? []);
  const count = `${known.length} profile${known.length === 1 ? '' : 's'}`;
  const times: number[] = [];
  for (const { speaker } of known.slice(0, TIMED)) {
    const fromMs = clock.nowMs();
    await library.find(speaker, signal);
    times.push(clock.nowMs() - fromMs);
  }
  if (times.length === 0) {
    return ok(subject, `${count}: "dragoman voice enrol" makes one`);
  }
  const longestMs = Math.max(...times);
  const took = `a look-up takes ${shown(percentile(times, 0.5) ?? 0)} ms, ${shown(longestMs)} at most`;
  return longestMs < LEG_LIMIT_MS
    ? ok(subject, `${count}; ${took}`)
    : warning(
        subject,
        `${count}; ${took}: a call waits ${LEG_LIMIT_MS} ms for one, and begins with the neutral voice then; ` +
          'use a nearer or faster disk or database',
      );
}

function* unusedItems(
  subject: string,
  listed: readonly ListedProfile[],
  engines: readonly string[],
  now: Date,
): Iterable<CheckItem> {
  const known = listed.flatMap(({ profile }) => profile ?? []);
  const rows: readonly (readonly [number, string])[] = [
    [listed.length - known.length, 'cannot be read: delete them in the database'],
    [
      known.filter(({ consent, leaving }) => consent === undefined && !leaving).length,
      'no record of consent: write who agreed (dragoman voice update), or delete them',
    ],
    [
      known.filter((profile) => isOver(profile, now)).length,
      'a consent that has ended: ask again and write the new date, or delete them',
    ],
    [
      known.filter(({ leaving }) => leaving).length,
      'been deleted, and a provider has not confirmed it: delete them once more',
    ],
  ];
  for (const [count, what] of rows.filter(([count]) => count > 0)) {
    const verb = what.startsWith('cannot') ? '' : count === 1 ? 'has ' : 'have ';
    yield warning(subject, `${count} of the profiles ${verb}${what} ("dragoman voice list" names them)`);
  }
  const voices = new Map<string, number>();
  for (const { engine } of known.flatMap(({ renderings }) => renderings)) {
    voices.set(engine, (voices.get(engine) ?? 0) + 1);
  }
  for (const [engine, count] of voices) {
    if (!engines.includes(engine)) {
      yield warning(
        subject,
        `${count} of the voices ${count === 1 ? 'is' : 'are'} ${engine}'s, which is not set up here: set it up, ` +
          'or enrol their speakers again (dragoman voice enrol --kept)',
      );
    }
  }
  yield* unheardItems(subject, known, engines, now);
}

/** The first engine that is well speaks, whoever's voice another has. */
function* unheardItems(
  subject: string,
  known: readonly VoiceProfile[],
  engines: readonly string[],
  now: Date,
): Iterable<CheckItem> {
  const [first, ...others] = engines;
  const unheard = known.filter((profile) => {
    const ready = profile.renderings.filter(({ state }) => state === 'ready').map(({ engine }) => engine);
    const isOthers =
      first !== undefined && !ready.includes(first) && ready.some((each) => others.includes(each));
    return isOthers && whyNotUsed(profile, now) === undefined;
  }).length;
  if (unheard > 0) {
    yield warning(
      subject,
      `${unheard} of the profiles ${unheard === 1 ? 'has' : 'have'} a voice at other engines and none of ${first}, which ` +
        'speaks first, with a neutral one then: have it make one (dragoman voice enrol --kept), or name another engine ' +
        'first in --tts',
    );
  }
}

function isOver({ consent }: VoiceProfile, now: Date): boolean {
  return consent?.until !== undefined && Date.parse(consent.until) <= now.getTime();
}

function shown(ms: number): string {
  return ms < 10 ? ms.toFixed(1) : String(Math.round(ms));
}
