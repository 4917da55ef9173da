/**
 * The ARI door: calls that Asterisk hands over with `Stasis()` and keeps while we drive them. It has no listener: it
 * has Asterisk make legs, which come in by a door that has. An Asterisk that is not there is waited for.
 */

import type { Counted } from '../../../base/counts.ts';
import type { Language } from '../../../base/language.ts';
import { Scope } from '../../../base/scope.ts';
import type { Extensions } from '../../../call/seating/extension-seating.ts';
import type { Door, DoorDeps, DoorHealth, DoorOpener } from '../door.ts';
import type { Whispering } from '../whispering.ts';
import { AmiVolumes } from './ami-volumes.ts';
import { behindLeg } from './ari-behind.ts';
import { AriCalls, ariCallCounts } from './ari-calls.ts';
import { type AriAddress, AriClient } from './ari-client.ts';
import { AriFollowing, ariFollowCounts } from './ari-following.ts';
import { ariIds } from './ari-ids.ts';
import { AriLink } from './ari-link.ts';
import type { AriMedia, OpenMedia } from './ari-media.ts';
import { AriReconciling } from './ari-reconciling.ts';
import { AriWho } from './ari-who.ts';

/** How long our calls may take to be removed from Asterisk when we end, in ms. */
const REMOVE_LIMIT_MS = 3_000;

export interface AriDoorOptions {
  readonly address: AriAddress;
  /** The name by which `Stasis()` hands calls over. */
  readonly app: string;
  readonly openMedia: OpenMedia;
  readonly extensions: Extensions;
  /** What may be spoken. */
  readonly languages: ReadonlySet<Language>;
  readonly maxLegs: number;
  /** Whether a party whose leg is lost keeps its place. */
  readonly replaces: boolean;
}

/**
 * A door that is opened by the server it is given to. What is wrong with ARI is logged, and tried again.
 * @throws AppError where its media need a socket that cannot be had.
 */
export function ariDoor(options: AriDoorOptions): DoorOpener {
  return async (deps) => {
    let door: AriDoor | undefined;
    const media = await options.openMedia(() => door?.connected === true, deps);
    door = new AriDoor(options, media, deps);
    return door;
  };
}

class AriDoor implements Door {
  readonly name: string;
  readonly counts = {};
  readonly parts: readonly Counted[];
  readonly #client: AriClient;
  readonly #volumes: AmiVolumes;
  readonly #media: AriMedia;
  readonly #calls: AriCalls;
  readonly #link: AriLink;
  readonly #scope: Scope;

  constructor(options: AriDoorOptions, media: AriMedia, deps: DoorDeps) {
    const { address, app, extensions, languages, maxLegs, replaces } = options;
    const { switchboard, promises, clock } = deps;
    const log = deps.log.child({ door: 'ari' });
    this.name = `ari ${new URL(address.url).host}`;
    this.#scope = new Scope((error) => log.error({ error }, 'the connection to ARI failed inside'));
    this.#client = new AriClient(address, clock);
    this.#volumes = new AmiVolumes(address, clock);
    this.#media = media;
    const following = new AriFollowing({
      ...{ app, client: this.#client, clock, log, scope: this.#scope, languages, counts: ariFollowCounts() },
      held: (uuid, held) => switchboard.partyHeld(uuid, held),
      changed: (uuid, change) => switchboard.personChanged(uuid, change),
      known: (uuid, change) => switchboard.personKnown(uuid, change),
    });
    this.#calls = new AriCalls(
      { app, ids: ariIds(app), media, extensions, languages, maxLegs, replaces },
      {
        ...{ client: this.#client, promises, clock, log, counts: ariCallCounts() },
        draining: () => switchboard.draining,
        phones: () => this.#calls.phones,
        connected: () => link.connected,
        hungUp: (uuid) => switchboard.partyHungUp(uuid),
        ...{ following, volumes: this.#volumes },
      },
    );
    const reconciling = new AriReconciling({
      ...{ client: this.#client, clock, log, repairs: this.#calls.counts.ariRepairs },
      known: () => this.#calls.known,
      isKnown: (id) => this.#calls.isKnown(id),
      mend: (repair) => this.#calls.mend(repair),
    });
    const link = new AriLink(
      address,
      app,
      { client: this.#client, clock, log },
      {
        event: (event) => {
          this.#calls.handle(event);
          following.handle(event);
        },
        away: () => following.release(),
        assertFree: (signal) => reconciling.assertFree(signal),
        reconcile: async (signal) => {
          await reconciling.reconcile(signal);
          await following.reconcile(signal);
        },
      },
    );
    this.#link = link;
    const connected = (): boolean => link.connected;
    const who = new AriWho({ client: this.#client, clock, log, connected, signal: this.#scope.signal });
    promises.identifyBy(who.whoIs);
    promises.followBy((uuid, isKnown) => {
      following.follow(uuid, (picture) => behindLeg(uuid, picture), isKnown);
    });
    this.parts = [this.#client, this.#volumes, media, this.#calls, link, who, following];
    link.start(this.#scope);
  }

  /** Whether Asterisk tells of calls just now. */
  get connected(): boolean {
    return this.#link.connected;
  }

  get health(): DoorHealth {
    return this.#link.health;
  }

  get whispering(): Whispering {
    return this.#calls.whispers;
  }

  async close(): Promise<void> {
    // First, so that no more calls come.
    await this.#scope.close();
    await this.#calls.close(REMOVE_LIMIT_MS);
    await this.#media.close();
    await Promise.all([this.#client.close(), this.#volumes.close()]);
  }
}
