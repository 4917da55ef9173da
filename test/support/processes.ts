/** Processes that tests signal. A signal to process 0, or to -0, goes to the test's own group: such an id is never given out. */

import assert from 'node:assert/strict';

/** The first of `ids`, which is a process or a group of its own. @throws AssertionError, naming `what`, when there is none. */
export function firstOf(what: string, ids: readonly (number | undefined)[]): number {
  const [id] = ids;
  assert.ok(id !== undefined && Number.isInteger(id) && id > 1, `there is no ${what}: ${id}`);
  return id;
}
