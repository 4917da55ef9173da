/** What engines and the service are judged by, as an operator writes it: `failures=5`, `bench=2`. */

import { HEALTH_THRESHOLDS, type HealthThresholds } from '../../engines/resilience/health-window.ts';
import { type NamedLimit, NamedLimits } from './named-limits.ts';

const LIMITS: readonly NamedLimit<HealthThresholds>[] = [
  { word: 'window', holds: 'windowMs', lowest: 5, highest: 3_600, unit: 'seconds', scale: 1_000 },
  { word: 'operations', holds: 'windowOperations', lowest: 5, highest: 10_000, unit: '', scale: 1 },
  { word: 'fewest', holds: 'fewestOperations', lowest: 1, highest: 1_000, unit: '', scale: 1 },
  { word: 'degraded', holds: 'degradedShare', lowest: 1, highest: 100, unit: '%', scale: 0.01 },
  { word: 'unhealthy', holds: 'unhealthyShare', lowest: 1, highest: 100, unit: '%', scale: 0.01 },
  { word: 'check', holds: 'checkEveryMs', lowest: 1, highest: 60, unit: 'seconds', scale: 1_000 },
  { word: 'failures', holds: 'benchAfterFailures', lowest: 1, highest: 100, unit: '', scale: 1 },
  { word: 'bench', holds: 'firstBenchMs', lowest: 1, highest: 600, unit: 'seconds', scale: 1_000 },
  {
    word: 'longest-bench',
    holds: 'longestBenchMs',
    lowest: 1,
    highest: 86_400,
    unit: 'seconds',
    scale: 1_000,
  },
  {
    word: 'lasting-bench',
    holds: 'lastingBenchMs',
    lowest: 10,
    highest: 86_400,
    unit: 'seconds',
    scale: 1_000,
  },
];

export const HEALTH_LIMITS = new NamedLimits(LIMITS, HEALTH_THRESHOLDS, (thresholds) => [
  ...(thresholds.degradedShare > thresholds.unhealthyShare
    ? ['"degraded" is a larger share than "unhealthy": what is unhealthy is degraded first']
    : []),
  ...(thresholds.firstBenchMs > thresholds.longestBenchMs
    ? ['"bench" is longer than "longest-bench": it is the first time on the bench, and grows to that']
    : []),
]);
