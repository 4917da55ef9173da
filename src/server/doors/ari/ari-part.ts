/**
 * `/ari`: an Asterisk that connects to us, a WebSocket for each call that enters `Stasis()`; the sound comes by a door
 * that listens for it. Nobody has to reach Asterisk, and when dragoman is gone the call is back in its dialplan within
 * a second.
 */

import { AppError } from '../../../base/errors.ts';
import type { Language } from '../../../base/language.ts';
import { Scope } from '../../../base/scope.ts';
import { Tally } from '../../../base/tally.ts';
import type { Extensions } from '../../../call/seating/extension-seating.ts';
import { parseJson } from '../../../engines/wire/json.ts';
import { textOf } from '../../../protocol/ari/ari-resources.ts';
import type { DoorDeps } from '../door.ts';
import { tooMany } from '../websocket/gateway-part.ts';
import type { PeerSocket } from '../websocket/peer-socket.ts';
import type { DoorPart } from '../websocket/websocket-door.ts';
import type { AriAsker } from './ari-asker.ts';
import { AriCallLink, type Served } from './ari-call-link.ts';
import { AriCalls, ariCallCounts } from './ari-calls.ts';
import { AriFollowing, ariFollowCounts } from './ari-following.ts';
import { type AriIds, ariIds } from './ari-ids.ts';
import { giveBackLeftOver } from './ari-left-over.ts';
import type { AriMedia, OpenMedia } from './ari-media.ts';
import { AriSweep } from './ari-sweep.ts';

/** How long our calls may take to be removed from Asterisk when we end, in ms. */
const REMOVE_LIMIT_MS = 2_500;
/** An answer that lists the bridges of a big site, some 500 bytes each. */
const MOST_MESSAGE_BYTES = 1_048_576;
/** How long a call may take to enter the application once Asterisk has connected for it, in ms; it looks each 500. */
const START_LIMIT_MS = 2_000;
/** Connections, to each leg that there may be: Asterisk keeps one for some s when its call is over. */
const CONNECTIONS_A_LEG = 2;
/** The longest name of an application: Asterisk's own of a channel is at most 80. */
const MOST_APP = 200;
/** Of an `asterisk_id`, which is an Ethernet address unless asterisk.conf has another `entityid`. */
const MOST_ID = 64;

/** Whispers need a connection that stays, so no call that is none of ours is made softer here. */
const NO_VOLUMES = {
  set: () => Promise.reject(new AppError('closed', 'whispers need --ari')),
};

export interface AriPartOptions {
  /** What names what we make in Asterisk; `Stasis()` may have any that ari.conf sends here. */
  readonly app: string;
  readonly openMedia: OpenMedia;
  readonly extensions: Extensions;
  /** What may be spoken. */
  readonly languages: ReadonlySet<Language>;
  readonly maxLegs: number;
  /** Whether a party whose leg is lost keeps its place. */
  readonly replaces: boolean;
}

/** @throws AppError where the media need a socket that cannot be had. */
export function ariPart(options: AriPartOptions): (deps: DoorDeps) => Promise<DoorPart> {
  return async (deps) => {
    // A connection of which nothing is heard for long ends its call.
    const media = await options.openMedia(() => true, deps);
    const links = new AriCallLinks(options, media, deps);
    return {
      sockets: [
        {
          path: '/ari',
          protocol: 'ari',
          mostMessageBytes: MOST_MESSAGE_BYTES,
          // A call too many goes back to its dialplan, which learns why; this bounds what anybody may open.
          turned: () => tooMany(links.connected >= CONNECTIONS_A_LEG * options.maxLegs),
          begunBy: () => 'text',
          accept: (socket) => links.accept(socket),
        },
      ],
      counted: { counts: links.counts, parts: [media] },
      close: async () => {
        await links.close();
        await media.close();
      },
    };
  };
}

class AriCallLinks {
  readonly counts = {
    ...ariCallCounts(),
    ...ariFollowCounts(),
    /** Requests that were refused or not answered, by their name. */
    ariRequestsFailed: new Tally<string>(),
    /** Connections that Asterisk opened for a call, by what they were; one that is left over was a new one before. */
    ariCallConnections: new Tally<'new' | 'again' | 'left-over'>(),
  };
  readonly #options: AriPartOptions;
  readonly #media: AriMedia;
  readonly #deps: DoorDeps;
  readonly #log: DoorDeps['log'];
  /** Of one dragoman's own, whatever its calls are called; no name of an application has a dot. */
  readonly #ids: AriIds;
  readonly #sweep: AriSweep;
  /** By {@link whoseOf} and what it calls the application: another Asterisk may have a channel of the same name. */
  readonly #links = new Map<string, AriCallLink>();
  readonly #scope: Scope;

  constructor(options: AriPartOptions, media: AriMedia, deps: DoorDeps) {
    this.#options = options;
    this.#media = media;
    this.#deps = deps;
    this.#log = deps.log.child({ door: 'ari' });
    this.#ids = ariIds(`${options.app}.call`);
    this.#scope = new Scope((error) =>
      this.#log.debug({ error }, 'something in Asterisk could not be mended'),
    );
    this.#sweep = new AriSweep({
      ids: this.#ids,
      clock: deps.clock,
      repairs: this.counts.ariRepairs,
      isKnown: (id) => [...this.#links.values()].some(({ calls }) => calls.isKnown(id)),
    });
  }

  /** Calls for which Asterisk is connected just now. */
  get connected(): number {
    return [...this.#links.values()].filter(({ connected }) => connected).length;
  }

  accept(peer: PeerSocket): void {
    let link: AriCallLink | undefined;
    peer.attach({
      text: (text) => {
        const message = parseJson(text);
        link ??= this.#begin(message, peer);
        link.hear(message);
      },
      binary: () => {
        throw new AppError('wire-bad-message', 'Asterisk sends no sound on /ari: uri = …/media is for that');
      },
      closed: () => link?.lost(peer),
    });
  }

  async close(): Promise<void> {
    await Promise.all([...this.#links.values()].map((link) => link.close(REMOVE_LIMIT_MS)));
    await this.#scope.close();
  }

  /** Whose connection it is, by the first that Asterisk tells on it. @throws AppError `wire-bad-message` */
  #begin(message: unknown, peer: PeerSocket): AriCallLink {
    const app = textOf(message, 'application');
    if (app === '' || app.length > MOST_APP) {
      throw new AppError(
        'wire-bad-message',
        'what comes on /ari is no event of ARI: it names no application',
      );
    }
    const asterisk = whoseOf(peer.address, textOf(message, 'asterisk_id'));
    const known = this.#links.get(keyOf(asterisk, app));
    const link = known ?? this.#open(app, asterisk, peer);
    link.use(peer);
    this.counts.ariCallConnections.add(known === undefined ? 'new' : 'again');
    if (known !== undefined) {
      this.#log.info({}, 'Asterisk has connected again for a call of its own that runs');
    } else {
      this.#scope.run((signal) => this.#sweep.sweep(asterisk, link.client, signal));
      this.#scope.run((signal) => this.#unlessStarted(link, signal));
    }
    return link;
  }

  /** A call that does not start is one that has started before us. */
  async #unlessStarted(link: AriCallLink, signal: AbortSignal): Promise<void> {
    await this.#deps.clock.sleep(START_LIMIT_MS, signal);
    if (!link.started) {
      this.counts.ariCallConnections.add('left-over');
      this.#log.warn(
        {},
        'Asterisk has a call that a dragoman before this one has left; it goes back to its dialplan',
      );
      await giveBackLeftOver(link.app, this.#ids, link.client, signal);
    }
  }

  #open(app: string, asterisk: string, { here }: PeerSocket): AriCallLink {
    const link = new AriCallLink(app, {
      clock: this.#deps.clock,
      failed: this.counts.ariRequestsFailed,
      isOurs: this.#ids.isOurs,
      servedBy: (client) => this.#serve(app, here, client),
      over: (ended) => this.#scope.run(() => this.#over(ended, asterisk)),
    });
    this.#links.set(keyOf(asterisk, app), link);
    return link;
  }

  /** @param here where Asterisk has reached us: the sound may come there, too. */
  #serve(app: string, here: string | undefined, client: AriAsker): Served {
    const { extensions, languages, maxLegs, replaces } = this.#options;
    const { switchboard, promises, clock } = this.#deps;
    const { counts } = this;
    const log = this.#log;
    const scope = this.#scope.child();
    const following = new AriFollowing({
      ...{ app, client, clock, log, scope, languages, counts },
      held: (uuid, held) => switchboard.partyHeld(uuid, held),
      changed: (uuid, change) => switchboard.personChanged(uuid, change),
      known: (uuid, change) => switchboard.personKnown(uuid, change),
    });
    const media: AriMedia = {
      ...{ counts: {}, close: async () => {} },
      request: (wish) => this.#media.request({ ...wish, here }),
      made: (wish, answer) => this.#media.made(wish, answer),
    };
    const calls = new AriCalls(
      { app, ids: this.#ids, media, extensions, languages, maxLegs, replaces },
      {
        ...{ client, promises, clock, log, counts, following, volumes: NO_VOLUMES },
        draining: () => switchboard.draining,
        phones: () => [...this.#links.values()].reduce((sum, each) => sum + each.calls.phones, 0),
        connected: () => false,
        hungUp: (uuid) => switchboard.partyHungUp(uuid),
      },
    );
    return { calls, following, scope };
  }

  /** Asterisk does not come back for a call. What could not be removed is looked for later. */
  async #over(link: AriCallLink, asterisk: string): Promise<void> {
    const left = link.calls.phones > 0;
    await link.close(REMOVE_LIMIT_MS);
    // An application's name may have come again meanwhile.
    const key = keyOf(asterisk, link.app);
    if (this.#links.get(key) === link) {
      this.#links.delete(key);
    }
    if (left) {
      this.#sweep.suspect(asterisk);
    }
  }
}

/**
 * An Asterisk, as far as it can be told: several behind one proxy have one address, and clones have one `asterisk_id`,
 * which stands in each of its events.
 */
function whoseOf(address: string | undefined, id: string): string {
  return `${address} ${id.slice(0, MOST_ID)}`;
}

function keyOf(asterisk: string, app: string): string {
  return `${asterisk} ${app}`;
}
