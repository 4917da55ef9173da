/** Every fault of the harness, in the order in which they are run. */

import { ENGINE_FAULTS } from './engine-faults.ts';
import type { Fault } from './fault.ts';
import { NODE_FAULTS } from './node-faults.ts';
import { PROCESS_FAULTS } from './process-faults.ts';
import { STRANGER_FAULTS } from './stranger-faults.ts';

export const FAULTS: readonly Fault[] = [
  ...ENGINE_FAULTS,
  ...PROCESS_FAULTS,
  ...STRANGER_FAULTS,
  ...NODE_FAULTS,
];
