/** Why a phone is not added, changed or removed: nothing is changed then. */

import { AppError } from '../../base/errors.ts';

export type EndpointReason =
  /** A field, or the password, is not as it must be. */
  | 'bad-endpoint'
  | 'language-not-served'
  /** There is one of this name already, here or elsewhere in Asterisk. */
  | 'endpoint-exists'
  | 'no-such-endpoint'
  /** It is in a call, and is to be removed only when it is not. */
  | 'in-call'
  /** Somebody has changed by hand what is to be written over. */
  | 'edited-by-hand'
  /** Another program writes just now. */
  | 'busy'
  /** Asterisk was asked to read it, and does not know it. */
  | 'not-read'
  /** Asterisk does not do what it is asked. */
  | 'asterisk-failed';

/** Where another attempt may do. */
const FAILURES: ReadonlySet<EndpointReason> = new Set(['in-call', 'busy', 'not-read', 'asterisk-failed']);

export class EndpointRefusal extends AppError {
  readonly reason: EndpointReason;

  /** @param explanation what is wrong, and what to do; it never holds a password. */
  constructor(reason: EndpointReason, explanation: string, cause?: unknown) {
    super(FAILURES.has(reason) ? 'endpoint-failed' : 'endpoint-refused', explanation, cause);
    this.reason = reason;
  }
}
