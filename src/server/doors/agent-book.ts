/** Machines that answer by themselves, as whoever plans calls sees them. */

import type { AgentSeat } from '../../call/plan.ts';

export interface AgentBook {
  /** Whose agents can be had: `elevenlabs`. */
  readonly engines: ReadonlySet<string>;
  /** Has an agent come to a call that runs; once for each party's id. */
  invite(callId: string, seat: AgentSeat): void;
}
