/**
 * The events of ARI that a call is driven by. They have the names that Asterisk gives them. An event of a kind that
 * is not used, or that lacks what it must have, is undefined.
 */

import { type AriChannel, ariChannel, memberOf, textOf } from './ari-resources.ts';

export type AriEvent =
  /** A channel has come into the application. */
  | {
      readonly type: 'StasisStart';
      readonly channel: AriChannel;
      /** What `Stasis()` was given after the name of the application. */
      readonly args: readonly string[];
      /** The id of the channel whose place it takes: a call was handed on. */
      readonly replaces: string | undefined;
    }
  /** A channel has left the application; a parked one may live on. */
  | { readonly type: 'StasisEnd'; readonly channelId: string }
  /** A channel is gone. `cause` is why, by Q.850; 0 where nobody said. */
  | { readonly type: 'ChannelDestroyed'; readonly channelId: string; readonly cause: number }
  /** A key was pressed on a phone: 0 to 9, *, #, A to D. */
  | { readonly type: 'ChannelDtmfReceived'; readonly channelId: string; readonly key: string }
  /** A phone has put who it talks with on hold, or takes them off again. */
  | { readonly type: 'ChannelHold' | 'ChannelUnhold'; readonly channelId: string }
  /** What a display shows of who is at the other end of a channel has changed, or what it shows of the channel. */
  | { readonly type: 'ChannelConnectedLine' | 'ChannelCallerId'; readonly channelId: string }
  /** A phone hands its call on to a number. */
  | { readonly type: 'BridgeBlindTransfer'; readonly channelId: string }
  /** What becomes of a call that a channel has dialled; `status` is empty while nothing has. */
  | { readonly type: 'Dial'; readonly channelId: string; readonly status: string }
  /** Somebody else has connected with the name of our application, and hears its events from now on. */
  | { readonly type: 'ApplicationReplaced' };

/** What Asterisk need not leave out: all of {@link AriEvent} but `ApplicationReplaced`, which cannot be left out. */
export const ARI_EVENTS = [
  'StasisStart',
  'StasisEnd',
  'ChannelDestroyed',
  'ChannelDtmfReceived',
  'ChannelHold',
  'ChannelUnhold',
  'ChannelConnectedLine',
  'ChannelCallerId',
  'BridgeBlindTransfer',
  'Dial',
] as const;

/** @param message the JSON of one message of the WebSocket, parsed. */
export function ariEvent(message: unknown): AriEvent | undefined {
  const type = textOf(message, 'type');
  if (type === 'ApplicationReplaced') {
    return { type };
  }
  const channel = ariChannel(memberOf(message, type === 'Dial' ? 'caller' : 'channel'));
  if (channel === undefined) {
    return undefined;
  }
  switch (type) {
    case 'StasisStart':
      return {
        type,
        channel,
        args: argsOf(memberOf(message, 'args')),
        replaces: ariChannel(memberOf(message, 'replace_channel'))?.id,
      };
    case 'StasisEnd':
    case 'ChannelHold':
    case 'ChannelUnhold':
    case 'ChannelConnectedLine':
    case 'ChannelCallerId':
    case 'BridgeBlindTransfer':
      return { type, channelId: channel.id };
    case 'Dial':
      return { type, channelId: channel.id, status: textOf(message, 'dialstatus') };
    case 'ChannelDtmfReceived':
      return { type, channelId: channel.id, key: textOf(message, 'digit') };
    case 'ChannelDestroyed': {
      const cause = memberOf(message, 'cause');
      return { type, channelId: channel.id, cause: typeof cause === 'number' ? cause : 0 };
    }
    default:
      return undefined;
  }
}

function argsOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.map(String) : [];
}
