/** What may be done to calls that run, by whoever may: the API. Each says whether there is such a call or party. */

import type { Call } from '../call/call.ts';
import type { ListeningWish } from '../call/listening/listened-sound.ts';
import type { PartyChange, PartyPlan, PlanChange } from '../call/plan.ts';
import type { RecordingState } from '../call/recording/recorder.ts';
import type { Saying } from '../call/sayings.ts';
import type { AddedParty } from '../call/seating/added-parties.ts';
import type { CallWish, RegisteredCall } from '../call/seating/registered-calls.ts';
import type { Switchboard } from '../call/switchboard.ts';

export interface ServerControl {
  /**
   * Makes places for a call that is to come; `full` or `draining`: none can be had now; nor `apart`, when the nodes that serve
   * together could not be told of it.
   */
  register(wish: CallWish): RegisteredCall | 'full' | 'draining' | 'apart';
  /** Whether a call that was registered is waited for, or runs. @param id as it is shown. */
  isRegistered(id: string): boolean;
  /** Nobody is to come to a registered call any more. @param id as it is shown. */
  withdraw(id: string): boolean;
  /** Makes a place for another party in a call that runs, kept for `ttlMs`; `not-there`: no such call runs. */
  addParty(
    callId: string,
    wish: Omit<PartyPlan, 'id'>,
    ttlMs: number,
  ): AddedParty | 'full' | 'draining' | 'not-there';
  /** Hangs up all parties of a call. @param reason a short name to count by. */
  hangUp(callId: string, reason: string): boolean;
  /** See {@link Switchboard.handOver}. */
  handOver(callId: string): ReturnType<Switchboard['handOver']>;
  hangUpParty(callId: string, party: string, reason: string): boolean;
  /** See {@link Call.changePlan}. */
  changeCall(callId: string, change: PlanChange): boolean;
  /** See {@link Call.say}. */
  say(callId: string, party: string, saying: Saying, interrupt: boolean): ReturnType<Call['say']>;
  /** Keeps a call from now on, pauses that, or ends it; `not-recorded`: it is not to be kept, or no more. */
  setRecording(callId: string, state: RecordingState): 'done' | 'not-recorded' | 'not-there';
  /** See {@link Call.listen}. */
  listen(callId: string, party: string, wish: ListeningWish): ReturnType<Call['listen']>;
  /** See {@link Call.takeVoice}. */
  takeVoice(callId: string, party: string, wantedMs: number): ReturnType<Call['takeVoice']>;
  /** See {@link Call.soundKeys}. */
  soundKeys(callId: string, party: string, keys: string): boolean;
  /** See {@link Switchboard.hold}. */
  hold(held: boolean): boolean;
  /** See {@link Call.changeParty}. */
  changeParty(callId: string, party: string, change: PartyChange): boolean;
}
