/** Starting a fastify server: its address once it is bound, and a sentence for the operator when it cannot be. */

import type { FastifyInstance } from 'fastify';
import { cannotListen } from '../doors/cannot-listen.ts';

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
  try {
    await app.listen({ host, port });
  } catch (error) {
    await app.close();
    throw cannotListen(error, { flag, host, port, mayBeOff: true });
  }
  const bound = app.server.address();
  return { host, port: typeof bound === 'object' && bound !== null ? bound.port : port };
}
