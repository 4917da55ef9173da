/**
 * A process that is watched as `dragoman serve` is, for tests that stop it. Its arguments: the limit in ms, or nothing; and
 * for how long its loop is to be kept busy, in ms.
 */

import { systemClock } from '../../src/base/clock.ts';
import { silentLog } from '../../src/base/log.ts';
import { Watchdog } from '../../src/cli/watchdog.ts';

const [limit, busyMs] = process.argv.slice(2);
const watchdog = Watchdog.start(
  { limitMs: limit === undefined ? undefined : Number(limit), environment: process.env },
  systemClock,
  silentLog,
);
process.stdout.write(watchdog === undefined ? 'alone\n' : 'watched\n');
if (busyMs !== undefined) {
  systemClock.at(systemClock.nowMs() + 1_000, () => {
    const untilMs = systemClock.nowMs() + Number(busyMs);
    while (systemClock.nowMs() < untilMs) {
      // Its loop does not turn.
    }
    process.stdout.write('done\n');
  });
}
process.stdin.on('end', () => watchdog?.close()).resume();
