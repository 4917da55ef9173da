/** Starting a fastify server: its address once it is bound, and a sentence for the operator when it cannot be. */

import type { FastifyInstance } from 'fastify';
import { AppError, codeOf } from '../../base/errors.ts';

export interface BoundAddress {
  readonly host: string;
  /** The port that was bound, also where port 0 was asked for. */
  readonly port: number;
}

/**
 * Binds `app` to `host:port`; port 0 takes any free one. `flag` says in errors what to write.
 * @throws AppError `address-in-use`, or `address-refused` when the machine does not give the address.
 */
export async function listenOn(
  app: FastifyInstance,
  { host, port }: BoundAddress,
  flag: '--http' | '--metrics',
): Promise<BoundAddress> {
  const at = `${host.includes(':') ? `[${host}]` : host}:${port}`;
  try {
    await app.listen({ host, port });
  } catch (error) {
    await app.close();
    throw notBound(error, flag, at);
  }
  const bound = app.server.address();
  return { host, port: typeof bound === 'object' && bound !== null ? bound.port : port };
}

/** Why `flag` cannot have the address `at`, and what to do about it. */
export function notBound(error: unknown, flag: string, at: string): AppError {
  return codeOf(error) === 'EADDRINUSE'
    ? new AppError(
        'address-in-use',
        `${flag} ${at} is in use by another program; stop it (ss -ltnp shows which), give another ${flag}, or off`,
        error,
      )
    : new AppError(
        'address-refused',
        `${flag} ${at} cannot be used (${codeOf(error)}); give another ${flag}, or off`,
        error,
      );
}
