/** The value that a share of many do not exceed: what is said of times, of which an average hides the worst. */

/**
 * The smallest of `values` that `share` of them, 0 to 1, do not exceed; undefined where there are none. Their order does
 * not matter.
 */
export function percentile(values: readonly number[], share: number): number | undefined {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.ceil(share * sorted.length) - 1];
}
