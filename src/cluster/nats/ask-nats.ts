/** One look at a broker, for who sets a cluster up: whether it is there, lets us in, and can keep things. */

import { jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { CONNECT_LIMIT_MS, connectionOptions, type NatsLinkOptions } from './nats-link.ts';

export interface NatsFacts {
  /** The server that answered, `host:port`. */
  readonly server: string;
  readonly version: string;
  /** Whether it keeps what registered calls need (JetStream). */
  readonly keeps: boolean;
}

/** @throws what keeps us from it. */
export async function askNats(options: NatsLinkOptions): Promise<NatsFacts> {
  const connection = await connect({ ...connectionOptions(options), reconnect: false });
  try {
    const { version = 'unknown' } = connection.info ?? {};
    const keeps = await jetstreamManager(connection, { timeout: CONNECT_LIMIT_MS }).then(
      () => true,
      () => false,
    );
    return { server: connection.getServer(), version, keeps };
  } finally {
    await connection.close();
  }
}
