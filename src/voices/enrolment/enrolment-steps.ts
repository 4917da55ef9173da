/** The steps of an enrolment, as they are shown while it goes on. */

import { messageOf } from '../../base/errors.ts';

export interface EnrolmentStep {
  /** `listen` where it is made of a call, `study`, `identity`, the name of an engine, `keep`. */
  readonly step: string;
  readonly state: 'waiting' | 'running' | 'done' | 'failed' | 'left-out';
  /** What came of it, for people. */
  readonly detail?: string;
}

/** By name, in their order. */
export type EnrolmentSteps = Map<string, EnrolmentStep>;

/** Does a step. @param work resolves with what comes of it, and with that for people. @throws what it throws. */
export async function runStep<Result>(
  steps: EnrolmentSteps,
  step: string,
  work: () => Promise<readonly [Result, string]>,
): Promise<Result> {
  steps.set(step, { step, state: 'running' });
  try {
    const [result, detail] = await work();
    steps.set(step, { step, state: 'done', detail });
    return result;
  } catch (error) {
    steps.set(step, { step, state: 'failed', detail: messageOf(error) });
    throw error;
  }
}

export function seconds(ms: number): number {
  return Math.round(ms / 1_000);
}
