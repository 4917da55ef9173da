/**
 * Who may ask for what. With a file of tokens everybody needs one, `Authorization: Bearer TOKEN`; without, the API is for
 * this machine alone, wherever HTTP listens. What is said needs a scope of its own, and an operator who shares it at all.
 */

import { isIP } from 'node:net';
import type { FastifyRequest } from 'fastify';
import { Refused } from '../problem.ts';
import { SCOPES, type Scope, type TokenFile } from './token-file.ts';

/** Who asks. */
export interface Caller {
  /** As the file of tokens has it; `local` on this machine where there is none. */
  readonly name: string;
  readonly scopes: ReadonlySet<Scope>;
}

const LOCAL: Caller = { name: 'local', scopes: new Set(SCOPES) };

export class Access {
  readonly #tokens: TokenFile | undefined;

  readonly #captions: boolean;

  /**
   * @param tokens undefined: whoever is on this machine may do everything, and nobody else anything.
   * @param captions whether what is said is shared at all.
   */
  constructor(tokens: TokenFile | undefined, captions: boolean) {
    this.#tokens = tokens;
    this.#captions = captions;
  }

  /** A hook for a route: only who has this scope comes in. */
  needs(scope: Exclude<Scope, 'captions'>): (request: FastifyRequest) => Promise<void> {
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
    try {
      return may(this.callerOf(request), 'read') && (!captions || this.hears(request));
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
    const token = /^Bearer +(\S+)$/i.exec(headers.authorization ?? '')?.[1];
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
  const unmapped = address.replace(/^::ffff:/i, '');
  return unmapped === '::1' || (isIP(unmapped) === 4 && unmapped.startsWith('127.'));
}
