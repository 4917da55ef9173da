/**
 * An address of ours, as somebody is told who is to reach it: host:port. What listens on every address has this
 * machine's own, or the one that somebody has reached us at.
 */

import type { DoorAddress } from './door.ts';

/** @param here an address of this machine's that whom it is for has reached; default one that only this machine can. */
export function reachable({ host, port }: DoorAddress, here?: string): string {
  const every = host === '0.0.0.0' || host === '::';
  const plain = every ? (here ?? (host === '::' ? '::1' : '127.0.0.1')) : host;
  return plain.includes(':') ? `[${plain}]:${port}` : `${plain}:${port}`;
}
