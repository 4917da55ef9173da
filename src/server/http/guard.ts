/**
 * What stands before every HTTP port. Who reaches it may read much of it. So a page of a stranger, in the
 * browser of somebody who reaches it, must not: a name that the stranger points at our address shows in `Host`, and a
 * page of another site in `Origin`. And who asks in a loop gets its answers late, so that all of them together take
 * no time of the main thread that somebody's sound needs.
 */

import { setMaxListeners } from 'node:events';
import { isIP } from 'node:net';
import { hostname } from 'node:os';
import type { FastifyInstance } from 'fastify';
import type { Clock } from '../../base/clock.ts';
import { shareConnections } from './fair-connections.ts';
import { Refused } from './problem.ts';

export interface GuardOptions {
  /** The address that is listened on. */
  readonly host: string;
  /** Names it is reached by besides `localhost`, its addresses, and the name of the machine. */
  readonly names?: readonly string[];
  /** Connections at once; see {@link shareConnections}. */
  readonly maxConnections: number;
  /**
   * Answers in a second, each some 0.1 to 1 ms of the main thread; the rest wait for the next one. Default 100.
   */
  readonly mostASecond?: number;
}

/** Answers in a second where nothing else is asked for. */
const MOST_A_SECOND = 100;
/** Requests that may come on one connection, so that nobody sends thousands before the first answer. */
const MOST_ON_A_CONNECTION = 200;

/** Who would have to wait longer than this, in ms, is cut off: nobody alone can make the queue that long. */
const MOST_WAIT_MS = 5_000;

export class Guard {
  readonly #names: ReadonlySet<string>;
  readonly #clock: Clock;
  /** When the second began in which the last request is answered. */
  #secondMs = Number.NEGATIVE_INFINITY;
  #inSecond = 0;
  readonly #mostASecond: number;

  constructor(
    { host, names = [], mostASecond = MOST_A_SECOND }: Omit<GuardOptions, 'maxConnections'>,
    clock: Clock,
  ) {
    this.#mostASecond = mostASecond;
    const machine = hostname().toLowerCase();
    this.#names = new Set(
      ['localhost', host, machine, machine.split('.')[0] ?? machine, ...names].map(plainName),
    );
    this.#clock = clock;
  }

  /** Why a request is refused, in a sentence; undefined when it is not. */
  refusal(host: string | undefined, origin: string | undefined): string | undefined {
    // Browsers always say where they think they are; only old programs do not.
    if (host !== undefined && !this.#isOurs(host)) {
      return `this is not ${nameOf(host)}: write --http-name for a name it is reached by`;
    }
    if (origin !== undefined && !sameOrigin(origin, host)) {
      return 'pages of other sites may not read this';
    }
    return undefined;
  }

  /**
   * How long a request that comes now waits for its answer, in ms; undefined: longer than `mostMs`. That one is to be
   * cut off, and nobody after it waits for it: a flood is over when it ends.
   */
  delayMs(mostMs = MOST_WAIT_MS): number | undefined {
    const nowMs = this.#clock.nowMs();
    if (nowMs >= this.#secondMs + 1_000) {
      this.#secondMs = nowMs;
      this.#inSecond = 0;
    }
    const secondMs = this.#inSecond >= this.#mostASecond ? this.#secondMs + 1_000 : this.#secondMs;
    if (secondMs - nowMs > mostMs) {
      return undefined;
    }
    this.#inSecond = secondMs > this.#secondMs ? 1 : this.#inSecond + 1;
    this.#secondMs = secondMs;
    return Math.max(0, secondMs - nowMs);
  }

  #isOurs(host: string): boolean {
    const name = nameOf(host);
    // No name server points an address of digits at us.
    return isIP(name) > 0 || this.#names.has(name) || name.endsWith('.localhost');
  }
}

/** Puts a guard before every route of `app`, those included that there are not. */
export function guarded(app: FastifyInstance, options: GuardOptions, clock: Clock): void {
  const guard = new Guard(options, clock);
  const closing = new AbortController();
  setMaxListeners(0, closing.signal);
  app.addHook('preClose', async () => closing.abort());
  shareConnections(app.server, options.maxConnections);
  app.server.maxRequestsPerSocket = MOST_ON_A_CONNECTION;
  app.addHook('onRequest', async (request, reply) => {
    const refusal = guard.refusal(request.headers.host, request.headers.origin);
    const waitMs = guard.delayMs();
    if (waitMs === undefined || (waitMs > 0 && !(await waited(waitMs)))) {
      reply.hijack();
      request.raw.socket.destroy();
      return;
    }
    if (refusal !== undefined) {
      throw new Refused(403, 'not-ours', refusal);
    }
  });
  async function waited(waitMs: number): Promise<boolean> {
    try {
      await clock.sleep(waitMs, closing.signal);
      return true;
    } catch {
      // The server has closed.
      return false;
    }
  }
}

/** The name in a `Host` header, without port and brackets. */
function nameOf(host: string): string {
  const bracketed = /^\[([^\]]*)\](?::\d+)?$/.exec(host)?.[1];
  return plainName(bracketed ?? host.replace(/:\d+$/, ''));
}

function plainName(name: string): string {
  return name.toLowerCase().replace(/\.$/, '');
}

function sameOrigin(origin: string, host: string | undefined): boolean {
  return host !== undefined && /^https?:\/\/(.*)$/i.exec(origin)?.[1]?.toLowerCase() === host.toLowerCase();
}
