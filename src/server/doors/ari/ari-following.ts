/**
 * Follows who is behind each leg that Asterisk has: a phone puts it on hold, a call is handed on and somebody else is
 * there all at once, and the leg itself stays as it is. Asterisk tells of the channels that it is asked to tell of;
 * who is behind them then is looked up. Of whom nothing was known in time when the leg came, it is told when it is.
 */

import type { Clock } from '../../../base/clock.ts';
import type { Counted } from '../../../base/counts.ts';
import { type Language, languageAmong } from '../../../base/language.ts';
import type { Log } from '../../../base/log.ts';
import type { Scope } from '../../../base/scope.ts';
import { Tally } from '../../../base/tally.ts';
import { isVoiceName, type PartyChange } from '../../../call/plan.ts';
import type { AriEvent } from '../../../protocol/ari/ari-events.ts';
import { followChannels, listBridges, listChannels } from '../../../protocol/ari/ari-requests.ts';
import { type AriChannel, ariBridges, ariChannels } from '../../../protocol/ari/ari-resources.ts';
import type { AriAsker } from './ari-asker.ts';
import type { AriPicture, Behind } from './ari-behind.ts';

/** From what Asterisk tells to when its channels and bridges are as they are to be, in ms. */
const SETTLED_MS = 100;
/** Legs that are followed at once; the oldest is not any more when there are more. */
const MOST_FOLLOWED = 2_000;

/** Who holds a leg that is in a bridge where music plays. */
const MUSIC = 'music';

/** Finds who is behind one leg. */
export type Find = (picture: AriPicture) => Behind | undefined;

interface Followed {
  readonly uuid: string;
  readonly find: Find;
  /** The name of the phone's channel that was there last; a channel may get another phone's. */
  person: string | undefined;
  /** Whether it was known who it is when the leg got its seat, or has been told since. */
  isKnown: boolean;
  channelIds: readonly string[];
  /** Those of which Asterisk tells. */
  readonly told: Set<string>;
  /** Who holds it: a phone, or a bridge that plays music. */
  readonly heldBy: Set<string>;
}

export interface AriFollowingDeps {
  readonly app: string;
  readonly client: AriAsker;
  readonly clock: Clock;
  readonly log: Log;
  readonly scope: Scope;
  /** What may be spoken. */
  readonly languages: ReadonlySet<Language>;
  /** Whether who came with this UUID is on hold. */
  readonly held: (uuid: string, held: boolean) => void;
  /** Somebody else is behind the leg with this UUID. */
  readonly changed: (uuid: string, change: PartyChange) => void;
  /** What is known by now of who came with this UUID. */
  readonly known: (uuid: string, change: PartyChange) => void;
  /** Where it counts; several may share it. */
  readonly counts: AriFollowCounts;
}

type AriFollowCounts = ReturnType<typeof ariFollowCounts>;

export function ariFollowCounts() {
  return {
    /** What became known of legs while they lasted, and looks at them that failed. */
    ariFollowed: new Tally<'held' | 'another' | 'known-late' | 'failed'>(),
  };
}

export class AriFollowing implements Counted {
  readonly counts: AriFollowCounts;
  readonly #deps: AriFollowingDeps;
  readonly #followed = new Map<string, Followed>();
  /** Those to be looked at next, all at once: Asterisk lists all its channels for it. */
  readonly #unsettled = new Set<Followed>();
  #looking = false;

  constructor(deps: AriFollowingDeps) {
    this.#deps = deps;
    this.counts = deps.counts;
  }

  /**
   * Follows the leg that comes with `uuid`, unless it is followed already. One that Asterisk has not is forgotten.
   * @param isKnown whether it is known what Asterisk says of who is there; else that is told when it does.
   * @param now who is there, where that is known and Asterisk tells of it unasked; else it is looked up.
   */
  follow(uuid: string, find: Find, isKnown: boolean, now?: Pick<Followed, 'person' | 'channelIds'>): void {
    if (this.#followed.has(uuid)) {
      return;
    }
    const [oldest] = this.#followed.keys();
    if (this.#followed.size >= MOST_FOLLOWED && oldest !== undefined) {
      this.forget(oldest);
    }
    this.#followed.set(uuid, {
      ...{ uuid, find, isKnown, person: undefined, channelIds: [], ...now },
      told: new Set(now?.channelIds),
      heldBy: new Set(),
    });
    if (now === undefined) {
      this.look(uuid);
    }
  }

  /** Follows it no more; it is on hold no more for what was told of it. */
  forget(uuid: string): void {
    const held = (this.#followed.get(uuid)?.heldBy.size ?? 0) > 0;
    this.#followed.delete(uuid);
    if (held) {
      this.#deps.held(uuid, false);
    }
  }

  handle(event: AriEvent): void {
    if (event.type === 'ApplicationReplaced') {
      return;
    }
    const id = event.type === 'StasisStart' ? event.channel.id : event.channelId;
    for (const followed of this.#followed.values()) {
      if (followed.channelIds.includes(id)) {
        this.#told(followed, event, id);
      }
    }
  }

  /** Who is behind it may be another: looks. */
  look(uuid: string): void {
    const followed = this.#followed.get(uuid);
    if (followed !== undefined) {
      this.#look(followed);
    }
  }

  /**
   * What was not told is found out: who is behind each leg now, and which legs there are no more.
   * @throws as {@link AriClient.ask}.
   */
  async reconcile(signal: AbortSignal): Promise<void> {
    await this.#lookAt([...this.#followed.values()], signal);
  }

  /** Asterisk tells of nothing any more: nobody stays on hold for that. */
  release(): void {
    for (const { uuid, heldBy } of this.#followed.values()) {
      if (heldBy.size > 0) {
        heldBy.clear();
        this.#deps.held(uuid, false);
      }
    }
  }

  #told(followed: Followed, event: AriEvent, id: string): void {
    switch (event.type) {
      case 'ChannelHold':
        this.#hold(followed, id, true);
        break;
      case 'ChannelUnhold':
        this.#hold(followed, id, false);
        break;
      case 'ChannelDestroyed':
        this.#hold(followed, id, false);
        this.#look(followed);
        break;
      case 'ChannelConnectedLine':
      case 'ChannelCallerId':
      case 'BridgeBlindTransfer':
        this.#look(followed);
        break;
      case 'Dial':
        if (event.status === 'ANSWER') {
          this.#look(followed);
        }
        break;
      default:
        break;
    }
  }

  #hold({ uuid, heldBy }: Followed, by: string, held: boolean): void {
    const before = heldBy.size;
    if (held) {
      heldBy.add(by);
    } else {
      heldBy.delete(by);
    }
    if (before > 0 !== heldBy.size > 0) {
      this.counts.ariFollowed.add('held', held ? 1 : 0);
      this.#deps.held(uuid, held);
    }
  }

  #look(followed: Followed): void {
    this.#unsettled.add(followed);
    if (!this.#looking) {
      this.#looking = true;
      this.#deps.scope.run((signal) => this.#lookUntilSettled(signal));
    }
  }

  async #lookUntilSettled(signal: AbortSignal): Promise<void> {
    while (this.#unsettled.size > 0) {
      await this.#deps.clock.sleep(SETTLED_MS, signal);
      const all = [...this.#unsettled];
      this.#unsettled.clear();
      try {
        await this.#lookAt(all, signal);
      } catch (error) {
        signal.throwIfAborted();
        this.counts.ariFollowed.add('failed');
        this.#deps.log.debug({ legs: all.length, error }, 'Asterisk does not say who is behind its legs');
      }
    }
    this.#looking = false;
  }

  async #lookAt(all: readonly Followed[], signal: AbortSignal): Promise<void> {
    const { client } = this.#deps;
    if (all.length > 0) {
      const [channels = [], bridges = []] = await Promise.all([
        client.ask(listChannels(), signal).then(ariChannels),
        client.ask(listBridges(), signal).then(ariBridges),
      ]);
      await Promise.all(all.map((followed) => this.#compare(followed, { channels, bridges }, signal)));
    }
  }

  async #compare(followed: Followed, picture: AriPicture, signal: AbortSignal): Promise<void> {
    const behind = followed.find(picture);
    if (this.#followed.get(followed.uuid) !== followed) {
      return;
    }
    if (behind === undefined) {
      this.forget(followed.uuid);
      return;
    }
    const { phone, channelIds } = behind;
    followed.channelIds = channelIds;
    for (const holder of [...followed.heldBy]) {
      if (holder !== MUSIC && !channelIds.includes(holder)) {
        this.#hold(followed, holder, false);
      }
    }
    const [first = ''] = channelIds;
    this.#hold(
      followed,
      MUSIC,
      picture.bridges.some((bridge) => bridge.holding && bridge.channels.includes(first)),
    );
    if (await this.#subscribe(followed, signal)) {
      // What became of them before Asterisk tells of them is seen by looking once more.
      this.#look(followed);
    }
    if (phone !== undefined) {
      this.#isThere(followed, phone);
    }
  }

  #isThere(followed: Followed, phone: AriChannel): void {
    const { log, languages, changed, known } = this.#deps;
    const { uuid, person, isKnown } = followed;
    followed.person = phone.name;
    followed.isKnown = true;
    const { language, voice } = saidOf(phone, languages);
    const facts = { uuid, callerPii: phone.callerNumber, language };
    // What it does not say of its language is as at the place so far.
    const spoken = language === undefined ? {} : { language };
    if (person !== undefined && phone.name !== person) {
      this.counts.ariFollowed.add('another');
      log.info(facts, 'ARI tells that somebody else is behind a leg');
      changed(uuid, { ...spoken, voice });
    } else if (!isKnown) {
      this.counts.ariFollowed.add('known-late');
      log.info(facts, 'ARI tells who a leg is, which was not known when it came');
      known(uuid, { ...spoken, ...(voice === undefined ? {} : { voice }) });
    }
  }

  /** Resolves with whether Asterisk tells of a channel of which it did not before. */
  async #subscribe({ uuid, channelIds, told }: Followed, signal: AbortSignal): Promise<boolean> {
    const { app, client, log } = this.#deps;
    const untold = channelIds.filter((id) => !told.has(id));
    try {
      if (untold.length > 0) {
        await client.ask(followChannels(app, untold), signal);
        for (const id of untold) {
          told.add(id);
        }
      }
      return untold.length > 0;
    } catch (error) {
      signal.throwIfAborted();
      this.counts.ariFollowed.add('failed');
      log.debug({ uuid, error }, 'Asterisk does not tell of the channels of a leg');
      return false;
    }
  }
}

/** Of who is there nothing is known but this, and of it what can be used. */
function saidOf({ language, voice }: AriChannel, languages: ReadonlySet<Language>) {
  return {
    language: languageAmong(language, languages),
    voice: isVoiceName(voice) ? voice : undefined,
  };
}
