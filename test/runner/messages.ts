/** What a process of test files tells the one that started it, in the order in which things happen. */

import { writeSync } from 'node:fs';

/** The file that a process is to run next has begun: what follows is of this file, until its `end`. */
export interface FileBegins {
  readonly type: 'begin';
  readonly file: string;
}

/** A test is over. Suites are told of only when they fail by themselves, in a hook for example. */
export interface TestIsOver {
  readonly type: 'test';
  /** The suites around it and its own name. */
  readonly name: string;
  readonly result: 'pass' | 'fail' | 'skip';
  /** What went wrong, ready to print; empty where nothing did. */
  readonly error: string;
}

/** All tests of a file are over. */
export interface FileEnds {
  readonly type: 'end';
  readonly file: string;
  readonly durationMs: number;
}

export type RunnerMessage = FileBegins | TestIsOver | FileEnds;

/** The descriptor that messages go to, a line of JSON each. */
export const MESSAGES_FD = 3;

/**
 * Sends a message to the process that started this one, before anything else happens: a process that dies at once has
 * said what it was doing.
 */
export function tell(message: RunnerMessage): void {
  writeSync(MESSAGES_FD, `${JSON.stringify(message)}\n`);
}
