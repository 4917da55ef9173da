/** What a running service says of itself, for the commands that look at one. */

import type { Clock } from '../base/clock.ts';
import { type ServiceStatus, STATUS } from '../server/http/service-status.ts';
import { httpGet, notOurs } from './http-ask.ts';

/**
 * Asks the service at `address`.
 * @throws AppError when nobody answers there; `server-unreachable` when another program does.
 */
export async function askStatus(address: string, clock: Clock): Promise<ServiceStatus> {
  const status = STATUS.safeParse(parsed(await httpGet(address, '/status', clock)));
  if (!status.success) {
    throw notOurs(address);
  }
  return status.data;
}

/** What a JSON text says; undefined when it is none. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
