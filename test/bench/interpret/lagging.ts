/**
 * The lagging metrics of simultaneous translation as SimulEval defines them: how far behind an ideal interpreter, who
 * says each unit the moment its share of the source has been said, the real one is. A delay is when a target unit is
 * heard, in ms from the start of the source. For turns shorter than the lag these all come down to the first delay, so
 * the token delay and the offsets belong beside them.
 */

export interface Lagged {
  /** When each target unit is heard, in ms from the start of the source, in order. */
  readonly delaysMs: readonly number[];
  /** |X|: how long the source lasts, in ms; above 0. */
  readonly sourceMs: number;
  /** |Y*|: units of the reference translation. */
  readonly referenceUnits: number;
}

/** Average lagging (arXiv:1810.08398), in ms; NaN when nothing was said. */
export function averageLagging({ delaysMs, sourceMs, referenceUnits }: Lagged): number {
  return lagging(delaysMs, sourceMs, referenceUnits);
}

/**
 * Length-adaptive average lagging (arXiv:2206.05807), in ms: a long translation is no excuse. NaN when nothing was
 * said.
 */
export function lengthAdaptiveLagging({ delaysMs, sourceMs, referenceUnits }: Lagged): number {
  return lagging(delaysMs, sourceMs, Math.max(delaysMs.length, referenceUnits));
}

/**
 * Differentiable average lagging (arXiv:1906.05218), in ms: no unit counts as said sooner than one step of the ideal
 * interpreter after the one before, so what comes in a burst is charged for it. NaN when nothing was said.
 */
export function differentiableLagging({ delaysMs, sourceMs }: Lagged): number {
  const stepMs = sourceMs / delaysMs.length;
  let before = Number.NEGATIVE_INFINITY;
  const lags = delaysMs.map((delayMs, index) => {
    before = Math.max(delayMs, before + stepMs);
    return before - index * stepMs;
  });
  return meanOf(lags);
}

/**
 * YAAL (arXiv:2509.17349), in ms: as LAAL, but only over the units that are heard while the source goes on. Undefined
 * when none is: such a turn says nothing of how simultaneous the interpreter was.
 */
export function yetAnotherLagging({ delaysMs, sourceMs, referenceUnits }: Lagged): number | undefined {
  const stepMs = sourceMs / Math.max(delaysMs.length, referenceUnits);
  const after = delaysMs.findIndex((delayMs) => delayMs >= sourceMs);
  const during = after === -1 ? delaysMs : delaysMs.slice(0, after);
  return during.length === 0 ? undefined : meanOf(during.map((delayMs, index) => delayMs - index * stepMs));
}

/**
 * The mean lag up to and with the first unit that comes when the source is over; so a translation that begins only then
 * lags by its first delay.
 */
function lagging(delaysMs: readonly number[], sourceMs: number, units: number): number {
  const stepMs = sourceMs / units;
  const over = delaysMs.findIndex((delayMs) => delayMs >= sourceMs);
  const counted = over === -1 ? delaysMs : delaysMs.slice(0, over + 1);
  return meanOf(counted.map((delayMs, index) => delayMs - index * stepMs));
}

/** NaN of nothing. */
export function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
