/**
 * The dragoman that runs on this machine already: a port that it holds is no reason not to start. It is asked over
 * HTTP; where HTTP is off, systemd knows whether the service runs.
 */

import { execFile } from 'node:child_process';
import type { Clock } from '../../base/clock.ts';
import { askStatus } from '../ask-status.ts';
import type { ServeConfig } from '../config/serve-config.ts';
import { formatHostPort, type HostPort } from '../config/values.ts';
import { httpGet } from '../http-ask.ts';

/** systemd answers at once or not at all. */
const ANSWER_LIMIT_MS = 5_000;
const UNIT = 'dragoman';

/** Who holds an address: words for the operator; undefined when it is no dragoman. */
export type HolderOf = (
  flag: '--listen' | '--http' | '--metrics',
  address: HostPort,
) => Promise<string | undefined>;

/** Finds out who holds addresses of `config` that are taken. */
export function holderOf({ http }: ServeConfig, clock: Clock): HolderOf {
  return async (flag, address) => {
    const status =
      http === undefined ? undefined : await askStatus(formatHostPort(http), clock).catch(() => undefined);
    if (status === undefined) {
      return http === undefined && (await isUnitActive())
        ? `the service ${UNIT}, which systemd runs`
        : undefined;
    }
    const held =
      flag === '--http' ||
      (flag === '--listen' &&
        status.doors.some(({ host, port }) => host === address.host && port === address.port)) ||
      (flag === '--metrics' && (await tellsOurMetrics(address, clock)));
    return held ? `the dragoman ${status.version} that runs` : undefined;
  };
}

async function tellsOurMetrics(address: HostPort, clock: Clock): Promise<boolean> {
  try {
    return /^dragoman_/m.test(await httpGet(formatHostPort(address), '/metrics', clock));
  } catch {
    // Whoever it is, it is not one of ours.
    return false;
  }
}

function isUnitActive(): Promise<boolean> {
  return new Promise((resolve) => {
    execFile('systemctl', ['is-active', '--quiet', UNIT], { timeout: ANSWER_LIMIT_MS }, (error) =>
      resolve(error === null),
    );
  });
}
