/**
 * The connection on which Asterisk tells of calls. It is kept: when it breaks it is opened again, soon at first and
 * then every 5 s, and what happened meanwhile is asked for, since Asterisk does not repeat it. Calls go on without
 * it.
 */

import type { Clock } from '../../../base/clock.ts';
import type { Counted } from '../../../base/counts.ts';
import type { Log } from '../../../base/log.ts';
import type { Scope } from '../../../base/scope.ts';
import { Tally } from '../../../base/tally.ts';
import { parseJson } from '../../../engines/wire/json.ts';
import { ProviderSocket } from '../../../engines/wire/web-socket.ts';
import { ARI_EVENTS, type AriEvent, ariEvent } from '../../../protocol/ari/ari-events.ts';
import { filterEvents } from '../../../protocol/ari/ari-requests.ts';
import type { DoorHealth } from '../door.ts';
import { type AriAddress, type AriClient, basicAuthorization } from './ari-client.ts';
import { type AriTrouble, ariTrouble, replaced } from './ari-trouble.ts';

/** How long to wait before each next try, in ms; the last counts for all that follow. */
const PAUSES_MS = [200, 400, 800, 1_600, 3_200, 5_000] as const;
const LONGEST_PAUSE_MS = 5_000;
/** Before another try at what somebody must mend first, in ms. */
const RARE_PAUSE_MS = 60_000;
/** A connection that says nothing, not even to two of these, is gone. */
const PING_MS = 2_000;
const OPEN_LIMIT_MS = 3_000;
/** Between two looks at what there is, in ms: what slipped through is found then. */
const LOOK_AGAIN_MS = 60_000;

export interface AriLinkSink {
  /**
   * Before it is connected for the first time: whether nobody else is. @throws AriInUse, or as {@link AriClient.ask}.
   */
  assertFree(signal: AbortSignal): Promise<void>;
  event(event: AriEvent): void;
  /** It is not connected any more. */
  away(): void;
  /** It is connected, or has been for a minute more: look what there is, and mend what is not as it should be. */
  reconcile(signal: AbortSignal): Promise<void>;
}

export interface AriLinkDeps {
  readonly client: AriClient;
  readonly clock: Clock;
  readonly log: Log;
}

export class AriLink implements Counted {
  readonly counts = {
    /** Times that it was connected. */
    ariConnected: 0,
    /** Times that it could not be connected, or broke, by why. */
    ariTroubles: new Tally<AriTrouble['kind']>(),
  };
  readonly #address: AriAddress;
  readonly #app: string;
  readonly #deps: AriLinkDeps;
  readonly #sink: AriLinkSink;
  #connected = false;
  /** Since when it is, or is not, in ms of the clock. */
  #sinceMs: number;
  #trouble: AriTrouble | undefined;
  /** Tries since it was connected last. */
  #tries = 0;
  /** What was logged last, so that it is said once. */
  #said: string | undefined;

  constructor(address: AriAddress, app: string, deps: AriLinkDeps, sink: AriLinkSink) {
    this.#address = address;
    this.#app = app;
    this.#deps = deps;
    this.#sink = sink;
    this.#sinceMs = deps.clock.nowMs();
  }

  get health(): DoorHealth {
    const { lastMs } = this.#deps.client;
    const sinceMs = this.#sinceMs;
    const known = { sinceMs, ...(lastMs === undefined ? {} : { lastMs }) };
    if (this.#connected) {
      return { ...known, state: 'HEALTHY' };
    }
    const { rare = false, sentence = 'it is being connected for the first time' } = this.#trouble ?? {};
    const pauseS = this.#pauseMs() / 1_000;
    return {
      ...known,
      state: rare ? 'FAILED' : 'UNHEALTHY',
      reason: sentence,
      step: `calls that run go on; connecting was tried ${this.#tries} times, and is tried again after ${pauseS} s`,
    };
  }

  /** Connects, and stays connected until `scope` closes. */
  start(scope: Scope): void {
    scope.run((signal) => this.#keep(signal));
  }

  /** Whether Asterisk tells of calls just now. */
  get connected(): boolean {
    return this.#connected;
  }

  async #keep(signal: AbortSignal): Promise<void> {
    const { clock } = this.#deps;
    for (;;) {
      const trouble = await this.#connectOnce(signal);
      this.#trouble = trouble;
      if (this.#connected) {
        this.#connected = false;
        this.#sinceMs = clock.nowMs();
      }
      this.#sink.away();
      signal.throwIfAborted();
      this.#tell(trouble);
      const pauseMs = this.#pauseMs();
      this.#tries += 1;
      await clock.sleep(pauseMs, signal);
    }
  }

  /** Until the next try. */
  #pauseMs(): number {
    return this.#trouble?.rare === true ? RARE_PAUSE_MS : (PAUSES_MS[this.#tries] ?? LONGEST_PAUSE_MS);
  }

  /** Resolves when it could not be connected, or is over, with why. */
  async #connectOnce(signal: AbortSignal): Promise<AriTrouble> {
    const ended = new AbortController();
    const onAbort = (): void => ended.abort(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    let socket: ProviderSocket | undefined;
    try {
      if (this.counts.ariConnected === 0) {
        await this.#sink.assertFree(ended.signal);
      }
      socket = await this.#open(ended.signal);
      const lost = this.#hear(socket).then((trouble) => {
        ended.abort();
        return trouble;
      });
      const unused = this.#use(ended.signal).catch((error: unknown) => {
        signal.throwIfAborted();
        return ended.signal.aborted ? lost : ariTrouble(error, this.#address.user);
      });
      return await Promise.race([lost, unused]);
    } catch (error) {
      return ariTrouble(error, this.#address.user);
    } finally {
      signal.removeEventListener('abort', onAbort);
      ended.abort();
      await socket?.close();
    }
  }

  #open(signal: AbortSignal): Promise<ProviderSocket> {
    const { url, user, password } = this.#address;
    const events = new URL(url);
    events.protocol = events.protocol === 'https:' ? 'wss:' : 'ws:';
    events.pathname = `${events.pathname.replace(/\/+$/, '')}/ari/events`;
    events.search = new URLSearchParams({ app: this.#app }).toString();
    return ProviderSocket.open(
      {
        name: 'ARI',
        url: events.href,
        headers: { authorization: basicAuthorization(user, password) },
        clock: this.#deps.clock,
        openLimitMs: OPEN_LIMIT_MS,
        unreachableHint: 'start Asterisk with enabled=yes in http.conf, or mend --ari',
        hints: {},
        pingMs: PING_MS,
      },
      signal,
    );
  }

  /** Passes events on; resolves when no more come, with why. */
  #hear(socket: ProviderSocket): Promise<AriTrouble> {
    return new Promise((resolve) => {
      socket.listen({
        onText: (text) => {
          const event = ariEvent(parseJson(text));
          if (event?.type === 'ApplicationReplaced') {
            resolve(replaced(this.#app));
          } else if (event !== undefined) {
            this.#sink.event(event);
          }
        },
        onLost: (error) => resolve(ariTrouble(error, this.#address.user)),
      });
    });
  }

  /** What is done while it is connected. */
  async #use(signal: AbortSignal): Promise<never> {
    const { client, clock, log } = this.#deps;
    await client.ask(filterEvents(this.#app, ARI_EVENTS), signal);
    for (;;) {
      await this.#sink.reconcile(signal);
      if (!this.#connected) {
        this.#connected = true;
        this.#sinceMs = clock.nowMs();
        this.counts.ariConnected += 1;
        this.#tries = 0;
        this.#said = undefined;
        log.info({ app: this.#app }, 'connected to ARI: Asterisk tells of calls');
      }
      await clock.sleep(LOOK_AGAIN_MS, signal);
    }
  }

  #tell({ kind, sentence }: AriTrouble): void {
    this.counts.ariTroubles.add(kind);
    const { log } = this.#deps;
    if (this.#said !== sentence) {
      this.#said = sentence;
      log.warn({ app: this.#app, sentence }, 'ARI cannot be used just now; calls that run go on');
    } else {
      log.debug({ app: this.#app, kind }, 'ARI still cannot be used');
    }
  }
}
