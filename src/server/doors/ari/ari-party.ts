/**
 * One phone that Asterisk keeps for us: a bridge of its own, and in it the phone's channel and a media channel, which
 * is the party's leg. A leg that dies while the phone is there is replaced in the same bridge. However it ends, what
 * we made in Asterisk is removed, once the requests that make it have been answered.
 */

import { randomUUID } from 'node:crypto';
import type { Clock } from '../../../base/clock.ts';
import { AppError } from '../../../base/errors.ts';
import type { Log } from '../../../base/log.ts';
import { StateMachine } from '../../../base/state-table.ts';
import { AGENT_FAILED } from '../../../call/leg-transport.ts';
import type { Promises } from '../../../call/seating/arranged-seating.ts';
import type { ArrivalFacts } from '../../../call/seating/seating.ts';
import {
  type AriRequest,
  addToBridge,
  answer,
  continueInDialplan,
  createBridge,
  destroyBridge,
  hangUp,
  setVariable,
} from '../../../protocol/ari/ari-requests.ts';
import { type AriAsker, statusOf } from './ari-asker.ts';
import type { AriIds } from './ari-ids.ts';
import type { KnownParty } from './ari-leftovers.ts';
import type { AriMedia, MadeMedia } from './ari-media.ts';
import { ARI_PARTY_STATES, type AriPartyEvent, type AriPartyState } from './ari-party-states.ts';
import { REASON_VARIABLE, TRANSFER_VARIABLE } from './ari-removal.ts';

/** Tries to have something made in Asterisk, and the pauses before each, in ms. */
const PAUSES_MS = [0, 200, 800] as const;
/** A media channel's StasisStart is waited for so long, in ms; it may have been lost with the connection. */
const ENTER_LIMIT_MS = 1_000;
/** A channel is refused by its bridge until it is in the application: tries, and ms between them. */
const ADD_TRIES = 20;
const ADD_AGAIN_MS = 50;
/** A leg that lives less than this has not come to anything, in ms. */
const SHORT_LIFE_MS = 5_000;
const MOST_SHORT_LIVES = 3;

/** What becomes of the phone when its party ends. A channel that we made is never given back: it has no dialplan. */
export interface Ending {
  readonly phone: 'gone' | 'hang-up' | 'give-back';
  /** A short name to count by. */
  readonly reason: string;
  /** Where the dialplan is to send the phone that it is given back. */
  readonly transferTo?: string | undefined;
}

export interface AriPartyDeps {
  readonly app: string;
  readonly ids: AriIds;
  readonly client: AriAsker;
  readonly media: AriMedia;
  readonly promises: Promises;
  /** Who came with this UUID has hung up. */
  readonly hungUp: (uuid: string) => void;
  /** Whether a party whose leg is lost keeps its place. */
  readonly replaces: boolean;
  readonly clock: Clock;
  readonly log: Log;
  /** Ends what runs, at the very end: requests are cut off. */
  readonly signal: AbortSignal;
  /** A leg was replaced. */
  readonly replaced: () => void;
}

export interface PhoneChannel {
  readonly id: string;
  /** Undefined for one that is no phone's own, and whose call is not handed on. */
  readonly name?: string;
  /** Whether it is answered. */
  readonly answered: boolean;
}

export class AriParty {
  /** By which its legs say whose they are. */
  readonly uuid = randomUUID();
  readonly bridge: string;
  readonly #deps: AriPartyDeps;
  readonly #log: Log;
  readonly #states: StateMachine<AriPartyState, AriPartyEvent>;
  readonly #ending = new AbortController();
  readonly #underWay = new Set<Promise<unknown>>();
  readonly #firstPhone: string;
  #phone: string;
  #answered: boolean;
  #ends: Ending | undefined;
  /** The media channel of its present leg, or of the one that is being fetched. */
  #leg: FetchedLeg;
  #legs = 0;
  #tellOpened = (_open: boolean): void => {};
  /** Resolves with true when its phone first hears a leg, with false when it ends before. */
  readonly opened = new Promise<boolean>((resolve) => {
    this.#tellOpened = resolve;
  });

  constructor({ id, answered }: PhoneChannel, deps: AriPartyDeps) {
    this.#firstPhone = id;
    this.#phone = id;
    this.#answered = answered;
    this.#deps = deps;
    this.bridge = deps.ids.bridge(id);
    this.#leg = new FetchedLeg(deps.ids.media(id));
    this.#log = deps.log.child({ channel: id });
    this.#states = new StateMachine<AriPartyState, AriPartyEvent>(
      ARI_PARTY_STATES,
      'OPENING',
      (from, event) =>
        this.#log.debug({ from, event }, 'a call of Asterisk heard of something its state does not allow'),
    );
  }

  /** The channel of the phone; another one once the call was handed on. */
  get phone(): string {
    return this.#phone;
  }

  /** Its media channel; another one once its leg was lost. */
  get media(): string {
    return this.#leg.channel;
  }

  get state(): AriPartyState {
    return this.#states.state;
  }

  get known(): KnownParty {
    return {
      phone: this.#phone,
      media: this.media,
      hasMedia: this.#leg.made !== undefined && !this.#leg.gone,
    };
  }

  /** Fetches its leg and keeps it until it ends. Resolves with how it ended, when nothing of it is left. */
  async live(facts: Omit<ArrivalFacts, 'uuid'>): Promise<Ending> {
    const { promises } = this.#deps;
    promises.promise(this.uuid, { ...facts, fetched: true }, ({ reason, seated, transferTo }) =>
      this.end({
        phone: seated && transferTo === undefined && reason !== AGENT_FAILED ? 'hang-up' : 'give-back',
        ...{ reason, transferTo },
      }),
    );
    try {
      await this.#serve(facts);
    } catch (error) {
      if (this.#ends === undefined) {
        this.#log.warn({ error }, 'a call of Asterisk cannot be taken in; it is given back');
        this.end({ phone: 'give-back', reason: 'no-leg' });
      }
    }
    const ending = this.#ends ?? { phone: 'give-back', reason: 'no-leg' };
    await this.#remove(ending);
    promises.withdraw(this.uuid);
    this.#states.handle('removed');
    return ending;
  }

  /** Ends it. The first reason counts. */
  end(ending: Ending): void {
    if (this.#ends === undefined) {
      this.#ends = ending;
      this.#states.handle('ends');
      this.#tellOpened(false);
      this.#ending.abort(new AppError('closed', 'a call of Asterisk ends'));
      if (ending.phone === 'gone') {
        this.#deps.hungUp(this.uuid);
      }
    }
  }

  /** Hangs up its channel, and its leg at once: nobody comes back. */
  takeOff(reason: string): void {
    this.end({ phone: 'hang-up', reason });
    this.#deps.hungUp(this.uuid);
  }

  /** Its media channel is in the application. */
  mediaEntered(): void {
    this.#leg.enter();
  }

  /** A key was pressed on its phone. */
  keyPressed(key: string): void {
    this.#leg.made?.press(key);
  }

  /** Its media channel is gone. */
  mediaGone(): void {
    this.#leg.end();
  }

  /** Another channel has taken the place of the phone's. */
  handedOn({ id, answered }: PhoneChannel): void {
    this.#phone = id;
    this.#answered ||= answered;
    this.#log.info({ next: id }, 'a call was handed on to another channel');
  }

  async #serve(facts: Omit<ArrivalFacts, 'uuid'>): Promise<void> {
    await Promise.all([this.#createBridge(), this.#fetchMedia(facts)]);
    await this.#add([this.#phone, this.media]);
    if (!this.#answered) {
      await this.#ask(answer(this.#phone));
    }
    const { clock, replaces, replaced } = this.#deps;
    let shortLives = 0;
    for (;;) {
      this.#states.handle('opened');
      this.#tellOpened(true);
      const openedMs = clock.nowMs();
      await this.#untilEnding(this.#leg.lost);
      this.#states.handle('leg-lost');
      shortLives = clock.nowMs() - openedMs < SHORT_LIFE_MS ? shortLives + 1 : 0;
      if (!replaces || shortLives >= MOST_SHORT_LIVES) {
        this.end({ phone: replaces ? 'give-back' : 'hang-up', reason: 'leg-lost' });
        return;
      }
      this.#log.info({}, 'the leg of a phone was lost; another is fetched');
      await this.#fetchMedia(facts);
      await this.#add([this.media]);
      replaced();
    }
  }

  /** Its name is ours to choose, so it can be asked for again when the answer was lost. */
  async #createBridge(): Promise<void> {
    await this.#tried(async () => {
      await this.#ask(createBridge(this.bridge));
    });
  }

  /** Tries `work` three times. @throws what the last one throws, or the reason of the end. */
  async #tried(work: () => Promise<void>): Promise<void> {
    let failure: unknown;
    for (const pauseMs of PAUSES_MS) {
      if (pauseMs > 0) {
        await this.#deps.clock.sleep(pauseMs, this.#ending.signal);
      }
      try {
        await work();
        return;
      } catch (error) {
        this.#ending.signal.throwIfAborted();
        failure = error;
      }
    }
    throw failure;
  }

  /** Has Asterisk connect to us; resolves when the media channel can be used. */
  async #fetchMedia(facts: Omit<ArrivalFacts, 'uuid'>): Promise<void> {
    const { app, ids, media } = this.#deps;
    await this.#tried(async () => {
      // An id of its own for each: what is still told of one that is gone is not about the next.
      this.#legs += 1;
      const name = this.#legs === 1 ? this.#firstPhone : `${this.#firstPhone}-${this.#legs}`;
      const leg = new FetchedLeg(ids.media(name));
      this.#leg = leg;
      try {
        const wish = { app, channelId: leg.channel, uuid: this.uuid, facts };
        const answered = await this.#ask(media.request(wish));
        leg.made = media.made(wish, answered);
        await this.#untilEntered(leg);
      } catch (error) {
        this.#ending.signal.throwIfAborted();
        leg.end();
        await this.#ask(hangUp(leg.channel)).catch((removal: unknown) => this.#unlessGone(removal));
        throw error;
      }
    });
  }

  /** A media channel whose StasisStart does not come may be in the application all the same. */
  async #untilEntered(leg: FetchedLeg): Promise<void> {
    const { clock } = this.#deps;
    const timer = clock.at(clock.nowMs() + ENTER_LIMIT_MS, () => leg.enter());
    try {
      await this.#untilEnding(Promise.race([leg.entered, leg.lost]));
    } finally {
      timer.cancel();
    }
    if (leg.gone) {
      throw new AppError('engine-died', 'ARI: a media channel ended before it was used');
    }
  }

  async #add(channels: readonly string[]): Promise<void> {
    const { clock } = this.#deps;
    for (let attempt = 1; ; attempt += 1) {
      try {
        await this.#ask(addToBridge(this.bridge, channels));
        return;
      } catch (error) {
        if (statusOf(error) !== 422 || attempt === ADD_TRIES) {
          throw error;
        }
        await clock.sleep(ADD_AGAIN_MS, this.#ending.signal);
      }
    }
  }

  /**
   * Removes what is ours in Asterisk. What cannot be removed now is found later, when Asterisk is asked what there
   * is.
   */
  async #remove({ phone, reason, transferTo }: Ending): Promise<void> {
    await Promise.allSettled(this.#underWay);
    this.#leg.end();
    const unless = (error: unknown): void => this.#unlessGone(error);
    const ours = [hangUp(this.media), destroyBridge(this.bridge)];
    const made = this.#deps.ids.isOurs(this.#phone);
    const requests =
      phone === 'hang-up' || (made && phone === 'give-back') ? [hangUp(this.#phone), ...ours] : ours;
    await Promise.all(requests.map((request) => this.#send(request).catch(unless)));
    if (phone === 'give-back' && !made) {
      await this.#send(setVariable(this.#phone, REASON_VARIABLE, reason)).catch(unless);
      if (transferTo !== undefined) {
        await this.#send(setVariable(this.#phone, TRANSFER_VARIABLE, transferTo)).catch(unless);
      }
      await this.#send(continueInDialplan(this.#phone)).catch(unless);
    }
  }

  /** What is gone already need not be removed. */
  #unlessGone(error: unknown): void {
    if (statusOf(error) !== 404) {
      this.#log.debug({ error }, 'something in Asterisk could not be removed; it is looked for later');
    }
  }

  /** Asks as long as it does not end. What is under way then is waited for before anything is removed. */
  async #ask(request: AriRequest): Promise<unknown> {
    this.#ending.signal.throwIfAborted();
    const sent = this.#send(request);
    this.#underWay.add(sent);
    try {
      return await this.#untilEnding(sent);
    } finally {
      void Promise.allSettled([sent]).then(() => this.#underWay.delete(sent));
    }
  }

  #send(request: AriRequest): Promise<unknown> {
    const { client, signal } = this.#deps;
    return client.ask(request, signal);
  }

  /** Resolves with `promise`. @throws the reason of the end when that comes first. */
  async #untilEnding<T>(promise: Promise<T>): Promise<T> {
    const { signal } = this.#ending;
    signal.throwIfAborted();
    let onAbort = (): void => {};
    const ends = new Promise<never>((_, reject) => {
      onAbort = () => reject(signal.reason);
    });
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      return await Promise.race([promise, ends]);
    } finally {
      signal.removeEventListener('abort', onAbort);
    }
  }
}

/** A media channel, and what is known of it. */
class FetchedLeg {
  readonly channel: string;
  /** Set once Asterisk has made it. */
  made: MadeMedia | undefined;
  gone = false;
  /** Resolves when it is in the application. */
  readonly entered: Promise<void>;
  /** Resolves when it is gone. */
  readonly lost: Promise<void>;
  #enter = (): void => {};
  #end = (): void => {};

  constructor(channel: string) {
    this.channel = channel;
    this.entered = new Promise((resolve) => {
      this.#enter = resolve;
    });
    this.lost = new Promise((resolve) => {
      this.#end = resolve;
    });
  }

  enter(): void {
    this.#enter();
  }

  end(): void {
    this.gone = true;
    this.made?.lost();
    this.#end();
  }
}
