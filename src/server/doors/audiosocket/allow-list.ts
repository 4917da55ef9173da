/** Who may connect, as an operator writes it: addresses and CIDR networks. */

import { BlockList, isIP } from 'node:net';
import { plainAddress } from '../../../base/addresses.ts';
import { AppError } from '../../../base/errors.ts';

/**
 * Undefined for an empty list: everyone may. @throws AppError `bad-option` for what is neither an address nor a CIDR
 * network.
 */
export function parseAllowList(allow: readonly string[]): BlockList | undefined {
  if (allow.length === 0) {
    return undefined;
  }
  const list = new BlockList();
  for (const entry of allow) {
    const [address = '', prefix] = entry.split('/');
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    // A prefix of no digits would be taken for 0, which is everyone.
    const bits = prefix === undefined ? undefined : Number(prefix === '' ? Number.NaN : prefix);
    const most = family === 'ipv6' ? 128 : 32;
    if (
      isIP(address) === 0 ||
      (bits !== undefined && !(Number.isInteger(bits) && bits >= 0 && bits <= most))
    ) {
      throw new AppError('bad-option', `--allow ${entry}: write an address or a network, such as 10.0.0.0/8`);
    }
    if (bits === undefined) {
      list.addAddress(address, family);
    } else {
      list.addSubnet(address, bits, family);
    }
  }
  return list;
}

/** @param address as a socket tells it; undefined for one that is gone already. */
export function isAllowed(list: BlockList, address: string | undefined): boolean {
  if (address === undefined) {
    return false;
  }
  const plain = plainAddress(address);
  return list.check(plain, isIP(plain) === 6 ? 'ipv6' : 'ipv4');
}
