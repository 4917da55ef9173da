/**
 * An address of ours, as somebody is told who is to reach it: host:port. What listens on every address has this
 * machine's own.
 */

import type { DoorAddress } from './door.ts';

export function reachable({ host, port }: DoorAddress): string {
  const plain = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host;
  return plain.includes(':') ? `[${plain}]:${port}` : `${plain}:${port}`;
}
