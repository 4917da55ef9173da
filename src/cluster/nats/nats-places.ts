/**
 * The places of expected legs in a bucket of NATS (JetStream KV). Its leader may be away for seconds, and a NATS without
 * JetStream has no buckets: then nothing is told, which is said, and tried again each second. Calls that run do not need it.
 */

import { jetstream } from '@nats-io/jetstream';
import { type KV, Kvm } from '@nats-io/kv';
import { z } from 'zod';
import type { Clock } from '../../base/clock.ts';
import type { Counted } from '../../base/counts.ts';
import { withDeadline } from '../../base/deadline.ts';
import { isAbort, messageOf } from '../../base/errors.ts';
import type { Log } from '../../base/log.ts';
import { Scope } from '../../base/scope.ts';
import { SparseLog } from '../../base/sparse-log.ts';
import { Tally } from '../../base/tally.ts';
import { parseJson } from '../../engines/wire/json.ts';
import { type LegPlace, type LegPlaces, PLACE_MS, type PlaceStore } from '../leg-places.ts';
import type { NatsLink } from './nats-link.ts';

const BUCKET = 'dragoman-legs';
/** How long the bucket may take to answer, in ms. */
const ANSWER_LIMIT_MS = 1_000;
const RETRY_MS = 1_000;
/** How long it may take to be opened, in ms. */
const OPEN_LIMIT_MS = 3_000;
/** Places that are still expected are put anew so often, in ms: before the bucket forgets them. */
const RENEW_MS = PLACE_MS / 2;
/** Of several servers so many keep the bucket. */
const MOST_REPLICAS = 3;

/** The most that a place may be, in bytes: a name and a life. */
const MOST_PLACE_BYTES = 512;
/** As `legKeyOf` makes them. */
const LEG_KEY = /^[0-9a-f]{32}$/;

const PLACE = z.object({ node: z.string().max(100), run: z.string().max(32) });

/** Of the link to the broker, what is needed here. */
type PlacesLink = Pick<NatsLink, 'connected' | 'connection'>;

export class NatsPlaces implements PlaceStore, Counted {
  readonly counts = {
    /** Places that could not be told at once. */
    clusterPlacesFailed: 0,
    /** What lies in the bucket and is no place of a leg, by why. */
    clusterMessagesRefused: new Tally<'no-place'>(),
  };
  readonly #link: PlacesLink;
  readonly #own: LegPlace;
  readonly #places: LegPlaces;
  readonly #replicas: number;
  readonly #clock: Clock;
  readonly #sparse: SparseLog<'bucket' | 'no-place'>;
  readonly #scope: Scope;
  /** Keys of legs that this node expects. */
  readonly #expected = new Set<string>();
  #bucket: KV | undefined;
  #stopWatching: (() => void) | undefined;

  /** @param servers of the NATS, as many as are written. */
  constructor(link: PlacesLink, own: LegPlace, places: LegPlaces, servers: number, clock: Clock, log: Log) {
    this.#link = link;
    this.#own = own;
    this.#places = places;
    this.#replicas = Math.min(servers, MOST_REPLICAS);
    this.#clock = clock;
    this.#sparse = new SparseLog(log, clock);
    this.#scope = new Scope((error) => log.error({ error }, 'the places of expected legs failed inside'));
  }

  get ready(): boolean {
    return this.#link.connected && this.#bucket !== undefined;
  }

  /** Keeps the bucket open from now on. Resolves when the first attempt has ended, however. */
  open(): Promise<void> {
    return new Promise((tried) => {
      this.#scope.run(async (signal) => {
        for (;;) {
          if (!this.ready) {
            await this.#openBucket(signal);
          }
          tried();
          await this.#clock.sleep(RETRY_MS, signal);
        }
      });
      this.#scope.run(async (signal) => {
        for (;;) {
          await this.#clock.sleep(RENEW_MS, signal);
          this.#putAll();
        }
      });
    });
  }

  put(legKey: string): void {
    this.#expected.add(legKey);
    this.#put(legKey);
  }

  remove(legKey: string): void {
    if (this.#expected.delete(legKey)) {
      const bucket = this.#bucket;
      this.#scope.run(async () => {
        await bucket?.delete(legKey).catch(() => {
          // The bucket forgets it by itself, ten minutes later.
        });
      });
    }
  }

  /** The link is lost, and perhaps the bucket with its server: it is opened anew when the link is back. */
  lost(): void {
    this.#bucket = undefined;
    this.#stopWatching?.();
  }

  /** Idempotent. */
  close(): Promise<void> {
    this.lost();
    return this.#scope.close();
  }

  async #openBucket(signal: AbortSignal): Promise<void> {
    const connection = this.#link.connection;
    if (connection === undefined) {
      this.#bucket = undefined;
      return;
    }
    try {
      const kvm = new Kvm(jetstream(connection, { timeout: ANSWER_LIMIT_MS }));
      // The client asks on and on for a watch whose leader is away, and has it in the end.
      const [bucket, watch] = await withDeadline(
        this.#clock,
        OPEN_LIMIT_MS,
        'the bucket does not answer',
        signal,
        async (inTime) => {
          const opened = await kvm.create(BUCKET, {
            ...{ ttl: PLACE_MS, history: 1, storage: 'memory' },
            ...{ replicas: this.#replicas, timeout: ANSWER_LIMIT_MS },
          });
          inTime.throwIfAborted();
          const watched = await opened.watch();
          if (inTime.aborted) {
            watched.stop();
          }
          return [opened, watched] as const;
        },
      );
      this.#bucket = bucket;
      this.#stopWatching = () => watch.stop();
      this.#scope.run(async () => {
        for await (const { key, operation, value } of watch) {
          this.#learn(key, operation === 'PUT' ? value : undefined);
        }
        // The watch has ended with its connection.
        if (this.#bucket === bucket) {
          this.#bucket = undefined;
        }
      });
      this.#putAll();
    } catch (error) {
      if (isAbort(error)) {
        throw error;
      }
      this.#failed(error);
    }
  }

  #learn(key: string, value: Uint8Array | undefined): void {
    if (value === undefined) {
      this.#places.forget(key);
      return;
    }
    const json = value.length <= MOST_PLACE_BYTES ? parseJson(value) : undefined;
    const read = PLACE.safeParse(json);
    if (read.success && LEG_KEY.test(key)) {
      this.#places.learn(key, read.data);
      return;
    }
    this.counts.clusterMessagesRefused.add('no-place');
    this.#sparse.warn(
      'no-place',
      { bucket: BUCKET, bytes: value.length },
      'what lies in the bucket of expected legs is none of dragoman, and is left out: who may write to $KV.dragoman-legs.>?',
    );
  }

  #putAll(): void {
    for (const legKey of this.#expected) {
      this.#put(legKey);
    }
  }

  #put(legKey: string): void {
    const bucket = this.#bucket;
    if (bucket === undefined) {
      return;
    }
    this.#scope.run(async () => {
      try {
        await bucket.put(legKey, JSON.stringify(this.#own));
      } catch (error) {
        this.counts.clusterPlacesFailed += 1;
        this.#failed(error);
      }
    });
  }

  /** All that is expected is put anew when the bucket is open again. */
  #failed(error: unknown): void {
    this.lost();
    this.#sparse.warn(
      'bucket',
      { error: messageOf(error) },
      'legs of registered calls cannot be found by other nodes, and no calls are registered: is there JetStream, nats-server -js?',
    );
  }
}
