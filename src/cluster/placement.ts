/** How it is found which node is to begin a call. */

/**
 * `first`: the one that its first leg comes to, and a second leg that comes to another is passed on. `hash`: the same for all
 * legs wherever they come, by the id of the call.
 */
export type Placement = 'first' | 'hash';

export const PLACEMENTS = ['first', 'hash'] as const satisfies readonly Placement[];
