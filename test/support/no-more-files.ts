/** A machine that has no more files for the pipes of a program. */

import { ChildProcess } from 'node:child_process';

const EMFILE = -24;

/** Until what this returns is called nothing can be started: the system says so, and what `spawn` gives has no pipes. */
export function withoutFiles(): () => void {
  const spawn: unknown = Reflect.get(ChildProcess.prototype, 'spawn');
  if (typeof spawn !== 'function') {
    throw new Error('this Node starts programs in another way');
  }
  Reflect.set(ChildProcess.prototype, 'spawn', function refused(this: ChildProcess, options: unknown) {
    Reflect.set(Reflect.get(this, '_handle'), 'spawn', () => EMFILE);
    return Reflect.apply(spawn, this, [options]);
  });
  return () => Reflect.set(ChildProcess.prototype, 'spawn', spawn);
}
