/**
 * What a dragoman before this one has left in an Asterisk that connects to us: the phones have gone back to their
 * dialplan, their bridges and what was to bring their sound by RTP stay for ever. An Asterisk is looked through on its
 * first connection. What has no phone in it may be another's whose phone comes or goes just now, so
 * only what has none a while later, too, is removed.
 */

import type { Clock } from '../../../base/clock.ts';
import type { Tally } from '../../../base/tally.ts';
import { destroyBridge, hangUp, listBridges } from '../../../protocol/ari/ari-requests.ts';
import { type AriBridge, ariBridges } from '../../../protocol/ari/ari-resources.ts';
import type { AriAsker } from './ari-asker.ts';
import type { AriIds } from './ari-ids.ts';
import type { Repair } from './ari-leftovers.ts';
import { remove } from './ari-removal.ts';

/** Between the two looks, in ms; a bridge gets its phone within 0.1 s. */
const LOOK_AGAIN_MS = 5_000;
/** Of how many is remembered that they were; more are forgotten together, and looked through again. */
const MOST_REMEMBERED = 100;

export interface AriSweepDeps {
  readonly ids: AriIds;
  readonly clock: Clock;
  /** Where what is removed is counted. */
  readonly repairs: Tally<Repair['type']>;
  /** Whether a call that runs here has to do with it. */
  readonly isKnown: (id: string) => boolean;
}

export class AriSweep {
  readonly #deps: AriSweepDeps;
  /** Those that have been looked through, or are being. */
  readonly #asterisks = new Map<string, 'looking' | 'clean'>();

  constructor(deps: AriSweepDeps) {
    this.#deps = deps;
  }

  /** Something may have been left in this Asterisk: its next connection looks. */
  suspect(asterisk: string): void {
    this.#asterisks.delete(asterisk);
  }

  /**
   * Looks through an Asterisk, unless that was done, and removes what was left.
   * @throws as {@link AriAsker.ask}; then another connection is to look.
   */
  async sweep(asterisk: string, client: AriAsker, signal: AbortSignal): Promise<void> {
    if (this.#asterisks.has(asterisk)) {
      return;
    }
    if (this.#asterisks.size >= MOST_REMEMBERED) {
      this.#asterisks.clear();
    }
    this.#asterisks.set(asterisk, 'looking');
    try {
      const left = new Set((await this.#left(client, signal)).map(({ id }) => id));
      if (left.size > 0) {
        await this.#deps.clock.sleep(LOOK_AGAIN_MS, signal);
        for (const bridge of await this.#left(client, signal)) {
          if (left.has(bridge.id)) {
            await this.#remove(bridge, client, signal);
          }
        }
      }
      if (this.#asterisks.has(asterisk)) {
        this.#asterisks.set(asterisk, 'clean');
      }
    } finally {
      if (this.#asterisks.get(asterisk) === 'looking') {
        this.#asterisks.delete(asterisk);
      }
    }
  }

  /** Bridges that are ours, and have no phone. */
  async #left(client: AriAsker, signal: AbortSignal): Promise<readonly AriBridge[]> {
    const { ids, isKnown } = this.#deps;
    const bridges = ariBridges(await client.ask(listBridges(), signal)) ?? [];
    return bridges.filter(
      ({ id, channels }) => ids.isOurs(id) && !isKnown(id) && channels.every(ids.isMedia),
    );
  }

  async #remove({ id, channels }: AriBridge, client: AriAsker, signal: AbortSignal): Promise<void> {
    const { repairs } = this.#deps;
    for (const channel of channels) {
      repairs.add('remove-channel');
      await remove(client, hangUp(channel), signal);
    }
    repairs.add('remove-bridge');
    await remove(client, destroyBridge(id), signal);
  }
}
