/** A process that ends itself as `dragoman` does, for tests. Its arguments: the limit in ms, and a FIFO that a thread of it waits for. */

import { open } from 'node:fs';
import { endProcess } from '../../src/cli/end-process.ts';

const [limitMs, fifo] = process.argv.slice(2);
if (fifo !== undefined) {
  // Nobody ever writes to it.
  open(fifo, () => {});
}
// A thread has it by then.
setTimeout(() => endProcess(3, process.env, Number(limitMs)), 500);
