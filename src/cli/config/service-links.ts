/**
 * What Kubernetes puts into every pod for each service (`enableServiceLinks`): of one named `dragoman`, or
 * `dragoman-metrics`, the variables begin as ours do. They are known by name and value together.
 */

import { isIP } from 'node:net';

const LINK =
  /^(.+?)_(?:(SERVICE_HOST)|(SERVICE_PORT(?:_[A-Z0-9_]+)?)|PORT(?:_(\d+)_(TCP|UDP|SCTP)(?:_(PROTO|PORT|ADDR))?)?)$/;
const URL_OF_SERVICE = /^(?:tcp|udp|sctp):\/\/(?:\[([^\]]+)\]|([\d.]+)):\d{1,5}$/;
const PORT = /^\d{1,5}$/;

/** Whether a variable says where a service is: its value fits, and the service's address stands beside it. */
export function isServiceLink(
  name: string,
  environment: Readonly<Record<string, string | undefined>>,
): boolean {
  const [link, service = '', host, port, number, protocol = '', part] = LINK.exec(name) ?? [];
  const value = environment[name] ?? '';
  if (link === undefined || isIP(environment[`${service}_SERVICE_HOST`] ?? '') === 0) {
    return false;
  }
  if (host !== undefined || part === 'ADDR') {
    return isIP(value) > 0;
  }
  if (port !== undefined) {
    return PORT.test(value);
  }
  if (part === 'PORT') {
    return value === number;
  }
  if (part === 'PROTO') {
    return value === protocol.toLowerCase();
  }
  const [, six, four] = URL_OF_SERVICE.exec(value) ?? [];
  return isIP(six ?? four ?? '') > 0;
}
