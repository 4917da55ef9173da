/** Whether ARI can be reached, lets our user in, and lets it write. It asks, and changes nothing. */

import type { Clock } from '../../base/clock.ts';
import { ARI_EVENTS } from '../../protocol/ari/ari-events.ts';
import { filterEvents, listChannels } from '../../protocol/ari/ari-requests.ts';
import { ariChannels } from '../../protocol/ari/ari-resources.ts';
import { statusOf } from '../../server/doors/ari/ari-asker.ts';
import { AriClient } from '../../server/doors/ari/ari-client.ts';
import { ariTrouble } from '../../server/doors/ari/ari-trouble.ts';
import type { ServeConfig } from '../config/serve-config.ts';
import { type Check, type CheckItem, fails, ok, warning } from './check-item.ts';

const SUBJECT = '--ari';
/** An application that nobody registers: who may write is told that there is none, who may not is refused. */
const NO_APP = 'dragoman_check';

type AriConfig = Pick<ServeConfig, 'ari' | 'ariUser' | 'ariPassword' | 'ariApp'>;

/** Nothing to say without `--ari`. */
export function checkAri(
  { ari: url, ariUser: user, ariPassword: password, ariApp }: AriConfig,
  clock: Clock,
): Check {
  return async function* (signal) {
    if (url === undefined || password === undefined) {
      return;
    }
    const client = new AriClient({ url, user, password }, clock);
    try {
      yield await judge(client, user, ariApp, signal);
    } finally {
      await client.close();
    }
  };
}

async function judge(client: AriClient, user: string, app: string, signal: AbortSignal): Promise<CheckItem> {
  try {
    if (ariChannels(await client.ask(listChannels(), signal)) === undefined) {
      return fails(SUBJECT, 'what answers there is no Asterisk: mend the address');
    }
    await client.ask(filterEvents(NO_APP, ARI_EVENTS), signal).catch((error: unknown) => {
      if (statusOf(error) !== 404) {
        throw error;
      }
    });
    return ok(SUBJECT, `Asterisk lets ${user} in, and gets calls here by Stasis(${app})`);
  } catch (error) {
    const { kind, sentence } = ariTrouble(error, user);
    // An Asterisk that is down is waited for.
    return kind === 'away' ? warning(SUBJECT, sentence) : fails(SUBJECT, sentence);
  }
}
