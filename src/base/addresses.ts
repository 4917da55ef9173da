/** How addresses of the internet protocols are written. */

/** What an IPv4 address begins with on a socket for both protocols. */
const MAPPED = '::ffff:';
const IPV4 = /^\d{1,3}(?:\.\d{1,3}){3}$/;

/** An IPv4 address as such, which a socket for both protocols has as ::ffff:a.b.c.d; others as they are. */
export function plainAddress(address: string): string {
  const plain = address.slice(MAPPED.length);
  return address.toLowerCase().startsWith(MAPPED) && IPV4.test(plain) ? plain : address;
}

/** The opposite: what a socket for both protocols sends to. */
export function mappedAddress(address: string): string {
  return IPV4.test(address) ? MAPPED + address : address;
}

/** `host:port`, an IPv6 address in brackets. */
export function hostPort(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
