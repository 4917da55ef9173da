/** Whether the broker of the nodes that serve together is there and lets us in; other nodes are not looked for. */

import { messageOf } from '../../base/errors.ts';
import type { ServeConfig } from '../config/serve-config.ts';
import { type Check, fails, ok, warning } from './check-item.ts';

const SUBJECT = '--cluster';

/** Says nothing where this node serves alone. */
export function checkCluster(
  config: Pick<ServeConfig, 'cluster' | 'nodeName' | 'clusterCredentials' | 'clusterCaFile'>,
): Check {
  return async function* () {
    const { cluster, nodeName: name, clusterCredentials: credentials, clusterCaFile: caFile } = config;
    if (cluster === undefined) {
      return;
    }
    const { askNats } = await import('../../cluster/nats/ask-nats.ts');
    try {
      const { server, version, keeps } = await askNats({
        ...cluster,
        name,
        run: 'check',
        credentials,
        caFile,
      });
      yield ok(SUBJECT, `NATS ${version} at ${server}${cluster.tls ? ' over TLS' : ''} lets ${name} in`);
      if (!keeps) {
        yield warning(
          SUBJECT,
          'it has no JetStream, so that no calls are registered (POST /api/v1/calls, AGI): nats-server -js, if any are to be',
        );
      }
    } catch (error) {
      yield fails(
        SUBJECT,
        `${cluster.servers.join(', ')}: ${messageOf(error)}. Is nats-server there, and does it let ${name} in? Serve would go ` +
          'on without the other nodes',
      );
    }
  };
}
