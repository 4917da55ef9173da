/** How a broker shows that it is the one that was meant. */

import { checkServerIdentity, type PeerCertificate } from 'node:tls';

/** What Node calls a peer that was asked for by its address. */
const NO_NAME = 'localhost';

/**
 * NATS's client tells Node no name of a server that is written as an address, so that each such certificate would be
 * refused. Here it has to be for one of the addresses that are written.
 * @param servers `host:port`, those of one NATS.
 */
export function identityCheck(
  servers: readonly string[],
): (host: string, certificate: PeerCertificate) => Error | undefined {
  const hosts = servers.map((server) => new URL(`tcp://${server}`).hostname.replace(/^\[(.*)\]$/, '$1'));
  return (host, certificate) => {
    if (host !== NO_NAME || hosts.includes(NO_NAME)) {
      return checkServerIdentity(host, certificate);
    }
    const found = hosts.map((each) => checkServerIdentity(each, certificate));
    return found.includes(undefined) ? undefined : found[0];
  };
}
