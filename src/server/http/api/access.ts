/**
 * Who may ask for what. With a file of tokens everybody needs one (`presented-token.ts`); without, the API is for this
 * machine alone, wherever HTTP listens. What is said, as text and as sound, needs a scope of its own, and an operator
 * who shares it at all.
 */

import { isIP } from 'node:net';
import type { FastifyRequest } from 'fastify';
import { plainAddress } from '../../../base/addresses.ts';
import { presentedToken } from '../presented-token.ts';
import { Refused } from '../problem.ts';
import { SCOPES, type Scope, type TokenFile } from './token-file.ts';

/** Who asks. */
export interface Caller {
  /** As the file of tokens has it; `local` on this machine where there is none. */
  readonly name: string;
  readonly scopes: ReadonlySet<Scope>;
}

/** What of the words of calls is shared at all. */
export interface SharedSpeech {
  /** As text. */
  readonly captions: boolean;
  /** As sound. */
  readonly listenIn: ListenIn;
}

/** Whether calls may be listened to; `tone`: they may, and the parties hear a tone then. */
export const LISTEN_IN = ['off', 'on', 'tone'] as const;

export type ListenIn = (typeof LISTEN_IN)[number];

const LOCAL: Caller = { name: 'local', scopes: new Set(SCOPES) };

export class Access {
  readonly #tokens: TokenFile | undefined;

  readonly #captions: boolean;
  readonly #listenIn: ListenIn;

  /** @param tokens undefined: whoever is on this machine may do everything, and nobody else anything. */
  constructor(tokens: TokenFile | undefined, { captions, listenIn }: SharedSpeech) {
    this.#tokens = tokens;
    this.#captions = captions;
    this.#listenIn = listenIn;
  }

  /** A hook for a route: only who has this scope comes in. */
  needs(scope: Exclude<Scope, 'captions' | 'listen'>): (request: FastifyRequest) => Promise<void> {
    return async (request) => {
      if (!may(this.callerOf(request), scope)) {
        throw new Refused(
          403,
          'scope-missing',
          `this token may not do that: write ${scope} behind it in the file of --api-token-file`,
        );
      }
    };
  }

  /** Whether calls may be listened to at all. */
  get listenIn(): ListenIn {
    return this.#listenIn;
  }

  /** Whether parties are told by a tone that somebody listens. */
  get listeningSounds(): boolean {
    return this.#listenIn === 'tone';
  }

  /** A hook for a route: only who may listen to calls comes in, with that scope alone. */
  needsListening(): (request: FastifyRequest) => Promise<void> {
    return async (request) => {
      const { scopes } = this.callerOf(request);
      if (this.#listenIn === 'off') {
        throw new Refused(
          403,
          'no-listening',
          'this server lets nobody listen to calls; start it with --listen-in on or tone',
        );
      }
      if (!scopes.has('listen')) {
        throw new Refused(
          403,
          'scope-missing',
          'this token may not listen to calls: write listen behind it in the file of --api-token-file',
        );
      }
    };
  }

  /** Whether who asks may know what is said. */
  hears(request: FastifyRequest): boolean {
    return this.#captions && this.callerOf(request).scopes.has('captions');
  }

  /** Whether who asks may know what was said and kept, which the operator has asked for by itself. */
  reads(request: FastifyRequest): boolean {
    return this.callerOf(request).scopes.has('captions');
  }

  /** Why somebody may not. */
  unread(): Refused {
    return new Refused(
      403,
      'scope-missing',
      'this token may not read what was said: write captions behind it in the file of --api-token-file',
    );
  }

  /** Whether who was let in to read, a while ago, still would be: tokens are taken away while streams are open. */
  stillReads(request: FastifyRequest, captions: boolean): boolean {
    return this.#still(() => may(this.callerOf(request), 'read') && (!captions || this.hears(request)));
  }

  /** The same of who was let in to listen. */
  stillListens(request: FastifyRequest): boolean {
    return this.#still(() => this.callerOf(request).scopes.has('listen'));
  }

  #still(isLetIn: () => boolean): boolean {
    try {
      return isLetIn();
    } catch (error) {
      if (error instanceof Refused) {
        return false;
      }
      throw error;
    }
  }

  /** Why somebody may not. */
  unheard(): Refused {
    return this.#captions
      ? new Refused(
          403,
          'scope-missing',
          'this token may not read what is said: write captions behind it in the file of --api-token-file',
        )
      : new Refused(403, 'no-captions', 'this server does not share captions; start it with --captions');
  }

  /** @throws Refused for who may not come in at all. */
  callerOf({ ip, headers }: Pick<FastifyRequest, 'ip' | 'headers'>): Caller {
    if (this.#tokens === undefined) {
      if (!isLoopback(ip)) {
        throw new Refused(
          403,
          'this-machine-alone',
          'without tokens the API is for this machine alone: start the server with --api-token-file',
        );
      }
      return LOCAL;
    }
    const token = presentedToken(headers.authorization);
    const caller = token === undefined ? undefined : this.#tokens.find(token);
    if (caller === undefined) {
      throw new Refused(
        401,
        'no-token',
        'who asks is not known: send "Authorization: Bearer TOKEN" with a token of the file of --api-token-file',
      );
    }
    return caller;
  }
}

/** Who may change things may read them. */
function may({ scopes }: Caller, scope: Scope): boolean {
  return scopes.has(scope) || scopes.has('control');
}

function isLoopback(address: string): boolean {
  const unmapped = plainAddress(address);
  return unmapped === '::1' || (isIP(unmapped) === 4 && unmapped.startsWith('127.'));
}
