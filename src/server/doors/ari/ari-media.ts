/**
 * How the sound of a call that Asterisk keeps for us gets here. Each way is a request for one external media channel, which
 * comes back as a leg by one of our listeners; a way is one row.
 */

import { type AriRequest, audioSocketMedia } from '../../../protocol/ari/ari-requests.ts';

/** What is to be heard of one party. */
export interface MediaWish {
  readonly app: string;
  /** The id that the media channel is to have. */
  readonly channelId: string;
  /** By which the leg says whose it is. */
  readonly uuid: string;
  /** Where Asterisk connects to, as host:port. */
  readonly address: string;
}

export interface AriMedia {
  request(wish: MediaWish): AriRequest;
}

/** Wideband, whatever the phone has: Asterisk converts. */
const FORMAT = 'slin16';

export const ARI_MEDIA = {
  /** By our AudioSocket listener, which has keys and hang-ups too, and where a refused connection is seen at once. */
  audiosocket: { request: (wish) => audioSocketMedia({ ...wish, format: FORMAT }) },
} as const satisfies Readonly<Record<string, AriMedia>>;

export type AriMediaName = keyof typeof ARI_MEDIA;

export const ARI_MEDIA_NAMES = ['audiosocket'] as const satisfies readonly AriMediaName[];
