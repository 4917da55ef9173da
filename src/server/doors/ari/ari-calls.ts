/**
 * The calls that Asterisk keeps for us: who enters the application gets a party, or rings somebody, and what Asterisk
 * tells goes to whom it is about.
 */

import { randomUUID } from 'node:crypto';
import type { Clock } from '../../../base/clock.ts';
import type { Counted } from '../../../base/counts.ts';
import type { Log } from '../../../base/log.ts';
import { Scope } from '../../../base/scope.ts';
import { Tally } from '../../../base/tally.ts';
import { partyOf } from '../../../call/plan.ts';
import type { Promises } from '../../../call/seating/arranged-seating.ts';
import { placeInRoom } from '../../../call/seating/extension-seating.ts';
import type { ArrangedPlace, ArrivalFacts } from '../../../call/seating/seating.ts';
import type { AriEvent } from '../../../protocol/ari/ari-events.ts';
import { hangUp } from '../../../protocol/ari/ari-requests.ts';
import type { AriChannel } from '../../../protocol/ari/ari-resources.ts';
import type { AmiVolumes } from './ami-volumes.ts';
import type { AriAsker } from './ari-asker.ts';
import { behindChannel } from './ari-behind.ts';
import { AriDial, type DialOutcome, type DialWords } from './ari-dial.ts';
import type { AriFollowing } from './ari-following.ts';
import type { AriIds } from './ari-ids.ts';
import { type CallRepair, type Known, type Repair, UP } from './ari-leftovers.ts';
import type { AriMedia } from './ari-media.ts';
import { AriParty, type Ending, type PhoneChannel } from './ari-party.ts';
import { giveBack, remove } from './ari-removal.ts';
import { AriWhispers, type OpenedParty } from './ari-whispers.ts';
import { type StasisSetUp, stasisWords } from './stasis-words.ts';

export interface AriCallsOptions extends StasisSetUp {
  /** As Asterisk calls it. */
  readonly app: string;
  /** The names of what is made for it. */
  readonly ids: AriIds;
  readonly media: AriMedia;
  /** Parties at once. */
  readonly maxLegs: number;
  /** Whether a party whose leg is lost keeps its place. */
  readonly replaces: boolean;
}

export interface AriCallsDeps {
  readonly client: AriAsker;
  readonly promises: Promises;
  /** Whether no calls are taken any more. */
  readonly draining: () => boolean;
  /** How many phones there are, of all calls that share a limit. */
  readonly phones: () => number;
  /** Whether ARI can be used just now. */
  readonly connected: () => boolean;
  readonly hungUp: (uuid: string) => void;
  readonly following: AriFollowing;
  readonly volumes: Pick<AmiVolumes, 'set'>;
  readonly clock: Clock;
  readonly log: Log;
  /** Where it counts; several may share it. */
  readonly counts: AriCallCounts;
}

/** How much longer than the rest may take, at the end, to give voices their loudness back, in ms. */
const WHISPERS_LIMIT_MS = 4_000;

export type AriCallCounts = ReturnType<typeof ariCallCounts>;

export function ariCallCounts() {
  return {
    /** Phones whose party has ended, by why. */
    ariPhones: new Tally<string>(),
    /** Calls from phone to phone, by what became of them. */
    ariDials: new Tally<DialOutcome>(),
    /** Legs that were lost and replaced in their bridge. */
    ariLegsReplaced: 0,
    /** What was not as it should be when Asterisk was asked what there is, by what was done. */
    ariRepairs: new Tally<Repair['type']>(),
  };
}

export class AriCalls implements Counted {
  readonly counts: AriCallCounts;
  readonly whispers: AriWhispers;
  readonly #options: AriCallsOptions;
  readonly #deps: AriCallsDeps;
  readonly #ids: AriIds;
  readonly #parties = new Set<AriParty>();
  readonly #dials = new Set<AriDial>();
  readonly #scope: Scope;
  #closing = false;
  #closed: Promise<void> | undefined;

  constructor(options: AriCallsOptions, deps: AriCallsDeps) {
    this.#options = options;
    this.#deps = deps;
    this.#ids = options.ids;
    this.counts = deps.counts;
    this.#scope = new Scope((error) => deps.log.error({ error }, 'a call of Asterisk failed inside'));
    this.whispers = new AriWhispers({
      ...{
        app: options.app,
        ids: this.#ids,
        client: deps.client,
        volumes: deps.volumes,
        languages: options.languages,
        log: deps.log,
      },
      refusal: (parties) => (deps.connected() ? this.#refusal(parties) : 'ari-away'),
      isKnown: (id) => this.isKnown(id),
      open: (phone, facts) => this.#open(phone, () => facts),
      signal: this.#scope.signal,
    });
  }

  get parts(): readonly Counted[] {
    return [this.whispers];
  }

  /** How many phones Asterisk keeps for us; of a call that rings it is two. */
  get phones(): number {
    return this.#parties.size + 2 * this.#dials.size;
  }

  handle(event: AriEvent): void {
    switch (event.type) {
      case 'StasisStart':
        this.#started(event.channel, event.args, event.replaces);
        break;
      case 'StasisEnd':
        this.#phoneGone(event.channelId);
        break;
      case 'ChannelDestroyed':
        this.#dialOf(event.channelId)?.failed(event.cause);
        this.#partyByMedia(event.channelId)?.mediaGone();
        this.#phoneGone(event.channelId);
        break;
      case 'ChannelDtmfReceived':
        this.#partyByPhone(event.channelId)?.keyPressed(event.key);
        break;
      default:
        break;
    }
  }

  /** The phones have gone elsewhere, all of them, and nothing more is heard of them. @param reason to count by. */
  phonesGone(reason: string): void {
    for (const party of this.#parties) {
      party.end({ phone: 'gone', reason });
    }
    for (const dial of this.#dials) {
      dial.callerGone();
    }
  }

  /**
   * Ends every call. Resolves when nothing of them is left in Asterisk, or after `limitMs`. Idempotent: they may be over
   * because their connection is lost, and at the end, at once.
   */
  close(limitMs: number): Promise<void> {
    this.#closed ??= this.#close(limitMs);
    return this.#closed;
  }

  async #close(limitMs: number): Promise<void> {
    this.#closing = true;
    for (const dial of this.#dials) {
      dial.close();
    }
    for (const party of this.#parties) {
      party.end({ phone: 'hang-up', reason: 'server-closing' });
    }
    const idle = new Promise<void>((resolve) => {
      this.#idle = resolve;
      this.#tellIdle();
    });
    const whispers = this.whispers.close();
    await this.#within(limitMs, idle);
    // Nobody else gives the voices of a call that goes on without us their loudness back.
    await this.#within(WHISPERS_LIMIT_MS, whispers);
    // What is still being asked of Asterisk is broken off.
    await this.#scope.close();
  }

  async #within(limitMs: number, work: Promise<void>): Promise<void> {
    await Promise.race([work, this.#deps.clock.sleep(limitMs, this.#scope.signal)]);
  }

  /** Told when nothing is left while we close. */
  #idle: () => void = () => {};

  #tellIdle(): void {
    if (this.#closing && this.phones === 0) {
      this.#idle();
    }
  }

  #started(channel: AriChannel, args: readonly string[], replaces: string | undefined): void {
    const media = this.#partyByMedia(channel.id);
    if (media !== undefined) {
      media.mediaEntered();
      return;
    }
    const dial = this.#dialOf(channel.id);
    if (dial !== undefined) {
      this.#connect(dial, channel);
      return;
    }
    const before = replaces === undefined ? undefined : this.#partyByPhone(replaces);
    if (before !== undefined) {
      before.handedOn(phoneOf(channel));
      this.#deps.following.look(before.uuid);
    } else if (this.isKnown(channel.id)) {
      // It is in a call of ours, or is being made for one.
    } else if (this.#ids.isOurs(channel.id)) {
      // It was asked for by a call that has ended since.
      this.#scope.run((signal) => remove(this.#deps.client, hangUp(channel.id), signal));
    } else {
      this.#enter(channel, args);
    }
  }

  /** A phone has entered the application. */
  #enter(channel: AriChannel, args: readonly string[]): void {
    const { log } = this.#deps;
    const refusal = this.#refusal(1);
    if (refusal !== undefined) {
      this.#turnAway(channel, refusal, 'no more calls are taken just now');
      return;
    }
    const words = stasisWords(args, channel.extension, this.#options);
    log.info(
      {
        channel: channel.id,
        type: words.type,
        callerPii: channel.callerNumber,
        dialledPii: channel.extension,
      },
      'a call has entered the application of Asterisk',
    );
    switch (words.type) {
      case 'wrong':
        this.#turnAway(channel, 'bad-stasis', words.explanation);
        break;
      case 'extension':
        this.#open(phoneOf(channel), () => ({ ...saidOf(channel), extension: words.extension }));
        break;
      case 'room':
        this.#open(phoneOf(channel), (uuid) => ({
          ...saidOf(channel),
          place: placeInRoom(words.room, uuid, words.language, [...this.#options.languages]),
        }));
        break;
      case 'call':
        this.#dial(channel, words);
        break;
    }
  }

  /** Why so many more phones cannot be taken; undefined: they can. */
  #refusal(phones: number): 'draining' | 'too-many-legs' | undefined {
    if (this.#closing || this.#deps.draining()) {
      return 'draining';
    }
    const full = this.#deps.phones() + phones > this.#options.maxLegs;
    return full ? 'too-many-legs' : undefined;
  }

  #turnAway({ id }: AriChannel, reason: string, explanation: string): void {
    this.counts.ariPhones.add(reason);
    this.#deps.log.warn(
      { channel: id, reason, explanation },
      'a call of Asterisk was not taken; it goes back to its dialplan',
    );
    this.#scope.run((signal) => giveBack(this.#deps.client, id, reason, signal));
  }

  #open(phone: PhoneChannel, factsOf: (uuid: string) => Omit<ArrivalFacts, 'uuid'>): OpenedParty {
    const { app, media, replaces } = this.#options;
    const { client, promises, hungUp, clock, log } = this.#deps;
    const { signal } = this.#scope;
    const replaced = (): void => {
      this.counts.ariLegsReplaced += 1;
    };
    const party = new AriParty(phone, {
      ...{
        app,
        ids: this.#ids,
        client,
        media,
        promises,
        hungUp,
        replaces,
        replaced,
        clock,
        log,
        signal,
      },
    });
    this.#parties.add(party);
    if (phone.name !== undefined) {
      const now = { person: phone.name, channelIds: [phone.id] };
      this.#deps.following.follow(party.uuid, (picture) => behindChannel(party.phone, picture), true, now);
    }
    let tellEnded = (): void => {};
    const ended = new Promise<void>((resolve) => {
      tellEnded = resolve;
    });
    this.#scope.run(async () => {
      let ending: Ending | undefined;
      try {
        ending = await party.live(factsOf(party.uuid));
      } finally {
        this.#parties.delete(party);
        this.#deps.following.forget(party.uuid);
        this.counts.ariPhones.add(ending?.reason ?? 'failed');
        log.info(
          { channel: party.phone, phone: ending?.phone, reason: ending?.reason },
          'a call of Asterisk has ended',
        );
        tellEnded();
        this.#tellIdle();
      }
    });
    return { party, ended };
  }

  #dial(caller: AriChannel, words: DialWords): void {
    const { app } = this.#options;
    const { client, clock, log } = this.#deps;
    const { signal } = this.#scope;
    const deps = { app, client, clock, log, signal };
    const dial = new AriDial(caller, this.#ids.callee(caller.id), words, deps);
    this.#dials.add(dial);
    this.#scope.run(async () => {
      try {
        const outcome = await dial.ring();
        this.counts.ariDials.add(outcome);
        log.info({ channel: caller.id, outcome }, 'a call from phone to phone was answered, or was not');
      } finally {
        this.#dials.delete(dial);
        this.#tellIdle();
      }
    });
  }

  /** Who is called has answered: both get their leg, in one call. */
  #connect(dial: AriDial, callee: AriChannel): void {
    const { caller, words } = dial;
    this.#dials.delete(dial);
    dial.answered();
    const callId = randomUUID();
    const languages = [words.language, words.calleeLanguage];
    const place = (party: ArrangedPlace['party']): ArrangedPlace => ({
      callId,
      party,
      kind: 'pair',
      languages,
      // Asterisk calls what is linked together by its oldest channel, which is the caller's unless it says otherwise.
      plan: { linkedid: caller.linkedid === '' ? caller.id : caller.linkedid },
    });
    this.#open(phoneOf(caller), () => ({
      caller: caller.callerNumber,
      place: place(partyOf('a', words.language, 'caller')),
    }));
    this.#open(phoneOf(callee), () => ({
      dialled: caller.extension,
      place: place(partyOf('b', words.calleeLanguage, 'callee')),
    }));
  }

  #phoneGone(channelId: string): void {
    this.#partyByPhone(channelId)?.end({ phone: 'gone', reason: 'hung-up' });
    for (const dial of this.#dials) {
      if (dial.caller.id === channelId) {
        dial.callerGone();
      }
    }
  }

  #partyByPhone(channelId: string): AriParty | undefined {
    return [...this.#parties].find(({ phone }) => phone === channelId);
  }

  #partyByMedia(channelId: string): AriParty | undefined {
    return this.#ids.isMedia(channelId)
      ? [...this.#parties].find(({ media }) => media === channelId)
      : undefined;
  }

  #dialOf(callee: string): AriDial | undefined {
    return [...this.#dials].find((dial) => dial.callee === callee);
  }

  /** Whether something here has to do with a channel or bridge. */
  isKnown(id: string): boolean {
    return (
      [...this.#parties].some(({ phone, media, bridge }) => [phone, media, bridge].includes(id)) ||
      [...this.#dials].some(({ caller, callee }) => caller.id === id || callee === id) ||
      this.whispers.isKnown(id)
    );
  }

  /** What it knows of, to be compared with what there is. */
  get known(): Known {
    const parties = [...this.#parties];
    return {
      app: this.#options.app,
      ids: this.#ids,
      parties: parties.map(({ known }) => known),
      dials: [...this.#dials].map(({ known }) => known),
      bridges: new Set(parties.map(({ bridge }) => bridge)),
    };
  }

  /** Something has happened that was not told. */
  mend(repair: CallRepair): void {
    switch (repair.type) {
      case 'phone-gone':
        this.#phoneGone(repair.phone);
        break;
      case 'caller-gone':
        this.#phoneGone(repair.caller);
        break;
      case 'media-gone':
        this.#partyByMedia(repair.media)?.mediaGone();
        break;
      case 'callee-gone':
        this.#dialOf(repair.callee)?.failed(0);
        break;
      case 'callee-answered': {
        const dial = this.#dialOf(repair.channel.id);
        if (dial !== undefined) {
          this.#connect(dial, repair.channel);
        }
        break;
      }
    }
  }
}

/** What Asterisk says of who enters: by its numbers it may be known whose voice speaks for it. */
function saidOf({ callerNumber: caller, extension: dialled, linkedid }: AriChannel) {
  return { caller, dialled, linkedid };
}

function phoneOf({ id, name, state }: AriChannel): PhoneChannel {
  return { id, name, answered: state === UP };
}
