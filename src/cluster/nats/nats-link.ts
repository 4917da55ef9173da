/**
 * The link to the broker: NATS, publish and subscribe only, since a stream's leader may be away for seconds. It connects and
 * reconnects for ever, each 200 ms, and nothing waits for it: what is said meanwhile is lost, and told when it is back.
 */

import {
  type ConnectionOptions,
  connect,
  credsAuthenticator,
  type NatsConnection,
  type Status,
  type Subscription,
} from '@nats-io/transport-node';
import type { Clock } from '../../base/clock.ts';
import type { Counted } from '../../base/counts.ts';
import { withDeadline } from '../../base/deadline.ts';
import { isAbort, messageOf } from '../../base/errors.ts';
import type { Log } from '../../base/log.ts';
import { Scope } from '../../base/scope.ts';
import { SparseLog } from '../../base/sparse-log.ts';
import { Tally } from '../../base/tally.ts';
import { abortable } from '../../engines/wire/abortable.ts';
import { decodeMessage, encodeMessage, type Garbled } from '../cluster-codec.ts';
import type { ClusterMessage, ClusterWire } from '../cluster-messages.ts';
import type { NatsAddress, NatsCredentials } from './nats-address.ts';
import { identityCheck } from './nats-tls.ts';

/** Between two attempts to connect, in ms. */
const RETRY_MS = 200;
/** How long one attempt may take, in ms. */
export const CONNECT_LIMIT_MS = 2_000;
/** How long the last words may take to go out, in ms. */
const CLOSE_LIMIT_MS = 1_000;
/** How often the broker is asked whether it is there, in ms, and how many answers may be missing. */
const PING_MS = 2_000;
const MOST_PINGS_OUT = 2;
/**
 * A broker that has not said for so long that it has what was sent, in ms, stands still, or what is between. Who is silent is
 * judged later (`membership`), or each node would take all others for lost.
 */
const STALLED_MS = 500;
/** How long the broker may take to say that it has what was sent, in ms: longer than it may miss pings. */
const FLUSH_LIMIT_MS = 10_000;
/** What may be on its way to a broker that does not take it, in bytes: twice all records of 5,000 calls. The rest is lost. */
const MOST_UNSENT_BYTES = 40_000_000;
/** Room beyond that for what is short: signs of life, ends of calls, questions, and that an answer is complete; in bytes. */
const SHORT_ROOM_BYTES = 1_000_000;
/** With so much on its way, in bytes, what can wait does, so that signs of life do not: 0.2 s at 10 Mbit/s. */
const WAITING_ROOM_BYTES = 250_000;

/** What everybody hears, and what one node does. */
const ALL = 'dragoman.node';
const toRun = (run: string): string => `dragoman.to.${run}`;

export interface NatsLinkOptions extends NatsAddress {
  /** The name that the broker shows of us. */
  readonly name: string;
  /** Our life: what is said to it is for us. */
  readonly run: string;
  readonly credentials?: NatsCredentials | undefined;
  /** A file with the certificates that sign the broker's; undefined: those of this machine. */
  readonly caFile?: string | undefined;
}

export interface NatsLinkListener {
  message(message: ClusterMessage): void;
  /** It is there, for the first time or again. */
  back(): void;
  lost(): void;
  /** It is there, and the broker passes nothing on; or does so again. */
  stalled(is: boolean): void;
}

export class NatsLink implements ClusterWire, Counted {
  readonly counts = {
    clusterMessagesSent: 0,
    clusterMessagesReceived: 0,
    /** Not taken, by why. */
    clusterMessagesRefused: new Tally<Garbled>(),
    /** Lost because the broker was away or did not take them. */
    clusterMessagesUnsent: 0,
    clusterLinksLost: 0,
  };
  readonly #options: NatsLinkOptions;
  readonly #listener: NatsLinkListener;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #sparse: SparseLog<'connect' | 'error' | Garbled>;
  readonly #scope: Scope;
  #connection: NatsConnection | undefined;
  #connected = false;
  /** Why it is not connected; undefined while it is, or nothing was tried. */
  #trouble: string | undefined;
  #unsentBytes = 0;
  #flushing = false;
  #stalled = false;
  #closed = false;
  #closing: Promise<void> | undefined;

  constructor(options: NatsLinkOptions, listener: NatsLinkListener, clock: Clock, log: Log) {
    this.#options = options;
    this.#listener = listener;
    this.#clock = clock;
    this.#log = log;
    this.#sparse = new SparseLog(log, clock);
    this.#scope = new Scope((error) => log.error({ error }, 'the link to the other nodes failed inside'));
  }

  get connected(): boolean {
    return this.#connected;
  }

  get passing(): boolean {
    return this.#connected && !this.#stalled;
  }

  get hasRoom(): boolean {
    return this.passing && this.#unsentBytes < WAITING_ROOM_BYTES;
  }

  get trouble(): string | undefined {
    return this.#trouble;
  }

  /** The connection, for what else the broker offers; undefined while it is away. */
  get connection(): NatsConnection | undefined {
    return this.#connected ? this.#connection : undefined;
  }

  /** Connects, and again whenever it is lost. Resolves when the first attempt has ended, however. */
  open(): Promise<void> {
    return new Promise((tried) => {
      this.#scope.run((signal) => this.#keepConnected(tried, signal).finally(tried));
    });
  }

  tell(message: ClusterMessage): void {
    this.#publish(ALL, message);
  }

  tellNode(run: string, message: ClusterMessage): void {
    this.#publish(toRun(run), message);
  }

  /** What was said last still goes out. Idempotent. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#closed = true;
    const connection = this.#connection;
    if (connection !== undefined) {
      const last = this.#connected ? connection.flush().catch(() => {}) : Promise.resolve();
      this.#connected = false;
      // A broker that stands still answers nobody.
      await Promise.race([last, this.#clock.sleep(CLOSE_LIMIT_MS, this.#scope.signal)]);
      await connection.close();
    }
    await this.#scope.close();
  }

  async #keepConnected(tried: () => void, signal: AbortSignal): Promise<void> {
    while (!signal.aborted && !this.#closed) {
      try {
        await this.#live(await this.#connect(signal), tried);
      } catch (error) {
        if (isAbort(error)) {
          throw error;
        }
        this.#failed(error);
      }
      tried();
      await this.#clock.sleep(RETRY_MS, signal);
    }
  }

  /** Nothing limits how long a name is looked up: at the end nobody waits for that, and what it brings is closed. */
  async #connect(signal: AbortSignal): Promise<NatsConnection> {
    const connecting = connect(connectionOptions(this.#options));
    try {
      return await abortable(connecting, signal);
    } catch (error) {
      connecting.then(
        (connection) => connection.close(),
        () => {},
      );
      throw error;
    }
  }

  /** Until the client gives the connection up, which it does not for a broker that is away. */
  async #live(connection: NatsConnection, tried: () => void): Promise<void> {
    if (this.#closed) {
      await connection.close();
      return;
    }
    this.#connection = connection;
    const callback = (error: Error | null, message: { readonly data: Uint8Array }): void => {
      if (error === null) {
        this.#take(message.data);
      }
    };
    const subscriptions: readonly Subscription[] = [ALL, toRun(this.#options.run)].map((subject) =>
      connection.subscribe(subject, { callback }),
    );
    this.#back();
    tried();
    this.#scope.run(async () => {
      for await (const status of connection.status()) {
        this.#heed(status);
      }
    });
    const error = await connection.closed();
    for (const subscription of subscriptions) {
      subscription.unsubscribe();
    }
    this.#lost();
    if (error !== undefined) {
      this.#failed(error);
    }
  }

  #heed(status: Status): void {
    switch (status.type) {
      case 'disconnect':
      case 'staleConnection':
        this.#lost();
        break;
      case 'reconnect':
        this.#back();
        break;
      case 'error':
        this.#sparse.warn('error', { error: status.error }, 'the broker of the cluster refuses something');
        this.#trouble = messageOf(status.error);
        break;
      default:
    }
  }

  #back(): void {
    if (!this.#connected && !this.#closed) {
      this.#connected = true;
      this.#trouble = undefined;
      this.#unsentBytes = 0;
      this.#flushing = false;
      this.#stalled = false;
      this.#log.info({ server: this.#connection?.getServer() }, 'connected to the broker of the cluster');
      this.#listener.back();
    }
  }

  #lost(): void {
    if (this.#connected && !this.#closed) {
      this.#connected = false;
      this.#stalled = false;
      this.#trouble = 'the connection was lost';
      this.counts.clusterLinksLost += 1;
      this.#log.warn({}, 'the broker of the cluster is lost: calls go on, and it is tried again each 200 ms');
      this.#listener.lost();
    }
  }

  #failed(error: unknown): void {
    this.#trouble = messageOf(error);
    this.#sparse.warn(
      'connect',
      { error: this.#trouble, servers: this.#options.servers },
      'the broker of the cluster cannot be reached: calls are served without the other nodes, and it is tried again',
    );
  }

  #take(data: Uint8Array): void {
    const message = decodeMessage(data);
    if (typeof message === 'string') {
      this.counts.clusterMessagesRefused.add(message);
      this.#sparse.warn(
        message,
        { why: message, bytes: data.length },
        'a message of the cluster is none of dragoman, or of another version: it is left out; who may publish under dragoman.>?',
      );
      return;
    }
    this.counts.clusterMessagesReceived += 1;
    this.#listener.message(message);
  }

  #publish(subject: string, message: ClusterMessage): void {
    const connection = this.#connection;
    const mostBytes = message.type === 'call' ? MOST_UNSENT_BYTES : MOST_UNSENT_BYTES + SHORT_ROOM_BYTES;
    if (!this.#connected || connection === undefined || this.#unsentBytes >= mostBytes) {
      this.counts.clusterMessagesUnsent += 1;
      return;
    }
    const bytes = encodeMessage(message);
    connection.publish(subject, bytes);
    this.counts.clusterMessagesSent += 1;
    this.#unsentBytes += bytes.length;
    this.#askWhetherItArrived(connection);
  }

  /** The broker answers a ping when it has taken all that was sent before it. */
  #askWhetherItArrived(connection: NatsConnection): void {
    if (this.#flushing) {
      return;
    }
    this.#flushing = true;
    const askedBytes = this.#unsentBytes;
    const isCurrent = (): boolean => this.#connected && this.#connection === connection;
    const late = this.#clock.at(this.#clock.nowMs() + STALLED_MS, () => {
      if (isCurrent()) {
        this.#stands(true);
      }
    });
    this.#scope.run(async (signal) => {
      // It fails when the connection is lost, with which all counting begins anew. One that is closed by us answers never.
      const flushed = withDeadline(this.#clock, FLUSH_LIMIT_MS, 'the broker does not answer', signal, () =>
        connection.flush(),
      );
      const arrived = await flushed.then(
        () => true,
        () => false,
      );
      late.cancel();
      this.#flushing = false;
      this.#unsentBytes = arrived ? Math.max(0, this.#unsentBytes - askedBytes) : 0;
      if (arrived && isCurrent()) {
        this.#stands(false);
      }
      if (this.#unsentBytes > 0 && isCurrent()) {
        this.#askWhetherItArrived(connection);
      }
    });
  }

  /** The broker passes nothing on, or does so again. */
  #stands(still: boolean): void {
    if (this.#stalled !== still && !this.#closed) {
      this.#stalled = still;
      this.#listener.stalled(still);
    }
  }
}

/** How a broker is connected to. */
export function connectionOptions({
  servers,
  tls,
  caFile,
  name,
  credentials,
}: NatsLinkOptions): ConnectionOptions {
  const asked = {
    checkServerIdentity: identityCheck(servers),
    ...(caFile === undefined ? {} : { caFile }),
  };
  return {
    servers: [...servers],
    name: `dragoman ${name}`,
    noEcho: true,
    ignoreClusterUpdates: true,
    maxReconnectAttempts: -1,
    reconnectTimeWait: RETRY_MS,
    reconnectJitter: 0,
    reconnectJitterTLS: 0,
    ignoreAuthErrorAbort: true,
    timeout: CONNECT_LIMIT_MS,
    pingInterval: PING_MS,
    maxPingOut: MOST_PINGS_OUT,
    ...(tls ? { tls: asked } : {}),
    ...authOf(credentials),
  };
}

function authOf(credentials: NatsCredentials | undefined): Partial<ConnectionOptions> {
  switch (credentials?.type) {
    case undefined:
      return {};
    case 'creds':
      return { authenticator: credsAuthenticator(new TextEncoder().encode(credentials.creds.reveal())) };
    case 'password':
      return { user: credentials.user, pass: credentials.password.reveal() };
    case 'token':
      return { token: credentials.token.reveal() };
  }
}
