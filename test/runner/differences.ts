/** What one Node has tested and another has not. */

import type { FileOutcome } from './tally.ts';

/**
 * A sentence for each file in which a Node passed fewer tests than another, though nothing failed there. A test that is
 * skipped on one Node alone shows here, and so does one that was never made.
 * @param runOn - whether a file is run on a Node.
 */
export function differences(
  outcomes: ReadonlyMap<string, readonly FileOutcome[]>,
  runOn: (file: string, node: string) => boolean,
): readonly string[] {
  const most = new Map<string, number>();
  for (const { file, passed } of [...outcomes.values()].flat()) {
    most.set(file, Math.max(passed, most.get(file) ?? 0));
  }
  const sentences: string[] = [];
  for (const [node, ofNode] of outcomes) {
    const byFile = new Map(ofNode.map((outcome) => [outcome.file, outcome]));
    for (const [file, expected] of most) {
      const outcome = byFile.get(file);
      if (runOn(file, node) && (outcome?.failures.length ?? 0) === 0 && (outcome?.passed ?? 0) < expected) {
        sentences.push(`${node} passed ${outcome?.passed ?? 0} tests of ${file}, another ${expected}`);
      }
    }
  }
  return sentences;
}
