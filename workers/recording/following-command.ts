/**
 * The operator's command for each file that is finished, such as one that compresses it: without a shell, at the lowest
 * priority, one at a time. `{}` stands for the file, `{.}` for it without its ending; a command without either is given
 * the file at its end.
 */

import { spawn } from 'node:child_process';

const NICE = ['/usr/bin/nice', '-n', '19'] as const;

export class FollowingCommands {
  /** All commands, one after the other. */
  #before: Promise<void> = Promise.resolve();
  readonly #over = new AbortController();

  /**
   * Runs `command` for each of `paths`; resolves when the last has ended.
   * @param signal ends the one that runs, and begins no other: resolves then, whoever else still waits.
   * @param ran is told each file that it was run for to its end, and waited for.
   * @throws Error of the first that failed.
   */
  async run(
    command: readonly string[],
    paths: readonly string[],
    signal: AbortSignal,
    ran: (path: string) => Promise<void>,
  ): Promise<void> {
    const failures: unknown[] = [];
    const ended = AbortSignal.any([signal, this.#over.signal]);
    const aborted = new Promise<void>((resolve) => {
      ended.addEventListener('abort', () => resolve(), { once: true });
    });
    for (const path of ended.aborted ? [] : paths) {
      let running: Promise<void> | undefined;
      this.#before = this.#before.then(async () => {
        if (!ended.aborted) {
          running = runOne(command, path, ended).catch((error: unknown) => {
            failures.push(error);
          });
          await running;
          if (!ended.aborted) {
            await ran(path);
          }
        }
      });
      await Promise.race([this.#before, aborted]);
      if (ended.aborted) {
        await running;
        return;
      }
    }
    if (failures.length > 0) {
      throw failures[0];
    }
  }

  /** Ends the one that runs, and begins no other. */
  end(): void {
    this.#over.abort();
  }
}

function runOne(command: readonly string[], path: string, signal: AbortSignal): Promise<void> {
  const bare = path.replace(/\.[^./]+$/, '');
  const given = command.map((word) => word.replaceAll('{}', path).replaceAll('{.}', bare));
  const words = given.some((word, index) => word !== command[index]) ? given : [...given, path];
  const [nice, ...options] = NICE;
  // In a group of its own, to be ended with whatever it has started itself.
  const child = spawn(nice, [...options, ...words], {
    stdio: ['ignore', 'ignore', 'inherit'],
    detached: true,
  });
  const end = (): void => {
    if (child.pid !== undefined) {
      process.kill(-child.pid, 'SIGKILL');
    }
  };
  signal.addEventListener('abort', end, { once: true });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, by) => {
      signal.removeEventListener('abort', end);
      if (code === 0) {
        resolve();
      } else {
        reject(Object.assign(new Error('the command failed'), { code: `exit-${by ?? code}` }));
      }
    });
  });
}
