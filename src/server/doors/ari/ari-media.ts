/**
 * How the sound of calls that Asterisk keeps for us gets here: one external media channel for each phone, which comes
 * to us as a leg. A way is one row, and a folder of its own where it has a wire of its own.
 */

import type { Counted } from '../../../base/counts.ts';
import { AppError } from '../../../base/errors.ts';
import type { ArrivalFacts } from '../../../call/seating/seating.ts';
import { type AriRequest, audioSocketMedia, webSocketMedia } from '../../../protocol/ari/ari-requests.ts';
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
  /** Where Asterisk has reached us, if it has. */
  readonly here?: string | undefined;
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
  /** The section of websocket_client.conf by which Asterisk connects to us. */
  readonly section: string;
  readonly rtp: Omit<RtpLegsOptions, 'supervised'> & { readonly format: RtpFormat };
}

/** @param supervised whether ARI tells of calls just now. */
export type MediaOpener = (
  options: MediaOptions,
  supervised: () => boolean,
  deps: DoorDeps,
) => Promise<AriMedia>;

/**
 * Has the way of sound that all calls by ARI have, for one more who fetches legs by it. @throws as it opens.
 * @param supervised whether who fetches them is told of calls just now.
 */
export type OpenMedia = (supervised: () => boolean, deps: DoorDeps) => Promise<AriMedia>;

export const ARI_MEDIA_NAMES = ['audiosocket', 'rtp', 'websocket'] as const;

export type AriMediaName = (typeof ARI_MEDIA_NAMES)[number];

const ARI_MEDIA: Readonly<Record<AriMediaName, MediaOpener>> = {
  audiosocket: async ({ address }, _supervised, { listening }) =>
    new AudioSocketMedia(() => address ?? firstOf(listening())),
  rtp: openRtpMedia,
  websocket: async ({ section }) => new WebSocketMedia(section),
};

/** Opens a way of sound once for all who ask; it closes with the last of them. */
export function sharedMedia(name: AriMediaName, options: MediaOptions): OpenMedia {
  let opened: Promise<AriMedia> | undefined;
  /** Whether each of them is told of calls. */
  const users = new Set<() => boolean>();
  return async (supervised, deps) => {
    users.add(supervised);
    const first = opened === undefined;
    opened ??= ARI_MEDIA[name](options, () => [...users].every((told) => told()), deps);
    const media = await opened;
    return {
      counts: {},
      // What it counts, it counts once.
      parts: first ? [media] : [],
      request: (wish) => media.request(wish),
      made: (wish, answer) => media.made(wish, answer),
      close: async () => {
        users.delete(supervised);
        if (users.size === 0) {
          await media.close();
        }
      },
    };
  };
}

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

  request({ app, channelId, uuid, here }: MediaWish): AriRequest {
    const address = reachable(this.#address(), here);
    return audioSocketMedia({ app, channelId, uuid, address, format: FORMAT });
  }

  made(): MadeMedia {
    return SELF_EVIDENT;
  }

  async close(): Promise<void> {
    // Its legs are those of the door that listens.
  }
}

/** By our WebSocket listener, as chan_websocket; its channel says whose it is by the variable that a dialplan sets. */
class WebSocketMedia implements AriMedia {
  readonly counts = {};
  readonly #section: string;

  constructor(section: string) {
    this.#section = section;
  }

  request({ app, channelId, uuid }: MediaWish): AriRequest {
    const variables = { DRAGOMAN_LEG: uuid };
    return webSocketMedia({ app, channelId, section: this.#section, format: FORMAT, variables });
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
