/**
 * What one more party costs: the slope of the server's processor time from the next smaller size that was measured, so
 * sizes of 2, 3, 9 and 12 parties give the cost of the 3rd by itself and that of the 12th as the mean of the last
 * three. Pure.
 */

/** What a conference of one size took, in per cent of a core. */
export interface SizeCost {
  readonly parties: number;
  readonly percent: number;
}

export interface AddedCost {
  readonly parties: number;
  /** The size it is compared with. */
  readonly from: number;
  /** For each party more. */
  readonly percent: number;
}

/** The added cost of each size but the smallest, of the median of its runs. */
export function addedCosts(runs: readonly SizeCost[]): readonly AddedCost[] {
  const sizes = [...new Set(runs.map(({ parties }) => parties))].toSorted((one, other) => one - other);
  const medians = sizes.map((parties) =>
    medianOf(runs.filter((run) => run.parties === parties).map(({ percent }) => percent)),
  );
  return sizes.slice(1).map((parties, index) => {
    const from = sizes[index] ?? 0;
    const added = (medians[index + 1] ?? Number.NaN) - (medians[index] ?? Number.NaN);
    return { parties, from, percent: added / (parties - from) };
  });
}

/** The middle one, or the mean of the two in the middle; NaN of none. */
export function medianOf(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  const [low, high] = [sorted[(sorted.length - 1) >> 1], sorted[sorted.length >> 1]];
  return low === undefined || high === undefined ? Number.NaN : (low + high) / 2;
}
