/** A call as a text for a ticket: who, when, what happened, and where the time of each utterance went. */

import type { CallModel } from './call-model.ts';

/** @param version of dragoman; undefined where it is not known. */
export function reportOf(call: CallModel, version: string | undefined, madeAt: Date): string {
  const { id, startedAtMs, endedAt, lastedMs, plan, everybody, happenings, lines } = call;
  const report = {
    call: id,
    dragoman: version,
    madeAt: madeAt.toISOString(),
    startedAt: new Date(startedAtMs).toISOString(),
    endedAt: endedAt.value === undefined ? undefined : new Date(endedAt.value).toISOString(),
    lastedMs: endedAt.value === undefined ? undefined : lastedMs.value,
    plan: plan.value,
    parties: everybody.value.map(({ facts }) => facts.value),
    happenings: happenings.value.map(({ atMs, sentence }) => ({ atMs, sentence })),
    utterances: lines.value.map(({ party, utterance, atMs, said, segments, reports }) => ({
      ...{ party, utterance, atMs, said, segments },
      reports: reports.map(({ outcome, target, stages, startOffsetMs }) => ({
        ...{ outcome, language: target.language, startMs: target.startMs, endMs: target.endMs },
        ...{ startOffsetMs, stages },
      })),
    })),
  };
  return JSON.stringify(report, undefined, 2);
}
