/**
 * How the sound of calls that Asterisk keeps for us gets here: one external media channel for each phone, which comes
 * to us as a leg. A way is one row, and a folder of its own where it has a wire of its own.
 */

import type { Counted } from '../../../base/counts.ts';
import { AppError } from '../../../base/errors.ts';
import type { ArrivalFacts } from '../../../call/seating/seating.ts';
import { type AriRequest, audioSocketMedia } from '../../../protocol/ari/ari-requests.ts';
import type { RtpFormat } from '../../../protocol/rtp/payloads.ts';
import type { DoorAddress, DoorDeps } from '../door.ts';
import { reachable } from '../reachable.ts';
import type { RtpLegsOptions } from '../rtp/rtp-legs.ts';
import { openRtpMedia } from '../rtp/rtp-media.ts';

/** What is to be heard of one phone. */
export interface MediaWish {
  readonly app: string;
  /** The id that the media channel is to have. */
  readonly channelId: string;
  /** By which the leg says whose it is; it is promised to the seating already. */
  readonly uuid: string;
  readonly facts: Omit<ArrivalFacts, 'uuid'>;
}

export interface AriMedia extends Counted {
  /** What Asterisk is asked for. */
  request(wish: MediaWish): AriRequest;
  /** Asterisk has made the media channel, and answered so. */
  made(wish: MediaWish, answer: unknown): MadeMedia;
  close(): Promise<void>;
}

/** A media channel that there is, as its own way sees it. */
export interface MadeMedia {
  /** The phone has pressed a key, as ARI tells; for ways that bring no keys themselves. */
  press(key: string): void;
  /** The media channel is gone: another may follow. Idempotent. */
  lost(): void;
}

export interface MediaOptions {
  /** Where Asterisk is to connect to, or to send to; undefined: where we listen for it. */
  readonly address: DoorAddress | undefined;
  readonly rtp: Omit<RtpLegsOptions, 'supervised'> & { readonly format: RtpFormat };
  /** Whether ARI tells of calls just now. */
  readonly supervised: () => boolean;
}

export type MediaOpener = (options: MediaOptions, deps: DoorDeps) => Promise<AriMedia>;

export const ARI_MEDIA_NAMES = ['audiosocket', 'rtp'] as const;

export type AriMediaName = (typeof ARI_MEDIA_NAMES)[number];

export const ARI_MEDIA: Readonly<Record<AriMediaName, MediaOpener>> = {
  audiosocket: async ({ address }, { listening }) =>
    new AudioSocketMedia(() => address ?? firstOf(listening())),
  rtp: openRtpMedia,
};

/** Wideband, whatever the phone has: Asterisk converts. */
const FORMAT = 'slin16';

/** Its legs say themselves what there is to say: keys, and their end. */
const SELF_EVIDENT: MadeMedia = { press: () => {}, lost: () => {} };

/** By our AudioSocket listener, where a connection that is refused is seen at once. */
class AudioSocketMedia implements AriMedia {
  readonly counts = {};
  readonly #address: () => DoorAddress;

  constructor(address: () => DoorAddress) {
    this.#address = address;
  }

  request({ app, channelId, uuid }: MediaWish): AriRequest {
    return audioSocketMedia({ app, channelId, uuid, address: reachable(this.#address()), format: FORMAT });
  }

  made(): MadeMedia {
    return SELF_EVIDENT;
  }

  async close(): Promise<void> {
    // Its legs are those of the door that listens.
  }
}

function firstOf(addresses: readonly DoorAddress[]): DoorAddress {
  const [first] = addresses;
  if (first === undefined) {
    throw new AppError('bad-option', 'ARI: no door listens where Asterisk could connect to: write --listen');
  }
  return first;
}
