/** What is shown of the nodes that serve together, and what may be asked of them: for the API, metrics and health. */

/** `lost`: it fell silent or cannot be reached; `left`: it has ended, and said so. */
export type ShownNodeState = 'joining' | 'up' | 'draining' | 'left' | 'lost';

export const SHOWN_NODE_STATES = [
  'joining',
  'up',
  'draining',
  'left',
  'lost',
] as const satisfies readonly ShownNodeState[];

export interface NodeView {
  readonly name: string;
  /** Whether it is the one that is asked. */
  readonly self: boolean;
  readonly state: ShownNodeState;
  /** For how long it has been in that state, as far as the one that is asked has seen it, in ms. */
  readonly stateForMs: number;
  /** Where other nodes reach it by AudioSocket; undefined: nowhere yet. */
  readonly address: string | undefined;
  /** Where its API is served; undefined: nowhere. */
  readonly http: string | undefined;
  readonly version: string;
  readonly legs: number;
  readonly maxLegs: number;
  readonly calls: number;
}

/** A call at any of the nodes, as far as all of them know of it. */
export interface SharedCallView {
  /** As it is shown. */
  readonly call: string;
  readonly node: string;
  readonly startedAt: string;
  readonly languages: readonly string[];
  readonly parties: number;
  /** How often it went on at another node. */
  readonly resumed: number;
}

export interface LinkView {
  readonly connected: boolean;
  /** Why it is not. */
  readonly trouble: string | undefined;
}

/** What became of a wish that a node take no new calls, or take them again. */
export type HeldNode = 'done' | 'not-there' | 'no-answer';

export interface NodesView {
  readonly link: LinkView;
  /** Calls of all nodes that are known here. */
  readonly records: number;
  /** This one first, then the others by name. */
  nodes(): readonly NodeView[];
  /** The latest of all nodes' calls that have begun, so many at most; a little in each turn of the loop. */
  calls(most: number): Promise<readonly SharedCallView[]>;
  /** Has a node take no new calls, or take them again. @param by who wants it, for its log. */
  hold(name: string, held: boolean, by: string): Promise<HeldNode>;
}
