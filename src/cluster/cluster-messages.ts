/**
 * What nodes say to each other. Any of it may be lost, come late, twice or in another order; what has to be right in the end
 * is compared with each sign of life, and asked for again (`gossip.ts`).
 */

import type { Claim } from './claims.ts';

/** Where a node is in its life. `joining`: others send it no new calls yet; `left`: it has ended, and says so. */
export type NodeState = 'joining' | 'up' | 'draining' | 'left';

export const NODE_STATES = ['joining', 'up', 'draining', 'left'] as const satisfies readonly NodeState[];

/** A sign of life. */
export interface NodeMessage {
  readonly type: 'node';
  readonly name: string;
  /** Another each time that it is started. */
  readonly run: string;
  readonly startedAtMs: number;
  readonly state: NodeState;
  /** Where other nodes reach its AudioSocket listener; port 0: not yet. */
  readonly host: string;
  readonly port: number;
  /** Where its API is served, `host:port`; empty: nowhere. */
  readonly http: string;
  /** Of dragoman. */
  readonly version: string;
  readonly legs: number;
  readonly maxLegs: number;
  /** How many calls it says it has, and the digest of what it said of them: see {@link CallTable}. */
  readonly calls: number;
  readonly digest: number;
}

/** What a node keeps of a call: whose it is, and what is needed to go on with it. */
export interface CallEntry extends Claim {
  /** By what legs of it are recognised (`legKeyOf`). */
  readonly legKeys: readonly string[];
  /** The restart record in JSON; undefined where the call has not begun yet. Read when somebody needs it. */
  readonly record: string | undefined;
}

export interface CallMessage {
  readonly type: 'call';
  readonly entry: CallEntry;
}

/** A call is over, or has not come to be. */
export interface OverMessage {
  readonly type: 'over';
  readonly callId: string;
  /** Of the claim that this is the end of. */
  readonly run: string;
  readonly generation: number;
  readonly claimedAtMs: number;
  /** Whether it ran: then whoever dials again is hung up. */
  readonly ended: boolean;
}

/** Asks one node to tell all that it has of its own calls, or of all calls; it says {@link SentMessage} when it has. */
export interface AskMessage {
  readonly type: 'ask';
  readonly run: string;
  readonly of: AskedFor;
  /** What who asks for all calls has by now: of whom it knows the same, nothing is told. Default nothing. */
  readonly knows?: readonly KnownOwner[];
}

/** How many calls of a node are known, and the digest of what was told of them. */
export interface KnownOwner {
  readonly run: string;
  readonly calls: number;
  readonly digest: number;
}

export type AskedFor = 'own' | 'all';

export interface SentMessage {
  readonly type: 'sent';
  readonly run: string;
  readonly of: AskedFor;
  /** How many calls were told. */
  readonly count: number;
}

/** Asks one node to take no new calls, or to take them again. */
export interface HoldMessage {
  readonly type: 'hold';
  readonly held: boolean;
  /** The node that asks. */
  readonly by: string;
}

export type ClusterMessage = NodeMessage | CallMessage | OverMessage | AskMessage | SentMessage | HoldMessage;

/** How nodes are spoken to. It never waits and never throws: what cannot be sent is counted and lost. */
export interface ClusterWire {
  /** Whether messages go out and come in now. */
  readonly connected: boolean;
  /** Whether what is said now reaches others soon, as far as is known: connected, and the broker does not stand still. */
  readonly passing: boolean;
  /** Whether there is room for what can wait: it is to be said only then. */
  readonly hasRoom: boolean;
  /** To all other nodes. */
  tell(message: ClusterMessage): void;
  /** To one node, by its run. */
  tellNode(run: string, message: ClusterMessage): void;
}
