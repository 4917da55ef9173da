/** Why an address cannot be listened on, and what to do about it: the same words for every flag that takes one. */

import { hostPort } from '../../base/addresses.ts';
import { AppError, codeOf } from '../../base/errors.ts';
import type { DoorAddress } from './door.ts';

export interface Listening extends DoorAddress {
  /** What the operator has written it behind: `--http`. */
  readonly flag: string;
  /** Default `tcp`. */
  readonly protocol?: 'tcp' | 'udp';
  /** Whether the flag may be off, too. */
  readonly mayBeOff: boolean;
}

/** `address-in-use`, or `address-refused` when the machine does not give the address. */
export function cannotListen(
  error: unknown,
  { flag, host, port, protocol = 'tcp', mayBeOff }: Listening,
): AppError {
  const at = `${flag} ${hostPort(host, port)}`;
  const orOff = mayBeOff ? ', or off' : '';
  const shows = protocol === 'udp' ? 'ss -lunp' : 'ss -ltnp';
  return codeOf(error) === 'EADDRINUSE'
    ? new AppError(
        'address-in-use',
        `${at} is in use by another program; stop it (${shows} shows which), or give another ${flag}${orOff}`,
        error,
      )
    : new AppError(
        'address-refused',
        `${at} cannot be listened on (${codeOf(error)}); ${flag} takes an address of this machine and a port above 1023${orOff}`,
        error,
      );
}
