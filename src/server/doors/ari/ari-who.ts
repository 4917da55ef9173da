/**
 * Who a leg is that came from the dialplan with nothing but a UUID: Asterisk has a channel with it, and knows its
 * caller, what was dialled and perhaps a language. It only asks, and the leg waits for the answer 150 ms at the
 * longest.
 */

import type { Clock } from '../../../base/clock.ts';
import type { Counted } from '../../../base/counts.ts';
import { withDeadline } from '../../../base/deadline.ts';
import { codeOf } from '../../../base/errors.ts';
import type { Log } from '../../../base/log.ts';
import { Tally } from '../../../base/tally.ts';
import type { Identity } from '../../../call/seating/arranged-seating.ts';
import { getVariable, listChannels } from '../../../protocol/ari/ari-requests.ts';
import { type AriChannel, ariChannels, textOf } from '../../../protocol/ari/ari-resources.ts';
import { type AriAsker, statusOf } from './ari-asker.ts';
import { dialledLeg, sendingChannel } from './ari-behind.ts';

const LIMIT_MS = 150;
/** UUIDs whose answer is kept, for legs that come again while Asterisk does not say; the oldest are forgotten. */
const MOST_KNOWN = 1_000;

export interface AriWhoDeps {
  readonly client: AriAsker;
  readonly clock: Clock;
  readonly log: Log;
  /** Ends what is being asked. */
  readonly signal: AbortSignal;
  /** Whether ARI can be used just now: else nobody waits. */
  readonly connected: () => boolean;
}

export class AriWho implements Counted {
  readonly counts = {
    /** Legs that were looked up, by what came of it. */
    ariLookUps: new Tally<'known' | 'found' | 'unknown' | 'late' | 'failed'>(),
  };
  readonly #deps: AriWhoDeps;
  readonly #known = new Map<string, Identity>();
  /** The list of channels that is under way, and the one after it, which all wait for who come meanwhile. */
  #listing: Promise<unknown> = Promise.resolve();
  #nextListing: Promise<readonly AriChannel[]> | undefined;

  constructor(deps: AriWhoDeps) {
    this.#deps = deps;
  }

  /** Who comes with this UUID; undefined when Asterisk does not say so in time, and has not said so before. */
  readonly whoIs = async (uuid: string): Promise<Identity | undefined> => {
    const { connected, clock, log, signal } = this.#deps;
    if (!connected()) {
      return this.#knownOf(uuid, 'failed');
    }
    try {
      const late = 'ARI: Asterisk does not say in time who a leg is';
      const found = await withDeadline(clock, LIMIT_MS, late, signal, (limit) => this.#find(uuid, limit));
      if (found === undefined) {
        return this.#knownOf(uuid, 'unknown');
      }
      this.counts.ariLookUps.add('found');
      const { callerNumber, extension: dialled, language, voice, linkedid } = found;
      log.info({ uuid, callerPii: callerNumber, dialledPii: dialled, language }, 'ARI tells who a leg is');
      return this.#keep(uuid, { caller: callerNumber, dialled, language, voice, linkedid });
    } catch (error) {
      log.debug({ uuid, error }, 'Asterisk does not say who a leg is');
      return this.#knownOf(uuid, codeOf(error) === 'engine-timeout' ? 'late' : 'failed');
    }
  };

  /** Who came with this UUID before, where that is known; else it is counted why it is not. */
  #knownOf(uuid: string, why: 'unknown' | 'late' | 'failed'): Identity | undefined {
    const known = this.#known.get(uuid);
    this.counts.ariLookUps.add(known === undefined ? why : 'known');
    return known;
  }

  #keep(uuid: string, identity: Identity): Identity {
    this.#known.set(uuid, identity);
    const [oldest] = this.#known.keys();
    if (this.#known.size > MOST_KNOWN && oldest !== undefined) {
      this.#known.delete(oldest);
    }
    return identity;
  }

  /** The channel of the phone whose sound comes with this UUID. */
  async #find(uuid: string, signal: AbortSignal): Promise<AriChannel | undefined> {
    const channels = await this.#channels();
    signal.throwIfAborted();
    const sends = sendingChannel(uuid, channels);
    if (sends !== undefined) {
      return sends;
    }
    // Who dialled it may have handed it on: the phone is the one that the dialled channel is bridged with.
    const dialled = dialledLeg(uuid, channels);
    const peer = dialled === undefined ? undefined : await this.#peerOf(dialled, signal);
    return channels.find(({ name }) => name === peer);
  }

  /** All of Asterisk's channels: a list is long, so it is one for all who come while the one before is on its way. */
  #channels(): Promise<readonly AriChannel[]> {
    this.#nextListing ??= this.#listing.then(() => {
      this.#nextListing = undefined;
      const { clock, client, signal } = this.#deps;
      const late = 'ARI: Asterisk does not list its channels in time';
      const listed = withDeadline(clock, LIMIT_MS, late, signal, async (limit) => {
        return ariChannels(await client.ask(listChannels(), limit)) ?? [];
      });
      this.#listing = listed.catch(() => {});
      return listed;
    });
    return this.#nextListing;
  }

  async #peerOf({ id }: AriChannel, signal: AbortSignal): Promise<string | undefined> {
    try {
      return textOf(await this.#deps.client.ask(getVariable(id, 'BRIDGEPEER'), signal), 'value');
    } catch (error) {
      if (statusOf(error) === 404) {
        return undefined;
      }
      throw error;
    }
  }
}
