/** What a meter tells, for tests of what is made of it. */

import type { MeasuredProsody } from '../../../src/media/hear/prosody/prosody.ts';

/** Half a second of an even voice that ends at `toMs`, or what is changed of it. */
export function measuredUntil(toMs: number, changes: Partial<MeasuredProsody> = {}): MeasuredProsody {
  return {
    ...{ fromMs: toMs - 500, toMs, voiceMs: 500, pausedMs: 0, levelDbfs: -24, syllables: 2, tiltDb: -5 },
    pitch: { medianHz: 110, lowHz: 95, highHz: 125, heardMs: 400 },
    ...changes,
  };
}

/** The same at another height. */
export function pitchedUntil(toMs: number, hz: number, heardMs = 400): MeasuredProsody {
  const pitch = heardMs === 0 ? undefined : { medianHz: hz, lowHz: hz * 0.9, highHz: hz * 1.1, heardMs };
  return measuredUntil(toMs, { pitch });
}
