/**
 * Where calls live when several nodes serve together: what the switchboard asks and tells. One call is on one node. All
 * that is answered here is in this node's memory, so nothing waits for a network.
 */

import type { RestartRecord } from './restart-record.ts';
import type { Elsewhere } from './seating/seating.ts';

/** Where a call is. */
export type Whereabouts =
  /** It is ours, running or not yet begun; `record` is what was kept of it last, if it runs. */
  | { readonly type: 'here'; readonly record: RestartRecord | undefined }
  /** Another node has it, or is to have it: the leg's bytes go there. */
  | Elsewhere
  /** Its node is gone, or has handed it to us: it goes on here. */
  | { readonly type: 'adopt'; readonly record: RestartRecord }
  /** It was over a moment ago: whoever dials again is hung up. */
  | { readonly type: 'ended' };

/** What matters of a leg where its call is asked for. */
export interface ComingLeg {
  /** Whether it cannot come elsewhere, so that a call that no other node has is ours in any case. Default false. */
  readonly stays?: boolean;
  /** Whether it was promised to this node: a call that has not begun anywhere begins here. Default false. */
  readonly promised?: boolean;
  /**
   * Of a leg of a conference, whose name comes again: it begins another where it was not in the one that has just ended.
   * Default undefined: what has ended has.
   */
  readonly legKey?: string | undefined;
  /** Whether another node has passed it on, which believes that the call is ours. Default false. */
  readonly relayed?: boolean;
}

export interface CallDirectory {
  /** The call whose record names a leg of this key (`legKeyOf` of a UUID); undefined where none does. */
  callOf(legKey: string): string | undefined;
  /**
   * Where a call is, for a leg that has come here. What it answers it also does: a new call that is `here` is ours from then
   * on, and so is one to `adopt`; where no leg of it stays, say {@link ended}, and for each that does not {@link notTaken}.
   */
  whereabouts(callId: string, leg?: ComingLeg): Whereabouts;
  /**
   * Nobody listens where {@link whereabouts} said the node of this name is: it counts as gone until it is heard of again. Ask
   * for the whereabouts once more.
   */
  refused(node: string): void;
  /** It does not answer there: it counts as gone if it has fallen silent, too. Ask once more: it may be the same node. */
  unreachable(node: string): void;
  /** New calls are taken here again, or no more: others hear of it at once. */
  takesCallsChanged(): void;
  /** A call of ours has begun or changed: what others would need to go on with it. */
  keep(record: RestartRecord): void;
  /** A call of ours is over. */
  ended(callId: string): void;
  /**
   * A leg neither begins nor goes on with a call that {@link whereabouts} said is ours. Where this node takes no calls, and no
   * other leg was told so, whoever its legs come to next may have it.
   */
  notTaken(callId: string): void;
  /**
   * The node that would have a call of ours if it were given away now; undefined: no other takes calls, none could be told
   * now, or it is not ours.
   */
  taker(callId: string): string | undefined;
  /** Gives a call of ours away. @returns the node that is to have it; undefined where there is no {@link taker}: it stays. */
  handOver(record: RestartRecord): string | undefined;
  /**
   * Hears of calls of ours that another node has, too, and by right (two nodes that did not see each other have begun it),
   * until `signal` aborts: their legs belong there.
   */
  watchLost(listener: (callId: string) => void, signal: AbortSignal): void;
}
