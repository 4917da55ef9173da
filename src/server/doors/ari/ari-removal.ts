/** What is removed from Asterisk, or given back to it, which may be gone already. */

import { type AriRequest, continueInDialplan, setVariable } from '../../../protocol/ari/ari-requests.ts';
import { type AriAsker, statusOf } from './ari-asker.ts';

/** What the dialplan finds when it is given a call back: why. */
export const REASON_VARIABLE = 'DRAGOMAN_REASON';
/** Where a voice agent wants the caller to go, in its own word for it. */
export const TRANSFER_VARIABLE = 'DRAGOMAN_TRANSFER';

/**
 * What is gone already need not be removed, and what is gone from the application is not ours to move.
 * @throws as {@link AriAsker.ask} for all else.
 */
export async function remove(client: AriAsker, request: AriRequest, signal: AbortSignal): Promise<void> {
  try {
    await client.ask(request, signal);
  } catch (error) {
    const status = statusOf(error);
    if (status !== 404 && status !== 409) {
      throw error;
    }
  }
}

/** Sends a phone on in its dialplan, after `Stasis()`, unless it is gone. @throws as {@link remove}. */
export async function giveBack(
  client: AriAsker,
  phone: string,
  reason: string,
  signal: AbortSignal,
): Promise<void> {
  await remove(client, setVariable(phone, REASON_VARIABLE, reason), signal);
  await remove(client, continueInDialplan(phone), signal);
}
