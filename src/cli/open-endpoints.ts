/** The phones of the exchange as `serve` is to manage them for its API. */

import type { Clock } from '../base/clock.ts';
import type { Closers } from '../base/closers.ts';
import { AriClient } from '../server/doors/ari/ari-client.ts';
import { AriEndpoints } from '../server/endpoints/ari-endpoints.ts';
import { AriPhones } from '../server/endpoints/ari-phones.ts';
import type { EndpointBook } from '../server/endpoints/endpoint-book.ts';
import { FileEndpoints } from '../server/endpoints/file-endpoints.ts';
import { USUAL_REALM } from '../server/endpoints/sip-password.ts';
import type { ServeConfig } from './config/serve-config.ts';

/** Undefined: they are none of ours. @param closers is given what ends it. */
export function openEndpoints(
  { endpoints, ari: url, ariUser: user, ariPassword: password }: ServeConfig,
  clock: Clock,
  closers: Closers,
): EndpointBook | undefined {
  if (endpoints === undefined || url === undefined || password === undefined) {
    return undefined;
  }
  const client = new AriClient({ url, user, password }, clock);
  closers.add('phones of the exchange', () => client.close());
  const asterisk = new AriPhones(client, user);
  const realm = USUAL_REALM;
  return endpoints === 'ari'
    ? new AriEndpoints({ asterisk, realm, clock })
    : new FileEndpoints({ path: endpoints, realm, asterisk, clock });
}
