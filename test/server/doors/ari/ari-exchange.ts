/**
 * The ARI door before a strict stand-in of Asterisk, with a real AudioSocket listener, one for WebSockets to which that
 * Asterisk may connect for each call, and a switchboard on the fake clock.
 */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { TestContext } from 'node:test';
import { WebSocket } from 'ws';
import { systemClock } from '../../../../src/base/clock.ts';
import { CountSums } from '../../../../src/base/counts.ts';
import { Secret } from '../../../../src/base/secret.ts';
import { SlicedWork } from '../../../../src/base/sliced-work.ts';
import { ArrangedSeating } from '../../../../src/call/seating/arranged-seating.ts';
import { SuffixSeating } from '../../../../src/call/seating/suffix-seating.ts';
import { openSocket } from '../../../../src/client/open-socket.ts';
import { encodeUuid } from '../../../../src/protocol/audiosocket/asterisk-encoder.ts';
import { ariDoor } from '../../../../src/server/doors/ari/ari-door.ts';
import { type AriMediaName, sharedMedia } from '../../../../src/server/doors/ari/ari-media.ts';
import { ariPart } from '../../../../src/server/doors/ari/ari-part.ts';
import { audioSocketDoor } from '../../../../src/server/doors/audiosocket/audiosocket-door.ts';
import type { Door, DoorAddress } from '../../../../src/server/doors/door.ts';
import { mediaPart } from '../../../../src/server/doors/websocket/media-part.ts';
import { webSocketDoor } from '../../../../src/server/doors/websocket/websocket-door.ts';
import { type KeptLine, ScriptedExchange } from '../../../call/scripted-legs.ts';
import { StrictAri, type StrictAriOptions } from '../../../stand-ins/strict-ari.ts';
import { pass } from '../../../support/waiting.ts';
import { throwOn } from '../audiosocket/socket-pairs.ts';

/** Long past what a machine needs: a test that runs into it fails. */
const LIMIT_MS = 20_000;
/** So much time of the fake clock passes between two looks at a fact. */
const STEP_MS = 20;

export const PASSWORD = 'hush';

export interface AriExchangeOptions {
  readonly ari?: StrictAriOptions;
  readonly maxLegs?: number;
  readonly rejoinMs?: number;
  /** What there is in Asterisk before the door is opened. */
  readonly before?: (ari: StrictAri) => void;
  /** Default `audiosocket`. */
  readonly media?: AriMediaName;
  /** Whether Asterisk connects to us, for each call; default we connect to it. */
  readonly byCall?: boolean;
  /** Whether our doors listen on every address, and Asterisk reaches us at 127.0.0.2. */
  readonly everywhere?: boolean;
  /** Without which nobody opens a WebSocket. */
  readonly token?: string;
}

export class AriExchange {
  readonly ari: StrictAri;
  readonly door: Door;
  readonly scripted: ScriptedExchange;
  readonly #audioPort: number;
  /** Where WebSockets are taken. */
  readonly #webSockets: string;

  /** A door, whether or not Asterisk lets it in. */
  static async open(test: TestContext, options: AriExchangeOptions = {}): Promise<AriExchange> {
    const { maxLegs = 10, rejoinMs = 3_000, media = 'audiosocket', byCall = false, token } = options;
    const [host, reached] =
      options.everywhere === true ? ['0.0.0.0', '127.0.0.2'] : ['127.0.0.1', '127.0.0.1'];
    const extensions = new Map([
      ['7777', { language: 'en', room: undefined }],
      ['8888', { language: 'fr', room: undefined }],
    ]);
    const seatings: ArrangedSeating[] = [];
    const scripted = new ScriptedExchange(test, {
      switchboard: { maxLegs },
      plan: { languages: ['en', 'fr'] },
      seating: (plan) => {
        const arranged = new ArrangedSeating(plan, new SuffixSeating(plan), extensions);
        seatings.push(arranged);
        return arranged;
      },
    });
    const [promises] = seatings;
    assert.ok(promises !== undefined);
    const { switchboard, clock, log } = scripted;
    const work = new SlicedWork(clock, throwOn);
    const deps = { switchboard, promises, clock, log, work };
    const audio = await audioSocketDoor({
      ...{ host, port: 0, languages: ['en', 'fr'], allow: undefined, maxLegs, rejoinMs },
      uuidTimeoutMs: 5_000,
    })({ ...deps, listening: () => [] });
    const listening = (): readonly DoorAddress[] => [audio.address];
    const openMedia = sharedMedia(media, {
      ...{ address: undefined, section: 'dragoman' },
      rtp: { host: '127.0.0.1', port: 0, format: 'g722', languages: ['en', 'fr'], rejoinMs },
    });
    const languages = new Set(['en', 'fr']);
    const common = { app: 'dragoman', openMedia, extensions, maxLegs, languages, replaces: rejoinMs > 0 };
    const sockets = await webSocketDoor({
      ...{ host, port: 0, names: [], uuidTimeoutMs: 5_000 },
      token: token === undefined ? undefined : new Secret(token),
      parts: [
        mediaPart({ languages: ['en', 'fr'], inRooms: ['en', 'fr'], rejoinMs }),
        ...(byCall ? [ariPart(common)] : []),
      ],
    })({ ...deps, listening });
    const at = `ws://${reached}:${sockets.address.port}`;
    const login = token === undefined ? {} : { password: token };
    const ari = await StrictAri.open({
      password: PASSWORD,
      ...(byCall ? { callsUs: { url: `${at}/ari`, ...login } } : {}),
      sections: { dragoman: `${at}/media` },
      ...options.ari,
    });
    options.before?.(ari);
    const address = { url: ari.url, user: 'dragoman', password: new Secret(PASSWORD) };
    const door = byCall ? sockets : await ariDoor({ ...common, address })({ ...deps, listening });
    const exchange = new AriExchange(ari, door, scripted, audio.address.port, at);
    test.after(async () => {
      await exchange.during(Promise.all([door.close(), sockets.close()]));
      await audio.close();
      await ari.close();
    });
    return exchange;
  }

  /** A door to which Asterisk tells of calls. */
  static async connected(test: TestContext, options: AriExchangeOptions = {}): Promise<AriExchange> {
    const exchange = await AriExchange.open(test, options);
    await exchange.until('connected', () => exchange.logged('connected to ARI').length > 0);
    return exchange;
  }

  private constructor(
    ari: StrictAri,
    door: Door,
    scripted: ScriptedExchange,
    audioPort: number,
    webSockets: string,
  ) {
    this.#webSockets = webSockets;
    this.ari = ari;
    this.door = door;
    this.scripted = scripted;
    this.#audioPort = audioPort;
  }

  /** A leg that the dialplan sends, with nothing but a UUID. */
  async bareLeg(test: TestContext, uuid: string): Promise<void> {
    const socket = await openSocket('127.0.0.1', this.#audioPort, systemClock);
    test.after(() => socket.destroy());
    socket.on('data', () => {});
    socket.write(encodeUuid(Buffer.from(uuid.replaceAll('-', ''), 'hex')));
  }

  /** A connection to /ari that says this first. @throws Error when it is refused, with the status. */
  async connects(text: string, localAddress = '127.0.0.1'): Promise<WebSocket> {
    const socket = new WebSocket(`${this.#webSockets}/ari`, ['ari'], { localAddress });
    await once(socket, 'open');
    socket.send(text);
    return socket;
  }

  /** What such a connection is closed with. */
  async closedWith(text: string): Promise<number> {
    const [code] = await once(await this.connects(text), 'close');
    return Number(code);
  }

  /** Lets time pass on both clocks until `fact` is true. @throws AssertionError when it does not become so. */
  async until(what: string, fact: () => boolean): Promise<void> {
    const limitMs = systemClock.nowMs() + LIMIT_MS;
    while (!fact()) {
      assert.ok(systemClock.nowMs() < limitMs, `it never came: ${what}; there is ${this.ari.left.join(' ')}`);
      await pass(1);
      await this.scripted.clock.advance(STEP_MS);
    }
  }

  /** Lets time pass until `work` is done. */
  async during<T>(work: Promise<T>): Promise<T> {
    let done = false;
    const told = work.finally(() => {
      done = true;
    });
    await this.until('done', () => done);
    return told;
  }

  /** The languages of each call that runs, by party. */
  get calls(): readonly (readonly string[])[] {
    return [...this.scripted.switchboard.calls.values()].map((call) =>
      [...call.parties.values()].map(({ language }) => language).sort(),
    );
  }

  /** Waits for a call whose parties all have a leg in a bridge. */
  async inCall(...languages: readonly string[]): Promise<void> {
    await this.until(`a call of ${languages.join(' and ')}`, () => {
      const [call] = this.calls;
      const joined = [...this.ari.bridges.values()].filter((members) => members.size === 2).length;
      return this.calls.length === 1 && call?.join() === languages.join() && joined === languages.length;
    });
  }

  /** Waits until neither a call nor anything in Asterisk is left. */
  nothingLeft(): Promise<void> {
    return this.until(
      'nothing is left',
      () =>
        this.ari.left.length === 0 && this.scripted.switchboard.legs.size === 0 && this.calls.length === 0,
    );
  }

  /** The lines whose message begins so. */
  logged(message: string): readonly KeptLine[] {
    return this.scripted.log.lines.filter((line) => line.message.startsWith(message));
  }

  /** What was counted under `name`, by its words. */
  tally(name: string): Readonly<Record<string, number>> {
    return Object.fromEntries(new CountSums().add(this.door).tally(name));
  }

  count(name: string): number {
    return new CountSums().add(this.door).number(name);
  }

  /** The paths that were asked for with `method`. */
  asked(method: string): readonly string[] {
    return this.ari.asked.filter((each) => each.method === method).map(({ path }) => path);
  }
}
