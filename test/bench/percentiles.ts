/**
 * Percentiles of measured values, by nearest rank: each one is a value that was really measured, never a mean of
 * two. The whole set is kept and sorted, so nothing is lost in buckets.
 */

/** Where a set of values lies; NaN in each field but `count` when the set is empty. */
export interface Spread {
  readonly count: number;
  readonly min: number;
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

/** The spread of `values`; those that are NaN are left out. Copies `values`. */
export function spreadOf(values: Iterable<number>): Spread {
  const sorted = Float64Array.from(values)
    .filter((value) => !Number.isNaN(value))
    .sort();
  return {
    count: sorted.length,
    min: percentile(sorted, 0),
    p50: percentile(sorted, 50),
    p99: percentile(sorted, 99),
    max: percentile(sorted, 100),
  };
}

/**
 * The smallest of `sorted` that at least `percent` per cent of them do not exceed; NaN when there are none.
 * @param percent 0 to 100.
 */
export function percentile(sorted: Float64Array, percent: number): number {
  const rank = Math.ceil((percent / 100) * sorted.length);
  return sorted[Math.max(0, rank - 1)] ?? Number.NaN;
}
