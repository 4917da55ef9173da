/** The nodes that serve together with this one, where there are to be such; nothing of it is loaded where not. */

import type { Clock } from '../base/clock.ts';
import type { Closers } from '../base/closers.ts';
import type { Log } from '../base/log.ts';
import { SparseLog } from '../base/sparse-log.ts';
import type { Cluster } from '../cluster/cluster.ts';
import type { DragomanServer } from '../server/dragoman-server.ts';
import type { ServeConfig } from './config/serve-config.ts';
import { formatHostPort, type HostPort } from './config/values.ts';
import { readVersion } from './version.ts';

/** Wishes of others that are logged in ten seconds, at most. */
const MOST_HOLD_LINES = 5;

/** Undefined where this node serves alone. What it opens is closed by `closers`. */
export async function openCluster(
  config: ServeConfig,
  clock: Clock,
  log: Log,
  closers: Closers,
): Promise<Cluster | undefined> {
  const { cluster: address, nodeName: name, clusterPlacement: placement } = config;
  if (address === undefined) {
    return undefined;
  }
  const { Cluster } = await import('../cluster/cluster.ts');
  const { clusterCredentials: credentials, clusterCaFile: caFile } = config;
  const cluster = await Cluster.open(
    { ...address, name, placement, credentials, caFile, version: readVersion() },
    clock,
    log,
  );
  closers.add('cluster', () => cluster.close());
  return cluster;
}

/**
 * Tells the other nodes where this one takes legs.
 * @param first where the first `--listen` really listens. @param http where the API is served.
 * @param starting whether engines are being tried still: until then others send no calls here.
 */
export function serveTogether(
  cluster: Cluster,
  { clusterAddress }: ServeConfig,
  server: Pick<DragomanServer, 'load' | 'hold'>,
  { first, http, starting }: { first: HostPort; http: HostPort | undefined; starting: () => boolean },
  clock: Clock,
  log: Log,
): void {
  const { host, port } = clusterAddress ?? first;
  const sparse = new SparseLog<'hold'>(log, clock, MOST_HOLD_LINES);
  cluster.serve({
    host,
    port,
    http: http === undefined ? undefined : formatHostPort(http),
    load: () => ({ ...server.load, starting: starting() }),
    hold: (held, by) => {
      if (server.hold(held)) {
        const what = held ? 'takes no new calls' : 'takes new calls again';
        sparse.warn('hold', { by }, `somebody at another node has asked for it: this one ${what}`);
      }
    },
  });
}
