/** A reporter of node:test that tells the process that started this one how each test of `together.ts` went. */

import type { EventData } from 'node:test';
import type { TestEvent } from 'node:test/reporters';
import { inspect } from 'node:util';
import { tell } from './messages.ts';

/** What Node counts at the very end; run-files counts itself, by file. */
const COUNTS = /^(tests|suites|pass|fail|cancelled|skipped|todo|duration_ms) [\d.]+$/;

/** Who waits for the end of a file, by its name. */
const waiting = new Map<string, () => void>();

/** Resolves when all tests of a file have been told of. */
export function endOfFile(file: string): Promise<void> {
  return new Promise((resolve) => waiting.set(file, resolve));
}

/** Takes all events; what it writes is what Node has to say besides, of errors after the end of a test for example. */
// biome-ignore lint/style/noDefaultExport: Node looks for a reporter there.
export default async function* report(events: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  /** The suites around the test that is told of next, the file's first. */
  const around: string[] = [];
  for await (const event of events) {
    switch (event.type) {
      case 'test:start':
        around.length = event.data.nesting;
        around.push(event.data.name);
        break;
      case 'test:pass':
        tellOfPass(event.data, around);
        break;
      case 'test:fail':
        tellOfFailure(event.data, around);
        break;
      case 'test:diagnostic':
        if (!COUNTS.test(event.data.message)) {
          yield `ℹ ${event.data.message}\n`;
        }
        break;
    }
  }
}

function tellOfPass(
  { details, name, nesting, skip, todo }: EventData.TestPass,
  around: readonly string[],
): void {
  // A suite that is skipped does not tell of its tests.
  if (details.type !== 'suite' || skip !== undefined) {
    const result = skip === undefined && todo === undefined ? 'pass' : 'skip';
    tell({ type: 'test', name: nameOf(name, nesting, around), result, error: '' });
  }
  endFile(name, nesting, details.duration_ms);
}

function tellOfFailure({ details, name, nesting }: EventData.TestFail, around: readonly string[]): void {
  const { error } = details;
  // That something in it has failed has been told of already.
  if (!('failureType' in error && error.failureType === 'subtestsFailed')) {
    const text = inspect(error.cause ?? error);
    tell({ type: 'test', name: nameOf(name, nesting, around), result: 'fail', error: text });
  }
  endFile(name, nesting, details.duration_ms);
}

function nameOf(name: string, nesting: number, around: readonly string[]): string {
  return [...around.slice(1, nesting), name].join(' · ');
}

/** A suite that nothing is around is a file. */
function endFile(name: string, nesting: number, durationMs: number): void {
  if (nesting === 0) {
    tell({ type: 'end', file: name, durationMs });
    waiting.get(name)?.();
  }
}
