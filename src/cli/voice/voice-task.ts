/** What each of the tasks of `dragoman voice` is given. */

import type { Clock } from '../../base/clock.ts';
import type { CliContext } from '../context.ts';
import type { ServiceApi } from '../service-api.ts';
import type { VoiceOptions } from './voice-options.ts';

export interface VoiceTask {
  readonly api: ServiceApi;
  /** What stands behind the action. */
  readonly words: readonly string[];
  readonly options: VoiceOptions;
  readonly context: CliContext;
  readonly clock: Clock;
  /** Aborts when somebody interrupts it. */
  readonly signal: AbortSignal;
}
