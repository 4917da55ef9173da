/** Recorders of tests: processes that a busy machine takes seconds to load. */

import type { RecorderProcess } from '../../src/server/recording/recorder-process.ts';

/**
 * Resolves when it does what it is told. Reading has a limit, which counts while the recorder still starts: what a test
 * asks first may be to read.
 *
 * @param directory in which nothing is old.
 */
export async function untilItRuns(recorder: RecorderProcess, directory: string): Promise<void> {
  await recorder.ask({ type: 'purge', directory, day: '0001-01-01' });
}
