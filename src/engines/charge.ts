/** What an engine was given to do: what its provider charges for, told to the call that it was done for. */

import type { Component } from './support.ts';

export interface Charge {
  readonly component: Component;
  readonly engine: string;
  /** Characters of a text; where an engine takes speech, ms of it. */
  readonly amount: number;
}

export type OnCharge = (charge: Charge) => void;
