/** The phones of an exchange as who manages them sees them, wherever they are kept. */

import type { Secret } from '../../base/secret.ts';
import type { Endpoint, EndpointChange, EndpointWish } from './endpoint.ts';
import { EndpointRefusal } from './endpoint-refusal.ts';

/** Changes that are under way or wait for others. */
export const MOST_CHANGES = 16;

/** Why there is not one more. */
export function tooMany(): EndpointRefusal {
  return new EndpointRefusal(
    'busy',
    `${MOST_CHANGES} changes of phones are under way: ask again when they are done`,
  );
}

export interface ShownEndpoint extends Endpoint {
  /** Whether a phone is registered at it; undefined: Asterisk does not say. */
  readonly registered: boolean | undefined;
  readonly inCall: boolean | undefined;
  /** Whether somebody has changed it by hand: it is not written over unasked. */
  readonly edited: boolean;
}

export interface EndpointBook {
  /** Undefined where there is none of this name. @throws as {@link add}. */
  find(name: string, signal: AbortSignal): Promise<ShownEndpoint | undefined>;
  /** In the order of their names. @throws as {@link add}. */
  list(signal: AbortSignal): Promise<readonly ShownEndpoint[]>;
  /**
   * One more, which a phone can register at when this resolves.
   * @throws EndpointRefusal, after which all is as before; AppError of category `machine`.
   */
  add(wish: EndpointWish, password: Secret, signal: AbortSignal): Promise<Endpoint>;
  /** @param overwrite writes over what somebody changed by hand. @throws as {@link add}. */
  update(
    name: string,
    change: EndpointChange,
    options: { readonly password?: Secret; readonly overwrite: boolean },
    signal: AbortSignal,
  ): Promise<Endpoint>;
  /**
   * Hangs up its calls, and takes it away.
   * @param whenIdle refuses with `in-call` instead.
   * @throws as {@link add}.
   */
  remove(
    name: string,
    options: { readonly whenIdle: boolean; readonly overwrite: boolean },
    signal: AbortSignal,
  ): Promise<void>;
}
