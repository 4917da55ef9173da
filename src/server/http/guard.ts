/**
 * What stands before every HTTP port. Who reaches it may read much of it. So a page of a stranger, in the
 * browser of somebody who reaches it, must not: a name that the stranger points at our address shows in `Host`, and a
 * page of another site in `Origin`. And who asks in a loop gets its answers late (`answer-turns.ts`).
 */

import { isIP } from 'node:net';
import { hostname } from 'node:os';
import type { FastifyInstance } from 'fastify';
import type { Clock } from '../../base/clock.ts';
import { AnswerTurns } from './answer-turns.ts';
import { shareConnections } from './fair-connections.ts';
import { Refused } from './problem.ts';

export interface GuardOptions {
  /** The address that is listened on. */
  readonly host: string;
  /** Names it is reached by besides `localhost`, its addresses, and the name of the machine. */
  readonly names?: readonly string[];
  /** Connections at once; see {@link shareConnections}. */
  readonly maxConnections: number;
  /** Answers in a second; see {@link AnswerTurns}. */
  readonly mostASecond: number;
  /** Paths that are answered in turns of their own, whatever else their address asks for. Default none. */
  readonly apart?: readonly string[];
}

/** Requests that may come on one connection, so that nobody sends thousands before the first answer. */
const MOST_ON_A_CONNECTION = 200;

export class Guard {
  readonly #names: ReadonlySet<string>;

  constructor({ host, names = [] }: Pick<GuardOptions, 'host' | 'names'>) {
    const machine = hostname().toLowerCase();
    this.#names = new Set(
      ['localhost', host, machine, machine.split('.')[0] ?? machine, ...names].map(plainName),
    );
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

  #isOurs(host: string): boolean {
    const name = nameOf(host);
    // No name server points an address of digits at us.
    return isIP(name) > 0 || this.#names.has(name) || name.endsWith('.localhost');
  }
}

/** Puts a guard before every route of `app`, those included that there are not. */
export function guarded(app: FastifyInstance, options: GuardOptions, clock: Clock): void {
  const guard = new Guard(options);
  const turns = new AnswerTurns(options.mostASecond, clock);
  app.addHook('preClose', async () => turns.close());
  shareConnections(app.server, options.maxConnections);
  app.server.maxRequestsPerSocket = MOST_ON_A_CONNECTION;
  app.addHook('onRequest', (request, reply, done) => {
    const { headers, socket } = request;
    const [path = ''] = request.url.split('?');
    turns.enter(
      {
        isGone: () => socket.destroyed,
        cutOff: () => {
          reply.hijack();
          socket.destroy();
        },
        answer: () => {
          const refusal = guard.refusal(headers.host, headers.origin);
          done(refusal === undefined ? undefined : new Refused(403, 'not-ours', refusal));
        },
      },
      `${socket.remoteAddress} ${options.apart?.includes(path) === true ? path : ''}`,
    );
  });
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
