/**
 * A call that Asterisk still keeps for a dragoman that is gone: its phone sits in a silent bridge, and whom it talked
 * with is known to nobody any more. Its dialplan knows at least what was dialled.
 */

import {
  type AriRequest,
  continueInDialplan,
  destroyBridge,
  getApplication,
  hangUp,
  setVariable,
} from '../../../protocol/ari/ari-requests.ts';
import { ariApplication } from '../../../protocol/ari/ari-resources.ts';
import { type AriAsker, statusOf } from './ari-asker.ts';
import type { AriIds } from './ari-ids.ts';
import { REASON_VARIABLE } from './ari-party.ts';

/** Gives the phones of an application back, and removes what is ours. @throws as {@link AriAsker.ask}. */
export async function giveBackLeftOver(
  app: string,
  ids: AriIds,
  client: AriAsker,
  signal: AbortSignal,
): Promise<void> {
  const { channels, bridges } = ariApplication(await client.ask(getApplication(app), signal));
  const ask = async (request: AriRequest): Promise<void> => {
    try {
      await client.ask(request, signal);
    } catch (error) {
      // What is gone already need not be removed.
      if (statusOf(error) !== 404 && statusOf(error) !== 409) {
        throw error;
      }
    }
  };
  for (const channel of channels.filter(ids.isOurs)) {
    await ask(hangUp(channel));
  }
  for (const bridge of bridges.filter(ids.isOurs)) {
    await ask(destroyBridge(bridge));
  }
  for (const channel of channels.filter((id) => !ids.isOurs(id))) {
    await ask(setVariable(channel, REASON_VARIABLE, 'left-over'));
    await ask(continueInDialplan(channel));
  }
}
