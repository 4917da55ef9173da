/**
 * Asks Asterisk what there is, after a time in which nothing was heard of it, and mends what is not as it should be:
 * what calls are to hear they are told, what is ours and nobody's is removed, who waits for nobody is given back.
 */

import type { Clock } from '../../../base/clock.ts';
import { AppError } from '../../../base/errors.ts';
import type { Log } from '../../../base/log.ts';
import type { Tally } from '../../../base/tally.ts';
import { destroyBridge, hangUp, listBridges, listChannels } from '../../../protocol/ari/ari-requests.ts';
import { ariBridges, ariChannels } from '../../../protocol/ari/ari-resources.ts';
import type { AriAsker } from './ari-asker.ts';
import { type CallRepair, type Known, type Repair, repairs } from './ari-leftovers.ts';
import { giveBack, remove } from './ari-removal.ts';
import { AriInUse } from './ari-trouble.ts';

/** Channels that carry their sound over a connection. */
const ENDS_WITH_US = /^(AudioSocket|WebSocket)\//;
/** A phone that nobody knows may be told of in a moment, so it is looked at again, in ms. */
const UNKNOWN_AGAIN_MS = 1_000;

export interface AriReconcilingDeps {
  readonly client: AriAsker;
  /** What the calls know of. */
  readonly known: () => Known;
  /** Whether a call has to do with a channel or bridge by now. */
  readonly isKnown: (id: string) => boolean;
  /** Tells a call what it has not heard. */
  readonly mend: (repair: CallRepair) => void;
  /** Where it is counted what was done. */
  readonly repairs: Tally<Repair['type']>;
  readonly clock: Clock;
  readonly log: Log;
}

export class AriReconciling {
  readonly #deps: AriReconcilingDeps;

  constructor(deps: AriReconcilingDeps) {
    this.#deps = deps;
  }

  /**
   * Whether no other dragoman that lives uses our application's name. A connection ends with its process, so a media
   * channel that has one and is still there belongs to one that runs. @throws AriInUse, or as {@link AriAsker.ask}.
   */
  async assertFree(signal: AbortSignal): Promise<void> {
    const { client, known } = this.#deps;
    const { app, ids } = known();
    const channels = ariChannels(await client.ask(listChannels(), signal)) ?? [];
    if (channels.some(({ id, name }) => ids.isMedia(id) && ENDS_WITH_US.test(name))) {
      throw new AriInUse(app);
    }
  }

  /** @throws as {@link AriAsker.ask}. */
  async reconcile(signal: AbortSignal): Promise<void> {
    const { client, clock, log, isKnown, repairs: counted } = this.#deps;
    const found = await this.#look(signal);
    for (const repair of found) {
      await this.#repair(repair, signal);
    }
    const unknown = found.filter((repair) => repair.type === 'give-back');
    if (unknown.length > 0) {
      await clock.sleep(UNKNOWN_AGAIN_MS, signal);
      for (const { phone } of unknown) {
        if (!isKnown(phone)) {
          counted.add('give-back');
          log.warn(
            { channel: phone },
            'a phone waits in Asterisk that a dragoman before this one has left; it goes back to its dialplan',
          );
          await giveBack(client, phone, 'left-over', signal);
        }
      }
    }
  }

  async #look(signal: AbortSignal): Promise<readonly Repair[]> {
    const { client, known } = this.#deps;
    // What comes to be known while Asterisk answers is not in its answer.
    const before = known();
    const [channels, bridges] = await Promise.all([
      client.ask(listChannels(), signal).then(ariChannels),
      client.ask(listBridges(), signal).then(ariBridges),
    ]);
    if (channels === undefined || bridges === undefined) {
      throw new AppError(
        'engine-bad-answer',
        'ARI: what answers is no list of channels and bridges; mend --ari',
      );
    }
    return repairs(channels, bridges, before);
  }

  async #repair(repair: Repair, signal: AbortSignal): Promise<void> {
    const { client, isKnown, mend, repairs: counted, log } = this.#deps;
    if (repair.type === 'give-back') {
      return;
    }
    if ((repair.type === 'remove-channel' || repair.type === 'remove-bridge') && isKnown(repair.id)) {
      return;
    }
    counted.add(repair.type);
    log.info({ repair: repair.type }, 'something in Asterisk was not as it should be, and is mended');
    switch (repair.type) {
      case 'remove-channel':
        await remove(client, hangUp(repair.id), signal);
        break;
      case 'remove-bridge':
        await remove(client, destroyBridge(repair.id), signal);
        break;
      default:
        mend(repair);
    }
  }
}
