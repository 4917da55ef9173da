/** Machines that answer by themselves, as whoever plans calls sees them. */

import type { AgentSeat } from '../../call/plan.ts';

export interface AgentBook {
  /** Why there can be no such agent, as far as that is known without asking; words for whoever plans. */
  refusal(engine: string, agent: string): string | undefined;
  /** Has an agent come to a call that runs; once for each party's id. */
  invite(callId: string, seat: AgentSeat): void;
}
