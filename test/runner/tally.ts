/**
 * Keeps account of test files that share a process, from what it tells: nothing that did not happen counts as passed.
 */

import type { RunnerMessage } from './messages.ts';

export interface Failure {
  readonly name: string;
  readonly error: string;
}

export interface FileOutcome {
  readonly file: string;
  readonly passed: number;
  readonly skipped: number;
  readonly failures: readonly Failure[];
  readonly durationMs: number;
}

/** What is under way. */
interface Account {
  passed: number;
  skipped: number;
  failures: Failure[];
}

export class Tally {
  readonly #files: readonly string[];
  readonly #over = new Map<string, FileOutcome>();
  #account: Account = emptyAccount();
  #underWay: string | undefined;

  /** @param files - those that the process was asked to run, in this order. */
  constructor(files: readonly string[]) {
    this.#files = files;
  }

  take(message: RunnerMessage): void {
    switch (message.type) {
      case 'begin':
        this.#underWay = message.file;
        break;
      case 'test':
        this.#count(message.name, message.result, message.error);
        break;
      case 'end':
        this.#over.set(message.file, {
          file: message.file,
          ...this.#account,
          failures: this.#complaints(),
          durationMs: message.durationMs,
        });
        this.#account = emptyAccount();
        break;
    }
  }

  /** Whether every file has told how all of it went. */
  get complete(): boolean {
    return this.#over.size === this.#files.length;
  }

  /** Whether nothing has failed so far. */
  get clean(): boolean {
    return (
      this.#account.failures.length === 0 &&
      [...this.#over.values()].every((each) => each.failures.length === 0)
    );
  }

  /** How each file went, now that the process has gone. @param end - how it went, in words. */
  outcomes(end: string): readonly FileOutcome[] {
    const [first, ...rest] = this.#files.filter((file) => !this.#over.has(file));
    const unfinished: FileOutcome[] = [];
    if (first !== undefined) {
      const where = this.#underWay === first ? 'before its tests were over' : 'before it began';
      const failures = [...this.#account.failures, { name: `${end} ${where}`, error: '' }];
      unfinished.push({ file: first, ...this.#account, failures, durationMs: 0 });
    }
    for (const file of rest) {
      const failures = [{ name: `not run: ${end} in ${first}`, error: '' }];
      unfinished.push({ file, ...emptyAccount(), failures, durationMs: 0 });
    }
    return [...this.#over.values(), ...unfinished];
  }

  #count(name: string, result: 'pass' | 'fail' | 'skip', error: string): void {
    if (result === 'fail') {
      this.#account.failures.push({ name, error });
    } else {
      this.#account[result === 'pass' ? 'passed' : 'skipped'] += 1;
    }
  }

  /** The failures of the file that ends; one that has tested nothing has failed. */
  #complaints(): readonly Failure[] {
    const { passed, skipped, failures } = this.#account;
    const silent = passed + skipped + failures.length === 0;
    return silent ? [{ name: 'it has no tests', error: '' }] : failures;
  }
}

function emptyAccount(): Account {
  return { passed: 0, skipped: 0, failures: [] };
}
