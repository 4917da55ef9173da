/** Has a recording studied in a process of its own: nothing of it takes time from calls, and it may be killed. */

import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Clock } from '../../base/clock.ts';
import { withDeadline } from '../../base/deadline.ts';
import { AppError } from '../../base/errors.ts';
import { CHILD_ENVIRONMENT } from '../../engines/child-environment.ts';
import type { Studied } from './study.ts';
import type { StudyAnswer } from './study-process.ts';

const PROGRAM = fileURLToPath(new URL('./study-process.js', import.meta.url));
/** Five minutes of sound take it two seconds; a busy machine many times as long. */
const LIMIT_MS = 120_000;

/**
 * @param wav the file, which must not change until this resolves.
 * @param wantedMs lengths of stretches, the longest first.
 * @throws AppError `wav-unreadable` with what is wrong with the file; `store-failed` when the process ends early.
 */
export function studyRecordingApart(
  wav: Uint8Array,
  wantedMs: readonly number[],
  clock: Clock,
  signal: AbortSignal,
): Promise<Studied> {
  const late = `a recording was not studied within ${LIMIT_MS} ms: this machine is too busy, try again`;
  return withDeadline(clock, LIMIT_MS, late, signal, async (limit) => {
    const child = fork(PROGRAM, wantedMs.map(String), {
      env: CHILD_ENVIRONMENT,
      execArgv: [],
      serialization: 'advanced',
      stdio: ['pipe', 'ignore', 'ignore', 'ipc'],
      signal: limit,
      killSignal: 'SIGKILL',
    });
    const answered = new Promise<StudyAnswer>((resolve, reject) => {
      child.once('message', (answer: StudyAnswer) => resolve(answer));
      child.once('error', reject);
      child.once('exit', () =>
        reject(new AppError('store-failed', 'what studies recordings ended early: try again')),
      );
    });
    // It may end without having read all; why is told by its end.
    child.stdin?.on('error', () => {});
    child.stdin?.end(wav);
    const answer = await answered;
    if (answer.type === 'failed') {
      throw new AppError('wav-unreadable', answer.message);
    }
    return answer;
  });
}
