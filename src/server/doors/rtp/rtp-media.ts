/**
 * The sound of calls that Asterisk keeps for us, over RTP: each media channel is told to send to our one socket, and
 * its own address for it, in its answer, is where the leg comes from. Keys and ends are told by ARI.
 */

import { AppError } from '../../../base/errors.ts';
import { type AriRequest, rtpMedia } from '../../../protocol/ari/ari-requests.ts';
import { memberOf, textOf } from '../../../protocol/ari/ari-resources.ts';
import type { RtpFormat } from '../../../protocol/rtp/payloads.ts';
import type { AriMedia, MadeMedia, MediaOpener, MediaWish } from '../ari/ari-media.ts';
import type { DoorAddress } from '../door.ts';
import { reachable } from '../reachable.ts';
import { openRtpLegs, type RtpLegs } from './rtp-legs.ts';

/** Why a leg ends whose media channel is gone while its phone is there: its place is kept for the next. */
const CHANNEL_LOST = 'channel-lost';

/** Opens the socket. @throws AppError `address-in-use` or `address-refused`. */
export const openRtpMedia: MediaOpener = async ({ address, rtp }, supervised, deps) => {
  const legs = await openRtpLegs({ ...rtp, supervised }, deps);
  return new RtpMedia(legs, address ?? legs.address, rtp.format);
};

class RtpMedia implements AriMedia {
  readonly counts = {};
  readonly parts: readonly [RtpLegs];
  readonly #legs: RtpLegs;
  readonly #address: DoorAddress;
  readonly #format: RtpFormat;

  constructor(legs: RtpLegs, address: DoorAddress, format: RtpFormat) {
    this.parts = [legs];
    this.#legs = legs;
    this.#address = address;
    this.#format = format;
  }

  request({ app, channelId, here }: MediaWish): AriRequest {
    return rtpMedia({ app, channelId, address: reachable(this.#address, here), format: this.#format });
  }

  made({ uuid, facts }: MediaWish, answer: unknown): MadeMedia {
    const variables = memberOf(answer, 'channelvars');
    const host = textOf(variables, 'UNICASTRTP_LOCAL_ADDRESS');
    const port = Number(textOf(variables, 'UNICASTRTP_LOCAL_PORT'));
    if (host === '' || !Number.isInteger(port) || port <= 0) {
      throw new AppError(
        'engine-bad-answer',
        'ARI: the answer for a media channel over RTP does not say where it sends from; take --ari-media audiosocket',
      );
    }
    const leg = this.#legs.open({ uuid, remote: { host, port }, format: this.#format, facts });
    return { press: (key) => leg.press(key), lost: () => leg.close(CHANNEL_LOST) };
  }

  close(): Promise<void> {
    return this.#legs.close();
  }
}
