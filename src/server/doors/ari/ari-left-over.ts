/**
 * A call that Asterisk still keeps for a dragoman that is gone: its phone sits in a silent bridge, and whom it talked
 * with is known to nobody any more. Its dialplan knows at least what was dialled.
 */

import { destroyBridge, getApplication, hangUp } from '../../../protocol/ari/ari-requests.ts';
import { ariApplication } from '../../../protocol/ari/ari-resources.ts';
import type { AriAsker } from './ari-asker.ts';
import type { AriIds } from './ari-ids.ts';
import { giveBack, remove } from './ari-removal.ts';

/** Gives the phones of an application back, and removes what is ours. @throws as {@link AriAsker.ask}. */
export async function giveBackLeftOver(
  app: string,
  ids: AriIds,
  client: AriAsker,
  signal: AbortSignal,
): Promise<void> {
  const { channels, bridges } = ariApplication(await client.ask(getApplication(app), signal));
  for (const channel of channels.filter(ids.isOurs)) {
    await remove(client, hangUp(channel), signal);
  }
  for (const bridge of bridges.filter(ids.isOurs)) {
    await remove(client, destroyBridge(bridge), signal);
  }
  for (const channel of channels.filter((id) => !ids.isOurs(id))) {
    await giveBack(client, channel, 'left-over', signal);
  }
}
