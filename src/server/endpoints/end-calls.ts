/** Nobody is left in a call with a phone that Asterisk does not know any more. */

import type { Clock } from '../../base/clock.ts';
import { EndpointRefusal } from './endpoint-refusal.ts';
import type { PhonesAsterisk } from './phones-asterisk.ts';

/** How long Asterisk may take to do what it was asked, in ms. */
const LIMIT_MS = 10_000;
const LOOK_EVERY_MS = 100;

export interface EndCallsDeps {
  readonly asterisk: PhonesAsterisk;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/**
 * Hangs up the calls of a phone; resolves when they have ended.
 * @param whenIdle refuses with `in-call` instead.
 * @throws EndpointRefusal `in-call`, `asterisk-failed`; as {@link PhonesAsterisk}.
 */
export async function endCalls(
  name: string,
  whenIdle: boolean,
  { asterisk, clock, signal }: EndCallsDeps,
): Promise<void> {
  const channels = async () => (await asterisk.inCalls(signal)).get(name) ?? [];
  const running = await channels();
  if (running.length > 0 && whenIdle) {
    throw new EndpointRefusal('in-call', `${name} is in a call: ask again when that is over`);
  }
  for (const channel of running) {
    await asterisk.hangUp(channel, signal);
  }
  if (!(await until(async () => (await channels()).length === 0, clock, signal))) {
    throw new EndpointRefusal(
      'asterisk-failed',
      `Asterisk was asked to hang up ${name}, and has not: "core show channels" lists its calls`,
    );
  }
}

/** Whether `met` is so within 10 s. */
export async function until(
  met: () => Promise<boolean>,
  clock: Clock,
  signal: AbortSignal,
): Promise<boolean> {
  const untilMs = clock.nowMs() + LIMIT_MS;
  while (!(await met())) {
    if (clock.nowMs() >= untilMs) {
      return false;
    }
    await clock.sleep(LOOK_EVERY_MS, signal);
  }
  return true;
}
