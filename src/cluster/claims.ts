/**
 * Who has a call: what a node claims, and whose claim stands where several say that they have it. All nodes hear the same
 * claims sooner or later, in whatever order, and find the same: pure.
 */

/** What a node says of a call that it has. */
export interface Claim {
  readonly callId: string;
  /** The node that has it, and which life of that node: a node that was started again has nothing of before. */
  readonly node: string;
  readonly run: string;
  /** 0 where the call began; one more each time that another node goes on with it. */
  readonly generation: number;
  /** When it was made, by the wall clock of its node, in ms. */
  readonly claimedAtMs: number;
  /** Counts what its node has told of the call since it was made. */
  readonly change: number;
  /** Whether its node has given the call away: whoever it comes to goes on with it. */
  readonly released: boolean;
}

/**
 * Below 0 where `one` stands before `other`, above where it does not, 0 where they are the same. Who went on with a call
 * last has it; of two who did so at once the earlier one, then the one whose name is first. Of one claim the later change.
 */
export function byStanding(one: Claim, other: Claim): number {
  return (
    other.generation - one.generation ||
    one.claimedAtMs - other.claimedAtMs ||
    inOrder(one.node, other.node) ||
    inOrder(one.run, other.run) ||
    other.change - one.change
  );
}

function inOrder(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
