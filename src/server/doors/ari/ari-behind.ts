/**
 * Whose phone is behind a leg, as far as Asterisk's channels and bridges tell: pure. A leg that was dialled is bridged
 * with it; one that an application has is the phone's own channel; and between them there may be Local channels, two
 * halves that are one line.
 */

import type { AriBridge, AriChannel } from '../../../protocol/ari/ari-resources.ts';

/** Applications of the dialplan that are given the UUID of a leg. */
const SENDING: readonly string[] = ['AudioSocket', 'Dial'];
/** Local channels between a leg and its phone, at most. */
const MOST_BETWEEN = 8;

/** What there is in Asterisk at one moment. */
export interface AriPicture {
  readonly channels: readonly AriChannel[];
  readonly bridges: readonly AriBridge[];
}

export interface Behind {
  /** Undefined: nobody is there just now, as while another phone rings. */
  readonly phone: AriChannel | undefined;
  /** All channels between the leg and the phone, both included: what happens to one may change who is there. */
  readonly channelIds: readonly string[];
}

/** Who is behind the leg that came with `uuid`; undefined where Asterisk has no such leg. */
export function behindLeg(uuid: string, picture: AriPicture): Behind | undefined {
  const dialled = dialledLeg(uuid, picture.channels);
  const sends = sendingChannel(uuid, picture.channels);
  if (dialled === undefined) {
    return sends === undefined ? undefined : follow(sends, picture);
  }
  // Before it is bridged, who has dialled it is the one.
  const { phone, channelIds } = follow(peerOf(dialled, picture) ?? sends, picture);
  return { phone, channelIds: [dialled.id, ...channelIds] };
}

/** Who is behind a phone's channel that may be handed on. */
export function behindChannel(id: string, picture: AriPicture): Behind | undefined {
  const channel = picture.channels.find((each) => each.id === id);
  return channel === undefined ? undefined : follow(channel, picture);
}

/** The channel of a leg that was dialled: `AudioSocket/127.0.0.1:5050-40325ec2-…`, or `WebSocket/…` with its variable. */
export function dialledLeg(uuid: string, channels: readonly AriChannel[]): AriChannel | undefined {
  return channels.find(
    ({ name, leg }) =>
      name.toLowerCase().endsWith(`-${uuid}`) ||
      (name.startsWith('WebSocket/') && leg.toLowerCase() === uuid),
  );
}

/** The channel that is in an application which was given `uuid`. */
export function sendingChannel(uuid: string, channels: readonly AriChannel[]): AriChannel | undefined {
  return channels.find(
    ({ application, applicationData }) =>
      SENDING.includes(application) && applicationData.toLowerCase().includes(uuid),
  );
}

function follow(start: AriChannel | undefined, picture: AriPicture): Behind {
  const channelIds: string[] = [];
  let at = start;
  while (at !== undefined && channelIds.length < MOST_BETWEEN) {
    channelIds.push(at.id);
    const half = otherHalf(at.name);
    if (half === undefined) {
      return { phone: at, channelIds };
    }
    const other = picture.channels.find(({ name }) => name === half);
    if (other !== undefined) {
      channelIds.push(other.id);
    }
    at = other === undefined ? undefined : peerOf(other, picture);
  }
  return { phone: undefined, channelIds };
}

/** The one that a channel talks with, if it is one. */
function peerOf({ id }: AriChannel, { channels, bridges }: AriPicture): AriChannel | undefined {
  const members = bridges.find((bridge) => !bridge.holding && bridge.channels.includes(id))?.channels ?? [];
  const [peer, ...more] = members.filter((member) => member !== id);
  return more.length > 0 ? undefined : channels.find((channel) => channel.id === peer);
}

/** `Local/200@phones-00000001;2` of `…;1`; undefined for what is no Local channel. */
function otherHalf(name: string): string | undefined {
  const [, line, half] = /^(Local\/.*;)([12])$/.exec(name) ?? [];
  return line === undefined ? undefined : `${line}${half === '1' ? '2' : '1'}`;
}
