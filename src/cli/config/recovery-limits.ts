/** When something is started anew or somebody else is asked, as an operator writes it: `utterances=5`, `cool-down=120`. */

import { LATE_LIMITS, type LateLimits } from '../../engines/resilience/lineup.ts';
import { WATCH_LIMITS, type WatchLimits } from '../../media/thread/watch-limits.ts';
import { LAST_RESORT_LIMITS, type LastResortLimits } from '../../server/last-resorts.ts';
import { type NamedLimit, NamedLimits } from './named-limits.ts';

export type RecoveryLimits = LateLimits & WatchLimits & LastResortLimits;

const LIMITS: readonly NamedLimit<RecoveryLimits>[] = [
  { word: 'mt-late', holds: 'translationLateMs', lowest: 100, highest: 4_000, unit: 'ms', scale: 1 },
  { word: 'tts-late', holds: 'firstSoundLateMs', lowest: 100, highest: 4_000, unit: 'ms', scale: 1 },
  { word: 'thread-busy', holds: 'threadRunMs', lowest: 50, highest: 10_000, unit: 'ms', scale: 1 },
  { word: 'thread-silent', holds: 'threadSilentMs', lowest: 200, highest: 60_000, unit: 'ms', scale: 1 },
  { word: 'main-busy', holds: 'mainRunMs', lowest: 2, highest: 600, unit: 'seconds', scale: 1_000 },
  { word: 'utterances', holds: 'failedInARow', lowest: 1, highest: 100, unit: '', scale: 1 },
  { word: 'pipelines', holds: 'resetsInVain', lowest: 1, highest: 100, unit: '', scale: 1 },
  { word: 'threads', holds: 'threadsHung', lowest: 1, highest: 100, unit: '', scale: 1 },
  { word: 'heap', holds: 'heapShare', lowest: 5, highest: 100, unit: '%', scale: 0.01 },
  { word: 'look', holds: 'lookMs', lowest: 1, highest: 60, unit: 'seconds', scale: 1_000 },
  { word: 'cool-down', holds: 'coolDownMs', lowest: 1, highest: 86_400, unit: 'seconds', scale: 1_000 },
];

export const RECOVERY_LIMITS = new NamedLimits(LIMITS, {
  ...LATE_LIMITS,
  ...WATCH_LIMITS,
  ...LAST_RESORT_LIMITS,
});
