/**
 * What is not as it should be between us and Asterisk, after a time in which nothing was heard of it. Pure: two lists
 * of what there is, and what is known here, become a list of what to do.
 */

import type { AriBridge, AriChannel } from '../../../protocol/ari/ari-resources.ts';
import type { AriIds } from './ari-ids.ts';

/** What a party has in Asterisk, as far as is known here. */
export interface KnownParty {
  readonly phone: string;
  readonly media: string;
  /** Whether its media channel has been there and is not known to be gone. */
  readonly hasMedia: boolean;
}

/** A call that rings. */
export interface KnownDial {
  readonly caller: string;
  readonly callee: string;
  /** Whether the channel of who is called has been made. */
  readonly rings: boolean;
}

export interface Known {
  readonly app: string;
  readonly ids: AriIds;
  readonly parties: readonly KnownParty[];
  readonly dials: readonly KnownDial[];
  /** The bridges of the parties. */
  readonly bridges: ReadonlySet<string>;
}

/** What a call has not heard. */
export type CallRepair =
  /** A party's phone is gone: it has hung up while nobody heard. */
  | { readonly type: 'phone-gone'; readonly phone: string }
  /** A party's media channel is gone. */
  | { readonly type: 'media-gone'; readonly media: string }
  /** Who calls somebody is gone. */
  | { readonly type: 'caller-gone'; readonly caller: string }
  /** Who is called is gone without having answered, or has answered. */
  | { readonly type: 'callee-gone'; readonly callee: string }
  | { readonly type: 'callee-answered'; readonly channel: AriChannel };

export type Repair =
  | CallRepair
  /** A channel or bridge of ours that belongs to nobody. */
  | { readonly type: 'remove-channel'; readonly id: string }
  | { readonly type: 'remove-bridge'; readonly id: string }
  /** A phone that waits in our application, and that nobody here knows: of a dragoman before this one. */
  | { readonly type: 'give-back'; readonly phone: string };

/** The state of a channel that is answered. */
export const UP = 'Up';

export function repairs(
  channels: readonly AriChannel[],
  bridges: readonly AriBridge[],
  known: Known,
): readonly Repair[] {
  const there = new Map(channels.map((channel) => [channel.id, channel]));
  const { app, ids, parties, dials } = known;
  const ours = new Set([
    ...parties.flatMap(({ phone, media }) => [phone, media]),
    ...dials.flatMap(({ caller, callee }) => [caller, callee]),
  ]);
  const found: Repair[] = [];
  for (const { phone, media, hasMedia } of parties) {
    if (!there.has(phone)) {
      found.push({ type: 'phone-gone', phone });
    } else if (hasMedia && !there.has(media)) {
      found.push({ type: 'media-gone', media });
    }
  }
  for (const { caller, callee, rings } of dials) {
    const channel = there.get(callee);
    if (!there.has(caller)) {
      found.push({ type: 'caller-gone', caller });
    } else if (rings && channel === undefined) {
      found.push({ type: 'callee-gone', callee });
    } else if (channel?.state === UP) {
      found.push({ type: 'callee-answered', channel });
    }
  }
  for (const channel of channels) {
    if (!ours.has(channel.id)) {
      if (ids.isOurs(channel.id)) {
        found.push({ type: 'remove-channel', id: channel.id });
      } else if (isIn(app, channel)) {
        found.push({ type: 'give-back', phone: channel.id });
      }
    }
  }
  for (const { id } of bridges) {
    if (ids.isOurs(id) && !known.bridges.has(id)) {
      found.push({ type: 'remove-bridge', id });
    }
  }
  return found;
}

/** Whether a channel waits in `Stasis(app,…)`. */
function isIn(app: string, { application, applicationData }: AriChannel): boolean {
  return application === 'Stasis' && (applicationData === app || applicationData.startsWith(`${app},`));
}
