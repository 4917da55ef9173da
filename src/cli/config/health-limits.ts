/** What engines and the service are judged by, as an operator writes it: `failures=5`, `bench=2`. */

import { AppError } from '../../base/errors.ts';
import { HEALTH_THRESHOLDS, type HealthThresholds } from '../../engines/resilience/health-window.ts';
import { type Reader, SettingProblems } from './setting.ts';

/** One limit. What is written is `scale` times smaller than what is held. */
interface HealthLimit {
  readonly word: string;
  readonly holds: keyof HealthThresholds;
  readonly lowest: number;
  readonly highest: number;
  readonly unit: 'seconds' | '%' | '';
  readonly scale: number;
}

const LIMITS: readonly HealthLimit[] = [
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

/** The limits as they are when nobody writes any, as they would be written. */
export const USUAL_HEALTH: readonly string[] = LIMITS.map(
  ({ word, holds, scale }) => `${word}=${Math.round(HEALTH_THRESHOLDS[holds] / scale)}`,
);

/** Reads some of the limits; the others are as usual. */
export const readHealth: Reader<HealthThresholds> = (texts) => {
  const thresholds: Record<keyof HealthThresholds, number> = { ...HEALTH_THRESHOLDS };
  const problems: string[] = [];
  for (const text of texts) {
    try {
      const [limit, value] = parseLimit(text);
      thresholds[limit.holds] = value;
    } catch (error) {
      problems.push(error instanceof AppError ? error.message : String(error));
    }
  }
  if (thresholds.degradedShare > thresholds.unhealthyShare) {
    problems.push('"degraded" is a larger share than "unhealthy": what is unhealthy is degraded first');
  }
  if (thresholds.firstBenchMs > thresholds.longestBenchMs) {
    problems.push(
      '"bench" is longer than "longest-bench": it is the first time on the bench, and grows to that',
    );
  }
  if (problems.length > 0) {
    throw new SettingProblems(problems);
  }
  return thresholds;
};

/** @throws AppError `bad-option` */
function parseLimit(text: string): readonly [HealthLimit, number] {
  const [word = '', written = ''] = text.split(/=(.*)/s);
  const limit = LIMITS.find((each) => each.word === word);
  if (limit === undefined) {
    const words = LIMITS.map((each) => each.word).join(', ');
    throw new AppError('bad-option', `"${text}" is no limit: write one of ${words}, "=" and a number`);
  }
  const { lowest, highest, unit, scale } = limit;
  const value = Number(written);
  if (!/^\d+$/.test(written) || value < lowest || value > highest) {
    const number = unit === '' ? 'a number' : unit === '%' ? 'a share in %' : `a number of ${unit}`;
    throw new AppError(
      'bad-option',
      `"${text}" is out of range: ${number} from ${lowest} to ${highest} is meant`,
    );
  }
  return [limit, value * scale];
}
