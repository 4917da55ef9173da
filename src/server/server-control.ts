/** What may be done to calls that run, by whoever may: the API. Each says whether there is such a call or party. */

import type { PartyChange, PlanChange } from '../call/plan.ts';

export interface ServerControl {
  /** Hangs up all parties of a call. @param reason a short name to count by. */
  hangUp(callId: string, reason: string): boolean;
  hangUpParty(callId: string, party: string, reason: string): boolean;
  /** See {@link Call.changePlan}. */
  changeCall(callId: string, change: PlanChange): boolean;
  /** See {@link Call.changeParty}. */
  changeParty(callId: string, party: string, change: PartyChange): boolean;
}
