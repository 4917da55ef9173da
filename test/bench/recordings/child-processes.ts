/** The processes that a process has started, from Linux's /proc. */

import { readdirSync, readFileSync } from 'node:fs';

export function childrenOf(pid: number): readonly number[] {
  return readdirSync(`/proc/${pid}/task`).flatMap((thread) =>
    readFileSync(`/proc/${pid}/task/${thread}/children`, 'latin1')
      .split(' ')
      .filter((each) => each !== '')
      .map(Number),
  );
}
