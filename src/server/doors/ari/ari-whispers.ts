/**
 * Calls that Asterisk runs without us, and that we interpret: each channel of the call gets a snoop channel, which
 * hears what its phone says and is heard by that phone alone. To us a snoop channel is a phone like any other, in a
 * bridge with a leg of its own; but its party hears renderings alone, since it hears the others by the call itself.
 * That call is not touched: it goes on as it is when the interpreter is taken off, or is gone. Whoever comes into a
 * conference later is not interpreted.
 */

import { randomUUID } from 'node:crypto';
import type { Counted } from '../../../base/counts.ts';
import { type Language, languageAmong } from '../../../base/language.ts';
import type { Log } from '../../../base/log.ts';
import { Tally } from '../../../base/tally.ts';
import { type OriginalMode, partyOf } from '../../../call/plan.ts';
import { type ArrivalFacts, idOfPlace } from '../../../call/seating/seating.ts';
import { hangUp, listBridges, listChannels, snoop } from '../../../protocol/ari/ari-requests.ts';
import { type AriChannel, ariBridges, ariChannels } from '../../../protocol/ari/ari-resources.ts';
import type { WhisperAnswer, Whispering, WhisperRefusal, WhisperWish } from '../whispering.ts';
import type { AmiVolumes, Gain } from './ami-volumes.ts';
import { type AriAsker, statusOf } from './ari-asker.ts';
import type { AriIds } from './ari-ids.ts';
import type { AriParty, PhoneChannel } from './ari-party.ts';

/** Wishes that are worked on at once; each asks Asterisk for all its channels. */
const MOST_AT_ONCE = 4;
/** Channels that carry a leg, of a dragoman most likely: their call is interpreted already. */
const CARRIES_A_LEG = /^(AudioSocket|WebSocket|UnicastRTP)\//;
/** What ConfBridge puts into its conferences itself: announcements and recordings. */
const NOBODY = /^(CBAnn|CBRec)\//;
/** Channels of one call. */
const MOST_CHANNELS = 16;

/** A party that was opened, and its end: when nothing of it is left. */
export interface OpenedParty {
  readonly party: AriParty;
  readonly ended: Promise<void>;
}

export interface AriWhispersDeps {
  readonly app: string;
  readonly ids: AriIds;
  readonly client: AriAsker;
  readonly languages: ReadonlySet<Language>;
  readonly volumes: Pick<AmiVolumes, 'set'>;
  readonly log: Log;
  /** Why a call cannot be taken just now; undefined: it can. */
  readonly refusal: (
    parties: number,
  ) => Extract<WhisperRefusal, 'draining' | 'too-many-legs' | 'ari-away'> | undefined;
  /** Whether a channel is in a call of ours. */
  readonly isKnown: (id: string) => boolean;
  readonly open: (phone: PhoneChannel, facts: Omit<ArrivalFacts, 'uuid'>) => OpenedParty;
  /** Ends requests, at the very end. */
  readonly signal: AbortSignal;
}

/** One call that is interpreted. */
interface Whisper {
  /** The one that was named first. */
  readonly channels: readonly AriChannel[];
  /** In the order of the channels. */
  readonly snoops: readonly string[];
  /** Empty while the snoop channels are being made. */
  opened: readonly OpenedParty[];
  /** Whether the channels are softer than they were. */
  softened: boolean;
  /** Resolves when nothing of it is left. */
  over: Promise<void>;
}

export class AriWhispers implements Counted, Whispering {
  readonly counts = {
    /** Wishes that a running call be interpreted, by what came of them. */
    ariWhispers: new Tally<'begun' | WhisperRefusal>(),
  };
  readonly #deps: AriWhispersDeps;
  readonly #whispers = new Set<Whisper>();
  readonly #beginning = new Set<Promise<WhisperAnswer>>();

  constructor(deps: AriWhispersDeps) {
    this.#deps = deps;
  }

  /** Whether it is a channel that is being made for a call. */
  isKnown(id: string): boolean {
    return [...this.#whispers].some(({ snoops }) => snoops.includes(id));
  }

  async begin(wish: WhisperWish): Promise<WhisperAnswer> {
    const answer = this.#beginning.size < MOST_AT_ONCE ? await this.#tried(wish) : BUSY;
    this.counts.ariWhispers.add(answer.type === 'done' ? 'begun' : answer.reason);
    if (answer.type === 'refused') {
      const { reason, explanation } = answer;
      this.#deps.log.warn({ reason, explanation }, 'a call that runs is not interpreted as was asked for');
    }
    return answer;
  }

  async end(channel: string): Promise<WhisperAnswer> {
    const found = [...this.#whispers].find(({ channels }) => channels.some(isNamed(channel)));
    if (found === undefined || found.opened.length === 0) {
      return refused('not-interpreted', 'no call of this channel is being interpreted');
    }
    await takeOff(found, 'taken-off');
    await found.over;
    return DONE;
  }

  /**
   * Waits for what is being made, so that none of it is left in Asterisk, and for the end of what was. Parties that are
   * open are their owner's, who ends them.
   */
  async close(): Promise<void> {
    // At once: how loud voices are is asked for by another way than parties are removed, and that may be slow.
    const softened = [...this.#whispers].map((whisper) => this.#asLoudAsEver(whisper));
    await Promise.allSettled(this.#beginning);
    await Promise.all([...softened, ...[...this.#whispers].map(({ over }) => over)]);
  }

  async #tried(wish: WhisperWish): Promise<WhisperAnswer> {
    const work = this.#begin(wish);
    this.#beginning.add(work);
    try {
      return await work;
    } catch (error) {
      this.#deps.log.warn({ error }, 'Asterisk does not let a call that runs be interpreted');
      return refused('failed', 'Asterisk refuses it or does not answer; the log of dragoman says why');
    } finally {
      this.#beginning.delete(work);
    }
  }

  async #begin({ channel, from, to, original }: WhisperWish): Promise<WhisperAnswer> {
    const { languages, refusal } = this.#deps;
    const [first, second] = [languageAmong(from, languages), languageAmong(to, languages)];
    if (first === undefined || second === undefined || first === second) {
      const known = [...languages].join(', ');
      return refused('bad-language', `name two languages that are set up here (${known}), such as en:es`);
    }
    const reason = refusal(2);
    if (reason !== undefined) {
      return refused(reason, NOT_NOW[reason]);
    }
    const found = await this.#find(channel);
    if (found.type === 'refused') {
      return found;
    }
    return original === 'full' || found.channels.length === 2
      ? this.#interpret(found.channels, first, second, SOFTER_GAINS[original])
      : refused(
          'bad-original',
          'in a conference those who share a language hear each other by it: ask for full',
        );
  }

  /** The channel that was named and those that it talks with. */
  async #find(
    wanted: string,
  ): Promise<
    | { readonly type: 'found'; readonly channels: readonly AriChannel[] }
    | (WhisperAnswer & { type: 'refused' })
  > {
    const { client, signal, isKnown } = this.#deps;
    const [channels = [], bridges = []] = await Promise.all([
      client.ask(listChannels(), signal).then(ariChannels),
      client.ask(listBridges(), signal).then(ariBridges),
    ]);
    const named = channels.find(isNamed(wanted));
    if (named === undefined) {
      return refused(
        'no-such-channel',
        'Asterisk has no such channel: "asterisk -rx \'core show channels\'" lists those it has',
      );
    }
    const bridge = bridges.find((each) => !each.holding && each.channels.includes(named.id));
    const others = channels.filter(
      ({ id, name }) => id !== named.id && bridge?.channels.includes(id) && !NOBODY.test(name),
    );
    if (others.length === 0) {
      return refused('no-call', 'the channel is in no call just now: it rings, or waits');
    }
    if (others.length >= MOST_CHANNELS) {
      return refused('too-many-parties', `more than ${MOST_CHANNELS} confer with this channel`);
    }
    const all = [named, ...others];
    const whispered = [...this.#whispers].flatMap((whisper) => whisper.channels.map(({ id }) => id));
    return all.some(({ id, name }) => isKnown(id) || whispered.includes(id) || CARRIES_A_LEG.test(name))
      ? refused('already-interpreted', 'the call of this channel is interpreted already')
      : { type: 'found', channels: all };
  }

  /** @param from what the first speaks; @param to what the others do; @param gain what makes them softer. */
  async #interpret(
    channels: readonly AriChannel[],
    from: Language,
    to: Language,
    gain: Gain | undefined,
  ): Promise<WhisperAnswer> {
    const { ids, refusal, open, log } = this.#deps;
    const whisper: Whisper = {
      ...{ channels, snoops: channels.map(() => ids.snoop(randomUUID())), opened: [] },
      softened: false,
      over: Promise.resolve(),
    };
    this.#whispers.add(whisper);
    if (gain !== undefined && !(await this.#soften(whisper, gain))) {
      this.#whispers.delete(whisper);
      return refused('no-volume', NO_VOLUME);
    }
    try {
      await this.#makeSnoops(whisper);
      const reason = refusal(channels.length);
      if (reason !== undefined) {
        await this.#hangUpSnoops(whisper);
        await this.#forget(whisper);
        return refused(reason, NOT_NOW[reason]);
      }
    } catch (error) {
      await this.#forget(whisper);
      throw error;
    }
    const callId = randomUUID();
    const kind = channels.length === 2 ? 'pair' : 'conference';
    whisper.opened = whisper.snoops.map((id, place) => {
      // Of the parties, in captions: whose channel was named, and the others.
      const [language, name] = place === 0 ? [from, 'channel'] : [to, 'partner'];
      const party = { ...partyOf(idOfPlace(place), language, name), hears: 'renderings' } as const;
      const { linkedid = '' } = channels[0] ?? {};
      return open(
        { id, answered: true },
        { linkedid, place: { callId, party, kind, languages: [from, to] } },
      );
    });
    log.info({ channels: channels.map(({ id }) => id) }, 'a call that runs is being interpreted');
    whisper.over = this.#whenOver(whisper);
    const connected = await Promise.all(whisper.opened.map(({ party }) => party.opened));
    if (connected.every(Boolean)) {
      return DONE;
    }
    await whisper.over;
    return refused('failed', 'the call has ended, or Asterisk cannot connect it with us');
  }

  /** When all but one have ended, or the first, who alone speaks its language, nobody is interpreted any more. */
  async #whenOver(whisper: Whisper): Promise<void> {
    const [first, ...others] = whisper.opened.map(({ ended }) => ended);
    await Promise.race([first, Promise.all(others)]);
    await takeOff(whisper, 'partner-left');
    await this.#forget(whisper);
    this.#deps.log.info(
      { channels: whisper.channels.map(({ id }) => id) },
      'a call that runs is interpreted no longer, or has ended',
    );
  }

  /** Whether Asterisk makes the voices softer, all of them. */
  async #soften(whisper: Whisper, gain: Gain): Promise<boolean> {
    const { volumes, signal, log } = this.#deps;
    whisper.softened = true;
    try {
      await volumes.set(namesOf(whisper), gain, signal);
      return true;
    } catch (error) {
      log.warn({ error }, 'Asterisk does not make the voices of a call softer');
      await this.#asLoudAsEver(whisper);
      return false;
    }
  }

  /** Nothing of it is left but how loud its channels are. */
  async #forget(whisper: Whisper): Promise<void> {
    await this.#asLoudAsEver(whisper);
    this.#whispers.delete(whisper);
  }

  async #asLoudAsEver(whisper: Whisper): Promise<void> {
    const { volumes, signal, log } = this.#deps;
    if (whisper.softened) {
      whisper.softened = false;
      try {
        await volumes.set(namesOf(whisper), AS_EVER, signal);
      } catch (error) {
        log.warn(
          { error },
          'the voices of a call may be softer than they were: Asterisk does not take that back',
        );
      }
    }
  }

  /** @throws as {@link AriAsker.ask}, once neither of the two is left. */
  async #makeSnoops(whisper: Whisper): Promise<void> {
    const { app, client, signal } = this.#deps;
    const made = await Promise.allSettled(
      whisper.channels.map(({ id }, place) =>
        client.ask(snoop({ app, channelId: id, snoopId: whisper.snoops[place] ?? '' }), signal),
      ),
    );
    const failure = made.find((each) => each.status === 'rejected');
    if (failure !== undefined) {
      await this.#hangUpSnoops(whisper);
      throw failure.reason;
    }
  }

  async #hangUpSnoops({ snoops }: Whisper): Promise<void> {
    const { client, signal, log } = this.#deps;
    for (const id of snoops) {
      try {
        await client.ask(hangUp(id), signal);
      } catch (error) {
        if (statusOf(error) !== 404) {
          log.debug({ error }, 'something in Asterisk could not be removed; it is looked for later');
        }
      }
    }
  }
}

/** What voices are divided by: 17 dB softer; and 30 dB, which is next to nothing and can be heard if we are gone. */
const SOFTER_GAINS: Readonly<Record<OriginalMode, Gain | undefined>> = {
  full: undefined,
  duck: -7,
  off: -32,
};
const AS_EVER: Gain = 0;
const NO_VOLUME =
  'Asterisk does not make the voices softer for us: copy dialplan/manager.conf into its manager.conf, with the password ' +
  'of ari.conf, and load func_volume.so; or ask for full';

const DONE: WhisperAnswer = { type: 'done' };
const NOT_NOW = {
  draining: 'no more calls are taken: dragoman is about to end',
  'too-many-legs': 'there are as many legs as --max-legs lets in, or nearly so',
  'ari-away': 'Asterisk cannot be reached by ARI just now; the log of dragoman says why',
} as const;
const BUSY = refused('busy', 'other calls are being taken in just now: ask again in a moment');

async function takeOff({ opened }: Whisper, reason: string): Promise<void> {
  for (const { party } of opened) {
    party.takeOff(reason);
  }
  await Promise.all(opened.map(({ ended }) => ended));
}

function namesOf({ channels }: Whisper): readonly string[] {
  return channels.map(({ name }) => name);
}

function isNamed(wanted: string): (channel: AriChannel) => boolean {
  return ({ id, name }) => id === wanted || name === wanted;
}

function refused(reason: WhisperRefusal, explanation: string): WhisperAnswer & { readonly type: 'refused' } {
  return { type: 'refused', reason, explanation };
}
