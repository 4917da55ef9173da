/**
 * What a test file needs: dragoman, an Asterisk that connects to it, and phones, which are closed with the test that
 * took them. A file that cannot have an Asterisk says so once, and its tests are skipped.
 */

import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import type { Wav } from '../../src/protocol/wav.ts';
import { freePort } from '../support/ports.ts';
import { eventually } from '../support/waiting.ts';
import { BreakableProxy } from './breakable-proxy.ts';
import { DragomanProcess } from './dragoman-process.ts';
import { Phone, type PhoneOptions } from './phone.ts';
import { CURL_TIMED_OUT, LEG_GONE, Testbed, type TestbedOptions } from './testbed.ts';

/**
 * What Asterisk 22 says when a party hangs up while AudioSocket() runs: its read of the channel ends or, if a frame of
 * ours comes at that moment, its write. There is no quieter way to hang up.
 */
export const PARTY_HUNG_UP = [
  /app_audiosocket\.c: Failed to receive frame from channel '/,
  /app_audiosocket\.c: Failed to forward frame from AudioSocket server '\S+' to channel '/,
];

/** What it says, whatever is tried, when a channel has gone by the time that ARI is asked for its events. */
const ASKED_TOO_LATE = /res_stasis\.c: Event source not found: channel:/;

/** What it says when dragoman is gone in mid-call. */
export const DRAGOMAN_GONE = [
  ...LEG_GONE,
  /res_audiosocket\.c: Failed to read (header|payload) from AudioSocket(: | because: )Connection reset by peer/,
  /app_audiosocket\.c: Failed to initialize AudioSocket/,
];

/** What it says when dragoman cannot be reached. */
export const DRAGOMAN_AWAY = [
  /res_audiosocket\.c: Connecting to '\S+' failed for url '\S+': Connection refused/,
  /res_audiosocket\.c: Failed to connect to AudioSocket service/,
  // The other party was bridged plainly first and has fetched this one's channel, which was still about to connect.
  /res_audiosocket\.c: Failed to stop autoservice for channel/,
  // A connection that is refused is closed twice by Asterisk, and with it what another leg has opened meanwhile
  // (extensions.conf), or what somebody else has, who finds it gone as he writes.
  /utils\.c: write\(\) returned error: Bad file descriptor/,
  /res_audiosocket\.c: Connection to '\S+' failed with error: Bad file descriptor/,
];

/** What it says as sixty channels begin or end at once, of which it has more to tell than it can at that moment. */
export const TELLS_MUCH = /taskprocessor\.c: .* queue reached/;

/** What it says when CURL() finds nobody there. */
export const NO_API = /func_curl\.c: .*(Failed to|Couldn't) connect/;

/** What every number of dragoman's begins with: the default of dialplan/extensions.conf. */
export const PREFIX = '*49';

/** The digit after the prefix: 8 kHz, or wideband. */
export type Way = '8' | '9';

export interface ExchangeOptions extends Omit<TestbedOptions, 'dragoman' | 'morePhones'> {
  /** Flags of `dragoman serve` beside its addresses. */
  readonly serve: readonly string[];
  /** How long a party's place is kept, in s; default 0, so that a call is over when somebody has hung up. */
  readonly rejoinS?: number;
  /** Variables of dragoman's environment. */
  readonly environment?: Readonly<Record<string, string>>;
  /** The languages of two doors, for those who dial *4970 and *4971; default one door without languages. */
  readonly doors?: readonly [string, string];
  /** Calls that run side by side: as many phones a0, a1 … that call, and b0, b1 … with the numbers 210, 211 … */
  readonly pairs?: number;
  /** Phones that are asked for a codec and packet time of their own, such as a0: ulaw:60. */
  readonly codecs?: Readonly<Record<string, string>>;
  /** Phones that dial in a context of their own, such as a0: site; default `phones`. */
  readonly contexts?: Readonly<Record<string, string>>;
}

/** A caller's phone, the phone it can reach, and its number in the site's own number plan. */
export interface Pair {
  readonly caller: string;
  readonly callee: string;
  readonly number: string;
}

/** How dragoman is started. */
interface DragomanStart {
  readonly listen: readonly string[];
  readonly serve: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
}

export class Exchange {
  readonly testbed: Testbed;
  readonly pairs: readonly Pair[];
  dragoman: DragomanProcess;
  /** The way of dragoman to ARI, with `ariPassword`. */
  readonly ari: BreakableProxy | undefined;
  readonly #start: DragomanStart;

  /** All that a file needs, or why this machine cannot have it. */
  static async open({
    serve: flags,
    rejoinS = 0,
    doors,
    pairs = 0,
    codecs = {},
    contexts = {},
    environment: variables = {},
    ...options
  }: ExchangeOptions): Promise<Exchange | string> {
    const addresses = await Promise.all((doors ?? ['']).map(async () => `127.0.0.1:${await freePort()}`));
    const [first = '', second = ''] = addresses;
    const serve = ['--rejoin', String(rejoinS), ...flags];
    const made = (user: string, number?: string): string =>
      [
        user,
        number === undefined ? '' : `/${number}`,
        contexts[user] === undefined ? '' : `@${contexts[user]}`,
        codecs[user] === undefined ? '' : `=${codecs[user]}`,
      ].join('');
    const parties = Array.from({ length: pairs }, (_, index) => ({
      caller: `a${index}`,
      callee: `b${index}`,
      number: String(210 + index),
    }));
    const testbed = await Testbed.open({
      ...options,
      dragoman: first,
      ...(pairs > 0
        ? {
            morePhones: parties.flatMap(({ caller, callee, number }) => [made(caller), made(callee, number)]),
          }
        : {}),
      globals: {
        DRAGOMAN_CONFERENCE: first,
        ...options.globals,
        ...(doors === undefined ? {} : { DRAGOMAN_FIRST: first, DRAGOMAN_SECOND: second }),
      },
    });
    if (typeof testbed === 'string') {
      return testbed;
    }
    try {
      const listen = addresses.map((address, index) =>
        doors === undefined ? address : `${address}=${doors[index]}`,
      );
      const { ariPassword, ariByCall = false } = options;
      const ari = ariPassword === undefined || ariByCall ? undefined : await BreakableProxy.open(testbed.ari);
      const all = ari === undefined ? serve : [...serve, '--ari', ari.url];
      const environment =
        ariPassword === undefined ? variables : { ...variables, DRAGOMAN_ARI_PASSWORD: ariPassword };
      const dragoman = await DragomanProcess.start(listen, all, environment);
      return new Exchange(testbed, parties, { listen, serve: all, environment }, dragoman, ari);
    } catch (error) {
      await testbed.close();
      throw error;
    }
  }

  private constructor(
    testbed: Testbed,
    pairs: readonly Pair[],
    start: DragomanStart,
    dragoman: DragomanProcess,
    ari: BreakableProxy | undefined,
  ) {
    this.testbed = testbed;
    this.pairs = pairs;
    this.#start = start;
    this.dragoman = dragoman;
    this.ari = ari;
  }

  /** The exchange of a file, or the end of this test: skipped on a machine that cannot have one. */
  static orSkip(exchange: Exchange | string | undefined, test: TestContext): exchange is Exchange {
    if (exchange instanceof Exchange) {
      return true;
    }
    assert.ok(exchange !== undefined, 'the exchange did not open');
    test.skip(exchange);
    return false;
  }

  pair(index: number): Pair {
    const pair = this.pairs[index];
    assert.ok(pair !== undefined, `there is no pair ${index}`);
    return pair;
  }

  /** A phone that ends with the test, however the test ends. */
  async phone(test: TestContext, options: PhoneOptions): Promise<Phone> {
    const phone = await Phone.open(this.testbed, options);
    test.after(async () => {
      await phone.close();
    });
    return phone;
  }

  /** The two phones of pair `index`, in a call that is answered. @param way none is a plain call. */
  call(
    test: TestContext,
    index: number,
    way: Way | '',
    caller: Partial<PhoneOptions> = {},
    callee: Partial<PhoneOptions> = {},
  ): Promise<readonly [Phone, Phone]> {
    const { number } = this.pair(index);
    return this.callBy(test, index, way === '' ? number : PREFIX + way + number, caller, callee);
  }

  /** The same by any number that rings the second phone of the pair. */
  async callBy(
    test: TestContext,
    index: number,
    dialled: string,
    caller: Partial<PhoneOptions> = {},
    callee: Partial<PhoneOptions> = {},
  ): Promise<readonly [Phone, Phone]> {
    const pair = this.pair(index);
    const [a, b] = await Promise.all([
      this.phone(test, { user: pair.caller, ...caller }),
      this.phone(test, { user: pair.callee, ...callee }),
    ]);
    await a.dial(dialled);
    await Promise.all([a.until('CALL_ESTABLISHED'), b.until('CALL_ESTABLISHED')]);
    return [a, b];
  }

  /** A phone that has dialled a number and is through. */
  async dialled(test: TestContext, number: string, options: PhoneOptions, limitMs: number): Promise<Phone> {
    const phone = await this.phone(test, options);
    await phone.dial(number);
    await phone.until('CALL_ESTABLISHED', limitMs);
    return phone;
  }

  /**
   * How many registrations of calls have come to nothing so far because Asterisk or dragoman stood still: CURL() waits for
   * 2 s, dragoman for what AGI() has to say as long. The call is made without, then.
   */
  async registrationsLate(): Promise<number> {
    const log = (await this.testbed.log()).split('\n');
    const byAgi = await this.dragoman.metric('dragoman_agi_requests_total', /"too-late"/);
    return byAgi + log.filter((line) => CURL_TIMED_OUT.test(line)).length;
  }

  /** Waits until neither calls, nor channels, nor bridges of dragoman's are left. */
  async nothingLeft(limitMs: number): Promise<void> {
    const { dragoman, testbed } = this;
    await eventually('nothing is left', limitMs, async () => {
      const [calls, channels, bridges] = await Promise.all([
        dragoman.calls(),
        testbed.channels(),
        testbed.cli('bridge show all'),
      ]);
      return calls.length === 0 && channels.length === 0 && !/\bdg-/.test(bridges);
    });
  }

  /** Starts dragoman again, where it was. */
  async restart(): Promise<void> {
    await this.dragoman.close();
    const { listen, serve, environment } = this.#start;
    this.dragoman = await DragomanProcess.start(listen, serve, environment);
  }

  /**
   * Ends all of it.
   * @param calledFor what Asterisk warns of in this file because its tests do just that.
   * @param options as of {@link Testbed.close}.
   * @throws AssertionError when its log holds any other warning or error.
   */
  async close(calledFor: readonly RegExp[], options: { readonly emptied?: boolean } = {}): Promise<void> {
    try {
      const complaints = await this.testbed.complaints([...calledFor, ASKED_TOO_LATE]);
      await this.testbed.close(options);
      assert.deepEqual(complaints, [], "Asterisk's log holds what no test calls for");
    } finally {
      await this.dragoman.close();
      await this.ari?.close();
    }
  }
}

/** What both phones heard. Ends them. */
export async function hearBoth(phones: readonly [Phone, Phone]): Promise<readonly [Wav, Wav]> {
  return Promise.all([phones[0].close(), phones[1].close()]);
}
