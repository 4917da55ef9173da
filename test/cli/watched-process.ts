/**
 * A process that is watched as `dragoman serve` is, for tests that stop it. Its arguments: the limit in ms, or nothing; and
 * `busy`, to let its loop never turn again: then it says, a line each 100 ms, for how many ms it has not.
 */

import { writeSync } from 'node:fs';
import { systemClock } from '../../src/base/clock.ts';
import { silentLog } from '../../src/base/log.ts';
import { Watchdog } from '../../src/cli/watchdog.ts';

const [limit, busy] = process.argv.slice(2);
const watchdog = Watchdog.start(
  { limitMs: limit === undefined ? undefined : Number(limit), environment: process.env },
  systemClock,
  silentLog,
);
process.stdout.write(watchdog === undefined ? 'alone\n' : 'watched\n');
if (busy !== undefined) {
  // However long this process has waited for a processor meanwhile, that is since the loop turned last.
  let turnedMs = systemClock.nowMs();
  const turns = setInterval(() => {
    turnedMs = systemClock.nowMs();
  }, 50);
  systemClock.at(turnedMs + 1_000, () => {
    clearInterval(turns);
    for (let nextMs = 0; ; ) {
      const stillMs = systemClock.nowMs() - turnedMs;
      if (stillMs >= nextMs) {
        writeSync(process.stdout.fd, `${Math.floor(stillMs)}\n`);
        nextMs = stillMs + 100;
      }
    }
  });
}
process.stdin.on('end', () => watchdog?.close()).resume();
